// Curves over the days of a campaign, with a line at the moment that is shown.

import { h, s, swatch } from "./dom.js";

const WIDE = 340, HIGH = 130, LEFT = 46, BELOW = 18;

// `lines`: [{name, colour, values, dash}], a value for each tick. `said(value)`: a value in words. A table goes with it.
export function curves({ title, lines, tick, tick_days, most, said, unit = "" }) {
  const ticks = Math.max(1, lines[0].values.length - 1), x = (t) => LEFT + (WIDE - LEFT - 6) * t / ticks, y = (v) => 8 + (HIGH - BELOW - 8) * (1 - v / most);
  const days = ticks * tick_days, step = days > 40 ? 20 : days > 20 ? 10 : days > 8 ? 4 : 1, marks = [];
  for (let day = 0; day <= days; day += step) marks.push(s("text", { x: x(day / tick_days), y: HIGH - 3, "text-anchor": "middle" }, String(day)));
  const svg = s("svg", { class: "curves", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${title}; the table below says the same` },
    ...[0, 0.5, 1].map((share) => s("g", {}, s("line", { class: "grid", x1: LEFT, x2: WIDE - 6, y1: y(share * most), y2: y(share * most) }),
      s("text", { x: LEFT - 5, y: y(share * most) + 4, "text-anchor": "end" }, said(share * most)))),
    ...marks,
    ...lines.map((line) => s("path", { fill: "none", stroke: line.colour, "stroke-width": 2, "stroke-dasharray": line.dash || null,
      d: `M${[...line.values].map((value, t) => `${x(t).toFixed(1)} ${y(Math.min(most, value)).toFixed(1)}`).join("L")}` })),
    s("line", { class: "now", x1: x(tick), x2: x(tick), y1: 4, y2: HIGH - BELOW }));
  return h("figure", {}, h("figcaption", {}, title), svg,
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, unit), h("th", { class: "n" }, "start"), h("th", { class: "n" }, "now"), h("th", { class: "n" }, "end"))),
      h("tbody", {}, ...lines.map((line) => h("tr", {}, h("th", { scope: "row" }, swatch(line.colour), ` ${line.name}`),
        ...[0, tick, ticks].map((t) => h("td", { class: "n" }, said(line.values[Math.min(t, line.values.length - 1)]))))))));
}
