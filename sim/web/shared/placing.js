// Room on a map: boxes that are taken, and free ones for badges and names beside a disc. A box is left, top, right, bottom.

const canvas = document.createElement("canvas").getContext("2d");
const widths = new Map();

// Width of a text in pixels at a size of 12 pixels.
export function text_width(text, weight = "normal") {
  const key = weight + text;
  if (!widths.has(key)) {
    canvas.font = `${weight} 12px system-ui, sans-serif`;
    widths.set(key, canvas.measureText(text).width);
  }
  return widths.get(key);
}

export class Room {
  // `bounds`: a box in which everything has to stay.
  constructor(taken = [], bounds = null, lines = []) { this.taken = [...taken]; this.bounds = bounds; this.lines = [...lines]; }

  // `over`: lines may run below it.
  is_free(box, over = false) {
    const b = this.bounds;
    if (b && (box[0] < b[0] || box[1] < b[1] || box[2] > b[2] || box[3] > b[3])) return false;
    return !this.taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1]) && (over || !this.lines.some((line) => cuts(line, box)));
  }

  // Whether a line that leads from a disc to a box runs over nothing else: what the disc's middle lies in is its own.
  is_clear(line) {
    const [x, y] = line;
    return !this.taken.some((t) => !(t[0] <= x && x <= t[2] && t[1] <= y && y <= t[3]) && cuts(line, t)) && !this.lines.some((other) => cross(line, other));
  }

  is_seen(x, y) { const b = this.bounds; return !b || (x >= b[0] && y >= b[1] && x <= b[2] && y <= b[3]); }

  take(box) { this.taken.push(box); }

  take_line(line) { this.lines.push(line); }

  copy() { return new Room(this.taken, this.bounds, this.lines); }

  // The middle of a free box near a disc: beside it, else further away, where a line can lead to it without running over
  // anything (`over`: it may). Null if there is none.
  beside(x, y, r, wide, high, steps = [3, 14, 28, 44, 62], unit = 1, over = false) {
    for (const far of steps)
      for (const angle of [0, 180, 90, 270, 45, 135, 315, 225]) {
        const dx = Math.cos(angle * Math.PI / 180), dy = Math.sin(angle * Math.PI / 180);
        const fx = x + dx * (r + far * unit + wide / 2), fy = y + dy * (r + far * unit + high / 2);
        const box = around(fx, fy, wide, high);
        if (this.is_free(box, over) && (over || far === steps[0] || this.is_clear(leader(x, y, box)))) return [fx, fy];
      }
    return null;
  }

  // Where a name may stand beside its disc: below, above, left, right, at a corner; `far`: else further off, where a
  // line (`leader`) should lead to it, one that runs over nothing if that can be. Null if everything is taken.
  name(x, y, r, wide, size, unit = 1, far = false) {
    return this.#name(x, y, r, wide, size, unit, far ? [0, 10, 20, 32, 46] : [0], false)
      || (far ? this.#name(x, y, r, wide, size, unit, [0, 10, 20, 32, 46], true) : null);
  }

  #name(x, y, r, wide, size, unit, offs, over) {
    for (const off of offs)
      for (const [dx, dy] of [[0, 1], [0, -1], [-1, 0], [1, 0], [1, 1], [-1, 1], [1, -1], [-1, -1]]) {
        const corner = dx && dy ? 0.7 : 1, reach = (r + (4 + off) * unit) * corner;
        const middle = y + dy * reach + dy * size * 0.6 * (dx ? 0.6 : 1);
        const left = dx > 0 ? x + reach : dx < 0 ? x - reach - wide : x - wide / 2;
        const box = [left, middle - size * 0.62, left + wide, middle + size * 0.62];
        if (this.is_free(box, over) && (over || !off || this.is_clear(leader(x, y, box)))) return { x: left + wide / 2, y: middle + size * 0.35, box, off };
      }
    return null;
  }
}

export function around(x, y, wide, high) { return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]; }

// The line from a point to the nearest point of a box: x, y, x, y.
export function leader(x, y, [left, top, right, bottom]) {
  return [x, y, Math.min(right, Math.max(left, x)), Math.min(bottom, Math.max(top, y))];
}

// Whether a line runs through the inside of a box: what of it lies between each two opposite edges has a part in common.
function cuts([x1, y1, x2, y2], [left, top, right, bottom]) {
  let from = 0, to = 1;
  for (const [start, step, low, high] of [[x1, x2 - x1, left, right], [y1, y2 - y1, top, bottom]]) {
    if (step === 0) { if (start <= low || start >= high) return false; continue; }
    const ends = [(low - start) / step, (high - start) / step];
    from = Math.max(from, Math.min(...ends));
    to = Math.min(to, Math.max(...ends));
  }
  return to - from > 1e-9;
}

// Whether two lines cross: the ends of each lie on both sides of the other.
function cross(one, other) {
  const turns = ([x1, y1, x2, y2], x, y) => Math.sign((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1));
  const parts = (line, [x1, y1, x2, y2]) => turns(line, x1, y1) * turns(line, x2, y2) < 0;
  return parts(one, other) && parts(other, one);
}
