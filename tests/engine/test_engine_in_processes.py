"""What needs a process of its own: rules as plain Python, memory, and how light `import sim` is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.ensemble.run import run

ROOT = Path(__file__).parents[2]


def python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    settings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rules_as_plain_python_give_the_same_bytes(crossroads, tmp_path):
    compiled = run(crossroads, 4, seed=11, results=tmp_path / "compiled", figures=False)
    scenario, folder = str(crossroads.files[0]), str(tmp_path / "plain")
    code = f"import sim; sim.run({scenario!r}, 4, seed=11, jobs=1, results={folder!r}, figures=False)"
    python(code, NUMBA_DISABLE_JIT="1")
    plain = tmp_path / "plain" / compiled.path.relative_to(tmp_path / "compiled")
    for name in ("runs.parquet", "control.parquet", "falls.parquet", "series.parquet"):
        assert (plain / name).read_bytes() == (compiled.path / name).read_bytes(), name


COUNTED_FROM_THE_FRONT = """
import numpy as np
from sim.world import layout

def check(index):
    for i in index if isinstance(index, tuple) else (index,):
        assert not isinstance(i, (int, np.integer)) or i >= 0, index
    return index

class Rows(np.recarray):
    def __getitem__(self, index):
        return super().__getitem__(check(index))
    def __setitem__(self, index, value):
        super().__setitem__(check(index), value)

class Numbers(np.ndarray):
    def __getitem__(self, index):
        return super().__getitem__(check(index))
    def __setitem__(self, index, value):
        super().__setitem__(check(index), value)

def watched(array):
    return array.view(Numbers) if array.dtype.names is None else array.view(np.recarray).view(Rows)

layout.as_rows = watched
from sim.engine import entry as engine
from sim.engine.load import load
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy
from hypothesis import HealthCheck, Phase, given, settings
from tests.properties.random_worlds import read_world, worlds

def play(loaded, ticks):
    deployment = deploy(loaded, RULEBOOK)
    cells, world = deployment.new_world()
    atlas = layout.Atlas(*(watched(part) for part in deployment.atlas))
    engine.start(world, atlas, cells, 1, 0)
    for _ in range(ticks):
        engine.step(world, atlas, cells, cells.view(np.int64))
    print(world.campaign[0].tick)

for name, ticks in (("crossroads", 32), ("hama-2024", 40)):
    play(load(f"scenarios/{name}.yaml"), ticks)

@settings(max_examples=WORLDS, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(worlds(ticks=20))
def play_random_worlds(said):
    play(read_world(said), 20)

play_random_worlds()
"""


@pytest.mark.parametrize("worlds", [12, pytest.param(400, marks=pytest.mark.verify)])
def test_no_rule_counts_from_the_end_of_a_table(worlds):
    """Compiled rules do not look whether an index is negative: it would point outside the table."""
    code = COUNTED_FROM_THE_FRONT.replace("WORLDS", str(worlds))
    assert python(code, NUMBA_DISABLE_JIT="1").split() == ["32", "40"] + worlds * ["20"]


@pytest.mark.parametrize("results", ["None", "folder"])
def test_memory_does_not_grow_with_replicates(tmp_path, results):
    where = "None" if results == "None" else repr(str(tmp_path))
    code = f"""
import resource, sim
shorter = {{"clock.days": 1, "outcomes": ["ottersby.fall_day", "deaths.total", "lowlands.will@day0.5"]}}
def fight(n):
    results = sim.run("scenarios/crossroads.yaml", n, results={where}, set=shorter, figures=False)
    results.to_json()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(fight(10_000), fight(40_000))
"""
    small, large = (int(n) for n in python(code).split())
    assert large < 1.05 * small


def test_the_package_is_light_until_it_is_used():
    code = """
import sys
import sim
assert not {"numpy", "pandas", "numba", "mesa", "pydantic"} & set(sys.modules)
from sim.engine.load import load
assert sim.load is load and callable(sim.run) and sim.ScenarioError
assert "run" in dir(sim)
"""
    python(code)


def test_an_unknown_public_name_is_an_attribute_error():
    import sim

    with pytest.raises(AttributeError, match="no attribute 'fight'"):
        _ = sim.fight
