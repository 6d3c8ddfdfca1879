"""A client of the YAML language server that editors run: Language Server Protocol over standard input and output."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAME = "yaml-language-server"
OF_CI = Path(__file__).parents[2] / "build" / "node" / "node_modules" / ".bin" / NAME
"""Where `.ci/run` installs it."""
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}
"""As in VS Code, but without the catalogue of schemas on the network."""


def installed() -> str | None:
    """The program, if there is one."""
    return str(OF_CI) if OF_CI.exists() else shutil.which(NAME)


class LanguageServer:
    """A running server; it answers in order, and a document is known by its address."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen(
            [program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.numbers = itertools.count(1)
        self.versions = itertools.count(1)
        self.mistakes: dict[str, list[str]] = {}
        able = {"hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {}, "completion": {}}
        capabilities = {"workspace": {"configuration": True}, "textDocument": able}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.tell("initialized", {})

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.communicate()

    def show(self, file: Path, text: str) -> None:
        """Open a document with this text."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": next(self.versions), "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def mistakes_in(self, file: Path) -> list[str]:
        """What an editor underlines in a document."""
        while file.as_uri() not in self.mistakes:
            self._take(self._read())
        return self.mistakes[file.as_uri()]

    def hover(self, file: Path, line: int, column: int) -> str:
        """What an editor shows under the pointer."""
        found = self.ask("textDocument/hover", self._at(file, line, column))
        return str(found["contents"]["value"]) if found else ""

    def complete(self, file: Path, line: int, column: int) -> dict[str, str]:
        """What an editor offers to write, each with its explanation."""
        found = self.ask("textDocument/completion", self._at(file, line, column))
        return {item["label"]: item.get("documentation", "") for item in found["items"]}

    def ask(self, method: str, params: Any) -> Any:
        """The answer to a request. AssertionError if the server refuses it."""
        number = next(self.numbers)
        self._write({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]
            self._take(message)

    def tell(self, method: str, params: Any) -> None:
        """Send a notice, which has no answer."""
        self._write({"method": method, "params": params})

    @staticmethod
    def _at(file: Path, line: int, column: int) -> Any:
        return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        return json.loads(self.process.stdout.read(length))

    def _take(self, message: Any) -> None:
        """Keep what the server says by itself, and answer what it asks."""
        if message.get("method") == "textDocument/publishDiagnostics":
            told = message["params"]
            self.mistakes[told["uri"]] = [mistake["message"] for mistake in told["diagnostics"]]
        elif "id" in message and "method" in message:
            asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
            answer = None if asked is None else [SETTINGS.get(item.get("section"), {}) for item in asked]
            self._write({"id": message["id"], "result": answer})
