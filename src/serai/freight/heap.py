"""The 4-ary heap that shortest paths are found with: nodes in the order of their labels.

The heap holds nodes, `place` where each of them stands in it, and `label` is what they are ordered by. With four
children to a node it is half as deep as with two (Johnson 1975), and the children lie beside each other in memory. Both
functions are written out inside the compiled loops that call them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int32]


def rise(heap: Ints, place: Ints, label: Array, hole: int, node: int) -> None:
    """Put a node into the heap at a hole, or above it where its label is smaller than its parents'."""
    d = label[node]
    i = hole
    while i > 0:
        parent = (i - 1) // 4
        if label[heap[parent]] <= d:
            break
        heap[i] = heap[parent]
        place[heap[i]] = i
        i = parent
    heap[i] = node
    place[node] = i


def sink(heap: Ints, place: Ints, label: Array, size: int) -> None:
    """Fill the top, which was taken off, with the node behind the last of the `size` that stay, and let it sink."""
    node = heap[size]
    d = label[node]
    i = 0
    while True:
        best = 4 * i + 1
        if best >= size:
            break
        for child in range(best + 1, min(best + 4, size)):
            if label[heap[child]] < label[heap[best]]:
                best = child
        if label[heap[best]] >= d:
            break
        heap[i] = heap[best]
        place[heap[i]] = i
        i = best
    heap[i] = node
    place[node] = i


@cache
def heap_kernels() -> dict[str, Callable[..., None]]:
    """Both functions compiled, under the names that loops call them by."""
    from serai.core.jit import inlined

    return {"rise": inlined(rise), "sink": inlined(sink)}
