"""The pages and the interface of an exercise, as a Starlette application.

A browser gets its state by `GET /api/state` whenever `/api/stream` tells that something has changed, and acts by
`POST`. Every answer is made for one seat (briefing.py). What is refused is refused in one sentence.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import Any

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from sim.session.orders import OrderError
from sim.session.save import as_json
from sim.web.exercise import access
from sim.web.exercise.briefing import map_of, state_for
from sim.web.exercise.game import Game
from sim.web.exercise.guard import Answer, Guard, refusal
from sim.web.exercise.log import LogError, is_sendable
from sim.web.exercise.parts import COMMANDER, ENDED, FACILITATOR, PLAYERS, PROJECTOR, Refused, Seat
from sim.web.exercise.review import POLICY, csv_of, review_of
from sim.web.exercise.room import Room
from sim.web.exercise.rooms import SHELVE, Rooms

PAGES = (files("sim.web.exercise") / "pages", files("sim.web.shared"))
KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
OPTIONAL_TEXT, OPTIONAL_NUMBER = (str, type(None)), (int, float, type(None))
OPTIONAL_TURN, OPTIONAL_ORDER = (int, type(None)), (dict, type(None))
FACILITATOR_EVENTS: dict[str, dict[str, Any]] = {
    "started": {},
    "adjudicated": {"turn": int},
    "rewound": {"to": int},
    "paused": {"on": bool},
    "limited": {"seconds": OPTIONAL_NUMBER},
    "adjusted": {"fog": str, "odds": bool},
    "messaged": {"to": OPTIONAL_TEXT, "text": str},
    "overridden": {"order": dict, "reason": str},
    "prepared": {"turn": OPTIONAL_TURN, "falls": OPTIONAL_TEXT, "to": OPTIONAL_TEXT, "text": str,
                 "order": OPTIONAL_ORDER},
    "fired": {"inject": int},
    "discarded": {"inject": int},
    "moved": {"who": int, "side": str, "role": str},
    "organised": {"side": str, "decides": str},
    "staffed": {"side": str, "commits": OPTIONAL_TEXT},
    "freed": {"who": int},
}  # fmt: skip
"""What the facilitator may do, and what each needs to be told."""
WRONG_CODE = "the code is wrong; it stands on the projector and where the server was started"
Handler = Callable[[Request], Awaitable[Response]]


def application(rooms: Rooms, hosts: set[str], address: str | None = None) -> ASGIApp:
    """The application of the games that are open.

    `hosts`: the names under which it may be addressed; `address`: host and port that other machines use, if they may.
    """
    attempts = access.Attempts()

    def seat_of(request: Request, *roles: str) -> tuple[Room, Seat]:
        """The game that a browser asks about (`?game=CODE`; else its first), and its seat there."""
        found = rooms.seat_of(request.cookies.get(access.COOKIE), request.query_params.get("game"))
        if found is None:
            raise NoSeat("you have no seat in this game; join it first")
        if roles and found[1].role not in roles:
            raise Refused(f"only {' or '.join(roles)} may do that")
        return found

    async def page(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        return _file(name)

    async def enter(request: Request) -> Response:
        """The facilitator's own address, which is printed where the server runs."""
        if not access.secrets.compare_digest(
            request.query_params.get("key", "").encode(), rooms.facilitator_key.encode()
        ):
            return PlainTextResponse("this address is no longer valid; look where the server was started", 403)
        return with_cookie(RedirectResponse("/", 303), await rooms.take_facilitator(), request)

    async def join(request: Request) -> Response:
        address = request.client.host if request.client else ""
        if attempts.must_wait(address):
            return refusal("too many wrong codes; wait a minute", 429)
        said = await _body(request, {"code": str, "name": str, "side": (str, type(None)), "role": str})
        room = rooms.of_code(said["code"])
        if room is None:
            attempts.note_wrong(address)
            return refusal(WRONG_CODE, 403)
        if said["role"] not in (*PLAYERS, PROJECTOR):
            raise Refused(f"join as {', '.join(PLAYERS)} or {PROJECTOR}")
        key = await room.join(said["name"], said["side"], said["role"])
        return with_cookie(Answer({"ok": True, "game": room.code}), key, request)

    def with_cookie(response: Response, key: str, request: Request) -> Response:
        response.set_cookie(
            access.COOKIE,
            key,
            max_age=30 * 86_400,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    async def hello(request: Request) -> Response:
        """What a browser without a seat gets to know: the sides that it may join, if it is clear in which game."""
        key, code = request.cookies.get(access.COOKIE), request.query_params.get("game")
        # With one game open a code says nothing: that of a page from before the server was started again is old.
        alone = rooms.open[0] if len(rooms.open) == 1 else None
        found = rooms.seat_of(key, None if alone else code)
        room = found[0] if found else alone
        if room is None and code is not None:
            address = request.client.host if request.client else ""
            if attempts.must_wait(address):
                return refusal("too many wrong codes; wait a minute", 429)
            room = rooms.of_code(code)
            if room is None:
                attempts.note_wrong(address)
                found = rooms.seat_of(key, None)
                if found is None:
                    return refusal(WRONG_CODE, 403)
                room = found[0]
        if room is None:
            return Answer({"title": "An exercise", "sides": [], "seated": False})
        scenario, game = room.game.deployment.scenario, room.game
        sides = [
            {
                "id": side,
                "name": scenario.sides[side].name,
                "colour": scenario.sides[side].colour,
                "roles": [COMMANDER, *([] if game.votes(side) else game.team(side).roles)],
            }
            for side in game.sides
        ]
        named = room.log.start.get("title")
        told = {"title": f"{scenario.title}: {named}" if named else scenario.title, "sides": sides}
        return Answer({**told, "seated": found is not None, **({"game": room.code} if found else {})})

    async def the_map(request: Request) -> Response:
        return Answer(await drawn_map(seat_of(request)[0].game))

    async def drawn_map(game: Game) -> dict[str, Any]:
        """The map of a game, drawn once."""
        if game.drawn_map is None:
            game.drawn_map = await asyncio.to_thread(map_of, game)
        return game.drawn_map

    async def state(request: Request) -> Response:
        room, seat = seat_of(request)
        found = state_for(room.game, seat, room.seconds_left)
        if seat.role in (FACILITATOR, PROJECTOR):
            found |= {"code": room.code, "address": address}
        if seat.role == FACILITATOR:
            found |= {"open": rooms.told(), "note": room.note}
        found["game"]["title"] = room.title
        return Answer({**found, "version": room.version, "switches": room.switches})

    async def qr(request: Request) -> Response:
        """The players' address as a drawing, for the projector."""
        room, _ = seat_of(request, FACILITATOR, PROJECTOR)
        if address is None:
            raise Refused("only this machine can reach the server; --host opens it to the room")
        drawn = io.BytesIO()
        code = segno.make(players_address(address, room.code), error="m")
        code.save(drawn, kind="svg", border=2, light="#fff", omitsize=True)
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    async def stream(request: Request) -> Response:
        room, _ = seat_of(request)

        async def told() -> AsyncIterator[str]:
            async with contextlib.aclosing(room.changes()) as changes:  # type: ignore[type-var]
                async for version in changes:
                    yield "event: beat\ndata: 0\n\n" if version is None else f"data: {version}\n\n"

        return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def options(request: Request) -> Response:
        """What one of the seat's own formations may be ordered."""
        room, seat = seat_of(request, *PLAYERS, FACILITATOR)
        side = request.query_params.get("side", "")
        _own(room, seat, side)
        view, who = room.game.turn.view(side), request.query_params.get("who", "")[:200]
        found = view.options(who)
        for_others = [] if seat.role == FACILITATOR else [t for t in found.places if not seat.may_order(found.kind, t)]
        places = {task: places for task, places in found.places.items() if task not in for_others}
        refused = {**found.refused, **dict.fromkeys(for_others, f"it is not for your role, {seat.role}")}
        days = {place: round(days, 3) for place, days in view.march_days(who).items()}
        return Answer({"kind": found.kind, "places": places, "refused": refused, "days": days})

    async def draft(request: Request) -> Response:
        room, seat = seat_of(request, *PLAYERS)
        said = await _body(request, {"side": str, "turn": int, "orders": list})
        await room.act({"what": "drafted", "seat": seat.number, **said})
        return Answer({"ok": True})

    async def commit(request: Request) -> Response:
        room, seat = seat_of(request, *PLAYERS)
        said = await _body(request, {"side": str, "turn": int, "ready": bool})
        await room.act({"what": "committed", "seat": seat.number, **said})
        return Answer({"ok": True})

    async def odds(request: Request) -> Response:
        room, seat = seat_of(request, *PLAYERS)
        said = await _body(request, {"side": str, "orders": list})
        _own(room, seat, said["side"])
        if room.game.phase == ENDED:
            raise Refused("the game is over")
        return Answer(await room.odds(said["side"], said["orders"]))

    async def facilitate(request: Request) -> Response:
        room, seat = seat_of(request, FACILITATOR)
        said = await _body(request)
        what = said.get("what")
        if not isinstance(what, str) or what not in FACILITATOR_EVENTS:
            raise Refused(f"the facilitator can have {', '.join(FACILITATOR_EVENTS)}, not {what!r}")
        event = {"what": what, "seat": seat.number, **_fields(said, FACILITATOR_EVENTS[what])}
        if what == "adjudicated":
            event["why"] = "the facilitator ended the turn"
        await room.act(event)
        return Answer({"ok": True})

    async def games(request: Request) -> Response:
        """The games that are open, and the others of the folder."""
        room, _ = seat_of(request, FACILITATOR)
        return Answer(await asyncio.to_thread(rooms.games, room))

    async def shelve(request: Request) -> Response:
        """A new game, or another one opened, closed, put away, put back, or deleted; `game`: the one to be seen now."""
        room, seat = seat_of(request, FACILITATOR)
        said = await _body(request)
        does = said.get("do")
        if not isinstance(does, str) or does not in SHELVE:
            raise Refused(f"with games one can {', '.join(SHELVE)}, not {does!r}")
        code = await rooms.shelve(room, seat, {"do": does, **_fields(said, SHELVE[does])})
        return Answer({"ok": True, "game": code})

    async def review(request: Request) -> Response:
        """The after-action review: for the facilitator at any time, for all when the game is over."""
        page = await asyncio.to_thread(review_of, for_review(request))
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def record(request: Request) -> Response:
        """The campaign as it was played: it can be loaded and played again, to the last bit."""
        session = for_review(request).session
        return _download(json.dumps(as_json(session), indent=1), "campaign.orontes", "application/json")

    async def orders_csv(request: Request) -> Response:
        return _download(csv_of(for_review(request)), "orders.csv", "text/csv")

    def for_review(request: Request) -> Game:
        """The game of a seat that may see the review now."""
        room, seat = seat_of(request)
        if seat.role != FACILITATOR and room.game.phase != ENDED:
            raise Refused("the review opens when the game is over")
        return room.game

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # What draws maps is loaded while the first people join.
        drawing = asyncio.create_task(drawn_map(rooms.open[0].game))
        rooms.begin()
        yield
        drawing.cancel()
        rooms.end()

    routes = [
        Route("/", page), Route("/pages/{name}", page), Route("/enter", enter),
        Route("/api/hello", hello), Route("/api/join", join, methods=["POST"]),
        Route("/api/map", the_map), Route("/api/state", state), Route("/api/stream", stream), Route("/qr.svg", qr),
        Route("/api/options", options), Route("/api/draft", draft, methods=["POST"]),
        Route("/api/commit", commit, methods=["POST"]), Route("/api/odds", odds, methods=["POST"]),
        Route("/api/facilitate", facilitate, methods=["POST"]),
        Route("/api/games", games), Route("/api/games", shelve, methods=["POST"]),
        Route("/review", review), Route("/record", record), Route("/orders.csv", orders_csv),
    ]  # fmt: skip
    handlers: Any = {Refused: _refused, OrderError: _refused, NoSeat: _no_seat, LogError: _broken, BadRequest: _refused}
    return Guard(Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers), hosts)


def players_address(address: str, code: str) -> str:
    """Where players join: host and port, and the code of the game."""
    return f"http://{address}/?code={code}"


class NoSeat(Exception):
    """A request of somebody who has not joined."""


class BadRequest(ValueError):
    """A request that is not what one of our pages sends."""


def _own(room: Room, seat: Seat, side: str) -> None:
    """Refused unless the side is played in this game, and the seat belongs to it."""
    if side not in room.game.sides:
        raise Refused(f"no side '{side[:40]}' is played in this game")
    if seat.role != FACILITATOR and not seat.drafts(side):
        raise Refused("you do not belong to that team")


async def _body(request: Request, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """The JSON object of a request, with these fields of these types."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > access.MOST_BYTES:
            raise BadRequest("that is too much at once")
    try:
        said = json.loads(data)
        is_whole = is_sendable(said)
    except (ValueError, RecursionError):
        is_whole = False
    if not is_whole:
        raise BadRequest("the request is no JSON")
    if not isinstance(said, dict):
        raise BadRequest("the request is no JSON object")
    return said if fields is None else _fields(said, fields)


def _fields(said: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """These fields of an object, each of its type."""
    for name, kind in fields.items():
        value = said.get(name)
        if name not in said or not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise BadRequest(f"'{name}' is missing, or is not of the right kind")
    return {name: said[name] for name in fields}


def _file(name: str) -> Response:
    kind = KINDS.get(name.rpartition(".")[2])
    known = {path.name: path for folder in PAGES for path in folder.iterdir()}
    if kind is None or name not in known:
        return PlainTextResponse("there is no such page", 404)
    return Response(known[name].read_bytes(), media_type=kind)


def _download(text: str, name: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _refused(request: Request, error: Exception) -> Response:
    return refusal(str(error), 400)


async def _no_seat(request: Request, error: Exception) -> Response:
    return refusal(str(error), 401)


async def _broken(request: Request, error: Exception) -> Response:
    return refusal(f"nothing was changed: {error}", 507)
