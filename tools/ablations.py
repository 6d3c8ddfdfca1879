"""What each mechanism does: the full model beside the model without it, campaign by campaign under the same seed.

`python -m tools.ablations [-n 2000] [--seed 1]` runs the variants of hama-2024 and writes section 9 of docs/model.md.
What is expected of each variant stands in `scenarios/hama-2024/expectations.yaml`, which is written before.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

import sim
from sim.scenario.read import LoadedScenario
from sim.study.pairs import paired_table
from tools.pages import MODEL, put, table

SCENARIO = Path(__file__).parents[1] / "scenarios" / "hama-2024.yaml"
EXPECTATIONS = SCENARIO.with_suffix("") / "expectations.yaml"
DEFAULT = "hama_by_day10"
"""Shown for a what-if of which nothing is expected."""
LEVEL = 0.95
SAME = 0.05
"""A share, or a part of the mean, within which a difference counts as none."""
ROUNDING = 1e-4
"""A part of the mean below which a difference is none to speak of, however certain."""
HEAD = (
    "variant", "what is changed", "outcome", "full model", "variant", "difference", "interval", "expected", "by",
    "result", "moves most",
)  # fmt: skip


class Expectation(NamedTuple):
    """Where a variant should move an outcome, the facts that say so, and why."""

    variant: str
    outcome: str
    goes: str
    facts: list[str]
    why: str


def expectations() -> list[Expectation]:
    """What is expected of the variants, in the order of the file."""
    return [Expectation(**row) for row in yaml.safe_load(EXPECTATIONS.read_text("utf-8"))["expectations"]]


class Effect(NamedTuple):
    """One outcome with the full model and with a variant."""

    outcome: str
    is_share: bool
    full: float
    varied: float
    difference: float
    low: float
    high: float
    error: float


def effects(full: sim.Results, varied: sim.Results, level: float = LEVEL) -> dict[str, Effect]:
    """By outcome, what a variant changes: the share of campaigns in which something happens, or the mean.

    A formula that is 0 or 1 in all campaigns tells whether something has happened.
    """
    found = {}
    changes = paired_table(full, varied, level).reset_index()
    for row in changes[changes["measure"] != "day"].to_dict("records"):
        figures = [float(row[column]) for column in ("a", "b", "difference", "low", "high", "paired_error")]
        found[row["outcome"]] = Effect(row["outcome"], row["measure"] == "probability", *figures)
    return found


def verdict(effect: Effect, expected: str) -> str:
    """Whether an outcome went where it was expected to go."""
    if expected == "same":
        room = SAME if effect.is_share else SAME * abs(effect.full)
        if -room <= effect.low and effect.high <= room:
            return "met"
        return "against" if effect.low > room or effect.high < -room else "not distinguishable"
    low, high = (effect.low, effect.high) if expected == "up" else (-effect.high, -effect.low)
    return "met" if low > 0 else "**against**" if high < 0 else "not distinguishable"


def strongest(full: sim.Results, varied: sim.Results) -> Effect | None:
    """The outcome that a variant moves most for certain; None if it moves nothing that can be told from chance."""
    count = len(full.manifest["outcomes"])
    beyond = [
        e
        for e in effects(full, varied, 1 - (1 - LEVEL) / count).values()
        if (e.low > 0 or e.high < 0) and abs(e.difference) > ROUNDING * abs(e.full)
    ]
    return max(beyond, key=lambda e: abs(e.difference) / e.error if e.error > 0 else math.inf, default=None)


def rows_of(
    name: str, title: str, expected: list[Expectation], full: sim.Results, varied: sim.Results
) -> list[list[str]]:
    """The lines of one variant in the table: one for each outcome of which something is expected."""
    most = strongest(full, varied)
    moved = f"{most.outcome} {_signed(most.difference, most.is_share)}" if most else "**nothing**"
    all_effects = effects(full, varied)
    rows: list[list[str]] = []
    for row in expected or [Expectation(name, DEFAULT, "", [], "")]:
        e = all_effects[row.outcome]
        numbers = (_plain(e.full, e.is_share), _plain(e.varied, e.is_share), _signed(e.difference, e.is_share))
        interval = f"{_signed(e.low, e.is_share)} to {_signed(e.high, e.is_share)}"
        judged = verdict(e, row.goes) if row.goes else ""
        first = (f"`{name}`", title, moved) if not rows else ("", "", "")
        rows.append([*first[:2], row.outcome, *numbers, interval, row.goes, ", ".join(row.facts), judged, first[2]])
    return rows


def _plain(value: float, is_share: bool) -> str:
    return f"{value:.3f}" if is_share else f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3g}"


def _signed(value: float, is_share: bool) -> str:
    return f"{value:+.3f}" if is_share else f"{value:+,.0f}" if abs(value) >= 10 else f"{value:+.2g}"


def run(replicates: int, seed: int, variant: str | None, outcomes: Iterable[str]) -> sim.Results:
    return sim.run(SCENARIO, replicates, seed, outcomes=outcomes, results=None, variant=variant, figures=False)


def written(scenario: LoadedScenario, replicates: int, seed: int) -> str:
    """The table, and which variants move nothing."""
    variants, expected = scenario.scenario.variants, expectations()
    outcomes = sorted({row.outcome for row in expected})
    full = run(replicates, seed, None, outcomes)
    rows: list[list[str]] = []
    # Ablations first, in the order of their file; then the what-ifs.
    for name in sorted(variants, key=lambda name: not name.startswith("without_")):
        print(f"{name} ...", flush=True)
        of_it = [row for row in expected if row.variant == name]
        rows += rows_of(name, variants[name].title, of_it, full, run(replicates, seed, name, outcomes))
    results = [row[9] for row in rows if row[9]]
    silent = [row[0] for row in rows if row[10] == "**nothing**"]
    failed = [f"{name} ({row[2]})" for name, row in zip(names_of(rows), rows, strict=True) if row[9] not in ("", "met")]
    tally = ", ".join(f"{results.count(result)} {result.strip('*')}" for result in sorted(set(results)))
    notes = [f"{replicates:,} campaigns each, seed {seed}. Expectations: {tally}."]
    if failed:
        notes.append(f"Not met: {', '.join(failed)}.")
    if silent:
        notes.append(f"Nothing that can be told from chance is moved by {', '.join(silent)}.")
    return "\n".join([*notes, "", table(HEAD, rows)])


def names_of(rows: list[list[str]]) -> Iterator[str]:
    """The variant of each line: only its first line names it."""
    name = ""
    for row in rows:
        name = row[0] or name
        yield name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=2000, help="campaigns of each variant (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    body = written(sim.load(SCENARIO), said.n, said.seed)
    MODEL.write_text(put(MODEL.read_text("utf-8"), {"ablations": body}), "utf-8")
    print(f"{MODEL.name}: ablations written")


if __name__ == "__main__":
    main()
