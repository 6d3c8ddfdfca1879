"""`sim results`: what is in a folder of results, and parts brought together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.calibrate import answer as calibration_answer
from sim.cli.console import duration, size
from sim.cli.messages import WRONG_INPUT, clear_messages, results_errors, say, show, show_json
from sim.cli.options import AsJson, Folder, Jobs, real_number
from sim.cli.run import answer, from_here, write_pages
from sim.cli.sweep import answer as study_answer

if TYPE_CHECKING:
    from sim.study.shelf import Entry

results = typer.Typer(
    name="results", help="What is in the results folder: list, show, merge, prune.", no_args_is_help=True
)
Where = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `--results` named.")]


@results.command("list")
def list_results(where: Where = Path("results"), as_json: AsJson = False) -> None:
    """List runs, studies and calibrations, the latest first."""
    with clear_messages(), results_errors():
        from sim.study.shelf import entries

        found = entries(where)
        if as_json:
            show_json([entry.to_json() for entry in found])
        elif found:
            show(_table(found))
        else:
            say(f"there are no results in {where}")


@results.command("show")
def show_results(
    folder: Annotated[Path, typer.Argument(metavar="RESULTS", help="Folder of any of them.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Print the answer of a run, study or calibration again."""
    with clear_messages(), results_errors():
        from sim.study.shelf import opened

        found = opened(folder)
        show_answer(found, as_json)


@results.command("merge")
def merge_results(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...", help="Folders of a run or study with parts in them, or of parts.", show_default=False
        ),
    ],
    folder: Folder = Path("results"),
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Bring together the parts that `--shard` made. The result is that of one run, to the byte."""
    with clear_messages(), results_errors():
        from sim.ensemble.results import Results
        from sim.study.shelf import merge

        merged = merge(folders, folder, jobs)
        show_answer(merged, as_json)
        if isinstance(merged, Results):
            write_pages(merged, quiet=as_json)


@results.command("prune")
def prune_results(
    where: Where = Path("results"),
    older_than: Annotated[
        float, typer.Option(parser=real_number(0), metavar="DAYS", help="Only what was last written so many days ago.")
    ] = 30,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Only runs and studies without an end.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete them.")] = False,
) -> None:
    """Delete old results. Without --yes it only says which. Files that Orontes did not write are kept."""
    with clear_messages(), results_errors():
        from sim.study.shelf import entries, remove

        chosen = [
            entry for entry in entries(where) if entry.age_days >= older_than and not (unfinished and entry.complete)
        ]
        if not chosen:
            say(f"there is nothing to delete in {where}")
            return
        show(_table(chosen))
        if not yes:
            total = size(sum(entry.bytes for entry in chosen))
            say(f"{len(chosen)} would be deleted ({total}): add --yes to delete them")
            raise typer.Exit(WRONG_INPUT)
        for entry in chosen:
            remove(entry)
        say(f"{len(chosen)} deleted")


def show_answer(found: Any, as_json: bool) -> None:
    """Print the answer of results, of a study or of a calibration."""
    if as_json:
        show_json(found.to_json())
    elif hasattr(found, "waves"):
        show(calibration_answer(found, found.scenario, "SCENARIO"))
    elif hasattr(found, "points"):
        show(study_answer(found, found.manifest["scenario"]))
    else:
        show(answer(found.to_json(), found.scenario.title, found.scenario.clock.days))


def _table(found: list[Entry]) -> Iterator[str]:
    """A line for each run or study."""
    yield f"{'folder':<38} {'what':<16} {'campaigns':>10} {'seed':>5} {'size':>8}  {'age'}"
    for entry in found:
        what = "damaged" if entry.damaged else entry.kind if entry.complete else f"{entry.kind}, unfinished"
        count = "-" if entry.campaigns is None else f"{entry.campaigns:,}"
        seed = "-" if entry.seed is None else str(entry.seed)
        age = duration(86400 * entry.age_days)
        yield f"{from_here(str(entry.path)):<38} {what:<16} {count:>10} {seed:>5} {size(entry.bytes):>8}  {age}"
        if entry.changed:
            yield f"    {entry.changed}"
