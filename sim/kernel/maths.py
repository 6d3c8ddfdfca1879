"""Exponential, logarithm and power from plain arithmetic, so that every machine gets the same bits.

The C library's functions differ in the last bit between systems. These use only + - * / and exact scaling by powers
of two; their relative error is below 4e-16 (tests/kernel/test_maths.py).
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernel.compile import formula

LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238
LN2_LOW = 1.9082149292705877e-10
BITS_OF_SQRT_HALF = 0x3FE6A09E667F3BCD
SMALLEST = 2.2250738585072014e-308
LARGEST = 700.0
POWERS_OF_TWO = np.array([2.0**k for k in range(-1022, 1024)])


@formula
def exp(x):
    """e to the x; arguments beyond +-700 count as +-700."""
    x = min(LARGEST, max(-LARGEST, x))
    k = math.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    # Taylor series to the 13th term, in pairs so that the processor can overlap them: |r| <= 0.347.
    r2 = r * r
    r4 = r2 * r2
    low = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0))
    mid = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0))
    high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0))
    top = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    s = low + r4 * (mid + r4 * (high + r4 * top))
    return s * POWERS_OF_TWO[int(k) + 1022]


@formula
def log(x):
    """Natural logarithm of a positive number; of zero or less: that of the smallest number (-708.4)."""
    # x = 2**exponent (1 + f) with 1 + f between the roots of 1/2 and 2: the upper bits of a number are its exponent.
    bits = np.float64(max(x, SMALLEST)).view(np.int64)
    exponent = (bits - BITS_OF_SQRT_HALF) >> 52
    f = np.int64(bits - (exponent << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    # atanh series: |s| <= 0.172, remainder below 1e-17.
    z2 = z * z
    z4 = z2 * z2
    low = (1.0 / 3.0 + z * 0.2) + z2 * (1.0 / 7.0 + z * (1.0 / 9.0))
    high = (1.0 / 11.0 + z * (1.0 / 13.0)) + z2 * (1.0 / 15.0 + z * (1.0 / 17.0))
    t = low + z4 * (high + z4 * (1.0 / 19.0 + z * (1.0 / 21.0)))
    return exponent * LN2_HIGH + (2.0 * s + (2.0 * s * z * t + exponent * LN2_LOW))


@formula
def power(x, exponent):
    """x to the exponent, for x >= 0; exact where the exponent is 0, 1/2 or 1."""
    if exponent == 0.5:
        return math.sqrt(x)
    if exponent == 1.0:
        return x
    if exponent == 0.0:
        return 1.0
    if x <= 0.0:
        return 0.0
    return exp(exponent * log(x))
