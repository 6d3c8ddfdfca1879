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
  constructor(taken = [], bounds = null) { this.taken = [...taken]; this.bounds = bounds; }

  is_free(box) {
    const b = this.bounds;
    if (b && (box[0] < b[0] || box[1] < b[1] || box[2] > b[2] || box[3] > b[3])) return false;
    return !this.taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1]);
  }

  is_seen(x, y) { const b = this.bounds; return !b || (x >= b[0] && y >= b[1] && x <= b[2] && y <= b[3]); }

  take(box) { this.taken.push(box); }

  copy() { return new Room(this.taken, this.bounds); }

  // The middle of a free box near a disc: beside it, else further away. Null if there is none.
  beside(x, y, r, wide, high, steps = [3, 14, 28, 44, 62], unit = 1) {
    for (const far of steps)
      for (const angle of [0, 180, 90, 270, 45, 135, 315, 225]) {
        const dx = Math.cos(angle * Math.PI / 180), dy = Math.sin(angle * Math.PI / 180);
        const fx = x + dx * (r + far * unit + wide / 2), fy = y + dy * (r + far * unit + high / 2);
        if (this.is_free(around(fx, fy, wide, high))) return [fx, fy];
      }
    return null;
  }

  // Where a name may stand beside its disc: below, above, left, right, at a corner; `far`: else further off, where a
  // line should lead to it. Null if everything is taken.
  name(x, y, r, wide, size, unit = 1, far = false) {
    for (const off of far ? [0, 10, 20, 32, 46] : [0])
      for (const [dx, dy] of [[0, 1], [0, -1], [-1, 0], [1, 0], [1, 1], [-1, 1], [1, -1], [-1, -1]]) {
        const corner = dx && dy ? 0.7 : 1, reach = (r + (4 + off) * unit) * corner;
        const middle = y + dy * reach + dy * size * 0.6 * (dx ? 0.6 : 1);
        const left = dx > 0 ? x + reach : dx < 0 ? x - reach - wide : x - wide / 2;
        const box = [left, middle - size * 0.62, left + wide, middle + size * 0.62];
        if (this.is_free(box)) return { x: left + wide / 2, y: middle + size * 0.35, box, off, middle };
      }
    return null;
  }
}

export function around(x, y, wide, high) { return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]; }
