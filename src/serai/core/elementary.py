"""Exponentials and logarithms in arithmetic alone, so that compiled loops over them run several at a time.

A call into the mathematics library keeps a loop from running in vectors; these are some three times as fast there. Sums
of series are taken in pairs (Estrin's scheme): a long chain of steps would wait for each of them in a short loop.
Both are within a few units in the last place of NumPy's. Kernels call them compiled, with :func:`elementary`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""Logarithm of two in two parts, the first with so few digits that its products with exponents are exact."""
LOWEST = -700.0
"""Logarithm below which an exponential is zero."""
TO_BITS = 6755399441055744.0
"""1.5 times 2 to the power 52: added to a small whole number, it leaves that in the lowest bits."""
ROOT_HALF = 0x3FE6A09E667F3BCD
ONE = 0x3FF0000000000000
"""Bits of the root of a half, and of one."""


def exponential(x: Any) -> Any:  # noqa: ANN401  a scalar as NumPy or compiled code has it
    """Give exp(x) for x below 700, and zero below :data:`LOWEST`.

    Cody & Waite (1980), Software Manual for the Elementary Functions, chapter 6, with the series of the exponential
    to the thirteenth power.
    """
    k = np.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    first = (1.0 + r) + r2 * (1 / 2 + r * (1 / 6))
    second = (1 / 24 + r * (1 / 120)) + r2 * (1 / 720 + r * (1 / 5040))
    third = (1 / 40320 + r * (1 / 362880)) + r2 * (1 / 3628800 + r * (1 / 39916800))
    p = (first + r4 * second) + r4 * r4 * (third + r4 * (1 / 479001600 + r * (1 / 6227020800)))
    power = np.int64(np.float64(k + (1023.0 + TO_BITS)).view(np.int64) << np.int64(52)).view(np.float64)
    return 0.0 if x < LOWEST else p * power


def logarithm(t: Any) -> Any:  # noqa: ANN401  as above
    """Give log(t) for normal t above zero; some finite number below -700 for zero.

    With t = 2^k m, m between the roots of a half and of two, log m = 2 artanh((m - 1) / (m + 1)) by its series.
    """
    bits = np.float64(t).view(np.int64)
    exponent = np.int64(np.uint64(bits + np.int64(ONE - ROOT_HALF)) >> np.uint64(52)) - np.int64(1023)
    m = np.int64(bits - (exponent << np.int64(52))).view(np.float64)
    k = np.int64(exponent + np.float64(TO_BITS).view(np.int64)).view(np.float64) - TO_BITS
    s = np.divide(m - 1.0, m + 1.0)
    z = s * s
    z2 = z * z
    z4 = z2 * z2
    first = (1 / 3 + z * (1 / 5)) + z2 * (1 / 7 + z * (1 / 9))
    second = (1 / 11 + z * (1 / 13)) + z2 * (1 / 15 + z * (1 / 17))
    third = (1 / 19 + z * (1 / 21)) + z2 * (1 / 23 + z * (1 / 25))
    p = (first + z4 * second) + z4 * z4 * third
    return k * LN2_HIGH + (2.0 * s + (2.0 * s * z * p + k * LN2_LOW))


@cache
def elementary() -> dict[str, Callable[..., Any]]:
    """Compiled :func:`exponential` and :func:`logarithm`, for kernels that call them."""
    from serai.core.jit import inlined

    return {"exponential": inlined(exponential), "logarithm": inlined(logarithm)}
