// The map: places, roads, forces and the arrows of a draft. It knows nothing of orders; it tells what was clicked.

import { Camera } from "./camera.js";
import { s } from "./dom.js";
import { ground } from "./ground.js";
import { Room, around, text_width } from "./placing.js";
import { Symbols, lead_to, leader_line } from "./symbols.js";

const GREAT = 6;
// The greatest places with forces: their names come before the forces of others.
const STEPS = [3, 14, 28, 44, 62];
// Pixels: how far from its disc a badge may stand.
const OURS = [0.85, 0.5], MARK = [41, 35], THEIRS = [[27, 18, 11], [19, 14, 9]];
// Scales of our symbols, and the room that one takes at a scale of 1; least width, height and letters of a report.

export class WarMap {
  // `picked(place)`, `picked_forces(place)` and `dropped(from, to)` tell what a person did.
  constructor(svg, geography, { picked, picked_forces, dropped }) {
    this.svg = svg;
    this.big = 1; // on a wall that is seen from afar, more
    this.geography = geography;
    this.does = { picked, picked_forces, dropped };
    this.at = Object.fromEntries(geography.places.map((place) => [place.id, [place.x, place.y]]));
    this.place = Object.fromEntries(geography.places.map((place) => [place.id, place]));
    this.ground = ground(geography);
    this.symbols = new Symbols(geography.symbols, geography.sides);
    this.row = Object.fromEntries(geography.sides.map((side, row) => [side.id, row]));
    this.order = [...geography.places].sort((a, b) => b.people - a.people);
    this.camera = new Camera(svg, geography.whole, {
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
    const around = Math.max(0.12 * Math.max(wide, high), this.geography.whole[2] / 16);
    this.camera.fit([left - around, top - around, wide + 2 * around, high + 2 * around]);
  }

  draw() {
    if (!this.what) return;
    const focus = document.activeElement?.closest?.("#map [data-place]")?.dataset.place;
    const u = this.camera.unit * this.big, parts = [], what = this.what;
    this.svg.setAttribute("viewBox", this.camera.box.join(" "));
    parts.push(s("defs", {}, s("marker", { id: "head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 4, markerHeight: 4, orient: "auto-start-reverse" },
      s("path", { d: "M0 0L10 5L0 10z", fill: "#22262b" }))));
    parts.push(this.ground);
    for (const [a, b, kind, , cut] of this.geography.roads) {
      const [from, to] = [a, b].map((row) => this.geography.places[row]), is_cut = what.cut ? what.cut.has(`${from.id}-${to.id}`) : cut;
      parts.push(s("line", { class: is_cut ? "road cut" : "road", x1: from.x, y1: from.y, x2: to.x, y2: to.y, "vector-effect": "non-scaling-stroke", "stroke-width": this.geography.road_classes[kind][1] }));
    }
    // All discs first, then forces and names of their places, at last the other names: what comes later goes where room is left.
    const room = this.#room(), leaders = [], badges = new Map(), names = [];
    for (const place of this.geography.places) room.take_disc(...this.at[place.id], this.#radius(place) * u);
    // Arrows lie under forces and names; their heads stay free of both.
    const arrows = apart(what.arrows || []).map((arrow) => this.#arrow(arrow, u)).filter(Boolean);
    for (const { head } of arrows) room.take(around(...head, 9 * u, 9 * u));
    const near = this.order.filter((place) => room.is_seen(...this.at[place.id]));
    const [armed, others] = [true, false].map((is_armed) => near.filter(({ id }) => Boolean(what.forces[id]) === is_armed)), unnamed = [];
    armed.forEach((place, rank) => {
      badges.set(place.id, this.#badges(place, u, room, leaders));
      if (!this.#name(place, u, room, leaders, names, rank < GREAT)) unnamed.push(place);
    });
    for (const place of [...unnamed, ...others]) this.#name(place, u, room, leaders, names, this.#matters(place));
    parts.push(...arrows.flatMap(({ drawn }) => drawn), ...leaders, ...this.order.map((place) => this.#node(place, u, badges.get(place.id) || [])));
    this.svg.replaceChildren(...parts, ...names);
    if (focus) this.svg.querySelector(`[data-place="${CSS.escape(focus)}"]`)?.focus();
  }

  // The window without the buttons that lie on it.
  #room() {
    const u = this.camera.unit;
    const [left, top, wide, high] = this.camera.seen, window = this.svg.getBoundingClientRect();
    const { left: from, right: to, top: above, bottom: below } = document.getElementById("zoom").getBoundingClientRect();
    const buttons = [left + (from - window.left) * u, top + (above - window.top) * u, left + (to - window.left) * u, top + (below - window.top) * u];
    return new Room([buttons], [left, top, left + wide, top + high]);
  }

  // An order's arrow with its halo, and the middle of its head, which ends at the edge of the disc it goes to.
  #arrow(arrow, u) {
    const [a, b] = [this.at[arrow.from], this.at[arrow.to]];
    if (!a || !b || a === b) return null;
    // Of several from here to there each is more bent than the one before.
    const far = Math.hypot(b[0] - a[0], b[1] - a[1]), by = 0.12 + arrow.before * Math.max(0.08, 16 * u / far);
    const bend = [(a[0] + b[0]) / 2 + (b[1] - a[1]) * by, (a[1] + b[1]) / 2 - (b[0] - a[0]) * by];
    const [x, y] = [b[0] - bend[0], b[1] - bend[1]], long = Math.hypot(x, y), back = Math.min(long, (this.#radius(this.place[arrow.to]) + 1) * u);
    const before = (off) => [b[0] - x / long * off, b[1] - y / long * off], d = `M${a}Q${bend} ${before(back)}`;
    return { head: before(back + 5 * u), drawn: [s("path", { class: "arrow-halo", d, "stroke-width": 5.4 * u }),
      s("path", { class: "arrow", d, stroke: "#22262b", "stroke-width": 2.4 * u, "stroke-dasharray": arrow.standing ? `${6 * u} ${5 * u}` : null })] };
  }

  #radius(place) { return place.people > 500000 ? 10 : place.people > 50000 ? 8 : 6; }

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
      const sizes = this.#sizes(force), spots = (over) => sizes.map((size) => [size, room.beside(x, y, r * u, size.wide * u, size.high * u, STEPS, u, over)]);
      const found = [...spots(false), ...spots(true)].find(([, spot]) => spot);
      if (!found) continue;
      const [size, [fx, fy]] = found;
      room.take(around(fx, fy, (size.wide + 2) * u, (size.high + 2) * u));
      if (Math.hypot(fx - x, fy - y) > (r + 24) * u) leaders.push(lead_to(room, [x, y, fx, fy]));
      made.push(s("g", { class: "force", "data-forces": force.own ? place.id : null }, s("title", {}, force.title), force.side ? this.#symbol(force, fx, fy, size.scale * u) : report(force, fx, fy, size, u)));
    }
    return made;
  }

  #sizes(force) {
    if (force.side) return OURS.map((scale) => ({ scale, wide: MARK[0] * scale, high: MARK[1] * scale }));
    return THEIRS.map(([wide, high, letters]) => ({ wide: Math.max(wide, text_width(force.label, "bold") / 12 * letters + 9), high, letters }));
  }

  // Our forces as on the map of the replay: the symbol of the strongest, and how many there are.
  #symbol(force, x, y, scale) {
    return s("g", { transform: `translate(${x} ${y}) scale(${scale})` }, this.symbols.mark(this.row[force.side], this.symbols.said.of[force.kind] || "infantry"),
      force.count > 1 && s("g", { class: "count" }, s("circle", { cx: 13, cy: 10, r: 7.5 }), s("text", { x: 13, y: 13.6 }, String(force.count))));
  }

  #matters({ id }) { const { choosable, chosen, forces } = this.what; return Boolean(choosable?.has(id) || chosen === id || forces[id]); }

  // A name stands where nothing else is; else it waits until one zooms in. Returns whether it has found room.
  #name(place, u, room, leaders, names, insists) {
    const [x, y] = this.at[place.id], size = (this.#matters(place) ? 13 : 12) * u;
    const found = room.name(x, y, this.#radius(place) * u, text_width(place.name) / 12 * size, size, u, insists);
    if (!found) return false;
    const line = room.take_name(found, x, y);
    if (line) leaders.push(leader_line(line));
    names.push(s("text", { class: "place-name", x: found.x, y: found.y, "text-anchor": "middle", "font-size": size, "stroke-width": 3 * u, "pointer-events": "none" }, place.name));
    return true;
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

// Each arrow with how many go before it from the same place to the same place; of very many the last lie on one another.
const MOST_APART = 5;
function apart(arrows) {
  const count = {};
  return arrows.map((arrow) => {
    const way = `${arrow.from}>${arrow.to}`;
    count[way] = (count[way] ?? -1) + 1;
    return { ...arrow, before: Math.min(count[way], MOST_APART) };
  });
}

// What is reported of the enemy: an amount, of which nobody has seen the formations.
function report(force, x, y, { wide, high, letters }, u) {
  const rect = s("rect", { x: x - wide * u / 2, y: y - high * u / 2, width: wide * u, height: high * u, rx: high * u / 2, "stroke-width": 1.5 * u });
  const text = s("text", { x, y, "font-size": letters * u }, force.label);
  rect.style.fill = "#fff";
  rect.style.stroke = text.style.fill = force.colour;
  return [rect, text];
}
