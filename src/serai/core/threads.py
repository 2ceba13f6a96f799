"""Kernels without the interpreter lock run over parts of their work at once, with the same answer however many.

Parts are fixed by the work and not by the machine, and what they give is put together in their order: the same
inputs give the same bytes on one core and on many.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import AbstractContextManager

    from threadpoolctl import ThreadpoolController

Result = TypeVar("Result")

KERNEL_THREADS = "SERAI_THREADS"
"""Environment variable with the threads that kernels may use; workers of a sweep are given one, the rest the cores."""
PARTS = 4
"""Parts that work is cut into."""
SMALL = 2000
"""Items below which work stays whole: starting a thread takes as long."""


def threads() -> int:
    """Threads that kernels may use."""
    given = os.environ.get(KERNEL_THREADS, "")
    return int(given) if given.isdigit() and given != "0" else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(min(PARTS, threads()), "kernel")


@cache
def _libraries() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def blas_alone() -> AbstractContextManager[object]:
    """Hold the libraries of linear algebra to one thread inside a block.

    On matrices of some hundred rows their threads wait longer for each other, and for those of kernels, than they
    work; and the order in which they add is not fixed.
    """
    import scipy.linalg  # noqa: F401  libraries are looked up once, when all are there

    held: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return held


def in_parts(work: Callable[[int, int], Result], items: int) -> list[Result]:
    """Call ``work(begin, end)`` for every part of some items, in threads where there are some.

    Returns
    -------
    list
        What the parts gave, in their order.
    """
    if items < SMALL:
        return [work(0, items)]
    ends = [items * i // PARTS for i in range(PARTS + 1)]
    spans = list(pairwise(ends))
    if threads() == 1:
        return [work(a, b) for a, b in spans]
    return list(_pool().map(lambda s: work(*s), spans))
