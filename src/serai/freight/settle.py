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

DEEPEST_STEP = 0.5
"""Largest step of a flow, in parts of its facility's capacity or of the flow itself where that is more."""


@dataclass(frozen=True, slots=True)
class AndersonNewton:
    """Anderson acceleration on Newton steps with frozen flow sensitivities, then exact Newton steps.

    The slope of the queues is exact in every step; the response of flows to times is that of the base, scaled
    by the root of the flows (Anderson 1965, "Iterative procedures for nonlinear integral equations", J. ACM 12).

    Attributes
    ----------
    tolerance
        Largest relative difference, of any time, between what a flow is drawn by and what it gives rise to.
    memory, limit
        Steps remembered, and steps taken before the exact sensitivities are asked for.
    newton_limit
        Exact Newton steps before giving up.
    """

    tolerance: float = 1e-8
    memory: int = 6
    limit: int = 40
    newton_limit: int = 40


@dataclass(frozen=True, slots=True)
class Settled:
    """Flows that settled: float64[H] a day, with the residual and the number of evaluations."""

    flow_per_day: Array
    residual: float
    iterations: int


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
    sensitivity: Array,
    base_flow: Array,
    method: AndersonNewton = AndersonNewton(),
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
    sensitivity : float64[H, H]
        dx / dT at the base.
    base_flow : float64[H]
        Flows at the base, by which the sensitivity is scaled.
    method
        Tolerance and limits.
    exact
        dx / dT at given times.

    Raises
    ------
    NoEquilibriumError
        With the facilities that would not settle.
    """
    y = start_per_day.copy()
    unit, cap = np.eye(f.n), f.capacity_per_day
    history: list[tuple[Array, Array]] = []
    time, slope = times(f, y)
    x = demand(time)
    best, best_y = np.inf, y
    gap = np.zeros(0)
    last = method.limit + (method.newton_limit if exact else 0)
    for n in range(1, last + 1):
        gap = residual_of(f, y, x)
        worst = float(np.abs(gap).max(initial=0.0))
        if worst <= method.tolerance:
            return Settled(y, worst, n)
        distance = float(np.abs((x - y) / cap).max())
        if distance < best:
            best, best_y = distance, y
        newton = exact is not None and n > method.limit
        if newton and n == method.limit + 1:
            y = best_y
            time, slope = times(f, y)
            x = demand(time)
        if newton and exact is not None:
            m = exact(time)
        else:
            root = np.sqrt(np.clip(x / np.maximum(base_flow, 1e-9 * cap), 0.0, 3.0))
            m = sensitivity * (root[:, None] * root[None, :])
        step = np.asarray(np.linalg.solve(unit - m * slope[None, :], x - y), dtype=np.float64)
        if not newton:
            history = [*history, (y, step)][-(method.memory + 1) :]
            step = _accelerated(history, step)
        step *= min(1.0, DEEPEST_STEP / max(float(np.abs(step / np.maximum(cap, y)).max()), 1e-300))
        y, time, slope, x = _stepped(f, demand, y, step, distance if newton else np.inf)
    named = ", ".join(f"{f.keys[h]} ({gap[h]:+.1e})" for h in np.argsort(-np.abs(gap))[:3])
    raise NoEquilibriumError(
        "freight", f"after {last} steps the times still move at {named}", "Check capacities and demand there."
    )


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
