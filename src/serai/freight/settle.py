"""One fixed point: flows through congested facilities that give rise to the times they are drawn by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoEquilibriumError
from serai.freight.facilities import times

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.facilities import Facilities
    from serai.network.spread import Array

DEEPEST_STEP = 1.0
"""Largest step of a flow, in parts of its facility's capacity or of the flow itself where that is more."""
PROGRESS = 0.5
"""Part of a distance that is left where steps get on."""
ASTRAY = 1.3
"""Growth of a distance in a step from which on the response is of no use."""


@dataclass(frozen=True, slots=True)
class AndersonNewton:
    """Newton steps with a kept response of flows to times, accelerated; the response is renewed where they stall.

    The slope of the queues is exact in every step; the response is scaled by the root of the flows since it was
    taken (Anderson 1965, "Iterative procedures for nonlinear integral equations", J. ACM 12).

    Attributes
    ----------
    tolerance
        Largest relative difference, of any time, between what a flow is drawn by and what it gives rise to.
    memory
        Steps remembered.
    patience
        Steps in which the distance must fall to :data:`PROGRESS` of what it was for the response to be kept.
    limit
        Evaluations before giving up.
    """

    tolerance: float = 1e-8
    memory: int = 6
    patience: int = 3
    limit: int = 120


USUAL = AndersonNewton()
"""Tolerance and limits where nobody asks for others."""


@dataclass(frozen=True, slots=True)
class Response:
    """How flows answer times: dx / dT, float64[H, H], and the flows float64[H] it was taken at."""

    slope: Array
    flow_per_day: Array


@dataclass(frozen=True, slots=True)
class Settled:
    """Flows that settled: float64[H] a day, with the residual, the evaluations, and the response they ended with."""

    flow_per_day: Array
    residual: float
    iterations: int
    response: Response


def _accelerated(history: list[tuple[Array, Array]], step: Array) -> Array:
    if len(history) < 2:
        return step
    moved = np.diff(np.array([h[0] for h in history]), axis=0).T
    stepped = np.diff(np.array([h[1] for h in history]), axis=0).T
    weight = np.linalg.lstsq(stepped, step, rcond=1e-12)[0]
    return np.asarray(step - (moved + stepped) @ weight, dtype=np.float64)


def residual_of(f: Facilities, supplied: Array, drawn: Array) -> Array:
    """Relative difference between the times of two flows: float64[H], signed."""
    return np.asarray(np.log(times(f, drawn)[0] / times(f, supplied)[0]), dtype=np.float64)


def settle(
    f: Facilities,
    demand: Callable[[Array], Array],
    start_per_day: Array,
    response: Response,
    method: AndersonNewton = USUAL,
    exact: Callable[[Array], Array] | None = None,
) -> Settled:
    """Solve y = x(T(y)) for the flows y of H facilities.

    In flows the system is mild where in times it is stiff: near saturation a small change of flow is a large
    change of time.

    Parameters
    ----------
    f
        Facilities; their :func:`serai.freight.facilities.times` are T.
    demand
        x: flows drawn at given times, float64[H] from float64[H].
    start_per_day : float64[H]
        Flows to start from.
    response
        Taken nearby, such as at the base.
    method
        Tolerance and limits.
    exact
        dx / dT at given times; without it the response is never renewed.

    Raises
    ------
    NoEquilibriumError
        With the facilities that would not settle.
    """
    y, cap = start_per_day.copy(), f.capacity_per_day
    history: list[tuple[Array, Array]] = []
    since: list[float] = []
    time, slope = times(f, y)
    x = demand(time)
    renewed = False
    gap = np.zeros(0)
    for n in range(1, method.limit + 1):
        gap = residual_of(f, y, x)
        worst = float(np.abs(gap).max(initial=0.0))
        if worst <= method.tolerance:
            return Settled(y, worst, n, response)
        distance = float(np.abs((x - y) / cap).max())
        since.append(distance)
        stalled = len(since) > method.patience and distance > PROGRESS * since[-1 - method.patience]
        stalled |= len(since) > 1 and distance > ASTRAY * since[-2]
        # After a renewed response every step that does not bring enough is answered by another one.
        if exact is not None and (stalled or (renewed and distance > PROGRESS * since[-2])):
            response, renewed = Response(exact(time), x.copy()), True
            history, since = [], [distance]
        step = _step(response, x, y, slope, cap)
        if len(since) > 1 or not renewed:
            history = [*history, (y, step)][-(method.memory + 1) :]
            step = _accelerated(history, step)
        if not np.isfinite(step).all():
            raise NoEquilibriumError("freight", f"step {n} is no number", "Check the package's costs and capacities.")
        step *= min(1.0, DEEPEST_STEP / max(float(np.abs(step / np.maximum(cap, y)).max()), 1e-300))
        y, time, slope, x = _stepped(f, demand, y, step, distance if renewed else np.inf)
    named = ", ".join(f"{f.keys[h]} ({gap[h]:+.1e})" for h in np.argsort(-np.abs(gap))[:3])
    raise NoEquilibriumError(
        "freight", f"after {method.limit} steps the times still move at {named}", "Check capacities and demand there."
    )


def _step(r: Response, x: Array, y: Array, slope: Array, cap: Array) -> Array:
    root = np.sqrt(np.clip(x / np.maximum(r.flow_per_day, 1e-9 * cap), 0.0, 3.0))
    m = r.slope * (root[:, None] * root[None, :])
    return np.asarray(np.linalg.solve(np.eye(y.size) - m * slope[None, :], x - y), dtype=np.float64)


def _stepped(
    f: Facilities, demand: Callable[[Array], Array], y: Array, step: Array, before: float
) -> tuple[Array, Array, Array, Array]:
    """Take a step, halved until the distance between supplied and drawn flows falls."""
    for _ in range(8):
        there = np.maximum(y + step, 0.0)
        time, slope = times(f, there)
        x = demand(time)
        if float(np.abs((x - there) / f.capacity_per_day).max()) < before:
            break
        step = 0.5 * step
    return there, time, slope, x
