"use strict";

const WAIT = 400;  // ms after the last key, before the drafts are checked
const byId = (id) => document.getElementById(id);
const key = new URLSearchParams(location.search).get("key");
const editor = byId("editor"), gutter = byId("gutter"), list = byId("told").querySelector("ul");
const frame = byId("map").querySelector("iframe");
let saved = {}, drafts = {}, open = "", told = [], timer = 0, asked = 0;

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

function showTabs() {
    byId("tabs").replaceChildren(...Object.keys(drafts).map((name) => {
        const tab = document.createElement("button");
        tab.textContent = name;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(name === open));
        tab.classList.toggle("unsaved", isUnsaved(name));
        tab.onclick = () => openFile(name);
        return tab;
    }));
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

function openFile(name) {
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
        say(counted.join(", ") || "no mistakes");
    } catch (error) {
        say(`cannot check: ${error.message}`);
    }
    showTold();
    showGutter();
}

async function save() {
    try {
        const { saved: names } = await ask("save", drafts);
        for (const name of names) saved[name] = drafts[name];
        say(`saved ${names.join(", ") || "nothing: no file has changed"}`);
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
