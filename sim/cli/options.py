"""The options that verbs share, each declared once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.engine.arguments import MOST_POINTS, MOST_REPLICATES
from sim.plots import FILMS as FILMS

MANY = 200_000
"""Campaigns that a run does not start unless it is told that the cost is known."""


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Reads `1000`, `1,000` and `1e3` alike, within bounds."""

    def read(text: str) -> int:
        digits = str(text).replace("_", "")
        if re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
            digits = digits.replace(",", "")
        try:
            value = int(digits)
        except ValueError:
            try:
                real = float(digits)
            except ValueError:
                real = float("nan")
            if not real.is_integer():
                raise typer.BadParameter(f"'{text}' is not a whole number") from None
            value = int(real)
        if not least <= value <= most:
            raise typer.BadParameter(f"must be at least {least}" if value < least else f"must be at most {most:,}")
        return value

    return read


def real_number(least: float, most: float = math.inf) -> Callable[[str], float]:
    """Reads a number within bounds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise typer.BadParameter(f"'{text}' is not a number")
        if not least <= value <= most:
            raise typer.BadParameter(f"must be at least {least:g}" if value < least else f"must be at most {most:g}")
        return value

    return read


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)]


def campaigns_of(what: str, default: str, most: int = MOST_REPLICATES) -> Any:
    """The option -n: how many campaigns, of what, and how many if nothing is said."""
    read = whole_number(1, most)
    return typer.Option("-n", "--replicates", parser=read, metavar="N", help=what, show_default=default)


def points_of(what: str, default: str) -> Any:
    """The option --points: how many, of what, and how many if nothing is said."""
    return typer.Option(parser=whole_number(1, MOST_POINTS), metavar="N", help=what, show_default=default)


Replicates = Annotated[
    int | None, campaigns_of("Campaigns to run; with --until, the most.", "1000; with --until, 200000")
]
PlainReplicates = Annotated[int | None, campaigns_of("Campaigns to run.", "1000")]
PointReplicates = Annotated[int, campaigns_of("Campaigns at each point.", "100", 2**32)]
CheckReplicates = Annotated[int, campaigns_of("Campaigns to run for --check.", "2000")]
Seed = Annotated[
    int,
    typer.Option(
        parser=whole_number(0, 2**63 - 1),
        metavar="N",
        help="The same seed gives the same campaigns.",
        show_default="1",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(parser=whole_number(1, 1024), metavar="N", help="Threads.", show_default="all cores"),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, by its dotted path. Repeatable."),
]
Variant = Annotated[str | None, typer.Option(metavar="NAME", help="A what-if that the scenario names.")]
VaryInputs = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH[=A:B]",
        help="Vary this uncertain input, or a path over a range; not all inputs. Repeatable.",
    ),
]
Each = Annotated[
    bool | None,
    typer.Option("--each/--groups", help="Inputs one by one, or alike ones together.", show_default="groups above 100"),
]
Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="Report this too, e.g. PLACE.fall_day. Repeatable."),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="OUTCOME±WIDTH", help="Run until its 95 % interval is so narrow: PLACE.fall_day±0.01."),
]
Situations = Annotated[
    int | None,
    typer.Option(
        parser=whole_number(2, 2**31),
        metavar="N",
        help="Share N draws of the uncertain inputs, so that the answer tells them from chance.",
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option("--given", metavar="COND", help='Only campaigns that agree: "PLACE.fall_day in 2..5". Repeatable.'),
]
PosteriorFile = Annotated[
    Path | None,
    typer.Option("--posterior", metavar="FILE", help="Draw the inputs from what `sim calibrate` left."),
]
Folder = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where the results folder is made.")]


def file_of(*endings: str) -> Callable[[str], Path]:
    """Reads the name of a file to be written. Its ending says how it is written, so it is checked before anything runs.

    Any ending is taken if none is named; a folder never is.
    """

    def read(text: str) -> Path:
        path = Path(text)
        if endings and path.suffix.lower() not in endings:
            raise typer.BadParameter(f"'{text}' should end in {' or '.join(endings)}")
        if path.is_dir():
            raise typer.BadParameter(f"'{text}' is a folder; name a file in it")
        return path

    return read


PICTURES, PAGES = (".png", ".svg", ".pdf"), (".html", ".htm")
"""Endings of plots and of pages."""


def plotted(what: str) -> Any:
    """The option --plot: draw this into a file."""
    return typer.Option("--plot", parser=file_of(*PICTURES), metavar="FILE", help=f"Draw {what} (PNG, SVG, PDF).")


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no notes.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and run nothing.")]
Resume = Annotated[bool, typer.Option("--resume/--no-resume", help="Go on from what is there, or run it all anew.")]
Pages = Annotated[bool, typer.Option("--pages/--no-pages", help="Write report.html and replay.html too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=f"The cost of more than {MANY:,} campaigns is known.")]


def part_of(text: str) -> tuple[int, int]:
    """Reads `3/16`: the third of sixteen parts."""
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", str(text))
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= 100_000:
        raise typer.BadParameter(f"'{text}' is not a part like 3/16")
    return int(found[1]), int(found[2])


ShardOf = Annotated[
    tuple | None,
    typer.Option("--shard", parser=part_of, metavar="I/N", help="Run the I-th of N parts; `sim results merge` joins."),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Where to run: dask://HOST:PORT or processes:N.", show_default="threads"),
]
