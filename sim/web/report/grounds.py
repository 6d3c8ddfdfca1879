"""The second part of a report: what decided the outcome, what it rests on, its limits, and how to repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import numpy as np

from sim.ensemble.results import Results
from sim.ensemble.store import ResultsError
from sim.ensemble.turning import TurningPoint, headline, turning_points
from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME
from sim.rules.rulebook import RULEBOOK
from sim.session.replayed import campaign_of
from sim.session.trace import log_of
from sim.study.evidence import BARE, KINDS, Evidence, grouped
from sim.study.targets import judge, outcomes_of_targets
from sim.web.report.blocks import Block, Command, Heading, Items, Table, Text
from sim.web.shared.ordinary import standing
from sim.web.shared.wording import input_in_words, outcome_in_words

MOST_HEADLINES, MOST_POINTS, MOST_INPUTS, MOST_EVENTS, MOST_WHAT_IFS = 3, 5, 6, 24, 80
GROUND = ("fell", "rose", "collapsed", "began")


def turning(results: Results) -> Iterator[Block]:
    """Events after which the outcome was more or less likely, and the course of the most ordinary campaign."""
    yield Heading("What decided it")
    rows = [
        _turn(results, outcome, point)
        for outcome in headline(results)[:MOST_HEADLINES]
        for point in turning_points(results, outcome)[:MOST_POINTS]
    ]
    if rows:
        yield Text(
            "A turning point is an earlier event after which an outcome was more, or less, frequent. It need not be the"
            " cause: what made the event come early may also have made the outcome come."
        )
        yield Table(
            "How often the outcome happened where the earlier event had come by its day, and where it had not",
            ("outcome", "earlier event", "where it had", "where it had not", "difference, with its 95 % interval"),
            rows,
            frozenset({2, 3, 4}),
        )
    yield from _course(results)


def _turn(results: Results, outcome: str, point: TurningPoint) -> list[str]:
    said, event = (outcome_in_words(results.scenario, name) for name in (outcome, point.event))
    shares = [f"{100 * share:.0f} of 100" for share in (point.share_if, point.share_else)]
    difference = f"{100 * point.difference:+.0f} ({100 * point.low:+.0f} to {100 * point.high:+.0f})"
    return [said, f"{event} by day {point.day:.1f}", *shares, difference]


def _course(results: Results) -> Iterator[Block]:
    """What happened in the campaign that lies closest to the middle, with the first cause of each event."""
    ranked = standing(results)
    k = 0 if ranked is None else ranked.ordinary
    try:
        log = log_of(campaign_of(results, k))
    except ResultsError:
        return
    told = [event for event in log if event.kind in GROUND]
    rows = [[f"{event.day:.2f}", event.text, event.causes[0].text if event.causes else ""] for event in told]
    if rows:
        more = f"; the first {MOST_EVENTS} of {len(rows)} events" if len(rows) > MOST_EVENTS else ""
        caption = f"The course of campaign {k}, the most ordinary of all{more}"
        yield Table(caption, ("day", "what happened", "main cause"), rows[:MOST_EVENTS])


MORE_OF_IT = {
    TIME: ("later or never", "earlier"),
    PROBABILITY: ("more often", "less often"),
    QUANTITY: ("more", "less"),
}
"""What a positive and a negative correlation with an outcome mean."""


def inputs(results: Results) -> Iterator[Block]:
    """Which of the values that are not known the outcomes followed."""
    yield Heading("Which inputs mattered")
    kinds = {row["name"]: row["kind"] for row in results.manifest["outcomes"]}
    rows, notes = [], []
    for outcome in headline(results)[:MOST_HEADLINES]:
        try:
            found = results.drivers(outcome)
        except (ValueError, ResultsError) as error:
            yield Text(str(error), note=True)
            return
        said = outcome_in_words(results.scenario, outcome)
        certain = found.table[found.table["certain"]].head(MOST_INPUTS)
        for name, row in certain.iterrows():
            bounds = f"{row['rank_correlation']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
            effect = MORE_OF_IT[kinds[outcome]][int(row["rank_correlation"] < 0)]
            rows.append([said, input_in_words(str(name)), effect, bounds])
        share = f"Straight lines through the inputs explain {100 * found.explained:.0f} % of its variance."
        few = "" if len(certain) else " No single input can be told from chance."
        notes.append(f"{said}: {share}{few}")
    if rows:
        yield Table(
            "Inputs whose rank correlation with the outcome is certain",
            ("outcome", "input", "with more of it", "rank correlation"),
            rows,
            frozenset({3}),
        )
    if notes:
        yield Items(notes)
        yield Text("The rest is chance, and inputs that act together: sim sensitivity tells these apart.", note=True)
    else:
        yield Text("No reported outcome is open: each happens almost always or almost never.")


def agreement(results: Results) -> Iterator[Block]:
    """The targets that this run can judge."""
    loaded = results.loaded
    if loaded is None or not loaded.scenario.targets:
        return
    yield Heading("Agreement with the evidence")
    rows, left = [], 0
    for name, outcome in outcomes_of_targets(loaded).items():
        target = loaded.scenario.targets[name]
        if outcome.name not in results.outcome_names or target.variant is not None:
            left += 1
            continue
        verdict = judge(name, target, outcome, results.runs[outcome.name].to_numpy(float))
        for found in verdict.findings:
            low, high = (_bound(found.unit, bound) for bound in found.wanted)
            wanted = f"at least {low}" if found.wanted[1] in (1.0, np.inf) else f"{low} to {high}"
            met = ("yes" if found.met else "no") + ("" if found.sure else ", not surely")
            rows.append([target.title, found.what, _bound(found.unit, found.estimate), wanted, met])
    if results.manifest.get("variant") or results.manifest.get("set"):
        yield Text("This run changes the scenario, so that it need not agree with what was reported.")
    if rows:
        head = ("what was reported", "measure", "in the run", "wanted", "met")
        yield Table("Targets that this run can judge", head, rows, frozenset({2, 3}))
    if left:
        command = f"sim evidence scenarios/{loaded.name}.yaml --check"
        yield Text(f"{left} more targets need other outcomes or variants: {command} runs them.", note=True)
    yield Text("Where parameters were tuned to targets, agreement is no proof that the model is right.", note=True)


def _bound(unit: str, value: float) -> str:
    if not np.isfinite(value):
        return "never" if value > 0 else "-"
    if unit == "day":
        return f"day {value:.3g}"
    return f"{float(f'{value:.3g}'):,g} {unit}" if unit else f"{100 * value:.0f} of 100"


def assumptions(results: Results) -> Iterator[Block]:
    """What the values rest on, counted, and the guesses by name."""
    yield Heading("What rests on assumption")
    if results.loaded is None:
        yield Text("These results were put together by hand; what they rest on is not known.")
        return
    chain = Evidence(results.loaded, RULEBOOK)
    total = len(chain.values)
    rows = [
        [meaning, f"{chain.by_kind[kind]:,}", f"{100 * chain.by_kind[kind] / max(1, total):.0f} %"]
        for kind, meaning in KINDS.items()
        if chain.by_kind[kind]
    ]
    yield Table(
        f"The {total:,} values of the scenario and the rules", ("they", "number", "share"), rows, frozenset({1, 2})
    )
    guesses = grouped(chain.of(BARE))
    if guesses:
        listed = ", ".join(f"{group} ({count})" for group, count in list(guesses.items())[:12])
        yield Text(f"{listed}{' and others' if len(guesses) > 12 else ''}.", "Guesses, by field:")
    drawn = results.loaded.scenario.uncertainty
    yield Text(
        f"{len(results.loaded.ranges)} values have a range, and {len(drawn)} rules say what else is not known: these"
        " were drawn anew in each campaign. All others are the same in all campaigns, right or wrong."
    )


def limits(results: Results) -> Iterator[Block]:
    """What the numbers do not say."""
    yield Heading("Limits")
    yield Items(
        [
            "This is no forecast. It says what follows from the scenario and the rules, and how often.",
            "Intervals cover chance in so many campaigns. Wrong rules or wrong ranges could move the answer further.",
            "One campaign says nothing: a slightly larger force may lose what a smaller one had won.",
            "Inputs that went with an outcome need not have caused it.",
            "The rules are simple: one will for each side, coarse logistics, intelligence and politics.",
        ]
    )


def what_ifs(results: Results) -> Iterator[Block]:
    """Which command says what something else would have changed: one run cannot."""
    variants = results.scenario.variants
    if not variants:
        return
    yield Heading("What would have changed it")
    yield Text(
        "One run cannot say it. Another one is needed, with the same luck and one thing changed. This command makes it,"
        " and prints what differs, with intervals:"
    )
    yield Command([f"sim compare scenarios/{results.manifest['scenario']}.yaml --variant {next(iter(variants))}"])
    rows = [[variant.title, name] for name, variant in list(variants.items())[:MOST_WHAT_IFS]]
    yield Table(f"The what-ifs of the scenario: {len(variants)}", ("what is changed", "--variant"), rows)
    yield Text("sim report of both results folders compares two runs that are there.", note=True)


def repeat(results: Results) -> Iterator[Block]:
    """How to come to the same numbers."""
    yield Heading("How to repeat it")
    said = results.manifest
    words = [
        "sim",
        "run",
        f"scenarios/{said['scenario']}.yaml",
        "-n",
        str(results.replicates),
        "--seed",
        str(results.seed),
    ]
    if said.get("variant"):
        words += ["--variant", str(said["variant"])]
    for path, value in (said.get("set") or {}).items():
        words += ["--set", f"{path}={value}"]
    if results.situations:
        words += ["--situations", str(results.situations)]
    if said.get("posterior"):
        words += ["--posterior", str(said["posterior"]["file"] or "FILE")]
    yield Command([shlex.join(words)])
    versions = ", ".join(f"{name} {version}" for name, version in (said.get("versions") or {}).items())
    yield Text(
        f"Run {said['run_id']}, scenario {said.get('scenario_hash', '-')}, engine {said.get('engine_hash', '-')}."
        f" {versions}. The same seed gives the same numbers for any number of threads."
    )
    ranked = standing(results)
    k = 0 if ranked is None else ranked.ordinary
    yield Text(f"sim replay shows single campaigns on a map; campaign {k} is the most ordinary.", note=True)
