// The page of a replay: puts the parts together, keeps the moment that is shown, obeys buttons and keys.

import { at, h, s, swatch } from "./dom.js";
import { Campaign, parting, read_data } from "./data.js";
import { Symbols } from "./symbols.js";
import { ReplayMap } from "./map.js";
import { TimeLine } from "./timeline.js";
import { curves } from "./curves.js";
import { Stories } from "./stories.js";
import { Ensemble } from "./ensemble.js";

const page = { beside: null, parted: null, read: 0, tick: 0, playing: 0, tab: "What happens", picked: null, of_all: false, before: [] };
// For those who measure: how long it took to show the last moment, in milliseconds.
window.replay = page;

const PAUSE = "M4 3h3v10H4zM9 3h3v10H9z", FORWARDS = "M4 3l8 5-8 5z", BACKWARDS = "M12 3L4 8l8 5z";

start().catch((error) => document.body.append(h("p", { class: "error", role: "alert" }, `This page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`)));

async function start() {
  const data = page.data = await read_data();
  page.tick_days = data.tick_hours / 24;
  page.campaigns = data.campaigns.map((said) => new Campaign(said, data.lanes));
  page.symbols = new Symbols(data.symbols, data.map.sides);
  page.ensemble = data.ensemble ? new Ensemble(data.ensemble, data.map, page.campaigns[0].ticks, page.tick_days) : null;
  at("replay").hidden = false;
  at("title").textContent = data.title;
  page.still = page.campaigns[0].ticks === 0 && Boolean(data.warnings);
  at("replay").classList.toggle("still", page.still);
  if (page.still) page.tab = "Forces";
  page.stories = new Stories(data, page.symbols, { go: jump, pick });
  page.timeline = new TimeLine(at("timeline"), { go: jump, filtered: () => panel() }, address().marks);
  page.map = new ReplayMap(at("map"), data, page.symbols, pick);
  page.of_all = Boolean(data.of_all);
  if (page.ensemble) at("scope").append(
    scope_button("This campaign", false), scope_button(`All ${page.ensemble.count.toLocaleString("en")} campaigns`, true));
  listen();
  take(0);
  if (data.beside) put_beside(1);
  go(address().tick);
  addEventListener("hashchange", () => { page.timeline.mark_all(address().marks); go(address().tick); });
}

// --- the address -----------------------------------------------------------------------------------------------------

// What stands after the # of the address: the moment and the bookmarks, so that a link and a reload keep them.
function address() {
  const said = new URLSearchParams(location.hash.slice(1)), last = page.campaigns[0].ticks;
  const ticks = (name) => (said.get(name) || "").split(",").filter((text) => /^\d{1,6}$/.test(text)).map(Number).filter((tick) => tick <= last);
  return { tick: ticks("tick")[0] || 0, marks: new Set(ticks("marks")) };
}

let waits;
function keep_address() {
  clearTimeout(waits);
  // Browsers stop pages that change their address too often; in a frame of a notebook it may not be changed at all.
  waits = setTimeout(() => {
    const marks = [...page.timeline.bookmarks].sort((a, b) => a - b).join(","), said = [page.tick && `tick=${page.tick}`, marks && `marks=${marks}`].filter(Boolean).join("&");
    try { history.replaceState(null, "", said || location.hash ? `#${said}` : location.href); } catch { /* then only this page knows them */ }
  }, 250);
}

function take(number) {
  // Of two side by side, the one that is chosen comes to the left, and the other stays beside it.
  if (page.beside === page.campaigns[number]) page.beside = page.campaign;
  page.campaign = page.campaigns[number];
  page.timeline.take(page.campaign, page.data.map.sides, page.tick_days);
  page.parted = page.beside ? parting(page.campaign, page.beside) : null;
  page.timeline.part(page.parted);
  legend();
  go(Math.min(page.tick, page.campaign.ticks));
}

// Another campaign on a map of its own beside the first; again: it goes away.
function put_beside(number) {
  page.beside = page.campaigns[number] === page.beside || page.campaigns[number] === page.campaign ? null : page.campaigns[number];
  at("maps").classList.toggle("two", page.beside !== null);
  if (page.beside && !page.second) {
    const svg = s("svg", { id: "second", role: "group", "aria-label": "Map of the campaign beside it" });
    at("maps").append(svg);
    page.second = new ReplayMap(svg, page.data, page.symbols, (what, row) => { take(page.campaigns.indexOf(page.beside)); pick(what, row); });
  }
  page.parted = page.beside ? parting(page.campaign, page.beside) : null;
  page.timeline.part(page.parted);
  legend();
  go(page.tick);
  panel(true);
}

// --- the moment ------------------------------------------------------------------------------------------------------

function go(tick) {
  const began = performance.now();
  page.tick = Math.max(0, Math.min(page.campaign.ticks, tick));
  page.map.show(page.campaign, page.tick, page.of_all ? page.ensemble.shares : null);
  if (page.beside) page.second.show(page.beside, Math.min(page.tick, page.beside.ticks));
  page.timeline.show(page.tick);
  clock();
  // While it plays nobody reads along: the panel follows four times a second.
  if (!page.playing || performance.now() - page.read > 250) panel();
  keep_address();
  page.milliseconds = performance.now() - began;
}

// Goes somewhere else; `return` comes back.
function jump(tick) {
  if (tick === page.tick) return;
  page.before.push(page.tick);
  go(tick);
}

function clock() {
  const { start, tick_hours } = page.data, date = new Date(`${start}Z`);
  date.setUTCHours(date.getUTCHours() + page.tick * tick_hours);
  const said = date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const hour = date.toISOString().slice(11, 16), ceasefire = page.campaign.film.ceasefire[page.tick] ? " · ceasefire" : "";
  at("clock").textContent = `Day ${(page.tick * page.tick_days).toFixed(2)} · ${said}, ${hour}${ceasefire}`;
}

function play(direction) {
  page.playing = page.playing === direction ? 0 : direction;
  if (page.playing > 0 && page.tick === page.campaign.ticks) go(0);
  if (page.playing < 0 && page.tick === 0) go(page.campaign.ticks);
  page.due = performance.now();
  buttons();
  if (page.playing) requestAnimationFrame(frame);
}

function frame(now) {
  if (!page.playing) return;
  // Steps of a day a second are four ticks of six hours; what a slow machine cannot show it leaves out.
  const wait = 2000 / (Number(at("speed").value) * (1 / page.tick_days)) * 2;
  if (now >= page.due) {
    const steps = Math.max(1, Math.floor((now - page.due) / wait) + 1);
    page.due = Math.max(page.due + steps * wait, now);
    go(page.tick + steps * page.playing);
    if (page.tick === 0 || page.tick === page.campaign.ticks) page.playing = 0;
    if (!page.playing) { buttons(); panel(); }
  }
  if (page.playing) requestAnimationFrame(frame);
}

function buttons() {
  at("play").setAttribute("aria-pressed", String(page.playing > 0));
  at("back").setAttribute("aria-pressed", String(page.playing < 0));
  at("play").querySelector("path").setAttribute("d", page.playing > 0 ? PAUSE : FORWARDS);
  at("back").querySelector("path").setAttribute("d", page.playing < 0 ? PAUSE : BACKWARDS);
}

function mark(direction) {
  const marks = page.timeline.marks();
  const found = direction > 0 ? marks.find((tick) => tick > page.tick) : marks.reverse().find((tick) => tick < page.tick);
  if (found !== undefined) jump(found);
}

function come_back() { if (page.before.length) go(page.before.pop()); }

function listen() {
  const does = {
    play: () => play(1), back: () => play(-1), step: () => go(page.tick + 1), "step-back": () => go(page.tick - 1),
    first: () => jump(0), last: () => jump(page.campaign.ticks), next: () => mark(1), previous: () => mark(-1),
    bookmark: () => { page.timeline.bookmark(page.tick); keep_address(); }, return: come_back,
  };
  for (const [id, act] of Object.entries(does)) at(id).addEventListener("click", act);
  const look = { in: (camera) => camera.zoom(1 / 1.4), out: (camera) => camera.zoom(1.4), fit: (camera) => camera.fit(), decided: (camera) => camera.fit(page.data.map.decided) };
  const zoom = (how) => [page.map, page.second].filter(Boolean).forEach((map) => look[how](map.camera));
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => zoom(button.dataset.zoom));
  const day = () => Math.round(1 / page.tick_days);
  const keys = {
    " ": does.play, b: does.back, ArrowRight: (event) => go(page.tick + (event.shiftKey ? day() : 1)), ArrowLeft: (event) => go(page.tick - (event.shiftKey ? day() : 1)),
    Home: does.first, End: does.last, ".": does.next, ",": does.previous, m: does.bookmark, r: does.return,
    "+": () => zoom("in"), "-": () => zoom("out"), 0: () => zoom("decided"),
  };
  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!keys[key] || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("select, textarea, input:not([type=checkbox])") || (key === " " && event.target.matches("button, summary, input"))) return;
    event.preventDefault();
    keys[key](event);
  });
}

// --- beside the map --------------------------------------------------------------------------------------------------

function pick(what, row) {
  page.picked = what === "stack" && row.units.length === 1 ? { what: "unit", row: row.units[0] } : { what, row };
  page.map.choose(what === "place" ? row : null);
  page.tab = "Selected";
  panel(true);
}

function scope_button(text, of_all) {
  return h("button", { "data-all": String(of_all), "aria-pressed": String(of_all === page.of_all), onclick: () => {
    page.of_all = of_all;
    for (const button of at("scope").children) button.setAttribute("aria-pressed", String(button.dataset.all === String(of_all)));
    go(page.tick);
  } }, text);
}

function tabs() {
  if (page.still) return { Forces: forces, Selected: selected, Warnings: warnings, Key: key };
  const found = { "What happens": happens, Selected: selected, "Strength and will": sides, Key: key };
  if (page.ensemble || page.campaigns.length > 1) found["Among all"] = among;
  return found;
}

// Redrawn with each moment; while a story is read only when something else is chosen.
function panel(anew = false) {
  page.read = performance.now();
  const found = tabs(), shown = `${page.tab} ${page.of_all} ${page.campaign.k} ${page.beside?.k}`;
  if (anew || shown !== page.shown) at("tabs").replaceChildren(...Object.keys(found).map((name) => h("button", { role: "tab", "aria-selected": String(name === page.tab), onclick: () => { page.tab = name; panel(true); } }, name)));
  if (!anew && shown === page.shown && at("panel").querySelector("#find:focus")) return;
  const changes = page.tab !== "Key" && !(page.tab === "Among all" && !page.of_all);
  if (!anew && shown === page.shown && (!changes || at("panel").querySelector("details[open]:hover"))) return;
  const open = page.tab === "Selected" && shown === page.shown && !anew ? [...at("panel").querySelectorAll("details")].map((node) => node.open) : [];
  if (anew || shown !== page.shown) at("panel").scrollTop = 0;
  page.shown = shown;
  at("panel").replaceChildren(...found[page.tab]());
  at("panel").querySelectorAll("details").forEach((node, i) => { if (open[i]) node.open = true; });
}

function happens() {
  const word = page.tick === 0 && page.ensemble?.word(page.campaign.k);
  const alone = page.of_all ? [h("p", { class: "muted" }, `The map shows all campaigns. Choose a place for how often and when it falls. What stands here is campaign ${page.campaign.k} alone.`)] : [];
  const head = word ? [h("p", {}, `Campaign ${page.campaign.k} of ${page.ensemble.count.toLocaleString("en")}: ${word}. "Among all" says how it compares.`)] : [];
  return [...alone, ...head, ...page.stories.so_far(page.campaign, page.tick, (event) => page.timeline.is_shown(event), page.playing ? 12 : 120)];
}

function selected() { return [find(), ...told_of(page.picked)]; }

function told_of(picked) {
  const { stories, campaign, tick } = page;
  if (!picked) return [h("p", { class: "muted" }, "Choose a place or a formation on the map, or find it by its name: its story, and the causes of what happened to it.")];
  if (picked.what === "unit") return stories.unit(campaign, picked.row, tick);
  if (picked.what === "place") {
    if (page.of_all) return page.ensemble.place(picked.row, tick);
    const [name, ...story] = stories.place(campaign, picked.row, tick);
    return [name, page.ensemble && h("p", {}, `In all campaigns: ${page.ensemble.usually(picked.row)}`), ...story].filter(Boolean);
  }
  const now = page.map.groups(tick).get(picked.row.key);
  return now ? stories.stack(campaign, now, tick, page.map.said(now)) : [h("p", { class: "muted" }, "These formations are elsewhere now.")];
}

// A field that finds places and formations by a part of their name.
function find() {
  const list = h("ul", { class: "plain" });
  const field = h("input", { type: "search", id: "find", placeholder: "Find a place or a formation", "aria-label": "Find a place or a formation", oninput: () => {
    const wanted = field.value.trim().toLowerCase(), hits = (rows) => wanted ? rows.map(({ name }, row) => [name, row]).filter(([name]) => name.toLowerCase().includes(wanted)).slice(0, 8) : [];
    list.replaceChildren(...[["place", page.data.map.places], ["unit", page.data.units]].flatMap(([what, rows]) => hits(rows).map(([name, row]) => h("li", {}, h("button", { class: "unit", onclick: () => pick(what, row) }, h("span", {}, name))))));
  } });
  return h("div", {}, field, list);
}

// What each side has before anything runs.
function forces() {
  const { units, wings } = page.campaign.film, sum = (rows, of) => rows.reduce((total, row) => total + of(row), 0);
  const rows = page.data.map.sides.map((side, i) => {
    const own = [...page.data.units.keys()].filter((row) => page.data.units[row].side === i && units.strength.at(row, 0) > 0);
    const flown = [...page.data.wings.keys()].filter((row) => page.data.wings[row].side === i);
    const places = page.data.map.places.filter((_, row) => page.campaign.film.places.control.at(row, 0) === i).length;
    return [side, places, own.length, sum(own, (row) => units.strength.at(row, 0)), sum(flown, (row) => wings.aircraft.at(row, 0)) / 10];
  });
  return [h("h2", {}, "Before anything runs"), h("table", {}, h("caption", {}, "What each side has, as the scenario says it"),
    h("thead", {}, h("tr", {}, ...["side", "places", "units", "people", "aircraft"].map((name, i) => h("th", { class: i ? "n" : "" }, name)))),
    h("tbody", {}, ...rows.map(([side, ...numbers]) => h("tr", {}, h("th", { scope: "row" }, swatch(side.colour), ` ${side.name}`), ...numbers.map((value) => h("td", { class: "n" }, Math.round(value).toLocaleString("en"))))))),
    h("p", { class: "muted" }, "Choose a place or a symbol for what stands there.")];
}

function warnings() {
  const said = page.data.warnings;
  return [h("h2", {}, `${said.length} warning${said.length === 1 ? "" : "s"}`), said.length ? h("ul", { class: "plain" }, said.map((text) => h("li", {}, text))) : h("p", {}, "Nothing in the scenario is strange.")];
}

function sides() {
  const { film } = page.campaign, listed = page.data.map.sides.map((side, i) => ({ ...side, i })).filter(({ i }) => Math.max(...film.sides.strength.of(i)) > 0);
  const most = Math.max(1, ...listed.map(({ i }) => Math.max(...film.sides.strength.of(i))));
  const lines = (column, scale) => listed.map(({ name, colour, i }, n) => ({ name, colour, values: [...film.sides[column].of(i)].map((value) => value / scale), dash: n > 3 ? "5 3" : null }));
  const more = { tick: page.tick, tick_days: page.tick_days };
  return [curves({ title: "Strength: people under arms", lines: lines("strength", 1), most, said: (value) => Math.round(value).toLocaleString("en"), unit: "people", ...more }),
    curves({ title: "Will to go on, 0 to 1", lines: lines("will", 1000), most: 1, said: (value) => value.toFixed(2), unit: "will", ...more })];
}

function among() {
  const name = (campaign) => campaign.label === "this campaign" ? `Campaign ${campaign.k}` : `${campaign.label[0].toUpperCase()}${campaign.label.slice(1)}: campaign ${campaign.k}`;
  const others = page.campaigns.filter((campaign) => campaign !== page.campaign);
  const choices = page.campaigns.map((campaign, i) => h("button", { "aria-pressed": String(campaign === page.campaign), onclick: () => { take(i); panel(true); } },
    name(campaign)));
  return [h("h2", {}, `Campaign ${page.campaign.k}${page.ensemble ? ` of ${page.ensemble.count.toLocaleString("en")}` : ""}`),
    ...(page.ensemble ? page.ensemble.typical(page.campaign.k) : []),
    ...(choices.length > 1 ? [h("h2", {}, "Show another campaign of this run"), h("div", { class: "choices" }, ...choices),
      h("h2", {}, "Put another beside it"), h("div", { class: "choices beside" }, ...others.map((campaign) => h("button", { "aria-pressed": String(campaign === page.beside), onclick: () => put_beside(page.campaigns.indexOf(campaign)) }, name(campaign)))),
      ...differences()] : [])];
}

// What sets two campaigns apart: when they part, and which places fall on other days.
function differences() {
  if (!page.beside) return [];
  const first = (campaign) => { const days = new Map(); for (const event of campaign.events) if (event.kind === "fell" || event.kind === "rose") if (!days.has(event.place)) days.set(event.place, event.tick); return days; };
  const [here, there] = [first(page.campaign), first(page.beside)], day = (tick) => tick === undefined ? "never" : page.stories.day(tick);
  const rows = page.data.map.places.map((place, i) => [place.name, here.get(i), there.get(i)]).filter(([, a, b]) => a !== b).sort((a, b) => Math.min(a[1] ?? 1e9, a[2] ?? 1e9) - Math.min(b[1] ?? 1e9, b[2] ?? 1e9));
  return [h("p", {}, page.parted === null ? "The same happens in both." : "They part on ", page.parted === null ? "" : h("button", { class: "when", onclick: () => jump(page.parted) }, page.stories.day(page.parted)), page.parted === null ? "" : ": from then on not the same things happen."),
    h("table", {}, h("caption", {}, "When a place first changes hands"), h("thead", {}, h("tr", {}, h("th", {}, "place"), h("th", {}, `campaign ${page.campaign.k}`), h("th", {}, `campaign ${page.beside.k}`))),
      h("tbody", {}, ...rows.map(([place, a, b]) => h("tr", {}, h("th", { scope: "row" }, place), h("td", {}, day(a)), h("td", {}, day(b))))))];
}

function key() {
  const { symbols, data } = page, friend = data.map.sides.findIndex((side) => side.frame === "friend"), first = Math.max(0, friend);
  return [h("h2", {}, "Sides"), h("ul", { class: "plain" }, data.map.sides.map((side, i) => h("li", {}, symbols.inline(i, "infantry"), ` ${side.name}`))),
    h("p", { class: "small muted" }, `A rectangle stands for ${data.map.sides[first].name} and its allies, a diamond for those hostile to it, a square for others.`),
    h("h2", {}, "Formations"), h("ul", { class: "plain" }, Object.entries(data.symbols.meaning).map(([icon, meaning]) => h("li", {}, symbols.inline(first, icon), ` ${meaning}`)),
      h("li", {}, symbols.inline(first, "infantry", true), " broken: on its way to the rear, or resting there")),
    h("p", {}, "A number on a symbol: so many formations stand there. Red angles beside it: they fight."),
    h("h2", {}, "Places"), h("p", {}, "A disc has the colour of who holds the place. A dashed ring: invested, most roads are closed. A full ring: cut off. An orange star: air strikes. Violet around it: people who fled."),
    ...(page.still ? [h("p", {}, "A small square beside a disc: a depot. A triangle: a rear base. A cross: an airfield.")] : []),
    h("h2", {}, "Keys"), h("table", {}, h("tbody", {}, ...[["space bar", "play, pause"], ["B", "play backwards"], ["← →", "one step"], ["Shift + ← →", "a day"], [", .", "mark before, next mark"], ["Home End", "start, end"], ["M", "bookmark"], ["R", "return to where you were"], ["+ − 0", "zoom, fit"]].map(([keys, what]) => h("tr", {}, h("td", {}, h("kbd", {}, keys)), h("td", {}, what))))),
    h("p", { class: "small muted" }, `${data.scenario}${page.still ? "" : `, campaign ${page.campaign.k}, seed ${page.campaign.seed}`}. Orontes ${data.version}. Land and borders: Natural Earth, public domain.`)];
}

function legend() {
  at("legend").replaceChildren(...(page.beside ? [h("b", {}, `Left or above: campaign ${page.campaign.k}. Right or below: campaign ${page.beside.k}.`)] : []), ...page.data.map.sides.map((side) => h("span", {}, swatch(side.colour), ` ${side.name}`)),
    h("span", { class: "muted" }, `Choose a place or a symbol for ${page.still ? "what stands there" : "its story"}.`));
}
