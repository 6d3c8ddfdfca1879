"""The campaign as an ordinary Mesa model: objects, a networkx graph and the same twelve phases as the engine's rules.

It is the baseline that the engine's speed is measured against: written as a Mesa user writes a model, for clarity,
with the same parameters, formulas and entities. `python -m benchmarks.plain_mesa scenarios/hama-2024.yaml` times it.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

import mesa
import networkx as nx

from benchmarks.plain_mesa_air import AirWing, Sponsor, strike
from benchmarks.plain_mesa_column import Contact, Status
from benchmarks.plain_mesa_events import Arrival, Event
from benchmarks.plain_mesa_formation import Formation
from benchmarks.plain_mesa_place import Place, Road
from benchmarks.plain_mesa_setup import draw_situation, rule_parameters
from benchmarks.plain_mesa_side import Side
from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario, read


class PlainCampaign(mesa.Model):
    """One campaign of a scenario."""

    def __init__(self, loaded: LoadedScenario, seed: int = 0) -> None:
        super().__init__(rng=seed)
        self.document = draw_situation(loaded, self.rng)
        self.p = rule_parameters(self.document)
        clock = self.document["clock"]
        self.start = datetime.fromisoformat(self.document["start"])
        self.tick_days = clock["tick_hours"] / 24
        self.ticks = round(clock["days"] / self.tick_days)
        self.ticks_a_day = 24 // clock["tick_hours"]
        self.decision_ticks = max(1, round(clock["decision_hours"] / clock["tick_hours"]))
        self.tick = 0
        self.weather = 1.0
        self.ceasefire = 0.0
        self.ground: tuple[Any, ...] = ()
        self.build_map()
        self.build_forces()
        self.events = [Event(self, said) for said in self.document["events"].values()]
        self.events += [Arrival(self, name, said) for name, said in self.document["reinforcements"].items()]
        for side in self.sides.values():
            side.survey()
        self.read_stances()
        self.count_forces()
        self.agents_by_type[Side].do("trace_communications")
        self.datacollector = mesa.DataCollector(model_reporters=self.reporters())

    # --- setting up --------------------------------------------------------------------------------------------------

    def build_map(self) -> None:
        """Sides, places and the roads between them."""
        said = self.document
        self.sides = {name: Side(self, name, side) for name, side in said["sides"].items()}
        self.stance = {(name, other): "neutral" for name in self.sides for other in self.sides}
        for name, side in said["sides"].items():
            for other, stance in side["stances"].items():
                self.set_stance(self.sides[name], self.sides[other], stance)
        self.places = {name: Place(self, name, place) for name, place in said["places"].items()}
        self.graph = nx.Graph()
        self.graph.add_nodes_from(self.places.values())
        for edge in said["roads"].values():
            a, b = (self.places[name] for name in edge["between"])
            quality = said["road_classes"][edge["class"]]
            road = Road(a, b, edge["km"], quality["speed"], quality["throughput"])
            self.graph.add_edge(a, b, road=road, km=road.km)
            a.neighbours.append((b, road))
            b.neighbours.append((a, road))
        self.roads: list[Road] = [edge["road"] for _, _, edge in self.graph.edges(data=True)]
        self.km: dict[Place, dict[Place, float]] = dict(nx.all_pairs_dijkstra_path_length(self.graph, weight="km"))

    def build_forces(self) -> None:
        """Sponsors, formations, the columns that will set out later, and air wings."""
        said = self.document
        self.sponsors = {name: Sponsor(self, name, sponsor) for name, sponsor in said["sponsors"].items()}
        self.formations = {name: Formation(self, name, unit) for name, unit in said["formations"].items()}
        for name, column in said["reinforcements"].items():
            self.formations[name] = Formation.reinforcement(self, name, column)
        for unit in self.formations.values():
            unit.side.formations.append(unit)
            if unit.status is not Status.DORMANT:
                unit.side.muster_strength += unit.strength
        self.air = {name: AirWing(self, name, wing) for name, wing in said["air"].items()}

    def reporters(self) -> dict[str, Any]:
        """What is recorded each tick."""
        reporters: dict[str, Any] = {
            "day": lambda model: model.day,
            "displaced": lambda model: sum(place.displaced for place in model.places.values()),
            "civilian_dead": lambda model: sum(place.civilian_dead for place in model.places.values()),
            "combatant_dead": lambda model: sum(unit.killed for unit in model.formations.values()),
            "control": lambda model: [place.control.id for place in model.places.values()],
        }
        for name, side in self.sides.items():
            reporters[f"{name}.strength"] = lambda model, side=side: sum(unit.strength for unit in side.formations)
            reporters[f"{name}.will"] = lambda model, side=side: side.will
        return reporters

    # --- helpers of the phases ---------------------------------------------------------------------------------------

    @property
    def day(self) -> float:
        """Days since the start."""
        return self.tick * self.tick_days

    @property
    def is_new_day(self) -> bool:
        return self.tick % self.ticks_a_day == 0

    @property
    def is_time_to_decide(self) -> bool:
        return self.tick % self.decision_ticks == 0

    def day_of(self, moment: datetime) -> float:
        """Days from the start to a date."""
        return (moment - self.start).total_seconds() / 86_400

    def road_between(self, here: Place, there: Place) -> Road:
        """The road from a place to its neighbour."""
        road: Road = self.graph.edges[here, there]["road"]
        return road

    def around(self, here: Place) -> list[Place]:
        """A place and the next ones."""
        return [here, *(place for place, _ in here.neighbours)]

    def set_stance(self, one: Side, other: Side, stance: str) -> None:
        """Two sides become hostile, neutral or allied."""
        self.stance[one.id, other.id] = self.stance[other.id, one.id] = stance

    def read_stances(self) -> None:
        """Who is whose enemy and friend."""
        for side in self.sides.values():
            others = [other for other in self.sides.values() if other is not side]
            side.enemies = [other for other in others if self.stance[side.id, other.id] == "hostile"]
            side.friends = [side, *(other for other in others if self.stance[side.id, other.id] == "allied")]

    def casualties_per_day(self, foe: float, own: float, in_the_open: bool = False) -> float:
        """Lanchester's family: people hit a day on the side whose power is `own`."""
        q = self.p.combat
        return float(q.rate * foe**q.foe_exponent * own ** (q.open_exponent if in_the_open else q.own_exponent))

    def count_forces(self) -> None:
        """Everybody's power is reckoned, and counted by place, gate and road."""
        for place in self.places.values():
            place.clear()
        for road in self.roads:
            road.clear()
        self.agents_by_type[Formation].do("take_position")
        for road in self.roads:
            road.closers = [side for side, people in road.people.items() if people >= self.p.forces.closing_force]

    def has_ground_changed(self) -> bool:
        """Whether a place, a stance, or what closes a road or presses a rear base has changed since the last look."""
        places, sides = self.places.values(), self.sides.values()
        ground = (
            [place.control for place in places],
            [set(road.closers) for road in self.roads],
            [[side for side in sides if place.is_contested(side)] for place in places if place.rally],
            dict(self.stance),
        )
        has_changed = ground != self.ground
        self.ground = ground
        return has_changed

    # --- the sequence of play ----------------------------------------------------------------------------------------

    def step(self) -> None:
        """One tick of the campaign."""
        formations, places = self.agents_by_type[Formation], self.agents_by_type[Place]
        sides = self.agents_by_type[Side]

        self.happenings()
        self.count_forces()
        sides.do("perceive")
        sides.do("command")
        self.air_phase()
        for place in self.places.values():
            place.claims.clear()
        formations.do("set_out")
        formations.do("move")

        self.count_forces()
        if self.has_ground_changed() or self.is_new_day:
            sides.do("trace_communications")
        places.do("refill")
        formations.do("consume")
        self.combat()
        sides.do("hear_news")
        formations.do("keep_heart")
        self.enter_undefended()
        places.do("settle_control")
        places.do("suffer")
        sides.do("weigh_up")
        for sponsor in self.sponsors.values():
            sponsor.think_again()
        self.datacollector.collect(self)
        self.tick += 1

    def happenings(self) -> None:
        """Events whose time has come take effect."""
        for event in self.events:
            event.happen_if_due()
        self.read_stances()
        self.ceasefire = max(0.0, self.ceasefire - self.tick_days)

    def air_phase(self) -> None:
        """Wings fly, and each side's strikes are shared out."""
        if self.is_new_day:
            self.weather = self.rng.uniform(self.p.air.worst_weather, 1.0)
        for place in self.places.values():
            place.strikes.clear()
        for road in self.roads:
            road.interdiction = 0.0
        for side in self.sides.values():
            side.strikes = 0.0
        if self.ceasefire > 0.0:
            return
        for wing in self.air.values():
            wing.fly()
        for side in self.sides.values():
            if side.strikes > 0.0:
                strike(self, side)

    def combat(self) -> None:
        """Everybody fires at once: hazards from the power at the start of the phase, then casualties."""
        for unit in self.formations.values():
            unit.contact = Contact.AWAY
        self.agents_by_type[Place].do("fight")
        for road in self.roads:
            if len(road.formations) > 1:
                road.fight(self)
        self.agents_by_type[Formation].do("fight")

    def enter_undefended(self) -> None:
        """Formations at the gate of a hostile place in which nobody resists any more drive in."""
        for place in self.places.values():
            place.inside_men.clear()
        active = [unit for unit in self.formations.values() if unit.status is Status.ACTIVE and unit.strength > 0]
        for unit in active:
            if unit.road is None:
                unit.place.inside_men[unit.side] += unit.strength
        if self.ceasefire > 0.0:
            return
        for unit in active:
            place = unit.heading
            if not unit.is_at_gate or unit.passive or place.control not in unit.side.enemies:
                continue
            if not place.has_enemies_inside(unit.side):
                unit.place = place
                unit.road = None
                unit.assaults = False
                place.claims[unit.side] += unit.strength

    # --- running -----------------------------------------------------------------------------------------------------

    def run(self) -> dict[str, Any]:
        """Plays the campaign to its end and says what came of it."""
        while self.tick < self.ticks:
            self.step()
        return self.outcomes()

    def outcomes(self) -> dict[str, Any]:
        """When places fell, who died and fled, and what each side has left."""
        places, units = self.places.values(), self.formations.values()
        civilians = sum(place.civilian_dead for place in places)
        return {
            "fall_day": {place.id: None if place.fell is None else place.fell * self.tick_days for place in places},
            "deaths": {"total": civilians + sum(unit.killed for unit in units), "civilian": civilians},
            "displaced": sum(place.displaced for place in places),
            "strength": {name: sum(unit.strength for unit in side.formations) for name, side in self.sides.items()},
            "will": {name: side.will for name, side in self.sides.items()},
            "collapsed": [name for name, side in self.sides.items() if side.has_collapsed],
        }


def time_campaigns(path: str, campaigns: int = 3) -> None:
    """Prints the seconds a campaign takes, and nanoseconds per formation or air wing and tick."""
    loaded = read(path, RULEBOOK)
    for seed in range(campaigns):
        began = time.perf_counter()
        campaign = PlainCampaign(loaded, seed)
        built = time.perf_counter()
        campaign.run()
        ended = time.perf_counter()
        unit_ticks = (len(campaign.formations) + len(campaign.air)) * campaign.ticks
        print(
            f"seed {seed}: {ended - began:.2f} s ({built - began:.2f} s to set up), "
            f"{(ended - began) / unit_ticks * 1e9:,.0f} ns per unit-tick over {unit_ticks:,} unit-ticks"
        )


if __name__ == "__main__":
    time_campaigns(sys.argv[1])
