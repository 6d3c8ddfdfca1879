"""Random numbers as a pure function of (seed; replicate, tick, purpose, entity): a counter-based generator.

So results do not depend on threads, chunks or order, adding a formation changes no other draw, and two variants
under one seed are a paired comparison. Every quantile is monotone in its uniform draw, which keeps pairs close.
Generator: Philox4x32-10 (Salmon et al. 2011).
"""

from __future__ import annotations

import math

from sim.kernel.compile import formula
from sim.kernel.maths import exp, log

MASK32 = 0xFFFFFFFF
FEW_TRIALS = 12
LARGE_MEAN = 16.0
"""Counts with a larger mean are drawn from a normal law with a correction for skewness."""


@formula
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on counter words c0..c3 and key words k0, k1; returns four 32-bit words.

    Products of two 32-bit words fill 64 bits: their sign bit is taken off by the mask, so signed integers serve.
    """
    for _ in range(10):
        a = 0xD2511F53 * c0
        b = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            ((b >> 32) & MASK32) ^ c1 ^ k0,
            b & MASK32,
            ((a >> 32) & MASK32) ^ c3 ^ k1,
            a & MASK32,
        )
        k0 = (k0 + 0x9E3779B9) & MASK32
        k1 = (k1 + 0xBB67AE85) & MASK32
    return c0, c1, c2, c3


@formula
def unit_interval(high, low):
    """The first 26 bits of each of two 32-bit words as a number in the middle of one of 2**52 equal parts of (0, 1)."""
    return ((high >> 6) * 67108864.0 + (low >> 6) + 0.5) * (1.0 / 4503599627370496.0)


@formula
def uniforms(seed, replicate, tick, purpose, entity, other):
    """Two independent uniform numbers for one entity (and another one it deals with), 52 bits each.

    They lie between 2**-53 and 1 - 2**-53: with 53 bits the largest would be rounded to 1, whose quantile is infinite.
    """
    w0, w1, w2, w3 = philox(
        int(entity) & MASK32,
        (int(tick) << 8 | purpose) & MASK32,
        int(replicate) & MASK32,
        int(other) & MASK32,
        int(seed) & MASK32,
        (int(seed) >> 32) & MASK32,
    )
    return unit_interval(w0, w1), unit_interval(w2, w3)


@formula
def uniform(seed, replicate, tick, purpose, entity, other):
    """One uniform number in (0, 1)."""
    return uniforms(seed, replicate, tick, purpose, entity, other)[0]


@formula
def normal_quantile(u):
    """The standard normal number below which a share u lies. Wichura (1988), AS 241 PPND16: relative error 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4
        top = ((top * r + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3
        top = (top * r + 1.3314166789178437745e2) * r + 3.3871328727963666080e0
        low = (5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4
        low = ((low * r + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2
        low = (low * r + 4.2313330701600911252e1) * r + 1.0
        return q * top / low
    r = math.sqrt(-log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        top = (7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1
        top = ((top * r + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0
        top = (top * r + 4.63033784615654529590e0) * r + 1.42343711074968357734e0
        low = (1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2
        low = ((low * r + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0
        low = (low * r + 2.05319162663775882187e0) * r + 1.0
    else:
        r -= 5.0
        top = (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3
        top = ((top * r + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0
        top = (top * r + 5.46378491116411436990e0) * r + 6.65790464350110377720e0
        low = (2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5
        low = ((low * r + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1
        low = (low * r + 5.99832206555887937690e-1) * r + 1.0
    return top / low if q > 0.0 else -top / low


@formula
def count_with_skew(u, mean, variance, skewness):
    """A count from its first three moments (Cornish-Fisher), for means above LARGE_MEAN."""
    z = normal_quantile(u)
    return math.floor(mean + math.sqrt(variance) * (z + skewness * (z * z - 1.0) / 6.0) + 0.5)


@formula
def count_up(u, trials, odds, mass):
    """The binomial count with a share u below it, summed from nobody (whose probability is `mass`) upwards."""
    below = mass
    count = 0.0
    # Once all are counted there is no mass left.
    while below < u and mass > 1e-18:
        mass *= odds * (trials - count) / (count + 1.0)
        below += mass
        count += 1.0
    return min(count, float(trials))


@formula
def unlikely_fates(u, trials, chance):
    """`binomial_quantile` for a fate that half of the people at most are expected to meet."""
    mean = trials * chance
    if mean > LARGE_MEAN:
        variance = mean * (1.0 - chance)
        spread = math.sqrt(variance)
        return min(float(trials), max(0.0, count_with_skew(u, mean, variance, (1.0 - 2.0 * chance) / spread)))
    if u <= 1.0 - mean:
        # Nobody: (1 - chance)^trials is never below 1 - mean.
        return 0.0
    odds = chance / (1.0 - chance)
    mass = 1.0
    if trials <= FEW_TRIALS:
        for _ in range(int(trials)):
            mass *= 1.0 - chance
    else:
        mass = exp(trials * log(1.0 - chance))
    return count_up(u, trials, odds, mass)


@formula
def binomial_quantile(u, trials, chance):
    """How many of `trials` people meet a fate that each meets with `chance`: the count with a share u below it."""
    if trials <= 0.0 or chance <= 0.0:
        return 0.0
    if chance >= 1.0:
        return float(trials)
    if chance > 0.5:
        # The few who escape are counted: a sum from nobody up would begin with a chance too small to add.
        return trials - unlikely_fates(1.0 - u, trials, 1.0 - chance)
    return unlikely_fates(u, trials, chance)


@formula
def poisson_quantile(u, mean):
    """How many rare and independent happenings there are, where `mean` are expected."""
    if u <= 1.0 - mean:
        # None: exp(-mean) is never below 1 - mean.
        return 0.0
    if mean > LARGE_MEAN:
        return max(0.0, count_with_skew(u, mean, mean, 1.0 / math.sqrt(mean)))
    mass = exp(-mean)
    below = mass
    count = 0.0
    while below < u and mass > 1e-18:
        count += 1.0
        mass *= mean / count
        below += mass
    return count


@formula
def exponential_quantile(u):
    """The hazard, summed over time, by which a share u of those who live under it have met it."""
    # The logarithm loses draws that are too small to take from 1: there the two are equal.
    return max(u, -log(1.0 - u))


@formula
def chance_within(expected):
    """Chance that something which is expected so many times happens at least once."""
    return 1.0 - exp(-expected)


@formula
def happens_within(days, hazard):
    """Chance that something with a hazard per day happens within so many days."""
    return 1.0 - exp(-hazard * days)


@formula
def happens(u, days, hazard):
    """Whether it does, by a uniform draw. Most draws lie above hazard x days, where no exponential is needed."""
    return u < hazard * days and u < happens_within(days, hazard)
