"""How long cargo waits where capacity is short: smooth functions of utilisation, extended above saturation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from serai.network.spread import Array

KNEE = 0.95
"""Utilisation above which the queue is extended by its second-order expansion, so that it stays finite."""


def exponent(servers: Array) -> Array:
    """Exponent of utilisation for parallel servers: sqrt(2 (c + 1)) - 1; 1 for a single server.

    Sakasegawa (1977), "An approximation formula Lq = alpha rho^beta / (1 - rho)", Ann. Inst. Statist. Math. 29.
    """
    return np.sqrt(2.0 * (np.asarray(servers, dtype=np.float64) + 1.0)) - 1.0


def wait(rho: Array, scale_h: Array, power: Array) -> tuple[Array, Array]:
    """Mean wait in a queue, and its slope in utilisation.

    W(rho) = s rho^p / (1 - rho) up to :data:`KNEE`, and its quadratic Taylor expansion above: twice
    continuously differentiable, increasing and convex. For p = 1 and s the mean service time, W is the wait
    of the M/M/1 queue.

    Parameters
    ----------
    rho : float64[H]
        Flow over capacity, not negative.
    scale_h : float64[H]
        s in h.
    power : float64[H]
        p, from :func:`exponent`; at least 1.

    Returns
    -------
    wait_h : float64[H]
        In h.
    slope_h : float64[H]
        dW / drho in h.
    """
    inner = np.minimum(rho, KNEE)
    value, slope, bend = _series(inner, power)
    beyond = np.maximum(rho - KNEE, 0.0)
    return scale_h * (value + slope * beyond + 0.5 * bend * beyond**2), scale_h * (slope + bend * beyond)


def _series(rho: Array, p: Array) -> tuple[Array, Array, Array]:
    """Value, first and second derivative of rho^p / (1 - rho)."""
    gap = 1.0 / (1.0 - rho)
    value = rho**p * gap
    lower = p * rho ** (p - 1.0)
    # rho^(p - 2) has no limit at zero for p < 2, and the expansion above the knee alone needs the bend.
    safe = np.where(rho > 0, rho, 1.0)
    second = np.where(rho > 0, p * (p - 1.0) * safe ** (p - 2.0), 0.0)
    slope = lower * gap + rho**p * gap**2
    return value, slope, second * gap + 2.0 * lower * gap**2 + 2.0 * rho**p * gap**3
