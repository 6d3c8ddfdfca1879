"""Exponential, logarithm and power from plain arithmetic, so that every machine gets the same bits.

The C library's functions differ in the last bit between systems. These use only + - * / and exact scaling by powers
of two; their relative error is below 4e-16 (tests/rules/test_maths.py).
"""

from __future__ import annotations

import math

import numpy as np

from sim.rules.compiler import formula

LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238
LN2_LOW = 1.9082149292705877e-10
BITS_OF_SQRT_HALF = 0x3FE6A09E667F3BCD
SMALLEST = 2.2250738585072014e-308
LARGEST = 700.0
LOWEST = 1022
POWERS_OF_TWO = np.array([2.0**k for k in range(-LOWEST, 1024)])
STEPS = 32
"""Parts of the way from one power of two to the next, each with its root of two in a table."""


def _root_of_two(j: int) -> float:
    """2 to the j / 32, as near as a double can be: five square roots of a whole number of 2000 binary digits."""
    number = 2 ** (j + STEPS * 64)
    for _ in range(5):
        number = math.isqrt(number)
    return number / 2**64


ROOTS_OF_TWO = np.array([_root_of_two(j) for j in range(STEPS)])


@formula
def exp(x):
    """e to the x; arguments beyond +-700 count as +-700."""
    x = min(LARGEST, max(-LARGEST, x))
    # x = k ln(2) / 32 + r with |r| <= 0.011; k counted from the smallest power of two is never negative.
    k = int(x * (LOG2_E * STEPS) + (LOWEST * STEPS + 0.5))
    steps = float(k - LOWEST * STEPS)
    r = (x - steps * (LN2_HIGH / STEPS)) - steps * (LN2_LOW / STEPS)
    # Taylor series to the 6th term, in pairs so that the processor can overlap them: its remainder is below 4e-18.
    r2 = r * r
    beyond_one = r + r2 * ((0.5 + r * (1.0 / 6.0)) + r2 * ((1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0)))
    root = ROOTS_OF_TWO[k & (STEPS - 1)]
    return (root + root * beyond_one) * POWERS_OF_TWO[k >> 5]


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
