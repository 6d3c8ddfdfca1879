"""One campaign as a Mesa model: its agents are views of the same rows that the rules of an ensemble work on.

`Campaign(scenario, seed=1, replicate=7)` is replicate 7 of the ensemble with that seed, to the last bit. Only this
module imports Mesa, because Mesa 3.3 changes how the whole process starts others.
"""

from __future__ import annotations

import copy
import secrets
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, whole_number
from sim.scenario.names import nearest
from sim.scenario.read import LoadedScenario
from sim.session import save
from sim.session.branch import Futures, branch
from sim.session.checks import Options
from sim.session.log import Log, Why
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.show import show
from sim.session.standing import standing_html
from sim.session.story import story
from sim.session.trace import log_of
from sim.session.view import View
from sim.session.without import Effect, effect_of
from sim.world import tables
from sim.world.columns import Column, Table
from sim.world.deploy import Deployment
from sim.world.layout import World
from sim.world.names import Names

with warnings.catch_warnings():
    # In a notebook Mesa loads a progress bar that warns where its widgets are not installed.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import mesa

if TYPE_CHECKING:
    from sim.web.replay.page import Replay

CODES: dict[str, tuple[str, ...]] = {
    "status": tables.STATUS_NAMES,
    "task": tables.TASK_NAMES,
    "posture": tables.POSTURES,
    "contact": tables.CONTACT_NAMES,
    "commander": tables.COMMANDER_NAMES,
}


class RowAgent(mesa.Agent):
    """An entity of the war, whose attributes are read from its row: numbers as they are, codes as names."""

    def __init_subclass__(cls, table: Table | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        for column in table.columns if table else ():
            if column.name not in cls.__dict__:
                setattr(cls, column.name, property(_reader(column), doc=_meaning(column)))

    def __init__(self, campaign: Campaign, rows: np.ndarray, row: int, id: str, name: str) -> None:
        self._rows, self._row, self._id, self._name = rows, row, id, name
        # Not `mesa.Agent.__init__`: in Mesa 3.3 its count of ids keeps every model alive for ever.
        self.model, self.pos = campaign, None
        self.unique_id = len(campaign.agents) + 1
        campaign.register_agent(self)

    def __getstate__(self) -> dict[str, Any]:
        """Without its table, a view of the campaign's block: the campaign gives the copy a view of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_rows"}

    @property
    def id(self) -> str:
        """Its id in the scenario."""
        return self._id

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self._name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __getattr__(self, name: str) -> Any:
        near = None if name.startswith("_") else nearest(name, (n for n in dir(type(self)) if not n.startswith("_")))
        hint = f"; did you mean {near}?" if near else ""
        raise AttributeError(f"{type(self).__name__} has no '{name}'{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if not (name.startswith("_") or name in ("model", "unique_id", "pos") or getattr(known, "fset", None)):
            raise AttributeError(
                f"'{name}' of {self!r} cannot be set: the rules of the war change it, a player changes orders only"
                " (campaign.order, or task and target of formations)"
            )
        super().__setattr__(name, value)


def _meaning(column: Column) -> str:
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning


def _reader(column: Column) -> Callable[[RowAgent], Any]:
    """How the value of a column is shown."""
    name, unit = column.name, column.unit

    def cell(agent: RowAgent) -> Any:
        return agent._rows[name][agent._row].item()

    if name in CODES:
        return lambda agent: CODES[name][cell(agent)]
    if unit in ("side", "place", "road", "region", "backing"):
        return lambda agent: None if cell(agent) < 0 else agent.model._known[unit][cell(agent)]
    if unit == "sides":
        return lambda agent: tuple(side for i, side in enumerate(agent.model.sides) if cell(agent) >> i & 1)
    if unit == "0/1":
        return lambda agent: bool(cell(agent))
    if unit == "tick":
        return lambda agent: None if cell(agent) < 0 else cell(agent)
    return cell


class FormationAgent(RowAgent, table=tables.UNITS):
    """A formation. Its orders, `task` and `target`, may be set; all else is the war's to change."""

    @property
    def task(self) -> str:
        """What it is ordered to do: hold, march, flank, withdraw."""
        return CODES["task"][self._rows["task"][self._row]]

    @task.setter
    def task(self, task: str) -> None:
        self.model.order(self.id, task=task)

    @property
    def target(self) -> str:
        """The place where its orders lead."""
        return str(self.model._known["place"][self._rows["target"][self._row]])

    @target.setter
    def target(self, place: str) -> None:
        self.model.order(self.id, target=place)


class AirWingAgent(RowAgent, table=tables.WINGS):
    """An air wing."""


class PlaceAgent(RowAgent, table=tables.PLACES):
    """A place: city, town, base or junction."""


class SideAgent(RowAgent, table=tables.SIDES):
    """A side of the war."""


class Campaign(mesa.Model):
    """One campaign, tick by tick: `step()` plays a tick, `running` ends at the scenario's horizon.

    A scenario may be a file or a loaded scenario. Agents are found by id in `formations`, `places`, `sides` and
    `air_wings`, or as Mesa's `agents` and `agents_by_type`.

    `seed` None draws a fresh one, as Mesa's models do, so that the iterations of `mesa.batch_run` differ; `seed` and
    `replicate` say which campaign it is. `copy.deepcopy` and `pickle` give a campaign that goes on exactly as this one
    would and shares nothing with it that changes.
    """

    def __init__(
        self,
        scenario: Deployment | LoadedScenario | str | Path,
        seed: int | None = None,
        replicate: int = 0,
        variant: str | None = None,
        set: Mapping[str, Any] | None = None,
    ) -> None:
        seed = secrets.randbits(63) if seed is None else whole_number("seed", seed, 0, MOST_SEED)
        replicate = whole_number("replicate", replicate, 0, MOST_REPLICATES - 1)
        super().__init__(rng=[seed, replicate])
        self.seed, self.replicate = seed, replicate
        self.session = Session(scenario, seed, replicate, variant, set)
        self._enlist()

    @classmethod
    def of(cls, session: Session) -> Campaign:
        """The Mesa model of a campaign that is under way. It goes on in that session, and not in a copy."""
        campaign = cls.__new__(cls)
        mesa.Model.__init__(campaign, rng=[session.seed, session.replicate])
        campaign.seed, campaign.replicate, campaign.session = session.seed, session.replicate, session
        campaign.steps, campaign.running = session.tick, not session.ended
        campaign._enlist()
        return campaign

    @classmethod
    def load(cls, path: str | Path) -> Campaign:
        """The campaign that `save` has written, as it stood then, to the last bit. SaveError says what is wrong."""
        return cls.of(save.load(path))

    def _enlist(self) -> None:
        """An agent for each row of the world."""
        self._log: tuple[tuple[int, int], Log] | None = None
        names, said = self.deployment.names, self.deployment.scenario
        self._known = _known(names)
        units = {**said.formations, **said.reinforcements}
        self._by_id: dict[type[RowAgent], dict[str, Any]] = {
            SideAgent: self._agents_of(SideAgent, names.sides, said.sides),
            PlaceAgent: self._agents_of(PlaceAgent, names.places, said.places),
            FormationAgent: self._agents_of(FormationAgent, names.units, units),
            AirWingAgent: self._agents_of(AirWingAgent, names.wings, said.air),
        }

    def _agents_of(self, kind: type[RowAgent], numbers: Mapping[str, int], said: Mapping[str, Any]) -> dict[str, Any]:
        rows = self._rows_of(kind)
        return {id: kind(self, rows, row, id, said[id].name) for id, row in numbers.items()}

    def _rows_of(self, kind: type[RowAgent]) -> np.ndarray:
        """The table of the world that agents of a kind show."""
        world = self.world
        tables_of: dict[type[RowAgent], np.ndarray] = {
            SideAgent: world.sides, PlaceAgent: world.places, FormationAgent: world.units, AirWingAgent: world.wings
        }  # fmt: skip
        return tables_of[kind]

    @property
    def deployment(self) -> Deployment:
        """The scenario, placed on the map."""
        return self.session.deployment

    @property
    def world(self) -> World:
        """The state, as tables of rows."""
        return self.session.world

    @property
    def _block(self) -> np.ndarray:
        return self.session.cells

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Each agent shows the row of its own campaign."""
        self.__dict__.update(state)
        for kind, agents in self._by_id.items():
            for agent in agents.values():
                agent._rows = self._rows_of(kind)

    def __deepcopy__(self, memo: dict[int, Any]) -> Campaign:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        twin.__setstate__(copy.deepcopy(self.__dict__, memo))
        return twin

    @property
    def sides(self) -> Mapping[str, Any]:
        """The sides by id."""
        return MappingProxyType(self._by_id[SideAgent])

    @property
    def places(self) -> Mapping[str, Any]:
        """The places by id."""
        return MappingProxyType(self._by_id[PlaceAgent])

    @property
    def formations(self) -> Mapping[str, Any]:
        """The formations by id, those that arrive later included."""
        return MappingProxyType(self._by_id[FormationAgent])

    @property
    def air_wings(self) -> Mapping[str, Any]:
        """The air wings by id."""
        return MappingProxyType(self._by_id[AirWingAgent])

    @property
    def tick(self) -> int:
        """Ticks played so far."""
        return self.session.tick

    @property
    def day(self) -> float:
        """Days since the start."""
        return self.session.day

    @property
    def date(self) -> datetime:
        """Date and time in the war."""
        return self.session.date

    def step(self) -> None:
        """Plays one tick. The war goes on after the horizon if it is asked to, but `running` stays False."""
        self.session.step()
        self.running = not self.session.ended

    def run_until(self, day: float) -> None:
        """Plays to the first tick that ends on a day or later; `run_model()` plays to the end."""
        self.session.check_day(day)
        while self.day < day:
            self.step()

    def options(self, who: str, by: str | None = None) -> Options:
        """What a formation, air wing or staff of a side may be ordered to do now. `by`: asked by that side."""
        return self.session.options(who, by)

    def give(self, orders: Iterable[Order | Mapping[str, Any]], by: str | None = None) -> None:
        """Gives orders that are data (`sim.Order`, or what its JSON says): all of them, or with OrderError none."""
        self.session.give(orders, by)

    def order(self, who: str, task: str = "march", target: str | None = None, by: str | None = None) -> None:
        """Orders a formation, an air wing or the staff of a side; `options` says what is possible.

        The doctrine goes on commanding all others. A formation obeys until it breaks or is ordered to `release`.
        `by`: the side that gives the order. OrderError says why an order is refused; then nothing has changed.
        """
        self.session.order(Order(who, task, target), by)

    def view(self, side: str) -> View:
        """What a side knows now: its own forces, who holds what, and reports of the enemy. The fog hides the rest."""
        return self.session.view(side)

    def show(self, side: str) -> None:
        """Shows what a side knows: a map and tables, as text in a terminal or rich in a notebook."""
        show(self.view(side))

    def branch(
        self,
        n: int = 400,
        orders: Iterable[Order | Mapping[str, Any]] = (),
        days: float | None = None,
        by: str | None = None,
        side: str | None = None,
        outcomes: Iterable[str] = (),
        jobs: int | None = None,
    ) -> Futures:
        """`n` futures of this campaign under orders that are given now, as results; the campaign itself stays as it is.

        They start from the truth, as a facilitator sees it. With `side` they start from states drawn at random that
        agree with what that side knows, and the orders are its own. Futures last `days`, or to the horizon. Two
        branches from the same moment are paired: `sim.compare(before, after)` tells what an order brings.
        """
        if side is not None:
            return self.view(side).branch(n, orders, days, outcomes, jobs)
        return branch(self.session, n, orders, days, by, outcomes, jobs)

    @property
    def log(self) -> Log:
        """What has happened so far, in order, with causes. The campaign is played again for it, bit for bit."""
        key = self.tick, len(self.session.given)
        if self._log is None or self._log[0] != key:
            self._log = key, log_of(self.session)
        return self._log[1]

    def why(self, event: str, without: str | None = None, n: int = 2000) -> Why | Effect:
        """Why something happened: `campaign.why("crossing.fell")` leads back to orders and events.

        `without`: how much one suspect added, by `n` paired campaigns with and without it. A suspect is an order
        (`h_1.order`), `events.NAME`, `formations.NAME`, `air.NAME`, a variant, or a value (`rules.morale.contagion=0`).
        """
        if without is None:
            return self.log.why(event)
        return effect_of(self.session, self.log, event, without, n)

    def story(self) -> str:
        """The campaign so far, told day by day."""
        return story(self.log, self.deployment.scenario)

    def _repr_html_(self) -> str:
        return standing_html(self.session)

    def replay(self) -> Replay:
        """A page that plays the campaign so far on a map. It shows itself in a notebook; `.save(path)` writes it."""
        from sim.web.replay.page import Replay, session_page

        return Replay(session_page(self.session))

    def copy(self) -> Campaign:
        """An independent campaign that stands where this one does. `session.copy()` is a hundred times as fast."""
        return copy.deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Writes the campaign to a file: its scenario, seed, replicate and orders, from which it is played again."""
        save.save(self.session, path)

    def rewound(self, day: float) -> Campaign:
        """The campaign as it stood on an earlier day, played again. This one stays where it is."""
        return type(self).of(save.rewound(self.session, day))


def _known(names: Names) -> dict[str, list[str]]:
    """What the row numbers of a column stand for, by the column's unit."""
    return {
        "side": list(names.sides),
        "place": list(names.places),
        "road": list(names.roads),
        "region": list(names.regions),
        "backing": [sponsor for sponsor, _ in names.backings],
    }
