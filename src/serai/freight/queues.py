"""How long cargo waits where capacity is short: a smooth function of utilisation, extended above saturation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from serai.network.spread import Array

KNEE = 0.95
"""Utilisation above which the queue no longer tends to infinity but grows as one that fills all year."""


def wait(rho: Array, scale_h: Array) -> tuple[Array, Array]:
    """Mean wait in a queue, and its slope in utilisation.

    W(rho) = s rho / (1 - rho) up to :data:`KNEE`, the wait of the M/M/1 queue whose mean service time is s
    (and the heavy-traffic form of any single queue: Kingman 1961, "The single server queue in heavy traffic",
    Math. Proc. Camb. Phil. Soc. 57). Above, its slope b = s / (1 - KNEE)^2 goes smoothly to 2 b and stays there: a
    queue that grows day by day through a year has a mean wait of half a year for every part by which flow
    exceeds capacity, and 2 b is that for a few hours of s. The whole is twice continuously differentiable,
    increasing and convex.

    Parameters
    ----------
    rho : float64[H]
        Flow over capacity.
    scale_h : float64[H]
        s in h; the wait at half use.

    Returns
    -------
    wait_h, slope_h : float64[H]
        W and dW / drho in h.
    """
    inner = np.clip(rho, 0.0, KNEE)
    gap = 1.0 / (1.0 - inner)
    beyond = np.maximum(rho - KNEE, 0.0)
    slope, bend = 1.0 / (1.0 - KNEE) ** 2, 2.0 / (1.0 - KNEE) ** 3
    fading = -np.expm1(-beyond * bend / slope)
    # Below zero, where only a solver's trial steps lead, the tangent at zero stands.
    value = inner * gap + np.minimum(rho, 0.0) + 2.0 * slope * beyond - slope**2 / bend * fading
    return scale_h * value, scale_h * (gap**2 + slope * fading)
