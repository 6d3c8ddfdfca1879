"""What would have happened without it: paired campaigns with and without a suspect, and what that says of an event.

A suspect is an order (`h_1.order`), an event of the scenario (`events.coup`), a formation (`formations.h_1`), an air
wing (`air.l_wing`), a variant by its name, or a value (`rules.morale.contagion=0`).
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.arguments import whole_number
from sim.scenario.names import nearest
from sim.scenario.settings import parse_settings
from sim.session.branch import MOST_FUTURES, Futures, branch_seed, futures_of
from sim.session.log import Event, Log
from sim.session.save import replay
from sim.session.session import Session, deployed
from sim.statistics.paired import of_shares

ABSENT = {"events": "probability", "formations": "strength", "air": "aircraft"}
"""The value that is 0 where an event, a formation or an air wing is absent, by section of the scenario."""
OUTCOMES = {"fell": "fall_day", "collapsed": "collapse_day", "began": "day"}
"""By kind of event: the outcome that tells when it happens."""
CLOSE = 0.02
"""Half width of an interval that is narrow enough to say that there is no effect worth the name."""


@dataclass(frozen=True)
class Effect:
    """In which share of paired campaigns an event happens by its day, with a suspect and without it."""

    event: str
    day: float
    suspect: str
    pairs: int
    present: float
    absent: float
    difference: float
    """What the suspect adds, with its 95 % interval."""
    low: float
    high: float
    begins: float
    """Day on which the pairs part."""
    more: int | None
    """How many pairs would probably decide it; None if these do."""
    is_change: bool = False
    """Whether the suspect is a change of the scenario (a variant or a value), which was not in force."""

    @property
    def decided(self) -> bool:
        return self.more is None

    def __str__(self) -> str:
        present, absent = f"{100 * self.present:.1f} %", f"{100 * self.absent:.1f} %"
        shares = f"{present} with {self.suspect}, {absent} without it"
        if self.is_change:
            shares = f"{absent} as it is, {present} with {self.suspect}"
        when = f"{self.event} by day {self.day:g}, in {self.pairs:,} pairs of campaigns from day {self.begins:g} on"
        said = f"{when}: {shares}"
        points = f"{100 * self.difference:+.1f} points ({100 * self.low:+.1f} to {100 * self.high:+.1f})"
        if self.decided:
            return f"{said}. It adds {points}"
        return f"{said}. Undecided: {points}; about {self.more:,} pairs would tell"

    def to_json(self) -> dict[str, Any]:
        """The effect as plain data."""
        return dataclasses.asdict(self)


def effect_of(session: Session, log: Log, event: str | int | Event, without: str, n: int = 2000) -> Effect:
    """How much a suspect adds to the chance that an event of a campaign happens by the day on which it did."""
    n = whole_number("n", n, 2, MOST_FUTURES)
    found = event if isinstance(event, Event) else log[event]
    outcome = _outcome(session, found)
    is_change = "=" in without or without in session.deployment.scenario.variants
    if without.partition("@")[0].endswith(".order"):
        begins, (present, absent) = _without_order(session, log.find(without), found, outcome, n)
    else:
        begins, (present, absent) = 0.0, _without_value(session, without, found, outcome, n)
    if is_change:
        present, absent = absent, present
    ours, theirs = (np.isfinite(futures.runs[outcome].to_numpy(float)) for futures in (absent, present))
    without_it, with_it, difference, low, high, *_ = of_shares(ours, theirs, 0.95)
    more = None
    if low <= 0.0 <= high and (high - low) / 2 > CLOSE:
        aim = max(abs(difference), CLOSE)
        more = math.ceil(n * ((high - low) / 2 / aim) ** 2 / 100) * 100
    return Effect(
        found.name, found.day, without, n, with_it, without_it, difference, low, high, begins, more, is_change
    )


def _outcome(session: Session, event: Event) -> str:
    """The outcome that tells when an event happens."""
    if event.kind not in OUTCOMES:
        kinds = "the first fall of a place, the collapse of a side, a ceasefire"
        raise ValueError(f"whether {event.name} happens is no outcome of a campaign: ask about {kinds}")
    return f"{event.what}.{OUTCOMES[event.kind]}"


def _without_order(
    session: Session, order: Event, event: Event, outcome: str, n: int
) -> tuple[float, tuple[Futures, Futures]]:
    """Futures from the moment of an order, with all orders of that moment and without this one."""
    if order.tick > event.tick:
        raise ValueError(f"{order.name} was given on day {order.day:g}, after {event.name}")
    before = [item for item in session.given if item.tick < order.tick]
    start = replay(session.deployment, session.seed, session.replicate, before, order.tick, session.situations)
    found = []
    for left_out in (None, order.what):
        twin = start.copy()
        for item in session.given:
            if item.tick == order.tick and item.order.who != left_out:
                twin.order(item.order, item.by)
        seed = branch_seed(repr((session.seed, session.replicate, order.tick)).encode())
        days = event.day - start.day
        found.append(
            futures_of(session.deployment, [twin.cells], n, start.tick, seed, days, [outcome], None, "the truth")
        )
    return start.day, (found[0], found[1])


def _without_value(session: Session, suspect: str, event: Event, outcome: str, n: int) -> tuple[Futures, Futures]:
    """Campaigns from the start, of the scenario as it is and without the suspect. Orders are left out of both."""
    deployment = session.deployment
    scenario = deployment.scenario
    section, _, id = suspect.partition(".")
    if "=" in suspect:
        other = deployed(deployment, set=parse_settings([suspect]))
    elif suspect in scenario.variants:
        other = deployed(deployment, variant=suspect)
    elif section in ABSENT:
        known = {**getattr(scenario, section)}
        if id not in known:
            near = nearest(id, known)
            raise ValueError(f"there is no {section}.{id}" + (f"; did you mean {section}.{near}?" if near else ""))
        other = deployed(deployment, set={f"{suspect}.{ABSENT[section]}": 0})
    else:
        near = nearest(suspect, [*scenario.variants, *(f"{s}." for s in ABSENT)])
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(
            f"'{suspect}' is no suspect{hint}: name an order (h_1.order), an event (events.NAME), a formation"
            " (formations.NAME), an air wing (air.NAME), a variant, or a value (PATH=VALUE)"
        )
    found = [
        futures_of(there, [None], n, 0, session.seed, event.day, [outcome], None, "the start")
        for there in (deployment, other)
    ]
    return found[0], found[1]
