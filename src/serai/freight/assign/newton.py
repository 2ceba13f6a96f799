"""Newton's step on the flows of all paths at once, for what shifts between two paths of one pair settle too slowly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from serai.freight.assign.frank_wolfe import line_search
from serai.freight.assign.loading import Problem
from serai.freight.assign.paths import PathSet, arc_flows, path_costs
from serai.freight.assign.volume_delay import slope

Array = npt.NDArray[np.float64]

DENSE = 600
"""Most unknowns for which the Hessian is factorised; above it conjugate gradients stop early."""
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
    volume : float64[n]
        Trips of the pair.
    """

    path: npt.NDArray[np.int64]
    fullest: npt.NDArray[np.int64]
    swap: csr_array
    dearer: Array
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
    return Reduced(path, fullest, use[path] - use[fullest], total[path] - total[fullest], problem.pairs.volume[pair[path]])


def direction(unknowns: Reduced, steep: Array) -> Array:
    """Change of the unknowns, float64[n], that Newton's step asks for.

    Where costs do not rise, the Hessian has no curvature; a proximal term then sends a pair's trips all the way, and
    the first path to run empty ends the step.
    """
    from scipy.linalg import cho_factor, cho_solve

    swap, g = unknowns.swap, unknowns.dearer
    curvature = swap.multiply(swap) @ steep + abs(g) / unknowns.volume
    scale = 1 / np.sqrt(np.maximum(curvature, np.finfo(float).tiny))
    damping = LEAST_CURVATURE + scale * scale * abs(g) / unknowns.volume
    if g.size <= DENSE:
        rows = (swap.multiply(np.sqrt(steep)) * scale[:, None]).toarray() if False else swap.toarray() * np.sqrt(steep) * scale[:, None]
        hessian = rows @ rows.T
        hessian[np.diag_indices(g.size)] += damping
        return np.asarray(-scale * cho_solve(cho_factor(hessian), scale * g))
    turned = swap.T.tocsr()
    return -scale * conjugate_gradients(lambda y: scale * (swap @ (steep * (turned @ (scale * y)))) + damping * y, scale * g)


def conjugate_gradients(product, right: Array) -> Array:
    y = np.zeros(right.size)
    r = right.copy()
    p = r.copy()
    rr = r @ r
    stop = 1e-4 * rr
    for _ in range(INNER):
        if rr <= stop:
            break
        q = product(p)
        alpha = rr / (p @ q)
        y += alpha * p
        r -= alpha * q
        new = r @ r
        p = r + new / rr * p
        rr = new
    return y


def newton_step(problem: Problem, paths: PathSet, x: Array, arc_cost: Array) -> bool:
    """Step to the least objective along Newton's direction, or to where the first path runs empty.

    Parameters
    ----------
    paths
        Their flow is changed in place.
    x, arc_cost : float64[L]
        Flow of the paths on each arc, and cost there.

    Returns
    -------
    bool
        Whether a path ran empty, so that another step is worth its while.
    """
    steep = slope(problem.delay, x)
    unknowns = reduced(problem, paths, arc_cost)
    if unknowns.path.size == 0:
        return False
    move = np.zeros(paths.flow.size)
    dy = direction(unknowns, np.where(np.isfinite(steep), steep, 0.0))
    move[unknowns.path] = dy
    move -= np.bincount(unknowns.fullest, weights=dy, minlength=move.size)
    shrinks = np.flatnonzero(move < 0)
    if shrinks.size == 0:
        return False
    room = -paths.flow[shrinks] / move[shrinks]
    first = int(np.argmin(room))
    most = min(1.0, float(room[first]))
    along = arc_flows(PathSet(paths.pair_ptr, paths.path_ptr, paths.arc, most * move), x.size)
    if not arc_cost @ along < 0:
        return False
    step = line_search(problem.delay, x, along)
    paths.flow[:] = np.maximum(paths.flow + step * most * move, 0.0)
    emptied = step == 1.0 and most < 1.0
    if emptied:
        paths.flow[shrinks[first]] = 0.0
    return emptied
