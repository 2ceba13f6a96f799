"""Frank-Wolfe, and its conjugate and bi-conjugate forms (Mitradjieva & Lindberg 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.freight.assign.forest import bare
from serai.freight.assign.loading import Problem, all_or_nothing, certificate, finite_cost
from serai.freight.assign.result import NotConvergedError, Solved, check_limits
from serai.freight.assign.volume_delay import VolumeDelay, link_cost, link_slope, parts, slope

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]

MOST_OLD = 0.99
"""Largest weight of the previous target in a conjugate one (Mitradjieva & Lindberg 2013, section 3)."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """Targets of the last two iterations and the length of the last step, for conjugacy."""

    last: Array
    before: Array | None
    length: float


def _line_search(
    x: Array, d: Array, base: Array, rise: Array, capacity: Array, power: Array, tolerance: float
) -> float:
    low = 0.0
    high = 1.0
    start = 0.0
    step = 1.0
    for trial in range(60):
        value = 0.0
        steep = 0.0
        for a in range(x.size):
            if d[a] != 0.0:
                flow = x[a] + step * d[a]
                value += link_cost(flow, base[a], rise[a], capacity[a], power[a]) * d[a]
                steep += link_slope(flow, rise[a], capacity[a], power[a]) * d[a] * d[a]
        if trial == 0:
            if value <= 0.0:
                return 1.0
            start = value
        if value > 0.0:
            high = step
        else:
            low = step
        if abs(value) <= tolerance * start or high - low < 1e-15:
            break
        step -= value / steep if 0.0 < steep < np.inf else np.inf
        if not low < step < high:
            step = 0.5 * (low + high)
    return step


@cache
def _line_search_kernel() -> Callable[..., float]:
    from serai.core.jit import compiled

    return compiled(_line_search, **parts())


def line_search(delay: VolumeDelay, x: Array, d: Array) -> float:
    """Step in [0, 1] along d from x, both float64[L], that minimises Beckmann's objective."""
    return _line_search_kernel()(x, d, delay.base, delay.rise, delay.capacity, delay.power, 1e-10)


def conjugate_target(x: Array, y: Array, h: Array, steps: _Steps) -> Array:
    """Target whose direction is conjugate to the last one (Mitradjieva & Lindberg 2013, eq. 7).

    Parameters
    ----------
    x, y : float64[L]
        Flow, and its all-or-nothing flow.
    h : float64[L]
        Diagonal of the Hessian at x.
    steps
        What came before.
    """
    d = (steps.last - x) * h
    n, below = float(d @ (y - x)), float(d @ (y - steps.last))
    alpha = min(max(n / below, 0.0), MOST_OLD) if below != 0 else 0.0
    return np.asarray(alpha * steps.last + (1 - alpha) * y)


def biconjugate_target(x: Array, y: Array, h: Array, steps: _Steps) -> Array:
    """Target whose direction is conjugate to the last two (Mitradjieva & Lindberg 2013, section 3.2)."""
    if steps.before is None:
        return conjugate_target(x, y, h, steps)
    s1, s2, t = steps.last, steps.before, steps.length
    d1 = (s1 - x) * h
    d2 = (t * s1 + (1 - t) * s2 - x) * h
    below2, below1 = float(d2 @ (s2 - s1)), float(d1 @ (s1 - x))
    mu = max(0.0, -float(d2 @ (y - x)) / below2) if below2 != 0 else 0.0
    nu = max(0.0, -float(d1 @ (y - x)) / below1 + mu * t / (1 - t)) if below1 != 0 else 0.0
    weight = 1 / (1 + mu + nu)
    return np.asarray(weight * (y + nu * s1 + mu * s2))


def _only_this(x: Array, y: Array, h: Array, steps: _Steps) -> Array:
    del x, h, steps
    return y


def _solve(
    problem: Problem, target: Callable[[Array, Array, Array, _Steps], Array], gap: float, max_iterations: int
) -> Solved:
    check_limits(gap, max_iterations)
    graph, pairs, delay = problem.graph, problem.pairs, problem.delay
    forest = bare(graph, pairs)
    x = all_or_nothing(graph, pairs, forest, finite_cost(delay, np.zeros(graph.head.size))).flow
    bound, steps, reached = -np.inf, None, np.inf
    for iteration in range(1, max_iterations + 1):
        c = finite_cost(delay, x)
        loaded = all_or_nothing(graph, pairs, forest, c)
        seen = certificate(delay, x, c, loaded.travel_time)
        bound, reached = max(bound, seen.lower_bound), seen.relative_gap
        if reached <= gap:
            return Solved(x, c, seen, bound, iteration, reached)
        y = s = loaded.flow
        if steps is not None:
            s = target(x, y, slope(delay, x), steps)
            if not c @ (s - x) < 0:  # not a descent: begin again from the plain direction
                s, steps = y, None
        length = line_search(delay, x, s - x)
        # A full step leaves nothing of what came before, so there is nothing to be conjugate to.
        steps = None if length > MOST_OLD else _Steps(s, steps.last if steps is not None else None, length)
        x = x + length * (s - x)
    raise NotConvergedError(gap, reached, max_iterations)


@dataclass(frozen=True, slots=True)
class FrankWolfe:
    """Wardrop's principle by Frank-Wolfe (LeBlanc, Morlok & Pierskalla 1975), to a relative gap of about 1e-3."""

    gap: float = 1e-3
    max_iterations: int = 10_000

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        return _solve(problem, _only_this, self.gap, self.max_iterations)


@dataclass(frozen=True, slots=True)
class ConjugateFrankWolfe:
    """Wardrop's principle by conjugate Frank-Wolfe, to a relative gap of about 1e-4."""

    gap: float = 1e-4
    max_iterations: int = 10_000

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        return _solve(problem, conjugate_target, self.gap, self.max_iterations)


@dataclass(frozen=True, slots=True)
class BiconjugateFrankWolfe:
    """Wardrop's principle by bi-conjugate Frank-Wolfe, to a relative gap of about 1e-6."""

    gap: float = 1e-6
    max_iterations: int = 10_000

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        return _solve(problem, biconjugate_target, self.gap, self.max_iterations)
