"""Starting the server of an exercise: which addresses it listens on, and which names it answers to."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Callable, Iterator

import segno
import uvicorn

from sim.web.exercise.app import application, players_address
from sim.web.exercise.room import Room

THIS_MACHINE = "127.0.0.1"
ALL_NETWORKS = "0.0.0.0"


class PortTaken(ValueError):
    """Another program listens where the server should."""


def addresses(to_room: bool) -> tuple[str, set[str]]:
    """The address for people's browsers, and all names under which the server may be asked."""
    known = {THIS_MACHINE, "localhost", "::1"}
    if not to_room:
        return "localhost", known
    name = socket.gethostname()
    best = THIS_MACHINE
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which of this machine's addresses leads to other machines.
        probe.connect(("192.0.2.1", 9))
        best = probe.getsockname()[0]
    return best, known | {best, name, f"{name}.local"}


def serve(room: Room, port: int, to_room: bool, opens_browser: bool, say: Callable[[str], None]) -> None:
    """Serve a game until it is stopped. PortTaken if the port is not free."""
    host, hosts = addresses(to_room)
    with listening(ALL_NETWORKS if to_room else THIS_MACHINE, port) as listener:
        port = listener.getsockname()[1]
        for line in welcome(room, host, port, to_room):
            say(line)
        if opens_browser:
            webbrowser.open(f"http://localhost:{port}/enter?key={room.facilitator_key}")
        config = uvicorn.Config(
            application(room, hosts, f"{host}:{port}" if to_room else None),
            log_level="warning", access_log=False, timeout_graceful_shutdown=1, ws="none",
        )  # fmt: skip
        _Server(config, room).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the streams of the room before it waits for open requests to end."""

    def __init__(self, config: uvicorn.Config, room: Room) -> None:
        super().__init__(config)
        self._room = room

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._room.close()
        await super().shutdown(sockets)


def welcome(room: Room, host: str, port: int, to_room: bool) -> Iterator[str]:
    """What is printed where the server was started."""
    address = players_address(f"{host}:{port}", room.code)
    yield f"{room.game.deployment.scenario.title}: an exercise for {', '.join(room.game.sides)}"
    yield f"Players:     {address}   code {room.code}"
    yield f"Facilitator: http://localhost:{port}/enter?key={room.facilitator_key}"
    if to_room:
        yield from _qr(address)
    else:
        yield "Only this machine can reach it; --host opens it to the room."
    yield f"Saved in {room.log.path}. Stop with Ctrl-C; `sim play {room.log.path}` goes on."


def _qr(text: str) -> Iterator[str]:
    """A QR code of half blocks, light on dark as terminals are."""
    rows = [[bool(cell) for cell in row] for row in segno.make(text, error="m").matrix_iter(border=2)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join("█▄▀ "[a + 2 * b] for a, b in zip(upper, lower, strict=True))


@contextlib.contextmanager
def listening(address: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; PortTaken if the port is not free."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} cannot be used: {error.strerror}; choose another with --port") from error
    with listener:
        listener.listen(128)
        yield listener
