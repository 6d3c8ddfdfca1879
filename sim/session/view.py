"""The view of a side: all that a player, a program or a page gets to see of a campaign."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.scenario.tasks import FORMATION
from sim.session.by_id import ById
from sim.session.checks import Checker, Options
from sim.session.fog import Fog
from sim.session.marches import march_days
from sim.world import tables
from sim.world.deploy import Deployment
from sim.world.layout import World

if TYPE_CHECKING:
    from sim.session.branch import Futures
    from sim.session.orders import Order

Z90 = 1.6448536269514722
"""Standard deviations on each side of the middle 90 % of a normal law."""
NOBODY = 1.0
"""Power below which a report speaks of no enemy."""


@dataclass(frozen=True)
class Sighting:
    """What a side was last told of the enemy in and before a place."""

    power: float
    """The estimate; a unit of power is about one trained and ready soldier."""
    low: float
    high: float
    """The true power lay between them with 90 % certainty on the day of the report."""
    age_days: float


@dataclass(frozen=True)
class KnownFormation:
    """A formation of the side itself."""

    id: str
    name: str
    kind: str
    status: str
    place: str
    heading: str | None
    """The place at the end of the road on which it is; None in a place."""
    km_left: float
    task: str
    target: str | None
    contact: str
    ordered: bool
    """Whether it obeys orders from outside, not the staff."""
    strength: float
    equipment: float
    power: float
    morale: float
    readiness: float
    supply: float
    rest_days: float


@dataclass(frozen=True)
class KnownWing:
    """An air wing of the side itself."""

    id: str
    name: str
    airfield: str
    aircraft: float
    mission: str
    target: str | None
    flown: float


@dataclass(frozen=True)
class KnownPlace:
    """A place. What only its holder knows is None where another side holds it."""

    id: str
    name: str
    control: str
    stance: str
    """Of its holder: own, allied, neutral or hostile."""
    taken_day: float | None
    report: Sighting | None
    """None: the side has never seen it."""
    stores: float | None
    stability: float | None
    displaced: float | None
    civilian_dead: float | None
    supply_km: float | None
    """Length of the line of communication from there; None: none is open."""


class View:
    """What one side knows of a campaign at one moment. It holds nothing else, and does not change."""

    def __init__(self, deployment: Deployment, side: str, truth: World, fog: Fog | None = None) -> None:
        self.side, self._deployment = side, deployment
        self._row = deployment.names.sides[side]
        self._cells, self._world = (fog or Fog(deployment)).known(truth, self._row)
        self._states: dict[Any, Any] = {}
        self._places, self._sides = list(deployment.names.places), list(deployment.names.sides)

    # --- time and sides ----------------------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks played so far."""
        return int(self._world.campaign["tick"][0])

    @property
    def tick_days(self) -> float:
        return self._deployment.scenario.clock.tick_hours / 24

    @property
    def day(self) -> float:
        """Days since the start."""
        return self.tick * self.tick_days

    @property
    def days_left(self) -> float:
        """Days until the horizon of the scenario."""
        return (self._deployment.ticks - self.tick) * self.tick_days

    @property
    def date(self) -> datetime:
        """Date and time in the war."""
        return self._deployment.scenario.start + timedelta(days=self.day)

    @property
    def title(self) -> str:
        return self._deployment.scenario.title

    @property
    def ceasefire_days(self) -> float:
        """Days that are left of a ceasefire; 0: none."""
        return float(self._world.campaign["ceasefire"][0])

    @property
    def state(self) -> dict[str, float]:
        """The side itself: will, pay, legitimacy, hardship, and losses so far (people)."""
        row = self._world.sides[self._row]
        return ById(
            ((name, float(row[name])) for name in ("will", "pay", "legitimacy", "hardship", "losses")), "quantity"
        )

    @functools.cached_property
    def stances(self) -> dict[str, str]:
        """How the side stands to each other: hostile, neutral or allied; `own` to itself."""
        row = self._world.stance[self._row]
        codes = zip(self._sides, row, strict=True)
        return ById(((id, "own" if id == self.side else tables.STANCE_NAMES[code]) for id, code in codes), "side")

    @property
    def collapsed(self) -> tuple[str, ...]:
        """The sides whose rule has ended."""
        return tuple(id for id, row in self._deployment.names.sides.items() if self._world.sides["collapsed"][row])

    # --- what is on the map ------------------------------------------------------------------------------------------

    @functools.cached_property
    def formations(self) -> dict[str, KnownFormation]:
        """The side's own formations, by id; those that have not come yet and those that are gone included."""
        said = {**self._deployment.scenario.formations, **self._deployment.scenario.reinforcements}
        own = self._own(self._world.units, self._deployment.names.units)
        return ById(((id, self._formation(id, row, said[id])) for id, row in own), f"formation of {self.side}")

    @functools.cached_property
    def air(self) -> dict[str, KnownWing]:
        """The side's own air wings, by id."""
        own = self._own(self._world.wings, self._deployment.names.wings)
        return ById(((id, self._wing(id, self._world.wings[row])) for id, row in own), f"air wing of {self.side}")

    @functools.cached_property
    def places(self) -> dict[str, KnownPlace]:
        """All places, by id."""
        return ById(((id, self._place(id, row)) for id, row in self._deployment.names.places.items()), "place")

    @property
    def cut_roads(self) -> tuple[str, ...]:
        """The roads that are impassable."""
        return tuple(id for id, row in self._deployment.names.roads.items() if self._world.roads["cut"][row])

    def _own(self, rows: np.ndarray, names: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        return ((id, row) for id, row in names.items() if rows["side"][row] == self._row)

    def _formation(self, id: str, row: int, said: Any) -> KnownFormation:
        unit = self._world.units[row]
        on_road = unit["road"] >= 0
        moving = unit["task"] in (tables.MARCH, tables.FLANK)
        return KnownFormation(
            id=id,
            name=said.name,
            kind=said.kind,
            status=tables.STATUS_NAMES[unit["status"]],
            place=self._places[unit["place"]],
            heading=self._places[unit["heading"]] if on_road else None,
            km_left=float(unit["km_left"]) if on_road else 0.0,
            task=tables.TASK_NAMES[unit["task"]],
            target=self._places[unit["target"]] if moving else None,
            contact=tables.CONTACT_NAMES[unit["contact"]],
            ordered=bool(unit["bound"] == tables.ORDERED),
            rest_days=float(max(unit["rest"], unit["pause"])),
            **{
                name: float(unit[name])
                for name in ("strength", "equipment", "power", "morale", "readiness", "supply")
            },
        )  # fmt: skip

    def _wing(self, id: str, wing: Any) -> KnownWing:
        target = None if wing["mission"] != tables.STRIKE else self._places[wing["target"]]
        return KnownWing(
            id,
            self._deployment.scenario.air[id].name,
            self._places[wing["airfield"]],
            float(wing["aircraft"]),
            tables.MISSION_NAMES[wing["mission"]],
            target,
            float(wing["flown"]),
        )

    def _place(self, id: str, row: int) -> KnownPlace:
        place, seen = self._world.places[row], self._world.side_view[self._row, row]
        holder = self._sides[place["control"]]
        own = holder == self.side

        def of_own(name: str) -> float | None:
            return float(place[name]) if own else None

        return KnownPlace(
            id=id,
            name=self._deployment.scenario.places[id].name,
            control=holder,
            stance=self.stances[holder],
            taken_day=None if place["taken_on"] < 0 else float(place["taken_on"] + 1) * self.tick_days,
            report=self._report(seen),
            stores=of_own("stores"),
            stability=of_own("stability"),
            displaced=of_own("displaced"),
            civilian_dead=of_own("civilian_dead"),
            supply_km=float(seen["supply_km"]) if seen["way_home"] >= 0 else None,
        )

    def _report(self, seen: Any) -> Sighting | None:
        if seen["reported_on"] < 0:
            return None
        power, age = float(seen["report"]), (self.tick - int(seen["reported_on"])) * self.tick_days
        if power < NOBODY:
            return Sighting(0.0, 0.0, 0.0, age)
        spread = math.exp(Z90 * float(self._world.settings["perception"]["error"][0]))
        return Sighting(power, power / spread, power * spread, age)

    # --- orders and data ---------------------------------------------------------------------------------------------

    def options(self, who: str) -> Options:
        """What one of the side's formations, wings, or its staff, may be ordered to do now."""
        return self._checker.options(who, self.side)

    def kind_of(self, who: str) -> str:
        """Whether an id of the side's own is that of a formation, an air wing or its staff."""
        return self._checker.find(who, self.side)[0]

    @property
    def orderable(self) -> list[str]:
        """Ids of all that may be given any order now: formations, air wings, the staff."""
        return [id for id in (*self.formations, *self.air, self.side) if self._checker.can_order(id, self.side)]

    def march_days(self, who: str) -> dict[str, float]:
        """Days of march to each place where a formation may be sent, by the fastest roads, if nothing delays it."""
        names, options = self._deployment.names, self.options(who)
        if options.kind != FORMATION:
            return {}
        places = {names.places[place] for places in options.places.values() for place in places}
        row = self._checker.find(who, self.side)[1]
        found = march_days(self._deployment, self._world, row, places)
        return {self._places[place]: days for place, days in found.items()}

    @functools.cached_property
    def _checker(self) -> Checker:
        return Checker(self._deployment, self._world)

    def branch(
        self,
        n: int = 400,
        orders: Iterable[Order | Mapping[str, Any]] = (),
        days: float | None = None,
        outcomes: Iterable[str] = (),
        jobs: int | None = None,
    ) -> Futures:
        """`n` futures under orders that are given now, from states drawn at random that agree with what is known.

        Two branches of one view are paired: they have the same states and random numbers.
        """
        from sim.session.belief import branch_of_view

        return branch_of_view(self, n, orders, days, outcomes, jobs)

    def to_json(self) -> dict[str, Any]:
        """The view as plain data."""
        return {
            "side": self.side,
            "tick": self.tick,
            "day": self.day,
            "date": self.date.isoformat(timespec="minutes"),
            "days_left": self.days_left,
            "ceasefire_days": self.ceasefire_days,
            "state": self.state,
            "stances": self.stances,
            "collapsed": list(self.collapsed),
            "cut_roads": list(self.cut_roads),
            "formations": [asdict(formation) for formation in self.formations.values()],
            "air": [asdict(wing) for wing in self.air.values()],
            "places": [asdict(place) for place in self.places.values()],
        }

    def __str__(self) -> str:
        from sim.session.show import as_text

        return as_text(self)

    def __repr__(self) -> str:
        return f"<View of {self.side}: day {self.day:g}, {len(self.formations)} formations of its own>"

    def _repr_html_(self) -> str:
        from sim.session.show import as_html

        return as_html(self)
