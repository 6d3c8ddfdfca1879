"""The agents of a campaign, and the model of Mesa that holds them: views of the rows that the rules work on.

Only this module imports Mesa, because Mesa 3.3 changes how the whole process starts others.
"""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from sim.scenario.names import nearest
from sim.session.by_id import ById
from sim.session.log import Log
from sim.session.session import Session
from sim.world import tables
from sim.world.columns import Column, Table
from sim.world.deploy import Deployment
from sim.world.layout import World
from sim.world.names import Names

with warnings.catch_warnings():
    # In a notebook Mesa loads a progress bar that warns where its widgets are not installed.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import mesa
    from mesa.agent import AgentSet

CODES: dict[str, tuple[str, ...]] = {
    "status": tables.STATUS_NAMES,
    "task": tables.TASK_NAMES,
    "posture": tables.POSTURES,
    "contact": tables.CONTACT_NAMES,
    "commander": tables.COMMANDER_NAMES,
}


CARRIED = {
    "seed", "replicate", "steps", "running", "session",
    "_states", "_random", "_numpy_random", "_log", "_known", "_made", "_enlisted",
}  # fmt: skip
"""What a campaign keeps for itself, and takes over into a copy."""


class RowAgent(mesa.Agent):
    """An entity of the war, whose attributes are read from its row: numbers as they are, codes as names."""

    def __init_subclass__(cls, table: Table | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        for column in table.columns if table else ():
            if column.name not in cls.__dict__:
                setattr(cls, column.name, property(_reader(column), doc=_meaning(column)))

    def __init__(self, campaign: Model, number: int, rows: np.ndarray, row: int, id: str, name: str) -> None:
        self._rows, self._row, self._id, self._name = rows, row, id, name
        # Not `mesa.Agent.__init__`: in Mesa 3.3 its count of ids keeps every model alive for ever.
        self.model, self.pos, self.unique_id = campaign, None, number

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


class Model(mesa.Model):
    """A campaign with an agent for each of its rows, made when somebody asks for them.

    So a copy of a campaign costs little more than its state.
    """

    seed: int
    replicate: int
    _random: Random | None
    _numpy_random: np.random.Generator | None

    @classmethod
    def _in(cls, session: Session) -> Self:
        """A model of a session, which has not looked at it."""
        campaign = cls.__new__(cls)
        mesa.Model.__init__(campaign, rng=[session.seed, session.replicate])
        campaign.seed, campaign.replicate = session.seed, session.replicate
        campaign._begin(session)
        return campaign

    def _begin(self, session: Session) -> None:
        """Go on in a session; there are no agents yet."""
        self._states = self.random.getstate(), self.rng.bit_generator.state
        self._random = self._numpy_random = None
        self.session = session
        self._log: tuple[tuple[int, int], Log] | None = None
        self._known: dict[str, list[str]] = {}
        self._made: dict[type[RowAgent], dict[str, Any]] = {}
        self._enlisted = False

    @property
    def random(self) -> Random:
        """Python's random numbers, for the user: the war draws none of them. Made when somebody asks for them."""
        if self._random is None:
            self._random = Random()
            self._random.setstate(self._states[0])
        return self._random

    @random.setter
    def random(self, made: Random) -> None:
        self._random = made

    @property
    def rng(self) -> np.random.Generator:
        """NumPy's, likewise."""
        if self._numpy_random is None:
            self._numpy_random = np.random.default_rng(0)
            self._numpy_random.bit_generator.state = self._states[1]
        return self._numpy_random

    @rng.setter
    def rng(self, made: np.random.Generator) -> None:
        self._numpy_random = made

    @property
    def _by_id(self) -> dict[type[RowAgent], dict[str, Any]]:
        """An agent for each row of the world, made when it is first asked for."""
        if not self._made:
            names, said = self.deployment.names, self.deployment.scenario
            self._known = _known(names)
            number = itertools.count(1)
            kinds: tuple[tuple[type[RowAgent], str, Mapping[str, int], Mapping[str, Any]], ...] = (
                (SideAgent, "side", names.sides, said.sides),
                (PlaceAgent, "place", names.places, said.places),
                (FormationAgent, "formation", names.units, {**said.formations, **said.reinforcements}),
                (AirWingAgent, "air wing", names.wings, said.air),
            )
            for kind, what, rows, texts in kinds:
                table = self._rows_of(kind)
                agents = (kind(self, next(number), table, row, id, texts[id].name) for id, row in rows.items())
                self._made[kind] = ById(((agent.id, agent) for agent in agents), what)
        return self._made

    def _enlist(self) -> None:
        """Mesa knows the agents: from now on their sets can be reordered and changed."""
        if not self._enlisted:
            self._enlisted = True
            # Mesa's set has the random numbers that the model was made with until now.
            super().agents.random = self.random
            for agents in self._by_id.values():
                for agent in agents.values():
                    super().register_agent(agent)

    def register_agent(self, agent: mesa.Agent) -> None:
        """An agent of the user's own comes after those of the war."""
        self._enlist()
        super().register_agent(agent)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Mesa forgets an agent. The war goes on: the agent only shows it."""
        self._enlist()
        super().deregister_agent(agent)

    def remove_all_agents(self) -> None:
        """Mesa forgets all agents."""
        self._enlist()
        super().remove_all_agents()

    @property
    def agents(self) -> AgentSet:
        """All agents, as Mesa's set."""
        self._enlist()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """Mesa's set of agents of each class."""
        self._enlist()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """The classes of agents."""
        self._enlist()
        return super().agent_types

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
        for kind, agents in self._made.items():
            for agent in agents.values():
                agent._rows = self._rows_of(kind)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = None if self._enlisted else self._new_twin()
        if twin is None:
            # Mesa's sets, or something of the user's, may refer to agents.
            twin = memo[id(self)] = type(self).__new__(type(self))
            twin.__setstate__(copy.deepcopy(self.__dict__, memo))
        memo[id(self)] = twin
        return twin

    def _new_twin(self) -> Self | None:
        """A new model that stands where this one does; None if this one keeps anything that a new one does not."""
        twin = self._in(self.session.copy())
        mine, new = self.__dict__, twin.__dict__
        if mine.keys() != new.keys() or not all(_is_same(mine[name], new[name]) for name in mine.keys() - CARRIED):
            return None
        twin.steps, twin.running, twin._states, twin._log = self.steps, self.running, self._states, self._log
        twin._random, twin._numpy_random = copy.deepcopy((self._random, self._numpy_random))
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


def _is_same(mine: Any, new: Any) -> bool:
    """Whether Mesa keeps the same as in a new model; of a method of the model, that of the other."""
    mine, new = getattr(mine, "__func__", mine), getattr(new, "__func__", new)
    try:
        return bool(mine == new)
    except ValueError:  # an array
        return False


def _known(names: Names) -> dict[str, list[str]]:
    """What the row numbers of a column stand for, by the column's unit."""
    return {
        "side": list(names.sides),
        "place": list(names.places),
        "road": list(names.roads),
        "region": list(names.regions),
        "backing": [sponsor for sponsor, _ in names.backings],
    }
