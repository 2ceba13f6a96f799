"""Shifting flow between two paths of a pair: the arcs on which they part, and what a shift does to the costs there.

Both functions are written out inside the compiled sweeps that call them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from serai.freight.assign.volume_delay import link_cost, link_slope, parts

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int32]
    Longs = npt.NDArray[np.int64]


def part_ways(
    path_ptr: Longs, arc: Ints, r: int, best: int, p: int, on_best: Ints, on_path: Ints, leave: Ints, enter: Ints
) -> tuple[int, int]:
    """Find the arcs of path r that the best path of its pair p does not use, and the other way round.

    `on_best` holds p on the arcs of the best path. `on_path` is given r on those of path r, `leave` and `enter` the
    arcs found; how many of each is returned.
    """
    leaving = 0
    entering = 0
    for i in range(path_ptr[r], path_ptr[r + 1]):
        a = arc[i]
        on_path[a] = r
        if on_best[a] != p:
            leave[leaving] = a
            leaving += 1
    for i in range(path_ptr[best], path_ptr[best + 1]):
        a = arc[i]
        if on_path[a] != r:
            enter[entering] = a
            entering += 1
    return leaving, entering


def still_saved(
    step: float,
    leave: Ints,
    leaving: int,
    enter: Ints,
    entering: int,
    x: Array,
    base: Array,
    rise: Array,
    capacity: Array,
    power: Array,
) -> tuple[float, float]:
    """Find what the next trip saves after a shift of `step`, and how fast that falls."""
    left = 0.0
    steep = 0.0
    for i in range(leaving):
        a = leave[i]
        left += link_cost(x[a] - step, base[a], rise[a], capacity[a], power[a])
        steep += link_slope(x[a] - step, rise[a], capacity[a], power[a])
    for i in range(entering):
        a = enter[i]
        left -= link_cost(x[a] + step, base[a], rise[a], capacity[a], power[a])
        steep += link_slope(x[a] + step, rise[a], capacity[a], power[a])
    return left, steep


@cache
def shift_kernels() -> dict[str, Callable[..., object]]:
    """Both functions compiled, and the cost and slope of a link, under the names that sweeps call them by."""
    from serai.core.jit import inlined

    return {"part_ways": inlined(part_ways), "still_saved": inlined(still_saved, **parts()), **parts()}
