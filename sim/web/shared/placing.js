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

// Directions from a disc, best first: for a name below, above, left, right, at a corner, in between.
const DIRECTIONS = [90, 270, 180, 0, 45, 135, 315, 225, 22.5, 67.5, 112.5, 157.5, 202.5, 247.5, 292.5, 337.5]
  .map((angle) => [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)]);
const OFFS = [0, 10, 20, 32, 46], MARGIN = 2, NEAR = 7;
// Pixels: how far from its place beside the disc a name may stand, what stays free left and right of it, and how far from
// the discs of others a name keeps that only its line tells from theirs.

export class Room {
  // `bounds`: a box in which everything has to stay.
  constructor(taken = [], bounds = null) { Object.assign(this, { taken: [...taken], bounds, discs: [], names: [], lines: [], lines_of_names: [] }); }

  // `over`: lines may run below it, but for those of names.
  is_free(box, over = false) {
    const b = this.bounds;
    if (b && (box[0] < b[0] || box[1] < b[1] || box[2] > b[2] || box[3] > b[3])) return false;
    const is_in_the_way = (other) => meet(other, box);
    return !this.taken.some(is_in_the_way) && !this.names.some(is_in_the_way) && !this.discs.some((disc) => meet(disc.box, box))
      && !(over ? this.lines_of_names : this.lines).some((line) => cuts(line, box));
  }

  // Whether a line that leads from a disc to a box runs over nothing else: what the disc's middle lies in is its own.
  // `over`: it may run over all but names.
  is_clear(line, over = false) {
    const [x, y] = line, is_cut = (box) => !(box[0] <= x && x <= box[2] && box[1] <= y && y <= box[3]) && cuts(line, box);
    return !this.names.some(is_cut) && (over || !(this.taken.some(is_cut) || this.discs.some((disc) => is_cut(disc.box)) || this.lines.some((other) => cross(line, other))));
  }

  // Whether a name in a box would be read as that of another disc: one that is nearer to it than its own at x, y, and
  // nearer than `near`.
  is_misread(box, x, y, r, near = Infinity) {
    const most = Math.min(near, gap(box, x, y, r));
    return this.discs.some((disc) => (disc.x !== x || disc.y !== y) && gap(box, disc.x, disc.y, disc.r) < most);
  }

  is_seen(x, y) { const b = this.bounds; return !b || (x >= b[0] && y >= b[1] && x <= b[2] && y <= b[3]); }

  take(box) { this.taken.push(box); }

  take_disc(x, y, r) { this.discs.push({ x, y, r, box: around(x, y, 2 * r, 2 * r) }); }

  take_line(line) { this.lines.push(line); }

  // A name, and the line that leads to it from its disc if it stands further off. Returns this line, or null.
  take_name({ box, off }, x, y) {
    this.names.push(box);
    if (!off) return null;
    const line = leader(x, y, box);
    this.lines.push(line);
    this.lines_of_names.push(line);
    return line;
  }

  copy() {
    const { discs, names, lines, lines_of_names } = this;
    return Object.assign(new Room(this.taken, this.bounds), { discs: [...discs], names: [...names], lines: [...lines], lines_of_names: [...lines_of_names] });
  }

  // The middle of a free box near a disc: beside it, else further away, where a line can lead to it without running over
  // anything (`over`: without running over a name). Null if there is none.
  beside(x, y, r, wide, high, steps = [3, 14, 28, 44, 62], unit = 1, over = false) {
    for (const far of steps)
      for (const angle of [0, 180, 90, 270, 45, 135, 315, 225]) {
        const dx = Math.cos(angle * Math.PI / 180), dy = Math.sin(angle * Math.PI / 180);
        const fx = x + dx * (r + far * unit + wide / 2), fy = y + dy * (r + far * unit + high / 2);
        const box = around(fx, fy, wide, high);
        if (this.is_free(box, over) && (far === steps[0] || this.is_clear(leader(x, y, box), over))) return [fx, fy];
      }
    return null;
  }

  // Where a name may stand: beside its disc, else further off, where a line (`leader`) leads to it and runs over nothing.
  // No other disc is nearer to it than its own; `insists`: if there is no such place, one further off where the line alone
  // says whose it is. Null if there is none.
  name(x, y, r, wide, size, unit = 1, insists = false) {
    return this.#name(x, y, r, wide, size, unit, false) || (insists ? this.#name(x, y, r, wide, size, unit, true) : null);
  }

  #name(x, y, r, wide, size, unit, by_line) {
    const high = 1.24 * size, side = (way) => Math.min(1, Math.max(-1, 1.5 * way));
    for (const off of OFFS)
      for (const [dx, dy] of DIRECTIONS) {
        const reach = r + (4 + off) * unit, middle = y + dy * reach + side(dy) * high / 2;
        const centre = x + dx * reach + side(dx) * (wide / 2 + MARGIN * unit), box = around(centre, middle, wide + 2 * MARGIN * unit, high);
        if (!this.is_free(box) || this.is_misread(around(centre, middle, wide, high), x, y, r, by_line && off ? NEAR * unit : Infinity)) continue;
        if (!off || this.is_clear(leader(x, y, box))) return { x: centre, y: middle + size * 0.35, box, off };
      }
    return null;
  }
}

function meet(one, other) { return one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1]; }

// How far off the edge of a disc a box is; negative where the disc reaches into it.
function gap([left, top, right, bottom], x, y, r) {
  return Math.hypot(x - Math.min(right, Math.max(left, x)), y - Math.min(bottom, Math.max(top, y))) - r;
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
