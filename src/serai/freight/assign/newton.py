"""Newton's step on the flows of all paths at once, for what shifts between two paths of one pair settle too slowly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from serai.freight.assign.frank_wolfe import line_search
from serai.freight.assign.loading import Problem
from serai.freight.assign.paths import PathSet, arc_flows, path_costs
from serai.freight.assign.volume_delay import cost, slope

Array = npt.NDArray[np.float64]

DENSE = 600
"""Most unknowns for which the Hessian is factorised; above it conjugate gradients stop early."""
HALVINGS = 12
"""Times a projected step is halved before the straight one is taken."""
OVERSHOOT = 0.1
"""Part of the slope of the objective that may be left, with the other sign, at the end of a step."""
EMPTY = 1e-15
"""Share of a pair's trips below which a path counts as empty after a step, and a change of flow as none."""
INNER = 60
"""Iterations of conjugate gradients; every iterate is a direction of descent."""
LEAST_CURVATURE = 1e-14
"""Added to the Hessian scaled to a unit diagonal: below it curvature is rounding."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """Used paths of each pair, measured against the pair's fullest one.

    Attributes
    ----------
    path, fullest : int64[n]
        A used path, and the fullest one of its pair.
    swap : sparse float64[n, L]
        Change of the arcs' flow for a trip moved from the fullest path to the other.
    dearer : float64[n]
        Cost of the path less that of the fullest one.
    pair : int64[n]
        Number of the pair.
    volume : float64[n]
        Trips of the pair.
    """

    path: npt.NDArray[np.int64]
    fullest: npt.NDArray[np.int64]
    swap: csr_array
    dearer: Array
    pair: npt.NDArray[np.int64]
    volume: Array


def reduced(problem: Problem, paths: PathSet, arc_cost: Array) -> Reduced:
    """Unknowns of the step: all used paths but the fullest of each pair."""
    count, start = np.diff(paths.pair_ptr), paths.pair_ptr[:-1]
    pair = np.repeat(np.arange(count.size), count)
    top = np.flatnonzero(paths.flow == np.repeat(np.maximum.reduceat(paths.flow, start), count))
    fullest_of = top[np.searchsorted(pair[top], np.arange(count.size))]
    used = paths.flow > 0
    used[fullest_of] = False
    path = np.flatnonzero(used)
    fullest = fullest_of[pair[path]]
    use = csr_array(
        (np.ones(paths.arc.size), paths.arc, paths.path_ptr), shape=(paths.flow.size, problem.graph.head.size)
    )
    total = path_costs(paths, arc_cost)
    mine = pair[path]
    volume = problem.pairs.volume[mine]
    return Reduced(path, fullest, use[path] - use[fullest], total[path] - total[fullest], mine, volume)


def direction(unknowns: Reduced, steep: Array) -> Array:
    """Change of the unknowns, float64[n], that Newton's step asks for.

    Where costs do not rise, the Hessian has no curvature; a proximal term then sends a pair's trips all the way, and
    the first path to run empty ends the step.
    """
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse.linalg import LinearOperator, cg

    swap, g = unknowns.swap, unknowns.dearer
    curvature = swap.multiply(swap) @ steep + abs(g) / unknowns.volume
    scale = 1 / np.sqrt(np.maximum(curvature, np.finfo(float).tiny))
    damping = LEAST_CURVATURE + scale * scale * abs(g) / unknowns.volume
    if g.size <= DENSE:
        rows = swap.toarray() * np.sqrt(steep) * scale[:, None]
        hessian = rows @ rows.T
        hessian[np.diag_indices(g.size)] += damping
        return np.asarray(-scale * cho_solve(cho_factor(hessian), scale * g))
    turned = swap.T.tocsr()

    def product(y: Array) -> Array:
        return np.asarray(scale * (swap @ (steep * (turned @ (scale * y)))) + damping * y)

    y, _ = cg(LinearOperator((g.size, g.size), matvec=product), scale * g, rtol=1e-2, maxiter=INNER)
    return np.asarray(-scale * y)


def newton_step(problem: Problem, paths: PathSet, x: Array, arc_cost: Array) -> bool:
    """Take Newton's step, or the largest part of it that lowers the objective; no flow falls below zero.

    The step is projected on the flows that are not negative (Bertsekas 1982); where no part of the projected step
    helps, the straight one to where the first path runs empty does.

    Parameters
    ----------
    paths
        Their flow is changed in place.
    x, arc_cost : float64[L]
        Flow of the paths on each arc, and cost there.

    Returns
    -------
    bool
        Whether a path ran empty or the step was cut, and more than rounding changed: another is worth its while.
    """
    steep = slope(problem.delay, x)
    unknowns = reduced(problem, paths, arc_cost)
    if unknowns.path.size == 0:
        return False
    dy = direction(unknowns, np.where(np.isfinite(steep), steep, 0.0))
    part = 1.0
    for _ in range(HALVINGS):
        there = moved(paths, unknowns, part * dy)
        along = arc_flows(replace(paths, flow=there - paths.flow), x.size)
        falls = rate(paths, unknowns, there, arc_cost)
        if falls < 0 and rate(paths, unknowns, there, cost(problem.delay, x + along)) <= OVERSHOOT * -falls:
            emptied = bool(np.any(there[paths.flow > 0] == 0))
            return take(paths, unknowns, there) and (emptied or part < 1.0)
        part *= 0.5
    part = min(part, room(paths, unknowns, dy))
    there = moved(paths, unknowns, part * dy)
    along = arc_flows(replace(paths, flow=there - paths.flow), x.size)
    if not rate(paths, unknowns, there, arc_cost) < 0:
        return False
    step = line_search(problem.delay, x, along)
    return take(paths, unknowns, there if step == 1.0 else paths.flow + step * (there - paths.flow))


def take(paths: PathSet, unknowns: Reduced, there: Array) -> bool:
    """Change the paths' flow in place; return whether more than rounding changed."""
    by = abs(there - paths.flow)[unknowns.path]
    paths.flow[:] = there
    return bool(np.any(by > EMPTY * unknowns.volume))


def rate(paths: PathSet, unknowns: Reduced, there: Array, arc_cost: Array) -> float:
    """Rate at which the objective changes from the paths' flow on to another, float64[R], at costs float64[L].

    It is summed over differences in cost within a pair: on arcs, where costs are a billion times their differences,
    the sum would be rounding.
    """
    total = path_costs(paths, arc_cost)
    dearer = total[unknowns.path] - total[unknowns.fullest]
    return float(dearer @ (there[unknowns.path] - paths.flow[unknowns.path]))


def room(paths: PathSet, unknowns: Reduced, dy: Array) -> float:
    """Part of a change of the unknowns at which the first path runs empty."""
    move = np.zeros(paths.flow.size)
    move[unknowns.path] = dy
    move -= np.bincount(unknowns.fullest, weights=dy, minlength=move.size)
    shrinks = move < 0
    return float(np.min(paths.flow[shrinks] / -move[shrinks]))


def moved(paths: PathSet, unknowns: Reduced, dy: Array) -> Array:
    """Flow of every path after a change of the unknowns, none below zero and every pair's trips kept."""
    flow = paths.flow.copy()
    pair = unknowns.pair
    there = flow[unknowns.path] + dy
    there[there < EMPTY * unknowns.volume] = 0.0
    whole = np.bincount(pair, weights=there, minlength=paths.pair_ptr.size - 1)[pair]
    there *= np.minimum(unknowns.volume / np.maximum(whole, unknowns.volume), 1.0)
    flow[unknowns.path] = there
    whole = np.bincount(pair, weights=there, minlength=paths.pair_ptr.size - 1)[pair]
    flow[unknowns.fullest] = np.maximum(unknowns.volume - whole, 0.0)
    return flow
