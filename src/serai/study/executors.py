"""Where the many worlds of a study are solved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from serai.core.executors import Processes, Serial

if TYPE_CHECKING:
    from serai.core.executors import Executor
    from serai.corridor.world import World

LARGE: Final = 20_000
"""Pairs and goods from which on worlds are worth the start of processes."""
MOST: Final = 8
"""Processes at once; each holds a world of its own, up to a gigabyte."""


def where(world: World) -> Executor:
    """Choose processes for a large package, this process for a small one."""
    return Processes(min(os.cpu_count() or 1, MOST)) if world.freight.entries.n >= LARGE else Serial()
