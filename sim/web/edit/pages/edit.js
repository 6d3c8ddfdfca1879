"use strict";

const WAIT = 400;  // ms after the last key, before the drafts are checked
const byId = (id) => document.getElementById(id);
const key = new URLSearchParams(location.search).get("key");
const editor = byId("editor"), gutter = byId("gutter"), list = byId("told").querySelector("ul");
const frame = byId("map").querySelector("iframe");
const SECTIONS = ["places", "roads", "formations"];  // that have a table
const MOST_ROWS = 300;  // shown at once; the filter finds the others
let saved = {}, drafts = {}, open = "", told = [], timer = 0, asked = 0, written = "";
let section = "", grid = null, added = {};  // the table that is shown, and columns that somebody wants to see in it

async function ask(path, body) {
    const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const answer = await fetch(`${path}?key=${encodeURIComponent(key)}`, options);
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said;
}

function say(text) { byId("state").textContent = text; }

const count = (number, what) => number && `${number} ${what}${number === 1 ? "" : "s"}`;

const isUnsaved = (name) => drafts[name] !== saved[name];

/** A file without its folder, where no other file has the same name. */
function shortName(name) {
    const last = (path) => path.split("/").pop();
    return Object.keys(drafts).filter((other) => last(other) === last(name)).length > 1 ? name : last(name);
}

function showTabs() {
    byId("tabs").replaceChildren(...Object.keys(drafts).map((name) => {
        const tab = document.createElement("button");
        tab.textContent = shortName(name);
        tab.title = name;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(!section && name === open));
        tab.classList.toggle("unsaved", isUnsaved(name));
        tab.onclick = () => openFile(name);
        return tab;
    }));
    byId("grids").replaceChildren(...SECTIONS.map((name) => {
        const tab = document.createElement("button");
        tab.textContent = `${name[0].toUpperCase()}${name.slice(1)} table`;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(name === section));
        tab.onclick = () => openGrid(name);
        return tab;
    }));
    byId("frame").hidden = Boolean(section);
    byId("table").hidden = !section;
    byId("save").disabled = !Object.keys(drafts).some(isUnsaved);
}

function showGutter() {
    const worst = new Map();
    for (const one of told) {
        if (one.file === open && worst.get(one.line) !== "mistake") worst.set(one.line, one.kind);
    }
    const lines = editor.value.split("\n").length;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
        const number = document.createElement("div");
        number.textContent = String(at + 1);
        if (worst.has(at + 1)) number.className = worst.get(at + 1);
        return number;
    }));
    gutter.scrollTop = editor.scrollTop;
}

function showTold() {
    list.replaceChildren(...told.map((one) => {
        const item = document.createElement("li");
        item.className = one.kind;
        item.tabIndex = 0;
        const place = document.createElement("span");
        place.className = "place";
        place.textContent = `${one.file}${one.line ? `:${one.line}:${one.column}` : ""} `;
        const hint = one.hint ? `; did you mean ${one.hint}?` : "";
        item.append(place, `${one.path ? `${one.path}: ` : ""}${one.message}${hint}`);
        item.onclick = () => goTo(one);
        item.onkeydown = (event) => { if (event.key === "Enter") goTo(one); };
        return item;
    }));
}

/** Where a line begins in the text; a table's column is a cell, so only the column of other files counts letters. */
function goTo(one) {
    if (!(one.file in drafts)) return;
    openFile(one.file);
    const lines = editor.value.split("\n");
    const start = lines.slice(0, Math.max(0, one.line - 1)).reduce((sum, line) => sum + line.length + 1, 0);
    const letters = /\.(csv|tsv)$/.test(one.file) ? 0 : Math.max(0, one.column - 1);
    editor.focus();
    editor.setSelectionRange(start + letters, start + (lines[one.line - 1] || "").length);
    editor.scrollTop = Math.max(0, (one.line - 5) * parseFloat(getComputedStyle(editor).lineHeight));
}

/** Mistakes and warnings by row and column of the table. */
function marks() {
    const found = new Map();
    for (const one of told) {
        const [part, row, ...column] = one.path.split(".");
        if (part === section) found.set(`${row} ${column.join(".")}`, one);
    }
    return found;
}

function showGrid() {
    if (!grid) return;
    const columns = [...grid.columns, ...(added[section] || []).filter((name) => !grid.columns.includes(name))];
    const head = document.createElement("tr");
    for (const name of [grid.keys.join(" - "), ...columns]) {
        const cell = document.createElement("th");
        cell.textContent = name;
        head.append(cell);
    }
    const wanted = byId("filter").value.toLowerCase();
    const all = grid.rows.map((row, at) => [row, at]);
    const rows = wanted ? all.filter(([row]) => JSON.stringify([row.keys, row.values]).toLowerCase().includes(wanted)) : all;
    const shown = rows.slice(0, MOST_ROWS).map(([row, at]) => {
        const line = document.createElement("tr");
        const title = document.createElement("th");
        title.textContent = row.keys.join(" - ");
        title.title = row.file;
        line.append(title);
        for (const name of columns) {
            const cell = document.createElement("td"), input = document.createElement("input");
            input.value = row.values[name] ?? "";
            input.placeholder = row.else[name] ?? "";
            input.setAttribute("aria-label", `${name} of ${row.keys.join(" - ")}`);
            input.style.width = `${Math.min(26, Math.max(name.length, input.value.length, input.placeholder.length) + 2)}ch`;
            input.dataset.place = `${section === "roads" ? at : row.keys[0]} ${name}`;
            input.onchange = () => setCell(row, name, input);
            input.onkeydown = (event) => move(event, input);
            cell.append(input);
            line.append(cell);
        }
        return line;
    });
    byId("cells").querySelector("thead").replaceChildren(head);
    byId("cells").querySelector("tbody").replaceChildren(...shown);
    showMarks();
    const offers = grid.more.filter((name) => !columns.includes(name));
    byId("more").replaceChildren(new Option("Add a column ...", ""), ...offers.map((name) => new Option(name, name)));
    if (rows.length > MOST_ROWS) say(`${MOST_ROWS} of ${rows.length} rows are shown: filter`);
}

/** Enter and the arrows go to the cell below or above. */
function move(event, input) {
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const cell = input.closest("td"), row = cell.parentElement;
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    event.preventDefault();
    (next ? next.children[cell.cellIndex].querySelector("input") : input).focus();
    if (!next) input.blur();
}

async function setCell(row, column, input) {
    const asking = { texts: drafts, file: row.file, section, keys: row.keys, column, value: input.value };
    try {
        Object.assign(drafts, await ask("cell", asking));
        row.values[column] = input.value.trim();
        showTabs();
        await check();
    } catch (error) {
        input.value = row.values[column] ?? "";
        say(error.message);
    }
}

async function openGrid(name) {
    section = name;
    showTabs();
    await loadGrid();
}

/** The table as the drafts have it now; a cell that is being typed in is left alone. */
async function loadGrid() {
    try {
        grid = await ask("grid", { texts: drafts, section });
    } catch (error) {
        say(error.message);
        return;
    }
    showGrid();
}

byId("filter").oninput = showGrid;
byId("more").onchange = () => {
    (added[section] ??= []).push(byId("more").value);
    showGrid();
};

function openFile(name) {
    section = "";
    open = name;
    editor.value = drafts[name];
    editor.scrollTop = 0;
    showTabs();
    showGutter();
}

async function check() {
    const number = ++asked;
    say("checking ...");
    try {
        const found = await ask("check", drafts);
        if (number !== asked) return;  // something was typed meanwhile
        told = found.told;
        if (found.map) frame.srcdoc = found.map;
        byId("map").classList.toggle("old", !found.map);
        const mistakes = told.filter((one) => one.kind === "mistake").length;
        const warnings = told.length - mistakes;
        const counted = [count(mistakes, "mistake"), count(warnings, "warning")].filter(Boolean);
        const all = Object.keys(drafts).some(isUnsaved) ? "" : written;
        say([all, counted.join(", ") || "no mistakes"].filter(Boolean).join("; "));
    } catch (error) {
        say(`cannot check: ${error.message}`);
    }
    showTold();
    showGutter();
    if (section) showMarks();
}

/** The colours of mistakes in the table, without touching what somebody types. */
function showMarks() {
    const wrong = marks();
    for (const input of byId("cells").querySelectorAll("td input")) {
        const one = wrong.get(input.dataset.place);
        input.classList.toggle("mistake", one?.kind === "mistake");
        input.classList.toggle("warning", one?.kind === "warning");
        input.title = one ? one.message : "";
    }
}

async function save() {
    try {
        const { saved: names } = await ask("save", drafts);
        for (const name of names) saved[name] = drafts[name];
        written = `saved ${names.join(", ") || "nothing: no file has changed"}`;
        say(written);
    } catch (error) {
        say(error.message);
    }
    showTabs();
}

editor.oninput = () => {
    drafts[open] = editor.value;
    showTabs();
    showGutter();
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
};
editor.onscroll = () => { gutter.scrollTop = editor.scrollTop; };
byId("save").onclick = save;
document.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); save(); }
};
window.onbeforeunload = (event) => { if (Object.keys(drafts).some(isUnsaved)) event.preventDefault(); };

ask("texts").then(({ scenario, files }) => {
    byId("title").textContent = scenario;
    document.title = scenario;
    saved = files;
    drafts = { ...saved };
    openFile(scenario in drafts ? scenario : Object.keys(drafts)[0]);
    check();
}, (error) => say(error.message));
