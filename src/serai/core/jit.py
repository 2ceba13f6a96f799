"""The one place where kernels are compiled.

Import this module only inside functions that need a kernel: numba takes a second to import.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from serai.core.files import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

# numba refuses to cache beside its sources where these are read-only, so it is given a folder first.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "kernels"))


def compiled(function: F) -> F:
    """Compile a plain numeric function, cached on disk, without a fall-back to Python objects."""
    import numba

    kernel: F = numba.njit(cache=True, nogil=True)(function)
    return kernel
