// All campaigns of the ensemble: shares of control by day, fall times, and where the shown campaign lies among them.

import { h } from "./dom.js";
import { Column } from "./data.js";
import { curves } from "./curves.js";

export class Ensemble {
  constructor(said, map, ticks, tick_days) {
    Object.assign(this, { said, map, ticks, tick_days, count: said.replicates });
    this.control = new Column(said.control, ticks + 1);
    this.falls = new Column(said.falls, ticks + 1);
  }

  of(place, tick) { return this.map.sides.map((_, side) => this.control.at(place * this.map.sides.length + side, tick) / this.count); }

  said_of(place, tick) {
    const shares = this.of(place, tick).map((share, side) => [share, this.map.sides[side].name]).filter(([share]) => share > 0).sort((a, b) => b[0] - a[0]);
    return `${this.map.places[place].name}: ${shares.map(([share, name]) => `${name} in ${frequency(share)}`).join(", ")}`;
  }

  // What the map asks for.
  get shares() { return { of: (place, tick) => this.of(place, tick), said: (place, tick) => this.said_of(place, tick) }; }

  // How often and when the first holder loses a place, in one sentence.
  usually(row) {
    const falls = [...this.falls.of(row)], last = falls[falls.length - 1];
    if (!last) return "Its first holder never loses it.";
    const half = falls.findIndex((count) => count >= this.count / 2) * this.tick_days;
    return `Its first holder loses it in ${frequency(last / this.count)}; ${last >= this.count / 2 ? `in half of all campaigns by day ${half.toFixed(1)}` : "in more than half of all campaigns not before the end"}.`;
  }

  place(row, tick) {
    const falls = [...this.falls.of(row)], name = this.map.places[row].name;
    const parts = [h("h2", {}, name), h("p", {}, `${this.said_of(row, tick).slice(name.length + 2)} on day ${(tick * this.tick_days).toFixed(2).replace(/\.?0+$/, "")}.`)];
    parts.push(h("p", {}, this.usually(row)));
    if (!falls[falls.length - 1]) return parts;
    parts.push(curves({ title: "Share of campaigns in which it has fallen", lines: [{ name, colour: "#0b5cad", values: falls.map((count) => count / this.count) }],
      tick, tick_days: this.tick_days, most: 1, said: (value) => `${Math.round(100 * value)} %`, unit: "fallen" }));
    return parts;
  }

  // How ordinary a campaign is, in a word.
  word(k) {
    const share = this.said.standing[k]?.more_ordinary;
    return share === undefined ? null : share < 0.25 ? "very ordinary" : share < 0.6 ? "ordinary" : share < 0.9 ? "unusual" : "an extreme case";
  }

  // The same in more words, and in figures.
  typical(k) {
    const found = this.said.standing[k];
    if (!found) return [h("p", { class: "muted" }, "The run reports nothing in which its campaigns differ.")];
    const share = found.more_ordinary, closer = share ? `Of 100 campaigns, ${share < 0.01 ? "fewer than 1 lies" : `${Math.round(100 * share)} lie`} closer to the middle of all reported outcomes.` : "No other campaign lies closer to the middle of all reported outcomes.";
    const luck = this.said.side && (found.better < 0.5 ? `For ${this.said.side} it went better than ${of_hundred(1 - found.better)}.` : `For ${this.said.side} it went worse than ${of_hundred(found.better)}.`);
    return [h("p", {}, h("b", {}, `This campaign is ${this.word(k)}. `), `${closer} ${luck || ""}`),
      h("table", {}, h("caption", {}, "Each outcome here, and in the middle of all campaigns"),
        h("thead", {}, h("tr", {}, h("th", {}, "outcome"), h("th", { class: "n" }, "here"), h("th", { class: "n" }, "middle"), h("th", {}, "here it is"))),
        h("tbody", {}, ...found.outcomes.map(([what, here, middle, among]) => h("tr", {}, h("th", { scope: "row" }, what), h("td", { class: "n" }, here), h("td", { class: "n" }, middle), h("td", {}, among)))))];
  }
}

export function frequency(share) {
  if (share > 0 && share < 0.01) return "less than 1 of 100 campaigns";
  if (share < 1 && share > 0.99) return "more than 99 of 100 campaigns";
  return `${Math.round(100 * share)} of 100 campaigns`;
}

function of_hundred(share) { return share > 0.995 ? "nearly all" : `${Math.round(100 * share)} of 100`; }
