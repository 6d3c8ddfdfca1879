"""The course of one campaign, as an animation needs it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.ensemble.results import Results
from sim.plots.campaign_film import Column, Course, campaign_film
from sim.plots.control_film import control_film
from sim.session.replayed import campaign_of
from sim.session.session import Session
from sim.session.trace import log_of
from sim.web.replay.film import Film
from sim.web.replay.page import ONE_ONLY, most_ordinary, opened
from sim.web.replay.told import LANES
from sim.web.shared.ordinary import standing
from sim.world.tables import CONTACT_NAMES

if TYPE_CHECKING:
    from sim.plots.animation import Animation

FIGHTS = CONTACT_NAMES.index("assault")
"""Contacts from this one on are fights; before it nobody is near, or the place is besieged."""
GATE = 97
"""Per cent of a road: who has so much behind it stands before the place."""


def replay_film(results: Results | str | Path, k: int | None = None, of_all: bool = False) -> Animation:
    """The animation of the campaign that the replay of the same arguments shows first.

    `of_all`: of all campaigns of an ensemble, the shares of control.
    """
    found = opened(results)
    if of_all:
        if found is None:
            raise ValueError(ONE_ONLY)
        return control_film(found)
    if found is None:
        return session_film(campaign_of(results, k or 0))
    return session_film(campaign_of(found, most_ordinary(standing(found)) if k is None else k))


def session_film(session: Session) -> Animation:
    """A campaign as far as it has come, as an animation."""
    return campaign_film(session.deployment.scenario, course_of(session))


def course_of(session: Session) -> Course:
    """Where everybody was in each tick, and what happened."""
    film = Film()
    log = log_of(session, film.note)
    scenario, names = session.deployment.scenario, session.deployment.names
    tick_days, ticks = scenario.clock.tick_hours / 24, session.tick + 1
    said = [""] * ticks
    told: dict[int, list[str]] = defaultdict(list)
    for event in log:
        if event.kind in LANES["ground"]:
            told[round(event.day / tick_days)].append(event.text)
    for tick in range(ticks):
        said[tick] = "; ".join(told[tick]) if told[tick] else said[max(0, tick - 1)]
    rows: dict[str, Any] = {**scenario.formations, **scenario.reinforcements}
    sides = np.array([names.sides[rows[id].side] for id in names.units])
    roads = [tuple(names.places[end] for end in road.between) for road in scenario.roads]
    return Course(
        session.replicate, session.seed, np.array(film.places["control"]), np.array(film.places["strikes"]) / 10,
        [_columns(film, sides, roads, len(names.places), tick) for tick in range(ticks)], said,
    )  # fmt: skip


def _columns(film: Film, sides: np.ndarray, roads: list, places: int, tick: int) -> list[Column]:
    """The formations by side and by where they are; those before the gates of a place stand together."""
    at, along, people, contact = (film.units[name][tick] for name in ("at", "along", "strength", "contact"))
    found: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
    for i in np.flatnonzero(people > 0):
        found[int(sides[i]), int(at[i]), bool(along[i] >= GATE)].append(int(i))
    columns = []
    for (side, spot, _), units in found.items():
        place, origin, behind = spot, -1, 0.0
        if spot >= places:
            ends = roads[(spot - places) // 2]
            origin, place = reversed(ends) if (spot - places) % 2 else ends
            behind = float(along[units].mean()) / 100
        fights = bool((contact[units] >= FIGHTS).any())
        columns.append(Column(side, place, origin, behind, len(units), float(people[units].sum()), fights))
    return columns
