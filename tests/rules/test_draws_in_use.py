"""The draws as the engine makes them: real names, ticks, purposes and replicates; uniform, and independent along each.

All tests of a block of draws are one family, at a level of 1 in 1,000 for all of them (Bonferroni), on a fixed seed.
"""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest
from scipy import stats

from sim.engine.load import load
from sim.kernel import random as draws
from sim.kernel.link import linked
from sim.rules import purposes
from sim.rules.rulebook import RULEBOOK
from sim.world.deploy import deploy

LEVEL = 1e-3
HAMA = deploy(load(Path(__file__).parents[2] / "scenarios" / "hama-2024.yaml"), RULEBOOK)
TABLES = ("units", "places", "sides", "wings", "events")
PURPOSES = {name: code for name, code in vars(purposes).items() if name.isupper()}
ENTITY, TICK, PURPOSE, REPLICATE = range(4)


def compiled(function):
    """A function of this test that calls formulas, as machine code: there are millions of draws."""
    return numba.njit(linked(function))


def keys_of(deployment, *tables: str) -> np.ndarray:
    world = deployment.new_world()[1]
    return np.concatenate([getattr(world, table)["stream"] for table in tables])


KEYS = keys_of(HAMA, *TABLES)


@compiled
def fill(cube, seed, keys, ticks, purposes, replicates, other):
    """[entity, tick, purpose, replicate, 2]: the two uniform numbers of each draw."""
    for e in range(len(keys)):
        for t in range(len(ticks)):
            for p in range(len(purposes)):
                for r in range(len(replicates)):
                    u, v = draws.uniforms(seed, replicates[r], ticks[t], purposes[p], keys[e], other)
                    cube[e, t, p, r, 0] = u
                    cube[e, t, p, r, 1] = v


def drawn(
    seed: int, entities: int, ticks: int, replicates: int, purposes: int = len(PURPOSES), other: int = 0
) -> np.ndarray:
    cube = np.empty((entities, ticks, purposes, replicates, 2))
    codes = np.array(sorted(PURPOSES.values())[:purposes])
    fill(cube, seed, KEYS[:entities], np.arange(ticks), codes, np.arange(replicates), other)
    return cube


def uniformity(sample: np.ndarray) -> list[float]:
    """p-values: 256 equal parts; Kolmogorov-Smirnov; too many or too few in the far ends, where hazards are decided."""
    flat = sample.ravel()
    parts = np.bincount((flat * 256).astype(int), minlength=256)
    ends = [stats.binomtest(int(np.sum(x < 1e-3)), len(flat), 1e-3).pvalue for x in (flat, 1 - flat)]
    return [stats.chisquare(parts).pvalue, stats.kstest(flat[:200_000], "uniform").pvalue, *ends]


def dependence(first: np.ndarray, second: np.ndarray) -> list[float]:
    """p-values for pairs of draws: their correlation, that of how far they lie from the middle, and 16 x 16 cells."""
    x, y = first.ravel(), second.ravel()
    cells = np.bincount((x * 16).astype(int) * 16 + (y * 16).astype(int), minlength=256)
    linear = [np.corrcoef(f(x), f(y))[0, 1] * np.sqrt(len(x)) for f in (lambda z: z, lambda z: np.abs(z - 0.5))]
    return [*(2 * stats.norm.sf(abs(z)) for z in linear), stats.chisquare(cells).pvalue]


def neighbours(cube: np.ndarray, axis: int, lag: int) -> tuple[np.ndarray, np.ndarray]:
    count = cube.shape[axis]
    return np.take(cube, range(count - lag), axis), np.take(cube, range(lag, count), axis)


def worst(p_values: dict[str, list[float]]) -> float:
    """The smallest p-value times their number: below LEVEL the family has failed."""
    least = min((p, name) for name, ps in p_values.items() for p in ps)
    count = sum(map(len, p_values.values()))
    print(f"{count} tests, smallest p {least[0]:.2g} ({least[1]}), {min(1.0, least[0] * count):.2g} for the family")
    return least[0] * count


def family(seed: int, entities: int, ticks: int, replicates: int) -> dict[str, list[float]]:
    """All tests of one block of draws."""
    cube = drawn(seed, entities, ticks, replicates)
    found = {f"uniform, purpose {p}": uniformity(cube[:, :, p]) for p in range(cube.shape[PURPOSE])}
    found |= {f"uniform, entity {e}": [stats.kstest(cube[e].ravel(), "uniform").pvalue] for e in range(entities)}
    for name, axis in (("entities", ENTITY), ("ticks", TICK), ("purposes", PURPOSE), ("replicates", REPLICATE)):
        for lag in (1, 2, 3):
            found[f"{name} {lag} apart"] = dependence(*neighbours(cube, axis, lag))
    found["the two of one draw"] = dependence(cube[..., 0], cube[..., 1])
    found["seeds one apart"] = dependence(cube, drawn(seed + 1, entities, ticks, replicates))
    found["seeds 2**32 apart"] = dependence(cube, drawn(seed + 2**32, entities, ticks, replicates))
    found["others one apart"] = dependence(cube, drawn(seed, entities, ticks, replicates, other=1))
    # Sums over time, in which small dependences would add up: each campaign's mean for each entity and purpose.
    means = (cube.mean(axis=TICK) - 0.5) * np.sqrt(12 * ticks)
    found["sums over ticks"] = [stats.kstest(means.ravel()[:100_000], "norm").pvalue]
    return found


def test_draws_are_uniform_and_independent_as_the_engine_uses_them():
    assert worst(family(seed=20241127, entities=40, ticks=24, replicates=40)) > LEVEL


@pytest.mark.verify
@pytest.mark.parametrize("seed", [1, 2, 2**40 + 3])
def test_draws_are_uniform_and_independent_in_large_numbers(seed):
    assert worst(family(seed, entities=len(KEYS), ticks=64, replicates=40)) > LEVEL


def test_every_pair_of_entities_is_independent():
    """All pairs at once: the largest correlation is no larger than that of so many independent columns."""
    cube = drawn(3, len(KEYS), ticks=16, replicates=64, purposes=1)[..., 0, :, 0].reshape(len(KEYS), -1)
    pairs = np.corrcoef(cube)[np.triu_indices(len(KEYS), 1)] * np.sqrt(cube.shape[1])
    assert 2 * stats.norm.sf(np.abs(pairs).max()) * len(pairs) > LEVEL
    assert stats.kstest(pairs, "norm").statistic < 0.02


def test_a_weak_generator_would_be_found_out():
    """The family fails when draws forget the replicate, repeat with the tick, or lean a little."""
    cube = drawn(5, 20, 12, 20)
    assert min(dependence(*neighbours(np.repeat(cube[:, :, :, :1], 20, REPLICATE), REPLICATE, 1))) < 1e-9
    assert min(dependence(*neighbours(np.tile(cube[:, :1], (1, 12, 1, 1, 1)), TICK, 1))) < 1e-9
    assert min(uniformity(cube**1.05)) < 1e-9
    assert min(dependence(cube[..., 0], 0.9 * cube[..., 1] + 0.1 * cube[..., 0])) < 1e-9


def test_no_two_entities_share_a_key_and_no_two_purposes_a_number():
    for deployment in (HAMA, deploy(load(Path(__file__).parents[2] / "scenarios" / "crossroads.yaml"), RULEBOOK)):
        keys = keys_of(deployment, *TABLES)
        assert len(np.unique(keys)) == len(keys)
        assert keys.min() >= 0 and keys.max() < 2**32
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    assert min(PURPOSES.values()) >= 0 and max(PURPOSES.values()) < 256


def test_draws_are_where_they_should_be_in_the_counter():
    """Each argument has 32 bits of its own (the tick 24, the purpose 8): no two draws share a counter."""
    words = draws.philox(0x12345678, 0xABCDEF << 8 | 0x9A, 0x0BADCAFE, 0xFEEDBEEF, 0x89ABCDEF, 0x01234567)
    said = draws.uniforms(0x0123456789ABCDEF, 0x0BADCAFE, 0xABCDEF, 0x9A, 0x12345678, 0xFEEDBEEF)
    assert said == (draws.unit_interval(*words[:2]), draws.unit_interval(*words[2:]))


def test_no_draw_is_0_or_1():
    ends = draws.unit_interval(0, 0), draws.unit_interval(0xFFFFFFFF, 0xFFFFFFFF)
    assert ends == (2.0**-53, 1 - 2.0**-53)
    assert [draws.normal_quantile(u) for u in ends] == pytest.approx(stats.norm.ppf(ends), rel=1e-14)
    step = draws.unit_interval(0, 1 << 6) - draws.unit_interval(0, 0)
    assert step == draws.unit_interval(1 << 6, 0) - draws.unit_interval(0, 0xFFFFFFFF) == 2.0**-52


def test_the_normal_transform_is_right_in_the_tails():
    """From 1e-12 to 1 - 1e-12, relative to scipy's; by symmetry the upper tail is as good as its draw is fine."""
    tail = np.geomspace(1e-12, 0.5, 4000)[:-1]
    low = np.array([draws.normal_quantile(u) for u in tail])
    high = np.array([draws.normal_quantile(1 - u) for u in tail])
    assert np.abs(low / stats.norm.ppf(tail) - 1).max() < 1e-14
    assert np.abs(high / stats.norm.ppf(1 - tail) - 1).max() < 1e-14
    assert np.all(np.diff(low) > 0)
    assert stats.norm.cdf(low) == pytest.approx(tail, rel=1e-12)


@compiled
def counts(shares, trials, chance, out):
    for i in range(len(shares)):
        out[i] = (
            draws.poisson_quantile(shares[i], chance)
            if trials < 0
            else draws.binomial_quantile(shares[i], trials, chance)
        )


MIDDLE = np.linspace(0.001, 0.999, 1999)
FAR = np.concatenate([np.geomspace(1e-9, 1e-3, 100), 1 - np.geomspace(1e-9, 1e-3, 100)])


@pytest.mark.parametrize("trials", [1, 2, 5, 12, 13, 40, 100, 300, 1000, 3000, 20_000])
def test_binomial_counts_are_exact_or_one_off(trials):
    """Up to a mean of 16 exact; above, one off in 2 draws of 100 at most, and two off only beyond 1 in 1,000."""
    for chance in (1e-4, 0.001, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.8, 0.9, 0.98):
        check(float(trials), chance, stats.binom(trials, chance), trials * min(chance, 1 - chance))


@pytest.mark.parametrize("mean", [0.001, 0.1, 1.0, 3.0, 8.0, 15.99, 16.01, 20.0, 60.0, 150.0, 1000.0, 50_000.0])
def test_poisson_counts_are_exact_or_one_off(mean):
    check(-1.0, mean, stats.poisson(mean), mean)


def check(trials, chance, law, mean):
    for shares, off in ((MIDDLE, 1), (FAR, 2)):
        found = np.empty(len(shares))
        counts(shares, trials, chance, found)
        errors = np.abs(found - law.ppf(shares))
        if mean <= draws.LARGE_MEAN:
            # Where the share is a value of the distribution function to the last bit, either count is right.
            assert np.all((errors == 0) | (np.abs(law.cdf(np.minimum(found, law.ppf(shares))) - shares) < 1e-14))
        else:
            assert errors.max() <= off
            assert off == 2 or (errors == 0).mean() > 0.98
