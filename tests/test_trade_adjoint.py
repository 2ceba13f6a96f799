"""Gradients of welfare and tonnes: finite differences, forward against backward, twins."""

from __future__ import annotations

import numpy as np
import pytest

from serai.core.errors import InputError
from serai.trade.adjoint import ev_weights, trade_jvp, trade_vjp
from serai.trade.base import Fees, FixedDeficits, ProportionalDeficits, TradeShock
from serai.trade.hat import hat
from serai.trade.solvers import DampedNewton
from tradeworlds import world

TIGHT = DampedNewton(tol=1e-14)
CLOSURES = [ProportionalDeficits(), FixedDeficits()]
# Fourth-order differences of ln welfare: values of order one carry errors of about 1e-14, divided by steps of 1e-3
# of ln d, so 1e-11 of d ln W / d ln d; the tolerance is relative to the largest entry of each gradient.
DIFFERENCE = 1e-6


def at(closure, seed=3):
    base = world(seed, n=7, k=3, closure=closure)
    draw = np.random.default_rng(seed)
    cost = base.cost_usd_per_t * np.exp(draw.normal(0, 0.3, base.V.shape))
    return base, cost, hat(base, TradeShock(cost, base.fees), method=TIGHT), draw


def slope(values, h):
    a, b, c, d = values
    return (a - 8 * b + 8 * c - d) / (12 * h)


@pytest.mark.parametrize("closure", CLOSURES)
def test_gradient_by_cost_equals_differences(closure):
    base, cost, eq, draw = at(closure)
    weights = draw.normal(size=(*base.V.shape, 2)) / base.tonnes.sum()
    welfare = trade_vjp(base, eq, welfare=np.eye(7)).dense()
    abroad = np.flatnonzero(base.tonnes).astype(np.int32)
    tonnes = trade_vjp(base, eq, tonnes=weights.reshape(-1, 2)[abroad], cells=abroad).dense()
    cells = np.concatenate((draw.choice(np.flatnonzero(base.tonnes), 12, replace=False), base.fees.cell[:4]))
    for cell in cells:
        k, i, j = np.unravel_index(cell, base.V.shape)
        h, seen, moved = 2e-3 * (base.usd_per_t + cost)[k, i, j], [], []
        for step in (-2, -1, 1, 2):
            other = cost.copy()
            other[k, i, j] += step * h
            found = hat(base, TradeShock(other, base.fees), start=eq, method=TIGHT)
            seen.append(np.log(found.welfare))
            moved.append(found.tonnes_per_year.ravel()[abroad] @ weights.reshape(-1, 2)[abroad])
        assert np.abs(slope(seen, h) - welfare[k, i, j]).max() < DIFFERENCE * np.abs(welfare).max()
        assert np.abs(slope(moved, h) - tonnes[k, i, j]).max() < DIFFERENCE * np.abs(tonnes).max()


@pytest.mark.parametrize("closure", CLOSURES)
def test_gradient_by_fee_equals_differences(closure):
    base, cost, eq, _ = at(closure)
    gradient = trade_vjp(base, eq, welfare=np.eye(7)).fee
    for row in range(6):
        h, seen = 0.02 * base.fees.usd_per_t[row], []
        for step in (-2, -1, 1, 2):
            fee = np.array(base.fees.usd_per_t)
            fee[row] += step * h
            shock = TradeShock(cost, Fees(base.fees.cell, base.fees.owner, fee))
            seen.append(np.log(hat(base, shock, start=eq, method=TIGHT).welfare))
        assert np.abs(slope(seen, h) - gradient[row]).max() < DIFFERENCE * np.abs(gradient).max()


@pytest.mark.parametrize("closure", CLOSURES)
def test_forward_and_backward_agree(closure):
    base, _, eq, draw = at(closure)
    cells = np.flatnonzero(base.tonnes).astype(np.int32)
    weights = draw.normal(size=(cells.size, 4)) / base.tonnes.sum()
    cost, fee = draw.normal(size=(*base.V.shape, 3)), draw.normal(size=(base.fees.cell.size, 3))
    cost[:, np.arange(7), np.arange(7)] = 0  # home trade costs nothing, and has no cell in the gradient
    forward = trade_jvp(base, eq, cost, fee)
    seen = np.concatenate((forward.lnw, weights.T @ forward.tonnes.reshape(-1, 3)[cells]))
    back = trade_vjp(base, eq, np.eye(7), weights, cells)
    expected = np.einsum("kijn,kijg->ng", back.dense(), cost) + back.fee.T @ fee
    scale = np.abs(expected).max(axis=1, keepdims=True)
    np.testing.assert_allclose(seen / scale, expected / scale, rtol=1e-9, atol=1e-11)


def test_objectives_asked_together_are_those_asked_alone_and_cells_can_be_chosen():
    base, _, eq, draw = at(ProportionalDeficits())
    n = base.L.size
    cells = np.flatnonzero(base.tonnes > 0).astype(np.int32)
    weights = draw.normal(size=(cells.size, 3)) / base.tonnes.sum()
    welfare, tonnes = trade_vjp(base, eq, welfare=np.eye(n)), trade_vjp(base, eq, tonnes=weights, cells=cells)
    both = trade_vjp(base, eq, np.eye(n), weights, cells)
    for name in ("cost", "fee"):
        apart = np.concatenate((getattr(welfare, name), getattr(tonnes, name)), axis=1)
        np.testing.assert_allclose(getattr(both, name), apart, rtol=1e-12, atol=1e-13 * np.abs(apart).max())
    some = trade_vjp(base, eq, welfare=np.eye(n), cells=cells[::3])
    np.testing.assert_allclose(welfare.dense().reshape(-1, n)[cells[::3]], some.cost, rtol=1e-12)


def test_gain_in_usd_is_the_weighted_gain():
    base, cost, eq, draw = at(ProportionalDeficits())
    direction = draw.normal(size=base.V.shape) * (base.tonnes > 0)
    back = np.einsum("kijn,kij->n", trade_vjp(base, eq, welfare=ev_weights(base, eq)).dense(), direction)
    h = 1e-3
    up, down = (
        hat(base, TradeShock(cost + s * h * direction, base.fees), start=eq, method=TIGHT).ev_usd_per_year
        for s in (1, -1)
    )
    assert back == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-6 * np.abs(back).max())


def test_a_closed_cell_has_no_gradient():
    base, cost, _, _ = at(ProportionalDeficits())
    cell = int(np.argmax(base.tonnes))
    cost.ravel()[cell] = np.inf
    eq = hat(base, TradeShock(cost, base.fees))
    gradient = trade_vjp(base, eq, welfare=np.eye(7))
    assert cell not in gradient.cell
    assert np.isfinite(gradient.cost).all()
    assert np.isfinite(trade_jvp(base, eq, np.ones((*base.V.shape, 1))).tonnes).all()


def test_objectives_that_do_not_fit_are_one_line():
    base, _, eq, _ = at(ProportionalDeficits())
    with pytest.raises(InputError, match="No objective"):
        trade_vjp(base, eq)
    with pytest.raises(InputError, match="Welfare weights"):
        trade_vjp(base, eq, welfare=np.eye(3))
    with pytest.raises(InputError, match="Tonnes weights"):
        trade_vjp(base, eq, tonnes=np.zeros((1, 2)))
    with pytest.raises(InputError, match="change of cost"):
        trade_jvp(base, eq, base.V)
