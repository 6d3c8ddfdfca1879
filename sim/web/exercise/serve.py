"""Starting the server of an exercise: which addresses it listens on, and which names it answers to."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Callable, Iterator

import segno
import uvicorn

from sim.web.exercise.app import application, players_address
from sim.web.exercise.rooms import Rooms

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


def serve(rooms: Rooms, port: int, to_room: bool, opens_browser: bool, say: Callable[[str], None]) -> None:
    """Serve games until the server is stopped. PortTaken if the port is not free."""
    host, hosts = addresses(to_room)
    with listening(ALL_NETWORKS if to_room else THIS_MACHINE, port) as listener:
        port = listener.getsockname()[1]
        for line in welcome(rooms, host, port, to_room):
            say(line)
        if opens_browser:
            webbrowser.open(f"http://localhost:{port}/enter?key={rooms.facilitator_key}")
        config = uvicorn.Config(
            application(rooms, hosts, f"{host}:{port}" if to_room else None),
            log_level="warning", access_log=False, timeout_graceful_shutdown=1, ws="none",
        )  # fmt: skip
        _Server(config, rooms).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the streams of all games before it waits for open requests to end."""

    def __init__(self, config: uvicorn.Config, rooms: Rooms) -> None:
        super().__init__(config)
        self._rooms = rooms

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._rooms.close()
        await super().shutdown(sockets)


def welcome(rooms: Rooms, host: str, port: int, to_room: bool) -> Iterator[str]:
    """What is printed where the server was started."""
    first, several = rooms.open[0], len(rooms.open) > 1
    yield f"{first.game.deployment.scenario.title}: an exercise for {', '.join(first.game.sides)}"
    for room in rooms.open:
        address = players_address(f"{host}:{port}", room.code)
        yield f"Players:     {address}   code {room.code}" + (f"   {room.title}" if several else "")
        if room.note:
            yield f"{room.log.path}: {room.note}"
    yield f"Facilitator: http://localhost:{port}/enter?key={rooms.facilitator_key}"
    if not to_room:
        yield "Only this machine can reach it; --host opens it to the room."
    elif several:
        yield "Each game has a QR code of its own on its projector, and on the facilitator's page."
    else:
        yield from _qr(address)
    files = " ".join(str(room.log.path) for room in rooms.open)
    yield f"Saved in {files}. Stop with Ctrl-C; `sim play {files}` goes on."


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
