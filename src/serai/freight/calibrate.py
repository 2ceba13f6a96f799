"""Fit of the sensitivity of route choice to observed shares, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.search import Array

Z90 = 1.6448536269514722
LEAST_SD = 0.05
"""Least standard deviation of a share: what rounding and the choice of a month do to it."""
STEP = 0.02
"""Half-width, in ln scale, of the difference that gives slopes."""
RANGE = (0.5, 128.0)
"""Scales looked at; a best fit on the edge is no fit."""
POINTS = 17


@dataclass(frozen=True, slots=True)
class ScaleFit:
    """A fitted scale of route choice.

    Attributes
    ----------
    scale
        Where the weighted squares are least; on a bound of :data:`RANGE` where they fall towards it.
    sd_log
        Standard error of ln scale from the spread of the residuals; infinite where no share responds.
    sandwich_sd_log
        The same with the rows of a family moving together (Liang and Zeger 1986); with few families it is itself
        known badly.
    low, high
        90 % range of the scale from the larger of the two errors.
    identified
        Whether the least lies inside the bounds and its range within them.
    predicted : float64[n]
        Shares at the fit.
    slope : float64[n]
        d share / d ln scale.
    r_squared
        1 - squares over those about the weighted mean; negative where a constant does better.
    tried_scale, tried_loss : float64[:data:`POINTS`]
        The profile: weighted squares over the starting values.
    """

    scale: float
    sd_log: float
    sandwich_sd_log: float
    low: float
    high: float
    identified: bool
    predicted: Array
    slope: Array
    r_squared: float
    tried_scale: Array
    tried_loss: Array


def share_sd(low: Array, high: Array) -> Array:
    """Give the standard deviation of shares whose 5th and 95th percentile are given, at least :data:`LEAST_SD`."""
    return np.maximum((high - low) / (2.0 * Z90), LEAST_SD)


def r_squared(observed: Array, predicted: Array, weight: Array) -> float:
    """1 - weighted squares of errors over those about the weighted mean; NaN without spread."""
    mean = float(weight @ observed / weight.sum())
    spread = float(weight @ (observed - mean) ** 2)
    return 1.0 - float(weight @ (observed - predicted) ** 2) / spread if spread > 0 else float("nan")


def fit_scale(predict: Callable[[float], Array], observed: Array, sd: Array, family: list[str]) -> ScaleFit:
    """Fit one scale by weighted least squares over solved bases.

    The profile over :data:`POINTS` starting values finds the valley; golden section finds its floor. The standard
    error is Gauss-Newton's, and the cluster sandwich beside it.

    Parameters
    ----------
    predict
        Shares float64[n] at a scale; each call solves the base.
    observed, sd : float64[n]
        Shares and their standard deviations.
    family
        Flow each row observes; rows of a family are no independent evidence.

    Raises
    ------
    InputError
        Where there is nothing to fit to.
    """
    if not observed.size:
        raise InputError("No share is marked for fitting route choice", "Give throughputs rows with use = choice.")
    weight = sd**-2.0
    seen: dict[float, float] = {}

    def loss(x: float) -> float:
        if x not in seen:
            seen[x] = float(weight @ (observed - predict(float(np.exp(x)))) ** 2)
        return seen[x]

    grid = np.linspace(np.log(RANGE[0]), np.log(RANGE[1]), POINTS)
    tried = np.array([loss(float(x)) for x in grid])
    n = int(np.argmin(tried))
    x = _golden(loss, float(grid[max(n - 1, 0)]), float(grid[min(n + 1, POINTS - 1)]))
    at = predict(float(np.exp(x)))
    slope = (predict(float(np.exp(x + STEP))) - predict(float(np.exp(x - STEP)))) / (2 * STEP)
    error = observed - at
    bread = float(weight @ slope**2)
    free = max(observed.size - 1, 1)
    variance = float(weight @ error**2) / free / bread if bread > 0 else np.inf
    names = sorted(set(family))
    meat = [float((weight * slope * error)[[f == name for f in family]].sum()) for name in names]
    g = len(names)
    few = g / (g - 1) if g > 1 else 1.0
    cluster = few * float(np.square(meat).sum()) / bread**2 if bread > 0 else np.inf
    worst = Z90 * float(np.sqrt(max(variance, cluster)))
    low, high = float(np.exp(x - worst)), float(np.exp(min(x + worst, 700.0)))
    return ScaleFit(
        scale=float(np.exp(x)),
        sd_log=float(np.sqrt(variance)),
        sandwich_sd_log=float(np.sqrt(cluster)),
        low=low,
        high=high,
        identified=bool(0 < n < POINTS - 1 and RANGE[0] < low and high < RANGE[1]),
        predicted=at,
        slope=slope,
        r_squared=r_squared(observed, at, weight),
        tried_scale=np.exp(grid),
        tried_loss=tried,
    )


def _golden(loss: Callable[[float], float], a: float, b: float, width: float = 1e-2) -> float:
    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    while b - a > width:
        if loss(c) <= loss(d):
            b, d = d, c
            c = b - ratio * (b - a)
        else:
            a, c = c, d
            d = a + ratio * (b - a)
    return float((a + b) / 2.0)
