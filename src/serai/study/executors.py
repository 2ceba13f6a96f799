"""Where the many worlds of a study are solved, and its pages written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from serai.core.executors import Processes, Serial

if TYPE_CHECKING:
    from serai.core.executors import Executor
    from serai.corridor.world import World
    from serai.data.package import Package

LARGE: Final = 20_000
"""Pairs and goods from which on worlds are worth the start of processes."""
MANY_ROWS: Final = 5_000
"""Rows of a package from which on pages are worth it."""
MOST: Final = 8
"""Processes at once; each holds a world of its own, up to a gigabyte."""


def where(world: World) -> Executor:
    """Choose processes for a large package, this process for a small one."""
    return Processes(min(os.cpu_count() or 1, MOST)) if world.freight.entries.n >= LARGE else Serial()


def for_pages(package: Package) -> Executor:
    """Choose likewise for the pages of a study, one to a language."""
    rows = sum(len(package[t]) for t in package.tables)
    return Processes(min(os.cpu_count() or 1, MOST)) if rows >= MANY_ROWS else Serial()
