// The facilitator's panel: who is there, who waits for whom, and what only he may do.

import { h, notice, swatch } from "./dom.js";
import { lesson } from "./lesson.js";
import { Games } from "./games.js";
import { Injects } from "./injects.js";
import { here, post } from "./server.js";

export function facilitator_tabs(page, refresh) {
  // Whether it was done; a refusal is shown.
  const act = async (what, more = {}) => {
    try { await post("/api/facilitate", { what, ...more }); document.activeElement?.blur(); return true; }
    catch (error) { notice(error.message); return false; }
  };
  const injects = new Injects(page, act, refresh);
  page.games ||= new Games(page, refresh);

  function room() {
    const { code, address, teams, game, seats } = page.state;
    const minutes = h("input", { type: "number", min: 0.2, max: 1440, step: "any", value: game.limit === null ? "" : game.limit / 60, "aria-label": "Minutes for a turn" });
    return [
      page.state.note && h("p", { class: "error" }, page.state.note),
      ...(game.phase === "lobby" ? lesson(page.geography) : []),
      h("p", {}, "Code of the game"), h("div", { id: "code" }, code), h("p", { class: "muted" }, address || location.host, address && " · ", address && h("a", { href: here("/qr.svg"), target: "_blank" }, "QR code")),
      h("div", { class: "row" },
        game.phase === "lobby" ? h("button", { class: "main", id: "start", onclick: () => act("started") }, "Start the game")
          : !game.over && h("button", { class: "main", id: "adjudicate", onclick: () => act("adjudicated", { turn: game.turn }) }, "End this turn now"),
        !game.over && game.phase !== "lobby" && h("button", { onclick: () => act("paused", { on: !game.paused }) }, game.paused ? "Go on" : "Pause")),
      h("h2", {}, "Teams"),
      h("ul", { class: "plain", id: "teams" }, teams.map((team) => h("li", { class: "row" }, h("span", {}, swatch(page.colours[team.side]), ` ${page.names[team.side]}: ${doing(team, game)}`), h("span", { class: "row" }, team.seats.length > 1 && !team.staffed && decides(team), !game.over && plays(team))))),
      h("h2", {}, "Seats"),
      h("ul", { class: "plain" }, seats.map((seat) => h("li", { class: "row" }, h("span", {}, seat.side && swatch(page.colours[seat.side]), ` ${seat.name}${seat.side ? "" : `: ${seat.role}`}`),
        seat.role !== "facilitator" && h("span", { class: "row" },
          seat.side && role_of(seat, teams.find((team) => team.side === seat.side)),
          h("button", { onclick: () => act("freed", { who: seat.number }) }, "Free"))))),
      h("h2", {}, "Time for a turn, minutes"),
      h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); act("limited", { seconds: minutes.value === "" ? null : 60 * Number(minutes.value) }); } }, minutes, h("button", {}, "Set (empty: no limit)")),
      ...(game.over ? [] : difficulty(game)),
      h("h2", {}, "After-action review"),
      h("p", {}, h("a", { href: here("/review"), target: "_blank" }, "Open"), " · ", h("a", { href: here("/orders.csv") }, "all orders (CSV)"), " · ", h("a", { href: here("/record") }, "record")),
    ];
  }

  // What teams are told, and when it makes the game easier or harder.
  const difficulty = ({ fog, odds }) => [h("h2", {}, "Fog and difficulty"), h("div", { class: "row" },
    chosen("Fog of war", [["full", "fog: reports, with age and error"], ["none", "no fog: all forces are seen"]], fog, (value) => act("adjusted", { fog: value, odds })),
    h("label", {}, h("input", { type: "checkbox", id: "odds-shown", checked: odds, onchange: (event) => act("adjusted", { fog, odds: event.target.checked }) }), " teams may ask for odds"))];

  const doing = (team, game) => team.staffed ? "played by its staff" : !team.played ? "played by the doctrine" : team.ready ? "ready" : game.phase !== "orders" ? "here"
    : team.decides === "vote" ? `deciding, ${team.in_favour} of ${team.seats.length} agree` : "deciding";

  const chosen = (label, options, now, act) => h("select", { "aria-label": label, onchange: (event) => act(event.target.value) },
    ...options.map(([value, text]) => h("option", { value, selected: value === now }, text)));

  const decides = (team) => chosen(`How ${page.names[team.side]} decides`, [["commander", "commander commits"], ["vote", "team votes"]], team.decides,
    (how) => act("organised", { side: team.side, decides: how }));

  const plays = (team) => chosen(`Who plays ${page.names[team.side]}`, [["", "people play"], ["at once", "staff, ready at once"], ["at the deadline", "staff, uses all the time"]], team.staffed || "",
    (commits) => act("staffed", { side: team.side, commits: commits || null }));

  const role_of = (seat, team) => chosen(`Role of ${seat.name}`, ["commander", ...new Set([...team.roles, seat.role].filter((role) => role !== "commander"))].map((role) => [role, role]), seat.role,
    (role) => act("moved", { who: seat.number, side: seat.side, role }));

  function control() {
    const { game, messages } = page.state;
    const back = h("input", { type: "number", min: 1, max: game.turn - 1, value: game.turn - 1, "aria-label": "Turn" });
    return [
      ...injects.panel(),
      h("h2", {}, "Go back to the beginning of a turn"),
      game.turn > 1 ? h("div", { class: "row" }, back, h("button", { onclick: () => act("rewound", { to: Number(back.value) }) }, "Go back")) : h("p", { class: "muted" }, "Possible from turn 2 on."),
      h("h2", {}, "Last messages"),
      ...messages.slice(-3).map((message) => h("p", { class: "small muted" }, `Turn ${message.turn}, to ${message.to ? page.names[message.to] : "all"}: ${message.text}`)),
    ];
  }

  return { Room: room, Control: control, Games: () => page.games.panel() };
}
