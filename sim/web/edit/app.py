"""The page and the interface of `sim edit`, as a Starlette application for this machine alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sim.scenario.text_edits import NoEdit
from sim.web.edit.grids import with_value
from sim.web.edit.open_files import OpenFiles, Refused

PAGES, SHARED = files("sim.web.edit") / "pages", files("sim.web.shared")
MOST_BYTES = 20_000_000
"""Of a request: the drafts of all files."""


def application(opened: OpenFiles, key: str) -> Starlette:
    """The application that edits one scenario. A request without the key is refused."""

    def knows(request: Request) -> bool:
        return secrets.compare_digest(request.query_params.get("key", "").encode(), key.encode())

    async def page(request: Request) -> Response:
        if not knows(request):
            return HTMLResponse("look at the terminal: the address there has the key", 403)
        parts = {"style": (SHARED / "base.css").read_text("utf-8") + (PAGES / "edit.css").read_text("utf-8")}
        parts["script"] = (PAGES / "edit.js").read_text("utf-8")
        text = (PAGES / "index.html").read_text("utf-8")
        for name, part in parts.items():
            text = text.replace(f"<!--{name}-->", f"<{name}>{part}</{name}>")
        return HTMLResponse(text)

    async def texts(request: Request) -> Response:
        if not knows(request):
            return JSONResponse({"error": "the key is wrong"}, 403)
        return JSONResponse({"scenario": opened.scenario.name, "files": opened.known})

    def answering(act: Callable[[Any], Any]) -> Callable[[Request], Any]:
        """A handler that answers with what `act` makes of the body of a request."""

        async def handle(request: Request) -> Response:
            if not knows(request):
                return JSONResponse({"error": "the key is wrong"}, 403)
            if int(request.headers.get("content-length", 0)) > MOST_BYTES:
                return JSONResponse({"error": "that is too much"}, 413)
            try:
                return JSONResponse(await run_in_threadpool(act, await request.json()))
            except (Refused, NoEdit, OSError) as error:
                return JSONResponse({"error": str(error)}, 409)
            except (ValueError, KeyError, TypeError):
                return JSONResponse({"error": "the texts of files by their names are needed"}, 400)

        return handle

    routes = [
        Route("/", page),
        Route("/texts", texts),
        Route("/check", answering(lambda said: opened.check(texts_in(said))), methods=["POST"]),
        Route("/save", answering(lambda said: {"saved": opened.save(texts_in(said))}), methods=["POST"]),
        Route("/grid", answering(lambda said: opened.grid(texts_in(said["texts"]), said["section"])), methods=["POST"]),
        Route("/cell", answering(lambda said: with_value(texts_in(said["texts"]), said)), methods=["POST"]),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"])
    return Starlette(routes=routes, middleware=[hosts])


def texts_in(said: Any) -> dict[str, str]:
    """The texts of files by their names; ValueError if it is anything else."""
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        raise ValueError(said)
    return said


def serve(opened: OpenFiles, port: int, opens_browser: bool, say: Callable[..., None]) -> None:
    """Serve the page until it is stopped. PortTaken if the port is not free."""
    import webbrowser

    import uvicorn

    from sim.web.exercise.serve import THIS_MACHINE, listening

    key = secrets.token_urlsafe(12)
    with listening(THIS_MACHINE, port) as listener:
        address = f"http://localhost:{listener.getsockname()[1]}/?key={key}"
        say(f"{opened.scenario.name}: {address}", "Only this machine can reach it. Stop with Ctrl-C.")
        if opens_browser:
            webbrowser.open(address)
        config = uvicorn.Config(
            application(opened, key), log_level="warning", access_log=False, timeout_graceful_shutdown=1, ws="none"
        )
        uvicorn.Server(config).run(sockets=[listener])
