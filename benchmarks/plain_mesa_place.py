"""Places and roads of a plain-Mesa campaign: who stands where, what fighting does to a place, and who holds it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.plain_mesa_column import Contact, Status

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainCampaign
    from benchmarks.plain_mesa_formation import Formation
    from benchmarks.plain_mesa_side import Side


@dataclass(eq=False)
class Road:
    """A road between two places: an edge of the network."""

    a: Place
    b: Place
    km: float
    speed: float
    throughput: float
    interdiction: float = 0.0
    formations: list[Formation] = field(default_factory=list)
    people: dict[Side, float] = field(default_factory=lambda: defaultdict(float))
    closers: list[Side] = field(default_factory=list)
    """Sides with a force on it that closes it to their enemies."""
    loss: dict[Side, float] = field(default_factory=dict)
    """Hazard of being hit in a meeting fight, per power and day."""

    def other_end(self, place: Place) -> Place:
        """The end of the road that is not `place`."""
        return self.a if place is self.b else self.b

    def is_closed_to(self, side: Side) -> bool:
        """Whether a hostile force closes it."""
        return any(other in side.enemies for other in self.closers)

    def has_enemies(self, side: Side) -> bool:
        """Whether hostile formations are on it."""
        return any(unit.side in side.enemies for unit in self.formations)

    def clear(self) -> None:
        """Nobody is counted on it yet."""
        self.formations = []
        self.people = defaultdict(float)
        self.closers = []

    def fight(self, model: PlainCampaign) -> None:
        """Formations within reach of a hostile one meet in battle."""
        power: dict[Side, float] = defaultdict(float)
        for unit in self.formations:
            if any(self.meet(unit, other, model.p.forces.contact_km) for other in self.formations):
                unit.contact = Contact.MEETING
                power[unit.side] += unit.power
        self.loss = {}
        for side, own in power.items():
            foe = sum(power.get(enemy, 0.0) for enemy in side.enemies)
            self.loss[side] = model.casualties_per_day(foe, own) / own

    @staticmethod
    def meet(unit: Formation, other: Formation, contact_km: float) -> bool:
        """Whether two formations are enemies within reach of each other."""
        return other.side in unit.side.enemies and abs(other.at_km - unit.at_km) <= contact_km


class Place(mesa.Agent):
    """A town, base or crossing: a node of the network."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.population = said["population"]
        self.communities = said["communities"]
        self.terrain = model.document["terrains"][said["terrain"]]["defence"]
        self.symbol = said["symbol"]
        self.fortification = said["fortification"]
        self.rally = said["rally"]
        self.airfield = said["airfield"]
        self.prison = said["prison"]
        depot = said.get("depot") or {"stock": 0.0, "heavy": 0.0}
        self.stores = self.stores_full = depot["stock"]
        self.store_heavy = depot["heavy"]
        self.control: Side = model.sides[said["control"]]
        self.first_holder = self.control
        self.fell: int | None = None
        self.taken_on: int | None = None
        self.stability = 1.0
        self.displaced = 0.0
        self.sheltered = 0.0
        self.civilian_dead = 0
        self.casualties = 0
        self.neighbours: list[tuple[Place, Road]] = []
        self.strikes: dict[Side, float] = defaultdict(float)
        self.claims: dict[Side, float] = defaultdict(float)
        self.loss_inside: dict[Side, float] = {}
        self.loss_gate: dict[Side, float] = {}
        self.clear()

    def clear(self) -> None:
        """Nobody is counted in it or at its gates yet."""
        self.inside_men: dict[Side, float] = defaultdict(float)
        self.inside_power: dict[Side, float] = defaultdict(float)
        self.gate_power: dict[Side, float] = defaultdict(float)
        self.assault_power: dict[Side, float] = defaultdict(float)

    @property
    def cover(self) -> float:
        """Factor of ground and defences on the defender's power."""
        return self.terrain * (1.0 + self.fortification)

    # --- who stands here ---------------------------------------------------------------------------------------------

    def sides_present(self) -> list[Side]:
        """Sides with formations in it or at its gates."""
        return [*self.inside_men, *(side for side in self.gate_power if side not in self.inside_men)]

    def is_contested(self, side: Side) -> bool:
        """Whether enemies of a side are in it or at its gates."""
        return self.has_enemies_inside(side) or any(other in side.enemies for other in self.gate_power)

    def has_enemies_inside(self, side: Side) -> bool:
        """Whether enemies of a side are in it."""
        return any(other in side.enemies for other in self.inside_men)

    def enemies_inside(self, side: Side) -> float:
        """Power in it that is hostile to a side."""
        return sum(power for other, power in self.inside_power.items() if other in side.enemies)

    def enemies_at_gates(self, side: Side) -> float:
        """Power at its gates that is hostile to a side."""
        return sum(power for other, power in self.gate_power.items() if other in side.enemies)

    def enemies_near(self, side: Side) -> float:
        """Hostile power in it, at its gates and one road away."""
        near = self.enemies_inside(side) + self.enemies_at_gates(side)
        return near + sum(place.enemies_inside(side) for place, _ in self.neighbours)

    def closed_share(self, side: Side) -> float:
        """Share of its roads, to places that are not neutral, that are closed to a side."""
        roads = closed = 0
        for place, road in self.neighbours:
            if place.control in side.enemies:
                roads += 1
                closed += 1
            elif place.control in side.friends:
                roads += 1
                closed += road.is_closed_to(side)
        return closed / roads if roads else 1.0

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """Assaults and sieges of the place, all at once: hazards of those inside and of those at its gates."""
        self.casualties = 0
        self.loss_inside = {}
        self.loss_gate = {}
        for side in self.sides_present():
            if self.is_contested(side):
                self.fire_on(side)

    def fire_on(self, side: Side) -> None:
        """The hazards that a side's formations run here."""
        q = self.model.p.combat
        days = self.model.tick_days
        # What the defenders' aircraft keep down does not take part in the assault.
        held_down = sum(self.strikes[friend] for friend in side.friends)
        fit = 1.0 / (1.0 + q.suppression * held_down / days)
        inside = self.enemies_inside(side)
        hostile_assault = sum(power for other, power in self.assault_power.items() if other in side.enemies)
        siege = self.enemies_at_gates(side) - hostile_assault
        assault = hostile_assault * fit
        strikes = sum(self.strikes[enemy] for enemy in side.enemies) / days
        own = self.inside_power.get(side, 0.0)
        if own > 0.0 and inside + assault + siege > 0.0:
            hit = self.model.casualties_per_day(inside + assault, own) / self.cover
            hit += q.siege * self.model.casualties_per_day(siege, own) / self.cover
            hit += strikes * q.strike_hits * 0.5
            self.loss_inside[side] = hit / max(1.0, self.inside_men[side])
        at_gate = self.gate_power.get(side, 0.0)
        if at_gate > 0.0 and inside > 0.0:
            attacking = self.assault_power.get(side, 0.0)
            hit = q.attack_cost * self.model.casualties_per_day(inside * self.cover, attacking, in_the_open=True)
            hit += q.siege * self.model.casualties_per_day(inside, at_gate - attacking)
            hit += strikes * q.strike_hits
            self.loss_gate[side] = hit / at_gate

    # --- control -----------------------------------------------------------------------------------------------------

    def settle_control(self) -> None:
        """Who stands in a place that nobody defends takes it; then order is kept, or is not."""
        if self.model.ceasefire <= 0.0:
            winner = self.strongest_claim()
            if winner is not None:
                self.change_hands(winner)
        if self.taken_on is not None:
            self.keep_order()

    def strongest_claim(self) -> Side | None:
        """The hostile side with most people in a place that its holder does not defend."""
        if any(friend in self.inside_men for friend in self.control.friends):
            return None
        people = {side: self.inside_men.get(side, 0.0) + self.claims.get(side, 0.0) for side in self.control.enemies}
        best = max(people, key=people.__getitem__, default=None)
        return best if best is not None and people[best] > 0.0 else None

    def change_hands(self, winner: Side) -> None:
        """The place falls: news near and far, a shock to the loser's will, and a prize for the winner."""
        p, loser = self.model.p, self.control
        for unit in loser.formations:
            if unit.status is Status.SHATTERED and unit.road is None and unit.place is self:
                unit.surrender()
        self.give_spoils(winner)
        for place, km in self.model.km[self].items():
            loser.news_coming[place] += self.symbol * math.exp(-km / p.morale.news_km)
        loser.shock += p.politics.place_lost * self.symbol
        winner.shock -= p.politics.place_won * self.symbol
        self.control = winner
        self.taken_on = self.model.tick
        self.stability = 1.0 - p.politics.unrest * 0.5 * (1.0 - winner.affinity[self])
        if self.fell is None and winner is not self.first_holder:
            self.fell = self.model.tick

    def give_spoils(self, winner: Side) -> None:
        """Those who took the place share its prisoners' recruits and the equipment left there."""
        p = self.model.p.control
        takers = [
            unit
            for unit in winner.formations
            if unit.status is Status.ACTIVE and unit.road is None and unit.place is self
        ]
        recruits = int(self.prison * p.recruits)
        pieces = self.store_heavy * p.taken_share
        self.prison = 0.0
        people = sum(unit.strength for unit in takers)
        if people > 0:
            for unit in takers:
                share = unit.strength / people
                unit.join(int(recruits * share))
                unit.heavy += pieces * share
            self.store_heavy -= pieces
        self.stores *= p.stores_share

    def keep_order(self) -> None:
        """Order follows the garrison there is against the garrison that the people take."""
        p = self.model.p.control
        needed = p.garrison * self.population / 1000.0 * (1.0 - 0.5 * self.control.affinity[self])
        there = sum(self.inside_men.get(friend, 0.0) for friend in self.control.friends)
        goal = 1.0 if there >= needed else there / needed
        self.stability += (goal - self.stability) * (1.0 - math.exp(-self.model.tick_days / p.disorder))

    # --- supply and civilians ----------------------------------------------------------------------------------------

    def refill(self) -> None:
        """Stores of a rear base are brought in from outside."""
        if self.rally and self.stores < self.stores_full:
            rate = self.model.p.supply.refill * self.model.tick_days
            self.stores = min(self.stores_full, self.stores + rate * self.stores_full)

    def suffer(self) -> None:
        """People flee to safer places, and die in the fighting and under strikes."""
        self.flee()
        q = self.model.p.civilians
        mean = q.per_casualty * self.casualties + q.per_strike * sum(self.strikes.values())
        if mean > 0.0:
            mean *= ((1000.0 + self.population) / 100_000.0) ** q.crowding
            self.civilian_dead += int(self.model.rng.poisson(mean))

    def flight_rate(self) -> float:
        """Share of the people per day who flee, by what happens here."""
        q = self.model.p.civilians
        if self.casualties > 0:
            return q.flight_fighting
        if self.taken_on is not None and (self.model.tick - self.taken_on) * self.model.tick_days < q.fear_days:
            return q.flight_taken * (1.0 - 0.5 * max(0.0, self.control.affinity[self]))
        return q.flight_near if self.enemies_near(self.control) > 0.0 else 0.0

    def is_safe(self) -> bool:
        """Whether nobody fights in or round it."""
        return self.casualties == 0 and not self.is_contested(self.control)

    def flee(self) -> None:
        """People go to the safer of the next places, the larger and nearer the more (gravity)."""
        rate = self.flight_rate()
        stay = self.model.p.civilians.stay
        able = self.population * (1.0 - stay) - self.displaced
        if rate <= 0.0 or able <= 0.0:
            return
        pull = {place: (1000.0 + place.population) / road.km for place, road in self.neighbours if place.is_safe()}
        if not pull:
            return
        going = able * (1.0 - math.exp(-rate * self.model.tick_days / (1.0 - stay)))
        self.displaced += going
        total = sum(pull.values())
        for place, weight in pull.items():
            place.sheltered += going * weight / total
