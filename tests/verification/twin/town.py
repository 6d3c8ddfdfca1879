"""Places of a plain-Mesa campaign as towns: who holds them, what their people suffer, and where they rise."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.verification.twin.column import Status, chance_within, happens_within
from tests.verification.twin.place import Site

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.side import Side


class Place(Site):
    """A town, base or crossing: a node of the network."""

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model, name, said)
        self.population = said["population"]
        self.communities = said["communities"]
        self.region = said.get("region")
        self.symbol = said["symbol"]
        self.commerce = said["commerce"]
        self.rally = said["rally"]
        self.airfield = said["airfield"]
        self.prison = said["prison"]
        depot = said.get("depot") or {"stock": 0.0, "heavy": 0.0}
        self.stores = self.stores_full = depot["stock"]
        self.store_equipment = float(depot["heavy"])
        self.crowding = ((1000 + self.population) / 100_000) ** model.rules.civilians.crowding
        self.first_holder = self.control
        self.fell: int | None = None
        self.taken_on: int | None = None
        self.invested_on: int | None = None
        self.invested_when_fell: bool | None = None
        self.repulses = 0
        self.claims: dict[Side, float] = defaultdict(float)
        """People who drove in this tick and are not counted inside."""
        self.stability = 1.0
        self.displaced = 0.0
        self.sheltered = 0.0
        self.civilian_dead = 0
        self.garrison = {"left": 0, "deserted": 0, "surrendered": 0, "died": 0}
        """What became of its first holder's people here."""

    def has_been_taken(self) -> bool:
        """Whether it has changed hands in the campaign."""
        return self.taken_on is not None

    def days_since_taken(self) -> float:
        """Days since it last changed hands."""
        return math.inf if self.taken_on is None else (self.model.tick - self.taken_on) * self.model.tick_days

    def note_garrison(self, side: Side, fate: str, people: int) -> None:
        """What becomes of people of its first holder is remembered."""
        if side is self.first_holder:
            self.garrison[fate] += people

    # --- control -----------------------------------------------------------------------------------------------------

    def settle_control(self) -> None:
        """Who stands in a place that nobody defends takes it; then order is kept, or is not."""
        if self.model.ceasefire <= 0.0:
            winner = self.strongest_claim()
            if winner is not None:
                self.change_hands(winner)
        self.claims.clear()
        if self.has_been_taken():
            self.keep_order()

    def strongest_claim(self) -> Side | None:
        """The hostile side with most people in a place that its holder does not defend."""
        if any(friend in self.inside for friend in self.control.friends):
            return None
        people = {side: self.people_inside(side) + self.claims[side] for side in self.control.enemies}
        best = max(people, key=people.__getitem__, default=None)
        return best if best is not None and people[best] > 0 else None

    def change_hands(self, winner: Side) -> None:
        """The place falls: news near and far, a shock to the loser's will, and a prize for the winner."""
        p, loser = self.model.rules.politics, self.control
        for unit in loser.formations:
            if unit.status is Status.SHATTERED and unit.road is None and unit.place is self:
                unit.leave_equipment(self, 1.0)
                unit.surrender()
        self.give_spoils(winner)
        for place, km in self.model.km[self].items():
            loser.news_coming[place] += self.symbol * math.exp(-km / self.model.rules.morale.news_km)
        loser.shock += p.place_lost * self.symbol
        loser.hardship = min(1.0, loser.hardship + p.hub_lost * self.commerce)
        loser.legitimacy = max(0.0, loser.legitimacy - p.standing_lost * self.symbol)
        winner.shock -= p.place_won * self.symbol
        self.control = winner
        self.taken_on = self.model.tick
        self.stability = 1 - p.unrest * 0.5 * (1 - winner.affinity[self])
        if self.fell is None and winner is not self.first_holder:
            self.fell = self.model.tick
            ring_ticks = self.model.rules.control.ring_days / self.model.tick_days
            self.invested_when_fell = self.invested_on is not None and self.model.tick - self.invested_on <= ring_ticks

    def give_spoils(self, winner: Side) -> None:
        """Those who took the place share its prisoners' recruits and the equipment left there."""
        p = self.model.rules.control
        takers = [
            unit
            for unit in winner.formations
            if unit.status is Status.ACTIVE and unit.road is None and unit.place is self
        ]
        recruits = math.floor(self.prison * p.recruits)
        pieces = self.store_equipment * p.taken_share
        people = sum(unit.strength for unit in takers)
        if people > 0:
            for unit in takers:
                share = unit.strength / people
                unit.join(math.floor(recruits * share))
                unit.equipment += pieces * share
                unit.equipment_taken += pieces * share
            self.store_equipment -= pieces
        self.prison = 0
        self.stores *= p.stores_share

    def garrison_needed(self, side: Side) -> float:
        """People of a side that it takes to keep order."""
        p = self.model.rules.control
        return float(p.garrison * self.population / 1000 * (1 - p.welcome * side.affinity[self]))

    def keep_order(self) -> None:
        """Order follows the garrison there is against the garrison that the people take."""
        needed = self.garrison_needed(self.control)
        there = sum(self.people_inside(friend) for friend in self.control.friends)
        goal = min(1.0, there / needed) if needed > 0 else 1.0
        disorder = self.model.rules.control.disorder
        self.stability += (goal - self.stability) * chance_within(self.model.tick_days / disorder)

    # --- civilians ---------------------------------------------------------------------------------------------------

    def suffer(self) -> None:
        """People flee to safer places, and die in the fighting and under strikes."""
        self.flee()
        q = self.model.rules.civilians
        mean = (q.per_casualty * self.casualties + q.per_strike * sum(self.strikes.values())) * self.crowding
        if mean > 0.0:
            there = math.floor(self.population - self.displaced - self.civilian_dead)
            self.civilian_dead += min(int(self.model.rng.poisson(mean)), max(0, there))

    def flight_share(self) -> float:
        """Share of those able to leave who flee in a tick, by what happens here."""
        q = self.model.rules.civilians
        days = self.model.tick_days / (1 - q.stay) if q.stay < 1 else 0.0
        if self.casualties > 0:
            return happens_within(days, q.flight_fighting)
        if self.days_since_taken() < q.fear_days:
            return happens_within(days, q.flight_taken) * (1 - 0.5 * max(0.0, self.control.affinity[self]))
        return happens_within(days, q.flight_near) if self.control.threat[self] > 0 else 0.0

    def is_safe(self) -> bool:
        """Whether nobody fights in or round it."""
        return self.casualties == 0 and not self.is_contested(self.control)

    def flee(self) -> None:
        """People go to the safer of the next places, the larger and nearer the more (gravity)."""
        share = self.flight_share()
        stay = self.model.rules.civilians.stay
        able = min(self.population * (1 - stay), self.population - self.civilian_dead) - self.displaced
        if share <= 0.0 or able <= 0.0:
            return
        pull = {place: (1000 + place.population) / road.km for place, road in self.neighbours if place.is_safe()}
        if not pull:
            return
        going = able * share
        self.displaced += going
        total = sum(pull.values())
        for place, weight in pull.items():
            place.sheltered += going * weight / total

    # --- uprisings ---------------------------------------------------------------------------------------------------

    def rise(self) -> None:
        """Where nobody keeps order, people who are against the holder may rise for another side."""
        p, holder = self.model.rules.politics, self.control
        if self.population <= 0 or any(friend in self.inside for friend in holder.friends):
            return
        if self.taken_on == self.model.tick:
            return
        if self.has_been_taken():
            weakness = 1 - self.stability
        else:
            weakness = max(0.0, 1 - holder.will / p.authority) if p.authority > 0 else 0.0
        champions = [side for side in holder.enemies if not side.has_collapsed]
        champion = max(champions, key=lambda side: side.affinity[self], default=None)
        if champion is None or champion.affinity[self] <= holder.affinity[self]:
            return
        hazard = p.uprising * 0.5 * (champion.affinity[self] - holder.affinity[self]) * weakness
        if self.model.rng.random() < happens_within(1.0, hazard):
            self.wake(champion)
            self.change_hands(champion)

    def wake(self, champion: Side) -> None:
        """Those who have waited here, or call the place home, take up arms."""
        if champion.posture == "dormant":
            champion.posture = "passive"
        for unit in champion.formations:
            is_near = unit.home is self or (unit.road is None and unit.place is self)
            if unit.status is Status.DORMANT and is_near and not unit.draws_people:
                unit.take_up_arms()
