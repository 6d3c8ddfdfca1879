"""The parts of a report, and how they are written: as HTML that opens anywhere, or as Markdown."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sim.scenario.messages import escaped, printable
from sim.web.shared.single_page import single_page

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#22262b;background:#fff}
h1{line-height:1.2}h2{margin-top:2.2rem;border-bottom:1px solid #d5d9de}p,li,td,th,figcaption,h1{overflow-wrap:anywhere}
p,li,td,th,h1,h2{unicode-bidi:plaintext}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;padding:.3rem .6rem;
border-bottom:1px solid #d5d9de;vertical-align:top}td,th{overflow-wrap:normal}caption{text-align:left;font-weight:600;
padding:.3rem 0}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th[scope=row]{font-weight:400}
figure{margin:1rem 0 1.5rem}img{max-width:100%;height:auto}figcaption{color:#5b626b}.note{color:#5b626b}
pre{overflow-x:auto}code{background:#f3f5f7;padding:.1em .3em;border-radius:3px}
@media(max-width:600px){th,td{padding:.25rem .3rem;font-size:.88rem}thead .n{white-space:normal}
caption{max-width:calc(100vw - 2rem)}}
@media print{nav{display:none}.table{overflow:visible}
body{max-width:none;margin:0;font-size:11pt}h2{break-after:avoid}tr,figure{break-inside:avoid}}
"""
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$!])")


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` words stand before it, a `note` is set back."""

    text: str
    strong: str = ""
    note: bool = False


@dataclass(frozen=True)
class Items:
    texts: Sequence[str]


@dataclass(frozen=True)
class Command:
    """Something to type."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Table:
    """`numbers`: columns that are set flush right."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A plot as PNG, with what it shows in words; `file` is where it lies beside a Markdown report."""

    png: bytes
    file: str
    alt: str
    caption: str


Block = Heading | Text | Items | Command | Table | Figure


def as_page(title: str, blocks: Iterable[Block]) -> str:
    """A report as one HTML file that needs nothing else, and in which nothing runs."""
    blocks = list(blocks)
    body = "\n".join(part for block in blocks for part in _html(block))
    parts = [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]
    links = "".join(f'<li><a href="#{_anchor(part)}">{_e(part)}</a></li>' for part in parts)
    contents = f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n' if parts else ""
    return single_page(title, f"<main>\n<h1>{_e(title)}</h1>\n{contents}{body}\n</main>", STYLE)


def _anchor(heading: str) -> str:
    """The name under which a part of the page is found."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "part"


def as_markdown(title: str, blocks: Iterable[Block]) -> str:
    """A report as Markdown; its figures are files beside it."""
    parts = [f"# {_m(title)}", *("\n".join(_markdown(block)) for block in blocks)]
    return "\n\n".join(parts) + "\n"


def _html(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f'<h{level} id="{_anchor(text)}">{_e(text)}</h{level}>'
        case Text(text, strong, note):
            said = f"<strong>{_e(strong)}</strong> " if strong else ""
            yield f"<p{' class=note' if note else ''}>{said}{_e(text)}</p>"
        case Items(texts):
            yield "<ul>" + "".join(f"<li>{_e(text)}</li>" for text in texts) + "</ul>"
        case Command(lines):
            yield "<pre><code>" + _e("\n".join(lines)) + "</code></pre>"
        case Table(caption, head, rows, numbers):
            flush = [' class="n"' if i in numbers else "" for i in range(len(head))]
            yield f'<div class="table" tabindex="0"><table><caption>{_e(caption)}</caption><thead><tr>'
            yield "".join(f'<th scope="col"{css}>{_e(cell)}</th>' for css, cell in zip(flush, head, strict=True))
            yield "</tr></thead><tbody>"
            for first, *rest in rows:
                cells = "".join(f"<td{css}>{_e(cell)}</td>" for css, cell in zip(flush[1:], rest, strict=True))
                yield f'<tr><th scope="row">{_e(first)}</th>{cells}</tr>'
            yield "</tbody></table></div>"
        case Figure(png, _, alt, caption):
            data = base64.b64encode(png).decode()
            yield f'<figure><img alt="{_e(alt)}" src="data:image/png;base64,{data}">'
            yield f"<figcaption>{_e(caption)}</figcaption></figure>"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f"{'#' * level} {_m(text)}"
        case Text(text, strong, _):
            yield (f"**{_m(strong)}** " if strong else "") + _m(text)
        case Items(texts):
            yield from (f"- {_m(text)}" for text in texts)
        case Command(lines):
            yield from ("```text", *(printable(line) for line in lines), "```")
        case Table(caption, head, rows, numbers):
            yield f"*{_m(caption)}*\n"
            yield f"| {' | '.join(map(_m, head))} |"
            yield "|" + "|".join("---:" if i in numbers else "---" for i in range(len(head))) + "|"
            yield from (f"| {' | '.join(map(_m, row))} |" for row in rows)
        case Figure(_, file, alt, caption):
            yield f"![{_m(alt)}]({file})\n\n*{_m(caption)}*"


def _e(text: str) -> str:
    return escaped(text)


def _m(text: str) -> str:
    """A text as it stands, whatever Markdown would read in it."""
    return MARKUP.sub(r"\\\1", " ".join(printable(text).split()))
