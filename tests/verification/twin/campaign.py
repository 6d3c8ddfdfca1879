"""The campaign as an ordinary Mesa model, written from docs/model.md: objects, a networkx graph, draws of numpy.

It is the independent twin of the engine: tests/verification holds that both agree in distribution. And it is the
baseline that the engine's speed is measured against: written as a Mesa user writes a model, for clarity.
`python -m tests.verification.twin.campaign scenarios/hama-2024.yaml` times it.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

import mesa
import networkx as nx

from sim.rules.rulebook import RULEBOOK
from sim.scenario.read import LoadedScenario, read
from tests.verification.twin.air import AirWing, Sponsor, strike
from tests.verification.twin.command import Command
from tests.verification.twin.events import Arrival, Event
from tests.verification.twin.formation import Contact, Formation, Status
from tests.verification.twin.place import Place, Road
from tests.verification.twin.scenario import chance_within, draw_situation, rule_parameters
from tests.verification.twin.side import Side

PRESENT = (Status.ACTIVE, Status.WITHDRAWING, Status.SHATTERED)


class PlainCampaign(mesa.Model):
    """One campaign of a scenario."""

    def __init__(self, loaded: LoadedScenario, seed: int = 0) -> None:
        super().__init__(rng=seed)
        self.document = draw_situation(loaded, self.rng)
        self.rules = rule_parameters(self.document)
        clock = self.document["clock"]
        self.start = datetime.fromisoformat(self.document["start"])
        self.tick_days = clock["tick_hours"] / 24
        self.ticks = round(clock["days"] / self.tick_days)
        self.ticks_a_day = 24 // clock["tick_hours"]
        self.decision_ticks = max(1, round(clock["decision_hours"] / clock["tick_hours"]))
        self.tick = 0
        self.weather = 1.0
        self.ceasefire = 0.0
        self.ceasefire_on: int | None = None
        self.has_news = False
        """Whether an event has happened in this tick."""
        self.build_map()
        self.build_forces()
        self.build_commands()
        self.events = {name: Event(self, spec) for name, spec in self.document["events"].items()}
        for name, spec in self.document["reinforcements"].items():
            self.events[f"arrival:{name}"] = Arrival(self, name, spec)
        self.read_stances()
        for side in self.sides.values():
            side.survey()
        for sponsor in self.sponsors.values():
            sponsor.weigh()
        self.reckon_powers()
        self.count_forces()
        for side in self.sides.values():
            side.trace_communications()
        self.look_round()
        for side in self.sides.values():
            side.get_used(1.0)
        self.datacollector = mesa.DataCollector(model_reporters=self.reporters())

    # --- setting up --------------------------------------------------------------------------------------------------

    def build_map(self) -> None:
        """Sides, places and the roads between them."""
        spec = self.document
        self.sides = {name: Side(self, name, side) for name, side in spec["sides"].items()}
        self.stance = {(name, other): "neutral" for name in self.sides for other in self.sides}
        for name, side in spec["sides"].items():
            for other, stance in side["stances"].items():
                self.set_stance(self.sides[name], self.sides[other], stance)
        self.places = {name: Place(self, name, place) for name, place in spec["places"].items()}
        self.roads: dict[str, Road] = {}
        self.graph = nx.Graph()
        self.graph.add_nodes_from(self.places.values())
        for name, edge in spec["roads"].items():
            a, b = (self.places[end] for end in edge["between"])
            quality = spec["road_classes"][edge["class"]]
            road = Road(a, b, edge["km"], quality["speed"], quality["throughput"], edge["cut"])
            self.roads[name] = road
            self.graph.add_edge(a, b, road=road, km=road.km, march_km=road.km / road.speed)
            a.neighbours.append((b, road))
            b.neighbours.append((a, road))
        self.km: dict[Place, dict[Place, float]] = dict(nx.all_pairs_dijkstra_path_length(self.graph, weight="km"))
        self.quickest: dict[Place, dict[Place, list[Place]]] = dict(
            nx.all_pairs_dijkstra_path(self.graph, weight="march_km")
        )

    def build_forces(self) -> None:
        """Sponsors, formations, the columns that will set out later, and air wings."""
        spec = self.document
        self.sponsors = {name: Sponsor(self, name, sponsor) for name, sponsor in spec["sponsors"].items()}
        self.formations = {name: Formation(self, name, unit) for name, unit in spec["formations"].items()}
        for name, column in spec["reinforcements"].items():
            self.formations[name] = Formation.reinforcement(self, name, column)
        for unit in self.formations.values():
            unit.side.formations.append(unit)
            if unit.status is not Status.DORMANT:
                unit.side.initial_strength += unit.strength
        self.air = {name: AirWing(self, name, wing) for name, wing in spec["air"].items()}

    def build_commands(self) -> None:
        """The commands of the sides, and who takes orders from which."""
        for side in self.sides.values():
            own = [spec for spec in self.document["commands"].values() if spec["side"] == side.id]
            side.commanders = [Command(side, spec) for spec in own or [{}]]
        for name, unit in self.formations.items():
            column = self.document["reinforcements"].get(name)
            place = self.places[column["place"]] if column else unit.place
            own_commands = unit.side.commanders
            named = [command for command in own_commands if name in command.named]
            local = [command for command in own_commands if place in command.area]
            unit.command = [*named, *local, *own_commands][0]

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
            reporters[f"{name}.strength"] = lambda model, side=side: self.strength_of(side)
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
        """A place and the next ones that are near."""
        return [here, *(place for place, road in here.neighbours if road.km <= self.rules.forces.near_km)]

    def set_stance(self, one: Side, other: Side, stance: str) -> None:
        """Two sides become hostile, neutral or allied."""
        self.stance[one.id, other.id] = self.stance[other.id, one.id] = stance

    def read_stances(self) -> None:
        """Who is whose enemy and friend."""
        for side in self.sides.values():
            others = [other for other in self.sides.values() if other is not side]
            side.enemies = [other for other in others if self.stance[side.id, other.id] == "hostile"]
            side.friends = [side, *(other for other in others if self.stance[side.id, other.id] == "allied")]

    def casualties(self, foe: float, own: float, own_exponent: float) -> float:
        """Lanchester's family: people hit a day on the side whose power is `own`."""
        if foe <= 0 or own <= 0:
            return 0.0
        p = self.rules.combat
        return float(p.rate * foe**p.foe_exponent * own**own_exponent)

    def strength_of(self, side: Side) -> int:
        """People present and fit."""
        return sum(unit.strength + unit.scattered for unit in side.formations if unit.status in PRESENT)

    # --- the sequence of play ----------------------------------------------------------------------------------------

    def step(self) -> None:
        """One tick of the campaign."""
        formations, places = self.agents_by_type[Formation], self.agents_by_type[Place]
        sides, sponsors = self.agents_by_type[Side], self.sponsors.values()

        self.happenings()
        self.reckon_powers()
        self.count_forces()
        self.habituate()
        if self.is_time_to_decide:
            sides.do("perceive")
            sides.do("command")
        else:
            sides.do("keep_last")
        self.air_phase()
        self.movement()

        self.count_forces()
        self.look_round()
        sides.do("engage")
        self.supply_phase()
        self.combat()
        sides.do("hear_news")
        formations.do("recover")
        formations.do("sum_break_terms")
        formations.do("check_morale")
        formations.do("check_assault")
        self.enter_undefended()
        places.do("settle_control")
        places.do("may_be_occupied")
        places.do("keep_order_if_taken")
        places.do("weigh_yielding")
        places.do("pass_to_taker")
        places.do("suffer")
        if self.is_new_day and self.ceasefire <= 0.0:
            places.do("rise")
        sides.do("weigh_up")
        for sponsor in sponsors:
            sponsor.think_again()
        self.tick += 1
        self.datacollector.collect(self)

    def happenings(self) -> None:
        """A ceasefire runs down, and events whose time has come take effect."""
        self.ceasefire = max(0.0, self.ceasefire - self.tick_days)
        self.has_news = False
        for event in self.events.values():
            self.has_news |= event.happens()
        if self.ceasefire > 0.0 and self.ceasefire_on is None:
            self.ceasefire_on = self.tick
        self.read_stances()

    def reckon_powers(self) -> None:
        """Everybody's power, for the whole tick."""
        for unit in self.formations.values():
            unit.reckon_power()

    def count_forces(self) -> None:
        """Everybody is counted by place, gate and road."""
        for place in self.places.values():
            place.clear()
        for road in self.roads.values():
            road.clear()
        for unit in self.formations.values():
            unit.take_position()
        for road in self.roads.values():
            road.closers = [side for side, people in road.people.items() if people >= self.rules.forces.closing_force]

    def look_round(self) -> None:
        """Each side sees what threatens it and which roads are closed."""
        for side in self.sides.values():
            side.look_round()

    def habituate(self) -> None:
        """Sides get used to what stands near; where somebody fights or a place has fallen, they are used to nothing."""
        p = self.rules.perception
        if p.habit <= 0.0:
            return
        for side in self.sides.values():
            side.get_used(chance_within(self.tick_days / p.habit_days))
        for unit in self.formations.values():
            if unit.status in PRESENT and unit.contact in (Contact.ASSAULT, Contact.MEETING):
                unit.side.be_alarmed(unit.here, min(p.alarm_km, self.rules.forces.near_km))
        for place in self.places.values():
            if place.taken_on is not None and place.taken_on == self.tick - 1:
                for side in place.control.enemies:
                    side.be_alarmed(place, self.rules.forces.near_km)

    def air_phase(self) -> None:
        """Wings fly, and each side's strikes are shared out."""
        if self.is_new_day:
            self.weather = self.rng.uniform(self.rules.air.worst_weather, 1.0)
        for place in self.places.values():
            place.strikes.clear()
        for road in self.roads.values():
            road.interdiction = 0.0
        if self.ceasefire > 0.0:
            return
        for side in self.sides.values():
            strikes = sum(wing.fly() for wing in self.air.values() if wing.side is side)
            if strikes > 0.0:
                strike(self, side, strikes)

    def movement(self) -> None:
        """Columns march round by round, one road in each: all come to their roads before any of them moves."""
        for road in self.roads.values():
            road.movers.clear()
        marching = [unit for unit in self.formations.values() if unit.sets_out()]
        self.agents_by_type[Formation].do("pass_time")
        coming_through = [unit for unit in marching if unit.drives()]
        while coming_through:
            marching = [unit for unit in coming_through if unit.take_next_road()]
            coming_through = [unit for unit in marching if unit.leaves_place() and unit.drives()]

    def supply_phase(self) -> None:
        """Lines of communication, consumption, and once a day what the bases send."""
        for side in self.sides.values():
            side.trace_communications()
        for unit in self.formations.values():
            unit.consume()
        if not self.is_new_day:
            return
        for place in self.places.values():
            if place.rear_base:
                place.stores = min(place.stores_full, place.stores + self.rules.supply.refill * place.stores_full)
        for unit in self.formations.values():
            unit.resupply()

    def combat(self) -> None:
        """Everybody fires at once: hazards from the power at the start of the phase, then casualties."""
        for unit in self.formations.values():
            unit.contact = Contact.AWAY
        for place in self.places.values():
            place.fight()
        for road in self.roads.values():
            road.fight(self)
        for unit in self.formations.values():
            unit.fight()
        for unit in self.formations.values():
            unit.leave_if_destroyed()

    def enter_undefended(self) -> None:
        """Formations at the gate of a hostile place in which nobody resists any more drive in."""
        if self.ceasefire > 0.0:
            return
        for unit in self.formations.values():
            place = unit.heading
            if unit.status is not Status.ACTIVE or not unit.is_at_gate or unit.passive:
                continue
            if place.control in unit.side.enemies and not place.has_enemies_inside(unit.side):
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

    def end_of(self, tick: int | None) -> float | None:
        """Days until the end of the tick in which something happened."""
        return None if tick is None else (tick + 1) * self.tick_days

    def outcomes(self) -> dict[str, Any]:
        """What came of the campaign, under the names that the engine gives its outcomes."""
        found: dict[str, Any] = {"ceasefire.day": self.end_of(self.ceasefire_on)}
        for name, place in self.places.items():
            found[f"{name}.fall_day"] = self.end_of(place.fell)
            found[f"{name}.invested_when_fell"] = place.invested_when_fell
            found[f"{name}.repulses"] = place.repulses
            found |= {f"{name}.garrison_{fate}": people for fate, people in place.garrison.items()}
            found |= {f"{name}.held_by.{side}": self.sides[side] is place.control for side in self.sides}
        for name, side in self.sides.items():
            units = side.formations
            found[f"{name}.collapsed"] = side.has_collapsed
            found[f"{name}.collapse_day"] = self.end_of(side.collapsed_on)
            found[f"{name}.strength"] = self.strength_of(side)
            found[f"{name}.will"] = side.will
            present = [unit for unit in units if unit.status in PRESENT]
            people = self.strength_of(side)
            morale = sum((unit.strength + unit.scattered) * unit.morale for unit in present)
            found[f"{name}.morale"] = morale / max(1, people)
            held = [place for place in self.places.values() if place.control is side]
            found[f"{name}.places"] = len(held)
            found[f"{name}.regained"] = sum(place.fell is not None and place.first_holder is side for place in held)
            found[f"{name}.equipment"] = sum(unit.equipment for unit in units)
            found[f"{name}.equipment_taken"] = sum(unit.equipment_taken for unit in units)
            found[f"{name}.captured"] = sum(unit.captured for unit in units)
            found[f"{name}.deserted"] = sum(unit.deserted for unit in units)
            found[f"deaths.{name}"] = sum(unit.killed for unit in units)
        for region in {place.region for place in self.places.values()}:
            there = [place for place in self.places.values() if place.region == region]
            found[f"displaced.{region}"] = sum(place.displaced for place in there)
        found["displaced.total"] = sum(place.displaced for place in self.places.values())
        found["deaths.civilian"] = sum(place.civilian_dead for place in self.places.values())
        found["deaths.combatant"] = sum(unit.killed for unit in self.formations.values())
        found["deaths.total"] = found["deaths.civilian"] + found["deaths.combatant"]
        return found


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
