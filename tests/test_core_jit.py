"""Kernels that call kernels."""

from __future__ import annotations

from serai.core.jit import compiled


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
