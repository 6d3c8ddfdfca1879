"""Uncertainty: each range and each distribution of a scenario really spreads its value over the replicates."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from sim.rules.initialise import quantile_of
from sim.scenario.errors import ScenarioError

REPLICATES = 400
PLACES = {"a": {"control": "red", "population": 1000}, "b": {"control": "blue", "terrain": "ridge"}}
ROADS = [("a", "b", 40)]


@pytest.mark.parametrize(
    ("law", "a", "b", "c", "exact"),
    [
        (0, 2.0, 6.0, 0.0, stats.uniform(2, 4)),
        (1, 2.0, 3.0, 6.0, stats.triang(0.25, 2, 4)),
        (1, 2.0, 2.0, 6.0, stats.triang(0, 2, 4)),
        (1, 2.0, 6.0, 6.0, stats.triang(1, 2, 4)),
        (2, 5.0, 2.0, 0.0, stats.norm(5, 2)),
        (3, 5.0, 0.4, 0.0, stats.lognorm(0.4, scale=5)),
    ],
)
def test_quantiles_are_scipys(plain, law, a, b, c, exact):
    unknown = SimpleNamespace(law=law, a=a, b=b, c=c)
    for u in np.linspace(0.001, 0.999, 999):
        assert plain(quantile_of)(unknown, u) == pytest.approx(exact.ppf(u), rel=1e-12)


def test_a_triangle_without_width_is_a_number(plain):
    assert plain(quantile_of)(SimpleNamespace(law=1, a=3.0, b=3.0, c=3.0), 0.7) == 3.0


def scenario(tiny, uncertainty=None, **change):
    """A tiny world in which every second number has a range."""

    def between(low, value, high):
        return {"value": value, "range": [low, high]}

    units = {
        "r1": {"side": "red", "place": "a", "strength": between(800, 1000, 1500), "morale": between(0.3, 0.5, 0.6)},
        "r2": {"side": "red", "place": "a", "strength": 2000, "manning": between(0.4, 0.6, 0.9), "equipment": 100},
        "b1": {"side": "blue", "place": "b", "strength": 500, "quality": between(0.5, 0.9, 1.0)},
        "b2": {"side": "blue", "place": "b", "strength": 700, "kind": "horse", "readiness": between(0.1, 0.2, 0.9)},
    }
    kinds = {
        "foot": {"speed": between(5, 10, 12), "equipment_weight": between(4, 8, 16), "cohesion": between(-1, 0, 0.5)},
        "horse": {"speed": 20, "equipment_weight": 8, "cohesion": 0},
    }
    sides = {
        "red": {"name": "Red", "stances": {"blue": "hostile"}, "will": between(0.4, 0.5, 0.9)},
        "blue": {"name": "Blue", "serviceable": between(0.3, 0.7, 0.8), "doctrine": {"mass": between(0.2, 0.6, 0.8)}},
    }
    more = {
        "kinds": kinds,
        "terrains": {"ridge": {"defence": between(1.2, 1.3, 1.6)}},
        "sponsors": {"friend": {"name": "Friend", "backs": {"red": between(0.1, 0.5, 0.7)}, "distraction": 0.3}},
        "air": {"wing": {"name": "Wing", "side": "red", "base": "a", "aircraft": between(4, 8, 9), "sorties": 2}},
        "rules": {"morale": {"losses": between(0.5, 1.0, 3.0)}},
        "uncertainty": uncertainty or {},
    }
    return tiny.load(PLACES, ROADS, units, sides=sides, **(more | change))


def spread(fight, loaded, *reads):
    """Values of the world over the replicates, right after the start."""
    war = fight(loaded)
    rows = []
    for replicate in range(REPLICATES):
        war.begin(11, replicate)
        rows.append([float(read(war)) for read in reads])
    return np.array(rows).T


RANGES = {
    "formations.r1.strength": (lambda war: war.unit("r1")["roll"], 800, 1000, 1500),
    "formations.r1.morale": (lambda war: war.unit("r1")["morale"], 0.3, 0.5, 0.6),
    "formations.r2.manning": (lambda war: war.unit("r2")["manning"], 0.4, 0.6, 0.9),
    "formations.b1.quality": (lambda war: war.unit("b1")["quality"], 0.5, 0.9, 1.0),
    "formations.b2.readiness": (lambda war: war.unit("b2")["readiness"], 0.1, 0.2, 0.9),
    "kinds.foot.speed": (lambda war: war.unit("r1")["speed"], 5, 10, 12),
    "kinds.foot.equipment_weight": (lambda war: war.unit("b1")["equipment_weight"], 4, 8, 16),
    "kinds.foot.cohesion": (lambda war: war.unit("r2")["cohesion"], -1, 0, 0.5),
    "terrains.ridge.defence": (lambda war: war.place("b")["terrain"], 1.2, 1.3, 1.6),
    "sides.red.will": (lambda war: war.side("red")["will"], 0.4, 0.5, 0.9),
    "sides.blue.serviceable": (lambda war: war.side("blue")["serviceable"], 0.3, 0.7, 0.8),
    "sides.blue.doctrine.mass": (lambda war: war.world.doctrines["mass"][1], 0.2, 0.6, 0.8),
    "sponsors.friend.backs.red": (lambda war: war.world.backings["commitment"][0], 0.1, 0.5, 0.7),
    "air.wing.aircraft": (lambda war: war.world.wings["aircraft"][0], 4, 8, 9),
    "rules.morale.losses": (lambda war: war.world.settings["morale"]["losses"][0], 0.5, 1.0, 3.0),
}


def test_every_range_spreads_its_value_as_a_triangle(tiny, fight):
    loaded = scenario(tiny)
    ranged = {path for path in loaded.ranges if not path.startswith("kinds.") or path.startswith("kinds.foot")}
    assert ranged - set(RANGES) == set() and set(RANGES) - ranged == set()
    values = spread(fight, loaded, *(read for read, *_ in RANGES.values()))
    for drawn, (path, (_, low, mode, high)) in zip(values, RANGES.items(), strict=True):
        law = stats.triang((mode - low) / (high - low), low, high - low)
        assert low <= drawn.min() and drawn.max() <= high, path
        assert stats.kstest(drawn, law.cdf).pvalue > 1e-3, path
    # Each range has its own draw: no two values go together.
    together = np.corrcoef(values) - np.eye(len(values))
    assert np.abs(together).max() < 5 / np.sqrt(REPLICATES)


def test_people_and_equipment_at_the_start_follow_from_what_is_drawn(tiny, fight):
    reads = [
        lambda war: war.unit("r2")["strength"] - np.floor(2000 * war.unit("r2")["manning"] + 0.5),
        lambda war: war.unit("r1")["strength"] - np.floor(war.unit("r1")["roll"] + 0.5),
        lambda war: war.unit("r2")["equipment"] - 100 * war.side("red")["serviceable"],
        lambda war: war.unit("r1")["speed"] - war.unit("b1")["speed"],
        lambda war: war.unit("b2")["speed"] - 20,
    ]
    assert np.all(spread(fight, scenario(tiny), *reads) == 0)


def test_a_common_draw_is_common_and_others_are_not(tiny, fight):
    triangle = {"triangular": [0.8, 1.0, 1.2], "applies": "factor"}
    uncertainty = {
        "formations[side=red].supply": triangle,
        "formations[side=blue].supply": triangle | {"common": False},
        "places.*.population": {"lognormal": [2000, 0.3]},
        "sides.*.pay": {"normal": [0.0, 0.1], "applies": "offset", "common": False},
        "sponsors.friend.distraction": {"uniform": [0.2, 0.4]},
        "rules.combat.rate": {"uniform": [0.01, 0.02]},
        "doctrine.reserve": {"uniform": [0.05, 0.15]},
    }
    reads = [
        *(lambda war, name=name: war.unit(name)["supply"] / 5 for name in ("r1", "r2", "b1", "b2")),
        *(lambda war, name=name: war.place(name)["population"] for name in "ab"),
        *(lambda war, name=name: war.side(name)["pay"] for name in ("red", "blue")),
        lambda war: war.world.backings["distraction"][0],
        lambda war: war.world.settings["combat"]["rate"][0],
        *(lambda war, row=row: war.world.doctrines["reserve"][row] for row in (0, 1)),
    ]
    values = spread(fight, scenario(tiny, uncertainty), *reads)
    r1, r2, b1, b2, pop_a, pop_b, pay_red, pay_blue, distraction, rate, reserve_red, reserve_blue = values
    assert np.array_equal(r1, r2) and np.array_equal(pop_a, pop_b) and np.array_equal(reserve_red, reserve_blue)
    for one, two in ((b1, b2), (r1, b1), (pay_red, pay_blue)):
        assert abs(np.corrcoef(one, two)[0, 1]) < 5 / np.sqrt(REPLICATES)
    for drawn, law in (
        (r1, stats.triang(0.5, 0.8, 0.4)),
        (b2, stats.triang(0.5, 0.8, 0.4)),
        (pop_a, stats.lognorm(0.3, scale=2000)),
        (pay_blue, stats.norm(1.0, 0.1)),
        (distraction, stats.uniform(0.2, 0.2)),
        (rate, stats.uniform(0.01, 0.01)),
        (reserve_red, stats.uniform(0.05, 0.1)),
    ):
        assert stats.kstest(drawn, law.cdf).pvalue > 1e-3


def test_what_is_drawn_keeps_within_its_bounds(tiny, fight):
    wide = {
        "formations.*.morale": {"normal": [0.5, 2.0]},
        "rules.morale.losses": {"normal": [5.0, 20.0]},
        "formations.r2.supply": {"normal": [0.0, 1.0]},
    }
    reads = [
        lambda war: war.unit("r2")["morale"],
        lambda war: war.world.settings["morale"]["losses"][0],
        lambda war: war.unit("r2")["supply"],
    ]
    morale, losses, supply = spread(fight, scenario(tiny, wide), *reads)
    assert (morale.min(), morale.max(), losses.min(), losses.max(), supply.min()) == (0, 1, 0, 10, 0)


def test_the_same_replicate_draws_the_same_and_the_next_one_not(tiny, fight):
    war = fight(scenario(tiny))
    first = war.begin(5, 3).cells.copy()
    assert war.begin(5, 3).cells.tobytes() == first.tobytes()
    assert war.begin(5, 4).unit("r1")["roll"] != war.begin(6, 3).unit("r1")["roll"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("formations.r1.moral", "no field 'moral' in formations.r1; did you mean formations.r1.morale?"),
        ("formations.r9.morale", "there is no entry 'r9' in formations; did you mean formations.r1.morale?"),
        ("formations[sid=red].morale", "did you mean formations[side=red].morale?"),
        ("formations[side=green].morale", "selects nothing"),
        (
            "rules.morale.contagio",
            "there is no parameter of the rule morale 'contagio'; did you mean rules.morale.contagion?",
        ),
        ("rules.moral.contagion", "there is no rule 'moral'; did you mean rules.morale.contagion?"),
        ("doctrine.mas", "there is no doctrine weight 'mas'; did you mean doctrine.mass?"),
        ("sponsors.friend.backs.blue", "'friend' does not back 'blue'"),
        ("kinds.fot.speed", "there is no entry 'fot' in kinds; did you mean kinds.foot.speed?"),
        ("formations.r1.place", "it cannot be uncertain"),
        ("palces.a.population", "did you mean places.a.population?"),
    ],
)
def test_a_wrong_path_is_named_with_its_place_and_what_was_meant(tiny, fight, path, message):
    with pytest.raises(ScenarioError) as caught:
        fight(scenario(tiny, {path: {"uniform": [0.1, 0.2]}}))
    text = str(caught.value)
    assert message in text
    assert path in text
    assert all(
        problem.file.endswith("tiny.yaml") and problem.line and problem.column for problem in caught.value.problems
    )
