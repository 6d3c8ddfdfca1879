"""What each seat gets to see: a player what his side knows, the facilitator all, the projector what everybody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.tasks import EVENT, SECTIONS, TASKS, tasks_of
from sim.session.moment import event_title
from sim.session.orders import Order
from sim.session.view import KnownFormation, View
from sim.web.exercise.game import Game
from sim.web.exercise.parts import ENDED, FACILITATOR, LOBBY, NO_FOG, PLAYERS, Seat, Turn
from sim.web.exercise.seating import NO_LONGER_ORDERED
from sim.web.shared.symbols import symbols
from sim.world.tables import NEVER

BECAME = {
    "active": "is in the field, and fit for orders",
    "withdrawing": "broke, and withdraws",
    "shattered": "has come home, and is not fit for orders yet",
    "surrendered": "laid down its arms",
    "dispersed": "no longer exists",
}
CONTACTS = {
    "meeting": "fights a column of the enemy on a road",
    "siege": "besieges a place, or is besieged",
    "assault": "fights in an assault",
}
"""How what has become of a formation is told, by its status and its contact."""
SEEN = ("name", "kind", "status", "place", "strength")
IN_FIELD = ("active", "withdrawing")
LITTLE = 1.0
"""People below which a loss is not told."""


def map_of(game: Game) -> dict[str, Any]:
    """The map, which everybody knows and which does not change: places, roads, sides, and what can be ordered."""
    from sim.web.shared.geography import geography  # loads what draws maps, which takes a while

    scenario, lesson = game.deployment.scenario, game.exercise
    drawn = geography(scenario, _control_at_start(game))
    kinds = {unit.kind for unit in scenario.formations.values()}
    kinds |= {unit.kind for unit in scenario.reinforcements.values()}
    return {
        **drawn,
        "title": scenario.title,
        "about": scenario.about or "",
        "lesson": lesson and {"title": lesson.title, "goals": lesson.goals, "minutes": lesson.minutes},
        "sides": [{**side, "played": side["id"] in game.sides} for side in drawn["sides"]],
        "symbols": symbols(sorted(kinds)),
        "tasks": {
            name: {"of": list(task.of), "place": task.place, "meaning": task.meaning} for name, task in TASKS.items()
        },
    }


def _control_at_start(game: Game) -> NDArray[np.float64]:
    """[1, place, side]: who holds what, as the scenario file says."""
    scenario = game.deployment.scenario
    sides = list(scenario.sides)
    return np.array([[[float(side == place.control) for side in sides] for place in scenario.places.values()]])


def state_for(game: Game, seat: Seat, seconds_left: float | None) -> dict[str, Any]:
    """All that a seat's page shows."""
    state: dict[str, Any] = {
        "game": _of_game(game, seconds_left),
        "you": {
            "number": seat.number,
            "name": seat.name,
            "role": seat.role,
            "side": seat.side,
            "speaks_for": [side for side in game.sides if game.speaks(seat, side)],
            "votes_for": [side for side in game.sides if seat in game.in_favour(side)],
        },
        "teams": [_team(game, side) for side in game.sides],
        "messages": [
            {"turn": message.turn, "to": message.to, "text": message.text}
            for message in game.messages
            if message.to is None
            or seat.role == FACILITATOR
            or (seat.role in PLAYERS and seat.side in (None, message.to))
        ],
    }
    if seat.role == FACILITATOR:
        state["sides"] = {side: _of_side(game, side, seat) for side in game.deployment.scenario.sides}
        state["events"] = game.turn.once("events", lambda: _events(game))
        state["seats"] = [
            {"number": each.number, "name": each.name, "role": each.role, "side": each.side}
            for each in game.seats
            if not each.is_free
        ]
        state["injects"] = _injects(game)
        state["overrides"] = [{"order": order.to_json(), "reason": reason} for order, reason in game.turn.overrides]
    elif seat.role in PLAYERS:
        state["sides"] = {side: _of_side(game, side, seat) for side in game.sides if seat.drafts(side)}
        if game.level.fog == NO_FOG:
            others = [side for side in game.deployment.scenario.sides if side not in state["sides"]]
            state["others"] = {side: in_field(game, side) for side in others}
    else:
        state["control"] = control_of(game)
    return state


def in_field(game: Game, side: str) -> list[dict[str, Any]]:
    """What a game without fog shows of a side to others: where its formations are, and how strong; no plans."""

    def found() -> list[dict[str, Any]]:
        units = game.turn.view(side).formations.values()
        return [{name: getattr(unit, name) for name in SEEN} for unit in units if unit.status in IN_FIELD]

    return game.turn.once(("in field", side), found)


def _injects(game: Game) -> list[dict[str, Any]]:
    """All injects; `fired`: in which turn; `problem`: why its order could not be given."""
    fired = {
        inject: (number, problem) for number, turn in enumerate(game.turns, 1) for inject, problem in turn.fired.items()
    }
    never = (None, None)
    return [
        {**inject.to_json(), "fired": fired.get(number, never)[0], "problem": fired.get(number, never)[1]}
        for number, inject in game.injects.items()
    ]


def _is_for(seat: Seat, kind: str) -> bool:
    """Whether somebody may order one of his side's formations, wings, or its staff."""
    return seat.role == FACILITATOR or any(seat.may_order(kind, task) for task in tasks_of(kind))


def _events(game: Game) -> list[dict[str, Any]]:
    """The scenario's own events: what became of each, and what the facilitator can do about it."""
    session, scenario, found = game.session, game.deployment.scenario, []
    rows, hours = session.world.events, scenario.clock.tick_hours
    for id, row in game.deployment.names.events.items():
        fired, day = int(rows["fired_on"][row]), float(rows["day"][row])
        happened = None if fired < 0 else (fired + 1) * hours / 24
        can = list(session.options(f"{SECTIONS[EVENT]}.{id}").places)
        found.append({
            "id": id, "title": event_title(scenario, id), "day": day, "can": can, "happened": happened,
            "will_not": fired == NEVER,
        })  # fmt: skip
    return found


def control_of(game: Game) -> dict[str, str]:
    """Who holds each place, which everybody knows."""
    places = game.turn.view(game.sides[0]).places
    return {id: place.control for id, place in places.items()}


def _of_game(game: Game, seconds_left: float | None) -> dict[str, Any]:
    session = game.session
    return {
        "phase": game.phase,
        "paused": game.is_paused,
        "turn": game.number,
        "turns": game.last_number,
        "turn_hours": game.turn_hours,
        "day": session.day,
        "date": session.date.isoformat(timespec="minutes"),
        "days": game.deployment.scenario.clock.days,
        "limit": game.limit,
        "fog": game.level.fog,
        "odds": game.level.odds,
        "seconds_left": seconds_left,
        "waiting_for": game.waiting_for,
        "over": game.phase == ENDED,
        "open": game.phase not in (LOBBY, ENDED) and not game.is_paused,
    }


def _team(game: Game, side: str) -> dict[str, Any]:
    return {
        "side": side,
        "seats": [{"name": seat.name, "role": seat.role} for seat in game.players(side)],
        "ready": game.is_ready(side),
        "played": side in game.played,
        "decides": game.decides[side],
        "staffed": game.staffed.get(side),
        "in_favour": len(game.in_favour(side)),
        "roles": game.team(side).roles,
    }


def _of_side(game: Game, side: str, seat: Seat) -> dict[str, Any]:
    """The briefing of a side for a seat: what it knows, its draft, and what happened in the turn before."""
    turn = game.turn
    told, kinds = turn.once(("told", side), lambda: _told(game, side))
    return {
        **told,
        "orderable": [id for id, kind in kinds.items() if _is_for(seat, kind)],
        "draft": [order.to_json() for order in turn.drafts.get(side, [])],
        "ready": side in game.sides and game.is_ready(side),
    }


def _told(game: Game, side: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What does not change within a turn, for all of a team; and of what kind each is that can be ordered."""
    view = game.turn.view(side)
    told = {
        "view": view.to_json(),
        "task": game.team(side).task,
        "report": report(game, game.turns[-2], game.turn, side) if game.number > 1 else [],
        "standing": standing_orders(game, side, view),
    }
    return told, {id: view.kind_of(id) for id in view.orderable}


def standing_orders(game: Game, side: str, view: View) -> list[dict[str, str]]:
    """The orders of earlier turns that are still obeyed, the last of each; who broke obeys none."""
    last: dict[str, Order] = {}
    for turn in game.turns[:-1]:
        last |= {order.who: order for order in turn.drafts.get(side, [])}
    units = view.formations
    obeyed = [order for who, order in last.items() if who not in units or units[who].ordered]
    return [order.to_json() for order in obeyed if order.task not in NO_LONGER_ORDERED]


def report(game: Game, before: Turn, after: Turn, side: str) -> list[dict[str, str]]:
    """What a side knows of what happened in a turn: `about` (place, formation or side), and `text`."""
    then, now = before.view(side), after.view(side)
    return [{"about": about, "text": text} for about, text in [*_places(game, then, now), *_forces(then, now)]]


def _places(game: Game, then: View, now: View) -> Iterator[tuple[str, str]]:
    sides = game.deployment.scenario.sides
    for id, place in now.places.items():
        held = then.places[id].control
        if place.control != held:
            yield id, f"{place.name} passed from {sides[held].name} to {sides[place.control].name}"
    for id in now.collapsed:
        if id not in then.collapsed:
            yield id, f"The rule of {sides[id].name} has ended"


def _forces(then: View, now: View) -> Iterator[tuple[str, str]]:
    """A line for each formation of which there is news."""
    for id, unit in now.formations.items():
        news = list(_news(then.formations[id], unit, now))
        if news:
            yield id, f"{unit.name} {'; '.join(news)}"


def _news(was: KnownFormation, unit: KnownFormation, now: View) -> Iterator[str]:
    if unit.status != was.status:
        yield BECAME.get(unit.status, unit.status)
    lost = was.strength - unit.strength
    if lost > max(LITTLE, 0.02 * was.strength):
        yield f"lost {lost:,.0f} people ({lost / was.strength:.0%} of its strength)"
    if unit.place != was.place and unit.status == was.status:
        place = now.places[unit.place].name
        yield f"has come to {place}" if unit.heading is None else f"has left {place}"
    if unit.contact != was.contact and unit.contact != "none":
        yield CONTACTS.get(unit.contact, unit.contact)
