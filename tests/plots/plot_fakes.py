"""Results that no engine computed: small networks with known shares, for the tests of plots."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sim.scenario.schema import Scenario

SIDES = {
    "north": {"name": "Northern League", "colour": "#0072B2"},
    "south": {"name": "Southern Union", "colour": "#D55E00"},
}


@dataclasses.dataclass
class FakeResults:
    scenario: Scenario
    replicates: int
    seed: int
    place_ids: list[str]
    side_ids: list[str]
    days: np.ndarray
    control: np.ndarray
    falls: np.ndarray
    series: pd.DataFrame


def scenario_of(places: dict, roads=(), sides=None, outcomes=(), days=4.0, **more) -> Scenario:
    """A scenario of so many places, as (lat, lon, population) each, all held by the first side."""
    sides = sides or SIDES
    first = next(iter(sides))
    return Scenario.model_validate(
        {
            "title": "A fictional war", "start": "2031-05-01T00:00:00", "clock": {"tick_hours": 12, "days": days},
            "sides": sides,
            "places": {
                name: {"name": name.title(), "lat": lat, "lon": lon, "population": people, "control": first}
                for name, (lat, lon, people) in places.items()
            },
            "roads": [{"between": pair, "km": 10, "class": "paved"} for pair in roads],
            "road_classes": {"paved": {"speed": 1, "throughput": 1}, "track": {"speed": 0.4, "throughput": 0.3}},
            "terrains": {"town": {"defence": 1.5}}, "kinds": {"infantry": {}},
            "formations": {
                "f1": {"name": "F1", "side": first, "kind": "infantry", "place": next(iter(places)), "strength": 1}
            },
            "outcomes": list(outcomes),
        } | more
    )  # fmt: skip


def series_of(scenario: Scenario, days: np.ndarray, strength: dict | None = None) -> pd.DataFrame:
    """Strength as given (median per day, by side) or constant, in bands that widen; will falls from 0.6 with it."""
    rows = []
    for side in scenario.sides:
        curve = np.asarray((strength or {}).get(side, np.full(len(days), 1000.0)))
        for name, values in ((f"{side}.strength", curve), (f"{side}.will", 0.6 * curve / max(curve[0], 1))):
            for day, value in zip(days, values, strict=True):
                spread = 0.6 * abs(values[0] - value)
                low, high = value - spread, value + spread
                rows.append((day, name, value, low, (low + value) / 2, value, (high + value) / 2, high))
    return pd.DataFrame(rows, columns=["day", "quantity", "mean", "p05", "p25", "median", "p75", "p95"])


def results_of(
    scenario: Scenario, falls: dict[str, dict[int, int]], replicates: int = 100, strength=None
) -> FakeResults:
    """Results in which places fall to the second side: {place: {tick: number of replicates}}."""
    ticks = round(scenario.clock.days * 24 / scenario.clock.tick_hours)
    days = np.arange(ticks + 1) * scenario.clock.tick_hours / 24
    places, sides = list(scenario.places), list(scenario.sides)
    fallen = np.zeros((len(places), ticks + 1), dtype=int)
    for name, counts in falls.items():
        for tick, count in counts.items():
            fallen[places.index(name), tick] = count
    control = np.zeros((ticks + 1, len(places), len(sides)))
    lost = fallen.cumsum(axis=1).T / replicates
    holder = [sides.index(place.control) for place in scenario.places.values()]
    for i, h in enumerate(holder):
        control[:, i, h] = 1 - lost[:, i]
        control[:, i, (h + 1) % len(sides)] += lost[:, i]
    return FakeResults(
        scenario, replicates, 7, places, sides, days, control, fallen, series_of(scenario, days, strength)
    )


def six_places() -> FakeResults:
    """Six fictional places far from any land; the second falls on day 1 in 30 of 100, on day 2 in 20 more."""
    places = {
        "alder": (0.0, 0.0, 90_000), "birch": (0.2, 0.3, 20_000), "cedar": (0.5, 0.1, 5_000),
        "dogwood": (0.1, 0.7, 40_000), "elm": (0.45, 0.6, 300_000), "fir": (0.8, 0.4, 1_000),
    }  # fmt: skip
    roads = [("alder", "birch"), ("birch", "cedar"), ("birch", "dogwood"), ("dogwood", "elm"), ("elm", "fir")]
    scenario = scenario_of(places, roads, outcomes=["birch.fall_day", "elm.fall_day", "deaths.total@day2"])
    strength = {"south": np.linspace(8000, 4000, 9)}
    return results_of(scenario, {"birch": {2: 30, 4: 20}, "elm": {6: 10}}, strength=strength)


def one_place() -> FakeResults:
    """A single place that never falls."""
    return results_of(scenario_of({"only": (0.0, 0.0, 0)}), {}, replicates=1)


def dense(count: int = 90, seed: int = 5) -> FakeResults:
    """A crowded random network, half of it in one cluster, two places on the same spot."""
    rng = np.random.default_rng(seed)
    spots = np.vstack([rng.normal(0, 0.04, (count // 2, 2)), rng.uniform(-1, 1, (count - count // 2, 2))])
    spots[1] = spots[0]
    names = [f"place_{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(count)]
    people = rng.lognormal(9, 2, count)
    places = {n: (lat, lon, p) for n, (lat, lon), p in zip(names, spots, people, strict=True)}
    roads = [(names[i], names[i + 1]) for i in range(count - 1)]
    scenario = scenario_of(places, roads)
    return results_of(scenario, {name: {int(rng.integers(1, 8)): int(rng.integers(0, 101))} for name in names})


def rendered(figure, gid):
    """The boxes of all words with this mark, as drawn, for each axes."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [[text.get_window_extent(renderer) for text in axes.texts if text.get_gid() == gid] for axes in figure.axes]


def words(figure):
    return [text.get_text() for text in figure.texts] + [text.get_text() for axes in figure.axes for text in axes.texts]


def overlapping(boxes):
    return [(i, j) for i, a in enumerate(boxes) for j, b in enumerate(boxes[:i]) if a.overlaps(b)]
