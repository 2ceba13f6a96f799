"""The one place where kernels are compiled.

Import this module only inside functions that need a kernel: numba takes a second to import.
"""

from __future__ import annotations

import hashlib
import os
from types import FunctionType
from typing import TYPE_CHECKING, TypeVar, cast

from serai.core.files import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

# numba refuses to cache beside its sources where these are read-only, so it is given a folder first.
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "kernels"))


def compiled(function: F, **parts: Callable[..., object]) -> F:
    """Compile a plain numeric function, cached on disk, without a fall-back to Python objects.

    Parameters
    ----------
    function
        Plain function on scalars and arrays.
    parts
        Compiled kernels it calls, under the names it calls them by.
    """
    import numba

    kernel = numba.njit(cache=True, nogil=True)(_with_parts(function, parts) if parts else function)
    try:
        kernel._cache._cache_file._load_index()
    except (AttributeError, ImportError):
        # The cache names a type that has moved, and numba reads those before it looks at the cache's age.
        kernel._cache.flush()
    return cast("F", kernel)


def inlined(function: F, **parts: Callable[..., object]) -> F:
    """Compile a short part that is written out inside the kernels that call it; for the innermost loops.

    It may make no array: references to those it is given are not counted, which would take a fifth of a search's time.
    """
    import numba

    part: F = numba.njit(nogil=True, forceinline=True, _nrt=False)(_with_parts(function, parts) if parts else function)
    return part


def _with_parts(function: F, parts: dict[str, Callable[..., object]]) -> F:
    whole = FunctionType(function.__code__, {**function.__globals__, **parts}, function.__name__, function.__defaults__)
    # numba looks at the file of the caller alone to tell whether its cache is stale, so what is called is in the name.
    called = hashlib.sha256()
    for name in sorted(parts):
        plain = parts[name].py_func  # type: ignore[attr-defined]  # numba keeps the plain function there
        code = plain.__code__
        called.update(f"{name} {plain.__qualname__} {code.co_consts} {code.co_names}".encode() + code.co_code)
    whole.__qualname__ = f"{function.__qualname__}_{called.hexdigest()[:12]}"
    whole.__module__ = function.__module__
    return cast("F", whole)
