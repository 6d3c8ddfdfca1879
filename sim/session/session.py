"""A session: one campaign in somebody's hands, from its first tick to its last.

It is determined by its scenario, seed, replicate and the orders that were given: so it is saved, and played again.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.engine import entry, seats
from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, real_number, whole_number
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.scenario.messages import describe
from sim.scenario.read import LoadedScenario, change
from sim.scenario.tasks import EVENT, FORMATION, SIDE
from sim.session.actions import TO_UNIT, TO_WING
from sim.session.by_id import no_such
from sim.session.checks import Checker, Options
from sim.session.fog import Fog
from sim.session.orders import DRIVE, Order, OrderError, orders_of
from sim.session.view import View
from sim.world.deploy import Deployment, deploy
from sim.world.layout import World, readable
from sim.world.tables import NEVER, NONE, NOT_YET


class Given(NamedTuple):
    """An order that was given: before which tick, by which side (None: the facilitator), and what."""

    tick: int
    by: str | None
    order: Order


class Session:
    """One campaign: replicate `replicate` of the ensemble with this seed, to the last bit, until an order is given."""

    def __init__(
        self,
        scenario: Deployment | LoadedScenario | str | Path,
        seed: int = 1,
        replicate: int = 0,
        variant: str | None = None,
        set: Mapping[str, Any] | None = None,
        situations: int | None = None,
    ) -> None:
        """`situations`: of the ensemble, whose campaigns shared so many draws of the uncertain inputs."""
        self.seed = whole_number("seed", seed, 0, MOST_SEED)
        self.replicate = whole_number("replicate", replicate, 0, MOST_REPLICATES - 1)
        self.deployment = deployed(scenario, variant, set)
        self.situations = situations
        self.given: list[Given] = []
        self._fogs: dict[str, Fog] = {}
        self._take(self.deployment.block)
        entry.make_ready(self.world, self.deployment.atlas, self.cells)
        draws = situations or entry.OWN_SITUATIONS
        entry.start(self.world, self.deployment.atlas, self.cells, self.seed, self.replicate, draws)

    @classmethod
    def at(cls, deployment: Deployment, cells: np.ndarray, seed: int, replicate: int) -> Session:
        """A campaign that stands in this state, however it came to it: it can be played on, but not saved."""
        session = object.__new__(cls)
        session.seed, session.replicate, session.deployment = seed, replicate, deployment
        session.situations, session.given, session._fogs = None, [], {}
        session._take(cells)
        return session

    # --- time --------------------------------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks played so far."""
        return int(self.world.campaign["tick"][0])

    @property
    def day(self) -> float:
        """Days since the start."""
        return self.tick * self.deployment.scenario.clock.tick_hours / 24

    @property
    def date(self) -> datetime:
        """Date and time in the war."""
        return self.deployment.scenario.start + timedelta(days=self.day)

    @property
    def ended(self) -> bool:
        """Whether the scenario's horizon is reached. A campaign can be played on after it."""
        return self.tick >= self.deployment.ticks

    def step(self, ticks: int = 1) -> None:
        """Play so many ticks."""
        for _ in range(ticks):
            entry.step(self.world, self.deployment.atlas, self.cells, self._whole_cells)

    def run_until(self, day: float) -> None:
        """Play to the first tick that ends on a day or later."""
        self.check_day(day)
        while self.day < day:
            self.step()

    def check_day(self, day: float) -> None:
        """ValueError unless a day lies between now and the end."""
        horizon = self.deployment.scenario.clock.days
        day = real_number("day", day)
        if not self.day <= day <= horizon:
            raise ValueError(f"day {day:g} does not lie between now (day {self.day:g}) and the end (day {horizon:g})")

    # --- orders ------------------------------------------------------------------------------------------------------

    def options(self, who: str, by: str | None = None) -> Options:
        """What a formation, air wing or staff may be ordered to do now. `by`: asked by that side."""
        return Checker(self.deployment, self.world).options(who, by)

    def order(self, order: Order | Mapping[str, Any], by: str | None = None) -> None:
        """Give one order; see `give`."""
        self.give([order], by)

    def give(self, orders: Iterable[Order | Mapping[str, Any]], by: str | None = None) -> None:
        """Give orders on behalf of a side (None: of any); they hold from the next tick on.

        All are checked first. OrderError says what is wrong with the first that cannot be carried out; then none is.
        """
        checked = orders_of(orders)
        checker = Checker(self.deployment, self.world)
        checker.check_side(by)
        # One order alone changes nothing before it is checked.
        before = self.cells.copy() if len(checked) > 1 else self.cells
        addressed: dict[tuple[str, int], Order] = {}
        try:
            for order in checked:
                key = checker.check(order, by)
                if key in addressed:
                    raise OrderError(f"{order.who} is given two orders: '{addressed[key]}' and '{order}'")
                addressed[key] = order
                self._apply(order, *key)
        except OrderError:
            self.cells[:] = before
            raise
        self.given += [Given(self.tick, by, order) for order in checked]

    def _apply(self, order: Order, kind: str, row: int) -> None:
        """Write a checked order into the state."""
        world = self.world
        if kind == SIDE:
            world.sides["drive"][row] = DRIVE[order.task]
        elif kind == FORMATION:
            self._order_formation(order, row)
        elif kind == EVENT:
            self._order_event(order.task, world.events, row)
        else:
            target = NONE if order.target is None else self.deployment.names.places[order.target]
            seats.order_wing(readable(world, "wings").wings[row], TO_WING[order.task], target)

    def _order_event(self, task: str, events: Any, row: int) -> None:
        """Events are the first that a tick looks at: what is ordered now holds in the next one."""
        if task == "happen":
            at_once = {"fired_on": NOT_YET, "day": 0.0, "until": np.inf, "hazard": -1.0, "probability": 1.0}
            at_once |= {"after": NONE, "last_condition": events["first_condition"][row]}
            for column, value in at_once.items():
                events[column][row] = value
        elif task == "postpone":
            events["until"][row] += 1.0
            events["day"][row] = max(float(events["day"][row]), self.day) + 1.0
        else:
            events["fired_on"][row] = NEVER

    def _order_formation(self, order: Order, row: int) -> None:
        """What the order does stands in the engine, for orders by number as well."""
        world = readable(self.world, "places", "sides", "units")
        side = int(world.units["side"][row])
        target = NONE if order.target is None else self.deployment.names.places[order.target]
        if order.task == "reserve" and order.target is None:
            target = Checker(self.deployment, self.world).rear_base(row)
        seats.order_unit(world, side, world.units[row], TO_UNIT[order.task], target)

    def release_all(self, side: str) -> None:
        """The staff of a side commands all its formations and wings again, as its doctrine says."""
        names, checker = self.deployment.names, Checker(self.deployment, self.world)
        row = names.sides[side]
        orders = [Order(side, "balanced")]
        orders += [Order(id, "release") for id, i in names.units.items() if self.world.units["side"][i] == row]
        orders += [Order(id, "release") for id, i in names.wings.items() if self.world.wings["side"][i] == row]
        self.give([order for order in orders if order.task not in checker.options(order.who).refused], side)

    # --- what a side knows --------------------------------------------------------------------------------------------

    def view(self, side: str) -> View:
        """What a side knows now. ValueError if there is no such side."""
        if side not in self.deployment.names.sides:
            raise ValueError(no_such("side", side, self.deployment.names.sides))
        return View(self.deployment, side, self.world, self._fog)

    @property
    def _fog(self) -> Fog:
        """One for all campaigns of a deployment: copies of the session share it."""
        if self._fogs.get("fog") is None:
            self._fogs["fog"] = Fog(self.deployment)
        return self._fogs["fog"]

    # --- copies ------------------------------------------------------------------------------------------------------

    def copy(self) -> Session:
        """An independent campaign that stands where this one does."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.given = list(self.given)
        other._take(self.cells)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> Session:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        """All but the views of the block."""
        return {name: value for name, value in self.__dict__.items() if name not in ("world", "_whole_cells", "_fogs")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._fogs = {}
        self._take(self.cells)

    def _take(self, cells: np.ndarray) -> None:
        """Go on in a copy of these cells."""
        self.cells = self.deployment.layout.new_block(cleared=False)
        self.cells[:] = cells
        self._whole_cells = self.cells.view(np.int64)
        self.__dict__.pop("world", None)

    @functools.cached_property
    def world(self) -> World:
        """The state, as tables of rows: a view of `cells`. To make it takes longer than to copy the cells."""
        return self.deployment.layout.carve(self.cells)

    def __repr__(self) -> str:
        name = self.deployment.loaded.name
        return f"<Session of {name}: seed {self.seed}, replicate {self.replicate}, day {self.day:g}>"


def deployed(
    scenario: Deployment | LoadedScenario | str | Path, variant: str | None = None, set: Mapping[str, Any] | None = None
) -> Deployment:
    """A scenario, placed on the map; a file is read first, with a variant and values set."""
    if isinstance(scenario, (str, Path)):
        return deploy(load(scenario, variant=variant, set=set), RULEBOOK)
    if not isinstance(scenario, Deployment | LoadedScenario):
        raise TypeError(f"a scenario is a file, or what sim.load returns, but this is {describe(scenario)}")
    if isinstance(scenario, Deployment):
        if variant is None and not set:
            return scenario
        scenario = scenario.loaded
    return deploy(change(scenario, RULEBOOK, variant, set) if variant is not None or set else scenario, RULEBOOK)
