"""Commands of the sides: the area in which each plans, and from which of them a formation takes its orders."""

from __future__ import annotations

from sim.scenario.schema import Scenario
from sim.world.layout import World
from sim.world.names import Names, commands_of
from sim.world.rows import fill


def places_of(scenario: Scenario, name: str) -> list[str]:
    """The places in the area of a command: all places if it names none and no region."""
    said = scenario.commands.get(name)
    if said is None or not (said.area or said.regions):
        return list(scenario.places)
    return [place for place, row in scenario.places.items() if place in said.area or row.region in said.regions]


def command_of(scenario: Scenario, unit: str) -> str:
    """The command of a formation: the one that names it, or the first of its side in whose area it stands.

    A reinforcement belongs where it is sent. A formation in no area belongs to the first command of its side.
    """
    said = scenario.formations.get(unit) or scenario.reinforcements[unit]
    own = commands_of(scenario, said.side)
    for name in own:
        if name in scenario.commands and unit in scenario.commands[name].formations:
            return name
    return next((name for name in own if said.place in places_of(scenario, name)), own[0])


def place_commands(world: World, scenario: Scenario, names: Names) -> None:
    """Fill the rows of the commands, their areas and their aims. A base beyond the map is worth nothing to anybody."""
    world.aims[:] = 1.0
    world.worth[:, [names.places[name] for name, place in scenario.places.items() if place.off_map]] = 0.0
    for side in scenario.sides:
        for name in commands_of(scenario, side):
            row, said = names.commands[name], scenario.commands.get(name)
            fill(world.commands, row, {"side": names.sides[side], "spare": said.spare if said else 0.0})
            for place in places_of(scenario, name):
                world.area[row, names.places[place]] = 1
            for place, factor in said.aims.items() if said else ():
                world.aims[row, names.places[place]] = factor
