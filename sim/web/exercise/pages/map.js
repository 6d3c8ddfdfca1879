// The map: places, roads, forces and the arrows of a draft. It knows nothing of orders; it tells what was clicked.

import { s } from "./dom.js";

const WIDE = 1000, MARGIN = 60;

export class WarMap {
  // `picked(place)`, `picked_forces(place)` and `dropped(from, to)` tell what a person did.
  constructor(svg, geography, { picked, picked_forces, dropped }) {
    this.svg = svg;
    this.geography = geography;
    this.does = { picked, picked_forces, dropped };
    const lats = geography.places.map((place) => place.lat), lons = geography.places.map((place) => place.lon);
    const middle = (Math.min(...lats) + Math.max(...lats)) / 2, squeeze = Math.cos(middle * Math.PI / 180);
    const wide = (Math.max(...lons) - Math.min(...lons)) * squeeze, high = Math.max(...lats) - Math.min(...lats);
    const scale = (WIDE - 2 * MARGIN) / Math.max(wide, high, 1e-6);
    this.at = {};
    for (const place of geography.places)
      this.at[place.id] = [
        MARGIN + (place.lon - Math.min(...lons)) * squeeze * scale,
        MARGIN + (Math.max(...lats) - place.lat) * scale,
      ];
    this.whole = [0, 0, 2 * MARGIN + wide * scale, 2 * MARGIN + high * scale];
    this.order = [...geography.places].sort((a, b) => b.population - a.population);
    this.box = [...this.whole];
    this.drawn = null;
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  show(what) { this.what = what; this.draw(); }

  zoom(factor, at) {
    const [x, y, w, h] = this.box, [cx, cy] = at || [x + w / 2, y + h / 2];
    const wide = Math.min(Math.max(w * factor, this.whole[2] / 12), this.whole[2] * 1.3), f = wide / w;
    this.box = [cx - (cx - x) * f, cy - (cy - y) * f, w * f, h * f];
    this.draw();
  }

  fit() { this.box = [...this.whole]; this.draw(); }

  // Units of the map that one pixel of the screen takes.
  get unit() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.max(this.box[2] / Math.max(width, 1), this.box[3] / Math.max(height, 1));
  }

  draw() {
    if (!this.what) return;
    const focus = document.activeElement?.closest?.("#map [data-place]")?.dataset.place;
    const u = this.unit, parts = [], what = this.what;
    this.svg.setAttribute("viewBox", this.box.join(" "));
    parts.push(s("defs", {}, s("marker", { id: "head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto-start-reverse" },
      s("path", { d: "M0 0L10 5L0 10z", fill: "#22262b" }))));
    for (const road of this.geography.roads) {
      const [a, b] = road.between.map((id) => this.at[id]);
      parts.push(s("line", { class: "road", x1: a[0], y1: a[1], x2: b[0], y2: b[1], "stroke-width": (road.class === "track" ? 1 : 2.2) * u }));
    }
    const taken = [], labels = [];
    for (const place of this.order) {
      const [x, y] = this.at[place.id], r = this.#radius(place) * u;
      taken.push([x - r, y - r, x + r, y + r]);
    }
    for (const place of this.order) parts.push(this.#node(place, u, taken, labels));
    for (const arrow of what.arrows || []) {
      const [a, b] = [this.at[arrow.from], this.at[arrow.to]];
      if (!a || !b || a === b) continue;
      const bend = [(a[0] + b[0]) / 2 + (b[1] - a[1]) * 0.12, (a[1] + b[1]) / 2 - (b[0] - a[0]) * 0.12];
      parts.push(s("path", { class: "arrow", d: `M${a}Q${bend} ${b}`, stroke: "#22262b", "stroke-width": 2.4 * u, "stroke-dasharray": arrow.standing ? `${6 * u} ${5 * u}` : null }));
    }
    this.svg.replaceChildren(...parts, ...labels);
    if (focus) this.svg.querySelector(`[data-place="${CSS.escape(focus)}"]`)?.focus();
  }

  #radius(place) { return place.population > 500000 ? 10 : place.population > 50000 ? 8 : 6; }

  #node(place, u, taken, labels) {
    const what = this.what, [x, y] = this.at[place.id], r = this.#radius(place);
    const may = what.choosable && what.choosable.has(place.id), colour = what.colours[what.control[place.id]] || "#777";
    const forces = (what.forces[place.id] || []).slice(0, 4);
    const told = [place.name, what.names[what.control[place.id]], ...forces.map((force) => force.title)].join(", ");
    const node = s("g", { class: `node ${may ? "choosable" : ""} ${what.choosable && !may ? "dimmed" : ""} ${what.chosen === place.id ? "chosen" : ""}`,
      tabindex: 0, role: "button", "aria-label": told, "data-place": place.id },
      s("title", {}, told), s("circle", { class: "place", cx: x, cy: y, r: r * u, "stroke-width": (may ? 4 : 1.5) * u }));
    node.lastChild.style.fill = colour;
    let [fx, fy] = [x, y];
    for (const force of forces) {
      const w = 25 * u, hgt = 18 * u;
      [fx, fy] = this.#spot(x, y, r * u, w, hgt, u, taken);
      taken.push([fx - w / 2, fy - hgt / 2, fx + w / 2, fy + hgt / 2]);
      const is_far = Math.hypot(fx - x, fy - y) > (r + 24) * u;
      if (is_far) node.append(s("line", { class: "leader", x1: x, y1: y, x2: fx, y2: fy, "stroke-width": u }));
      const rect = s("rect", { x: fx - w / 2, y: fy - hgt / 2, width: w, height: hgt, rx: (force.own ? 3 : 9) * u, "stroke-width": 1.5 * u });
      const text = s("text", { x: fx, y: fy, "font-size": 11 * u }, force.label);
      rect.style.fill = force.own ? force.colour : "#fff";
      rect.style.stroke = force.own ? "#fff" : force.colour;
      text.style.fill = force.own ? "#fff" : force.colour;
      node.append(s("g", { class: "force", "data-forces": force.own ? place.id : null }, s("title", {}, force.title), rect, text));
    }
    this.#label(place, x, y, r, u, taken, labels, may || what.chosen === place.id || forces.length > 0);
    return node;
  }

  // Where a badge covers nothing: beside its place, else further away with a line to it.
  #spot(x, y, r, w, hgt, u, taken) {
    for (const far of [3, 14, 28, 44, 62])
      for (const angle of [0, 180, 90, 270, 45, 135, 315, 225]) {
        const dx = Math.cos(angle * Math.PI / 180), dy = Math.sin(angle * Math.PI / 180);
        const fx = x + dx * (r + far * u + w / 2), fy = y + dy * (r + far * u + hgt / 2);
        if (!taken.some((t) => t[0] < fx + w / 2 && t[2] > fx - w / 2 && t[1] < fy + hgt / 2 && t[3] > fy - hgt / 2)) return [fx, fy];
      }
    return [x + r + w / 2, y];
  }

  // A name goes below, above, left or right of its place, where nothing else is; else it waits until one zooms in.
  #label(place, x, y, r, u, taken, labels, matters) {
    const size = (matters ? 13 : 12) * u, wide = place.name.length * size * 0.56;
    const spots = [[x, y + r * u + size, "middle"], [x, y - r * u - 5 * u, "middle"], [x - r * u - 5 * u, y + size / 3, "end"], [x + r * u + 5 * u, y + size / 3, "start"]];
    for (const [lx, ly, anchor] of spots) {
      const left = anchor === "middle" ? lx - wide / 2 : anchor === "end" ? lx - wide : lx;
      const box = [left, ly - size, left + wide, ly + size * 0.25];
      if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
      taken.push(box);
      labels.push(s("text", { class: "place-name", x: lx, y: ly, "text-anchor": anchor, "font-size": size, "stroke-width": 3 * u, "pointer-events": "none" }, place.name));
      return;
    }
  }

  #listen() {
    const svg = this.svg, pointers = new Map();
    let began = null, from = null, moved = false;
    const spot = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [at.x, at.y];
    };
    svg.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, spot(event)); }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, spot(event));
      began = spot(event); moved = false;
      from = event.target.closest("[data-forces]")?.dataset.forces || null;
    });
    svg.addEventListener("pointermove", (event) => {
      if (!began || !pointers.has(event.pointerId)) return;
      const now = spot(event);
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1], before = pointers.get(event.pointerId);
        const ratio = Math.hypot(before[0] - other[0], before[1] - other[1]) / Math.max(Math.hypot(now[0] - other[0], now[1] - other[1]), 1e-6);
        moved = true;
        this.zoom(Math.min(Math.max(ratio, 0.8), 1.25), other);
        pointers.set(event.pointerId, spot(event));
        return;
      }
      if (Math.hypot(now[0] - began[0], now[1] - began[1]) > 5 * this.unit) moved = true;
      if (moved && !from) { this.box[0] -= now[0] - began[0]; this.box[1] -= now[1] - began[1]; this.draw(); }
    });
    const place_at = (event) => {
      const [x, y] = spot(event), near = 18 * this.unit;
      const found = Object.entries(this.at).map(([id, [px, py]]) => [Math.hypot(px - x, py - y), id]).sort((a, b) => a[0] - b[0])[0];
      return found && found[0] <= near ? found[1] : null;
    };
    svg.addEventListener("pointerup", (event) => {
      pointers.delete(event.pointerId);
      if (moved && from) { const to = place_at(event); if (to && to !== from) this.does.dropped(from, to); }
      else if (!moved && from && !this.what.choosable) this.does.picked_forces(from);
      else if (!moved) { const place = event.target.closest("[data-place]")?.dataset.place || place_at(event); if (place) this.does.picked(place); }
      began = from = null;
    });
    svg.addEventListener("pointercancel", () => { pointers.clear(); began = from = null; });
    svg.addEventListener("keydown", (event) => {
      const place = event.target.closest?.("[data-place]")?.dataset.place;
      if (place && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); this.does.picked(place); }
    });
  }
}
