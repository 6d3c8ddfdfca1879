// Orders: a formation is chosen in a list or on the map, then what it should do, then where.

import { h, notice } from "./dom.js";
import { get, here, post } from "./server.js";

export const TITLES = { march: "March", attack: "Attack", hold: "Hold", withdraw: "Withdraw", reserve: "Into reserve", strike: "Strike",
  stand_down: "Stand down", release: "Leave it to the staff", offensive: "Offensive", balanced: "As the doctrine says", defensive: "Defensive", happen: "Happens now", postpone: "A day later",
  cancel: "Does not happen" };

export const ROLES = { commander: "all orders, and commits them", staff: "drafts all orders", air: "orders the air wings",
  logistics: "who goes into reserve or back to a rear base" };

// Formations from which on there is a box to find one in.
const MANY = 12;
const KEPT = "orontes orders not sent";
// A browser may refuse to keep anything: orders that are not sent are then lost at a reload.
const storage = (() => { try { return sessionStorage; } catch { return null; } })();

export class Orders {
  #unsent;

  constructor(page, refresh) {
    this.page = page;
    this.refresh = refresh;
    this.cancel();
  }

  // What the server could not be told outlives a reload, in the tab of this seat.
  get seat() { return `${here("/")} ${this.page.state.you.number}`; }
  get unsent() {
    if (this.#unsent === undefined) {
      const kept = JSON.parse(storage?.getItem(KEPT) ?? null);
      this.#unsent = kept?.seat === this.seat ? kept : null;
    }
    return this.#unsent;
  }
  set unsent(orders) {
    this.#unsent = orders;
    if (orders) storage?.setItem(KEPT, JSON.stringify({ ...orders, seat: this.seat }));
    else storage?.removeItem(KEPT);
  }

  cancel() { this.who = this.options = this.task = this.chosen = this.odds = null; }

  get briefing() { return this.page.state.sides?.[this.page.side]; }
  // The team's draft; while the server cannot be reached, with what this page could not send.
  get draft() { return this.unsent?.side === this.page.side ? this.unsent.orders : this.briefing.draft; }
  get team() { return this.page.state.teams.find((each) => each.side === this.page.side); }
  get may_draft() { const { you, game } = this.page.state; return game.open && you.role in ROLES && !this.briefing?.ready && !this.team.staffed; }

  name(who) {
    const view = this.briefing.view, id = who.split(".").pop();
    return [...view.formations, ...view.air].find((unit) => unit.id === id)?.name || (id === this.page.side ? "Staff" : id);
  }

  text(order) { return `${this.name(order.who)}: ${TITLES[order.task] || order.task}${order.target ? ` → ${this.page.places[order.target].name}` : ""}`; }

  // --- the panel -----------------------------------------------------------------------------------------------------

  panel() {
    const briefing = this.briefing;
    if (!briefing) return [];
    if (this.who) return this.options_panel();
    const { draft } = this;
    return [
      ...this.task_told(),
      h("h2", {}, "Orders of this turn"),
      draft.length
        ? h("ul", { class: "plain", id: "draft" }, draft.map((order) => h("li", { class: "row" }, h("span", {}, this.text(order)),
            this.may_draft && h("button", { "aria-label": `Remove: ${this.text(order)}`, onclick: () => this.send(draft.filter((other) => other !== order)) }, "Remove"))))
        : h("p", { class: "muted" }, "None yet. What you do not order, your staff decides by its doctrine."),
      this.unsent && h("p", { id: "unsent", class: "small" }, "Not sent yet: this page keeps these orders, and sends them when the connection is back."),
      ...this.odds_table(),
      ...(this.may_draft ? [h("h2", {}, "Give an order"), h("p", { class: "small muted" }, "Choose a formation here, or click its symbol on the map. You can also drag the symbol to a place."), this.unit_list(briefing.orderable)] : []),
      ...(briefing.standing.length ? [h("h2", {}, "Still obeyed from earlier turns"), h("ul", { class: "plain small" }, briefing.standing.map((order) => h("li", {}, this.text(order))))] : []),
    ];
  }

  // The team's task, open in its first turn; and what one's own role is for.
  task_told() {
    const { you, game } = this.page.state, { task } = this.briefing, role = you.role;
    return [task && h("details", { class: "task", open: game.turn === 1 }, h("summary", {}, "Your task"), h("p", {}, task)),
      ["air", "logistics"].includes(role) && h("p", { class: "small muted" }, `Your role, ${role}: ${ROLES[role]}.`)];
  }

  unit_list(ids) {
    const view = this.briefing.view, units = Object.fromEntries([...view.formations, ...view.air].map((unit) => [unit.id, unit]));
    const ordered = new Set(this.draft.map((order) => order.who));
    const list = h("ul", { class: "plain", id: "units" }, ids.map((id) => {
      const unit = units[id], where = unit ? this.page.places[unit.place || unit.airfield].name : "";
      const detail = !unit ? "how boldly your staff attacks" : unit.strength !== undefined
        ? `${Math.round(unit.strength).toLocaleString()} people · morale ${Math.round(100 * unit.morale)} % · ${unit.heading ? `on the road from ${where}` : where}`
        : `${Math.round(unit.aircraft)} aircraft · ${where}`;
      return h("li", {}, h("button", { class: "unit", "data-unit": id, onclick: () => this.choose(id) },
        h("span", {}, this.symbol(unit), unit ? unit.name : "Staff of the side"), h("span", {}, ordered.has(id) ? "ordered" : ""), h("small", {}, detail)));
    }));
    if (ids.length <= MANY) return list;
    const matches = (row, said) => row.textContent.toLowerCase().includes(said.toLowerCase());
    return h("div", {}, h("input", { id: "find", type: "search", placeholder: "Find by name or place", "aria-label": "Find by name or place",
      oninput: (event) => { for (const row of list.children) row.hidden = !matches(row, event.target.value); } }), list);
  }

  // The symbol that the map shows for a formation or wing.
  symbol(unit) {
    const { symbols, row } = this.page.map, icon = unit && (unit.aircraft === undefined ? symbols.said.of[unit.kind] || "infantry" : "air");
    return unit && symbols.inline(row[this.page.side], icon);
  }

  forces() {
    const view = this.briefing.view;
    const rows = view.formations.filter((unit) => unit.status !== "dormant").map((unit) => h("tr", {},
      h("td", {}, unit.name), h("td", {}, this.page.places[unit.place].name), h("td", { class: "n" }, Math.round(unit.strength).toLocaleString()),
      h("td", { class: "n" }, `${Math.round(100 * unit.morale)} %`), h("td", { class: "n" }, unit.supply.toFixed(1)), h("td", {}, unit.status === "active" ? unit.task : unit.status)));
    return [h("p", { class: "small muted" }, `Will of the side: ${Math.round(100 * view.state.will)} %. People lost so far: ${Math.round(view.state.losses).toLocaleString()}.`),
      h("table", {}, h("thead", {}, h("tr", {}, ...["Formation", "Where"].map((text) => h("th", {}, text)), ...["People", "Morale", "Supply (days)"].map((text) => h("th", { class: "n" }, text)), h("th", {}, "Does"))), h("tbody", {}, rows))];
  }

  options_panel() {
    // While one waits for the options it has another name, so that the focus goes on to them.
    const back = h("button", { "data-waits": this.options ? null : "for options", onclick: () => { this.cancel(); this.refresh(); } }, "← Back");
    if (!this.options) return [back, h("p", { class: "muted" }, "…")];
    if (this.task)
      return [back, h("h2", {}, `${this.name(this.who)}: ${TITLES[this.task]} – where to?`), h("p", { class: "small muted" }, `Click a place on the map (orange rings), or choose it here.${Object.keys(this.options.days).length ? " The nearest comes first: hours or days of march, if nothing delays it." : ""}`),
        h("ul", { class: "plain", id: "targets" }, this.targets().map((place) => h("li", {}, h("button", { class: "unit", "data-target": place, onclick: () => this.decide(this.task, place) },
          h("span", {}, this.page.places[place].name), h("span", { class: "muted" }, this.by_road(place))))))];
    const tasks = this.page.geography.tasks, known = this.options;
    return [back, h("h2", {}, this.name(this.who)),
      h("ul", { class: "plain", id: "tasks" }, Object.keys(known.places).map((task) => h("li", {}, h("button", { class: "unit", "data-task": task, onclick: () => this.choose_task(task) }, h("span", {}, TITLES[task] || task), h("small", {}, tasks[task].meaning))))),
      ...(Object.keys(known.refused).length ? [h("h3", {}, "Not possible now"), h("ul", { class: "plain small muted" }, Object.entries(known.refused).map(([task, why]) => h("li", {}, `${TITLES[task] || task}: ${why}`)))] : [])];
  }

  // Places that a task may name, the nearest by road first.
  targets() {
    const far = (place) => this.options.days[place] ?? Infinity, name = (place) => this.page.places[place].name;
    return [...this.options.places[this.task]].sort((a, b) => (far(a) === far(b) ? name(a).localeCompare(name(b)) : far(a) - far(b)));
  }

  by_road(place) {
    const days = this.options.days[place];
    return days === undefined || days === 0 ? "" : days < 2 ? `${Math.max(1, Math.round(24 * days))} h` : `${days.toFixed(1)} days`;
  }

  odds_table() {
    if (!this.odds) return [];
    if (this.odds === "asked") return [h("p", { class: "muted", role: "status" }, "Playing 400 futures with your orders, and 400 without …")];
    const per = (share) => `${Math.round(100 * share)}`, { places, days, futures } = this.odds;
    if (!places.length) return [h("p", {}, `In ${futures} futures of ${days} days no place is in doubt, with or without your orders.`)];
    // Without orders of one's own the staff alone decides, and there is nothing to compare.
    const compares = this.draft.length > 0, from = this.page.state.others ? "how all forces stand" : "what we know";
    return [h("table", { id: "odds" }, h("caption", { class: "small" }, `In how many of 100 futures do we hold the place in ${days} days? Played ${futures} times from ${from}. ${compares ? "≈: no clear difference." : "No orders have been given yet: the staff decides."}`),
      h("thead", {}, h("tr", {}, h("th", {}, "Place"), compares && h("th", { class: "n" }, "Your orders"), h("th", { class: "n" }, "The staff alone"))),
      h("tbody", {}, places.slice(0, 8).map((row) => h("tr", {}, h("td", {}, row.name), h("td", { class: "n" }, `${per(row.share)} (${per(row.low)} to ${per(row.high)})`),
        compares && h("td", { class: "n" }, per(row.staff), Math.abs(row.gain) <= row.error && h("span", { class: "muted", title: "no clear difference" }, " ≈"))))))];
  }

  actions() {
    const { you, game } = this.page.state, briefing = this.briefing;
    if (!briefing || !game.open || !(you.role in ROLES)) return [];
    const { side } = this.page, speaks = you.speaks_for.includes(side), agrees = you.votes_for.includes(side);
    const { team } = this, votes = team.decides === "vote";
    if (team.staffed) return [h("span", {}, "The staff plays this side now. The facilitator can give it back to you.")];
    const count = votes ? ` ${team.in_favour} of ${team.seats.length} agree; more than half are needed.` : "";
    const take_back = (text) => h("button", { onclick: () => this.commit(false) }, text);
    if (briefing.ready) return [h("span", {}, `Orders are committed.${count}`), votes ? agrees && take_back("Take my vote back") : speaks && take_back("Take them back")];
    return [game.odds && h("button", { id: "ask", disabled: this.odds === "asked", onclick: () => this.ask() }, "Ask for the odds"),
      !speaks ? h("span", { class: "small muted" }, "Your commander commits the orders.")
        : agrees ? take_back("Take my vote back") : h("button", { id: "commit", class: "main", onclick: () => this.commit(true) }, votes ? "I agree to these orders" : "Commit orders"),
      votes && h("span", { class: "small muted" }, count)];
  }

  // --- what a person does ----------------------------------------------------------------------------------------------

  async attempt(act) { try { await act(); } catch (error) { notice(error.message); } }

  choose(who) {
    this.cancel();
    this.who = who;
    this.page.tab = "Orders";
    this.attempt(async () => {
      this.options = await get(`/api/options?side=${encodeURIComponent(this.page.side)}&who=${encodeURIComponent(who)}`);
      this.refresh();
    });
    this.refresh();
  }

  choose_task(task) {
    if (!this.options.places[task].length) { this.decide(task); return; }
    this.task = task;
    this.refresh();
  }

  decide(task, target) {
    const order = { who: this.who, task, ...(target ? { target } : {}) };
    this.last = this.who;
    this.cancel();
    this.send([...this.draft.filter((other) => other.who !== order.who), order]);
  }

  // Orders that the server could not be told are kept, and sent when it is there again.
  send(orders) {
    const { page } = this, kept = this.unsent?.side === page.side && this.unsent;
    this.post_draft({ side: page.side, turn: page.state.game.turn, before: kept ? kept.before : JSON.stringify(this.briefing.draft), orders });
  }

  post_draft({ side, turn, before, orders }) {
    this.odds = null;
    this.unsent = null;
    this.attempt(async () => {
      try { await post("/api/draft", { side, turn, orders }); }
      catch (error) {
        if (error.status !== 0) throw error;
        this.unsent = { side, turn, before, orders };
        this.refresh();
        throw new Error("No connection to the server. This page keeps your orders, and sends them when it is back.");
      }
    });
    this.refresh();
  }

  // The server is there again. It decides on what was kept as on every draft; what others have changed is not overwritten.
  send_again() {
    const { unsent } = this, { game, sides } = this.page.state;
    if (!unsent) return;
    const now = JSON.stringify(sides[unsent.side]?.draft);
    if (now === JSON.stringify(unsent.orders)) { this.unsent = null; return; }
    if (game.turn === unsent.turn && now === unsent.before) { this.post_draft(unsent); return; }
    this.unsent = null;
    notice(game.turn === unsent.turn ? "Your team has changed its orders meanwhile: those that this page had kept were not sent."
      : "The turn ended before the connection was back: the orders that this page had kept were not given.");
  }

  commit(ready) {
    if (this.unsent) { notice("Not all of your orders have been sent yet: commit when the connection is back."); return; }
    this.attempt(() => post("/api/commit", { side: this.page.side, turn: this.page.state.game.turn, ready }));
  }

  ask() {
    this.odds = "asked";
    this.refresh();
    this.attempt(async () => {
      try { this.odds = await post("/api/odds", { side: this.page.side, orders: this.draft }); }
      catch (error) { this.odds = null; throw error; }
      finally { this.refresh(); }
    });
  }

  // --- the map ---------------------------------------------------------------------------------------------------------

  choosable() { return this.task && this.options ? new Set(this.options.places[this.task]) : null; }

  arrows() {
    const briefing = this.briefing;
    if (!briefing) return [];
    const where = Object.fromEntries([...briefing.view.formations, ...briefing.view.air].map((unit) => [unit.id, unit.place || unit.airfield]));
    const drawn = (order, standing) => ({ from: where[order.who.split(".").pop()], to: order.target, standing });
    const now = new Set(this.draft.map((order) => order.who));
    return [...this.draft.map((order) => drawn(order, false)), ...briefing.standing.filter((order) => !now.has(order.who)).map((order) => drawn(order, true))].filter((arrow) => arrow.from && arrow.to);
  }

  picked(place) {
    if (this.task && this.options) {
      if (this.options.places[this.task].includes(place)) this.decide(this.task, place);
      else notice(`${this.page.places[place].name} cannot be the target of this order.`);
      return;
    }
    this.picked_forces(place);
  }

  picked_forces(place) {
    if (!this.may_draft) return;
    this.chosen = place;
    const here = this.here(place);
    if (here.length === 1) this.choose(here[0]);
    else if (here.length) { this.pick_from(here); }
    else this.refresh();
  }

  here(place) {
    const units = this.briefing.view.formations.filter((unit) => unit.place === place).map((unit) => unit.id);
    return units.filter((id) => this.briefing.orderable.includes(id));
  }

  pick_from(ids) {
    this.page.tab = "Orders";
    this.refresh();
    const list = document.getElementById("units");
    (document.getElementById("find")?.parentElement || list)?.replaceWith(this.unit_list(ids));
    document.querySelector("#units button")?.focus();
  }

  // Dragging forces to a place: they march there, or attack where only that is possible.
  dropped(from, to) {
    if (!this.may_draft) return;
    this.attempt(async () => {
      const orders = [];
      for (const who of this.here(from)) {
        const options = await get(`/api/options?side=${encodeURIComponent(this.page.side)}&who=${encodeURIComponent(who)}`);
        const task = ["attack", "march"].find((name) => options.places[name]?.includes(to));
        if (task) orders.push({ who, task, target: to });
      }
      if (!orders.length) throw new Error(`None of the forces there can go to ${this.page.places[to].name}.`);
      const moved = new Set(orders.map((order) => order.who));
      this.send([...this.draft.filter((order) => !moved.has(order.who)), ...orders]);
    });
  }
}
