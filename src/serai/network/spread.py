"""Figures with a range: their mean, their spread, and draws that hang together.

A range is the 10th percentile, the median and the 90th percentile of a quantity. Its logarithm is taken
as two half normals that meet at the median, so that both percentiles hold exactly and a long upper
tail stays long: X = m exp(s_lo z) for z < 0 and m exp(s_hi z) for z >= 0, z standard normal.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache, lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Z90: Final = NormalDist().inv_cdf(0.9)
N_DRAWS: Final = 1024
"""Draws of a trip. A percentile of the order of the median is then exact to about one part in a hundred."""


def ndtr(x: Array) -> Array:
    """Cumulative standard normal distribution."""
    flat = np.asarray(x, dtype=np.float64).ravel()
    values = np.fromiter((0.5 * math.erfc(-v / math.sqrt(2.0)) for v in flat), np.float64, flat.size)
    return values.reshape(np.shape(x))


def log_spreads(low: Array, median: Array, high: Array) -> tuple[Array, Array]:
    """Return the lower and upper spread of the logarithm; zero where the figure has no range.

    Parameters
    ----------
    low, median, high
        10th, 50th and 90th percentile, any unit, same shape.
    """
    positive = median > 0
    safe = np.where(positive, median, 1.0)
    lo = np.where(positive, np.log(safe / np.where(positive, low, 1.0)), 0.0) / Z90
    hi = np.where(positive, np.log(np.where(positive, high, 1.0) / safe), 0.0) / Z90
    return lo, hi


def mean_and_sd(median: Array, s_lo: Array, s_hi: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of the two-piece lognormal, in the unit of `median`.

    With E[exp(s z); z < 0] = exp(s^2/2) Phi(-s) and E[exp(s z); z >= 0] = exp(s^2/2) Phi(s).
    """
    first = np.exp(s_lo**2 / 2) * ndtr(-s_lo) + np.exp(s_hi**2 / 2) * ndtr(s_hi)
    second = np.exp(2 * s_lo**2) * ndtr(-2 * s_lo) + np.exp(2 * s_hi**2) * ndtr(2 * s_hi)
    return median * first, median * np.sqrt(np.maximum(second - first**2, 0.0))


def quantiles(median: Array, s_lo: Array, s_hi: Array, z: Array) -> Array:
    """Values at standard normal scores `z`, broadcast against the parameters."""
    return np.asarray(median * np.exp(np.where(z < 0, s_lo, s_hi) * z))


@cache
def _scores() -> Array:
    inverse = NormalDist().inv_cdf
    return np.array([inverse((i + 0.5) / N_DRAWS) for i in range(N_DRAWS)])


@lru_cache(maxsize=16384)
def draws(key: str) -> Array:
    """Return standard normal draws that belong to a name, the same on every machine and in every run.

    Each is a permutation of the same equally likely scores, so that every margin is exact.
    """
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "little")
    out = np.random.Generator(np.random.PCG64(seed)).permutation(_scores())
    out.flags.writeable = False
    return out


def correlated(shared: str, own: str, correlation: float) -> Array:
    """Draws of which a share `correlation` of the variance belongs to the name `shared`."""
    return math.sqrt(correlation) * draws(shared) + math.sqrt(1.0 - correlation) * draws(own)
