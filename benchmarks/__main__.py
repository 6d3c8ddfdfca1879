"""`make bench`: measures the engine's speed, start and memory beside a plain-Mesa model, and prints a table."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import sim
from benchmarks import exercise, pages, pairing, session, speed, studies

SCENARIO = Path(__file__).parents[1] / "scenarios" / "hama-2024.yaml"


def show(what: str, value: str, spread: Sequence[float] = (), unit: str = "") -> None:
    """One line of the table, as soon as it is known."""
    digits = 0 if max(spread, default=0.0) >= 100 else 2
    between = f"   ({min(spread):,.{digits}f} to {max(spread):,.{digits}f})" if len(spread) > 1 else ""
    print(f"  {what:<46}{value:>12} {unit}{between}", flush=True)


def show_race(path: Path, rounds: int, campaigns: int) -> None:
    """The lines about speed."""
    scenario = sim.load(path)
    print(f"\nSpeed: median of {rounds} rounds, {campaigns:,} campaigns a round (plain Mesa: one)", flush=True)
    race = speed.race(scenario, rounds, campaigns)
    show("engine, one thread", f"{median(race.engine_ns):,.0f}", race.engine_ns, "ns per unit-tick")
    show("plain-Mesa model, same campaign", f"{median(race.mesa_ns):,.0f}", race.mesa_ns, "ns per unit-tick")
    show("engine faster than plain Mesa", f"{race.engine_over_mesa:,.0f}", unit="times")
    show("one thread", f"{median(race.one_thread):,.0f}", race.one_thread, "campaigns a second")
    show("two threads", f"{median(race.two_threads):,.0f}", race.two_threads, "campaigns a second")
    show("two threads, relative to one", f"{race.two_over_one:.2f}", unit="times")
    two = race.two_processes
    show("two processes of plain arithmetic, to one", f"{median(two):.2f}", two, "times")


def show_start(path: Path, scratch: Path) -> None:
    """The lines about starting."""
    print("\nStart: seconds from the start of the process", flush=True)
    cache = scratch / "cache"
    show("first campaign, rules to be compiled", f"{speed.first_campaign_seconds(path, cache):.1f}", unit="s")
    again = [speed.first_campaign_seconds(path, cache) for _ in range(3)]
    show("first campaign, rules compiled before", f"{median(again):.2f}", again, "s")
    show("sim --help", f"{speed.help_seconds():.2f}", unit="s")


def show_memory(path: Path, scratch: Path, replicates: Sequence[int]) -> None:
    """The lines about memory."""
    print("\nMemory: most that a run on all cores had at once, results on disk", flush=True)
    for count in replicates:
        show(f"{count:,} campaigns", f"{speed.peak_megabytes(path, count, scratch / 'results'):,.0f}", unit="MB")


def show_pairing(path: Path, campaigns: int) -> None:
    """The lines about common random numbers: a block for each what-if."""
    print(f"\nPairing: variance of a difference, unpaired over paired, {campaigns:,} campaigns each", flush=True)
    for variant, found in pairing.gains(sim.load(path), campaigns):
        enough = sum(gain.gain >= 3 for gain in found)
        show(variant, f"{enough} of {len(found)}", unit="outcomes gain 3 times or more")
        for outcome, measure, gain in found:
            show(f"  {outcome}, {measure}", pairing.told(gain), unit="times")


def show_sweep(rounds: int, long: bool) -> None:
    """A sweep of many points, beside a plain run."""
    found = studies.sweep_race(100, 8, rounds)
    print(f"\nA sweep of {found.points:,} points x 8 replicates of crossroads, {rounds} rounds", flush=True)
    show_race_of_studies("sweep", "one plain run of as many", found)
    show("the same by processor time", f"{found.processor_ratio:.2f}", unit="times")
    show("a point, beyond its campaigns", f"{found.milliseconds_a_point:.2f}", unit="ms")


def show_on_disk(rounds: int, long: bool) -> None:
    """A sweep of a whole scenario, with results on disk."""
    points, replicates = (256, 200) if long else (64, 50)
    print(f"\nA sweep of {points} points x {replicates} replicates of hama-2024, results on disk", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = studies.sweep_on_disk(points, replicates, Path(folder))
    show_race_of_studies("sweep", "one plain run of as many", found.race)
    show("the same by processor time", f"{found.race.processor_ratio:.2f}", unit="times")
    show("most memory of the sweep", f"{found.peak:,.0f}", unit="MB")


def show_sobol(rounds: int, long: bool) -> None:
    """Sobol indices over all uncertain inputs."""
    found = studies.sobol_overhead(1024, None if long else 1.0)
    cut = "" if long else ", cut to a day"
    print(f"\nSobol indices of hama-2024: {found.inputs} inputs, {found.campaigns:,} campaigns{cut}", flush=True)
    show("all of it", f"{found.whole.wall:,.0f}", unit="s")
    show("processor time of the campaigns", f"{found.running:,.0f}", unit="s")
    show("processor time beyond them", f"{found.beyond:.1f}", unit="s")


def show_workbench(rounds: int, long: bool) -> None:
    """The process pool of the EMA Workbench around `sim.run`."""
    found = studies.workbench_race(2000 if long else 200, rounds)
    print("\nA sweep on two processes, and the EMA Workbench's pool around sim.run", flush=True)
    if found is None:
        print("  not measured: pip install 'orontes[bench]'")
        return
    show_race_of_studies(f"sweep of {found.points:,} points x {studies.FEW}", "EMA Workbench", found)


def show_dask(rounds: int, long: bool) -> None:
    """Two Dask workers, beside two threads."""
    for scenario, times in ((studies.CROSSROADS, rounds), (studies.HAMA, rounds if long else 1)):
        found = studies.dask_race(20_000, times, scenario)
        of = f"{found.campaigns:,} campaigns of {scenario.stem}"
        print(f"\nA run of {of} on two Dask workers, {times} rounds", flush=True)
        show_race_of_studies("two Dask workers", "two threads", found)
        show("the same by processor time", f"{found.processor_ratio:.2f}", unit="times")


def show_race_of_studies(study: str, other: str, found: studies.Race) -> None:
    """What two ways to run as many campaigns take."""
    show(study, f"{found.a_second(found.study):,.0f}", unit="campaigns a second")
    show(other, f"{found.a_second(found.other):,.0f}", unit="campaigns a second")
    show("the first relative to the second", f"{found.ratio:.2f}", unit="times")


STUDIES = {
    "sweep": show_sweep, "disk": show_on_disk, "sobol": show_sobol, "workbench": show_workbench, "dask": show_dask,
}  # fmt: skip


def show_pages(path: Path, scratch: Path, campaigns: int) -> None:
    """The lines about report and replay."""
    print(f"\nPages of a run of {campaigns:,} campaigns", flush=True)
    results = sim.run(path, campaigns, results=scratch / "pages", figures=False, progress=False)
    for page in pages.written(results, scratch):
        show(f"{page.path.name}, to write", f"{page.seconds:.1f}", unit="s")
        show(f"{page.path.name}, size", f"{page.bytes / 1000:,.0f}", unit="kB")
    if wait := pages.seeks(scratch / "replay.html"):
        show("replay: to any moment, in a browser", f"{median(wait):.1f}", wait, "ms")


def show_exercise(path: Path, scratch: Path) -> None:
    """The lines about an exercise in the browser."""
    print(
        "\nExercise: real server and clients on this machine; median, and in brackets the 95th percentile", flush=True
    )
    for what, seconds in exercise.measure(path, scratch)._asdict().items():
        if not seconds:
            print(f"  {exercise.MEANING[what]:<46}{'no side could ask by then':>36}", flush=True)
            continue
        ordered = sorted(seconds)
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        said = f"{median(ordered):.3f} s   ({high:.3f}; {len(ordered)} times)"
        print(f"  {exercise.MEANING[what]:<46}{said:>36}", flush=True)
    print(f"  measured to the end on {speed.machine().partition(';')[0]}", flush=True)


def show_session(path: Path, rounds: int) -> None:
    """The lines about one campaign, and many of them, in a program's hands."""
    print(f"\nOne campaign in your hands: median of {rounds} rounds", flush=True)
    for what, numbers in session.measure(path, rounds)._asdict().items():
        meaning, unit = session.MEANING[what]
        shown = f"{median(numbers):,.2f}" if unit in ("s", "times") else f"{median(numbers):,.0f}"
        show(meaning, shown, numbers, unit)


def main() -> None:
    """Measures, and prints line by line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("scenario", nargs="?", type=Path, default=SCENARIO, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of the race (default %(default)s)")
    parser.add_argument("-n", type=int, default=500, help="campaigns a round (default %(default)s)")
    parser.add_argument("--pairing", action="store_true", help="only what common random numbers are worth")
    help_of = "only what studies cost beside a plain run; or these parts of it"
    parser.add_argument("--studies", nargs="*", choices=STUDIES, metavar="|".join(STUDIES), help=help_of)
    parser.add_argument("--pages", action="store_true", help="only what report and replay take")
    parser.add_argument("--exercise", action="store_true", help="only how quickly an exercise in the browser answers")
    parser.add_argument("--session", action="store_true", help="only copies, futures and environments for learning")
    parser.add_argument(
        "--long", action="store_true", help="also the memory of 100,000 campaigns, or larger studies; minutes"
    )
    said = parser.parse_args()
    if said.rounds < 1 or said.n < 1:
        parser.error("--rounds and -n should be 1 or more")
    if not said.scenario.is_file():
        parser.error(f"{said.scenario}: there is no such file")
    print(f"{said.scenario.name} on {speed.machine()}")
    if said.pairing:
        show_pairing(said.scenario, said.n)
        return
    if said.studies is not None:
        for part in said.studies or STUDIES:
            STUDIES[part](min(said.rounds, 3), said.long)
        return
    if said.session:
        show_session(said.scenario, said.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        if said.exercise:
            show_exercise(said.scenario, Path(folder))
            return
        if said.pages:
            show_pages(said.scenario, Path(folder), 2 * said.n)
            return
        show_race(said.scenario, said.rounds, said.n)
        show_start(said.scenario, Path(folder))
        show_memory(said.scenario, Path(folder), (1_000, 10_000, *([100_000] if said.long else ())))


if __name__ == "__main__":
    try:
        main()
    except sim.ScenarioError as error:
        sys.exit(str(error))
