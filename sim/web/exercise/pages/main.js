// The page of a seat: join, then the map beside a panel for the seat's role.

import { at, h, notice, swatch } from "./dom.js";
import { front } from "./front.js";
import { WarMap } from "./map.js";
import { Orders, ROLES } from "./orders.js";
import { facilitator_tabs } from "./facilitator.js";
import { lesson } from "./lesson.js";
import { get, here, listen, post, see } from "./server.js";

const page = { geography: null, state: null, map: null, side: null, tab: null, orders: null };

start().catch((error) => notice(error.message));

async function start() {
  let hello = { title: "An exercise", sides: [], seated: false };
  // A wrong code is said; then one can type another.
  try { hello = await get("/api/hello"); } catch (error) { notice(error.message); }
  for (const node of document.querySelectorAll("[data-title]")) node.textContent = hello.title;
  document.title = `${hello.title} – exercise`;
  if (hello.seated) await play(hello.game);
  else join(hello);
}

function join(hello) {
  at("join").hidden = false;
  const form = document.querySelector("#join form"), code = new URLSearchParams(location.search).get("code");
  if (code) form.code.value = code;
  if (!hello.sides.length) { code_first(form); return; }
  const choice = (value, text, colour) => h("label", {}, h("input", { type: "radio", name: "side", value, required: true }), colour && swatch(colour), text);
  at("join-sides").replaceChildren(
    ...hello.sides.map((side) => choice(side.id, side.name, side.colour)),
    hello.sides.length > 1 ? choice("", "All sides, at one screen (hot seat)") : "",
    choice("projector", "Projector: what everybody may see"));
  // Who chooses a team whose members have roles is asked for one; the rest need none.
  at("join-sides").addEventListener("change", () => {
    const roles = hello.sides.find((side) => side.id === form.side.value)?.roles || [];
    at("join-role").hidden = roles.length < 2;
    form.role.replaceChildren(...roles.map((role) => h("option", { value: role }, role === "commander" ? "commander, if there is none yet" : `${role}: ${ROLES[role]}`)));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const side = form.side.value, role = side === "projector" ? "projector" : form.role.value || "commander";
    try {
      const joined = await post("/api/join", { code: form.code.value, name: form.name.value, side: role === "projector" || !side ? null : side, role });
      await play(joined.game);
    } catch (error) { notice(error.message); }
  });
}

// Several games are open: the code says which of them one joins, and so which teams there are.
function code_first(form) {
  for (const node of form.querySelectorAll("label, fieldset")) if (!node.contains(form.code)) { node.hidden = true; for (const field of node.querySelectorAll("input")) field.disabled = true; }
  form.querySelector("button").textContent = "Go on";
  form.addEventListener("submit", (event) => { event.preventDefault(); location.assign(`/?code=${encodeURIComponent(form.code.value)}`); });
}

async function play(code) {
  see(code);
  history.replaceState(null, "", `/?game=${encodeURIComponent(code)}`);
  at("join").hidden = true;
  page.geography = await get("/api/map");
  page.names = Object.fromEntries(page.geography.sides.map((side) => [side.id, side.name]));
  page.colours = Object.fromEntries(page.geography.sides.map((side) => [side.id, side.colour]));
  page.places = Object.fromEntries(page.geography.places.map((place) => [place.id, place]));
  at("game").hidden = false;
  page.orders = new Orders(page, refresh);
  page.map = new WarMap(at("map"), page.geography, {
    picked: (place) => page.orders.picked(place),
    picked_forces: (place) => page.orders.picked_forces(place),
    dropped: (from, to) => page.orders.dropped(from, to),
  });
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () =>
    ({ in: () => page.map.zoom(1 / 1.4), out: () => page.map.zoom(1.4), front: () => page.map.focus(), fit: () => page.map.fit() })[button.dataset.zoom]()));
  listen(update, (lost) => { at("lost").hidden = !lost; });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && page.orders.who) { page.orders.cancel(); refresh(); } });
  setInterval(clock, 500);
  // The other games tell this page nothing by themselves.
  setInterval(() => { if (page.state?.open?.length > 1) update(); }, 5000);
}

let asking = false, again = false;
async function update() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    do {
      again = false;
      const state = await get("/api/state");
      state.received = performance.now();
      // The facilitator has opened another game: nothing of this page holds there.
      if (page.state && page.state.switches !== state.switches) { location.reload(); return; }
      take(state);
    } while (again);
  } catch (error) {
    // The seat is gone, or the game was closed.
    if (error.status === 401) location.assign("/");
    else if (error.status) notice(error.message);
    else at("lost").hidden = false;
  } finally { asking = false; }
}

function take(state) {
  const before = page.state;
  page.state = state;
  const sides = Object.keys(state.sides || {});
  if (!sides.includes(page.side)) page.side = state.you.role === "facilitator" ? state.teams[0].side : sides[0] || null;
  const new_turn = before && before.game.turn !== state.game.turn;
  if (new_turn || !before) {
    page.orders.cancel();
    page.tab = state.you.role === "facilitator" ? "Room" : state.game.turn > 1 ? "What happened" : "Orders";
  }
  refresh();
  if (new_turn) notice(state.game.over ? "The campaign is over." : `Turn ${state.game.turn}: day ${state.game.day} begins.`);
  page.orders.send_again();
}

function refresh() { keeping_focus(draw_all); }

// Who works with the keyboard stays where he was, though all is drawn anew: on the same button, else on the next choice.
function keeping_focus(redraw) {
  const active = document.activeElement, part = [at("panel"), at("actions"), at("tabs")].find((node) => node.contains(active));
  const name = (node) => Object.values(node.dataset)[0] || node.id || node.getAttribute("aria-label") || node.textContent, was = part && name(active);
  redraw();
  if (!part || part.contains(document.activeElement)) return;
  const same = [...part.querySelectorAll("button, input, select, a, summary")].find((node) => name(node) === was);
  const ordered = page.orders.last && `[data-unit="${CSS.escape(page.orders.last)}"]`;
  const next = ["#tasks button", "#targets button", ordered, "#units button", "button"].map((css) => css && part.querySelector(css)).find(Boolean);
  (same || next)?.focus();
}

function draw_all() {
  const { state } = page;
  head();
  const tabs = tabs_of(), is_projector = state.you.role === "projector";
  at("game").classList.toggle("projector", is_projector);
  at("game").classList.toggle("waiting", is_projector && state.game.phase === "lobby");
  at("tabs").hidden = is_projector;
  if (!tabs[page.tab]) page.tab = Object.keys(tabs)[0];
  at("tabs").replaceChildren(
    ...(state.open?.length > 1 ? [game_choice()] : []),
    ...(Object.keys(state.sides || {}).length > 1 ? [side_choice()] : []),
    ...Object.keys(tabs).map((name) => h("button", { role: "tab", "aria-selected": String(name === page.tab), onclick: () => { page.tab = name; page.orders.cancel(); refresh(); } }, name)));
  const panel = at("panel"), active = document.activeElement;
  // What somebody is typing is left alone.
  if (!(panel.contains(active) && active.matches("input, textarea, select"))) panel.replaceChildren(...shown(tabs[page.tab]()));
  if (page.shown_tab !== page.tab) panel.scrollTop = 0;
  page.shown_tab = page.tab;
  at("actions").replaceChildren(...shown(page.orders.actions()));
  show_map();
}

const shown = (parts) => parts.flat().filter(Boolean);

function tabs_of() {
  const role = page.state.you.role;
  if (role === "projector") return { Room: room };
  const player = {
    Orders: () => page.orders.panel(),
    "What happened": happened,
    Forces: () => page.orders.forces(),
  };
  return role === "facilitator" ? { ...facilitator_tabs(page, refresh), ...player } : player;
}

// The facilitator goes from game to game; each can also have a window of its own.
function game_choice() {
  const { code, open } = page.state;
  const told = (each) => (each.phase === "lobby" ? "not started" : each.phase === "ended" ? "over" : `turn ${each.turn}, teams still deciding: ${each.waiting_for.length}`);
  return h("select", { id: "game-choice", "aria-label": "Game", onchange: (event) => { location.assign(`/?game=${encodeURIComponent(event.target.value)}`); } },
    ...open.map((each) => h("option", { value: each.code, selected: each.code === code }, `${each.title}: ${told(each)}`)));
}

function side_choice() {
  return h("select", { "aria-label": "Side", onchange: (event) => { page.side = event.target.value; page.orders.cancel(); event.target.blur(); refresh(); } },
    ...Object.keys(page.state.sides).map((side) => h("option", { value: side, selected: side === page.side }, page.names[side])));
}

function head() {
  const { game, you, teams } = page.state;
  at("who").replaceChildren(you.side ? swatch(page.colours[you.side]) : "", ` ${you.name}${you.name.toLowerCase() === you.role ? "" : `, ${you.role}`}${you.side ? ` of ${page.names[you.side]}` : ""}`);
  const votes = Object.fromEntries(teams.filter((team) => team.decides === "vote" && !team.staffed).map((team) => [team.side, ` (${team.in_favour} of ${team.seats.length} agree)`]));
  const staffed = Object.fromEntries(teams.filter((team) => team.staffed).map((team) => [team.side, " (its staff uses all the time)"]));
  const waiting = game.waiting_for.map((side) => page.names[side] + (staffed[side] || votes[side] || ""));
  at("waiting").textContent = { lobby: "Waiting for the facilitator to start", ended: "The campaign is over" }[game.phase]
    || (game.paused ? "Paused by the facilitator" : waiting.length ? `Waiting for ${waiting.join(", ")}` : "");
  clock();
}

function clock() {
  if (!page.state) return;
  const { game, received } = page.state;
  const date = new Date(`${game.date}:00Z`).toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  let text = game.over ? `${date} · day ${game.day}` : `Turn ${game.turn} of ${game.turns} · ${date} · day ${game.day}`;
  if (game.seconds_left !== null) {
    const left = Math.max(0, Math.round(game.seconds_left - (performance.now() - received) / 1000));
    text += ` · ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
  }
  if (at("clock").textContent !== text) at("clock").textContent = text;
}

function happened() {
  const { report } = page.state.sides[page.side], messages = page.state.messages;
  return [
    ...(messages.length ? [h("h2", {}, "Messages"), h("ul", { class: "plain" }, messages.slice(-6).reverse().map((message) => h("li", {}, `Turn ${message.turn}${message.to ? `, to ${page.names[message.to]}` : ""}: ${message.text}`)))] : []),
    h("h2", {}, `What you know of turn ${Math.max(1, page.state.game.turn - 1)}`),
    report.length ? h("ul", { class: "plain" }, report.map((line) => h("li", {}, line.text))) : h("p", { class: "muted" }, page.state.game.turn > 1 ? "Nothing that concerns your side." : "The first turn has not been played yet."),
    page.orders.may_draft && h("p", {}, h("button", { class: "main", id: "on", onclick: () => { page.tab = "Orders"; refresh(); } }, "Give orders for this turn")),
    ...review_links(),
  ];
}

// Made once: it would flicker if each refresh loaded it again.
let drawn = null;
const qr = () => drawn ||= h("img", { id: "qr", src: here("/qr.svg"), alt: "The players' address as a QR code" });

function room() {
  const { code, address, teams, game, messages } = page.state;
  return [
    ...(game.phase === "lobby" ? lesson(page.geography) : []),
    h("h2", {}, "Join with this code"), h("div", { id: "code" }, code), h("p", { id: "address" }, address || location.host),
    address ? qr() : h("p", { class: "muted" }, "Only this machine can reach the server."),
    h("h2", {}, "Teams"),
    h("ul", { class: "plain" }, teams.map((team) => h("li", {}, swatch(page.colours[team.side]), ` ${page.names[team.side]}: ${team.staffed ? "its staff" : team.seats.map((seat) => seat.name).join(", ") || "the doctrine"}${team.ready && !game.over ? " – ready" : ""}`))),
    ...messages.slice(-3).map((message) => h("p", {}, message.text)),
    ...review_links(),
  ];
}

function review_links() {
  if (!page.state.game.over) return [];
  return [h("h2", {}, "After the campaign"), h("p", {}, h("a", { href: here("/review"), target: "_blank" }, "After-action review"), " · ",
    h("a", { href: here("/orders.csv") }, "all orders (CSV)"), " · ", h("a", { href: here("/record") }, "record"))];
}

// What the map shows: of a side what it knows; on the projector who holds what.
function show_map() {
  const { state } = page, known = state.sides?.[page.side]?.view;
  page.map.big = state.you.role === "projector" ? 1.5 : 1;
  const control = known ? Object.fromEntries(known.places.map((place) => [place.id, place.control])) : state.control;
  const forces = {};
  const stack = (place, force) => (forces[place] ||= []).push(force);
  // The facilitator may see the forces of all sides at once.
  const is_truth = (state.you.role === "facilitator" && page.truth) || Boolean(state.others);
  // In a game without fog the forces of other sides come beside what one's own side knows.
  const in_field = { ...state.others, ...Object.fromEntries(Object.entries(state.sides || {}).map(([side, { view }]) => [side, view.formations])) };
  for (const side of is_truth ? Object.keys(in_field) : known ? [page.side] : []) {
    const own = {};
    for (const unit of in_field[side]) if (unit.status === "active" || unit.status === "withdrawing") (own[unit.place] ||= []).push(unit);
    for (const [place, units] of Object.entries(own)) {
      const people = units.reduce((sum, unit) => sum + unit.strength, 0);
      const strongest = units.reduce((most, unit) => (unit.strength > most.strength ? unit : most));
      stack(place, { own: side === page.side, side, kind: strongest.kind, count: units.length, title: `${units.length} of ${is_truth ? page.names[side] : "ours"}, ${Math.round(people).toLocaleString()} people: ${units.map((unit) => unit.name).join("; ")}` });
    }
  }
  if (known && !is_truth) {
    for (const place of known.places)
      if (place.report && place.report.power > 0)
        stack(place.id, { colour: "#a11", label: short(place.report.power), title: `enemy: about ${Math.round(place.report.power).toLocaleString()} (${Math.round(place.report.low).toLocaleString()} to ${Math.round(place.report.high).toLocaleString()}), ${place.report.age_days ? `${place.report.age_days} days old` : "now"}` });
  }
  const enemies = known?.places.filter((place) => place.report?.power > 0).map((place) => place.id);
  const played = page.geography.sides.filter((side) => side.played).map((side) => side.id);
  page.map.show({ control, cut: known && new Set(known.cut_roads), forces, colours: page.colours, names: page.names, arrows: page.orders.arrows(), choosable: page.orders.choosable(), chosen: page.orders.chosen },
    front(page.geography, control, enemies?.length ? enemies : null, played));
  at("legend").replaceChildren(...page.geography.sides.filter((side) => Object.values(control).includes(side.id)).map((side) => h("span", {}, swatch(side.colour), ` ${side.name}`)),
    ...(state.you.role === "facilitator" ? [h("label", {}, h("input", { type: "checkbox", id: "truth", checked: page.truth, onchange: (event) => { page.truth = event.target.checked; refresh(); } }), " forces of all sides (the truth)")] : []),
    ...(known && !is_truth ? [h("span", {}, page.map.symbols.inline(page.map.row[page.side], "infantry"), " ours; a number: how many"), h("span", {}, h("span", { class: "pill" }, "1.2k"), " enemy power as reported")] : []),
    ...(state.others ? [h("span", {}, "no fog: the forces of all sides are shown; a number: how many")] : []));
}

const short = (n) => (n >= 10000 ? `${Math.round(n / 1000)}k` : n >= 1000 ? `${(n / 1000).toFixed(1)}k` : String(Math.round(n)));
