"""What a set of draws says: quantiles, chances, the bad tail, the worth of knowing, and what the variance comes from.

Draws that have no answer are never left out in silence: they are counted, and a chance is given with the bounds that
they leave open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.feasibility.uncertainty import sobol

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = npt.NDArray[np.float64]
PERCENTILES: Final = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Distribution of one result over the draws; money in the unit of the draws.

    Attributes
    ----------
    n, failed
        Draws, and those of them without an answer.
    mean, sd, mean_error
        Over the answers; the error of the mean is that of independent draws, an upper bound for Sobol points.
    percentiles
        By per cent.
    p_positive, p_positive_error, p_positive_least, p_positive_most
        Chance of a result above zero among the answers, its standard error, and the bounds if all
        failed draws were below or above zero.
    cvar5
        Mean of the worst 5 % of the answers.
    evpi
        Worth of perfect information before deciding between this and nothing, E max(X, 0) - max(E X, 0).
    """

    n: int
    failed: int
    mean: float
    sd: float
    mean_error: float
    percentiles: dict[float, float]
    p_positive: float
    p_positive_error: float
    p_positive_least: float
    p_positive_most: float
    cvar5: float
    evpi: float


def cvar(values: Array, share: float = 0.05) -> float:
    """Mean of the worst share of some values; the value on the edge counts in part."""
    ordered = np.sort(values)
    weight = np.clip(share * len(ordered) - np.arange(len(ordered)), 0.0, 1.0)
    return float((ordered * weight).sum() / weight.sum())


def evpi(values: Array) -> float:
    """Return what perfect information is worth before a yes or no on some values."""
    return float(np.maximum(values, 0.0).mean() - max(float(values.mean()), 0.0))


def distribution(values: Array) -> Distribution:
    """Describe draws [n]; NaN marks a draw without an answer.

    Raises
    ------
    InputError
        When no draw has an answer.
    """
    solved = values[np.isfinite(values)]
    n, k = len(values), len(solved)
    if k == 0:
        raise InputError(f"None of {n} draws has an answer", "See the reasons stored with the sweep.")
    positive = int((solved > 0).sum())
    p = positive / k
    sd = float(solved.std(ddof=1)) if k > 1 else 0.0
    return Distribution(
        n=n,
        failed=n - k,
        mean=float(solved.mean()),
        sd=sd,
        mean_error=sd / k**0.5,
        percentiles={q: float(np.percentile(solved, q)) for q in PERCENTILES},
        p_positive=p,
        p_positive_error=(p * (1 - p) / k) ** 0.5,
        p_positive_least=positive / n,
        p_positive_most=(positive + n - k) / n,
        cvar5=cvar(solved),
        evpi=evpi(solved),
    )


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """Shares of the variance by group of factors.

    Attributes
    ----------
    groups
        [G] names.
    first, total
        [G] first-order and total indices.
    first_low, first_high, total_low, total_high
        [G] 5th and 95th percentile of bootstrap samples over the rows.
    variance
        Variance of the result.
    used, failed
        Rows of the design with all their answers, and those without.
    """

    groups: tuple[str, ...]
    first: Array
    total: Array
    first_low: Array
    first_high: Array
    total_low: Array
    total_high: Array
    variance: float
    used: int
    failed: int


def design(group: Sequence[str], n: int, seed: int) -> Array:
    """Points at which a model must be solved to share out its variance.

    Parameters
    ----------
    group
        [d] group of each factor.
    n
        Rows, a power of two.
    seed
        Of the scrambling.

    Returns
    -------
    points
        [G + 2, n, d]: A, B, and for each group A with the group's columns taken from B.
    """
    d = len(group)
    both = sobol(n, 2 * d, seed)
    a, b = both[:, :d], both[:, d:]
    names = tuple(dict.fromkeys(group))
    mixed = [np.where(np.array([g == name for g in group]), b, a) for name in names]
    return np.stack([a, b, *mixed])


def _indices(values: Array) -> tuple[Array, Array, float]:
    a, b, mixed = values[0], values[1], values[2:]
    variance = float(np.concatenate([a, b]).var())
    if variance == 0.0:
        zero = np.zeros(len(mixed))
        return zero, zero, 0.0
    centre = float(np.concatenate([a, b]).mean())
    first = ((b - centre) * (mixed - a)).mean(axis=1) / variance
    total = ((a - mixed) ** 2).mean(axis=1) / (2.0 * variance)
    return first, total, variance


def variance_shares(groups: Sequence[str], values: Array, *, bootstrap: int = 500, seed: int = 0) -> VarianceShares:
    """Share out the variance of a result over groups of factors.

    First order after Saltelli and others (2010, Computer Physics Communications 181, table 2 b), total order after
    Jansen (1999, the same table, f), with whole groups moved at once.

    Parameters
    ----------
    groups
        [G] names in the order of `design`.
    values
        [G + 2, n] results at the points of `design`; a row with a NaN anywhere is left out and counted.
    bootstrap
        Samples of the intervals.
    seed
        Of the bootstrap.
    """
    if values.shape[0] != len(groups) + 2:
        raise InputError("The results do not fit the design", "Give one row of results for each row of the design.")
    whole = np.isfinite(values).all(axis=0)
    kept = values[:, whole]
    n = kept.shape[1]
    if n < 2:
        raise InputError("Too few rows of the design have all their answers", "See the reasons stored with the sweep.")
    first, total, variance = _indices(kept)
    rng = np.random.default_rng(seed)
    samples = [_indices(kept[:, rng.integers(0, n, n)])[:2] for _ in range(bootstrap)]
    low, high = np.percentile(np.array(samples), [5, 95], axis=0)
    return VarianceShares(
        tuple(groups), first, total, low[0], high[0], low[1], high[1], variance, n, int((~whole).sum())
    )
