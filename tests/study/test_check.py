"""A scenario is checked in each of its variants: those whose values nothing depends on, without deploying them."""

from __future__ import annotations

import pytest

from sim.engine.load import load
from sim.scenario.errors import ScenarioError
from sim.study.check import checked, is_checked_alone

ALONE = {
    "rules.morale.contagion": 0.2,
    "doctrine.mass": 0.5,
    "sides.highlands.doctrine.mass": 0.5,
    "formations.l_posts.manning": 0.5,
    "formations[side=highlands].morale": 0.5,
}
TOGETHER = {
    "formations.l_posts.km": 12,
    "formations.l_posts.strength": 500,
    "sides.lowlands.capital": "quarry",
    "places.quarry.communities.hillfolk": 0,
    "formations[side=highlands].morale *": 0.5,
    "formations.l_posts.morale": {"value": 0.5, "range": [0.4, 0.6]},
    "formations.l_posts.readiness": 0.5,  # another variant selects by it
    "clock.days": 9,
}


def with_variants(text: str, **variants: dict) -> str:
    lines = "".join(f"  {name}: {{title: T, set: {values}}}\n" for name, values in variants.items())
    head, _, rest = text.partition("variants: {no_wing")
    return head + "variants:\n" + lines.replace("'", '"') + rest[rest.index("\n") + 1 :]


def test_a_variant_is_deployed_where_other_values_depend_on_what_it_sets(crossroads_file, tmp_path) -> None:
    paths = [*ALONE.items(), *TOGETHER.items()]
    variants = {f"v{at}": {path: value} for at, (path, value) in enumerate(paths)}
    variants["by_readiness"] = {"formations[readiness=0.4].morale": 0.3}
    file = tmp_path / "s.yaml"
    file.write_text(with_variants(crossroads_file.read_text("utf-8"), **variants), "utf-8")
    loaded = load(file)
    alone = [path for at, (path, _) in enumerate(paths) if is_checked_alone(loaded, f"v{at}")]
    assert alone == list(ALONE)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("formations.l_posts.km", 60, "the road to arnfell is 42 km long"),
        ("formations.l_1.strength", 999_999_999, "more than"),
        ("formations.l_posts.manning", 1.5, "must be at most 1"),
        ("rules.morale.contagion", -5, "must be from"),
    ],
)
def test_what_is_wrong_in_a_variant_is_told(path, value, message, crossroads_file, tmp_path) -> None:
    file = tmp_path / "s.yaml"
    text = crossroads_file.read_text("utf-8").replace("population: 120000", "population: 1e9")
    text = text.replace("population: 25000", "population: 999500000")
    file.write_text(with_variants(text, bad={path: value}), "utf-8")
    if "strength" in path:
        message = "can be counted"
    with pytest.raises(ScenarioError, match=message):
        checked(file)
