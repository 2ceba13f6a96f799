"""Figures with a range: percentiles, moments, draws."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from serai.network.spread import N_DRAWS, Z90, correlated, draws, log_spreads, mean_and_sd, ndtr, quantiles

RANGES = [(8.0, 10.0, 30.0), (4.0, 8.0, 9.0), (0.05, 0.07, 0.09), (1.0, 100.0, 120.0), (24.0, 24.0, 100.0)]
ROUNDING = 1e-12
"""Relative; a logarithm, a product and an exponential each lose a few units in the last of 16 places."""


def parts(low: float, median: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    return log_spreads(np.array([low]), np.array([median]), np.array([high]))


@pytest.mark.parametrize(("low", "median", "high"), RANGES)
def test_the_three_percentiles_hold_exactly(low, median, high):
    lo, hi = parts(low, median, high)
    z = np.array([NormalDist().inv_cdf(p) for p in (0.1, 0.5, 0.9)])
    assert quantiles(np.array(median), lo, hi, z) == pytest.approx([low, median, high], rel=ROUNDING)


@pytest.mark.parametrize(("low", "median", "high"), RANGES)
def test_moments_equal_the_integral(low, median, high):
    lo, hi = parts(low, median, high)

    def moment(power: int) -> float:
        def f(z: float, s: float) -> float:
            return math.exp(power * s * z - z * z / 2) / math.sqrt(2 * math.pi)

        below = quad(f, -40, 0, args=(float(lo[0]),), epsabs=1e-13)[0]
        above = quad(f, 0, 40, args=(float(hi[0]),), epsabs=1e-13)[0]
        return median**power * (below + above)

    mean, sd = mean_and_sd(np.array([median]), lo, hi)
    # quad is asked for 1e-13 absolute on integrals of order one; the difference of moments loses a few places.
    assert mean[0] == pytest.approx(moment(1), rel=1e-10)
    assert sd[0] == pytest.approx(math.sqrt(moment(2) - moment(1) ** 2), rel=1e-8)


@pytest.mark.parametrize(("low", "median", "high"), RANGES[:3])
def test_moments_equal_those_of_a_large_sample(low, median, high):
    lo, hi = parts(low, median, high)
    n = 1_000_000
    x = quantiles(np.array(median), lo, hi, np.random.default_rng(1).standard_normal(n))
    mean, sd = mean_and_sd(np.array([median]), lo, hi)
    # Five standard errors of a sample mean, and of a sample variance from the sample's own fourth moment.
    assert abs(x.mean() - mean[0]) < 5 * sd[0] / math.sqrt(n)
    fourth = ((x - x.mean()) ** 4).mean()
    assert abs(x.var() - sd[0] ** 2) < 5 * math.sqrt((fourth - x.var() ** 2) / n)


def test_a_figure_without_a_range_has_no_spread():
    figure = np.array([0.0, 5.0])
    lo, hi = log_spreads(figure, figure, figure)
    mean, sd = mean_and_sd(figure, lo, hi)
    assert not lo.any()
    assert not hi.any()
    assert mean.tolist() == [0.0, 5.0]
    assert sd.tolist() == [0.0, 0.0]


@given(st.floats(0.1, 1e6), st.floats(1, 20), st.floats(1, 20), st.floats(1e-3, 1e4))
def test_moments_scale_with_the_unit(median, down, up, unit):
    lo, hi = parts(median / down, median, median * up)
    mean, sd = mean_and_sd(np.array([median, median * unit]), np.repeat(lo, 2), np.repeat(hi, 2))
    assert mean[1] == pytest.approx(unit * mean[0], rel=ROUNDING)
    assert sd[1] == pytest.approx(unit * sd[0], rel=ROUNDING)


def test_the_normal_distribution_is_that_of_scipy():
    x = np.linspace(-8, 8, 401).reshape(1, -1)
    # scipy's ndtr and libm's erfc are both good to a few units in the last place.
    assert ndtr(x) == pytest.approx(stats.norm.cdf(x), rel=1e-13)


def test_every_margin_holds_the_same_scores():
    inverse = NormalDist().inv_cdf
    scores = np.array([inverse((i + 0.5) / N_DRAWS) for i in range(N_DRAWS)])
    for name in ("time:road", "price", "hours:SNOW"):
        assert np.array_equal(np.sort(draws(name)), scores)
        assert not draws(name).flags.writeable
    assert not np.array_equal(draws("a"), draws("b"))


def test_draws_are_the_same_in_another_process():
    program = (
        "import hashlib; from serai.network.spread import draws; "
        "print(hashlib.sha256(draws('time:road').tobytes()).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    assert hashlib.sha256(draws("time:road").tobytes()).hexdigest() == there


@pytest.mark.parametrize("asked", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_figures_of_one_class_have_the_correlation_asked_for(asked):
    # Fisher: the standard error of a correlation over n draws is (1 - r^2) / sqrt(n); 4.5 of them for 45 pairs.
    bound = 4.5 * (1 - asked**2) / math.sqrt(N_DRAWS) + ROUNDING
    names = [correlated("time:road", f"time:road.{i}", asked) for i in range(10)]
    found = np.corrcoef(names)[np.triu_indices(10, 1)]
    assert np.abs(found - asked).max() < bound


def test_a_correlated_margin_stays_standard_normal():
    z = correlated("time:border", "time:crossings:X", 0.4)
    # The sample correlation r of the two parts moves the variance by 2 sqrt(c (1 - c)) r; 4.5 standard errors.
    assert abs(z.var() - 1.0) < 4.5 / math.sqrt(N_DRAWS)
    assert abs(z.mean()) < 1e-12  # both parts are symmetric by construction
    assert pytest.approx(1.2815515655446004, rel=ROUNDING) == Z90
