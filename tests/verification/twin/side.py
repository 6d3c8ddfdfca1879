"""Sides of a plain-Mesa campaign: what they see, how they are supplied, what news does to them, what holds them."""

from __future__ import annotations

import math
from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import networkx as nx

from tests.verification.twin.column import Contact, chance_within, happens_within
from tests.verification.twin.command import Commander

if TYPE_CHECKING:
    from tests.verification.twin.campaign import PlainCampaign
    from tests.verification.twin.formation import Formation
    from tests.verification.twin.town import Place


class Side(Commander):
    """A party to the war."""

    def __init__(self, model: PlainCampaign, name: str, said: dict[str, Any]) -> None:
        super().__init__(model)
        self.id = name
        self.posture = said["posture"]
        self.aims = said["aims"]
        self.communities = said["communities"]
        self.capital_id = said.get("capital")
        self.will = self.will_base = said["will"]
        self.pay = self.pay_base = said["pay"]
        self.career = said["career"]
        self.legitimacy = self.legitimacy_base = said["legitimacy"]
        self.hardship = self.hardship_base = said["hardship"]
        self.serviceable = said["serviceable"]
        self.doctrine = SimpleNamespace(**(model.document["doctrine"] | said["doctrine"]))
        self.formations: list[Formation] = []
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

    # --- perception --------------------------------------------------------------------------------------------------

    def look_round(self) -> None:
        """After movement: hostile power near each place, and how far the roads of its formations' places are closed."""
        if self.posture != "dormant":
            for place in self.model.places.values():
                near = place.enemy_power_inside(self) + place.enemy_power_at_gates(self)
                self.threat[place] = near + sum(other.enemy_power_inside(self) for other, _ in place.neighbours)
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
            if place.control is self and closed >= self.model.rules.forces.ring and place in self.way_home:
                place.invested_on = self.model.tick

    def perceive(self) -> None:
        """Reports of enemy power come in, with error, from each place that the side touches; old beliefs fade."""
        if self.posture == "dormant" or not self.enemies:
            return
        q = self.model.rules.perception
        fading = math.exp(-self.model.tick_days * self.model.decision_ticks / q.staleness)
        for place in self.model.places.values():
            if not place.is_contested(self):
                self.belief[place] *= fading
            elif self.touches(place):
                truth = place.enemy_power_inside(self) + place.enemy_power_at_gates(self)
                seen = truth * math.exp(q.error * self.model.rng.standard_normal())
                old = self.belief[place]
                self.belief[place] = seen if old <= 0.0 else old + q.freshness * (seen - old)

    def touches(self, place: Place) -> bool:
        """Whether the side's ground or forces are in or next to a place."""
        holders = [here.control for here in self.model.around(place)]
        return any(side in self.friends for side in (*holders, *place.inside, *place.gates))

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
            {place for place in friendly if place.rally and place.is_contested(self)},
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
            if place.rally and place.control in self.friends and not place.is_contested(self)
        ]
        km, paths = nx.multi_source_dijkstra(self.model.graph, bases, weight=cost) if bases else ({}, {})
        self.supply_km = km
        self.way_home = {place: path[-2] if len(path) > 1 else place for place, path in paths.items()}
        self.rear_base = {place: path[0] for place, path in paths.items()}

    # --- morale ------------------------------------------------------------------------------------------------------

    def hear_news(self) -> None:
        """News on the way becomes news heard, and news heard fades; so does the example of those who broke."""
        q = self.model.rules.morale
        self.travel(self.news_coming, self.news, q.news_delay, q.news_memory)
        self.travel(self.example_coming, self.example, q.example_delay, q.example_memory)

    def travel(self, coming: dict[Place, float], heard: dict[Place, float], delay: float, memory: float) -> None:
        """What is on the way arrives, and what has arrived fades."""
        arriving = chance_within(self.model.tick_days / delay)
        fading = math.exp(-self.model.tick_days / memory)
        for place, value in coming.items():
            heard[place] = heard[place] * fading + value * arriving
            coming[place] = value * (1 - arriving)

    def pressure(self, here: Place, log_odds: float, contact: Contact) -> float:
        """What speaks for breaking for all who defend a place: odds, closed roads, news, neighbours, ground, air."""
        q = self.model.rules.morale
        ratio = q.ratio * log_odds
        news = q.contagion * self.news[here]
        x = q.baseline + q.encirclement * min(1.0, self.closed[here] / 0.8) ** 3
        x += q.neighbours * self.share_of_neighbours_broken(here) + q.isolation * (here not in self.way_home)
        x -= q.air_support * min(1.0, here.friendly_strikes(self) / 60) + q.terrain * (here.cover - 1.1)
        if contact is Contact.AWAY:
            return float(x + q.threatened_news * news + q.threatened)
        if contact is Contact.BESIEGED:
            return float(x + min(0.0, ratio) + news + q.besieged)
        return float(x + ratio + news)

    def share_of_neighbours_broken(self, here: Place) -> float:
        """Of the people who stood in and round a place, the share whose formations broke."""
        broke = self.example[here]
        if broke <= 0.01:
            return 0.0
        return broke / (broke + sum(place.people_inside(self) for place in self.model.around(here)))

    # --- politics ----------------------------------------------------------------------------------------------------

    def weigh_up(self) -> None:
        """Will falls with places and people lost, and drifts back; a side whose will is spent may collapse."""
        q, days = self.model.rules.politics, self.model.tick_days
        if self.has_collapsed:
            for unit in self.formations:
                unit.melt_away(happens_within(days, q.melting))
            return
        if self.posture == "dormant":
            return
        capital = self.model.places.get(self.capital_id or "")
        if capital is not None and capital.taken_on == self.model.tick and capital.control is not self:
            self.shock += q.capital_lost
        lost = sum(unit.losses for unit in self.formations)
        if self.initial_strength > 0:
            self.will -= q.bleeding * (lost - self.lost_before) / self.initial_strength
        self.lost_before = lost
        self.will -= self.shock
        self.shock = 0.0
        goal = self.will_base + q.pay * self.career * (self.pay / max(self.pay_base, 0.01) - 1)
        goal += q.legitimacy * (self.legitimacy - self.legitimacy_base)
        goal -= q.hardship * (self.hardship - self.hardship_base)
        self.will += max(0.0, goal - self.will) * happens_within(days, q.recovery)
        self.will = min(1.0, max(0.0, self.will))
        hazard = math.exp(q.collapse + q.brittleness * (0.35 - self.will))
        if self.model.rng.random() < happens_within(days, hazard):
            self.collapse()

    def collapse(self) -> None:
        """Its rule ends."""
        if not self.has_collapsed:
            self.has_collapsed = True
            self.collapsed_on = self.model.tick
