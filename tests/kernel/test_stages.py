"""Stages of play are compiled apart from each other in other processes, kept, and found again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.kernel.cores import all_cores

ROOT = Path(__file__).parents[2]

WAR = """
from typing import Any, NamedTuple
import numpy as np
from sim.kernel import build, maths
from sim.kernel.compile import entry_point, formula, rule, stage, step

SHARE = 0.1

@formula
def lost(men, rate):
    return men * rate

@rule
def bleed(men, i, rate):
    men[i] -= lost(men[i], rate)

@step
def first_half(men):
    return men[: len(men) // 2]

@rule
def reinforce(men, reserve):
    for i in range(len(men)):
        men[i] += maths.power(reserve, 1.0)

@stage
def morning(men):
    for i in range(len(men)):
        bleed(men, i, SHARE)

@stage
def evening(men, reserve):
    reinforce(men, reserve)
    for i in range(len(first_half(men)) * 2):
        bleed(men, i, 0.2)

class Stages(NamedTuple):
    morning: Any
    evening: Any

STAGES = Stages(morning, evening)

@entry_point
def war(men, days, reserve, stages):
    for _ in range(days):
        stages.morning(men)
        stages.evening(men, reserve)

def fight():
    men = np.array([100.0, 1000.0])
    war(men, 3, 5.0, STAGES)
    return men.tolist()
"""
PARTS = ["evening", "morning", "war"]


def expected(share: float = 0.1, reserve: float = 5.0) -> list[float]:
    men = [100.0, 1000.0]
    for _ in range(3):
        men = [m - m * share for m in men]
        men = [m + reserve - (m + reserve) * 0.2 for m in men]
    return men


class Play:
    """A little war that is played in fresh processes."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder, self.cache = folder, (cache or folder / "cache") / "compiled-rules"
        folder.mkdir(exist_ok=True)
        self.write(WAR)

    def write(self, text: str) -> None:
        (self.folder / "war.py").write_text(text, "utf-8")

    def command(self, code: str) -> list[str]:
        return [sys.executable, "-c", f"from war import *\n{code}\nprint(fight())"]

    def environment(self, **more: str) -> dict[str, str]:
        path = os.pathsep.join([str(ROOT), str(self.folder)])
        return os.environ | {"PYTHONPATH": path, "ORONTES_CACHE": str(self.cache.parent)} | more

    def __call__(self, code: str = "", **environment: str) -> tuple[list[float], str]:
        """What the war comes to, and what is said on standard error."""
        done = subprocess.run(
            self.command(code), env=self.environment(**environment), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]), done.stderr

    def kept(self) -> dict[str, str]:
        """The entries of the cache, by the function that each holds."""
        return {path.name.split("-")[0]: path.name for path in self.cache.iterdir() if path.is_dir()}


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def test_stages_are_kept_and_found_again(play):
    found, said = play()
    assert found == expected()
    assert said.startswith("compiling the rules, first run only ...\n")
    assert sorted(play.kept()) == PARTS
    assert play() == (expected(), "")
    # One stage is missing, as after a run that was broken off: what calls it finds the new one.
    (play.cache / play.kept()["morning"]).rename(play.folder / "elsewhere")
    found, said = play()
    assert found == expected()
    assert said.startswith("compiling rules that are not in the cache ...\n")
    assert sorted(play.kept()) == PARTS


EDITS = [
    ("maths.power(reserve, 1.0)", "2.0 * reserve", {"evening"}, expected(reserve=10.0)),
    ("SHARE = 0.1", "SHARE = 0.3", {"morning"}, expected(share=0.3)),
    ("range(days)", "range(days + 1 - 1)", {"war"}, expected()),
    ("    return men * rate", "    return (men * rate)  # the same", set(), expected()),
]


def test_the_same_code_elsewhere_is_found_again(play, tmp_path):
    """In another checkout, with one comment more, or after `touch`: nothing is compiled, nothing taken for damaged."""
    play()
    kept = play.kept()
    elsewhere = Play(tmp_path / "elsewhere", play.cache.parent)
    elsewhere.write("# A comment.\n" + WAR)
    assert elsewhere() == (expected(), "")
    os.utime(play.folder / "war.py", (1, 1))
    assert play() == (expected(), "")
    assert play.kept() == kept


def test_a_cache_that_was_moved_is_made_anew_once(play, tmp_path):
    """Numba finds nothing under another path. It would compile at each start, in silence."""
    play()
    play.cache.parent.rename(tmp_path / "moved")
    moved = Play(play.folder, tmp_path / "moved")
    found, said = moved()
    assert found == expected()
    assert said.startswith("compiling the rules, first run only ...\n")
    assert moved() == (expected(), "")


def test_what_is_kept_is_loaded_without_linking(play):
    play()
    count = "import sim.kernel.link\nlinked = len(sim.kernel.link._dispatchers)\nfight()\n"
    count += "assert len(sim.kernel.link._dispatchers) == linked == 0"
    assert play(count) == (expected(), "")


def test_an_edit_compiles_anew_what_reaches_it(play):
    play()
    for old, new, anew, comes_to in EDITS:
        assert old in WAR
        before = set(play.cache.iterdir())
        play.write(WAR.replace(old, new))
        assert play()[0] == comes_to
        assert {path.name.split("-")[0] for path in set(play.cache.iterdir()) - before} == anew


NO_PROCESS = {
    "no interpreter": "import sys; sys.executable = '/nowhere/python'",
    "fails": "build.CHILD = 'raise SystemExit(1)'",
    "is killed": "build.CHILD = 'import os; os.kill(os.getpid(), 9)'",
    "hangs": "build.PATIENCE = 0.1; build.CHILD = 'import time; time.sleep(60)'",
}


@pytest.mark.parametrize("what", NO_PROCESS)
def test_without_the_other_processes_the_same_is_compiled_here(play, what):
    found, said = play(NO_PROCESS[what])
    assert found == expected()
    assert "serve this process only" in said
    assert not play.kept()


def test_plain_python_gives_the_same_bits_and_needs_no_cache(play):
    assert play(NUMBA_DISABLE_JIT="1") == (expected(), "")
    assert not play.cache.exists()


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


HANGING = """
loaded = "import compile_for_parent;"
build.CHILD = build.CHILD.replace(loaded, loaded + "from sim.kernel import build as b; import time;")
build.CHILD = build.CHILD.replace("import time;", "import time; b.tasks = lambda *_: time.sleep(60);")
begin = build.subprocess.Popen
def note(*arguments, **named):
    process = begin(*arguments, **named)
    print(process.pid, flush=True)
    return process
build.subprocess.Popen = note
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks the system who runs")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_behind(play, start_process, stop):
    parent = start_process(
        play.command(HANGING), env=play.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _ in range(min(len(PARTS), all_cores()))]
    time.sleep(1)
    assert all(alive(pid) for pid in children)
    parent.send_signal(stop)
    parent.communicate(timeout=60)
    assert parent.returncode != 0
    until = time.monotonic() + 30
    while any(alive(pid) for pid in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in children)
    assert play()[0] == expected()


def test_a_damaged_cache_is_compiled_anew_and_said(play):
    play()
    whole = play.kept()
    chance = random.Random(5)
    code = next((play.cache / whole["evening"]).rglob("*.nbc"))
    index = next((play.cache / whole["war"]).rglob("*.nbi"))
    flipped = bytearray(code.read_bytes())
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    code.write_bytes(flipped)
    index.write_bytes(index.read_bytes()[:100])
    found, said = play()
    assert found == expected()
    assert [name for name in PARTS if f"{whole[name]} are damaged: they are compiled anew" in said] == [
        "evening",
        "war",
    ]
    assert play.kept() == whole
    assert play() == (expected(), "")


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""


@pytest.mark.skipif(os.name == "nt", reason="limits the size of files")
def test_a_run_goes_on_where_the_disk_is_full(play):
    found, said = play(FULL)
    assert found == expected()
    assert said.count("serve this process only") == 1
    assert not play.kept() and not list(play.cache.glob("unfinished-*"))


SOMEBODY_ELSE = """
import re, numba, numpy as np
rows = np.zeros(2, [("x", float), ("y", float)])

@numba.njit(cache=True)
def length(rows, i):
    return rows[i].x + rows[i].y

def show():
    length.recompile()
    length(rows, 0)
    defined = re.findall('define [^@]*@(_Z[^(]*)', next(iter(length.inspect_llvm().values())))
    return [re.sub("[0-9]+", "", symbol) for symbol in defined], length.stats.cache_path, numba.config.CACHE_DIR
"""


def test_importing_and_running_changes_nothing_in_numba_for_others(play):
    (play.folder / "somebody.py").write_text(SOMEBODY_ELSE, "utf-8")
    code = """
import json, somebody
before = somebody.show()
print(json.dumps(before))
import sim, sim.engine.entry, sim.kernel.link
from war import *
assert fight() == [FOUND]
import importlib
assert importlib.reload(somebody).show() == before
"""
    code = code.replace("[FOUND]", str(expected()))
    done = subprocess.run(
        [sys.executable, "-c", code], env=play.environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    symbols, path, setting = json.loads(done.stdout)
    assert any("Record" in symbol for symbol in symbols)
    assert Path(path).parent == play.folder and not setting


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_command_is_ended_while_it_compiles(play, start_process, stop):
    words = ["run", str(ROOT / "scenarios" / "crossroads.yaml"), "-n", "1", "--results", str(play.folder / "results")]
    process = start_process([sys.executable, "-m", "sim", *words], env=play.environment(), stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline() == "compiling the rules, first run only ...\n"
    process.send_signal(stop)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + stop
    assert said == "interrupted\n"
    assert not play.kept() and not list(play.cache.glob("unfinished-*"))


@pytest.mark.verify
def test_no_damage_of_any_file_changes_the_answer(play):
    """Whatever is wrong with a file of the cache: the same numbers, and one line for each entry that is damaged."""
    play()
    chance = random.Random(7)
    for trial in range(30):
        whole = play.kept()
        entry = play.cache / whole[chance.choice(PARTS)]
        path = chance.choice(sorted(path for path in entry.rglob("*") if path.is_file()))
        data = bytearray(path.read_bytes())
        if trial % 3:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        found, said = play()
        assert found == expected(), path
        assert said.count("are damaged: they are compiled anew") == 1 and entry.name in said, path
        assert play.kept() == whole
