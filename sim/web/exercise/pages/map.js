// The map: places, roads, forces and the arrows of a draft. It knows nothing of orders; it tells what was clicked.

import { Camera } from "./camera.js";
import { s } from "./dom.js";
import { Room, around, text_width } from "./placing.js";

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
    this.order = [...geography.places].sort((a, b) => b.population - a.population);
    this.camera = new Camera(svg, [0, 0, 2 * MARGIN + wide * scale, 2 * MARGIN + high * scale], {
      changed: () => this.draw(),
      grabs: (event) => event.target.closest("[data-forces]")?.dataset.forces || null,
      released: (from, event, moved) => this.#released(from, event, moved),
    });
    svg.addEventListener("keydown", (event) => {
      const place = event.target.closest?.("[data-place]")?.dataset.place;
      if (place && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); this.does.picked(place); }
    });
  }

  show(what) { this.what = what; this.draw(); }

  zoom(factor) { this.camera.zoom(factor); }

  fit() { this.camera.fit(); }

  draw() {
    if (!this.what) return;
    const focus = document.activeElement?.closest?.("#map [data-place]")?.dataset.place;
    const u = this.camera.unit, parts = [], what = this.what;
    this.svg.setAttribute("viewBox", this.camera.box.join(" "));
    parts.push(s("defs", {}, s("marker", { id: "head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto-start-reverse" },
      s("path", { d: "M0 0L10 5L0 10z", fill: "#22262b" }))));
    for (const road of this.geography.roads) {
      const [a, b] = road.between.map((id) => this.at[id]);
      parts.push(s("line", { class: "road", x1: a[0], y1: a[1], x2: b[0], y2: b[1], "stroke-width": (road.class === "track" ? 1 : 2.2) * u }));
    }
    const room = new Room(), labels = [];
    for (const place of this.order) {
      const [x, y] = this.at[place.id], r = this.#radius(place) * u;
      room.take(around(x, y, 2 * r, 2 * r));
    }
    for (const place of this.order) parts.push(this.#node(place, u, room, labels));
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

  #node(place, u, room, labels) {
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
      [fx, fy] = room.beside(x, y, r * u, w, hgt, undefined, u) || [x + r * u + w / 2, y];
      room.take(around(fx, fy, w, hgt));
      const is_far = Math.hypot(fx - x, fy - y) > (r + 24) * u;
      if (is_far) node.append(s("line", { class: "leader", x1: x, y1: y, x2: fx, y2: fy, "stroke-width": u }));
      const rect = s("rect", { x: fx - w / 2, y: fy - hgt / 2, width: w, height: hgt, rx: (force.own ? 3 : 9) * u, "stroke-width": 1.5 * u });
      const text = s("text", { x: fx, y: fy, "font-size": 11 * u }, force.label);
      rect.style.fill = force.own ? force.colour : "#fff";
      rect.style.stroke = force.own ? "#fff" : force.colour;
      text.style.fill = force.own ? "#fff" : force.colour;
      node.append(s("g", { class: "force", "data-forces": force.own ? place.id : null }, s("title", {}, force.title), rect, text));
    }
    this.#label(place, x, y, r, u, room, labels, may || what.chosen === place.id || forces.length > 0);
    return node;
  }

  // A name stands where nothing else is; else it waits until one zooms in.
  #label(place, x, y, r, u, room, labels, matters) {
    const size = (matters ? 13 : 12) * u, wide = text_width(place.name) / 12 * size;
    const found = room.name(x, y, r * u, wide, size, u);
    if (!found) return;
    room.take(found.box);
    labels.push(s("text", { class: "place-name", x: found.x, y: found.y, "text-anchor": "middle", "font-size": size, "stroke-width": 3 * u, "pointer-events": "none" }, place.name));
  }

  #place_at(event) {
    const [x, y] = this.camera.spot(event), near = 18 * this.camera.unit;
    const found = Object.entries(this.at).map(([id, [px, py]]) => [Math.hypot(px - x, py - y), id]).sort((a, b) => a[0] - b[0])[0];
    return found && found[0] <= near ? found[1] : null;
  }

  #released(from, event, moved) {
    if (moved && from) { const to = this.#place_at(event); if (to && to !== from) this.does.dropped(from, to); }
    else if (!moved && from && !this.what.choosable) this.does.picked_forces(from);
    else if (!moved) { const place = event.target.closest("[data-place]")?.dataset.place || this.#place_at(event); if (place) this.does.picked(place); }
  }
}
