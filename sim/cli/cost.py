"""What a run or study will take, said before it starts; one that takes much does not start unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from sim.cli.console import duration, size
from sim.cli.messages import WRONG_INPUT, say, show
from sim.cli.options import MANY

if TYPE_CHECKING:
    from sim.ensemble.cost import Cost
    from sim.study.calibrate import CalibrationSpec
    from sim.study.sweep import StudySpec


FEWER_POINTS = ", or take fewer --points"


def ends_with_cost(campaigns: int, told: Callable[[], str], dry_run: bool, yes: bool, remedy: str = "") -> bool:
    """Whether only the cost was asked for (--dry-run), which is then shown.

    Exits with a message if there are too many campaigns to start without --yes; `remedy`: what else would help.
    """
    if dry_run:
        show([told()])
        return True
    if campaigns > MANY and not yes:
        say(told(), f"that is a lot: add --yes to run more than {MANY:,} campaigns{remedy}")
        raise typer.Exit(WRONG_INPUT)
    return False


def cost(found: Cost) -> str:
    """What a run will take: time, disk and memory."""
    return (
        f"{found.replicates:,} campaigns of {_work(found)}, {size(found.disk)} on disk, {size(found.memory)} of memory"
    )


def cost_of_study(spec: StudySpec, jobs: int | None) -> str:
    """What a study takes, as a sentence."""
    from sim.ensemble.cost import cost_of

    found = cost_of(spec.loaded, spec.campaigns, jobs, [outcome.said for outcome in spec.outcomes])
    return (
        f"{len(spec.points):,} points x {spec.replicates:,} campaigns = {spec.campaigns:,} campaigns of {_work(found)},"
        f" {size(2 * found.disk)} on disk, {size(found.memory + 8.0 * spec.campaigns)} of memory"
    )


def cost_of_calibration(spec: CalibrationSpec, jobs: int | None) -> str:
    """What a calibration takes at most, as a sentence."""
    from sim.ensemble.cost import cost_of

    found = cost_of(spec.loaded, spec.campaigns, jobs, [outcome.said for outcome in spec.outcomes])
    count = len(spec.variants)
    besides = f" of the scenario and of {count} variant{'s' if count != 1 else ''}" if count else ""
    return (
        f"at most {spec.waves} waves of {spec.points:,} points x {spec.replicates:,} campaigns{besides}, and a check:"
        f" {spec.campaigns:,} campaigns of {_work(found)}, and some seconds for {len(spec.observations)} emulators a"
        " wave"
    )


def _work(found: Cost) -> str:
    threads = f"{found.threads} thread{'s' if found.threads != 1 else ''}"
    return (
        f"{found.units} formations and air wings over {found.ticks} ticks: about {duration(found.seconds)} on {threads}"
    )
