"""One campaign as a Mesa model: its agents are views of the same rows that the rules of an ensemble work on.

`Campaign(scenario, seed=1, replicate=7)` is replicate 7 of the ensemble with that seed, to the last bit.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.adapters.agents import Model
from sim.engine.arguments import MOST_REPLICATES, MOST_SEED, whole_number
from sim.scenario.read import LoadedScenario
from sim.session import save
from sim.session.branch import Futures, branch
from sim.session.checks import Options
from sim.session.log import Event, Log, Why
from sim.session.orders import Order
from sim.session.session import Session
from sim.session.show import show
from sim.session.standing import standing_html
from sim.session.story import story
from sim.session.trace import log_of
from sim.session.view import View
from sim.session.without import Effect, effect_of
from sim.world.deploy import Deployment

if TYPE_CHECKING:
    from sim.web.replay.page import Replay


class Campaign(Model):
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
        self._begin(Session(scenario, seed, replicate, variant, set))

    @classmethod
    def of(cls, session: Session) -> Self:
        """The Mesa model of a campaign that is under way. It goes on in that session, and not in a copy."""
        campaign = cls._in(session)
        campaign.steps, campaign.running = session.tick, not session.ended
        return campaign

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The campaign that `save` has written, as it stood then, to the last bit. SaveError says what is wrong."""
        return cls.of(save.load(path))

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

    def why(self, event: str | int | Event, without: str | None = None, n: int = 2000) -> Why | Effect:
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
        """A page that plays the campaign so far on a map. It shows itself in a notebook; `.save(path)` writes it.

        If the path ends in `.gif` or `.mp4`, an animation is written.
        """
        from sim.web.replay.course import session_film
        from sim.web.replay.page import Replay, session_page

        return Replay(session_page(self.session), lambda: session_film(self.session))

    def copy(self) -> Self:
        """An independent campaign that stands where this one does."""
        return copy.deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Writes the campaign to a file: its scenario, seed, replicate and orders, from which it is played again."""
        save.save(self.session, path)

    def rewound(self, day: float) -> Self:
        """The campaign as it stood on an earlier day, played again. This one stays where it is."""
        return type(self).of(save.rewound(self.session, day))
