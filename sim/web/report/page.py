"""The report of one run, or of two that are compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.ensemble.folder import replace as write_bytes
from sim.ensemble.folder import writing
from sim.ensemble.results import Results
from sim.scenario.file_paths import absolute
from sim.scenario.messages import printable
from sim.study.pairs import paired_table
from sim.web.report import answer, grounds
from sim.web.report.blocks import Block, Figure, Heading, Table, Text, as_markdown, as_page
from sim.web.shared.single_page import PAGES, framed, write_page
from sim.web.shared.wording import outcome_in_words


class Report:
    """The report of a run, or of what differs between two: shown in a notebook, or saved as a file."""

    def __init__(self, results: Results, other: Results | None = None) -> None:
        """ValueError if the two cannot be compared."""
        self.title = " ".join(results.scenario.title.split())
        self.blocks = list(blocks(results, other))

    @property
    def page(self) -> str:
        """As HTML that opens without a network."""
        return as_page(self.title, self.blocks)

    @property
    def markdown(self) -> str:
        """As Markdown, which names its figures as files in `figures/`."""
        return as_markdown(self.title, self.blocks)

    def save(self, path: str | Path) -> Path:
        """Write the report, by the ending of the path as HTML or as Markdown with its figures; returns where.

        ValueError for another ending, ResultsError if it cannot be written.
        """
        path = absolute(path)
        if path.suffix.lower() not in (*PAGES, ".md"):
            raise ValueError(f"{path}: the name of a report should end in {' or '.join((*PAGES, '.md'))}")
        if path.suffix.lower() in PAGES:
            return write_page(path, self.page)
        for block in self.blocks:
            if isinstance(block, Figure) and not (path.parent / block.file).is_file():
                with writing(path.parent):
                    (path.parent / block.file).parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path.parent / block.file, block.png)
        return write_page(path, self.markdown)

    def __repr__(self) -> str:
        return printable(f"<Report: {self.title}; .save(path) writes it>")

    def _repr_html_(self) -> str:
        return framed(self.page)


def blocks(results: Results, other: Results | None = None) -> Iterator[Block]:
    """All parts, in order."""
    yield from answer.question(results)
    if other is not None:
        yield from compared(results, other)
    yield from answer.answer(results)
    yield from answer.maps(results)
    yield from answer.curves(results)
    yield from grounds.turning(results)
    yield from grounds.inputs(results)
    yield from grounds.what_ifs(results)
    yield from grounds.agreement(results)
    yield from grounds.assumptions(results)
    yield from grounds.limits(results)
    yield from grounds.repeat(results)


def compared(results: Results, other: Results) -> Iterator[Block]:
    """What differs between two runs under the same random numbers. ValueError if they cannot be compared."""
    yield Heading("What differs between the two runs")
    names = [_name(results), _name(other)]
    yield Text(
        f"A is {names[0]}, B is {names[1]}. Campaign by campaign, both had the same luck and the same draws of what is"
        " not known, so that only the change makes the difference. The rest of this report is about A."
    )
    rows = []
    for _, row in paired_table(results, other).reset_index().iterrows():
        said = outcome_in_words(results.scenario, row["outcome"])
        is_share = row["measure"] == "probability"
        said += ": mean day (never counts as the last)" if row["measure"] == "day" else ""
        show = _share if is_share else _amount
        bounds = f"{show(row['low'], True)} to {show(row['high'], True)}"
        sure = "yes" if row["low"] > 0 or row["high"] < 0 else "no"
        values = [show(float(row[key])) for key in ("a", "b")]
        rows.append([said, *values, show(float(row["difference"]), True), bounds, sure])
    head = ("", "A", "B", "B - A", "95 % interval", "certain")
    yield Table("In how many of 100 campaigns, or how much on average", head, rows, frozenset({1, 2, 3, 4}))


def _name(results: Results) -> str:
    said = results.manifest
    changes = [f"{path}={value}" for path, value in (said.get("set") or {}).items()]
    if said.get("variant"):
        title = results.scenario.variants[said["variant"]].title if said["variant"] in results.scenario.variants else ""
        changes.insert(0, f"{said['variant']}{f' ({title})' if title else ''}")
    return f"the scenario with {', '.join(changes)}" if changes else "the scenario as it stands"


def _share(value: float, signed: bool = False) -> str:
    return f"{100 * value:{'+' if signed else ''}.1f}"


def _amount(value: float, signed: bool = False) -> str:
    return f"{float(f'{value:.3g}'):{'+' if signed else ''},g}"
