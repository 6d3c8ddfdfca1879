"""`sim compare`: what each what-if changes, and which change most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import number, percent, table
from sim.cli.cost import cost, ends_with_cost
from sim.cli.messages import clear_messages, results_errors, show, show_json
from sim.cli.options import (
    AsJson,
    DryRun,
    Folder,
    Jobs,
    PlainReplicates,
    Quiet,
    ScenarioFile,
    Seed,
    Settings,
    Yes,
    plotted,
)
from sim.cli.pictures import draw

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

COLUMNS = (9, 9, 11, 22)
"""Widths of the columns behind the name of a variant."""
SHOWN = 12
"""Variants that the terminal shows of an outcome, those that change most."""
MEASURES = {"probability": "share of campaigns", "day": "mean day; the last one if it did not come", "mean": "mean"}


def compare(
    scenario: ScenarioFile,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant", metavar="NAME", help="A what-if to compare. Repeatable.", show_default="all of the scenario"
        ),
    ] = None,
    replicates: PlainReplicates = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    outcomes: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="NAME",
            help="Compare this outcome only: fewer give narrower intervals. Repeatable.",
            show_default="those that the scenario lists",
        ),
    ] = None,
    folder: Folder = Path("results"),
    picture: Annotated[Path | None, plotted("the first outcome")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Compare what-ifs with the scenario as it is, under the same random numbers: differences, ranked, and how sure."""
    with clear_messages(), results_errors():
        from sim.engine.load import load
        from sim.ensemble.cost import cost_of
        from sim.ensemble.spec import REPLICATES
        from sim.scenario.settings import parse_settings
        from sim.study.compare import compare_loaded, variants_of

        loaded = load(scenario, set=parse_settings(settings or ()))
        _, changed = variants_of(loaded, variants or None)
        count = (replicates or REPLICATES) * (1 + len(changed))

        def told_cost() -> str:
            return f"{1 + len(changed)} runs: " + cost(cost_of(loaded, count, jobs, outcomes or ()))

        if ends_with_cost(count, told_cost, dry_run, yes):
            return
        progress = False if quiet else None
        found = compare_loaded(loaded, changed, replicates, seed, jobs, outcomes or (), folder, progress)
        show_json(found.to_json()) if as_json else show(_answer(found, loaded.scenario.title))
        draw(lambda: found.plot.forest(), picture)


def _answer(found: Comparison, title: str) -> Iterator[str]:
    """The differences as tables, each with its ranking in words."""
    yield " ".join(title.split())
    count = len(found.names)
    variants = f"{count} variant{'s' if count != 1 else ''}"
    yield f"{variants} against the scenario as it is, {found.replicates:,} campaigns each"
    rankings = {(row["outcome"], row["measure"]): row for row in found.to_json()["rankings"]}
    for (outcome, measure), ranking in rankings.items():
        rows = found.of(outcome, measure)
        rows = rows.iloc[rows["difference"].abs().fillna(0.0).argsort(kind="stable")[::-1]].reset_index()
        yield ""
        unit = f", {rows['unit'][0]}" if rows["unit"][0] else ""
        yield f"{outcome}: {MEASURES[measure]}{unit}"
        head = ("", "as it is", "variant", "difference", f"{100 * found.level:g} % interval")
        records: list[Mapping[str, Any]] = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
        shown = [{"name": row["variant"], **row} for row in records[:SHOWN]]
        yield from table(head, COLUMNS, list(shown), _cells)
        if len(records) > SHOWN:
            yield f"... ({len(records) - SHOWN} more that change less)"
        yield from _wrapped(ranking["in_words"])
        yield from _wrapped(_to_settle(records))
    yield ""
    yield from _wrapped(
        "The intervals of all tables hold together. `*`: not 0 for certain, corrected for the number of comparisons."
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    if not math.isfinite(row["difference"]):
        return ["-"] * 4
    is_share = row["measure"] == "probability"
    scale = 100.0 if is_share else 1.0
    said = [percent(row[key]) if is_share else number(row[key]) for key in ("base", "value")]
    difference, low, high = (_signed(scale * row[key]) for key in ("difference", "low", "high"))
    return [*said, f"{'*' if row['certain'] else ''}{difference}", f"{low} to {high}"]


def _signed(value: float) -> str:
    text = number(value)
    return text if value <= 0 or text == "0" else f"+{text}"


def _to_settle(rows: list[Mapping[str, Any]]) -> str:
    """How many more campaigns would tell the variants that are nearest to it from no effect."""
    from sim.statistics.effects import two_figures

    open_rows = [row for row in rows if not row["certain"] and math.isfinite(row["more"]) and 0 < row["more"] < 1e7]
    if not open_rows:
        return ""
    nearest = min(open_rows, key=lambda row: row["more"])
    return f"About {two_figures(nearest['more']):,} more campaigns would tell {nearest['variant']} from no effect."


def _wrapped(text: str) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(text, 80, break_long_words=False, break_on_hyphens=False)
