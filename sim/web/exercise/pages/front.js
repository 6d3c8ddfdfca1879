// Where it will be decided: places where one side meets another, and those near them.

// Roads that a place may be away from the front and still belong to it.
const NEAR = 2;

// `enemies`: places of which the side has reports. Without a side's reports (projector): `played`, the sides that play.
export function front(geography, control, enemies, played) {
  const near = new Map(geography.places.map((place) => [place.id, []]));
  for (const [a, b] of geography.roads.map((road) => road.slice(0, 2).map((row) => geography.places[row].id))) { near.get(a).push(b); near.get(b).push(a); }
  const meets = (id) => played.includes(control[id]) && near.get(id).some((other) => control[other] !== control[id] && played.includes(control[other]));
  const found = new Set(enemies || [...near.keys()].filter(meets));
  for (let step = 0; step < (enemies ? NEAR : 1); step++) for (const id of [...found]) for (const other of near.get(id)) found.add(other);
  return [...found];
}
