// The map: land, roads and places are drawn once for each zoom; a tick only moves and colours what is there.

import { Camera } from "./camera.js";
import { s } from "./dom.js";
import { ground } from "./ground.js";
import { Room, around, text_width } from "./placing.js";
import { lead_to, leader_line } from "./symbols.js";

const IN_FIELD = new Set(["active", "withdrawing", "shattered"]);
const BADGE = [32, 24], SMALL = [15, 11];
// Pixels: room for a symbol, and for the small one of formations that find no other.

export class ReplayMap {
  // `picked(what, row)`: a person chose a place, or the formations of a side at a spot.
  constructor(svg, data, symbols, picked) {
    Object.assign(this, { svg, data, symbols, picked, tick: 0, campaign: null, shares: null, layers: {} });
    this.places = data.map.places;
    this.order = [...this.places.keys()].sort((a, b) => this.#worth(b) - this.#worth(a));
    this.most = Math.max(1, ...this.places.map((place) => place.people));
    for (const name of ["ground", "roads", "halos", "lines", "leaders", "discs", "pies", "marks", "strikes", "stacks", "names"]) {
      this.layers[name] = s("g", { class: name });
      svg.append(this.layers[name]);
    }
    this.stacks = new Map();
    this.#draw_ground();
    this.#draw_places();
    this.camera = new Camera(svg, data.map.whole, {
      changed: () => this.#draw_still(),
      released: (from, event, moved) => { if (!moved) this.#clicked(event.target.closest("[data-stack], [data-place]")); },
    }, data.map.decided);
    svg.addEventListener("keydown", (event) => {
      const node = event.target.closest?.("[data-place], [data-stack]");
      if (node && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); event.stopPropagation(); this.#clicked(node); }
    });
  }

  show(campaign, tick, shares = null) {
    this.campaign = campaign;
    this.tick = tick;
    this.shares = shares;
    if (this.unit) this.#draw_tick();
  }

  choose(place) {
    this.chosen = place;
    this.discs.forEach((disc, i) => disc.node.classList.toggle("chosen", i === place));
  }

  #worth(i) { const place = this.places[i]; return place.symbol + Math.sqrt(place.people / 1e6) + (place.capital ? 1 : 0); }

  #radius(place) { return 4.5 + 7 * Math.sqrt(place.people / this.most); }

  #clicked(node) {
    if (!node) return;
    if (node.dataset.stack) this.picked("stack", this.stacks.get(node.dataset.stack).group);
    else this.picked("place", Number(node.dataset.place));
  }

  // --- what does not move --------------------------------------------------------------------------------------------

  #draw_ground() {
    this.layers.ground.append(ground(this.data.map));
    this.roads = this.data.map.roads.map(([a, b, kind, km, cut]) => {
      const [from, to] = [this.places[a], this.places[b]];
      const line = s("line", { class: cut ? "road cut" : "road", x1: from.x, y1: from.y, x2: to.x, y2: to.y,
        "vector-effect": "non-scaling-stroke", "stroke-width": this.data.map.road_classes[kind][1] });
      this.layers.roads.append(line);
      return line;
    });
  }

  #draw_places() {
    this.discs = this.places.map((place, i) => {
      const title = s("title"), halo = s("circle", { class: "halo", cx: place.x, cy: place.y, r: 0 });
      const ring = s("circle", { class: "ring", cx: place.x, cy: place.y, r: 0, fill: "none", "vector-effect": "non-scaling-stroke" });
      const disc = s("circle", { class: "place", cx: place.x, cy: place.y, r: 1, "vector-effect": "non-scaling-stroke" });
      // Words are made when somebody asks for them: for all places at each moment they would take too long.
      const say = () => { title.textContent = this.#told(i); node.setAttribute("aria-label", title.textContent); };
      const node = s("g", { class: "node", tabindex: 0, role: "button", "data-place": i, "aria-label": place.name, onpointerenter: say, onfocus: say }, title, ring, disc);
      const strike = s("path", { class: "strike", d: "M0-9L2-3L8-6L4 0L10 3L3 3L2 10L-1 4L-7 7L-4 1L-10-1L-3-3Z", visibility: "hidden" });
      this.layers.halos.append(halo);
      this.layers.discs.append(node);
      this.layers.strikes.append(strike);
      return { node, halo, ring, disc, strike };
    });
    // Tab goes through places in the order of their weight.
    for (const i of this.order) this.layers.discs.append(this.discs[i].node);
  }

  // What depends on the zoom: sizes in pixels, and where names find room.
  #draw_still() {
    const u = this.unit = this.camera.unit;
    this.svg.setAttribute("viewBox", this.camera.box.join(" "));
    const [left, top, wide, high] = this.camera.seen, room = new Room(this.#buttons(u), [left, top, left + wide, top + high]);
    this.places.forEach((place, i) => {
      const r = this.#radius(place) * u;
      this.discs[i].disc.setAttribute("r", r);
      room.take_disc(place.x, place.y, r);
    });
    const names = [], lines = [];
    this.order.forEach((i, rank) => {
      const place = this.places[i], great = rank < 12, size = (great ? 13 : 11.5) * u, r = this.#radius(place) * u;
      if (place.x < left || place.x > left + wide || place.y < top || place.y > top + high) return;
      const text = place.name.length > 26 ? `${place.name.slice(0, 25)}…` : place.name;
      const found = room.name(place.x, place.y, r, text_width(text, great ? "bold" : "normal") / 12 * size, size, u, great);
      if (!found) return;
      const line = room.take_name(found, place.x, place.y);
      if (line) lines.push(leader_line(line));
      names.push(s("text", { class: great ? "place-name great" : "place-name", x: found.x, y: found.y, "text-anchor": "middle", "font-size": size, "stroke-width": 3 * u }, text));
    });
    this.layers.lines.replaceChildren(...lines);
    this.layers.names.replaceChildren(...names);
    if (this.data.warnings) this.layers.marks.replaceChildren(...this.places.flatMap((place) => this.#marks(place, u)));
    this.room = room;
    if (this.campaign) this.#draw_tick();
  }

  // The buttons that lie on the map: nothing is written under them.
  #buttons(u) {
    const [left, top] = this.camera.seen, map = this.svg.getBoundingClientRect();
    return [...document.querySelectorAll("#zoom, #scope")].map((node) => node.getBoundingClientRect())
      .filter((box) => box.width && box.left < map.right && box.right > map.left && box.top < map.bottom && box.bottom > map.top)
      .map((box) => [left + (box.left - map.left) * u, top + (box.top - map.top) * u, left + (box.right - map.left) * u, top + (box.bottom - map.top) * u]);
  }

  // Depots, rear bases and airfields, on the rim of a disc: shown before anything runs.
  #marks(place, u) {
    const r = 0.8 * this.#radius(place) * u, mark = (dx, dy, d) => s("path", { class: "mark", d, transform: `translate(${place.x + dx * r} ${place.y + dy * r}) scale(${u})` });
    return [place.depot && mark(-1, -0.8, "M-3-3H3V3H-3Z"), place.base && mark(1, -0.8, "M0-4L4 3H-4Z"), place.airfield && mark(0, 1.1, "M-1-4H1V-1H4V1H1V4H-1V1H-4V-1H-1Z")].filter(Boolean);
  }

  // --- a tick --------------------------------------------------------------------------------------------------------

  #draw_tick() {
    const { film } = this.campaign, tick = this.tick, sides = this.data.map.sides, u = this.unit;
    this.svg.classList.toggle("of-all", this.shares !== null);
    this.places.forEach((place, i) => {
      const { disc, halo, ring, strike } = this.discs[i];
      const holder = film.places.control.at(i, tick), closed = film.places.closed.at(i, tick);
      const gone = film.places.displaced.at(i, tick), struck = film.places.strikes.at(i, tick) / 10, r = this.#radius(place) * u;
      disc.style.fill = sides[holder].colour;
      halo.setAttribute("r", this.shares || gone < 500 ? 0 : r + Math.sqrt(gone) * 0.045 * u);
      ring.setAttribute("r", this.shares || !closed ? 0 : r + 3 * u);
      ring.setAttribute("class", closed === 2 ? "ring cut-off" : "ring");
      const is_struck = !this.shares && struck > 0;
      strike.setAttribute("visibility", is_struck ? "visible" : "hidden");
      if (is_struck) strike.setAttribute("transform", `translate(${place.x} ${place.y - r}) scale(${u * Math.min(2, 1.1 + struck / 20)})`);
    });
    this.#draw_pies();
    this.#draw_stacks();
  }

  // A place in words.
  #told(i) {
    if (this.shares) return this.shares.said(i, this.tick);
    const { places } = this.campaign.film, tick = this.tick, struck = places.strikes.at(i, tick) / 10, gone = places.displaced.at(i, tick);
    return [`${this.places[i].name}: held by ${this.data.map.sides[places.control.at(i, tick)].name}`,
      ["", "invested: most of its roads are closed", "cut off: no line of communication leads out"][places.closed.at(i, tick)],
      struck && `${struck.toFixed(0)} air strikes`, gone >= 500 && `${gone.toLocaleString("en")} people displaced`].filter(Boolean).join("; ");
  }

  #draw_pies() {
    const pies = [];
    if (this.shares) this.places.forEach((place, i) => {
      const r = this.#radius(place) * this.unit;
      let turned = 0;
      this.shares.of(i, this.tick).forEach((share, side) => {
        if (share > 0 && share < 0.9995) pies.push(slice(place.x, place.y, r, turned, turned + share, this.data.map.sides[side].colour));
        else if (share >= 0.9995) this.discs[i].disc.style.fill = this.data.map.sides[side].colour;
        turned += share;
      });
    });
    this.layers.pies.replaceChildren(...pies);
  }

  // The formations by spot and side: in a place, before one, or on a road between two.
  groups(tick = this.tick) {
    const { units } = this.campaign.film, found = new Map(), places = this.places.length;
    this.data.units.forEach((unit, i) => {
      const status = this.data.status[units.status.at(i, tick)];
      if (!IN_FIELD.has(status) || units.strength.at(i, tick) < 1) return;
      const at = units.at.at(i, tick), along = units.along.at(i, tick), gate = along >= 97;
      const spot = along < 0 ? `p${at}` : gate ? `g${at}` : `r${at}`, key = `${spot}:${unit.side}`;
      let group = found.get(key);
      if (!group) found.set(key, group = { key, side: unit.side, units: [], along: 0, ...this.#spot(at, along, gate, places) });
      group.units.push(i);
      group.along += along;
    });
    for (const group of found.values()) {
      group.along /= group.units.length;
      group.units.sort((a, b) => units.strength.at(b, tick) - units.strength.at(a, tick));
      group.strength = group.units.reduce((sum, i) => sum + units.strength.at(i, tick), 0);
      group.broken = group.units.every((i) => this.data.status[units.status.at(i, tick)] !== "active");
      group.fights = group.units.some((i) => units.contact.at(i, tick) >= 2);
    }
    return found;
  }

  #spot(at, along, gate, places) {
    if (along < 0) return { place: at, where: "in" };
    const road = (at - places) >> 1, back = (at - places) & 1, [a, b] = this.data.map.roads[road];
    const [from, to] = back ? [b, a] : [a, b];
    return { place: to, from, road, where: gate ? "before" : "to" };
  }

  #draw_stacks() {
    const u = this.unit, groups = this.shares ? new Map() : this.groups(), room = this.room.copy(), leaders = [];
    // Who fights or marches comes first; who finds no room near is shown small.
    const rank = (group) => (group.fights ? 4 : 0) + (group.where === "in" ? 0 : 2) + Math.min(1, group.strength / 1e4);
    for (const group of [...groups.values()].sort((a, b) => rank(b) - rank(a))) {
      const to = this.places[group.place];
      let [x, y, reach] = [to.x, to.y, this.#radius(to) * u];
      if (group.where !== "in") {
        const from = this.places[group.from], far = Math.hypot(to.x - from.x, to.y - from.y) || 1;
        const left = Math.max((1 - group.along / 100) * far, Math.min(far / 2, reach + 16 * u));
        [x, y, reach] = [to.x + (from.x - to.x) * left / far, to.y + (from.y - to.y) * left / far, 0];
      }
      const find = ([wide, high], steps) => {
        if (reach === 0 && room.is_free(around(x, y, wide * u, high * u))) return [x, y];
        return room.beside(x, y, reach, wide * u, high * u, steps, u, true);
      };
      let size = BADGE, spot = find(BADGE, [2, 10, 20, 32]);
      if (!spot) [size, spot] = [SMALL, find(SMALL, [1, 6, 12, 20, 30, 42, 54, 66])];
      if (spot) room.take(around(...spot, size[0] * u, size[1] * u));
      const [fx, fy] = spot || [x, y];
      if (spot && Math.hypot(fx - x, fy - y) > reach + 22 * u) leaders.push(lead_to(room, [x, y, fx, fy]));
      this.#put(group, fx, fy, u * (spot ? size[0] / 37 : 0));
    }
    this.layers.leaders.replaceChildren(...leaders);
    for (const [key, stack] of this.stacks) if (!groups.has(key)) this.#take_away(key, stack);
  }

  // Who was on it with the keyboard finds himself at its place.
  #take_away(key, stack) {
    const had_focus = stack.node === document.activeElement;
    stack.node.remove();
    this.stacks.delete(key);
    if (had_focus) this.discs[stack.group.place].node.focus({ preventScroll: true });
  }

  #put(group, x, y, scale) {
    let stack = this.stacks.get(group.key);
    if (!stack) {
      const title = s("title"), say = () => { title.textContent = this.said(stack.group); node.setAttribute("aria-label", title.textContent); };
      const node = s("g", { class: "stack", role: "button", "data-stack": group.key, onpointerenter: say, onfocus: say });
      this.layers.stacks.append(node);
      this.stacks.set(group.key, stack = { node, title, said: "" });
    }
    stack.group = group;
    stack.node.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    stack.node.setAttribute("tabindex", scale ? 0 : -1);
    const top = this.data.units[group.units[0]], count = group.units.length;
    const said = `${top.icon} ${count} ${group.broken} ${group.fights}`;
    if (stack.said !== said) {
      stack.said = said;
      stack.node.setAttribute("aria-label", `${this.data.map.sides[group.side].name}, ${count} formation${count > 1 ? "s" : ""}`);
      const back = [];
      for (let i = Math.min(2, count - 1); i > 0; i--) {
        const behind = this.symbols.mark(group.side, top.icon, group.broken);
        behind.setAttribute("transform", `translate(${2.6 * i} ${-2.2 * i})`);
        back.push(behind);
      }
      stack.node.replaceChildren(stack.title, ...back, this.symbols.mark(group.side, top.icon, group.broken),
        group.fights && s("path", { class: "fight", d: "M-21-5L-17 0L-21 5M21-5L17 0L21 5" }) || "",
        count > 1 ? s("g", { class: "count" }, s("circle", { cx: 13, cy: 10, r: 7.5 }), s("text", { x: 13, y: 13.6 }, String(count))) : "");
    }
  }

  // A stack in words.
  said(group) {
    const side = this.data.map.sides[group.side].name, place = this.places[group.place].name;
    const where = { in: `in ${place}`, before: `before ${place}`, to: `on the road to ${place}` }[group.where];
    const names = group.units.slice(0, 4).map((i) => this.data.units[i].name).join("; ");
    return `${side}, ${where}: ${group.units.length} formation${group.units.length > 1 ? "s" : ""}, ${group.strength.toLocaleString("en")} people. ${names}${group.units.length > 4 ? " …" : ""}`;
  }
}

function slice(x, y, r, from, to, colour) {
  const point = (turn) => `${x + r * Math.sin(2 * Math.PI * turn)} ${y - r * Math.cos(2 * Math.PI * turn)}`;
  return s("path", { fill: colour, d: `M${x} ${y}L${point(from)}A${r} ${r} 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(to)}Z` });
}
