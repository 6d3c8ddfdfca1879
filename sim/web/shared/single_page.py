"""A page as one file: its style, its scripts and its data stand in it, and nothing else may run or be loaded."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from importlib.abc import Traversable
from pathlib import Path
from typing import Any

from sim.ensemble.folder import replace
from sim.scenario.messages import escaped, printable_data

PAGES = (".html", ".htm")
"""How names of pages end."""
IMPORT = re.compile(r'^import .*? from "\./([\w.]+)";\n', re.MULTILINE)


def single_page(
    title: str, body: str, style: str, script: str = "", data: Mapping[str, Any] | None = None, language: str = "en"
) -> str:
    """A whole page. Only its own style and script may take effect: their hashes are in its content policy.

    `body` is markup: whoever makes it escapes what is in it. `data` may hold any text.
    """
    rules = [f"script-src {_hash(script)}" if script else "", f"style-src {_hash(style)}", "img-src data:"]
    policy = "; ".join(["default-src 'none'", *filter(None, rules), "base-uri 'none'", "form-action 'none'"])
    packed = "" if data is None else f'<script type="text/plain" id="data">{packed_data(data)}</script>'
    run = f'<script type="module">{script}</script>' if script else ""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escaped(" ".join(title.split()))}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n<body>\n{body}\n{packed}\n{run}\n</body>\n</html>\n"
    )


def packed_data(data: Mapping[str, Any]) -> str:
    """Data as text of letters and digits: JSON, compressed (zlib), in base64. What does not print is escaped in it."""
    said = json.dumps(printable_data(data), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(said.encode(), 9)).decode()


def bundle(modules: Iterable[Traversable]) -> str:
    """Scripts as one, in this order: a module stands after those that it imports, and all share their names."""
    parts = []
    known: set[str] = set()
    for module in modules:
        source = module.read_text("utf-8")
        missing = set(IMPORT.findall(source)) - known
        if missing:
            raise ValueError(f"{module.name} imports {', '.join(sorted(missing))}, which should stand before it")
        known.add(module.name)
        parts.append(re.sub(r"^export ", "", IMPORT.sub("", source), flags=re.MULTILINE))
    return "\n".join(parts)


def write_page(path: Path, page: str) -> Path:
    """Write a page, as a whole or not at all. ResultsError if it cannot be written."""
    replace(path, page.encode())
    return path


def framed(page: str) -> str:
    """A page for a notebook: in a frame of its own, so that it can do nothing to the notebook."""
    style = "width:100%;height:720px;border:1px solid #d5d9de"
    return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{html.escape(page)}"></iframe>'


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
