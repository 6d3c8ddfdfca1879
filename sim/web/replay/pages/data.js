// The data of the page: unpacked once, then read by entity and tick.

export async function read_data() {
  const bytes = Uint8Array.from(atob(document.getElementById("data").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// Numbers of entities by tick, as they are packed: of each entity the first number, then by how much each is more.
export class Column {
  constructor(packed, rows) {
    this.rows = rows;
    this.count = packed.length / rows;
    this.numbers = new Int32Array(packed.length);
    for (let i = 0; i < packed.length; i++) this.numbers[i] = packed[i] + (i % rows ? this.numbers[i - 1] : 0);
  }

  at(entity, tick) { return this.numbers[entity * this.rows + tick]; }

  // All numbers of one entity.
  of(entity) { return this.numbers.subarray(entity * this.rows, (entity + 1) * this.rows); }
}

// One campaign, ready to be read: `film.units.strength.at(unit, tick)`; events with their number, tick and lane.
export class Campaign {
  constructor(said, lanes) {
    Object.assign(this, { k: said.k, seed: said.seed, label: said.label, ticks: said.ticks, texts: said.texts });
    const rows = said.ticks + 1;
    this.film = { ceasefire: said.film.ceasefire };
    for (const table of ["units", "places", "sides", "wings"]) {
      this.film[table] = {};
      for (const [name, packed] of Object.entries(said.film[table])) this.film[table][name] = new Column(packed, rows);
    }
    const lane_of = Object.fromEntries(Object.entries(lanes).flatMap(([lane, kinds]) => kinds.map((kind) => [kind, lane])));
    this.events = said.events.map(([tick, kind, unit, place, side, text, causes], number) =>
      ({ number, tick, kind, lane: lane_of[kind], unit, place, side, text, causes }));
    const places = this.film.places;
    this.strikes = new Int32Array(rows);
    for (let place = 0; place < places.strikes.count; place++)
      for (let tick = 0; tick < rows; tick++) this.strikes[tick] += places.strikes.at(place, tick);
  }
}

// The first tick in which two campaigns differ in what happens; null if they never do.
export function parting(a, b) {
  const said = (campaign) => {
    const by_tick = new Map();
    for (const event of campaign.events) by_tick.set(event.tick, [...(by_tick.get(event.tick) || []), event.text]);
    return by_tick;
  };
  const [left, right] = [said(a), said(b)];
  for (let tick = 0; tick <= Math.max(a.ticks, b.ticks); tick++)
    if (String((left.get(tick) || []).sort()) !== String((right.get(tick) || []).sort())) return tick;
  return null;
}
