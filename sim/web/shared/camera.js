// The part of a drawing that is seen: zoom by wheel, pinch and buttons, move by dragging. `changed` is told.

export class Camera {
  // `grabs(event)`: what a press takes hold of, if not the map itself. `released(from, event, moved)`: the end of a press.
  // `first`: what is seen at the beginning, if not the whole.
  constructor(svg, whole, { changed, grabs = () => null, released = () => {} }, first = whole) {
    this.svg = svg;
    this.whole = [...whole];
    this.box = [...first];
    this.does = { changed, grabs, released };
    this.#listen();
    new ResizeObserver(() => changed()).observe(svg);
  }

  zoom(factor, at) {
    const [x, y, w, h] = this.box, [cx, cy] = at || [x + w / 2, y + h / 2];
    const wide = Math.min(Math.max(w * factor, this.whole[2] / 12), this.whole[2] * 1.3), f = wide / w;
    this.box = [cx - (cx - x) * f, cy - (cy - y) * f, w * f, h * f];
    this.does.changed();
  }

  fit(box = this.whole) { this.box = [...box]; this.does.changed(); }

  // Units of the drawing that one pixel of the screen takes.
  get unit() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.max(this.box[2] / Math.max(width, 1), this.box[3] / Math.max(height, 1));
  }

  // What the window shows: left, top, width and height. On one of its sides this is more than the box.
  get seen() {
    const { width, height } = this.svg.getBoundingClientRect(), [x, y, w, h] = this.box, u = this.unit;
    return [x + w / 2 - width * u / 2, y + h / 2 - height * u / 2, width * u, height * u];
  }

  // Where on the drawing an event of the pointer is.
  spot(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [at.x, at.y];
  }

  #listen() {
    const svg = this.svg, pointers = new Map();
    let began = null, from = null, moved = false;
    svg.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.spot(event)); }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, this.spot(event));
      began = this.spot(event); moved = false;
      from = this.does.grabs(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!began || !pointers.has(event.pointerId)) return;
      const now = this.spot(event);
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1], before = pointers.get(event.pointerId);
        const ratio = Math.hypot(before[0] - other[0], before[1] - other[1]) / Math.max(Math.hypot(now[0] - other[0], now[1] - other[1]), 1e-6);
        moved = true;
        this.zoom(Math.min(Math.max(ratio, 0.8), 1.25), other);
        pointers.set(event.pointerId, this.spot(event));
        return;
      }
      if (Math.hypot(now[0] - began[0], now[1] - began[1]) > 5 * this.unit) moved = true;
      if (moved && !from) { this.box[0] -= now[0] - began[0]; this.box[1] -= now[1] - began[1]; this.does.changed(); }
    });
    svg.addEventListener("pointerup", (event) => {
      pointers.delete(event.pointerId);
      if (began) this.does.released(from, event, moved);
      began = from = null;
    });
    svg.addEventListener("pointercancel", () => { pointers.clear(); began = from = null; });
  }
}
