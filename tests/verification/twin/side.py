"""Sides: what they believe, what their commanders order, their lines of communication, morale and will."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import mesa
import networkx as nx

from tests.verification.twin.command import Command, SupremeCommand
from tests.verification.twin.formation import Contact, Status, Task, bent
from tests.verification.twin.scenario import chance_within, happens_within, within

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.formation import Formation
    from tests.verification.twin.place import Place, Road


MOST_TARGETS = 24


class Side(mesa.Agent):
    """A party to the war and its commander."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, spec: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.posture = "passive" if spec["posture"] == "opportunist" else spec["posture"]
        self.occupies = spec["posture"] == "opportunist"
        self.regions = spec["regions"]
        self.aims = spec["aims"]
        self.communities = spec["communities"]
        self.capital_id = spec.get("capital")
        self.pay = self.pay_base = spec["pay"]
        self.career = spec["career"]
        self.legitimacy = self.legitimacy_base = spec["legitimacy"]
        self.hardship = self.hardship_base = spec["hardship"]
        self.will = self.will_base = within("sides.x.will", spec["will"] + self.lift(model.rules.politics))
        self.serviceable = spec["serviceable"]
        self.doctrine = SimpleNamespace(**(model.document["doctrine"] | spec["doctrine"]))
        self.formations: list[Formation] = []
        self.commanders: list[Command] = []
        self.supreme = SupremeCommand(self)
        self.enemies: list[Side] = []
        self.friends: list[Side] = []
        self.has_collapsed = False
        self.collapsed_on: int | None = None
        self.initial_strength = 0
        self.lost_before = 0
        self.shock = 0.0
        self.worth: dict[Place, float] = {}
        self.affinity: dict[Place, float] = {}
        self.belief: dict[Place, float] = defaultdict(float)
        self.threat: dict[Place, float] = defaultdict(float)
        self.habit: dict[Place, float] = defaultdict(float)
        self.closed: dict[Place, float] = defaultdict(float)
        self.panic_point: dict[Place, float] = defaultdict(lambda: float(self.model.rng.exponential()))
        self.news: dict[Place, float] = defaultdict(float)
        self.news_coming: dict[Place, float] = defaultdict(float)
        self.example: dict[Place, float] = defaultdict(float)
        self.example_coming: dict[Place, float] = defaultdict(float)
        self.ground: tuple[Any, ...] = ()
        self.supply_km: dict[Place, float] = {}
        self.way_home: dict[Place, Place] = {}
        self.rear_base: dict[Place, Place] = {}

    def lift(self, p: Any) -> float:
        """What the levels of pay, legitimacy and hardship make of will or morale; nothing where each is a half."""
        pay = self.career * (min(1.0, self.pay) - 0.5)
        return float(
            p.pay_level * pay + p.legitimacy_level * (self.legitimacy - 0.5) - p.hardship_level * (self.hardship - 0.5)
        )

    def acts_in(self, place: Place) -> bool:
        """Whether people may rise for it in a place, or it may occupy it."""
        return not self.regions or place.region in self.regions

    # --- perception --------------------------------------------------------------------------------------------------

    def look_round(self) -> None:
        """After movement: hostile power near each place, and how far the roads of its formations' places are closed."""
        if self.posture != "dormant":
            for place in self.model.places.values():
                near = sum(other.hostile_power_inside(self) for other in self.model.around(place))
                self.threat[place] = near + place.hostile_power_at_gates(self)
        for place in self.model.places.values():
            if self not in place.inside or self.threat[place] <= 0:
                continue
            roads = closed = 0
            for other, road in place.neighbours:
                if other.control in self.enemies:
                    roads += 1
                    closed += 1
                elif other.control in self.friends:
                    roads += 1
                    closed += road.is_closed_to(self)
            self.closed[place] = closed / roads if roads else 1.0
            if place.control is self and closed >= self.model.rules.forces.investing_roads and place in self.way_home:
                place.invested_on = self.model.tick

    def fresh_threat(self, place: Place) -> float:
        """Hostile power near a place that is news: all that it is not used to, if that is noticeable."""
        threat, habit = self.threat[place], self.habit[place]
        return threat - habit if threat > habit * (1 + self.model.rules.perception.notice) else 0.0

    def looks_at(self, place: Place) -> bool:
        """Whether friends hold a place, or own formations are in it or on the way to it."""
        here = (Status.ACTIVE, Status.WITHDRAWING)
        on_the_way = any(unit.heading is place and unit.road and unit.status in here for unit in self.formations)
        return place.control in self.friends or self in place.inside or on_the_way

    def get_used(self, share: float) -> None:
        """What stands near becomes habit."""
        for place in self.model.places.values():
            seen = self.threat[place] if self.looks_at(place) else 0.0
            self.habit[place] += (self.model.rules.perception.habit * seen - self.habit[place]) * share

    def be_alarmed(self, here: Place, reach_km: float) -> None:
        """It is used to nothing any more at a place and the next ones within reach."""
        for place in [here, *(other for other, road in here.neighbours if road.km <= reach_km)]:
            self.habit[place] = 0.0

    def perceive(self) -> None:
        """Reports of enemy power come in, with error, from each place that the side touches; old beliefs fade."""
        if self.posture == "dormant" or not self.enemies:
            return
        p = self.model.rules.perception
        fading = math.exp(-self.model.tick_days * self.model.decision_ticks / p.staleness)
        for place in self.model.places.values():
            if not place.is_contested(self):
                self.belief[place] *= fading
            elif self.touches(place):
                truth = place.hostile_power_inside(self) + place.hostile_power_at_gates(self)
                seen = truth * math.exp(p.error * self.model.rng.standard_normal())
                old = self.belief[place]
                self.belief[place] = seen if old <= 0.0 else old + p.freshness * (seen - old)

    def touches(self, place: Place) -> bool:
        """Whether the side's ground or forces are in or next to a place."""
        holders = [place.control, *(other.control for other, _ in place.neighbours)]
        return any(side in self.friends for side in (*holders, *place.inside, *place.gates))

    def is_at_front(self, place: Place) -> bool:
        """Whether it is, itself and not only an ally, at a place or in the next one: by ground or by formations."""
        near = any(other.control is self or self in other.inside for other, _ in place.neighbours)
        return near or self in place.inside or self in place.gates

    @property
    def commands(self) -> bool:
        """Whether it plans at all."""
        return self.posture == "active" and not self.has_collapsed

    def survey(self) -> None:
        """What each place is worth to the side, and how far its people support it."""
        d = self.doctrine
        capitals = [side.capital_id for side in self.model.sides.values()]
        for place in self.model.places.values():
            shares = place.communities.items()
            self.affinity[place] = sum(share * self.communities.get(who, 0.0) for who, share in shares)
            worth = d.symbol * place.symbol + d.population * math.sqrt(place.population / 1e6)
            worth += d.junction * max(0, len(place.neighbours) - 2) + d.airfield * place.airfield
            worth += d.depot * (place.stores_full > 0) + d.capital * capitals.count(place.id)
            self.worth[place] = worth * self.aims.get(place.id, 1.0) * self.appeal(place)

    def appeal(self, place: Place) -> float:
        """Factor on the worth of a place whose people are against the side."""
        return float(1 + self.doctrine.community * min(0.0, self.affinity[place]))

    # --- decisions ---------------------------------------------------------------------------------------------------

    def command(self) -> None:
        """The supreme command and the commands turn beliefs into orders, and the routes are planned."""
        if self.posture == "dormant" or self.has_collapsed:
            return
        if self.commands:
            gone: dict[Place, float] = {}
            self.supreme.place_under_local_command()
            self.supreme.order_withdrawals()
            for command in self.commanders:
                command.plan(gone)
            self.supreme.release_reserves(gone)
        marching = (unit for unit in self.formations if unit.task is Task.MARCH)
        self.plan_routes([unit for unit in marching if unit.status is Status.ACTIVE])

    def keep_last(self) -> None:
        """Between decisions: the last of a place does not march off when the enemy has come before it since."""
        if not self.commands or self.doctrine.last_stays < 0.5:
            return
        for unit in self.formations:
            here = unit.place
            if (
                unit.status is not Status.ACTIVE
                or unit.task is not Task.MARCH
                or unit.is_bound
                or unit.road is not None
            ):
                continue
            inside = [f for f in self.formations if f.status is Status.ACTIVE and f.road is None and f.place is here]
            alone = all(other.task is Task.MARCH for other in inside)
            if here.control is self and alone and here.is_faced_by(self.enemies):
                unit.task = Task.HOLD

    def places_of(self, holders: list[Any]) -> list[Place]:
        """Places in certain hands."""
        return [place for place in self.model.places.values() if place.control in holders]

    def nearness(self, here: Place, there: Place) -> float:
        """How much what lies behind a place counts towards it."""
        return math.exp(-self.model.km[here].get(there, math.inf) / self.model.rules.command.look_ahead_km)

    def feared(self, place: Place) -> float:
        """Hostile power that the commander reckons with at a place."""
        return max(self.belief[place], self.model.rules.command.hearsay * self.fresh_threat(place))

    # --- tasks -------------------------------------------------------------------------------------------------------

    def is_given_up(self, here: Place) -> bool:
        """Whether it is ordered given up, or the odds are hopeless while there is a way home."""
        if here in self.supreme.given_up:
            return True
        if here.rear_base or here.id == self.capital_id or here not in self.way_home:
            return False
        return self.feared(here) > self.doctrine.withdraw_ratio * here.power_inside(self)

    def binds(self, unit: Formation, gone: float) -> bool:
        """Whether a place needs a formation as garrison."""
        here, side = unit.place, unit.side
        if here.control is not side:
            return False
        is_last = here.people_inside(side) - gone - unit.strength < 1
        if self.doctrine.last_stays >= 0.5 and is_last and here.is_faced_by(side.enemies):
            return True
        if not here.has_been_taken():
            return False
        # It goes or stays whole: it stays if more than half of it is needed.
        staying = here.people_inside(side) - gone - 0.5 * unit.strength
        return staying < self.doctrine.garrison * here.garrison_needed(side)

    def is_blocked(self, unit: Formation, target: Place) -> bool:
        """Whether an enemy place on the quickest way to a target is believed stronger than a formation."""
        between = self.model.quickest[unit.here].get(target, [])[1:-1]
        return any(place.control in self.enemies and self.belief[place] > unit.power for place in between)

    # --- routes ------------------------------------------------------------------------------------------------------

    def plan_routes(self, marching: list[Formation]) -> None:
        """Everybody takes the quickest way if it is friendly; else the way of least cost round or through the enemy."""
        roads_are_whole = not any(road.cut for road in self.model.roads.values())
        planned: dict[Place, dict[Place, Place]] = {}
        for unit in marching:
            quickest = self.model.quickest[unit.here].get(unit.target, [])
            if quickest and roads_are_whole and all(place.control in self.friends for place in quickest[1:-1]):
                unit.route = dict(itertools.pairwise(quickest))
                continue
            if unit.target not in planned and len(planned) < MOST_TARGETS:
                planned[unit.target] = self.plan_route(unit.target)
            unit.route = planned.get(unit.target, {})

    def plan_route(self, target: Place) -> dict[Place, Place]:
        """From every place the next one to `target`: round neutral ground, and round the enemy if not too far."""
        detour = self.model.rules.routes.detour

        def cost(here: Place, there: Place, edge: dict[str, Any]) -> float | None:
            road = edge["road"]
            is_hostile = here.control in self.enemies
            if road.cut or not (is_hostile or here.control in self.friends):
                return None
            factor = detour if is_hostile and here is not target else 1.0
            return float(road.km / road.speed * factor)

        _, paths = nx.single_source_dijkstra(self.model.graph, target, weight=cost)
        return {place: path[-2] for place, path in paths.items() if len(path) > 1}

    # --- before a place ----------------------------------------------------------------------------------------------

    def engage(self) -> None:
        """Who stands before a place assaults it or moves round it."""
        for unit in self.formations:
            unit.assaults = False
        if not self.commands:
            return
        before = [unit for unit in self.formations if unit.status is Status.ACTIVE and unit.is_at_gate]
        if self.doctrine.encirclement >= 0.5:
            for objective in itertools.chain(*(command.objectives for command in self.commanders)):
                if objective.is_attack:
                    self.encircle(objective.target, [unit for unit in before if unit.heading is objective.target])
        self.order_assaults(before)

    def order_assaults(self, before: list[Formation]) -> None:
        """Formations at a gate assault if those before the place together have the ratio for it."""
        if self.model.ceasefire > 0.0:
            return
        for unit in before:
            if unit.passive or unit.pause > 0.0 or unit.task is Task.FLANK:
                continue
            place, force = unit.heading, unit.heading.gates[unit.side]
            if force.power >= self.doctrine.assault_ratio * (1 + self.belief[place] * place.cover):
                unit.assaults = True
                force.assaulting += unit.power
                if unit.contact is Contact.BESIEGED:
                    unit.days_left = 0.0
                force.just_come += unit.power * unit.has_just_come

    def encircle(self, here: Place, before: list[Formation]) -> None:
        """Before a place attacked, one formation that its gate can spare moves round to an open road."""
        road = self.open_road(here)
        moving = [unit for unit in self.formations if unit.task is Task.FLANK and unit.heading is here]
        if road is None or any(unit.status is Status.ACTIVE for unit in moving):
            return
        for unit in before:
            if unit.mobile and unit.pause <= 0.0:
                staying = sum(other.strength for other in before if other.road is unit.road) - unit.strength
                if staying >= self.model.rules.forces.closing_force:
                    unit.task = Task.FLANK
                    unit.flank_road = road
                    unit.flank_days = self.model.rules.command.flank_days - 0.5 * self.model.tick_days
                    return

    def open_road(self, here: Place) -> Road | None:
        """A road that the defenders of a place could still use and the besieger may close."""
        holder = here.control
        way_out = holder.way_home.get(here)
        for place, road in here.neighbours:
            hostile_to_either = [*holder.enemies, *self.enemies]
            is_open = not road.cut and not any(side in hostile_to_either for side in road.closers)
            if place.control not in holder.friends or not is_open:
                continue
            if place is not way_out or self.doctrine.leave_exit < 0.5:
                return road
        return None

    # --- supply ------------------------------------------------------------------------------------------------------

    def trace_communications(self) -> None:
        """When the ground has changed, and each day where order does, lines of communication are traced anew."""
        if self.posture == "dormant":
            return
        ground = self.look_at_ground()
        captured = any(place.has_been_taken() and place.control in self.friends for place in self.model.places.values())
        is_due = self.model.tick == 0 or self.model.has_news or (self.model.is_new_day and captured)
        if ground != self.ground or is_due:
            self.ground = ground
            self.find_ways_home()

    def look_at_ground(self) -> tuple[Any, ...]:
        """All that lines of communication depend on, but for unrest."""
        friendly = {place for place in self.model.places.values() if place.control in self.friends}
        return (
            friendly,
            {road for road in self.model.roads.values() if {road.a, road.b} <= friendly and road.is_closed_to(self)},
            {place for place in friendly if place.rear_base and place.is_contested(self)},
        )

    def find_ways_home(self) -> None:
        """From the rear bases through friendly places over uncontested roads.

        Kilometres are those of the best road: a poor road, or unrest along it, makes the way longer.
        """

        def cost(here: Place, there: Place, edge: dict[str, Any]) -> float | None:
            road = edge["road"]
            if there.control not in self.friends or road.cut or road.is_closed_to(self):
                return None
            unrest = max(0.2, there.stability) if there.stability < 1 else 1.0
            return float(road.km / road.throughput / unrest)

        bases = [
            place
            for place in self.model.places.values()
            if place.rear_base and place.control in self.friends and not place.is_contested(self)
        ]
        km, paths = nx.multi_source_dijkstra(self.model.graph, bases, weight=cost) if bases else ({}, {})
        self.supply_km = km
        self.way_home = {place: path[-2] if len(path) > 1 else place for place, path in paths.items()}
        self.rear_base = {place: path[0] for place, path in paths.items()}

    # --- morale ------------------------------------------------------------------------------------------------------

    def hear_news(self) -> None:
        """News on the way becomes news heard, and news heard fades; so does the example of those who broke."""
        p = self.model.rules.morale
        self.travel(self.news_coming, self.news, p.news_delay, p.news_memory)
        self.travel(self.example_coming, self.example, p.example_delay, p.example_memory)

    def travel(self, coming: dict[Place, float], heard: dict[Place, float], delay: float, memory: float) -> None:
        """What is on the way arrives, and what has arrived fades."""
        arriving = chance_within(self.model.tick_days / delay)
        fading = math.exp(-self.model.tick_days / memory)
        for place, value in coming.items():
            heard[place] = heard[place] * fading + value * arriving
            coming[place] = value * (1 - arriving)

    def pressure(self, here: Place, log_odds: float, contact: Contact, roads: float) -> float:
        """What speaks for breaking for all who defend a place: odds, closed roads, news, neighbours, ground, air.

        `roads`: the share of what closed roads weigh that counts.
        """
        p = self.model.rules.morale
        ratio = p.ratio * log_odds
        news = bent(p.contagion * self.news[here], p.bound)
        x = p.baseline + roads * p.encirclement * min(1.0, self.closed[here] / 0.8) ** 3
        x += p.neighbours * self.share_of_neighbours_broken(here) + roads * p.isolation * (here not in self.way_home)
        x -= p.air_support * min(1.0, here.friendly_strikes(self) / 60) + bent(p.terrain * (here.cover - 1.1), p.bound)
        if contact is Contact.ASSAULT:
            return float(x + ratio + news)
        if contact is Contact.AWAY:
            news = bent(p.contagion * p.threatened_news * self.news[here], p.bound)
            return float(x + p.threatened_ratio * ratio + news + p.threatened)
        return float(x + min(0.0, ratio) + news + p.besieged)

    def share_of_neighbours_broken(self, here: Place) -> float:
        """Of the people who stood in a place and near it, the share whose formations broke."""
        broke = self.example[here]
        if broke <= 0.01:
            return 0.0
        return broke / (broke + sum(place.people_inside(self) for place in self.model.around(here)))

    # --- politics ----------------------------------------------------------------------------------------------------

    def weigh_up(self) -> None:
        """Will falls with places and people lost, and drifts back; a side whose will is spent may collapse."""
        p, days = self.model.rules.politics, self.model.tick_days
        if self.has_collapsed:
            for unit in self.formations:
                unit.disband(happens_within(days, p.disbanding))
            return
        if self.posture == "dormant":
            return
        capital = self.model.places.get(self.capital_id or "")
        if capital is not None and capital.taken_on == self.model.tick and capital.control is not self:
            self.shock += p.capital_lost
        lost = sum(unit.losses for unit in self.formations)
        if self.initial_strength > 0:
            self.will -= p.strength_lost * (lost - self.lost_before) / self.initial_strength
        self.lost_before = lost
        self.will -= self.shock
        self.shock = 0.0
        goal = self.will_base + p.pay * self.career * (self.pay / max(self.pay_base, 0.01) - 1)
        goal += p.legitimacy * (self.legitimacy - self.legitimacy_base)
        goal -= p.hardship * (self.hardship - self.hardship_base)
        self.will += max(0.0, goal - self.will) * happens_within(days, p.recovery)
        self.will = min(1.0, max(0.0, self.will))
        hazard = math.exp(p.collapse + p.brittleness * (0.35 - self.will))
        if self.model.rng.random() < happens_within(days, hazard):
            self.collapse()

    def collapse(self) -> None:
        """Its rule ends."""
        if not self.has_collapsed:
            self.has_collapsed = True
            self.collapsed_on = self.model.tick
