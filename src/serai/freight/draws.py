"""The time and the price of a trip as distributions: draws from shared factors, and their percentiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from serai.network.figures import CLASSES
from serai.network.spread import N_DRAWS, correlated, draws, quantiles

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.freight.model import Network
    from serai.network.figures import Delay
    from serai.network.spread import Array


@dataclass(frozen=True, slots=True)
class Band:
    """Percentiles and mean of a quantity."""

    mean: float
    p10: float
    p50: float
    p90: float
    p95: float


def band(mean: float, sample: Array) -> Band:
    """Percentiles of a sample, interpolated linearly between its sorted values."""
    ordered = np.sort(sample)
    places = np.array((0.1, 0.5, 0.9, 0.95)) * (sample.size - 1)
    below = places.astype(np.int64)
    share = places - below
    values = ordered[below] * (1 - share) + ordered[np.minimum(below + 1, sample.size - 1)] * share
    p10, p50, p90, p95 = values.tolist()
    return Band(mean, p10, p50, p90, p95)


@lru_cache(maxsize=16384)
def _unit(shared: str, own: str, correlation: float, s_lo: float, s_hi: float) -> Array:
    """Draws of a figure over its median."""
    z = correlated(shared, own, correlation)
    out = quantiles(np.asarray(1.0), np.asarray(s_lo), np.asarray(s_hi), z)
    out.flags.writeable = False
    return out


@lru_cache(maxsize=4096)
def _strike(delay: Delay, correlation: float) -> Array:
    """Draws of a delay that strikes a share of trips, in h."""
    hit = correlated(f"delay:{delay.factor}", f"delay:{delay.row}", correlation)
    hours = quantiles(
        np.asarray(delay.median_h), np.asarray(delay.s_lo), np.asarray(delay.s_hi), draws(f"hours:{delay.row}")
    )
    out = np.where(hit >= np.quantile(hit, 1.0 - delay.share), hours, 0.0)
    out.flags.writeable = False
    return out


def time_draws(network: Network, arcs: npt.NDArray[np.int64]) -> Array:
    """Draws of the time of a trip over some arcs, in h.

    Arcs of one figure move together; figures of one class (road, rail, border, port) share part of
    their variance; what no factor explains is normal noise whose variance grows with length. Delays
    that strike a share of trips are drawn with the border class. The draws of two sets of arcs add up
    to those of their union but for the noise and where the sum would be negative.
    """
    figures, time = network.costs.figures, network.costs.figures.time_h
    by_group: dict[tuple[int, str, float, float], float] = {}
    medians = time.median[arcs].tolist()
    classes, lows, highs = figures.time_class[arcs].tolist(), time.s_lo[arcs].tolist(), time.s_hi[arcs].tolist()
    for i, a in enumerate(arcs.tolist()):
        if medians[i] > 0:
            key = (classes[i], time.group[a], lows[i], highs[i])
            by_group[key] = by_group.get(key, 0.0) + medians[i]
    total = np.zeros(N_DRAWS)
    correlation = network.compiled.correlation
    for (kind, group, lo, hi), median in by_group.items():
        name = CLASSES[kind]
        total += median * _unit(f"time:{name}", f"time:{group}", correlation[name], lo, hi)
    for a in arcs.tolist():
        for delay in network.costs.delays.get(a, ()):
            total += _strike(delay, correlation["border"])
    noise = float(np.sqrt(figures.noise_h2[arcs].sum()))
    return np.asarray(np.maximum(total + noise * draws("time:noise"), 0.0))


def price_draws(network: Network, arcs: npt.NDArray[np.int64], bulk: Array | None = None) -> Array:
    """Draws of the price of one load over some arcs, in USD; prices share part of their variance.

    `bulk` scales the price of movement on every arc; see :class:`serai.network.costs.Figures`.
    """
    figures = network.costs.figures
    by_group: dict[tuple[str, float, float], float] = {}
    for figure in (figures.haul_usd, figures.fee_usd):
        share = bulk[arcs] if bulk is not None and figure is figures.haul_usd else 1.0
        medians = (share * figure.median[arcs]).tolist()
        lows, highs = figure.s_lo[arcs].tolist(), figure.s_hi[arcs].tolist()
        for i, a in enumerate(arcs.tolist()):
            if medians[i] > 0:
                key = (figure.group[a], lows[i], highs[i])
                by_group[key] = by_group.get(key, 0.0) + medians[i]
    total = np.zeros(N_DRAWS)
    for (group, lo, hi), median in by_group.items():
        total += median * _unit("price", f"price:{group}", network.compiled.correlation["price"], lo, hi)
    return total
