"""One fixed point: times at congested facilities that their own flows give rise to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import NoEquilibriumError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from serai.network.spread import Array


@dataclass(frozen=True, slots=True)
class Response:
    """What flows do at given times.

    Attributes
    ----------
    time_h, slope_h_per_unit : float64[H]
        Times the flows give rise to, and their slope in flow.
    flow_per_day : float64[H]
        Flows.
    """

    time_h: Array
    slope_h_per_unit: Array
    flow_per_day: Array


@dataclass(frozen=True, slots=True)
class AndersonNewton:
    """Anderson acceleration on a Newton step with frozen flow sensitivities, then exact Newton steps.

    The queue's slope is exact in every step; the response of flows to times is that of the base, scaled by
    the root of the flows (Anderson 1965, "Iterative procedures for nonlinear integral equations", J. ACM 12).

    Attributes
    ----------
    tolerance
        Largest relative change of a time that counts as settled.
    memory, limit
        Steps remembered, and steps taken before the exact sensitivities are asked for.
    newton_limit
        Exact Newton steps before giving up.
    """

    tolerance: float = 1e-8
    memory: int = 6
    limit: int = 60
    newton_limit: int = 25


@dataclass(frozen=True, slots=True)
class Settled:
    """Times that settled: float64[H], with the residual and the number of evaluations."""

    time_h: Array
    residual: float
    iterations: int


def _accelerated(history: list[tuple[Array, Array]], step: Array) -> Array:
    if len(history) < 2:
        return step
    moved = np.diff(np.array([h[0] for h in history]), axis=0).T
    stepped = np.diff(np.array([h[1] for h in history]), axis=0).T
    weight = np.linalg.lstsq(stepped, step, rcond=1e-12)[0]
    return np.asarray(step - (moved + stepped) @ weight, dtype=np.float64)


def settle(
    evaluate: Callable[[Array], Response],
    start_h: Array,
    sensitivity: Array,
    base_flow: Array,
    names: Sequence[str],
    method: AndersonNewton = AndersonNewton(),
    exact: Callable[[Array], Array] | None = None,
) -> Settled:
    """Solve T = T(flow(T)) for the times of H facilities, in logs.

    Parameters
    ----------
    evaluate
        Flows at given times and the times they give rise to.
    start_h : float64[H]
        Positive.
    sensitivity : float64[H, H]
        dflow / dT at the base.
    base_flow : float64[H]
        Flows at the base.
    names
        Of the facilities.
    method
        Tolerance and limits.
    exact
        dflow / dT at given times.

    Raises
    ------
    NoEquilibriumError
        With the facilities that would not settle.
    """
    log_t = np.log(start_h)
    history: list[tuple[Array, Array]] = []
    unit = np.eye(start_h.size)
    best, best_log = np.inf, log_t
    r = evaluate(start_h)
    last = method.limit + (method.newton_limit if exact else 0)
    gap = np.zeros(0)
    for n in range(1, last + 1):
        t = np.exp(log_t)
        gap = np.log(r.time_h) - log_t
        residual = float(np.abs(gap).max(initial=0.0))
        if residual <= method.tolerance:
            return Settled(t, residual, n)
        if residual < best:
            best, best_log = residual, log_t
        newton = n > method.limit
        if n == method.limit + 1:
            log_t = best_log
            t = np.exp(log_t)
            r = evaluate(t)
            gap = np.log(r.time_h) - log_t
        if newton and exact:
            m = exact(t)
        else:
            root = np.sqrt(np.clip(r.flow_per_day / np.maximum(base_flow, 1e-12), 0.0, 3.0))
            m = sensitivity * (root[:, None] * root[None, :])
        newton_matrix = unit - (r.slope_h_per_unit / r.time_h)[:, None] * m * t[None, :]
        step = np.asarray(np.linalg.solve(newton_matrix, gap), dtype=np.float64)
        if not newton:
            history = [*history, (log_t, step)][-(method.memory + 1) :]
            step = _accelerated(history, step)
        step *= min(1.0, 1.0 / float(np.abs(step).max()))
        log_t = log_t + step
        r = evaluate(np.exp(log_t))
        if newton:
            log_t, r = _backtracked(evaluate, log_t, step, r, float(np.abs(gap).max()))
    worst = np.argsort(-np.abs(gap))[:3]
    told = ", ".join(f"{names[h]} ({gap[h]:+.1e})" for h in worst)
    raise NoEquilibriumError(
        "freight", f"after {last} steps the times still move at {told}", "Check capacities and demand there."
    )


def _backtracked(
    evaluate: Callable[[Array], Response], log_t: Array, step: Array, r: Response, before: float
) -> tuple[Array, Response]:
    """Halve a Newton step until the residual falls."""
    for _ in range(6):
        if float(np.abs(np.log(r.time_h) - log_t).max()) < before:
            break
        step = 0.5 * step
        log_t = log_t - step
        r = evaluate(np.exp(log_t))
    return log_t, r
