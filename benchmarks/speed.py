"""How fast the engine is, beside the plain-Mesa model and on two threads; how it starts, and how much memory it takes.

Everything is measured as a user meets it: whole campaigns of `sim.run`, with results written down, and whole processes.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numba
import numpy

import sim
from sim.scenario.read import LoadedScenario
from tests.verification.twin.campaign import PlainCampaign

FIRST_CAMPAIGN = """
import sys, time, sim
sim.run(sys.argv[1], 1, jobs=1, results=None, progress=False)
print(time.time())
"""
PEAK_MEMORY = """
import sys, sim
sim.run(sys.argv[1], int(sys.argv[2]), results=sys.argv[3], progress=False, figures=False)
try:
    # Not ru_maxrss, which starts from the memory of the process that started this one.
    print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
except FileNotFoundError:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1))
"""
ARITHMETIC = "sum(i * i for i in range(4_000_000))"


def machine() -> str:
    """What the numbers were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{platform.system()} {platform.machine()}, {_processor()}, {cores} cores{load}; "
        f"Python {platform.python_version()}, numba {numba.__version__}, numpy {numpy.__version__}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor() or "processor unknown"


@dataclass
class Race:
    """Rounds in which the same campaign is run by the engine, on one thread and on two, and by the plain-Mesa model.

    They take turns, so that a machine that slows down or is shared slows them all; ratios are taken round by round.
    """

    one_thread: list[float] = field(default_factory=list)
    """Campaigns a second."""
    two_threads: list[float] = field(default_factory=list)
    engine_ns: list[float] = field(default_factory=list)
    """Nanoseconds per unit-tick, on one thread."""
    mesa_ns: list[float] = field(default_factory=list)
    two_processes: list[float] = field(default_factory=list)
    """What two processes of plain arithmetic get done at once, relative to one: what the machine has to give."""

    @property
    def engine_over_mesa(self) -> float:
        return median(mesa / engine for mesa, engine in zip(self.mesa_ns, self.engine_ns, strict=True))

    @property
    def two_over_one(self) -> float:
        return median(two / one for two, one in zip(self.two_threads, self.one_thread, strict=True))


def race(scenario: LoadedScenario, rounds: int, campaigns: int) -> Race:
    """Some rounds of the race, `campaigns` a round for the engine and one for the plain-Mesa model."""
    _engine(scenario, 0, 1, 1)
    PlainCampaign(scenario, 0).run()
    found = Race()
    for seed in range(1, rounds + 1):
        one = _engine(scenario, seed, campaigns, 1)
        found.one_thread.append(one["campaigns_per_second"])
        found.engine_ns.append(one["ns_per_unit_tick"])
        found.mesa_ns.append(_mesa_ns(scenario, seed))
        found.two_threads.append(_engine(scenario, seed, campaigns, 2)["campaigns_per_second"])
        found.two_processes.append(_gain_of_two_processes())
    return found


def _engine(scenario: LoadedScenario, seed: int, campaigns: int, jobs: int) -> dict[str, float]:
    manifest: dict[str, float] = sim.run(
        scenario, campaigns, seed=seed, jobs=jobs, results=None, progress=False
    ).manifest
    return manifest


def _mesa_ns(scenario: LoadedScenario, seed: int) -> float:
    began = time.perf_counter()
    campaign = PlainCampaign(scenario, seed)
    campaign.run()
    unit_ticks = (len(campaign.formations) + len(campaign.air)) * campaign.ticks
    return (time.perf_counter() - began) / unit_ticks * 1e9


def _gain_of_two_processes() -> float:
    alone = _timed(["-c", ARITHMETIC])
    with ThreadPoolExecutor(2) as pool:
        together = max(pool.map(_timed, [["-c", ARITHMETIC]] * 2))
    return 2 * alone / together


def _timed(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def first_campaign_seconds(path: Path, cache: Path) -> float:
    """Seconds from the start of a process until it has run its first campaign, with compiled rules in `cache`."""
    began = time.time()
    done = _python(["-c", FIRST_CAMPAIGN, str(path)], {"ORONTES_CACHE": str(cache)})
    return float(done) - began


def help_seconds(times: int = 5) -> float:
    """Seconds that `sim --help` takes."""
    return median(_timed(["-m", "sim", "--help"]) for _ in range(times))


def peak_megabytes(path: Path, replicates: int, results: Path) -> float:
    """Most memory that a run of so many campaigns on all cores had at once."""
    return float(_python(["-c", PEAK_MEMORY, str(path), str(replicates), str(results)], {})) / 1024


def _python(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *arguments], env=os.environ | environment, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
