"""Designs: which points a study looks at. A point has a number for each path that is varied."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arguments import MOST_POINTS, any_whole_number
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.operate import Operation
from sim.scenario.settings import path_set, split_setting

Array = NDArray[np.float64]
DESIGNS = ("grid", "lhs", "sobol")
LEVELS = 5
"""Levels of each path in a grid that does not say how many."""


@dataclasses.dataclass(frozen=True)
class Design:
    """The points: `numbers` [point, path]; `kind` is grid, lhs, sobol or table."""

    paths: tuple[str, ...]
    numbers: Array
    kind: str

    def __len__(self) -> int:
        return len(self.numbers)


def wrong(where: str, message: str, hint: str | None = None) -> ScenarioError:
    """A design that cannot be, as one message."""
    return ScenarioError([Problem(where, 0, 0, "", message, hint)])


@contextlib.contextmanager
def said_by_vary() -> Iterator[None]:
    """What is wrong with a value that a design sets is said of `--vary`, which is where the path was written."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(map(_of_vary, error.problems)) from None


def _of_vary(problem: Problem) -> Problem:
    path = path_set(problem)
    return problem if path is None else dataclasses.replace(problem, file=f"vary {path}")


def make_design(
    vary: Mapping[str, Any], kind: str = "grid", points: int | Sequence[int] | None = None, seed: int = 1
) -> Design:
    """The points of a design over some paths, each with a range (low, high) or, for a grid, with a list of levels.

    `grid`: all combinations, `points` levels of each range (one number for all, or one for each path). `lhs`: a Latin
    hypercube of so many points. `sobol`: a scrambled Sobol sequence, best with a power of 2. ScenarioError says what
    cannot be.
    """
    if kind not in DESIGNS:
        raise wrong(f"design {kind}", f"should be {', '.join(DESIGNS)} or a file of points (.csv)")
    if not vary:
        raise wrong("vary", "says no path that is varied, like sides.NAME.will=0.2:0.8")
    paths = tuple(str(Operation.of(path)) for path in vary)
    if len(set(paths)) < len(paths):
        raise wrong("vary", f"{next(path for path in paths if paths.count(path) > 1)} is varied twice")
    said = [_levels_or_range(path, value) for path, value in zip(paths, vary.values(), strict=True)]
    if kind == "grid":
        counts = _counts(points, len(paths))
        levels = [
            np.linspace(low_high[0], low_high[1], count) if is_range else low_high
            for (low_high, is_range), count in zip(said, counts, strict=True)
        ]
        total = math.prod(map(len, levels))
        if total > MOST_POINTS:
            raise wrong("design grid", f"comes to {total:,} points; a design has at most {MOST_POINTS:,}")
        return Design(paths, np.array(list(itertools.product(*levels)), dtype=float), kind)
    for path, (_, is_range) in zip(paths, said, strict=True):
        if not is_range:
            raise wrong(f"vary {path}", f"needs a range low:high in the design {kind}; only a grid takes levels")
    count = None if points is None or isinstance(points, Sequence) else any_whole_number("points", points)
    if count is None or not 1 <= count <= MOST_POINTS:
        raise wrong("points", f"the design {kind} needs a number of points from 1 to {MOST_POINTS:,}")
    from scipy.stats import qmc

    engine = qmc.LatinHypercube if kind == "lhs" else qmc.Sobol
    with warnings.catch_warnings():
        # A number of points that is no power of 2 is not as even as it could be, and may be wanted all the same.
        warnings.simplefilter("ignore", UserWarning)
        unit = engine(len(paths), rng=np.random.default_rng(seed)).random(count)
    low, high = (np.array([float(bounds[end]) for bounds, _ in said]) for end in (0, 1))
    return Design(paths, low + (high - low) * unit, kind)


def _levels_or_range(path: str, value: Any) -> tuple[Array, bool]:
    """The numbers that are said of a path, and whether they are a range."""
    is_range = isinstance(value, tuple) and len(value) == 2
    numbers = np.atleast_1d(np.asarray(value, dtype=object))
    try:
        found = numbers.astype(float)
    except (TypeError, ValueError):
        raise wrong(f"vary {path}", f"should be numbers, low:high or a,b,c, but is {value}") from None
    if not len(found) or not np.isfinite(found).all():
        raise wrong(f"vary {path}", "should be finite numbers, low:high or a,b,c")
    if is_range and not found[0] < found[1]:
        raise wrong(f"vary {path}", f"is an empty range: {found[0]:g} is not below {found[1]:g}")
    if not is_range and len(np.unique(found)) < len(found):
        raise wrong(f"vary {path}", "has the same level twice")
    return found, is_range


def _counts(points: int | Sequence[int] | None, paths: int) -> list[int]:
    said: Any = LEVELS if points is None else points
    each = said if isinstance(said, Iterable) and not isinstance(said, str) else [said] * paths
    counts = [any_whole_number("points", one) for one in each]
    if len(counts) != paths:
        raise wrong("points", f"says {len(counts)} numbers of levels for {paths} paths")
    if min(counts) < 1:
        raise wrong("points", "should be at least 1")
    return counts


def read_vary(texts: Iterable[str]) -> tuple[dict[str, Any], list[int | None]]:
    """Reads `path=low:high`, `path=low:high:n` and `path=a,b,c`; and the number of levels that each says."""
    vary: dict[str, Any] = {}
    counts: list[int | None] = []
    for text in texts:
        path, numbers = split_setting(text) or ("", "")
        path = str(Operation.of(path)) if path else ""
        if not path:
            raise wrong(f"vary {text}", "should be written path=low:high, like sides.NAME.will=0.2:0.8")
        if path in vary:
            raise wrong(f"vary {text}", f"{path} is varied twice")
        parts = numbers.split(":")
        try:
            if len(parts) == 1:
                vary[path], count = [float(part) for part in numbers.split(",")], None
            elif len(parts) in (2, 3):
                vary[path] = (float(parts[0]), float(parts[1]))
                count = int(parts[2]) if len(parts) == 3 else None
                if count is not None and count < 1:
                    raise wrong(f"vary {text}", f"{path} should have at least 1 level")
            else:
                raise ValueError
        except ValueError:
            raise wrong(f"vary {text}", f"'{numbers}' is not low:high, low:high:levels or a,b,c") from None
        counts.append(count)
    return vary, counts


def design_of_table(table: Any, where: str = "design") -> Design:
    """The points of a DataFrame or of a .csv file: a column for each path, a row for each point."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        where = f"design {table}"
        try:
            table = pd.read_csv(Path(table))
        except OSError as error:
            raise wrong(where, f"cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise wrong(where, f"cannot be read as comma-separated values: {str(error).splitlines()[0]}") from None
    if not len(table.columns) or not len(table):
        raise wrong(where, "has no points: it needs a column for each path and a row for each point")
    paths = tuple(str(Operation.of(str(column))) for column in table.columns)
    if len(set(paths)) < len(paths):
        raise wrong(where, f"the column {next(p for p in paths if paths.count(p) > 1)} stands twice")
    try:
        numbers = table.to_numpy(float)
    except (TypeError, ValueError):
        bad = next(column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column]))
        raise wrong(where, f"the column {bad} holds something that is not a number") from None
    if not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0]
        raise wrong(where, f"row {row + 1} has no number in the column {paths[column]}")
    return Design(paths, numbers, "table")
