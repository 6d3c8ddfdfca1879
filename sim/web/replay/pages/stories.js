// Stories: what happened, to a place or a formation or to all, each event with its causes.

import { h } from "./dom.js";

export class Stories {
  // `go(tick)` and `pick(what, row)` follow a link of a story.
  constructor(data, symbols, { go, pick }) {
    Object.assign(this, { data, symbols, go, pick });
    this.tick_days = data.tick_hours / 24;
  }

  day(tick) { return `Day ${(tick * this.tick_days).toFixed(2).replace(/\.?0+$/, "")}`; }

  // An event: when, what, and on demand why.
  event(event, campaign, depth = 0) {
    const link = h("button", { class: "when", onclick: () => this.go(event.tick) }, this.day(event.tick));
    const line = h("span", {}, link, " ", event.text);
    if (!event.causes.length || depth > 3) return h("div", { class: "event" }, line);
    const why = h("details", { class: "event" }, h("summary", {}, line), h("div", { class: "why" }));
    why.addEventListener("toggle", () => { if (why.open && !why.lastChild.childElementCount) why.lastChild.append(...this.#causes(event, campaign, depth)); });
    return why;
  }

  #causes(event, campaign, depth) {
    return event.causes.flatMap(([share, text, earlier]) => [
      h("div", { class: share < 0 ? "cause against" : "cause" }, h("b", {}, share < 0 ? "held it back:" : share ? `${share} %` : "·"), ` ${campaign.texts[text]}`),
      ...earlier.map((number) => this.event(campaign.events[number], campaign, depth + 1)),
    ]);
  }

  // All that has happened up to a tick, the last first; only what the lanes show, and no more than `most`.
  so_far(campaign, tick, is_shown, most) {
    const found = campaign.events.filter((event) => event.tick <= tick && is_shown(event)).reverse().slice(0, most);
    if (!found.length) return [h("p", { class: "muted" }, "Nothing has happened yet. Play it: the blue button, or the space bar.")];
    const parts = [];
    let last = null;
    for (const event of found) {
      if (event.tick !== last) parts.push(h("h3", { class: event.tick === tick ? "now" : "" }, `${this.day(event.tick)}${event.tick === tick ? ", now" : ""}`));
      last = event.tick;
      parts.push(this.event(event, campaign));
    }
    return parts;
  }

  place(campaign, row, tick) {
    const place = this.data.map.places[row], { places, units } = campaign.film, sides = this.data.map.sides;
    const facts = [
      `Held by ${sides[places.control.at(row, tick)].name}`, place.people && `${place.people.toLocaleString("en")} people live there`,
      ["", "invested: most of its roads are closed by the enemy", "cut off: no line of communication leads out"][places.closed.at(row, tick)],
      places.strikes.at(row, tick) && `${(places.strikes.at(row, tick) / 10).toFixed(0)} air strikes in these hours`,
      places.displaced.at(row, tick) >= 100 && `${places.displaced.at(row, tick).toLocaleString("en")} people displaced so far`,
      places.dead.at(row, tick) >= 1 && `${places.dead.at(row, tick).toLocaleString("en")} civilians killed so far`,
      place.capital && "seat of a side's rule", place.base && "rear base", place.airfield && "airfield", place.depot && "depot",
    ].filter(Boolean);
    const there = this.data.units.map((_, i) => i).filter((i) => units.at.at(i, tick) === row && units.along.at(i, tick) < 0 && units.strength.at(i, tick) > 0);
    const wings = this.data.wings.map((wing, i) => [wing, campaign.film.wings.aircraft.at(i, tick)]).filter(([wing, count]) => wing.base === row && count > 0);
    const events = campaign.events.filter((event) => event.place === row && event.lane);
    return [h("h2", {}, place.name), h("p", {}, `${facts.join(". ")}.`),
      h("h3", {}, `Who is there on ${this.day(tick).toLowerCase()}`), there.length ? this.units(campaign, there, tick) : h("p", { class: "muted" }, "No formation."),
      ...wings.map(([wing, count]) => h("p", {}, `${wing.name} (${sides[wing.side].name}): ${(count / 10).toFixed(0)} aircraft`)),
      ...(this.data.warnings ? [] : [h("h3", {}, "What happened here, and why")]), ...(this.data.warnings ? [] : events.length ? events.map((event) => this.event(event, campaign)) : [h("p", { class: "muted" }, "Nothing in this campaign.")])];
  }

  units(campaign, rows, tick) {
    const { units } = campaign.film;
    return h("ul", { class: "plain" }, rows.map((i) => h("li", {}, h("button", { class: "unit", onclick: () => this.pick("unit", i) },
      this.symbols.inline(this.data.units[i].side, this.data.units[i].icon, this.data.status[units.status.at(i, tick)] !== "active"),
      h("span", {}, this.data.units[i].name, h("small", {}, ` ${units.strength.at(i, tick).toLocaleString("en")} people, morale ${units.morale.at(i, tick)} %`))))));
  }

  stack(campaign, group, tick, said) {
    return [h("h2", {}, `${group.units.length} formations`), h("p", {}, said), this.units(campaign, group.units, tick)];
  }

  unit(campaign, row, tick) {
    const unit = this.data.units[row], { units } = campaign.film, side = this.data.map.sides[unit.side];
    const status = this.data.status[units.status.at(row, tick)], people = units.strength.at(row, tick);
    const contact = { siege: "besieged or besieging", assault: "in an assault", meeting: "fighting on the road" }[this.data.contact[units.contact.at(row, tick)]];
    return [h("h2", {}, this.symbols.inline(unit.side, unit.icon), ` ${unit.name}`),
      h("p", {}, `${side.name}, ${unit.kind.replaceAll("_", " ")}. ${unit.note}`),
      h("p", {}, people > 0 ? `${this.day(tick)}: ${this.where(campaign, row, tick)}, ${people.toLocaleString("en")} people, morale ${units.morale.at(row, tick)} %${status === "active" ? "" : `, ${status}`}${contact ? `, ${contact}` : ""}.` : `${this.day(tick)}: ${status}.`),
      ...(this.data.warnings ? [] : [h("h3", {}, "Its story"), ...this.#life(campaign, row)])];
  }

  where(campaign, row, tick) {
    const at = campaign.film.units.at.at(row, tick), places = this.data.map.places;
    if (at < places.length) return `in ${places[at].name}`;
    const [a, b] = this.data.map.roads[(at - places.length) >> 1], [from, to] = (at - places.length) & 1 ? [b, a] : [a, b];
    return campaign.film.units.along.at(row, tick) >= 97 ? `before ${places[to].name}` : `on the road from ${places[from].name} to ${places[to].name}`;
  }

  // Events, and between them where it went: the film knows what the log does not tell.
  #life(campaign, row) {
    const { units } = campaign.film, places = this.data.map.places, steps = [];
    for (const event of campaign.events) if (event.unit === row) steps.push([event.tick, 1, () => this.event(event, campaign)]);
    for (let tick = 1; tick <= campaign.ticks; tick++) {
      if (units.strength.at(row, tick) < 1 || units.strength.at(row, tick - 1) < 1) continue;
      const task = this.data.task[units.task.at(row, tick)], target = units.target.at(row, tick);
      const is_new = target !== units.target.at(row, tick - 1) || units.task.at(row, tick) !== units.task.at(row, tick - 1);
      if (is_new && target >= 0 && (task === "march" || task === "withdraw"))
        steps.push([tick, 0, () => this.#line(tick, `${task === "march" ? "is ordered to march to" : "goes back; it was sent to"} ${places[target].name}`)]);
      if (units.along.at(row, tick) < 0 && units.along.at(row, tick - 1) >= 0) steps.push([tick, 2, () => this.#line(tick, `comes to ${places[units.at.at(row, tick)].name}`)]);
    }
    steps.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return steps.length ? steps.map(([, , make]) => make()) : [h("p", { class: "muted" }, "It stayed where it was, and did not break.")];
  }

  #line(tick, text) { return h("div", { class: "event move" }, h("button", { class: "when", onclick: () => this.go(tick) }, this.day(tick)), ` ${text}`); }
}
