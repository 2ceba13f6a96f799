"""Figures people read are rounded to what their range supports."""

from __future__ import annotations

import math


def rounded(value: float, low: float, high: float) -> float:
    """Round a value to the power of ten that half the width of its range reaches.

    Parameters
    ----------
    value, low, high
        A figure and its range, in any unit; a range of no width leaves three significant digits.
    """
    if not math.isfinite(value):
        return value
    half = (high - low) / 2.0
    if half > 0 and math.isfinite(half):
        step = 10.0 ** math.floor(math.log10(half))
    elif value != 0:
        step = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    else:
        return 0.0
    if step == 0.0:
        return value
    out = round(value / step) * step
    # Steps below one leave binary tails that nobody asked for.
    return round(out, max(0, -math.floor(math.log10(step)))) + 0.0


def shown(value: float, low: float, high: float) -> str:
    """Write a value as its range supports it."""
    out = rounded(value, low, high)
    if not math.isfinite(out):
        return "not known"
    return f"{out:,.0f}" if float(out).is_integer() else f"{out:,g}"
