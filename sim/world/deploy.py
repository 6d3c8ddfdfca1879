"""Scenario to world: forces are placed on the map, and the scenario's names become rows, codes and cells."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.scenario.errors import Problem
from sim.scenario.parameters import Rulebook
from sim.scenario.read import LoadedScenario, change
from sim.scenario.schema import AirWing, Formation, Reinforcement, Scenario
from sim.world import tables
from sim.world.commands import command_of, place_commands
from sim.world.compile_events import compile_events
from sim.world.compile_uncertain import compile_uncertain_inputs
from sim.world.layout import OBJECTIVE_SLOTS, Atlas, Layout, World, as_rows, parameter_dtype
from sim.world.limits import check_amounts, check_size
from sim.world.names import Names, commands_of, stream_id
from sim.world.network import lay_network
from sim.world.rows import fill
from sim.world.values import TABLES, Setter

PASSIVE = ("passive", "opportunist")
"""Postures of sides whose formations only defend themselves."""


@dataclass(frozen=True)
class Deployment:
    """A scenario ready to run: the block of its first moment, its layout, its atlas and its names."""

    origin: LoadedScenario
    rulebook: Rulebook
    names: Names
    layout: Layout
    block: np.ndarray
    atlas: Atlas
    ticks: int
    inputs: tuple[str, ...]
    """The name of each row of the atlas's uncertain inputs."""
    strange: tuple[Problem, ...]
    """What in its events is possible, but hardly meant."""
    values: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Numbers that have been set since the scenario was loaded, by path."""

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is possible, but hardly meant."""
        return (*self.origin.warnings, *self.strange)

    @functools.cached_property
    def loaded(self) -> LoadedScenario:
        """The scenario that is deployed."""
        return change(self.origin, self.rulebook, set=self.values) if self.values else self.origin

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario

    @property
    def unit_rows(self) -> int:
        """Formations and air wings: what a unit-tick counts."""
        return len(self.names.units) + len(self.names.wings)

    def new_world(self) -> tuple[np.ndarray, World]:
        """A fresh block and the world carved from it."""
        block = self.layout.new_block()
        block[:] = self.block
        return block, self.layout.carve(block)

    def with_values(self, values: Mapping[str, float]) -> Deployment:
        """The same scenario with other numbers at some paths, as `--set` would give it; what was set before is kept,
        but for a number at the same path.

        The first call for some paths finds the cells that they fill; each later one takes microseconds, unless a path
        needs a new deployment (`setter(paths).redeployed`). ScenarioError if there is no such path or value.
        """
        return self.setter(tuple(values)).deployment(list(values.values()))

    def setter(self, paths: Sequence[str]) -> Setter:
        """Sets the same paths to many numbers."""
        known = self._setters.get(tuple(paths))
        if known is None:
            known = self._setters[tuple(paths)] = Setter(self, paths, self._deployed_with)
        return known

    @functools.cached_property
    def _setters(self) -> dict[tuple[str, ...], Setter]:
        return {}

    def _deployed_with(self, values: Mapping[str, float]) -> Deployment:
        return deploy(change(self.loaded, self.rulebook, set=values), self.rulebook)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_setters"}

    def with_image(self, numbers: np.ndarray, held: np.ndarray, **more: Any) -> Deployment:
        """A copy in which cells of the image (see `values.image_of`) hold other numbers."""
        block = self.block.copy()
        inside = numbers < len(block)
        block[numbers[inside]] = held[inside]
        block.flags.writeable = False
        if inside.all():
            return dataclasses.replace(self, block=block, **more)
        tables, first = {}, len(block)
        for name in TABLES:
            table = getattr(self.atlas, name)
            # As plain cells: numpy does not copy the cells between the columns and the end of a row.
            cells = np.array(table.view(np.float64)).reshape(-1)
            here = (numbers >= first) & (numbers < first + len(cells))
            cells[numbers[here] - first] = held[here]
            tables[name] = as_rows(cells.view(table.dtype).reshape(table.shape))
            first += len(cells)
        return dataclasses.replace(self, block=block, atlas=self.atlas._replace(**tables), **more)


def deploy(loaded: LoadedScenario, rulebook: Rulebook) -> Deployment:
    """Place everything that a scenario names in a new world."""
    scenario = loaded.scenario
    names = Names.of(scenario)
    rows = {
        "units": len(names.units),
        "places": len(names.places),
        "roads": len(names.roads),
        "sides": len(names.sides),
        "commands": len(names.commands),
        "wings": len(names.wings),
        "backings": len(names.backings),
        "events": len(names.events),
        "objectives": len(names.commands) * OBJECTIVE_SLOTS,
        "campaign": 1,
    }
    groups = {rule: list(parameters.declared()) for rule, parameters in rulebook.items() if rule != "doctrine"}
    groups["clock"] = ["tick_days", "decision_ticks", "ticks_a_day"]
    doctrine = np.dtype([(name, np.float64) for name in rulebook["doctrine"].declared()], align=True)
    layout = Layout(rows, parameter_dtype(groups), doctrine)
    check_size(loaded, names, layout, tick_count(scenario))
    block = layout.new_block()
    world = layout.carve(block)
    _place_sides(world, scenario, names, rulebook)
    _place_settings(world, scenario, rulebook)
    _place_network(world, scenario, names)
    place_commands(world, scenario, names)
    _place_units(world, scenario, names)
    _place_air(world, scenario, names)
    conditions, effects, strange = compile_events(world, loaded, names, layout, rulebook)
    uncertain, inputs = compile_uncertain_inputs(loaded, names, layout, rulebook)
    check_amounts(loaded, names, layout, block, uncertain, effects)
    neighbours, km, next_hop, road = lay_network(world, scenario, names)
    atlas = Atlas(as_rows(neighbours), km, next_hop, road, as_rows(conditions), as_rows(effects), as_rows(uncertain))
    block.flags.writeable = False
    return Deployment(loaded, rulebook, names, layout, block, atlas, tick_count(scenario), inputs, tuple(strange))


def tick_count(scenario: Scenario) -> int:
    """Ticks from the start of a campaign to its horizon."""
    return round(scenario.clock.days * 24 / scenario.clock.tick_hours)


def _place_sides(world: World, scenario: Scenario, names: Names, rulebook: Rulebook) -> None:
    world.road_use["first_on_road"] = tables.NONE
    world.next_on_road[:] = tables.NONE
    world.stance[:] = tables.NEUTRAL
    world.worth[:] = 1.0
    world.side_view["reported_on"] = tables.NONE
    for side, row in names.sides.items():
        said = scenario.sides[side]
        units = scenario.formations | scenario.reinforcements
        own_commands = commands_of(scenario, side)
        own_units = [names.units[name] for name, unit in units.items() if unit.side == side]
        fill(
            world.sides,
            row,
            {
                "stream": stream_id(f"sides.{side}"),
                "posture": tables.POSTURES.index("passive" if said.posture in PASSIVE else said.posture),
                "occupies": said.posture == "opportunist",
                "capital": names.places.get(said.capital or "", tables.NONE),
                "drive": 1.0,
                "will_base": said.will,
                "pay_base": said.pay,
                "career": said.career,
                "legitimacy_base": said.legitimacy,
                "hardship_base": said.hardship,
                "serviceable": said.serviceable,
                "collapsed_on": -1,
                "wings": sum(wing.side == side for wing in scenario.air.values()),
                "first_unit": min(own_units, default=0),
                "last_unit": max(own_units, default=-1) + 1,
                "first_command": names.commands[own_commands[0]],
                "last_command": names.commands[own_commands[-1]] + 1,
            },
        )
        world.stance[row, row] = tables.ALLIED
        for other, stance in said.stances.items():
            code = tables.STANCE_NAMES.index(stance)
            world.stance[row, names.sides[other]] = world.stance[names.sides[other], row] = code
        for place, factor in said.aims.items():
            world.worth[row, names.places[place]] = factor
        for place, here in names.places.items():
            shares = scenario.places[place].communities
            rallying = sum(share * said.communities.get(who, 0.0) for who, share in shares.items())
            world.side_view["affinity"][row, here] = rallying
            world.side_view["in_area"][row, here] = not said.regions or scenario.places[place].region in said.regions
        for weight, declared in rulebook["doctrine"].declared().items():
            default = scenario.doctrine.get(weight, declared.default)
            world.doctrines[weight][row] = said.doctrine.get(weight, default)
    for (sponsor, side), row in names.backings.items():
        patron = scenario.sponsors[sponsor]
        friction = sum(
            distrust for other, distrust in patron.friction.items() if side in scenario.sponsors[other].backs
        )
        fill(
            world.backings,
            row,
            {
                "sponsor": names.sponsors[sponsor],
                "side": names.sides[side],
                "commitment": patron.backs[side],
                "distraction": patron.distraction,
                "friction": min(1.0, friction),
            },
        )


def _place_settings(world: World, scenario: Scenario, rulebook: Rulebook) -> None:
    settings = world.settings
    for rule, parameters in rulebook.items():
        if rule != "doctrine":
            for name, declared in parameters.declared().items():
                settings[rule][name][0] = scenario.rules.get(rule, {}).get(name, declared.default)
    clock = scenario.clock
    settings["clock"]["tick_days"][0] = clock.tick_hours / 24
    settings["clock"]["decision_ticks"][0] = max(1, round(clock.decision_hours / clock.tick_hours))
    settings["clock"]["ticks_a_day"][0] = 24 // clock.tick_hours
    world.objectives["target"][:] = tables.NONE
    world.route_target[:] = tables.NONE
    world.campaign["ceasefire_on"][0] = -1


def _place_network(world: World, scenario: Scenario, names: Names) -> None:
    for place, row in names.places.items():
        said = scenario.places[place]
        holder = names.sides[said.control]
        fill(
            world.places,
            row,
            {
                "stream": stream_id(f"places.{place}"),
                "population": said.population,
                "symbol": said.symbol,
                "commerce": said.commerce,
                "fortification": said.fortification,
                "terrain": scenario.terrains[said.terrain].defence,
                "airfield": said.airfield,
                "rear_base": said.rear_base,
                "region": names.regions.get(said.region or "", tables.NONE),
                "prison": said.prison,
                "stores_full": said.depot.stock if said.depot else 0.0,
                "store_equipment": said.depot.equipment if said.depot else 0.0,
                "control": holder,
                "first_holder": holder,
                "fell": -1,
                "taken_on": -1,
                "invested_on": -1,
                "invested_when_fell": -1,
                "given_up_on": -1,
                "stability": 1.0,
            },
        )
    for i, road in enumerate(scenario.roads):
        kind = scenario.road_classes[road.road_class]
        fill(
            world.roads,
            i,
            {
                "a": names.places[road.between[0]],
                "b": names.places[road.between[1]],
                "km": road.km,
                "march_km": road.km / kind.speed,
                "supply_km": road.km / kind.throughput,
                "cut": road.cut,
            },
        )


def _backing(names: Names, who: Formation | Reinforcement | AirWing) -> int:
    """The row of the commitment that sustains a formation or wing."""
    return names.backings[who.sponsor, who.side] if who.sponsor else tables.NONE


def _place_units(world: World, scenario: Scenario, names: Names) -> None:
    for name, unit in scenario.formations.items():
        kind = scenario.kinds[unit.kind]
        road, heading, km_left = tables.NONE, names.places[unit.place], 0.0
        if unit.toward and unit.km > 0:
            ends = {(r.between[0], r.between[1]): i for i, r in enumerate(scenario.roads)}
            pair = (unit.place, unit.toward)
            road = ends[pair] if pair in ends else ends[pair[::-1]]
            km_left = unit.km
        fill(
            world.units,
            names.units[name],
            {
                "stream": stream_id(f"formations.{name}"),
                "side": names.sides[unit.side],
                "command": names.commands[command_of(scenario, name)],
                "home": names.places.get(unit.home or "", tables.NONE),
                "mobile": unit.mobile,
                "passive": unit.posture == "passive" or scenario.sides[unit.side].posture in PASSIVE,
                "speed": kind.speed,
                "equipment_weight": kind.equipment_weight,
                "cohesion": kind.cohesion,
                "assembly_days": kind.assembly,
                "officers": unit.officers,
                "backing": _backing(names, unit),
                "roll": unit.strength,
                "manning": unit.manning,
                "equipment_listed": unit.equipment,
                "quality": unit.quality,
                "morale_base": unit.morale,
                "readiness": unit.readiness,
                "supply": unit.supply,
                "status": tables.DORMANT
                if "dormant" in (unit.posture, scenario.sides[unit.side].posture)
                else tables.ACTIVE,
                "place": names.places[unit.place],
                "road": road,
                "heading": heading,
                "km_left": km_left,
                "target": names.places[unit.place],
                "slot": tables.NONE,
                "flank_road": tables.NONE,
            },
        )
    for name, convoy in scenario.reinforcements.items():
        kind = scenario.kinds[convoy.kind]
        fill(
            world.units,
            names.units[name],
            {
                "stream": stream_id(f"formations.{name}"),
                "side": names.sides[convoy.side],
                "command": names.commands[command_of(scenario, name)],
                "home": tables.NONE,
                "mobile": True,
                "passive": scenario.sides[convoy.side].posture in PASSIVE,
                "speed": kind.speed,
                "equipment_weight": kind.equipment_weight,
                "cohesion": kind.cohesion,
                "assembly_days": kind.assembly,
                "backing": _backing(names, convoy),
                "draws_people": bool(convoy.draws_from),
                "roll": convoy.strength,
                "manning": 1.0,
                "equipment_listed": convoy.equipment,
                "quality": convoy.quality,
                "morale_base": convoy.morale,
                "readiness": convoy.readiness,
                "supply": 5.0,
                "status": tables.DORMANT,
                "place": names.places[convoy.origin],
                "road": tables.NONE,
                "heading": names.places[convoy.origin],
                "task": tables.MARCH,
                "target": names.places[convoy.place],
                "bound": tables.UNTIL_ARRIVAL,
                "slot": tables.NONE,
                "flank_road": tables.NONE,
            },
        )


def _place_air(world: World, scenario: Scenario, names: Names) -> None:
    for name, wing in scenario.air.items():
        fill(
            world.wings,
            names.wings[name],
            {
                "stream": stream_id(f"air.{name}"),
                "side": names.sides[wing.side],
                "airfield": names.places[wing.base],
                "backing": _backing(names, wing),
                "target": tables.NONE,
                "aircraft": wing.aircraft,
                "sorties": wing.sorties,
                "strikes": wing.strikes,
                "quality": wing.quality,
                "readiness": wing.readiness,
            },
        )
