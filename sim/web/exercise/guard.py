"""The guard before the application: forged names and other sites are refused, and answers get our headers."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.scenario.messages import printable_data
from sim.web.exercise import access


class Answer(JSONResponse):
    """Plain data for a page. What does not print in its texts stands as an escape: it could not be sent, or would turn
    the order of what stands around it."""

    def render(self, content: Any) -> bytes:
        return super().render(printable_data(content))


def refusal(message: str, status: int) -> Response:
    """The answer to what is refused: one sentence."""
    return Answer({"error": message}, status)


class Guard:
    """Refuses requests that are led here by a forged name or sent by another site, and adds our headers to answers."""

    def __init__(self, app: ASGIApp, hosts: set[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        host = request.headers.get("host", "")

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (k.lower().encode(), v.encode())
                        for k, v in access.HEADERS.items()
                        if k.lower().encode() not in names
                    ),
                ]
            await send(message)

        if not access.is_known_host(host, self.hosts):
            await refusal("this server is not known by that name", 421)(scope, receive, guarded)
        elif request.method not in ("GET", "HEAD") and not access.is_own_origin(request.headers.get("origin"), host):
            await refusal("that did not come from one of our pages", 403)(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)
