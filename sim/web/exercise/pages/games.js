// The games of the folder: branch this one, open another, put one away.

import { h, notice } from "./dom.js";
import { get, post } from "./server.js";

export class Games {
  constructor(page, refresh) { Object.assign(this, { page, refresh, list: null, sure: null }); }

  // Asked for once, and again after each change.
  async load() {
    try { this.list = (await get("/api/games")).games; } catch (error) { notice(error.message); this.list = []; }
    this.refresh();
  }

  async act(said, done) {
    try {
      const { game } = await post("/api/games", said);
      if (game !== this.page.state.code) { location.assign(`/?game=${encodeURIComponent(game)}`); return; }
      this.sure = null;
      if (done) notice(done);
    } catch (error) { notice(error.message); }
    this.load();
  }

  panel() {
    if (!this.list) { this.list = []; this.load(); }
    const { game, open } = this.page.state, beside = h("input", { maxlength: 40, placeholder: `Group ${open.length + 1}`, "aria-label": "Name of the game beside" });
    const turn = h("input", { type: "number", min: 1, max: game.turn, value: Math.max(1, game.turn - 1), "aria-label": "From turn" });
    const name = h("input", { maxlength: 40, placeholder: "name of the new game", "aria-label": "Name of the new game" });
    const now = this.list.filter((each) => !each.archived), archived = this.list.filter((each) => each.archived);
    return [
      h("h2", {}, `This game: ${game.title}`),
      h("h2", {}, "Side by side"),
      h("p", { class: "small muted" }, "A game of the same scenario for another group: with its own code, its own seats, and this one's settings."),
      h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); this.act({ do: "new", name: beside.value || beside.placeholder }); } }, beside, h("button", { id: "new" }, "New game beside this")),
      open.length > 1 && h("ul", { class: "plain", id: "open" }, open.map((each) => this.open_row(each))),
      h("h2", {}, "Branch"),
      h("p", { class: "small muted" }, "A new game beside this one: it stands at the beginning of the turn, with the same seats. This game stays as it is."),
      game.phase === "lobby" ? h("p", { class: "muted" }, "Possible when the game has started.")
        : h("form", { class: "fields", onsubmit: (event) => { event.preventDefault(); this.act({ do: "branch", turn: Number(turn.value), name: name.value }, "The new game is in the list."); } },
          h("label", {}, "From the beginning of turn ", turn), name, h("button", { id: "branch" }, "Branch")),
      h("h2", {}, "Other games"),
      now.length ? h("ul", { class: "plain", id: "games" }, now.map((each) => this.row(each))) : h("p", { class: "muted" }, "None."),
      archived.length && h("h2", {}, "Archive"), archived.length && h("ul", { class: "plain", id: "archive" }, archived.map((each) => this.row(each))),
    ];
  }

  open_row(each) {
    const told = [each.code, each.turn && each.phase !== "lobby" ? `turn ${each.turn}` : "not started", `${each.seats} ${each.seats === 1 ? "seat" : "seats"}`];
    return h("li", { class: "row" }, h("span", {}, h("a", { href: `/?game=${encodeURIComponent(each.code)}` }, each.title), h("br"), h("small", { class: "muted" }, told.join(" · "))),
      h("button", { onclick: () => this.act({ do: "leave", code: each.code }) }, "Close"));
  }

  row(each) {
    const { file } = each, does = (what, text) => h("button", { onclick: () => this.act({ do: what, file }) }, text);
    const told = [each.problem || (each.turn ? `turn ${each.turn}` : "not started"), each.seats && `${each.seats} seats`, each.branch_of && `branched from turn ${each.branch_of[1]}`, file];
    const actions = each.archived
      ? [does("restore", "Put back"), this.sure === file ? does("delete", "Delete for good") : h("button", { onclick: () => { this.sure = file; this.refresh(); } }, "Delete …")]
      : [!each.problem && does("open", "Open"), does("beside", "Open beside"), does("archive", "Archive")];
    return h("li", { class: "row" }, h("span", {}, each.title, h("br"), h("small", { class: "muted" }, told.filter(Boolean).join(" · "))), h("span", { class: "row" }, actions));
  }
}
