"""Sides of a plain-Mesa campaign: what a commander believes, what he orders, and what holds his side together."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mesa
import networkx as nx

from benchmarks.plain_mesa_column import Status, Task, happens_within
from sim.rules.command import Doctrine

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainCampaign
    from benchmarks.plain_mesa_formation import Formation
    from benchmarks.plain_mesa_place import Place, Road


@dataclass
class Objective:
    """A place that a commander wants to take or to keep."""

    target: Place
    is_attack: bool
    score: float
    need: float
    sent: float = 0.0


class Side(mesa.Agent):
    """A party to the war, and its commander."""

    model: PlainCampaign

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.posture = said["posture"]
        self.aims = said["aims"]
        self.communities = said["communities"]
        self.capital_id = said.get("capital")
        self.will = self.will_base = said["will"]
        self.pay = self.pay_base = said["pay"]
        self.legitimacy = self.legitimacy_base = said["legitimacy"]
        self.hardship = self.hardship_base = said["hardship"]
        self.serviceable = said["serviceable"]
        self.doctrine = Doctrine(**(model.document["doctrine"] | said["doctrine"]))
        self.formations: list[Formation] = []
        self.enemies: list[Side] = []
        self.friends: list[Side] = []
        self.has_collapsed = False
        self.muster_strength = 0
        self.lost_before = 0
        self.shock = 0.0
        self.strikes = 0.0
        self.worth: dict[Place, float] = {}
        self.affinity: dict[Place, float] = {}
        self.belief: dict[Place, float] = defaultdict(float)
        self.news: dict[Place, float] = {}
        self.news_coming: dict[Place, float] = defaultdict(float)
        self.example: dict[Place, float] = {}
        self.example_coming: dict[Place, float] = defaultdict(float)
        self.supply_km: dict[Place, float] = {}
        self.way_home: dict[Place, Place] = {}
        self.base_of: dict[Place, Place] = {}
        self.objectives: list[Objective] = []
        self.routes: dict[Place, dict[Place, Place]] = {}

    def survey(self) -> None:
        """What each place is worth to the side, and how far its people rally to it."""
        d = self.doctrine
        capitals = [side.capital_id for side in self.model.sides.values()]
        for place in self.model.places.values():
            shares = place.communities.items()
            self.affinity[place] = sum(share * self.communities.get(who, 0.0) for who, share in shares)
            worth = d.symbol * place.symbol + d.population * math.sqrt(place.population / 1e6)
            worth += d.junction * max(0, len(place.neighbours) - 2) + d.airfield * place.airfield
            worth += d.depot * (place.stores_full > 0.0) + d.capital * capitals.count(place.id)
            self.worth[place] = worth * self.aims.get(place.id, 1.0) * self.appeal(place)

    def appeal(self, place: Place) -> float:
        """Factor on the worth of a place whose people are against the side."""
        return 1.0 + self.doctrine.community * min(0.0, self.affinity[place])

    # --- perception --------------------------------------------------------------------------------------------------

    def perceive(self) -> None:
        """Reports of enemy power come in, with error, from each place that the side touches; old beliefs fade."""
        if self.posture == "dormant" or not self.enemies or not self.model.is_time_to_decide:
            return
        q = self.model.p.perception
        fading = math.exp(-self.model.tick_days * self.model.decision_ticks / q.staleness)
        for place in self.model.places.values():
            if not place.is_contested(self):
                self.belief[place] *= fading
                continue
            if not self.touches(place):
                continue
            truth = place.enemies_inside(self) + place.enemies_at_gates(self)
            seen = truth * self.model.rng.lognormal(0.0, q.error)
            old = self.belief[place]
            self.belief[place] = seen if old <= 0.0 else old + q.freshness * (seen - old)

    # --- command -----------------------------------------------------------------------------------------------------

    def command(self) -> None:
        """Every so often the commander turns beliefs into orders and plans the routes; who is before a place acts."""
        if self.posture != "active" or self.has_collapsed:
            return
        active = [unit for unit in self.formations if unit.status is Status.ACTIVE]
        if self.model.is_time_to_decide:
            force = sum(unit.power for unit in active if unit.mobile)
            self.choose_objectives(force)
            self.assign(active, force)
        self.order_assaults(active)
        if self.doctrine.encirclement >= 0.5:
            self.encircle(active)
        if self.model.is_time_to_decide:
            targets = {unit.target: None for unit in active if unit.task is Task.MARCH}
            self.routes = {target: self.plan_route(target) for target in targets}

    def choose_objectives(self, force: float) -> None:
        """What to attack and what to defend: by worth, by what it opens, and by what it would take."""
        d = self.doctrine
        pursued = [objective.target for objective in self.objectives]
        found = []
        for place in self.model.places.values():
            objective = None
            if place.control in self.enemies:
                if self.model.ceasefire <= 0.0 and self.touches(place):
                    objective = self.weigh_attack(place, force)
            elif place.control is self:
                objective = self.weigh_defence(place)
            if objective is not None:
                if place in pursued:
                    objective.score *= d.hysteresis
                if objective.score > 0.0:
                    found.append(objective)
        found.sort(key=lambda objective: objective.score, reverse=True)
        self.objectives = found[: max(1, int(d.objectives))]

    def weigh_attack(self, place: Place, force: float) -> Objective:
        """An attack: worth with what it opens, less where the force does not suffice."""
        d = self.doctrine
        need = self.model.p.command.least_need + d.wanted_ratio * self.belief[place] * place.cover
        score = d.offence * self.promise(place, self.enemies) * self.appeal(place)
        return Objective(place, True, score * min(1.0, math.sqrt(d.mass * force / need)), need)

    def weigh_defence(self, place: Place) -> Objective | None:
        """A defence: worth with what it shields, the more the greater the threat."""
        near = place.enemies_near(self)
        if near <= 0.0:
            return None
        threat = max(self.belief[place], 0.5 * near)
        own = place.inside_power.get(self, 0.0)
        score = self.doctrine.defence * self.promise(place, [self]) * threat / (threat + own)
        return Objective(place, False, score, threat / place.terrain)

    def promise(self, here: Place, holders: list[Side]) -> float:
        """What a place is worth with what it opens or shields: the best of the places that `holders` have."""
        reach = self.model.p.command.look_ahead_km
        km = self.model.km[here]
        return max(
            self.worth[place] * math.exp(-km[place] / reach)
            for place in self.model.places.values()
            if place.control in holders
        )

    def touches(self, place: Place) -> bool:
        """Whether the side's ground or forces are in or next to a place."""
        holders = [here.control for here in self.model.around(place)]
        return any(side in self.friends for side in (*holders, *place.sides_present()))

    def assign(self, active: list[Formation], force: float) -> None:
        """Each mobile formation gets the objective it can serve best: worth, distance, what is already sent there."""
        d = self.doctrine
        sent = 0.0
        for unit in active:
            if not unit.mobile or unit.is_bound or unit.task is Task.FLANK or unit.pause > 0.0:
                continue
            if unit.road is None and self.must_leave(unit.place):
                unit.task = Task.WITHDRAW
                continue
            values = [(self.value_for(unit, objective, force), objective) for objective in self.objectives]
            value, best = max(values, key=lambda pair: pair[0], default=(0.0, None))
            if best is None or value <= 0.0 or sent > (1.0 - d.reserve) * force:
                unit.task = Task.HOLD
                continue
            best.sent += unit.power
            sent += unit.power
            unit.target = best.target
            unit.task = Task.HOLD if unit.road is None and unit.place is unit.target else Task.MARCH

    def value_for(self, unit: Formation, objective: Objective, force: float) -> float:
        """How much a formation would serve by going for an objective."""
        d, reach = self.doctrine, self.model.p.command.reach_km
        if objective.sent > 0.0 and objective.sent + unit.power > d.mass * force:
            return 0.0
        value = objective.score * reach / (reach + self.model.km[unit.here][objective.target])
        if objective.sent > objective.need:
            value *= 0.2 * objective.need / objective.sent
        if unit.task is Task.MARCH and unit.target is objective.target:
            value *= d.hysteresis
        return value

    def must_leave(self, here: Place) -> bool:
        """Whether mobile formations should leave a place: hopeless odds, while there is a way home."""
        own = here.inside_power.get(self, 0.0)
        return 0.0 < own * self.doctrine.withdraw_ratio < self.belief[here] and here in self.way_home and not here.rally

    def order_assaults(self, active: list[Formation]) -> None:
        """Formations at a gate assault if those before the place together have the ratio for it."""
        for unit in active:
            unit.assaults = False
            if unit.is_at_gate and self.model.ceasefire <= 0.0 and unit.pause <= 0.0 and not unit.passive:
                place = unit.heading
                ratio = place.gate_power[self] / (1.0 + self.belief[place] * place.cover)
                unit.assaults = ratio >= self.doctrine.assault_ratio

    def encircle(self, active: list[Formation]) -> None:
        """Before each place attacked, one formation that its gate can spare moves round to an open road."""
        for objective in self.objectives:
            here = objective.target
            if not objective.is_attack or here.gate_power.get(self, 0.0) <= 0.0:
                continue
            road = self.open_road(here)
            if road is None:
                continue
            before = [unit for unit in active if unit.is_at_gate and unit.heading is here]
            for unit in before:
                staying = sum(other.strength for other in before if other.road is unit.road) - unit.strength
                is_free = unit.mobile and unit.pause <= 0.0 and unit.task is not Task.FLANK
                if is_free and staying >= self.model.p.forces.closing_force:
                    unit.task = Task.FLANK
                    unit.flank_road = road
                    unit.flank_days = self.model.p.command.flank_days
                    unit.assaults = False
                    break

    def open_road(self, here: Place) -> Road | None:
        """A road that the defenders of a place could still use and the besieger may close."""
        holder = here.control
        way_out = holder.way_home.get(here)
        for place, road in here.neighbours:
            if place.control not in holder.friends or road.is_closed_to(holder) or road.is_closed_to(self):
                continue
            if place is not way_out or self.doctrine.leave_exit < 0.5:
                return road
        return None

    def plan_route(self, target: Place) -> dict[Place, Place]:
        """From every place the next one to `target`: round neutral ground, and round the enemy if not too far."""
        detour = self.model.p.ways.detour

        def cost(here: Place, there: Place, edge: dict[str, Any]) -> float | None:
            if here.control in self.friends or (here is target and here.control in self.enemies):
                factor = 1.0
            elif here.control in self.enemies:
                factor = detour
            else:
                return None
            return float(edge["road"].km / edge["road"].speed * factor)

        _, paths = nx.single_source_dijkstra(self.model.graph, target, weight=cost)
        return {place: path[-2] if len(path) > 1 else place for place, path in paths.items()}

    # --- supply ------------------------------------------------------------------------------------------------------

    def trace_communications(self) -> None:
        """Lines of communication from the rear bases through friendly places over uncontested roads.

        Kilometres are those of the best road: a poor road, or unrest along it, makes the way longer.
        """
        if self.posture == "dormant":
            return

        def cost(here: Place, there: Place, edge: dict[str, Any]) -> float | None:
            road = edge["road"]
            if there.control not in self.friends or road.is_closed_to(self):
                return None
            return float(road.km / (road.throughput * max(0.2, there.stability)))

        bases = [
            place
            for place in self.model.places.values()
            if place.rally and place.control in self.friends and not place.is_contested(self)
        ]
        km, paths = nx.multi_source_dijkstra(self.model.graph, bases, weight=cost) if bases else ({}, {})
        self.supply_km = km
        self.way_home = {place: path[-2] if len(path) > 1 else place for place, path in paths.items()}
        self.base_of = {place: path[0] for place, path in paths.items()}

    # --- morale and politics -----------------------------------------------------------------------------------------

    def hear_news(self) -> None:
        """News on the way becomes news heard, and news heard fades; so does the example of those who broke."""
        q = self.model.p.morale
        self.travel(self.news_coming, self.news, q.news_delay, q.news_memory)
        self.travel(self.example_coming, self.example, q.example_delay, q.example_memory)

    def travel(self, coming: dict[Place, float], heard: dict[Place, float], delay: float, memory: float) -> None:
        """What is on the way arrives, and what has arrived fades."""
        arriving = 1.0 - math.exp(-self.model.tick_days / delay)
        fading = math.exp(-self.model.tick_days / memory)
        for place, value in coming.items():
            heard[place] = heard.get(place, 0.0) * fading + value * arriving
            coming[place] = value * (1.0 - arriving)

    def weigh_up(self) -> None:
        """Will falls with places and people lost, and drifts back; a side whose will is spent may collapse."""
        q, days = self.model.p.politics, self.model.tick_days
        if self.posture == "dormant":
            return
        if self.has_collapsed:
            for unit in self.formations:
                unit.melt_away(happens_within(days, q.melting))
            return
        capital = self.model.places.get(self.capital_id or "")
        if capital is not None and capital.taken_on == self.model.tick and capital.control is not self:
            self.shock += q.capital_lost
        lost = sum(unit.losses for unit in self.formations)
        if self.muster_strength > 0:
            self.will -= q.bleeding * (lost - self.lost_before) / self.muster_strength
        self.lost_before = lost
        self.will -= self.shock
        self.shock = 0.0
        base = self.will_base + q.pay * (self.pay / max(self.pay_base, 0.01) - 1.0)
        base += q.legitimacy * (self.legitimacy - self.legitimacy_base)
        base -= q.hardship * (self.hardship - self.hardship_base)
        if base > self.will:
            self.will += (base - self.will) * (1.0 - math.exp(-q.recovery * days))
        self.will = min(1.0, max(0.0, self.will))
        hazard = math.exp(q.collapse + q.brittleness * (0.35 - self.will))
        if self.model.rng.random() < happens_within(days, hazard):
            self.has_collapsed = True
