// Military symbols: a frame by side, an icon by kind, in the colour of the side; and the lines that lead to them.

import { s } from "./dom.js";

// Ink that can be read on a colour.
export function ink_on(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
  return 0.3 * r + 0.59 * g + 0.11 * b > 0.62 ? "#16191d" : "#ffffff";
}

export class Symbols {
  constructor(said, sides) { this.said = said; this.sides = sides; }

  // A symbol with its middle at 0, 30 wide.
  mark(side, icon, broken = false) {
    const { colour, frame } = this.sides[side], [lines, filled] = this.said.icons[icon][frame], ink = ink_on(colour);
    const outline = s("path", { d: this.said.frames[frame], class: broken ? "frame broken" : "frame", fill: colour });
    return s("g", { class: "symbol" }, outline,
      lines && s("path", { d: lines, fill: "none", stroke: ink, "stroke-width": 1.7 }),
      filled && s("path", { d: filled, fill: ink }));
  }

  // The same as a small drawing in a text.
  inline(side, icon, broken = false) {
    return s("svg", { viewBox: "-18 -18 36 36", width: 26, height: 26, class: "inline", "aria-hidden": "true" }, this.mark(side, icon, broken));
  }
}

// A line that leads from a disc to what belongs to it, one pixel wide at every zoom.
export function leader_line([x1, y1, x2, y2]) {
  return s("line", { class: "leader", x1, y1, x2, y2, "vector-effect": "non-scaling-stroke" });
}

// The same, and nothing that comes later lies on it.
export function lead_to(room, line) {
  room.take_line(line);
  return leader_line(line);
}
