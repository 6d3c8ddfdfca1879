"""Names and numbers: which row an id has, and from which stream an entity draws its random numbers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from sim.scenario.schema import Formation, Reinforcement, Scenario
from sim.scenario.tasks import ARRIVAL


def stream_id(name: str) -> int:
    """The stream of random draws of an entity. It depends on the name alone: adding an entity changes no other draw."""
    return zlib.crc32(name.encode())


@dataclass(frozen=True)
class Names:
    """Row numbers by id, in the order of the scenario."""

    sides: dict[str, int]
    places: dict[str, int]
    roads: dict[str, int]
    units: dict[str, int]
    commands: dict[str, int]
    """Those of one side together. A side that the scenario gives none has one under the name `:SIDE`."""
    wings: dict[str, int]
    sponsors: dict[str, int]
    backings: dict[tuple[str, str], int]
    events: dict[str, int]
    regions: dict[str, int]

    @classmethod
    def of(cls, scenario: Scenario) -> Names:
        """Number everything that a scenario names."""
        backings = [(sponsor, side) for sponsor, row in scenario.sponsors.items() for side in row.backs]
        regions = dict.fromkeys(place.region for place in scenario.places.values() if place.region)
        return cls(
            sides=_numbered(scenario.sides),
            places=_numbered(scenario.places),
            roads=_numbered(road.id for road in scenario.roads),
            units=_numbered(_side_by_side(scenario)),
            commands=_numbered(name for side in scenario.sides for name in commands_of(scenario, side)),
            wings=_numbered(scenario.air),
            sponsors=_numbered(scenario.sponsors),
            backings={pair: i for i, pair in enumerate(backings)},
            events=_numbered([*scenario.events, *(arrival_id(name) for name in scenario.reinforcements)]),
            regions=_numbered(regions),
        )


def _side_by_side(scenario: Scenario) -> list[str]:
    """All formations and reinforcements, those of one side together: a rule for one side runs over its rows only."""
    units: list[tuple[str, Formation | Reinforcement]] = [
        *scenario.formations.items(),
        *scenario.reinforcements.items(),
    ]
    return [name for side in scenario.sides for name, unit in units if unit.side == side]


def commands_of(scenario: Scenario, side: str) -> list[str]:
    """The names of the commands of a side."""
    return [name for name, command in scenario.commands.items() if command.side == side] or [f":{side}"]


def arrival_id(reinforcement: str) -> str:
    """The event by which a reinforcement sets out."""
    return f"{ARRIVAL}{reinforcement}"


def _numbered(names) -> dict[str, int]:  # type: ignore[no-untyped-def]
    return {name: i for i, name in enumerate(names)}
