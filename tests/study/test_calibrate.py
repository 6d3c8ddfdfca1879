"""Calibration of a whole scenario: what is learnt and what is not, the posterior and runs that use it, mistakes."""

from __future__ import annotations

import dataclasses
import json
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from sim.engine.load import load
from sim.ensemble import store
from sim.ensemble.folder import ResultsError
from sim.ensemble.inputs import InputSpace, input_rows
from sim.ensemble.join import merge, run_part
from sim.ensemble.parts import gather
from sim.ensemble.posterior import PosteriorPoints, read_posterior
from sim.ensemble.results import Results
from sim.ensemble.run import How, run
from sim.ensemble.spec import specify
from sim.rules.rulebook import RULEBOOK
from sim.scenario.errors import ScenarioError
from sim.scenario.read import change
from sim.study.calibrate import calibrate, specify_calibration
from sim.study.calibration import Calibration, calibration_of
from sim.study.history_matching import match
from sim.study.learnt import DUMMIES
from sim.study.observations import observations_of
from sim.study.study import Study
from sim.study.sweep import run_study
from sim.study.wide import TOGETHER, WideSpace
from sim.world.deploy import deploy

FILES = (store.RUNS, store.INPUTS, store.CONTROL, store.SERIES, store.FALLS)
STRENGTH = "formations[side=highlands].strength *"
WILL = "sides.lowlands.will"
VARY = {WILL: (0.3, 0.9), STRENGTH: None}
START = {"outcome": "highlands.strength@day0", "median_within": [4560, 4800]}
FEW = {"points": 24, "replicates": 4, "waves": 2, "progress": False}


@pytest.fixture(scope="module")
def scenario(crossroads_file, tmp_path_factory):
    """The tutorial with one target: 4,800 people at the start, times a factor, were counted as 4,560 to 4,800."""

    def with_target(**target):
        said = {"T": {"title": "what was counted", **target}}
        file = tmp_path_factory.mktemp("calibrate") / "s.yaml"
        file.write_text(crossroads_file.read_text("utf-8") + f"\ntargets: {json.dumps(said)}\n", "utf-8")
        return load(file)

    return with_target


@pytest.fixture(scope="module")
def loaded(scenario):
    return scenario(**START, error={"by": 48, "unit": "people", "why": "a test"})


@pytest.fixture(scope="module")
def found(loaded, tmp_path_factory):
    return calibrate(loaded, vary=VARY, results=tmp_path_factory.mktemp("results"), **FEW)


def test_what_was_counted_is_learnt_and_nothing_else(found):
    row = found.inputs.loc[STRENGTH]
    # 4,800 people are there at the factor 1; the error has a standard deviation of 24 people, or 0.005.
    assert (
        row["learnt"] and row["p05"] == pytest.approx(0.953, abs=0.01) and row["p95"] == pytest.approx(0.998, abs=0.01)
    )
    assert not found.inputs.loc[WILL, "learnt"]
    # Of the range 0.8 to 1.2, 0.95 - 3 x 0.005 to 1 + 3 x 0.005 are left.
    assert found.left == pytest.approx(0.08 / 0.4, abs=0.03)
    assert found.headline[0].endswith("is left.") and found.headline[1] == "Something was learnt about 1 of 2 inputs."
    assert found.targets.loc["T", "met"] == 1.0 and found.targets.loc["T", "explained"] > 0.999
    assert any("Checked by simulation: 64 of 64 points" in note for note in found.notes)
    assert any("states a `discrepancy`" in note for note in found.notes)


def test_it_is_filed_and_the_same_from_memory(found, loaded):
    files = {"posterior.parquet", "calibration.json", "survey.parquet", "draws.parquet", "manifest.json"}
    assert {path.name for path in found.path.iterdir()} == files
    said = json.loads((found.path / "calibration.json").read_text("utf-8"))
    assert said["inputs"][0]["input"] == STRENGTH and said["results_dir"] == str(found.path)
    filed = pd.read_parquet(found.path / "posterior.parquet")
    pd.testing.assert_frame_equal(filed, found.posterior)
    memory = calibrate(loaded, vary=VARY, results=None, jobs=1, **FEW)
    pd.testing.assert_frame_equal(memory.posterior, found.posterior)
    assert memory.path is None
    assert "is left." in repr(found) and "<table" in found._repr_html_()


def test_a_run_draws_its_inputs_from_the_posterior(found, loaded, tmp_path):
    file = found.path / "posterior.parquet"
    drawn = run(loaded, 300, seed=3, results=None, posterior=file, outcomes=["highlands.strength@day0"])
    assert drawn.runs["highlands.strength@day0"].min() > 4480 and drawn.runs["highlands.strength@day0"].max() < 4880
    assert drawn.runs["highlands.strength@day0"].to_numpy() == pytest.approx(4800 * drawn.inputs[STRENGTH], abs=3)
    kept = run(loaded, 300, seed=3, results=tmp_path, posterior=file, outcomes=["highlands.strength@day0"], jobs=1)
    pd.testing.assert_frame_equal(kept.runs, drawn.runs)
    pd.testing.assert_frame_equal(kept.inputs, drawn.inputs)
    with ThreadPoolExecutor(2) as pool:
        sent = run(
            loaded, 300, seed=3, results=None, posterior=file, outcomes=["highlands.strength@day0"], executor=pool
        )
    pd.testing.assert_frame_equal(sent.runs, drawn.runs)
    first = run(loaded, 100, seed=3, results=None, posterior=file, outcomes=["highlands.strength@day0"])
    pd.testing.assert_frame_equal(first.runs, drawn.runs[:100])
    assert drawn.to_json()["posterior"]["rows"] == len(found.posterior)
    # Replicate k is the plain campaign k with the row's numbers set and fixed.
    row = drawn.inputs.loc[7]
    pinned = {WILL: row[WILL], "uncertainty." + STRENGTH.removesuffix(" *") + ".triangular": [row[STRENGTH]] * 3}
    plain = run(loaded, 8, seed=3, results=None, set=pinned, outcomes=["highlands.strength@day0"])
    assert plain.runs.loc[7].to_numpy() == pytest.approx(drawn.runs.loc[7].to_numpy())


def test_rows_are_drawn_with_their_weights(loaded, tmp_path):
    file = tmp_path / "p.csv"
    pd.DataFrame({STRENGTH: [0.9, 1.0, 1.1], "weight": [3, 1, 0]}).to_csv(file, index=False)
    posterior = read_posterior(file, deploy(loaded, RULEBOOK))
    assert posterior.worth == pytest.approx(1.6)
    counts = np.bincount(posterior.rows(1, 4000), minlength=3)
    assert counts[2] == 0 and counts[0] / 4000 == pytest.approx(0.75, abs=0.03)
    points = PosteriorPoints(deploy(loaded, RULEBOOK), posterior, 1)
    late, early = points.deployment(3000), points.deployment(2)
    again = PosteriorPoints(deploy(loaded, RULEBOOK), posterior, 1).deployment(2)
    assert early.atlas.uncertain_inputs.tobytes() == again.atlas.uncertain_inputs.tobytes()
    assert late.atlas.uncertain_inputs.shape == early.atlas.uncertain_inputs.shape


VERSUS = {"outcome": "deaths.total@day8", "variant": "no_wing", "difference_within": [-200, -1]}


def test_a_target_that_compares_with_a_variant_has_it_run_at_the_same_points(scenario):
    """Campaign by campaign the study of the variant is a run of it with these settings and the same numbers."""
    loaded = scenario(**VERSUS)
    spec = specify_calibration(loaded, 20, 4, 1, {WILL: (0.3, 0.9)}, None, 7)
    assert spec.campaigns == (20 + 64) * 4 * 2 and list(spec.variants) == ["no_wing"]
    places = np.array([[0.25], [0.75]])
    values = {
        name: run_study(spec.study(0, places, name), 1, None).values(VERSUS["outcome"]) for name in (None, "no_wing")
    }
    for point, will in enumerate((0.45, 0.75)):
        for name, found in values.items():
            plain = run(loaded, 8, seed=7, results=None, set={WILL: will}, variant=name, outcomes=[VERSUS["outcome"]])
            assert np.array_equal(found[point], plain.values(VERSUS["outcome"])[4 * point : 4 * point + 4])
    (one,) = spec.observations
    mean, _ = one.estimate(values[None], values["no_wing"])
    assert mean == pytest.approx((values["no_wing"] - values[None]).mean(axis=1)) and (mean < 0).all()
    found = calibrate(loaded, vary=[STRENGTH], results=None, **FEW)
    assert found.targets.loc["T", "statistic"] == "difference" and found.targets.loc["T", "variant"] == "no_wing"
    assert found.left == 1.0 and found.targets.loc["T", "last"] < 0
    with pytest.raises(ScenarioError, match=r"the variant no_wing, which changes this .air\.l_wing\.aircraft."):
        specify_calibration(loaded, 20, 4, 1, {"air[side=lowlands].aircraft": (1, 4)}, None, 1)
    with pytest.raises(ScenarioError, match="all targets compare with variants, and these are left out"):
        calibrate(loaded, results=None, variants=False, **FEW)


def test_in_a_variant_inputs_stand_at_the_same_place_of_the_range_that_they_have_there(crossroads_file, tmp_path):
    scaled = "variants: {half: {title: half, set: {formations.l_posts.manning *: 0.5, sides.lowlands.will: 0.4}}, "
    text = crossroads_file.read_text("utf-8").replace("variants: {", scaled, 1)
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    loaded = load(tmp_path / "s.yaml")
    space = WideSpace(deploy(loaded, RULEBOOK))
    half = space.of_variant("half", deploy(change(loaded, RULEBOOK, "half"), RULEBOOK))
    column = list(space.inputs).index("formations.l_posts.manning")
    places = np.full((1, len(space.names)), 0.75)
    assert space.numbers(places)[0, column] == pytest.approx(0.7)
    assert half.numbers(places)[0, half.inputs.index("formations.l_posts.manning")] == pytest.approx(0.35)


def test_nothing_ruled_out_is_said_to_be_nothing(scenario):
    wide = calibrate(scenario(**START | {"median_within": [0, 9000]}), vary=[STRENGTH], results=None, **FEW)
    assert wide.left == 1.0
    assert wide.headline == (
        "Nothing was ruled out: all of the space of the input agrees with all targets.",
        "Nothing was learnt about any input: what is left is spread over their ranges as before.",
    )
    assert "posterior" not in " ".join((*wide.headline, *wide.notes)).lower()


def test_what_the_check_does_not_confirm_is_said(loaded):
    space = WideSpace(deploy(loaded, RULEBOOK), VARY)
    observations, notes = observations_of(loaded)
    inputs = len(space.names) + DUMMIES
    matched = match(observations, lambda _, t: [(3840 + 1920 * t[:, 1], 0.0)], inputs, 24, 1, 1, 256)
    for met, said in ((64, 0), (52, 0), (40, 1)):
        check = [(np.where(np.arange(64) < met, 4700.0, 5500.0), 0.0)]
        told = calibration_of("s", 1, 4, space, observations, matched, check, notes)
        assert len([line for line in told.headline if line.startswith("Not confirmed")]) == said
        assert told.targets.loc["T", "met"] == met / 64


def test_everything_ruled_out_is_said_and_leaves_no_file(scenario, tmp_path):
    none = calibrate(scenario(**START | {"median_within": [1, 2]}), vary=[STRENGTH], results=tmp_path, **FEW)
    assert none.left == 0.0 and none.headline[1] == "Nowhere near what was observed: T."
    assert none.posterior.empty and not (none.path / "posterior.parquet").exists()
    assert none.inputs["learnt"].sum() == 0
    assert len(none.plot.ruled_out().axes) == 1


def test_the_figure_shows_the_inputs_that_are_asked_for(found):
    assert len(found.plot.ruled_out().axes) == 3
    assert len(found.plot.ruled_out(WILL).axes) == 1
    with pytest.raises(ValueError, match=f"did you mean {WILL}"):
        found.plot.ruled_out("sides.lowlands.wil")


def test_the_space_is_wide_and_groups_move_together(crossroads_file, deployed):
    space = WideSpace(deployed, {STRENGTH: None, WILL: (0.2, 0.6)})
    assert space.names == [WILL, STRENGTH]
    places = np.array([[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]])
    assert space.numbers(places) == pytest.approx(np.array([[0.2, 0.8], [0.4, 0.9], [0.6, 1.2]]))
    hama = WideSpace(deploy(load(crossroads_file.with_name("hama-2024.yaml")), RULEBOOK))
    assert len(hama.inputs) > 500 and 40 <= len(hama.names) < 100
    name = next(name for name in hama.names if name.endswith(TOGETHER))
    ends = InputSpace(hama.deployment, [hama.inputs[i] for i in hama.groups[name]]).ranges
    half = np.full((1, len(hama.names)), 0.5)
    assert hama.numbers(half)[0, list(hama.groups[name])] == pytest.approx(ends.mean(axis=0))
    assert hama.shown(half)[0, hama.names.index(name)] == 0.5


def test_ranges_hold_95_percent_of_a_distribution_without_ends(deployed):
    rows = deployed.atlas.uncertain_inputs.copy()
    names = list(input_rows(deployed))[:4]
    first = [input_rows(deployed)[name] for name in names]
    for row, (law, numbers) in zip(
        first, [(0, (1, 3, 0)), (1, (1, 2, 5)), (2, (4, 0.5, 0)), (3, (2, 0.5, 0))], strict=True
    ):
        rows["law"][row] = law
        rows["a"][row], rows["b"][row], rows["c"][row] = numbers
    space = InputSpace(dataclasses.replace(deployed, atlas=deployed.atlas._replace(uncertain_inputs=rows)), names)
    low, high = space.ranges
    z = 1.959964
    assert low == pytest.approx([1, 1, 4 - z / 2, 2 * np.exp(-z / 2)], rel=1e-6)
    assert high == pytest.approx([3, 5, 4 + z / 2, 2 * np.exp(z / 2)], rel=1e-6)
    assert space.spread(np.full(4, 0.5)) == pytest.approx([2, 3, 4, 2]), "a lognormal moves by factors"


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("vary sides.lowlands.wil: sides.lowlands.wil: there is no field", {"vary": {"sides.lowlands.wil": (0, 1)}}),
        ("vary sides.lowlands.will: sides.lowlands.will: must be at most 1", {"vary": {WILL: (0, 7)}}),
        ("is no uncertain input, and has no range", {"vary": {WILL: None}}),
        ("is an empty range", {"vary": {WILL: (1, 0)}}),
        ("an emulator needs at least 20 points", {"points": 10}),
        ("are more than 2,048", {"points": 5000}),
        ("at least 2 campaigns at each point", {"replicates": 1}),
        ("waves", {"waves": 0}),
    ],
)
def test_mistakes(loaded, said, arguments):
    asked = {"points": 24, "replicates": 4, "waves": 1, "vary": None, "each": None, "seed": 1} | arguments
    with pytest.raises((ScenarioError, ValueError), match=re.escape(said)):
        specify_calibration(loaded, **asked)


@pytest.mark.parametrize(
    ("said", "table"),
    [
        (
            "did you mean formations[side=highlands].strength *?",
            {STRENGTH.replace("th *", "ht *"): [1.0], "weight": [1]},
        ),
        ("should have a column `weight`", {STRENGTH: [1.0]}),
        ("has an empty cell", {STRENGTH: [np.nan], "weight": [1]}),
        ("weights that are negative, or all 0", {STRENGTH: [1.0], "weight": [0]}),
        ("holds something that is not a number", {STRENGTH: ["much"], "weight": [1]}),
    ],
)
def test_files_that_are_no_posterior(loaded, tmp_path, said, table):
    file = tmp_path / "p.csv"
    pd.DataFrame(table).to_csv(file, index=False)
    with pytest.raises(ScenarioError, match=re.escape(said)):
        run(loaded, 10, results=None, posterior=file)


def test_what_does_not_go_with_a_posterior(loaded, tmp_path):
    for file, reason in ((tmp_path / "no.parquet", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ScenarioError, match=f"cannot be read: {reason}"):
            run(loaded, 10, results=None, posterior=file)
    with pytest.raises(TypeError, match="posterior should be a file or a DataFrame of weighted points, but is"):
        run(loaded, 10, results=None, posterior=5)
    table = pd.DataFrame({STRENGTH: [1.0], "weight": [1]})
    with pytest.raises(ValueError, match="does not take 'posterior'"):
        run(loaded, 10, results=None, posterior=table, commander={"lowlands": lambda view: []})


@pytest.mark.parametrize("situations", [None, 20])
def test_a_run_from_a_posterior_is_the_same_wherever_it_is_run(loaded, tmp_path, situations):
    """On threads, on an executor, in parts, in memory: the same bytes; with situations, each has one row."""
    table = pd.DataFrame({STRENGTH: [0.8, 1.0, 1.2], "rules.combat.rate": [0.02, 0.05, 0.09], "weight": [1, 2, 3]})
    table.to_csv(tmp_path / "p.csv", index=False)
    said = {"replicates": 600, "seed": 5, "situations": situations}
    whole = run(loaded, results=tmp_path / "whole", posterior=tmp_path / "p.csv", figures=False, jobs=1, **said)
    assert whole.path is not None
    bytes_of = {name: (whole.path / name).read_bytes() for name in FILES}
    with ThreadPoolExecutor(2) as pool:
        sent = run(loaded, results=tmp_path / "sent", posterior=table, figures=False, executor=pool, **said)
    assert {name: (sent.path / name).read_bytes() for name in FILES} == bytes_of
    assert sent.manifest["posterior"]["file"] is None and sent.manifest["run_id"] == whole.manifest["run_id"]
    spec = specify(loaded, posterior=table, **said)
    parts = [run_part(spec, tmp_path / str(i), (i, 3), How(1 + i % 2)) for i in (3, 1, 2)]
    merged = merge(gather(parts), tmp_path / "all")
    assert {name: (merged.path / name).read_bytes() for name in FILES} == bytes_of
    memory = run(loaded, results=None, posterior=table, **said)
    pd.testing.assert_frame_equal(memory.inputs, whole.inputs)
    drawn = whole.inputs[STRENGTH].to_numpy()
    shared = situations or 600
    assert np.array_equal(drawn, np.tile(drawn[:shared], 600 // shared)), "replicate k has the draw of k modulo them"
    assert set(drawn) == {0.8, 1.0, 1.2}
    if situations:
        assert whole.variance_components()["between"].notna().any()


def test_a_calibration_is_read_from_its_folder(found, scenario, tmp_path):
    again = Calibration.open(found.path)
    for field in dataclasses.fields(Calibration):
        one, other = getattr(found, field.name), getattr(again, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other, check_dtype=False)
        else:
            assert one == other, field.name
    assert again.to_json() == found.to_json() and len(again.plot.ruled_out().axes) == 3
    none = calibrate(scenario(**START | {"median_within": [1, 2]}), vary=[STRENGTH], results=tmp_path, **FEW)
    empty = Calibration.open(none.path)
    assert list(empty.posterior) == [STRENGTH, "weight"] and empty.posterior.empty and empty.headline == none.headline
    for opener in (Results, Study):
        with pytest.raises(ResultsError, match=r"holds a calibration, not a .*; sim\.Calibration\.open reads it"):
            opener.open(none.path)
    summary = none.path / "calibration.json"
    summary.write_text(summary.read_text().replace('"left": 0.0', '"left": 0.5'))
    with pytest.raises(ResultsError, match=r"calibration\.json is damaged"):
        Calibration.open(none.path)
