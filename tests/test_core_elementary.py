"""Exponentials and logarithms of loops that run in vectors."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.elementary import LOWEST, elementary, exponential, logarithm
from serai.core.jit import compiled

ULPS = 4 * np.finfo(float).eps
"""Units in the last place that the reduction of an argument and the sum of a series may take."""


def _each(values, out, logs):
    for i in range(values.size):
        out[i] = logarithm(values[i]) if logs else exponential(values[i])


def loops(values, logs: bool):
    out = np.empty_like(values)
    compiled(_each, **elementary())(values, out, logs)
    return out


@settings(max_examples=300, deadline=None)
@given(st.floats(LOWEST, 690.0))
def test_exponential_is_numpys(x: float) -> None:
    np.testing.assert_allclose(exponential(np.float64(x)), np.exp(x), rtol=ULPS)


@settings(max_examples=300, deadline=None)
@given(st.floats(1e-300, 1e300))
def test_logarithm_is_numpys(t: float) -> None:
    np.testing.assert_allclose(logarithm(np.float64(t)), np.log(t), rtol=ULPS, atol=ULPS)


def test_compiled_loops_agree_with_numpy_over_the_whole_range() -> None:
    x = np.linspace(LOWEST, 690.0, 100_001)
    np.testing.assert_allclose(loops(x, logs=False), np.exp(x), rtol=ULPS)
    np.testing.assert_allclose(loops(np.exp(x), logs=True), x, rtol=ULPS, atol=ULPS)
    near_one = 1.0 + np.linspace(-0.3, 0.5, 100_001)
    np.testing.assert_allclose(loops(near_one, logs=True), np.log(near_one), rtol=ULPS, atol=1e-18)


def test_the_ends() -> None:
    ends = np.array([0.0, -0.0, LOWEST - 1e-9, -1e6, -1e300, -np.inf])
    np.testing.assert_array_equal(loops(ends, logs=False), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert np.isnan(loops(np.array([np.nan]), logs=False))[0]
    assert loops(np.ones(1), logs=True)[0] == 0.0
    assert -720.0 < loops(np.zeros(1), logs=True)[0] < LOWEST
