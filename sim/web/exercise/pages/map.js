// The map: places, roads, forces and the arrows of a draft. It knows nothing of orders; it tells what was clicked.

import { Camera } from "./camera.js";
import { s } from "./dom.js";
import { Room, around, text_width } from "./placing.js";

const WIDE = 1000, MARGIN = 60;
const BADGES = [[27, 18, 11], [19, 14, 9]], STEPS = [3, 14, 28, 44, 62];
// Pixels: least width, height and letters of a badge, and of a small one; how far from its disc it may stand.

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

  // The map opens where `front` says; later it stays where a person has moved it.
  show(what, front) {
    this.what = what;
    const is_first = !this.front;
    this.front = front;
    if (is_first) this.focus(); else this.draw();
  }

  zoom(factor) { this.camera.zoom(factor); }

  fit() { this.camera.fit(); }

  // See the places of the front, and some ground around them.
  focus() {
    const spots = this.front.map((id) => this.at[id]), [x, y] = [0, 1].map((axis) => spots.map((spot) => spot[axis]));
    if (!spots.length) { this.fit(); return; }
    const [left, top] = [Math.min(...x), Math.min(...y)], [wide, high] = [Math.max(...x) - left, Math.max(...y) - top];
    const around = Math.max(0.12 * Math.max(wide, high), WIDE / 16);
    this.camera.fit([left - around, top - around, wide + 2 * around, high + 2 * around]);
  }

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
    // All discs first, then all forces, then names: what comes later goes where room is left.
    const room = this.#room(u), leaders = [], badges = new Map(), names = [];
    for (const place of this.geography.places) {
      const r = this.#radius(place) * u;
      room.take(around(...this.at[place.id], 2 * r, 2 * r));
    }
    const near = this.order.filter((place) => room.is_seen(...this.at[place.id]));
    for (const place of near) badges.set(place.id, this.#badges(place, u, room, leaders));
    for (const place of near) this.#name(place, u, room, leaders, names);
    parts.push(...leaders, ...this.order.map((place) => this.#node(place, u, badges.get(place.id) || [])));
    for (const arrow of what.arrows || []) {
      const [a, b] = [this.at[arrow.from], this.at[arrow.to]];
      if (!a || !b || a === b) continue;
      const bend = [(a[0] + b[0]) / 2 + (b[1] - a[1]) * 0.12, (a[1] + b[1]) / 2 - (b[0] - a[0]) * 0.12];
      parts.push(s("path", { class: "arrow", d: `M${a}Q${bend} ${b}`, stroke: "#22262b", "stroke-width": 2.4 * u, "stroke-dasharray": arrow.standing ? `${6 * u} ${5 * u}` : null }));
    }
    this.svg.replaceChildren(...parts, ...names);
    if (focus) this.svg.querySelector(`[data-place="${CSS.escape(focus)}"]`)?.focus();
  }

  // The window without the buttons that lie on it.
  #room(u) {
    const [left, top, wide, high] = this.camera.seen, window = this.svg.getBoundingClientRect();
    const { left: from, right: to, top: above, bottom: below } = document.getElementById("zoom").getBoundingClientRect();
    const buttons = [left + (from - window.left) * u, top + (above - window.top) * u, left + (to - window.left) * u, top + (below - window.top) * u];
    return new Room([buttons], [left, top, left + wide, top + high]);
  }

  #radius(place) { return place.population > 500000 ? 10 : place.population > 50000 ? 8 : 6; }

  #node(place, u, badges) {
    const what = this.what, [x, y] = this.at[place.id], r = this.#radius(place), forces = what.forces[place.id] || [];
    const may = what.choosable && what.choosable.has(place.id), colour = what.colours[what.control[place.id]] || "#777";
    const told = [place.name, what.names[what.control[place.id]], ...forces.map((force) => force.title)].join(", ");
    // Forces whose badge found no room are taken hold of at the disc itself.
    const is_handle = forces.some((force) => force.own) && !badges.some((badge) => badge.dataset.forces);
    const disc = s("circle", { class: "place", cx: x, cy: y, r: r * u, "stroke-width": (may ? 4 : 1.5) * u, "data-forces": is_handle ? place.id : null });
    disc.style.fill = colour;
    return s("g", { class: `node ${may ? "choosable" : ""} ${what.choosable && !may ? "dimmed" : ""} ${what.chosen === place.id ? "chosen" : ""}`,
      tabindex: 0, role: "button", "aria-label": told, "data-place": place.id }, s("title", {}, told), disc, badges);
  }

  // The forces at a place, beside its disc: small where there is no other room, and none where there is no room at all.
  #badges(place, u, room, leaders) {
    const [x, y] = this.at[place.id], r = this.#radius(place), made = [];
    for (const force of this.what.forces[place.id] || []) {
      const sizes = BADGES.map(([wide, high, letters]) => [Math.max(wide, text_width(force.label, "bold") / 12 * letters + 9), high, letters]);
      const found = sizes.map((size) => [size, room.beside(x, y, r * u, size[0] * u, size[1] * u, STEPS, u)]).find(([, spot]) => spot);
      if (!found) continue;
      const [[wide, high, letters], [fx, fy]] = found, [w, hgt] = [wide * u, high * u];
      room.take(around(fx, fy, w + 2 * u, hgt + 2 * u));
      if (Math.hypot(fx - x, fy - y) > (r + 24) * u) leaders.push(line_to(x, y, fx, fy, u));
      const rect = s("rect", { x: fx - w / 2, y: fy - hgt / 2, width: w, height: hgt, rx: (force.own ? 3 : high / 2) * u, "stroke-width": 1.5 * u });
      const text = s("text", { x: fx, y: fy, "font-size": letters * u }, force.label);
      rect.style.fill = force.own ? force.colour : "#fff";
      rect.style.stroke = force.own ? "#fff" : force.colour;
      text.style.fill = force.own ? "#fff" : force.colour;
      made.push(s("g", { class: "force", "data-forces": force.own ? place.id : null }, s("title", {}, force.title), rect, text));
    }
    return made;
  }

  // A name stands where nothing else is; else it waits until one zooms in.
  #name(place, u, room, leaders, names) {
    const what = this.what, [x, y] = this.at[place.id], r = this.#radius(place);
    const matters = what.choosable?.has(place.id) || what.chosen === place.id || what.forces[place.id];
    const size = (matters ? 13 : 12) * u, wide = text_width(place.name) / 12 * size;
    const found = room.name(x, y, r * u, wide, size, u, Boolean(matters));
    if (!found) return;
    room.take(found.box);
    if (found.off) leaders.push(line_to(x, y, found.x, found.middle, u));
    names.push(s("text", { class: "place-name", x: found.x, y: found.y, "text-anchor": "middle", "font-size": size, "stroke-width": 3 * u, "pointer-events": "none" }, place.name));
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

function line_to(x1, y1, x2, y2, u) { return s("line", { class: "leader", x1, y1, x2, y2, "stroke-width": u }); }
