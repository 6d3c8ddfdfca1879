"""Places and roads: who stands where, the fight for a place, who holds it, and what its people suffer."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import mesa

from tests.verification.twin.formation import Contact, Status, Task
from tests.verification.twin.scenario import chance_within, happens_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.formation import Formation
    from tests.verification.twin.side import Side


def first_share(expected: float) -> float:
    """What a fight in which defenders break so often in a tick would last too long, taken from its first tick."""
    if expected < 0.01:
        return 0.5 - expected / 12
    return 1 / expected - 1 / math.expm1(min(expected, 500.0))


@dataclass
class Force:
    """What a side has inside a place, or at its gates."""

    people: float = 0
    power: float = 0.0
    formations: int = 0
    assaulting: float = 0.0
    """Power of those who assault, at gates."""
    just_come: float = 0.0
    """Power of those of them who have come in the course of the tick."""
    hit: float = 0.0
    """Hazard of being hit per day: per person inside, per power at gates."""

    def add(self, unit: Formation) -> None:
        """A formation is counted."""
        self.people += unit.strength
        self.power += unit.power
        self.formations += 1


@dataclass(eq=False)
class Road:
    """A road between two places: an edge of the network."""

    a: Place
    b: Place
    km: float
    speed: float
    throughput: float
    cut: bool
    interdiction: float = 0.0
    formations: list[Formation] = field(default_factory=list)
    people: dict[Side, float] = field(default_factory=lambda: defaultdict(float))
    closers: list[Side] = field(default_factory=list)
    """Sides with a force on it that closes it to their enemies."""
    movers: set[Side] = field(default_factory=set)
    """Sides whose columns march on it, or come to it, in this tick."""
    meeting_power: dict[Side, float] = field(default_factory=lambda: defaultdict(float))
    hit: dict[Side, float] = field(default_factory=dict)
    """Hazard of being hit in a meeting fight, per power and day."""

    def other_end(self, place: Place) -> Place:
        """The end of the road that is not `place`."""
        return self.a if place is self.b else self.b

    def is_closed_to(self, side: Side) -> bool:
        """Whether a hostile force closes it."""
        return any(other in side.enemies for other in self.closers)

    def has_moving_enemies(self, side: Side) -> bool:
        """Whether hostile formations march on it, or come to it, in this tick."""
        return any(other in side.enemies for other in self.movers)

    def clear(self) -> None:
        """Nobody is counted on it yet."""
        self.formations = []
        self.people = defaultdict(float)

    def fight(self, model: PlainCampaign) -> None:
        """Formations within reach of a hostile one meet in battle."""
        power: dict[Side, float] = defaultdict(float)
        self.meeting_power = power
        for unit in self.formations:
            unit.meets = any(self.meet(unit, other, model.rules.forces.contact_km) for other in self.formations)
            if unit.meets:
                unit.contact = Contact.MEETING
                power[unit.side] += unit.power
        for side, own in power.items():
            foe = sum(power.get(enemy, 0.0) for enemy in side.enemies)
            self.hit[side] = model.casualties(foe, own, model.rules.combat.own_exponent) / own if own > 0 else 0.0

    @staticmethod
    def meet(unit: Formation, other: Formation, contact_km: float) -> bool:
        """Whether two formations are enemies within reach of each other."""
        return other.side in unit.side.enemies and abs(other.at_km - unit.at_km) <= contact_km


class Place(mesa.Agent):
    """A town, base or crossing: a node of the network."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.terrain = model.document["terrains"][spec["terrain"]]["defence"]
        self.fortification = spec["fortification"]
        self.control: Side = model.sides[spec["control"]]
        self.neighbours: list[tuple[Place, Road]] = []
        self.strikes: dict[Side, float] = defaultdict(float)
        self.casualties = 0
        self.clash = 0.5
        """Share of the tick for which those fight who come here in its course."""
        self.inside: dict[Side, Force] = {}
        self.gates: dict[Side, Force] = {}
        self.population = spec["population"]
        self.communities = spec["communities"]
        self.region = spec.get("region")
        self.symbol = spec["symbol"]
        self.commerce = spec["commerce"]
        self.rear_base = spec["rear_base"]
        self.airfield = spec["airfield"]
        self.prison = spec["prison"]
        depot = spec.get("depot") or {"stock": 0.0, "equipment": 0.0}
        self.stores = self.stores_full = depot["stock"]
        self.store_equipment = float(depot["equipment"])
        self.crowding = ((1000 + self.population) / 100_000) ** model.rules.civilians.crowding
        self.first_holder = self.control
        self.taker: Side | None = None
        self.fell: int | None = None
        self.taken_on: int | None = None
        self.invested_on: int | None = None
        self.invested_when_fell: bool | None = None
        self.repulses = 0
        self.claims: dict[Side, float] = defaultdict(float)
        """People who drove in this tick and are not counted inside."""
        self.stability = 1.0
        self.displaced = 0.0
        self.flight = 0.0
        """Share of its people per day who leave now."""
        self.sheltered = 0.0
        self.civilian_dead = 0
        self.garrison = {"left": 0, "deserted": 0, "surrendered": 0, "died": 0}
        """What became of its first holder's people here."""

    def clear(self) -> None:
        """Nobody is counted in it or at its gates yet."""
        self.inside = {}
        self.gates = {}

    @property
    def cover(self) -> float:
        """Factor of ground and defences on the defender's power."""
        return float(self.terrain * (1 + self.fortification))

    # --- who stands here ---------------------------------------------------------------------------------------------

    def add_inside(self, unit: Formation) -> None:
        """A formation is counted inside."""
        self.inside.setdefault(unit.side, Force()).add(unit)

    def add_at_gate(self, unit: Formation) -> None:
        """A formation is counted at the gates."""
        self.gates.setdefault(unit.side, Force()).add(unit)

    def strike_off(self, unit: Formation) -> None:
        """A formation that has broken or is destroyed does not count here any more."""
        forces = self.inside if unit.road is None else self.gates
        if unit.side not in forces:
            return
        force = forces[unit.side]
        force.people -= unit.strength
        force.power -= unit.power
        force.formations -= 1
        if force.formations == 0:
            del forces[unit.side]

    def people_inside(self, side: Side) -> float:
        """People of a side's fighting formations inside."""
        return self.inside[side].people if side in self.inside else 0

    def power_inside(self, side: Side) -> float:
        """Their power."""
        return self.inside[side].power if side in self.inside else 0.0

    def power_at_gates(self, side: Side) -> float:
        """Power of a side at the gates."""
        return self.gates[side].power if side in self.gates else 0.0

    def has_enemies_inside(self, side: Side) -> bool:
        """Whether enemies of a side are in it."""
        return any(other in side.enemies for other in self.inside)

    def has_enemies_at_gates(self, side: Side) -> bool:
        """Whether enemies of a side are at its gates."""
        return any(other in side.enemies for other in self.gates)

    def is_contested(self, side: Side) -> bool:
        """Whether enemies of a side are in it or at its gates."""
        return self.has_enemies_inside(side) or self.has_enemies_at_gates(side)

    def is_assaulted(self, side: Side) -> bool:
        """Whether enemies of a side who can fight are inside, or assault."""
        return self.hostile_power_inside(side) > 0 or self.hostile_assault_power(side) > 0

    def hostile_power_inside(self, side: Side) -> float:
        """Power in it that is hostile to a side."""
        return sum(force.power for other, force in self.inside.items() if other in side.enemies)

    def hostile_power_at_gates(self, side: Side) -> float:
        """Power at its gates that is hostile to a side."""
        return sum(force.power for other, force in self.gates.items() if other in side.enemies)

    def hostile_assault_power(self, side: Side) -> float:
        """Power at its gates that is hostile to a side and assaults."""
        return sum(force.assaulting for other, force in self.gates.items() if other in side.enemies)

    def hostile_strikes(self, side: Side) -> float:
        """Strikes a day for the enemies of a side."""
        return sum(self.strikes[enemy] for enemy in side.enemies) / self.model.tick_days

    def friendly_strikes(self, side: Side) -> float:
        """Strikes a day for a side and its allies."""
        return sum(self.strikes[friend] for friend in side.friends) / self.model.tick_days

    # --- combat ------------------------------------------------------------------------------------------------------

    def fight(self) -> None:
        """Assaults and sieges of the place, all at once: hazards of those inside and of those at its gates."""
        self.casualties = 0
        self.clash = self.share_of_first_tick()
        for side in {**self.inside, **self.gates}:
            if self.is_contested(side):
                self.fire_on(side)

    def share_of_first_tick(self) -> float:
        """For how much of its first tick a fight counts: then it lasts as long as without ticks, in the mean."""
        defenders = [
            unit
            for side in self.inside
            if self.hostile_assault_power(side) > 0
            for unit in side.formations
            if unit.status is Status.ACTIVE
            and unit.road is None
            and unit.place is self
            and unit.task is not Task.WITHDRAW
        ]
        power = share = 0.0
        for unit in defenders:
            unit.sum_break_terms()
            power += unit.power
            share += unit.power * first_share(math.exp(unit.log_hazard) * self.model.tick_days)
        return share / power if power > 0 else 0.5

    def fire_on(self, side: Side) -> None:
        """The hazards of being hit for a side's formations inside the place and at its gates."""
        p, casualties = self.model.rules.combat, self.model.casualties
        foes_inside = self.hostile_power_inside(side)
        assaulting = self.hostile_assault_power(side)
        just_come = sum(force.just_come for other, force in self.gates.items() if other in side.enemies)
        absent = (1 - self.clash) * just_come / (foes_inside + assaulting) if just_come > 0 else 0.0
        holding_off = self.hostile_power_at_gates(side) - assaulting
        strikes = self.hostile_strikes(side)
        # What the defenders' aircraft suppress does not take part in the assault.
        assaulting /= 1 + p.suppression * self.friendly_strikes(side)
        inside = self.inside.get(side)
        if inside is not None and inside.power > 0 and foes_inside + assaulting + holding_off > 0:
            # Prepared ground protects those who hold the place, not those who have broken into it.
            shield = self.cover if self.control in side.friends else 1.0
            hit = casualties(foes_inside + assaulting, inside.power, p.own_exponent) / shield
            # Who comes in the course of the tick assaults for a part of it.
            hit *= 1 - absent
            hit += p.siege * casualties(holding_off, inside.power, p.own_exponent) / shield
            hit += 0.5 * p.strike_hits * strikes
            inside.hit = hit / max(1.0, inside.people)
        gate = self.gates.get(side)
        if gate is not None and gate.power > 0 and foes_inside > 0:
            hit = p.attack_cost * casualties(foes_inside * self.cover, gate.assaulting, p.open_exponent)
            hit += p.siege * casualties(foes_inside, gate.power - gate.assaulting, p.own_exponent)
            hit += p.strike_hits * strikes
            gate.hit = hit / gate.power

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

    def keep_order_if_taken(self) -> None:
        """In captured ground order is kept, or is not."""
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
        politics, loser = self.model.rules.politics, self.control
        self.capture_stragglers(loser)
        self.give_spoils(winner)
        for place, km in self.model.km[self].items():
            loser.news_coming[place] += self.symbol * math.exp(-km / self.model.rules.morale.news_km)
        loser.shock += politics.place_lost * self.symbol
        loser.hardship = min(1.0, loser.hardship + politics.hub_lost * self.commerce)
        loser.legitimacy = max(0.0, loser.legitimacy - politics.standing_lost * self.symbol)
        winner.shock -= politics.place_won * self.symbol
        self.control = winner
        self.taken_on = self.model.tick
        self.stability = 1 - politics.unrest * 0.5 * (1 - winner.affinity[self])
        if self.fell is None and winner is not self.first_holder:
            self.note_fall(self.model.rules.control.invested_days)

    def note_fall(self, invested_days: float) -> None:
        """The place has left its first holder for the first time; was it invested then?"""
        now, dt = self.model.tick, self.model.tick_days
        self.fell = now
        self.invested_when_fell = self.invested_on is not None and (now - self.invested_on) * dt <= invested_days

    def capture_stragglers(self, loser: Side) -> None:
        """Broken formations of the loser that rest here lay down their arms."""
        for unit in loser.formations:
            if unit.status is Status.SHATTERED and unit.road is None and unit.place is self:
                unit.leave_equipment(self, 1.0)
                unit.surrender()

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

    def is_guarded(self, side: Side) -> bool:
        """Whether formations of a side or its friends are inside, or face it on a road."""
        return any(friend in self.inside for friend in side.friends) or self.is_faced_by(side.friends)

    def is_faced_by(self, sides: Iterable[Side]) -> bool:
        """Whether formations of some sides face it on a road."""
        return any(
            unit.status is Status.ACTIVE and unit.road is not None and unit.heading is self
            for side in sides
            for unit in side.formations
        )

    def has_mobile_inside(self, side: Side) -> bool:
        """Whether a side has formations inside that may go elsewhere."""
        return any(
            unit.status is Status.ACTIVE and unit.mobile and unit.road is None and unit.place is self
            for unit in side.formations
        )

    def may_be_occupied(self) -> None:
        """A side that takes what others abandon may move into a place whose first garrison is gone."""
        gone = self.garrison["left"] + self.garrison["deserted"] + self.garrison["surrendered"]
        holder = self.control
        if self.model.ceasefire > 0.0 or self.rear_base or self.has_enemies_inside(holder):
            return
        if holder is not self.first_holder or gone == 0 or self.is_guarded(holder):
            return
        takers = [
            side
            for side in self.model.sides.values()
            if side.occupies
            and side not in holder.friends
            and not side.has_collapsed
            and side.acts_in(self)
            and any(place.has_mobile_inside(side) for place in self.model.around(self))
        ]
        if not takers:
            return
        hazard = self.model.rules.control.occupying
        if self.model.rng.random() < happens_within(self.model.tick_days, hazard):
            self.change_hands(max(takers, key=lambda side: side.affinity[self]))

    # --- yielding ----------------------------------------------------------------------------------------------------

    def power_near(self, side: Side) -> float:
        """Power of a side inside, at the gates and inside the next places that are near."""
        return self.power_at_gates(side) + sum(place.power_inside(side) for place in self.model.around(self))

    def strongest_near(self) -> Side | None:
        """The enemy with most power near."""
        power = {side: self.power_near(side) for side in self.control.enemies if not side.has_collapsed}
        best = max(power, key=power.__getitem__, default=None)
        return best if best is not None and power[best] > 0 else None

    def heir(self) -> Side | None:
        """Who is near a place of a collapsed side: its strongest enemy, or one who holds a near place."""
        strongest = self.strongest_near()
        if strongest is not None:
            return strongest
        holders = [place.control for place in self.model.around(self)[1:]]
        heirs = [
            side
            for side in holders
            if (side in self.control.enemies or side.occupies) and not side.has_collapsed and side.acts_in(self)
        ]
        return max(heirs, key=lambda side: side.affinity[self], default=None)

    def weigh_yielding(self) -> None:
        """The place may come to terms with the enemy before it, or pass on after the collapse of its holder."""
        p, holder = self.model.rules.yielding, self.control
        self.taker = None
        if self.model.ceasefire > 0.0:
            return
        if holder.has_collapsed:
            taker, hazard = self.heir(), p.takeover
        else:
            taker = self.strongest_near()
            if p.rate <= 0 or holder.fresh_threat(self) <= 0 or self.id == holder.capital_id or taker is None:
                return
            odds = holder.threat[self] / max(1.0, self.power_inside(holder))
            if odds <= 1.0:
                return
            hazard = p.rate * math.exp(self.causes_to_yield(taker, odds))
        if taker is None or any(friend in self.inside for friend in holder.friends if friend is not holder):
            return
        if self.model.rng.random() < happens_within(self.model.tick_days, hazard):
            self.taker = taker

    def pass_to_taker(self) -> None:
        """Its garrison is let go, and it changes hands, if it was so agreed."""
        if self.taker is None:
            return
        for unit in self.control.formations:
            if unit.status is Status.ACTIVE and unit.road is None and unit.place is self:
                unit.let_go()
        self.change_hands(self.taker)

    def causes_to_yield(self, taker: Side, odds: float) -> float:
        """Odds, closed roads, lost will, and whom the people would rather have."""
        p, holder = self.model.rules.yielding, self.control
        causes = p.odds * math.log(min(10.0, odds)) + p.closed * holder.closed[self]
        causes += p.despair * max(0.0, holder.will_base - holder.will)
        return float(causes + p.community * (taker.affinity[self] - holder.affinity[self]))

    # --- civilians ---------------------------------------------------------------------------------------------------

    def suffer(self) -> None:
        """People flee to safer places, and die in the fighting and under strikes."""
        self.flee()
        p = self.model.rules.civilians
        mean = (p.per_casualty * self.casualties + p.per_strike * sum(self.strikes.values())) * self.crowding
        if mean > 0.0:
            there = math.floor(self.population - self.displaced - self.civilian_dead)
            self.civilian_dead += min(int(self.model.rng.poisson(mean)), max(0, there))

    def cause_of_flight(self) -> float:
        """Share of the people per day whom what happens here drives away."""
        p = self.model.rules.civilians
        if self.casualties > 0:
            return float(p.flight_fighting)
        if self.days_since_taken() < p.fear_days:
            return float(p.flight_taken * (1 - 0.5 * max(0.0, self.control.affinity[self])))
        return float(p.flight_near) if self.control.fresh_threat(self) > 0 else 0.0

    def flight_share(self) -> float:
        """Share of those able to leave who flee in a tick: flight follows its cause with a delay."""
        p, dt, cause = self.model.rules.civilians, self.model.tick_days, self.cause_of_flight()
        began, self.flight = self.flight, cause
        mean = cause
        if p.flight_delay > 0:
            # The solution of flight' = (cause - flight)/delay, and its mean over the tick.
            self.flight += (began - cause) * math.exp(-dt / p.flight_delay)
            mean += (began - self.flight) * p.flight_delay / dt
        return chance_within(mean * dt / (1 - p.stay)) if p.stay < 1 else 0.0

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
        if self.population <= 0 or self.is_guarded(holder):
            return
        if self.taken_on == self.model.tick:
            return
        if holder.has_collapsed:
            weakness = 1.0
        elif self.has_been_taken():
            weakness = 1 - self.stability
        else:
            weakness = max(0.0, 1 - holder.will / p.authority) if p.authority > 0 else 0.0
        pulls = {side: self.pull_of(side) for side in holder.enemies if not side.has_collapsed and side.acts_in(self)}
        champion = max(pulls, key=pulls.__getitem__, default=None)
        if champion is None or pulls[champion] <= 0.0:
            return
        hazard = p.uprising * pulls[champion] * weakness
        if self.model.rng.random() < happens_within(1.0, hazard):
            self.wake(champion)
            self.change_hands(champion)

    def pull_of(self, side: Side) -> float:
        """How much its people would rather have a side than the holder; the less, the farther the side is."""
        gap = 0.5 * (side.affinity[self] - self.control.affinity[self])
        local_km = self.model.rules.politics.local_km
        if gap <= 0.0 or local_km <= 0.0:
            return float(gap)
        km = self.model.km[self]
        ground = [km[place] for place in self.model.places.values() if place.control is side]
        waiting = (Status.ACTIVE, Status.DORMANT)
        people = [km[unit.place] for unit in side.formations if unit.status in waiting and not unit.draws_people]
        nearest = min([*ground, *people], default=math.inf)
        return float(gap * math.exp(-nearest / local_km))

    def wake(self, champion: Side) -> None:
        """Those who have waited here, or call the place home, take up arms."""
        if champion.posture == "dormant":
            champion.posture = "passive"
        for unit in champion.formations:
            is_near = unit.home is self or (unit.road is None and unit.place is self)
            if unit.status is Status.DORMANT and is_near and not unit.draws_people:
                unit.take_up_arms()
