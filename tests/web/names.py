"""Thirty names that break pages, tables, fonts and terminals that do not look after them."""

from __future__ import annotations

import copy
from typing import Any

HOSTILE = (
    "<script>window.hit=1</script>", "</script><script>window.hit=1</script>", "<img src=x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>', "' onmouseover='window.hit=1", "javascript:window.hit=1", "<!-- comment",
    "</style><style>body{display:none}</style>", "]]><x>", "&lt;b&gt; &amp; &#0;", "<iframe srcdoc='x'></iframe>",
    "{{7*7}} ${7*7} #{7*7}", "`${window.hit=1}`", "\\u003cscript\\u003e", "line\nbreak", "tab\tstop",
    "bell\x07 del\x7f", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "c1 \x9b31m", "left \u202egnirts\u202c",
    "\u2066isolate\u2069 \u200f mark", "zero\u200bwidth", "=cmd|'/c calc'!A0", "+1+1", "@SUM(A1)",
    "| pipe | `code` | [link](javascript:alert(1))",
    "$x_{2}^{3}$ % \\textbf{x}", "العربية 中文 עברית 🙂", "n" * 200,
)  # fmt: skip
assert len(HOSTILE) == 30


def hostile(document: dict[str, Any]) -> dict[str, Any]:
    """A scenario as plain data, in which every name and title is one of these."""
    found = copy.deepcopy(document)
    count = 0

    def rename(node: Any) -> None:
        nonlocal count
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("name", "title", "about", "note") and isinstance(value, str):
                    node[key] = HOSTILE[count % len(HOSTILE)]
                    count += 1
                else:
                    rename(value)
        elif isinstance(node, list):
            for item in node:
                rename(item)

    rename(found)
    return found
