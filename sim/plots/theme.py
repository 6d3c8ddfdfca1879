"""How all plots look: paper, ink, colours, type sizes; and how they are saved.

Figures are made without pyplot and without touching matplotlib's global settings, so that threads may draw at once.
"""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Collection
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import Normal, Stroke
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from sim.plots.colours import apart_from
from sim.plots.fonts import END, FONT, ISOLATE, boxed, faces, in_order, isolated, lacking, readable
from sim.scenario.file_paths import expanded, write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from sim.plots.protocol import Results
    from sim.scenario.schema import Scenario

DPI = 130
TITLE, HEADING, LABEL, NOTE = 13.0, 9.5, 8.0, 6.8  # points

PAPER, INK, MUTED, FAINT = "#ffffff", "#22262b", "#6b7280", "#c4c9d0"
LAND, SEA, COAST, BORDER, ROAD = "#f5f2ea", "#dfeaf1", "#a9bcc9", "#9a9488", "#b3aa9a"
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#4D4D4D"]
"""Colours that stay apart for colour-blind readers, after Okabe and Ito (2008)."""
UNSET_COLOUR = "#777777"  # what the scenario's schema gives a side whose colour nobody chose


class PlotFigure(Figure):
    """A figure that shows itself in a notebook."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=DPI)
        return buffer.getvalue()


def new_figure(width: float, height: float) -> PlotFigure:
    """An empty figure of so many inches."""
    return PlotFigure(figsize=(width, height), facecolor=PAPER)


def frame(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a position in inches from the lower left corner."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def chart(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes for curves: two spines, a light grid, whole numbers of days below."""
    axes = frame(figure, left, bottom, width, height)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.grid(color="#e6e8eb", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, labelsize=LABEL, length=0, labelfontfamily=FONT)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    return axes


def write(
    where: Axes | Figure, x: float, y: float, text: str, size: float = LABEL, halo: bool = False, **options: Any
) -> Text:
    """Put words at a point of the axes' data, or at inches of a figure; `$` and `_` mean themselves."""
    if isinstance(where, Figure):
        across, up = where.get_size_inches()
        x, y = x / across, y / up
    text = in_order(text)
    family, weight = faces(text, options.pop("weight", "normal"))
    settings: dict[str, Any] = {"color": INK, "family": family, "weight": weight, "parse_math": False} | options
    artist = where.text(x, y, text, fontsize=size, **settings)
    if halo:
        artist.set_path_effects([Stroke(linewidth=2.2, foreground=PAPER, alpha=0.85), Normal()])
    return artist


@functools.lru_cache(maxsize=4096)
def extent(text: str, size: float = LABEL, weight: str = "normal") -> tuple[float, float]:
    """Width and height of a line of words in points; the height leaves room for any letter."""
    text = in_order(text)
    family, weight = faces(text, weight)
    face = FontProperties(family=family, size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, face, ismath=False)
    return float(width), 1.2 * size


def shorten(text: str, width: float, size: float = LABEL, weight: str = "normal") -> str:
    """The words, or as many letters of them as fit a width in points."""
    if extent(text, size, weight)[0] <= width:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if extent(text[:middle] + "…", size, weight)[0] <= width:
            fits = middle
        else:
            too_long = middle
    cut = text[:fits].rstrip() + "…"
    return cut + END if cut.count(ISOLATE) > cut.count(END) else cut


def side_colours(scenario: Scenario) -> dict[str, str]:
    """The colour of each side: the scenario's, or the next free one of the palette, or one far from all others."""
    chosen = [side.colour.lower() for side in scenario.sides.values() if side.colour != UNSET_COLOUR]
    unused = [colour for colour in PALETTE if colour.lower() not in chosen]
    free = itertools.chain(unused, apart_from([*chosen, *PALETTE, PAPER, LAND, SEA, FAINT], len(scenario.sides)))
    colours: dict[str, str] = {}
    for name, side in scenario.sides.items():
        taken = side.colour == UNSET_COLOUR or side.colour in colours.values()
        colours[name] = next(free) if taken else side.colour
    return colours


def date_of(scenario: Scenario, day: float) -> str:
    """The date of a day of the campaign, with the hour unless it is midnight."""
    date = scenario.start + timedelta(days=float(day))
    hour = f" {date:%H:%M}" if (date.hour, date.minute) != (0, 0) else ""
    return f"{date.day} {date:%b %Y}{hour}"


def days_from(scenario: Scenario) -> str:
    """The label of an axis of days."""
    return f"days from {date_of(scenario, 0)}"


def provenance(results: Results) -> str:
    """From how many campaigns a plot was drawn."""
    plural = "replicate" if results.replicates == 1 else "replicates"
    return f"{results.replicates:,} {plural}, seed {results.seed}"


def not_written(scenario: Scenario) -> str:
    """What stands for names that no installed font can write, and which font could; empty if there are none."""
    places, sides = scenario.places.values(), scenario.sides.values()
    return lacking([scenario.title, *(place.name for place in places), *(side.name for side in sides)])


def small_print(figure: PlotFigure, results: Results, meaning: str = "") -> None:
    """At the foot of a figure: the scenario, what its marks mean, from how many campaigns, and names without a font."""
    write(figure, 0.18, 0.3, not_written(results.scenario), NOTE, color=MUTED)
    said = ".  ".join(filter(None, [title_of(results.scenario, 330, NOTE), meaning, provenance(results)]))
    write(figure, 0.18, 0.16, said, NOTE, color=MUTED)


def title_of(scenario: Scenario, width: float, size: float = LABEL, weight: str = "normal") -> str:
    """The title of a scenario, cut to a width in points; a letter that no installed font has becomes a box."""
    return shorten(isolated(boxed(scenario.title)), width, size, weight)


def place_name(scenario: Scenario, id: str) -> str:
    """The first of a place's names, which stands before a slash or a bracket; its id if no font has its letters."""
    name = scenario.places[id].name
    return readable(name.split(" / ")[0].split(" (")[0].strip() or name, id)


def side_name(scenario: Scenario, id: str) -> str:
    """The name of a side, or its id if no font has its letters."""
    return readable(scenario.sides[id].name, id)


def check_known(name: str, known: Collection[str], what: str) -> None:
    """Refuse a name that the results do not have, and suggest the nearest."""
    if name not in known:
        near = get_close_matches(str(name), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(known)[:12])}"
        raise ValueError(f"no {what} is called {name!r}; {hint}")


def save(figure: Figure, path: str | Path) -> Path:
    """Write a plot, as a whole or not at all, in the format that the file's ending names.

    The same plot gives the same bytes. ValueError for an ending that names no format, OSError if it cannot be written.
    """
    path = expanded(path)
    undated: dict[str, Any] = {
        ".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}
    }.get(path.suffix.lower(), {})  # fmt: skip
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix[1:].lower() or "png", dpi=DPI, metadata=undated)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, drawn.getvalue())
    return path
