"""The first part of a report: the question, the answer in plain frequencies, maps and curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.ensemble.results import Results
from sim.outcomes.catalogue import PROBABILITY, QUANTITY, TIME
from sim.plots import plot_names
from sim.plots.theme import date_of
from sim.statistics.intervals import is_binary
from sim.web.report.blocks import Block, Heading, Table, Text
from sim.web.report.figures import figure
from sim.web.shared.wording import frequency, outcome_in_words

MOST_ASKED = 6
"""Outcomes that are named before the answer begins; its tables have all."""


def question(results: Results) -> Iterator[Block]:
    """What was asked: the scenario, and what was run of it."""
    scenario, said = results.scenario, results.manifest
    yield Heading("The question")
    if scenario.about.strip():
        yield Text(" ".join(scenario.about.split()))
    names = [outcome_in_words(scenario, name) for name in results.outcome_names]
    listed = "; ".join(names[:MOST_ASKED]) + (
        f"; and {len(names) - MOST_ASKED} more" if len(names) > MOST_ASKED else ""
    )
    asked = f"Asked was: {listed}." if names else "The scenario lists no outcomes."
    yield Text(f"{asked} The campaign begins on {date_of(scenario, 0)} and lasts {scenario.clock.days:g} days.")
    changed = list(said.get("changes") or [])
    if said.get("variant"):
        title = scenario.variants[said["variant"]].title if said["variant"] in scenario.variants else ""
        changed.insert(0, f"variant {said['variant']}{f' ({title})' if title else ''}")
    if changed:
        yield Text(f"The scenario was changed: {'; '.join(changed)}.", "Not the scenario as it stands.")
    if not results.complete:
        yield Text("The run was stopped before all campaigns were played.", "Not complete.")


def answer(results: Results) -> Iterator[Block]:
    """How often each outcome happened, and when; how much of each amount."""
    yield Heading("The answer")
    yield Text(
        f"The scenario was played {results.replicates:,} times, each time with other luck and other values for what is"
        " not known. The answer is how often something happened. It is no forecast."
    )
    rows = [_as_share(row) if _is_share(results, row) else row for row in results.outcomes]
    events = [row for row in rows if row["kind"] != QUANTITY]
    amounts = [row for row in rows if row["kind"] == QUANTITY]
    for row in events[:4]:
        yield Text(sentence(results, row))
    if events:
        yield Table(
            "What happens, how often and when (95 % intervals; half of the campaigns by the median)",
            ("", "in 100 campaigns", "interval", "day: 5 %", "median", "95 %"),
            [_event(results, row) for row in events],
            frozenset({1, 2, 3, 4, 5}),
        )
    if amounts:
        yield Table(
            "How much (mean with its 95 % interval; nine of ten campaigns lie between 5 % and 95 %)",
            ("", "unit", "mean", "interval", "5 %", "median", "95 %"),
            [_amount(results, row) for row in amounts],
            frozenset({2, 3, 4, 5, 6}),
        )


def _is_share(results: Results, row: Mapping[str, Any]) -> bool:
    """Whether an amount is 0 or 1 in all campaigns: then it says that something happens or not."""
    values = results.runs[row["name"]].dropna()
    return row["kind"] == QUANTITY and len(values) > 0 and is_binary(values)


def _as_share(row: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of such an amount, as that of something that happens or not."""
    bounds = {"probability": row["mean"], "probability_low": row["mean_low"], "probability_high": row["mean_high"]}
    return {**row, "kind": PROBABILITY, **bounds}


def sentence(results: Results, row: Mapping[str, Any]) -> str:
    """One outcome as a sentence."""
    said, share = outcome_in_words(results.scenario, row["name"]), row["probability"]
    if share is None:
        return f"{_capital(said)}: it is defined in no campaign."
    interval = f"(95 % interval: {_interval(row)})"
    when = ""
    if row["kind"] == TIME and row.get("median") is not None:
        when = f", in half of all campaigns by {_day(results, row['median'])}"
    return f"{_capital(said)} in {frequency(share)} {interval}{when}."


def maps(results: Results) -> Iterator[Block]:
    """Who holds what, at four dates."""
    names = plot_names(results)
    if "control_map" in names:
        yield Heading("Who holds what")
        yield figure(
            results, "control_map", "Maps at four dates; the table below says the same of the places that change hands",
            "Each pie shows in which share of the campaigns a side holds the place.",
        )  # fmt: skip
        yield _control(results)


def curves(results: Results) -> Iterator[Block]:
    """When places fall; strength and will."""
    yield Heading("When places fall")
    yield figure(
        results, "fall_times", "Curves of the share of campaigns in which each place has fallen by each day",
        "Curves that end below 100 % are places that do not always fall. Bands are 95 % intervals.",
    )  # fmt: skip
    yield _falls(results)
    yield Heading("Strength and will")
    yield figure(
        results, "strength_and_will", "Curves of strength and political will of each side",
        "Lines show the median campaign; bands hold 50 % and 90 % of the campaigns.",
    )  # fmt: skip
    yield _sides(results)


def _event(results: Results, row: Mapping[str, Any]) -> list[str]:
    said, share = _named(results, row["name"]), row["probability"]
    if share is None:
        return [said, "-", "-", "", "", ""]
    defined = row.get("defined", 1.0)
    name = said if defined >= 1 else f"{said} (defined in {frequency(defined)})"
    days = ["", "", ""]
    if row["kind"] == TIME and share > 0:
        days = ["later" if row[key] is None else f"{row[key]:.1f}" for key in ("p05", "median", "p95")]
    return [name, frequency(share, "").removesuffix(" of 100 ").strip(), _interval(row), *days]


def _interval(row: Mapping[str, Any]) -> str:
    """The interval of a share, of 100 campaigns: fine enough that 99.6 to 100 does not look like certainty."""
    return f"{100 * row['probability_low']:.3g} to {100 * row['probability_high']:.3g}"


def _named(results: Results, name: str) -> str:
    """An outcome in words; a formula of the scenario's author with what it says."""
    declared = next(row for row in results.manifest["outcomes"] if row["name"] == name)
    said = outcome_in_words(results.scenario, name)
    return f"{said} = {declared['formula']}" if declared.get("formula") else said


def _amount(results: Results, row: Mapping[str, Any]) -> list[str]:
    interval = "-" if row["mean_low"] is None else f"{_number(row['mean_low'])} to {_number(row['mean_high'])}"
    numbers = [_number(row[key]) for key in ("p05", "median", "p95")]
    return [
        outcome_in_words(results.scenario, row["name"]),
        row.get("unit", ""),
        _number(row["mean"]),
        interval,
        *numbers,
    ]


def _control(results: Results) -> Table:
    """The most important places that change hands: who holds them at the four dates of the map."""
    last = len(results.days) - 1
    ticks = sorted({0, round(last / 4), round(last / 2), last})
    change = abs(results.control - results.control[0]).max(axis=(0, 2))
    symbols = [place.symbol for place in results.scenario.places.values()]
    rows = sorted((i for i, moved in enumerate(change) if moved >= 0.05), key=lambda i: (-symbols[i], -change[i]))
    sides = [side.name for side in results.scenario.sides.values()]

    def holders(tick: int, place: int) -> str:
        shares = sorted(zip(results.control[tick, place], sides, strict=True), reverse=True)
        return ", ".join(f"{name} {100 * share:.0f}" for share, name in shares if share >= 0.05)

    table = [
        [results.scenario.places[results.place_ids[i]].name, *(holders(tick, i) for tick in ticks)] for i in rows[:16]
    ]
    head = ("", *(f"day {results.days[tick]:g}" for tick in ticks))
    return Table("In how many of 100 campaigns each side holds the places that change hands most", head, table)


def _falls(results: Results) -> Table:
    """The places that fall most often, and by when."""
    fallen = results.falls.cumsum(axis=1) / max(1, results.replicates)
    rows = sorted(range(len(fallen)), key=lambda i: -fallen[i].sum())[:16]
    quarters = [round(q * (len(results.days) - 1)) for q in (0.25, 0.5, 0.75, 1)]
    table = [
        [results.scenario.places[results.place_ids[i]].name, *(f"{100 * fallen[i][tick]:.0f}" for tick in quarters)]
        for i in rows
        if fallen[i][-1] > 0
    ]
    head = ("", *(f"by day {results.days[tick]:g}" for tick in quarters))
    return Table("In how many of 100 campaigns a place has left its first holder", head, table, frozenset({1, 2, 3, 4}))


def _sides(results: Results) -> Table:
    series = results.series
    rows = []
    for id, side in results.scenario.sides.items():
        for quantity in ("strength", "will"):
            of = series[series["quantity"] == f"{id}.{quantity}"].sort_values("day")
            if len(of) and of["p95"].max() > 0:
                first, last = of.iloc[0], of.iloc[-1]
                numbers = (first["median"], last["median"], last["p05"], last["p95"])
                rows.append([f"{side.name}: {quantity}", *(_number(float(value)) for value in numbers)])
    head = ("", "start, median", "end, median", "end, 5 %", "end, 95 %")
    return Table("Strength (people under arms) and political will (0 to 1)", head, rows, frozenset({1, 2, 3, 4}))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{float(f'{value:.3g}'):,.10g}"


def _day(results: Results, day: float) -> str:
    return f"day {day:.1f} ({date_of(results.scenario, day)})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
