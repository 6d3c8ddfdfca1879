// Messages and orders of the facilitator: given now, or prepared and fired by hand or by a trigger.

import { h } from "./dom.js";
import { TITLES } from "./orders.js";

const WHEN = { now: "Now", hand: "Prepare: I fire it myself", turn: "Prepare: when a turn begins", falls: "Prepare: when a place changes hands" };

// What was typed and chosen stays while the panel is made anew.
const kept = { when: "now" };

function field(name, node) {
  if (kept[name] !== undefined) node.value = kept[name];
  node.addEventListener("input", () => { kept[name] = node.value; });
  return node;
}

const choice = (name, label, options, more = {}) =>
  field(name, h("select", { "aria-label": label, ...more }, ...options.map(([value, text]) => h("option", { value }, text))));

export class Injects {
  constructor(page, act, refresh) { Object.assign(this, { page, act, refresh }); }

  panel() {
    const { page } = this, { teams, overrides, injects } = page.state;
    const when = choice("when", "When", Object.entries(WHEN), { onchange: (event) => { event.target.blur(); this.refresh(); } });
    const to = choice("to", "To", [["", "all teams"], ...teams.map((team) => [team.side, page.names[team.side]])]);
    const text = field("text", h("textarea", { "aria-label": "Message", maxlength: 500 }));
    const reason = field("reason", h("input", { placeholder: "reason, for the review", "aria-label": "Reason", maxlength: 500 }));
    const order = this.order_fields(), trigger = this.trigger(), verb = kept.when === "now" ? "" : "Prepare the ";
    const give = async (now, more, later) => {
      const done = kept.when === "now" ? await this.act(now, more) : await this.act("prepared", { ...trigger.said(), ...later });
      if (done) { delete kept.text; delete kept.reason; this.refresh(); }
    };
    return [
      h("h2", {}, "Prepared injects"),
      injects.length ? h("ul", { class: "plain", id: "injects" }, injects.map((inject) => this.row(inject))) : h("p", { class: "muted" }, "None yet."),
      h("h2", {}, "Message or order"), h("div", { class: "fields" }, when, ...trigger.nodes),
      h("h3", {}, "Message"), h("div", { class: "fields" }, to, text,
        h("button", { id: "message", onclick: () => give("messaged", { to: to.value || null, text: text.value }, { to: to.value || null, text: text.value, order: null }) }, verb ? `${verb}message` : "Send")),
      h("h3", {}, `Order on behalf of ${page.names[page.side]}`),
      h("p", { class: "small muted" }, "It holds from its turn on, after the team's own orders. The menu above chooses the side."),
      h("div", { class: "fields" }, ...order.nodes, reason,
        h("button", { id: "order", onclick: () => give("overridden", { order: order.said(), reason: reason.value }, { to: null, text: reason.value, order: order.said() }) }, verb ? `${verb}order` : "Order")),
      ...overrides.map((each) => h("p", { class: "small muted" }, `${this.told(each.order)} (${each.reason})`)),
      ...this.events(),
    ];
  }

  trigger() {
    const { game } = this.page.state, lobby = game.phase === "lobby", first = lobby ? 1 : game.turn + 1;
    const turn = field("turn", h("input", { type: "number", min: first, max: game.turns, value: first, "aria-label": "Turn" }));
    const place = choice("falls", "Place", this.places());
    return {
      nodes: { turn: [turn], falls: [place] }[kept.when] || [],
      said: () => ({ turn: kept.when === "turn" ? Number(turn.value) : null, falls: kept.when === "falls" ? place.value : null }),
    };
  }

  order_fields() {
    const { page } = this, who = choice("who", "Who", page.state.sides[page.side].orderable.map((id) => [id, page.orders.name(id)]));
    const task = choice("task", "What", Object.keys(page.geography.tasks).filter((name) => !page.geography.tasks[name].of.includes("event")).map((name) => [name, TITLES[name] || name]));
    const target = choice("target", "Where to", [["", "no place"], ...this.places()]);
    return { nodes: [who, task, target], said: () => ({ who: who.value, task: task.value, ...(target.value ? { target: target.value } : {}) }) };
  }

  places() { return this.page.geography.places.map((place) => [place.id, place.name]).sort((a, b) => a[1].localeCompare(b[1])); }

  // The scenario's own events: the rules let them happen, unless the facilitator is first.
  events() {
    const { events, game } = this.page.state, reason = kept.reason || "the facilitator's decision";
    if (!events.length || !game.open) return [];
    const does = (event, task, text) => event.can.includes(task) && h("button", { "aria-label": `${text}: ${event.title}`,
      onclick: () => this.act("overridden", { order: { who: `events.${event.id}`, task }, reason }) }, text);
    const told = (event) => event.happened !== null ? `happened on day ${event.happened}` : event.will_not ? "will not happen"
      : event.day > game.day ? `not before day ${event.day}` : "may happen at any time";
    return [h("h2", {}, "Events of the scenario"), h("p", { class: "small muted" }, "They happen by the scenario's rules. What you decide holds from this turn on."),
      h("ul", { class: "plain", id: "events" }, events.map((event) => h("li", {}, event.title, " ", h("small", { class: "muted" }, told(event)),
        h("div", { class: "actions" }, does(event, "happen", "Fire"), does(event, "postpone", "A day later"), does(event, "cancel", "Cancel")))))];
  }

  name(who) {
    const id = who.split(".").pop(), { sides, events } = this.page.state;
    const event = who.startsWith("events.") && events.find((each) => each.id === id);
    if (event) return event.title;
    const all = Object.values(sides).flatMap(({ view }) => [...view.formations, ...view.air]);
    const found = all.find((unit) => unit.id === id) || events.find((each) => each.id === id);
    return found?.name || found?.title || `staff of ${this.page.names[id]}`;
  }

  told(order) { return `${this.name(order.who)}: ${TITLES[order.task] || order.task}${order.target ? ` → ${this.page.places[order.target].name}` : ""}`; }

  row(inject) {
    const { names, places } = this.page, waits = inject.fired === null;
    const when = inject.turn ? `when turn ${inject.turn} begins` : inject.falls ? `when ${places[inject.falls].name} changes hands` : "by hand";
    const what = inject.order ? `Order: ${this.told(inject.order)} (${inject.text})` : `Message to ${inject.to ? names[inject.to] : "all teams"}: ${inject.text}`;
    const state = waits ? `Waits; ${when}` : inject.problem ? `Could not be ordered in turn ${inject.fired}: ${inject.problem}` : `Fired in turn ${inject.fired}`;
    return h("li", {}, what, " ", h("small", { class: "muted" }, state),
      waits && h("div", { class: "actions" }, h("button", { onclick: () => this.act("fired", { inject: inject.number }) }, "Fire"),
        h("button", { onclick: () => this.act("discarded", { inject: inject.number }) }, "Discard")));
  }
}
