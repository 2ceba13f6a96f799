"""Kernels that call kernels."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from serai.core.jit import compiled


class Moved(NamedTuple):
    """What a kernel takes whole."""

    x: np.ndarray


def taken(m: Moved) -> float:
    return m.x[0]


def part(x: float) -> float:
    return x + 1.0


def other(x: float) -> float:
    return x + 2.0


def whole(x: float) -> float:
    return 2.0 * part(x)


def test_a_part_is_called_as_given():
    assert whole(1.0) == 4.0
    assert compiled(whole, part=compiled(part))(1.0) == 4.0
    assert compiled(whole, part=compiled(other))(1.0) == 6.0


def test_the_cache_tells_parts_apart():
    """Names alone tell cached kernels apart, and the file of the caller does not change with its parts."""
    names = [compiled(whole, part=compiled(f)).py_func.__qualname__ for f in (part, other, part)]
    assert names[0] == names[2] != names[1]


def test_a_cache_that_names_a_type_that_is_gone_is_made_anew(monkeypatch):
    first = compiled(taken)
    assert first(Moved(np.ones(1))) == 1.0
    index = Path(first._cache.cache_path) / first._cache._cache_file._index_name
    assert b"Moved" in index.read_bytes()

    class Again(NamedTuple):
        x: np.ndarray

    monkeypatch.delitem(globals(), "Moved")
    second = compiled(taken)
    assert second(Again(np.full(1, 2.0))) == 2.0
