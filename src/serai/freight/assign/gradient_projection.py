"""Wardrop's principle by gradient projection on paths, to machine precision (Jayakrishnan et al. 1994)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.freight.assign.forest import Forest, bare, grown
from serai.freight.assign.loading import Problem, blocks, by_origins, certificate, finite_cost
from serai.freight.assign.newton import newton_step
from serai.freight.assign.paths import (
    Columns,
    PathSet,
    arc_flows,
    cheapest,
    empty_paths,
    joined,
    merged,
    new_columns,
    path_costs,
)
from serai.freight.assign.result import NotConvergedError, Solved, check_limits
from serai.freight.assign.shift import part_ways, shift_kernels, still_saved
from serai.freight.assign.volume_delay import VolumeDelay, link_cost, link_slope, slope

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]

START_BLOCK = 4
"""Origins loaded at a time before costs are renewed, at the start."""
MOST_TRIALS = 100
"""Evaluations of one shift; from the whole of a path's flow, 50 halvings reach its last bits."""
MOST_SWEEPS = 40
"""Sweeps over a set of paths before new ones are looked for."""
UNDERCUT = 1e-14
"""Share by which a path must undercut its pair's cheapest to come in; less is rounding."""
STALLED = 0.5
"""Part of the gap of two iterations before above which sweeps are said to stall."""
MOST_ROUNDS = 20
"""Turns of Newton's steps and a sweep before new paths are looked for."""
MOST_EMPTIED = 30
"""Newton's steps that empty paths or are cut, before a sweep looks for where else trips may go."""


def _sweep(  # noqa: C901, PLR0912, PLR0915 - one solver loop
    pair_ptr: npt.NDArray[np.int32],
    path_ptr: npt.NDArray[np.int64],
    arc: npt.NDArray[np.int32],
    flow: Array,
    x: Array,
    c: Array,
    s: Array,
    base: Array,
    rise: Array,
    capacity: Array,
    power: Array,
) -> float:
    """Shift flow of every pair to its cheapest path, one path after another; return what costs exceeded it by."""
    on_best = np.full(x.size, -1, dtype=np.int32)
    on_path = np.full(x.size, -1, dtype=np.int32)
    leave = np.empty(x.size, dtype=np.int32)
    enter = np.empty(x.size, dtype=np.int32)
    excess = 0.0
    for p in range(pair_ptr.size - 1):
        if pair_ptr[p + 1] - pair_ptr[p] < 2:
            continue
        best = -1
        least = np.inf
        for r in range(pair_ptr[p], pair_ptr[p + 1]):
            total = 0.0
            for i in range(path_ptr[r], path_ptr[r + 1]):
                total += c[arc[i]]
            if total < least:
                least = total
                best = r
        for i in range(path_ptr[best], path_ptr[best + 1]):
            on_best[arc[i]] = p
        for r in range(pair_ptr[p], pair_ptr[p + 1]):
            if r == best or flow[r] <= 0.0:
                continue
            leaving, entering = part_ways(path_ptr, arc, r, best, p, on_best, on_path, leave, enter)
            saved = 0.0
            steep = 0.0
            for i in range(leaving):
                saved += c[leave[i]]
                steep += s[leave[i]]
            for i in range(entering):
                saved -= c[enter[i]]
                steep += s[enter[i]]
            if saved <= 0.0:
                continue
            excess += saved * flow[r]
            low = 0.0
            high = flow[r]
            step = high
            if steep > 0.0 and saved < steep * high:
                step = saved / steep
            last = high
            for _ in range(MOST_TRIALS):  # Newton's step stands unless it overshoots or falls short by a tenth
                left, steep = still_saved(step, leave, leaving, enter, entering, x, base, rise, capacity, power)
                if abs(left) <= 0.1 * saved or (left > 0.0 and step == flow[r]):
                    break
                if left > 0.0:
                    low = step
                else:
                    high = step
                # Against a high power Newton's step crawls; where it does not halve, the interval is halved.
                turn = left / steep if 0.0 < steep < np.inf else np.inf
                ahead = step + turn
                if not (low < ahead < high and abs(turn) <= 0.5 * last):
                    ahead = 0.5 * (low + high)
                last = abs(ahead - step)
                step = ahead
            flow[r] = flow[r] - step
            flow[best] += step
            for i in range(leaving):
                a = leave[i]
                x[a] = max(x[a] - step, 0.0)
                c[a] = link_cost(x[a], base[a], rise[a], capacity[a], power[a])
                s[a] = link_slope(x[a], rise[a], capacity[a], power[a])
            for i in range(entering):
                a = enter[i]
                x[a] += step
                c[a] = link_cost(x[a], base[a], rise[a], capacity[a], power[a])
                s[a] = link_slope(x[a], rise[a], capacity[a], power[a])
    return excess


@cache
def _sweep_kernel() -> Callable[..., float]:
    from serai.core.jit import compiled

    return compiled(_sweep, **shift_kernels())


def start_paths(problem: Problem, forest: Forest) -> PathSet:
    """One path for each pair, the origins loaded in turn at the costs the earlier ones leave.

    Steep cost functions send an all-or-nothing start far from any equilibrium; this one is near.
    """
    graph, pairs = problem.graph, problem.pairs
    x = np.zeros(graph.head.size)
    nothing = np.full(pairs.volume.size, np.inf)
    columns = []
    for first in range(0, pairs.origin.size, START_BLOCK):
        stop = min(first + START_BLOCK, pairs.origin.size)
        tree = grown(graph, pairs, forest, finite_cost(problem.delay, x), first, stop, x)
        columns.append(new_columns(graph, pairs, first, tree.dist, tree.pred, nothing))
    if not columns:
        return empty_paths(0)
    paths = merged(empty_paths(pairs.volume.size), np.empty(0, dtype=np.bool_), joined(columns))
    paths.flow[:] = pairs.volume
    return paths


def price(problem: Problem, forest: Forest, arc_cost: Array, known: Array) -> tuple[float, Columns | None]:
    """Travel time of all trips on their shortest paths, and those that undercut what is known of each pair, float64[P].

    The forest is mended in place.
    """
    graph, pairs = problem.graph, problem.pairs

    def work(begin: int, end: int) -> tuple[float, list[Columns]]:
        total, columns = 0.0, []
        for first, stop in blocks(begin, end):
            tree = grown(graph, pairs, forest, arc_cost, first, stop, np.zeros(graph.head.size))
            total += tree.travel_time
            columns.append(new_columns(graph, pairs, first, tree.dist, tree.pred, known))
        return total, columns

    parts = by_origins(work, graph, pairs)
    columns = [c for _, some in parts for c in some]
    return sum(total for total, _ in parts), joined(columns) if columns else None


def equilibrate(problem: Problem, paths: PathSet, x: Array, wanted_excess: float) -> int:
    """Sweep over a set of paths until their excess cost is as wanted; changes the paths' flow in place.

    Parameters
    ----------
    x : float64[L]
        Flow of the paths on each arc; changed in place.
    wanted_excess
        Sum over paths of flow times what the path costs more than its pair's cheapest, as the sweeps see it.

    Returns
    -------
    int
        Sweeps made.
    """
    delay = problem.delay
    c, s = finite_cost(delay, x), slope(delay, x)
    for sweep in range(1, MOST_SWEEPS + 1):
        if swept(delay, paths, x, c, s) <= wanted_excess:
            return sweep
    return MOST_SWEEPS


def swept(delay: VolumeDelay, paths: PathSet, x: Array, c: Array, s: Array) -> float:
    """Sweep once, changing flow, cost and slope of the arcs in place; return the excess cost met on the way."""
    return _sweep_kernel()(
        paths.pair_ptr,
        paths.path_ptr,
        paths.arc,
        paths.flow,
        x,
        c,
        s,
        delay.base,
        delay.rise,
        delay.capacity,
        delay.power,
    )


def untangle(problem: Problem, paths: PathSet, wanted_excess: float) -> None:
    """Bring the excess cost down where pairs undo each other's shifts: Newton's steps and sweeps, by turns."""
    arcs = problem.graph.head.size
    for _ in range(MOST_ROUNDS):
        for _ in range(MOST_EMPTIED):
            x = arc_flows(paths, arcs)
            c = finite_cost(problem.delay, x)
            if not newton_step(problem, paths, x, c):
                break
        x = arc_flows(paths, arcs)
        c = finite_cost(problem.delay, x)
        total = path_costs(paths, c)
        if paths.flow @ (total - np.repeat(cheapest(paths, total), np.diff(paths.pair_ptr))) <= wanted_excess:
            return
        swept(problem.delay, paths, x, c, slope(problem.delay, x))


@dataclass(frozen=True, slots=True)
class GradientProjection:
    """Wardrop's principle by gradient projection on paths: Newton's shift to the cheapest path, pair by pair.

    Paths come in as they become the shortest and leave when empty. Where sweeps stall, as they do where pairs that
    share a steep link undo each other's shifts, Newton's step on all paths at once takes over.
    """

    gap: float = 1e-10
    max_iterations: int = 500

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        check_limits(self.gap, self.max_iterations)
        delay, arcs = problem.delay, problem.graph.head.size
        forest = bare(problem.graph, problem.pairs)
        paths = start_paths(problem, forest)
        bound, before, reached = -np.inf, np.inf, np.inf
        for iteration in range(1, self.max_iterations + 1):
            x = arc_flows(paths, arcs)
            c = finite_cost(delay, x)
            shortest, columns = price(problem, forest, c, (1 - UNDERCUT) * cheapest(paths, path_costs(paths, c)))
            seen = certificate(delay, x, c, shortest)
            earlier, before, reached = before, reached, seen.relative_gap
            bound = max(bound, seen.lower_bound)
            if reached <= self.gap or columns is None:
                return Solved(x, c, seen, bound, iteration, reached, paths)
            paths = merged(paths, paths.flow > 0, columns)
            wanted = max(0.05 * reached, 0.1 * self.gap) * seen.total_travel_time
            equilibrate(problem, paths, x, wanted)
            if reached > STALLED * earlier:
                untangle(problem, paths, wanted)
        raise NotConvergedError(self.gap, reached, self.max_iterations)
