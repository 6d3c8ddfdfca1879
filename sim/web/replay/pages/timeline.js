// The time line: a lane for each sort of event, a bar for each tick in which some happened; a click goes there.

import { h, s } from "./dom.js";

const LABELS = { ground: "Places", formations: "Formations", air: "Air", events: "Events" };
const MEANING = {
  ground: "places that fall or rise, rule that collapses", formations: "formations that break, surrender, are thrown back or destroyed",
  air: "air strikes, aircraft lost with their base", events: "events of the scenario, ceasefires, orders, assaults, cut-off places, arrivals",
};
const LANE = 18;

export class TimeLine {
  // `go(tick)`: a person chose a moment. `filtered()`: lanes were shown or hidden. `bookmarks`: ticks.
  constructor(node, { go, filtered }, bookmarks) {
    this.does = { go, filtered };
    this.off = new Set();
    this.bookmarks = bookmarks;
    this.lanes = Object.keys(LABELS).map((lane) => {
      const box = h("input", { type: "checkbox", checked: true, onchange: () => { this.off[box.checked ? "delete" : "add"](lane); row.classList.toggle("off", !box.checked); filtered(); } });
      const svg = s("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
      const row = h("div", { class: "lane" }, h("label", { title: MEANING[lane] }, box, LABELS[lane]), svg);
      svg.addEventListener("click", (event) => go(this.#nearest(lane, event.offsetX / svg.getBoundingClientRect().width)));
      return { lane, svg, row };
    });
    this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Day of the campaign", id: "slider", oninput: () => go(Number(this.slider.value)) });
    this.days = h("div", { class: "days", "aria-hidden": "true" });
    node.replaceChildren(...this.lanes.map(({ row }) => row), h("div", { class: "lane slide" }, h("label", { for: "slider" }, "Day"), h("div", {}, this.slider, this.days)));
  }

  is_shown(event) { return event.lane && !this.off.has(event.lane); }

  // Ticks with a mark that is not hidden, in order.
  marks() {
    const ticks = new Set(this.bookmarks);
    for (const event of this.campaign.events) if (this.is_shown(event)) ticks.add(event.tick);
    return [...ticks].sort((a, b) => a - b);
  }

  take(campaign, sides, tick_days) {
    this.campaign = campaign;
    const ticks = campaign.ticks + 1;
    this.slider.max = campaign.ticks;
    this.at = {};
    for (const { lane, svg } of this.lanes) {
      const by_tick = new Map();
      for (const event of campaign.events) if (event.lane === lane) (by_tick.get(event.tick) || by_tick.set(event.tick, []).get(event.tick)).push(event);
      if (lane === "air") campaign.strikes.forEach((count, tick) => { if (count && !by_tick.has(tick)) by_tick.set(tick, []); });
      this.at[lane] = by_tick;
      const most = Math.max(1, ...[...by_tick.values()].map((events) => events.length)), strikes = Math.max(1, ...campaign.strikes);
      svg.setAttribute("viewBox", `0 0 ${ticks} ${LANE}`);
      svg.replaceChildren(...[...by_tick].map(([tick, events]) => {
        const share = lane === "air" ? campaign.strikes[tick] / strikes : Math.sqrt(events.length / most), high = 3 + (LANE - 3) * share;
        const title = [lane === "air" && campaign.strikes[tick] && `${Math.round(campaign.strikes[tick] / 10)} air strikes`, ...events.slice(0, 6).map((event) => event.text), events.length > 6 && `and ${events.length - 6} more`].filter(Boolean);
        const bar = s("rect", { class: `bar ${lane}`, x: tick + 0.14, y: LANE - high, width: 0.72, height: high }, s("title", {}, `Day ${(tick * tick_days).toFixed(2)}: ${title.join("; ")}`));
        const side = lane === "ground" && events[0].side >= 0 ? sides[events[0].side].colour : null;
        if (side) bar.style.fill = side;
        return bar;
      }), s("line", { class: "now", y1: 0, y2: LANE, "vector-effect": "non-scaling-stroke" }));
    }
    const days = campaign.ticks * tick_days, step = days > 40 ? 10 : days > 20 ? 5 : days > 8 ? 2 : 1, shown = [];
    for (let day = 0; day <= days + 1e-9; day += step) {
      const mark = h("span", {}, String(day));
      mark.style.left = `${100 * (day / tick_days + 0.5) / ticks}%`;
      shown.push(mark);
    }
    this.day_marks = shown;
    this.#draw_bookmarks();
  }

  show(tick) {
    this.slider.value = tick;
    for (const { svg } of this.lanes) { const now = svg.lastChild; now.setAttribute("x1", tick + 0.5); now.setAttribute("x2", tick + 0.5); }
  }

  bookmark(tick) {
    this.bookmarks[this.bookmarks.has(tick) ? "delete" : "add"](tick);
    this.#draw_bookmarks();
  }

  // All bookmarks at once.
  mark_all(bookmarks) {
    this.bookmarks = bookmarks;
    this.#draw_bookmarks();
  }

  // The tick in which the campaign beside it goes another way; null: none is beside it, or it never does.
  part(tick) { this.parted = tick; this.#draw_bookmarks(); }

  #draw_bookmarks() {
    const ticks = this.campaign.ticks + 1;
    const mark = (tick, sign, what, kind) => {
      const button = h("button", { class: kind, title: what, "aria-label": what, onclick: () => this.does.go(tick) }, sign);
      button.style.left = `${100 * (tick + 0.5) / ticks}%`;
      return button;
    };
    const parted = this.parted === null || this.parted === undefined ? [] : [mark(this.parted, "◆", "Here the two campaigns part", "parted")];
    this.days.replaceChildren(...this.day_marks, ...[...this.bookmarks].sort((a, b) => a - b).map((tick) => mark(tick, "★", "Go to this bookmark", "bookmark")), ...parted);
  }

  #nearest(lane, share) {
    const wanted = Math.max(0, Math.min(this.campaign.ticks, share * (this.campaign.ticks + 1) - 0.5)), near = 1.5;
    const found = [...this.at[lane].keys()].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
    return found !== undefined && Math.abs(found - wanted) <= near ? found : Math.round(wanted);
  }
}
