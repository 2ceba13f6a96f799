"""Logit assignment: closed forms, and Wardrop's as its limit."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from assignworlds import affine, grid, ints, solved_grid, trips_of
from serai.core.errors import InputError
from serai.freight.assign.paths import PathSet
from serai.freight.assign.solve import assign
from serai.freight.assign.stochastic import Logit, logit_shares, path_sizes
from serai.freight.assign.volume_delay import integral


@pytest.mark.parametrize("theta", [0.0, -1.0, math.nan, math.inf])
def test_theta_is_checked(theta):
    with pytest.raises(InputError, match="theta"):
        solved_grid(4.0, 1.0, Logit(theta))


def logit_split(theta, a, b, volume):
    """Flow of the first of two links of costs a + b x, by bisection of the logit condition."""
    low, high = 0.0, volume
    for _ in range(200):
        x = 0.5 * (low + high)
        dearer = a[0] + b[0] * x - a[1] - b[1] * (volume - x)
        low, high = (x, high) if math.log(x / (volume - x)) < -theta * dearer else (low, x)
    return 0.5 * (low + high)


@pytest.mark.parametrize("theta", [0.01, 0.5, 3.0, 50.0, 1000.0])
def test_logit_on_two_links(theta):
    found = assign(affine([(0, 1), (0, 1)], [1, 3], [1, 2]), trips_of((0, 1, 5.0)), Logit(theta, 1e-12))
    first = logit_split(theta, (1, 3), (1, 2), 5.0)
    # Shares fall as their flow rises, so the answer lies between a flow and its shares, which the residual holds apart;
    # costs of 5 are rounded by 4.4e-16, and theta times that moves a share by as much.
    assert found.residual <= 1e-12
    assert found.flow == pytest.approx([first, 5 - first], rel=0, abs=5 * (1e-12 + 2 * theta * 4.4e-16))


def test_logit_tends_to_wardrop():
    exact = solved_grid(4.0, 10.0)[0]
    thetas = (1.0, 4.0, 16.0, 64.0, 256.0)
    found = [solved_grid(4.0, 10.0, Logit(theta))[0] for theta in thetas]
    apart = [abs(f.cost - exact.cost).max() for f in found]
    above = [integral(grid().delay, f.flow).sum() - exact.objective for f in found]
    for distance in (apart, above):
        assert all(later < earlier for earlier, later in itertools.pairwise(distance))
    # Beckmann's objective exceeds Wardrop's by no more than the entropy a trip can have, ln n over theta with n paths.
    for excess, theta in zip(above, thetas, strict=True):
        assert 0 <= excess <= exact.assigned_trips * math.log(20) / theta
    # Where every path in use keeps some flow the excess falls with the square of theta, sixteenfold from 64 to 256.
    assert above[-1] < above[-2] / 16


def test_path_sizes_and_shares():
    """Three paths, two of which share half their length: sizes 1, 3/4 and 3/4."""
    paths = PathSet(ints(0, 3), np.array([0, 1, 3, 5]), ints(0, 1, 2, 1, 3), np.zeros(3))
    assert path_sizes(paths, np.ones(4)).tolist() == [1.0, 0.75, 0.75]
    assert path_sizes(paths, np.zeros(4)).tolist() == [1, 1, 1]
    shares = logit_shares(paths.pair_ptr, np.array([1e5, 1e5, -1e5]))
    assert shares.tolist() == [0.5, 0.5, 0.0]
