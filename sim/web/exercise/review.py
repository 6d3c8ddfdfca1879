"""The after-action review: what was decided in each turn, what it was worth, and where this campaign lies among others.

One page that needs nothing else, to be printed or kept. Everything in it is worked out from the record of the game.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sim
from sim.scenario.messages import escaped, printable
from sim.scenario.tasks import EVENT, tasks_of
from sim.session.branch import branch
from sim.session.moment import event_title
from sim.session.orders import Order
from sim.web.exercise.briefing import control_of
from sim.web.exercise.game import Game
from sim.web.exercise.parts import NO_FOG, Turn

FUTURES, ENSEMBLE = 200, 400
CONTESTED = (0.02, 0.98)
"""Share of other campaigns between which a place counts as contested."""
MOST_PLACES = 8
SPREADSHEET_FORMULA = ("=", "+", "-", "@", "\t", "\r")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page holds its own style, and nothing that runs."""
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#22262b;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid #d5d9de;vertical-align:top}caption{text-align:left;font-weight:600;padding:.3rem 0}
.n{text-align:right;font-variant-numeric:tabular-nums}h2{margin-top:2rem}.muted{color:#5b626b}
@media print{h2{break-after:avoid}tr{break-inside:avoid}}
"""


@dataclass(frozen=True)
class Worth:
    """What a side's orders of one turn were worth at the time: a place's share of futures with and without them."""

    place: str
    ordered: float
    staff: float


def review_of(game: Game) -> str:
    """The page."""
    scenario = game.deployment.scenario
    title = f"After-action review: {scenario.title}"
    parts = [*_head(game, title), *_standing(game), *_turns(game), *_questions(game), *_repeat(game)]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escaped(title)}</title><style>{STYLE}</style><main>{''.join(parts)}</main></html>\n"
    )


def _head(game: Game, title: str) -> Iterator[str]:
    session = game.session
    seats = [f"{seat.name} ({seat.role}{f', {_side(game, seat.side)}' if seat.side else ''})" for seat in game.seats]
    yield f"<h1>{escaped(title)}</h1>"
    yield f"<p>Day {session.day:g} of {game.last_day:g}, "
    yield f"{game.number - 1} turns of {game.turn_hours} hours. "
    yield f"Taking part: {escaped(', '.join(seats))}.</p>"
    for told, is_so in (
        ("without fog of war", lambda level: level.fog == NO_FOG),
        ("without odds", lambda level: not level.odds),
    ):
        turns = [str(number) for number, turn in enumerate(game.turns, 1) if turn.level and is_so(turn.level)]
        if turns:
            yield f"<p>Played {told}: turn {', '.join(turns)}.</p>"
    if game.rewinds:
        yield f"<p>The facilitator went back {'once' if len(game.rewinds) == 1 else f'{len(game.rewinds)} times'}: "
        yield escaped("; ".join(f"from turn {a} to turn {b}" for a, b in game.rewinds)) + ".</p>"


def _standing(game: Game) -> Iterator[str]:
    """Who holds what, and in how many campaigns without players it came out so."""
    rows = standing(game)
    yield "<h2>Where this campaign lies</h2>"
    if not rows:
        yield "<p>All places that matter are held as in nearly every campaign that the doctrine plays on all sides.</p>"
        return
    yield f"<p>The same scenario was run {ENSEMBLE} times with the doctrine on all sides, up to the same day. "
    yield "The table lists contested places, the least expected result first.</p>"
    yield "<table><thead><tr><th>Place<th>Held by<th class=n>Also in</thead><tbody>"
    for place, side, share in rows[:MOST_PLACES]:
        yield f"<tr><td>{escaped(place)}<td>{escaped(_side(game, side))}<td class=n>{100 * share:.0f} of 100 campaigns"
    yield "</tbody></table>"


def standing(game: Game) -> list[tuple[str, str, float]]:
    """Contested places: name, who holds each, and in which share of other campaigns that side does. Rarest first."""
    session, scenario = game.session, game.deployment.scenario
    if session.tick == 0:
        return []
    others = sim.run(game.deployment.loaded, ENSEMBLE, seed=session.seed + 1, results=None, progress=False)
    sides, day = list(scenario.sides), session.tick - 1
    found = []
    for i, (id, side) in enumerate(control_of(game).items()):
        shares = others.control_counts[min(day, len(others.control_counts) - 1), i] / others.replicates
        if CONTESTED[0] < shares.max() < CONTESTED[1]:
            found.append((scenario.places[id].name, side, float(shares[sides.index(side)])))
    return sorted(found, key=lambda row: row[2])


def _turns(game: Game) -> Iterator[str]:
    yield "<h2>Decisions, turn by turn</h2>"
    yield f"<p class=muted>What orders were worth was worked out afterwards: {FUTURES} futures from the true state of "
    yield "that turn with the orders of one side, and as many with the same random numbers without them.</p>"
    for number, turn in enumerate(game.turns[:-1], 1):
        yield f"<h3>Turn {number}, day {turn.session.day:g}</h3><p class=muted>{escaped(turn.ended_by)}</p>"
        for side in game.sides:
            yield from _decision(game, turn, side)
        for order, reason in turn.overrides:
            yield f"<p>The facilitator ordered {escaped(_told(game, order))}. Reason: {escaped(reason)}</p>"
        for order, why in turn.failed:
            yield f"<p>The team's own orders made it impossible: {escaped(_told(game, order))}. {escaped(why)}</p>"
        yield from _injected(game, number, turn)
        changes = list(_changes(game, turn, game.turns[number]))
        yield f"<p>{escaped('; '.join(changes))}.</p>" if changes else "<p>No place changed hands.</p>"
    at_the_end = list(_injected(game, game.number, game.turn))
    if at_the_end:
        yield f"<h3>{'At the end' if game.session.ended else f'Turn {game.number}, which is being played'}</h3>"
        yield from at_the_end


def _injected(game: Game, number: int, turn: Turn) -> Iterator[str]:
    """The messages of a turn, and injects that came to nothing."""
    for message in game.messages:
        if message.turn == number:
            why = f" (inject: {message.why})" if message.why else ""
            to = _side(game, message.to) or "all teams"
            yield f"<p>The facilitator to {escaped(to)}{escaped(why)}: {escaped(message.text)}</p>"
    for inject, problem in turn.fired.items():
        order = game.injects[inject].order
        if order is not None and problem is not None:
            yield f"<p>Inject {inject} was to order {escaped(_told(game, order))}, which was not possible: "
            yield f"{escaped(problem)}</p>"


def _decision(game: Game, turn: Turn, side: str) -> Iterator[str]:
    orders = turn.drafts.get(side, [])
    if side in turn.staffed:
        yield f"<p><b>{escaped(_side(game, side))}</b> was played by its staff"
        yield f", which no longer obeyed {len(orders)} earlier orders of the team.</p>" if orders else ".</p>"
        return
    if not orders:
        if side in game.played:
            yield f"<p><b>{escaped(_side(game, side))}</b> gave no new orders.</p>"
        return
    told = "".join(f"<li>{escaped(_told(game, order))}" for order in orders)
    yield f"<p><b>{escaped(_side(game, side))}</b> ordered:</p><ul>{told}</ul>"
    for worth in worths(game, turn, side):
        place = game.deployment.scenario.places[worth.place].name
        yield f"<p>Then it would hold {escaped(place)} on day {game.last_day:g} "
        yield f"in {100 * worth.ordered:.0f} of 100 futures; "
        yield f"without these orders in {100 * worth.staff:.0f}.</p>"


def worths(game: Game, turn: Turn, side: str, most: int = 2) -> list[Worth]:
    """The places for whose fate the orders of a turn mattered most at the time."""
    places = list(game.deployment.scenario.places)
    outcomes = [f"{place}.held_by.{side}" for place in places]
    days = game.last_day - turn.session.day
    with_orders = branch(turn.session, FUTURES, turn.drafts[side], days, side, outcomes).runs
    without = branch(turn.session, FUTURES, days=days, outcomes=outcomes).runs
    found = [
        Worth(place, float(with_orders[name].mean()), float(without[name].mean()))
        for place, name in zip(places, outcomes, strict=True)
    ]
    moved = [worth for worth in found if abs(worth.ordered - worth.staff) >= 0.05]
    return sorted(moved, key=lambda worth: -abs(worth.ordered - worth.staff))[:most]


def _changes(game: Game, before: Turn, after: Turn) -> Iterator[str]:
    then, now = (turn.view(game.sides[0]).places for turn in (before, after))
    for id, place in now.items():
        if place.control != then[id].control:
            yield f"{place.name} passed from {_side(game, then[id].control)} to {_side(game, place.control)}"


def _questions(game: Game) -> Iterator[str]:
    yield "<h2>Questions for discussion</h2><ol>"
    for place, side, share in standing(game)[:2]:
        if share < 0.5:
            yield f"<li>{escaped(_side(game, side))} holds {escaped(place)}. Without players that happened in "
            yield f"{100 * share:.0f} of 100 campaigns. Which decision made the difference, and how much was chance?"
    late = [number for number, turn in enumerate(game.turns[:-1], 1) if turn.ended_by == "time is over"]
    if late:
        yield f"<li>In turn {late[0]} the time ran out before all had decided. What was missing: knowledge, "
        yield "or agreement?"
    yield "<li>Which of your beliefs about the enemy was wrong for longest, and what would have told you earlier?"
    yield "<li>What does the model leave out that would have mattered to the people who live there?</ol>"


def _repeat(game: Game) -> Iterator[str]:
    session = game.session
    yield "<h2>How to repeat it</h2><p>The record of the game (campaign.orontes) is played again with "
    yield f"<code>sim.Campaign.load(...)</code>: scenario {escaped(game.deployment.loaded.name)}, seed {session.seed}, "
    yield f"replicate {session.replicate}, and {len(session.given)} orders. Orontes {escaped(sim.__version__)}.</p>"


def csv_of(game: Game) -> str:
    """All orders of all turns, for a spreadsheet. A text that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["turn", "day", "side", "who", "task", "target", "reason"])
    for number, turn in enumerate(game.turns[:-1], 1):
        given: list[tuple[str, Order, str]] = [
            (side, order, "played by its staff" if side in turn.staffed else "")
            for side, orders in turn.drafts.items()
            for order in orders
        ]
        given += [("facilitator", order, reason) for order, reason in turn.overrides]
        for side, order, reason in given:
            row = [side, order.who, order.task, order.target or "", reason]
            table.writerow([number, f"{turn.session.day:g}", *_harmless(row)])
    return out.getvalue()


def _harmless(cells: Iterable[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(SPREADSHEET_FORMULA) else cell for cell in map(printable, cells)]


def _told(game: Game, order: Order) -> str:
    scenario = game.deployment.scenario
    id = order.who.rpartition(".")[2]
    if order.task in tasks_of(EVENT):
        return f"{event_title(scenario, id)}: {order.task}"
    named: dict[str, Any] = {**scenario.formations, **scenario.reinforcements, **scenario.air, **scenario.sides}
    who = named[id].name
    return f"{who}: {order.task}" + (f" {scenario.places[order.target].name}" if order.target else "")


def _side(game: Game, side: str | None) -> str:
    return game.deployment.scenario.sides[side].name if side else ""
