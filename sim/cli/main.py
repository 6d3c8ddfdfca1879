"""The command `sim`: verbs that parse, call and print. Heavy modules are imported by the verbs that use them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import console

if TYPE_CHECKING:
    from sim.scenario.errors import Problem
    from sim.scenario.read import LoadedScenario

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0."""
MANY = 200_000
"""Campaigns that a run does not fight unless it is told that the cost is known."""

app = typer.Typer(
    name="sim",
    help="Orontes: fights a campaign many times over and says how likely each outcome was.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The command line; every message goes to stderr, results alone to stdout."""
    app(prog_name="sim")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Reads `1000`, `1,000` and `1e3` alike, within bounds."""

    def read(text: str) -> int:
        digits = str(text).replace(",", "").replace("_", "")
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


@contextmanager
def clear_messages() -> Iterator[None]:
    """Turns what can go wrong into one clear message and an exit code."""
    from sim.scenario.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        console.say(str(error))
        raise typer.Exit(WRONG_INPUT) from None
    except KeyboardInterrupt as stopped:
        # An ensemble that was stopped has said already what is kept, and how to go on.
        if not stopped.args:
            console.say("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        console.say(f"cannot go on: {error.filename or 'output'}: {error.strerror or error}")
        raise typer.Exit(FAILED) from None
    except MemoryError:
        console.say("there is not enough memory for this; fight fewer campaigns, or ask for fewer outcomes")
        raise typer.Exit(FAILED) from None


def version(asked: bool) -> None:
    if asked:
        import sim

        print(f"orontes {sim.__version__}")
        raise typer.Exit


@app.callback()
def options(
    asked: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What stands before a verb."""


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).", show_default=False)]
Replicates = Annotated[
    int | None,
    typer.Option(
        "-n",
        "--replicates",
        parser=whole_number(1, 2**32),
        metavar="N",
        help="Campaigns to fight; with --until, the most.",
        show_default="1000; with --until, 200000",
    ),
]
CheckReplicates = Annotated[
    int,
    typer.Option(
        "-n",
        "--replicates",
        parser=whole_number(1, 2**32),
        metavar="N",
        help="Campaigns to fight for --check.",
        show_default="2000",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        parser=whole_number(0, 2**63 - 1),
        metavar="N",
        help="The same seed fights the same campaigns.",
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
Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="Report this too, e.g. PLACE.fall_day. Repeatable."),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="OUTCOME±WIDTH", help="Fight until its 95 % interval is so narrow: PLACE.fall_day±0.01."),
]
Situations = Annotated[
    int | None,
    typer.Option(
        parser=whole_number(2, 2**31),
        metavar="N",
        help="Draw what is not known N times only, so that the answer tells it from chance.",
    ),
]
Folder = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where the results folder is made.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no notes.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would cost, and fight nothing.")]
Resume = Annotated[bool, typer.Option("--resume/--no-resume", help="Go on from what is there, or fight it all anew.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=f"The cost of more than {MANY:,} campaigns is known.")]


@app.command()
def run(
    scenario: ScenarioFile,
    replicates: Replicates = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    outcomes: Outcomes = None,
    until: Until = None,
    situations: Situations = None,
    folder: Folder = Path("results"),
    as_json: AsJson = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    resume: Resume = True,
    yes: Yes = False,
) -> None:
    """Fight a scenario many times over. Prints how likely each outcome was; the results folder keeps the rest."""
    with clear_messages():
        from sim.engine.load import load
        from sim.ensemble import run as ensemble
        from sim.ensemble.store import ResultsError
        from sim.scenario.settings import parse_settings

        loaded = load(scenario, variant=variant, set=parse_settings(settings or ()))
        most = ensemble.most_replicates(loaded, replicates, until)
        if dry_run:
            console.show([("at most " if until else "") + _cost(loaded, most, jobs, outcomes or ())])
            return
        if most > MANY and not yes:
            console.say(_cost(loaded, most, jobs, outcomes or ()))
            console.say(f"that is a lot: add --yes to fight more than {MANY:,} campaigns")
            raise typer.Exit(WRONG_INPUT)
        try:
            results = ensemble.run(
                loaded,
                replicates=replicates,
                seed=seed,
                jobs=jobs,
                outcomes=outcomes or (),
                results=folder,
                progress=False if quiet else None,
                resume=resume,
                until=until,
                situations=situations,
            )
        except ResultsError as error:
            console.say(str(error))
            raise typer.Exit(FAILED) from None
        answer = results.to_json()
        if as_json:
            console.show([json.dumps(answer, indent=2)])
        else:
            console.show(console.answer(answer, loaded.scenario.title, loaded.scenario.clock.days))
        if results.found and not quiet:
            console.say("this run had been made before, and was found again (--no-resume fights it anew)")


def _cost(loaded: LoadedScenario, replicates: int, jobs: int | None, outcomes: Sequence[str]) -> str:
    from sim.ensemble.blocks import all_cores
    from sim.outcomes.catalogue import outcomes_of
    from sim.world.deploy import tick_count

    said = loaded.scenario
    units = len(said.formations) + len(said.reinforcements) + len(said.air)
    asked = len(outcomes_of(loaded, outcomes))
    return console.cost(replicates, units, tick_count(said), asked, jobs or all_cores())


@app.command()
def validate(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files (YAML).", show_default=False)
    ],
) -> None:
    """Check scenario files. All that is wrong, in any variant: file:line:column, what it is, what was meant."""
    with clear_messages():
        from sim.scenario.errors import ScenarioError

        problems: list[Problem] = []
        for path in scenarios:
            try:
                console.show([_checked(path)])
            except ScenarioError as error:
                problems += error.problems
        if problems:
            raise ScenarioError(problems)


def _checked(path: Path) -> str:
    """Reads a scenario and each of its variants, and deploys them: events and outcomes must find what they name."""
    from sim.engine.load import load
    from sim.outcomes.catalogue import expected_outcomes, outcomes_of
    from sim.rules.rulebook import RULEBOOK
    from sim.scenario.errors import ScenarioError
    from sim.study.targets import outcomes_of_targets
    from sim.world.deploy import deploy

    loaded = load(path)
    problems: list[Problem] = []
    for variant in (None, *loaded.scenario.variants):
        try:
            changed = load(path, variant=variant) if variant else loaded
            deploy(changed, RULEBOOK)
            outcomes_of(changed)
            outcomes_of_targets(changed)
            if variant is None:
                expected_outcomes(changed)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    parts = (
        "sides",
        "places",
        "roads",
        "formations",
        "reinforcements",
        "air",
        "events",
        "variants",
        "outcomes",
        "targets",
    )
    counts = ", ".join(f"{len(found)} {part}" for part in parts if (found := getattr(loaded.scenario, part)))
    return f"{path}: ok ({counts})"


@app.command()
def evidence(
    scenario: ScenarioFile,
    fact: Annotated[str | None, typer.Option(metavar="ID", help="Only this row, with every value it feeds.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every value by its path, not counts.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Hold the targets against the ensemble.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="With --check: exit 1 when a target is not met.")] = False,
    replicates: CheckReplicates = 2000,
    seed: Seed = 1,
    jobs: Jobs = None,
    settings: Settings = None,
    variant: Variant = None,
    folder: Folder = Path("results"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what each value rests on and what each fact is used for; with --check, whether the targets are met."""
    with clear_messages():
        from sim.engine.load import load
        from sim.scenario.settings import parse_settings

        changes = parse_settings(settings or ())
        loaded = load(scenario, variant=variant, set=changes)
        if not check:
            trace = _trace(loaded, fact)
            console.show([json.dumps(trace, indent=2)] if as_json else console.evidence(trace, every or bool(fact)))
            return
        judged, fought = _judged(loaded, changes, replicates, seed, jobs, folder, quiet)
        if as_json:
            console.show([json.dumps({"replicates": replicates, "seed": seed, "targets": judged}, indent=2)])
        else:
            console.show(console.verdicts(judged, fought))
        if strict and not all(verdict["met"] for verdict in judged):
            raise typer.Exit(FAILED)


def _trace(loaded: LoadedScenario, fact: str | None) -> dict[str, Any]:
    """The evidence chain as plain data; of one fact, if one is asked for."""
    from sim.rules.rulebook import RULEBOOK
    from sim.scenario.errors import Mark, Problem, ScenarioError
    from sim.scenario.names import nearest
    from sim.study.evidence import Evidence

    chain = Evidence(loaded, RULEBOOK)
    if fact is not None and fact not in chain.uses:
        mark = Mark(f"--fact {fact}")
        raise ScenarioError([Problem(*mark, "", f"no source has a row '{fact}'", nearest(fact, chain.uses))])
    return chain.to_json(fact)


def _judged(
    loaded: LoadedScenario,
    changes: dict[str, Any],
    replicates: int,
    seed: int,
    jobs: int | None,
    folder: Path,
    quiet: bool,
) -> tuple[list[dict[str, Any]], str]:
    """Fights the scenario, and the variants that its targets compare with, under the same draws, and judges it."""
    from sim.engine.load import load
    from sim.ensemble import run as ensemble
    from sim.ensemble.store import ResultsError
    from sim.scenario.errors import Mark, Problem, ScenarioError
    from sim.study.targets import judge_all, outcomes_of_targets

    said = loaded.scenario
    if not said.targets:
        mark = Mark(str(loaded.files[0]))
        raise ScenarioError([Problem(*mark, "targets", "the scenario has no targets that could be checked")])
    asked = [outcome.said for outcome in outcomes_of_targets(loaded).values()]
    compared = dict.fromkeys(target.variant for target in said.targets.values() if target.variant)

    def fight(what: LoadedScenario) -> Any:
        progress = False if quiet else None
        return ensemble.run(
            what, replicates, seed, jobs, outcomes=asked, results=folder, progress=progress, figures=False
        )

    try:
        results = fight(loaded)
        others = {name: fight(load(loaded.files[0], name, changes)).runs for name in compared}
    except ResultsError as error:
        console.say(str(error))
        raise typer.Exit(FAILED) from None
    judged = [verdict.to_json() for verdict in judge_all(loaded, results.runs, others)]
    return judged, f"{said.title}: {replicates:,} campaigns, seed {seed}, in {results.path}"


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files. Editors complete and check with it while one writes."""
    from sim.rules.rulebook import RULEBOOK
    from sim.scenario.json_schema import json_schema

    console.show([json.dumps(json_schema(RULEBOOK), indent=2)])
