"""Stochastic equilibrium: logit over sets of paths, by Fisk's program (Fisk 1980)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.freight.assign.forest import Forest, bare
from serai.freight.assign.gradient_projection import equilibrate, price, start_paths
from serai.freight.assign.loading import Problem, certificate, finite_cost
from serai.freight.assign.paths import PathSet, arc_flows, cheapest, merged, path_costs
from serai.freight.assign.result import Certificate, NotConvergedError, Solved, check_limits
from serai.freight.assign.shift import part_ways, shift_kernels, still_saved
from serai.freight.assign.volume_delay import integral, link_cost, slope

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]

SET_GAP = 1e-4
"""Relative gap of the Wardrop flow whose shortest paths, all those met on the way, begin the set."""
UNDERCUT = 1e-9
"""Share by which a path must undercut its pair's cheapest to come in; less is rounding."""
SWEEPS = 5
"""Sweeps before each try of Newton's step."""
RISING_FACTOR = 1.6
"""Ratio of one sensitivity to the one before on the way up."""
RISING_GAP = 1e-3
"""What passes at a sensitivity that is only on the way."""
NEWTON_STEPS = (1.0, 0.3, 0.1)
"""Parts of Newton's step to try; sweeps go on where none helps."""


def _logit_sweep(  # noqa: C901, PLR0912, PLR0915 - one solver loop
    pair_ptr: npt.NDArray[np.int32],
    path_ptr: npt.NDArray[np.int64],
    arc: npt.NDArray[np.int32],
    flow: Array,
    log_weight: Array,
    theta: float,
    x: Array,
    c: Array,
    base: Array,
    rise: Array,
    capacity: Array,
    power: Array,
) -> None:
    """Settle each path of a pair against the pair's fullest one, one after another."""
    on_best = np.full(x.size, -1, dtype=np.int32)
    on_path = np.full(x.size, -1, dtype=np.int32)
    leave = np.empty(x.size, dtype=np.int32)
    enter = np.empty(x.size, dtype=np.int32)
    for p in range(pair_ptr.size - 1):
        if pair_ptr[p + 1] - pair_ptr[p] < 2:
            continue
        best = pair_ptr[p]
        for r in range(pair_ptr[p], pair_ptr[p + 1]):
            if flow[r] > flow[best]:
                best = r
        for i in range(path_ptr[best], path_ptr[best + 1]):
            on_best[arc[i]] = p
        for r in range(pair_ptr[p], pair_ptr[p + 1]):
            if r == best:
                continue
            leaving, entering = part_ways(path_ptr, arc, r, best, p, on_best, on_path, leave, enter)
            saved = 0.0
            for i in range(leaving):
                saved += c[leave[i]]
            for i in range(entering):
                saved -= c[enter[i]]
            # z is the log of the fullest path's flow over this one's; h is zero where it is what the choice says.
            both = flow[best] + flow[r]
            weight = log_weight[best] - log_weight[r]
            z = np.log(flow[best] / flow[r]) if flow[r] > 0.0 else min(max(weight + theta * saved, -700.0), 700.0)
            step = 0.0
            low = -np.inf
            high = np.inf
            h_first = 0.0
            for trial in range(60):
                small = both / (1.0 + np.exp(abs(z)))
                step = (both - small if z > 0.0 else small) - flow[best]
                saved, steep = still_saved(step, leave, leaving, enter, entering, x, base, rise, capacity, power)
                h = z - theta * saved - weight
                if trial == 0:
                    h_first = abs(h)
                if abs(h) <= 0.01 * h_first or abs(h) < 1e-14:
                    break
                # The slope of h is at least one, so the root lies within |h|.
                if h > 0.0:
                    high = z
                    low = max(low, z - h)
                else:
                    low = z
                    high = min(high, z - h)
                turn = both * np.exp(-abs(z)) / (1.0 + np.exp(-abs(z))) ** 2
                z -= h / (1.0 + theta * steep * turn) if steep < np.inf else np.inf
                if not low < z < high:
                    z = 0.5 * (low + high)
            small = both / (1.0 + np.exp(abs(z)))
            step = (both - small if z > 0.0 else small) - flow[best]
            flow[best] += step
            flow[r] = small if z > 0.0 else both - small
            for i in range(leaving):
                a = leave[i]
                x[a] = max(x[a] - step, 0.0)
                c[a] = link_cost(x[a], base[a], rise[a], capacity[a], power[a])
            for i in range(entering):
                a = enter[i]
                x[a] = max(x[a] + step, 0.0)
                c[a] = link_cost(x[a], base[a], rise[a], capacity[a], power[a])


@cache
def _logit_sweep_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_logit_sweep, **shift_kernels())


def path_sizes(paths: PathSet, length: Array) -> Array:
    """Path size of each path in its pair's set, float64[R] (Ben-Akiva & Bierlaire 1999).

    Parameters
    ----------
    length : float64[L]
        Of each arc; a path of no length has size one.
    """
    arcs = np.diff(paths.path_ptr)
    path = np.repeat(np.arange(arcs.size), arcs)
    pair = np.repeat(np.arange(paths.pair_ptr.size - 1), np.diff(paths.pair_ptr))[path]
    _, where, used = np.unique(pair * length.size + paths.arc, return_inverse=True, return_counts=True)
    shared = np.bincount(path, weights=length[paths.arc] / used[where], minlength=arcs.size)
    whole = np.bincount(path, weights=length[paths.arc], minlength=arcs.size)
    return np.divide(shared, whole, out=np.ones(arcs.size), where=whole > 0)


def logit_shares(pair_ptr: npt.NDArray[np.int32], utility: Array) -> Array:
    """Shares exp(u) / sum exp(u) within each pair, float64[R]; every pair has a path."""
    count = np.diff(pair_ptr)
    e = np.exp(utility - np.repeat(np.maximum.reduceat(utility, pair_ptr[:-1]), count))
    return np.asarray(e / np.repeat(np.add.reduceat(e, pair_ptr[:-1]), count))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A flow beside the choice its costs call for."""

    certificate: Certificate
    residual: float

    @property
    def worst(self) -> float:
        """The larger of the residual and the relative duality gap."""
        return max(self.residual, self.certificate.relative_gap)


def _look(problem: Problem, paths: PathSet, x: Array, c: Array, theta: float, log_weight: Array) -> _Looked:
    volume = np.repeat(problem.pairs.volume, np.diff(paths.pair_ptr))
    share = paths.flow / volume
    wanted = logit_shares(paths.pair_ptr, log_weight - theta * path_costs(paths, c))
    used = share > 1e-200  # below that the ratio may overflow
    log_share = np.log(share, out=np.zeros_like(share), where=used)
    entropy = float((paths.flow * (log_share - log_weight)).sum()) / theta
    # Linearise the congested part and keep the entropy: what is left between the bounds is a divergence of
    # shares, d/theta sum P ln(P/Q), written so that no large terms cancel.
    ratio = np.divide(wanted, share, out=np.ones_like(share), where=used)
    apart = np.where(used, share * (ratio - 1 - np.log(np.maximum(ratio, 1e-300))), wanted)
    excess = float((volume * apart).sum()) / theta
    total = float(c @ x)
    objective = float(integral(problem.delay, x).sum()) + entropy
    seen = Certificate(objective, total, excess / total if total > 0 else 0.0, objective - excess)
    return _Looked(seen, float(0.5 * (volume * abs(share - wanted)).sum() / problem.pairs.volume.sum()))


def newton_choice(problem: Problem, paths: PathSet, x: Array, c: Array, theta: float, log_weight: Array) -> Array:
    """Path flows, float64[R], chosen at the costs Newton's step leads to.

    The step is for x - x_logit(c(x)) = 0, whose Jacobian is I + theta V S with S the slopes of cost and V the
    covariance of arc use over the choice; scaled by the root of S it is symmetric and conjugate gradients solve it.

    Parameters
    ----------
    x, c : float64[L]
        Flow and cost of each arc.
    log_weight : float64[R]
        Logarithm of each path's size.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    count, start = np.diff(paths.pair_ptr), paths.pair_ptr[:-1]
    utility = log_weight - theta * path_costs(paths, c)
    share = logit_shares(paths.pair_ptr, utility)
    volume = np.repeat(problem.pairs.volume, count)
    steep = slope(problem.delay, x)
    root = np.sqrt(np.where(np.isfinite(steep), steep, 0.0))

    def onto_arcs(path_flow: Array) -> Array:
        return arc_flows(replace(paths, flow=path_flow), x.size)

    def jacobian(y: Array) -> Array:
        use = path_costs(paths, root * y)
        mean = np.repeat(np.add.reduceat(share * use, start), count)
        return np.asarray(y + theta * root * onto_arcs(volume * share * (use - mean)))

    behind = onto_arcs(volume * share) - x
    y, _ = cg(LinearOperator((x.size, x.size), matvec=jacobian), root * behind, rtol=1e-8, maxiter=200)
    return np.asarray(volume * logit_shares(paths.pair_ptr, utility - theta * path_costs(paths, root * y)))


def wardrop_set(problem: Problem, forest: Forest) -> PathSet:
    """Every path that was a pair's shortest on the way to a Wardrop flow, with the flow it came to."""
    delay, paths = problem.delay, start_paths(problem, forest)
    while True:
        x = arc_flows(paths, problem.graph.head.size)
        c = finite_cost(delay, x)
        shortest, columns = price(problem, forest, c, cheapest(paths, path_costs(paths, c)))
        seen = certificate(delay, x, c, shortest)
        if seen.relative_gap <= SET_GAP or columns is None or columns.pair.size == 0:
            return paths
        paths = merged(paths, np.ones(paths.flow.size, dtype=np.bool_), columns)
        equilibrate(problem, paths, x, 0.05 * seen.relative_gap * seen.total_travel_time)


def rising(theta: float, problem: Problem, paths: PathSet, free: Array) -> list[float]:
    """Lower sensitivities to pass through first, from one at which a trip's free-flow cost is some units of utility."""
    volume = problem.pairs.volume
    mean = float(volume @ cheapest(paths, path_costs(paths, free)) / volume.sum())
    ladder: list[float] = []
    while theta * mean > 100 and len(ladder) < 40:
        theta /= RISING_FACTOR
        ladder.append(theta)
    return ladder[::-1]


@dataclass(frozen=True, slots=True)
class Logit:
    """Logit over the paths of each pair, congestion included; it tends to Wardrop's principle as theta grows.

    The set holds all paths that were shortest on the way to a Wardrop flow, and every path that undercuts its
    pair's cheapest at the stochastic equilibrium itself.

    Attributes
    ----------
    theta
        Sensitivity to cost, per unit of cost.
    gap
        Largest residual, and largest relative duality gap, that passes.
    path_size
        Correct for overlap with the path-size term (Ben-Akiva & Bierlaire 1999), lengths being free-flow costs.
    max_iterations
        Sweeps over all pairs.
    """

    theta: float
    gap: float = 1e-8
    path_size: bool = True
    max_iterations: int = 5_000

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        check_limits(self.gap, self.max_iterations)
        if not 0 < self.theta < math.inf:
            raise InputError(f"theta is {self.theta:g}", "Give a positive figure, per unit of cost.")
        delay, arcs = problem.delay, problem.graph.head.size
        if not problem.pairs.volume.size:
            zero = np.zeros(arcs)
            return Solved(zero, finite_cost(delay, zero), Certificate(0.0, 0.0, 0.0, 0.0), 0.0, 0, 0.0)
        forest = bare(problem.graph, problem.pairs)
        paths = wardrop_set(problem, forest)
        free = finite_cost(delay, np.zeros(arcs))
        done = 0
        while done < self.max_iterations:
            log_weight = np.log(path_sizes(paths, free)) if self.path_size else np.zeros(paths.flow.size)
            if done == 0:
                for theta in rising(self.theta, problem, paths, free):
                    easier = replace(self, theta=theta, gap=max(self.gap, RISING_GAP))
                    _, _, _, done = easier._settle(problem, paths, log_weight, done)
            x, c, seen, done = self._settle(problem, paths, log_weight, done)
            known = cheapest(paths, path_costs(paths, c)) * (1 - UNDERCUT)
            _, columns = price(problem, forest, c, known)
            if seen.worst <= self.gap and (columns is None or columns.pair.size == 0):
                return Solved(x, c, seen.certificate, seen.certificate.lower_bound, done, seen.residual, paths)
            if columns is not None:
                paths = merged(paths, np.ones(paths.flow.size, dtype=np.bool_), columns)
        raise NotConvergedError(self.gap, seen.worst, done)

    def _settle(
        self, problem: Problem, paths: PathSet, log_weight: Array, done: int
    ) -> tuple[Array, Array, _Looked, int]:
        """Sweep and step until the set of paths is in equilibrium or no sweep is left; returns the sweeps so far."""
        while True:
            x = self._sweeps(problem, paths, log_weight)
            c = finite_cost(problem.delay, x)
            done += SWEEPS
            seen = _look(problem, paths, x, c, self.theta, log_weight)
            if seen.worst > self.gap:
                x, c, seen = self._newton(problem, paths, x, c, log_weight, seen)
            if seen.worst <= self.gap or done >= self.max_iterations:
                return x, c, seen, done

    def _sweeps(self, problem: Problem, paths: PathSet, log_weight: Array) -> Array:
        """Sweep a few times from the paths' flow, changed in place; return the flow of each arc."""
        delay, arcs = problem.delay, problem.graph.head.size
        x = arc_flows(paths, arcs)
        c = finite_cost(delay, x)
        for _ in range(SWEEPS):
            _logit_sweep_kernel()(
                paths.pair_ptr,
                paths.path_ptr,
                paths.arc,
                paths.flow,
                log_weight,
                self.theta,
                x,
                c,
                delay.base,
                delay.rise,
                delay.capacity,
                delay.power,
            )
        return arc_flows(paths, arcs)

    def _newton(
        self, problem: Problem, paths: PathSet, x: Array, c: Array, log_weight: Array, seen: _Looked
    ) -> tuple[Array, Array, _Looked]:
        """Take Newton's step, or part of it, if the residual falls; changes the paths' flow in place."""
        here = paths.flow.copy()
        there = newton_choice(problem, paths, x, c, self.theta, log_weight)
        for step in NEWTON_STEPS:
            paths.flow[:] = there if step == 1 else here + step * (there - here)
            x_new = arc_flows(paths, x.size)
            c_new = finite_cost(problem.delay, x_new)
            new = _look(problem, paths, x_new, c_new, self.theta, log_weight)
            if new.worst < seen.worst:
                return x_new, c_new, new
        paths.flow[:] = here
        return x, c, seen
