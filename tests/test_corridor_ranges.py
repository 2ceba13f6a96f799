"""Ranges of gains, the prior of new trade, and identities of the whole chain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corridorworlds import busy, corridor_world, trade_inputs
from helpers import compiled
from serai.core.units import DAYS_PER_YEAR
from serai.corridor import ranges
from serai.corridor.newtrade import Prior, _ratios, added, gravity_prior, new_cells, new_trade
from serai.corridor.ranges import CORNERS, Setting, gain_range, gain_under, range_rows, settings
from serai.corridor.service import certificate
from serai.corridor.solve import LEAST_LEFT, network_levels, solve
from serai.freight.equilibrium import route_shares
from serai.freight.settle import AndersonNewton
from serai.network.topology import ArcKind
from serai.trade.ppml import ppml

# Three digits below the least that a test compares.
TIGHT = AndersonNewton(1e-11)
SOLVED = 1e-8
"""Bases are solved to 1e-10, and gains are differences of a few parts in ten thousand."""


@pytest.fixture(scope="module")
def world(sixplace):
    return corridor_world(busy(sixplace, road=12_000, rail=12_000), seed=3)


def times_all(w, factor):
    return replace(w.conditions, arc_cost_usd_per_t=w.conditions.arc_cost_usd_per_t * factor)


def without_pass(w):
    cost = w.conditions.arc_cost_usd_per_t.copy()
    for a, arc in enumerate(w.compiled.topology.arcs):
        if arc.place == "HIGHPASS" and arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
            cost[:, a] = np.inf
    return replace(w.conditions, arc_cost_usd_per_t=cost)


@pytest.fixture(scope="module")
def outcome(world):
    return solve(world, without_pass(world))


def test_the_middle_setting_gives_the_result_itself(world, outcome) -> None:
    middle = Setting("middle", world.trade, 1.0)
    # Trade is solved twice, each to a residual of 1e-11 in logarithms; gains in USD are differences of incomes in
    # million USD, and those move by a few residuals.
    error = np.abs(gain_under(world, middle, outcome) - outcome.trade.ev_usd_per_year)
    assert (error <= 5e-11 * 1e6 * world.trade.income).all()


def test_no_change_has_no_range(world) -> None:
    same = solve(world, world.conditions)
    r = gain_range(world, settings(world), same)
    # Rounding of incomes of some ten thousand million.
    assert np.abs(r.ev_usd_per_year).max() < 1.0
    assert np.abs(r.high - r.low).max() < 1.0


def test_a_range_holds_the_result_and_grows_with_freight(world, outcome) -> None:
    every = settings(world)
    r = gain_range(world, every, outcome)
    assert set(r.settings) | {n for n, _ in r.failed} == {*CORNERS, "deficits fixed"}
    assert (r.low <= outcome.trade.ev_usd_per_year).all()
    assert (r.high >= outcome.trade.ev_usd_per_year).all()
    world_gain = dict(zip(r.settings, r.ev_usd_per_year.sum(axis=1), strict=True))
    assert world_gain["freight high"] < outcome.trade.ev_usd_per_year.sum() < world_gain["freight low"] < 0
    rows = range_rows(world, outcome, r, None)
    assert rows[0]["world_usd_m"] == pytest.approx(outcome.trade.ev_usd_per_year.sum() / 1e6)


def test_against_itself_nothing_is_gained_under_any_setting(world, outcome) -> None:
    r = gain_range(world, settings(world), outcome, outcome)
    np.testing.assert_array_equal(r.ev_usd_per_year, 0.0)
    np.testing.assert_array_equal(r.low, 0.0)


def test_a_setting_without_equilibrium_says_so(world, outcome, monkeypatch) -> None:
    from serai.trade.solvers import NoEquilibrium

    def failing(*_):
        raise NoEquilibrium("none here", "try another", 1.0)

    every = settings(world)
    monkeypatch.setattr(ranges, "gain_under", failing)
    r = gain_range(world, every, outcome)
    assert r.settings == ()
    np.testing.assert_array_equal(r.low, outcome.trade.ev_usd_per_year)
    assert {row["why_not"] for row in range_rows(world, outcome, r, None)[1:]} == {"none here"}


def test_a_prior_equal_to_what_was_taken_away_gives_it_back(sixplace) -> None:
    c = compiled(sixplace)
    whole = trade_inputs(c, 3)
    k, i, j = (int(v) for v in np.unravel_index(np.argsort(whole.value_usd_m, axis=None)[-6], whole.value_usd_m.shape))
    value, tonnes = whole.value_usd_m.copy(), whole.tonnes_per_year.copy()
    taken = value[k, i, j]
    value[k, i, j] = tonnes[k, i, j] = 0.0
    n = len(whole.economies)
    a = corridor_world(sixplace, inputs=whole)
    b = corridor_world(sixplace, inputs=replace(whole, value_usd_m=value, tonnes_per_year=tonnes))
    one = np.array([taken])
    prior = Prior(np.array([(k * n + i) * n + j]), one, 0.5 * one, 1.2 * one, 0.0, (0.0, 0.0), (0.0, 0.0), ())
    full, part = (solve(w, times_all(w, 0.9)) for w in (a, b))
    new = new_cells(b, prior)
    there = added(b, new, part)
    low, mode, high = new_trade(new, there)
    assert mode.prior_usd_m == taken
    given_back = part.trade.ev_usd_per_year.sum() + mode.ev_usd_per_year.sum()
    # Fees of the new cell are nobody's income, so that a little is missing.
    whole_gain = full.trade.ev_usd_per_year.sum()
    assert abs(given_back - whole_gain) < 0.3 * abs(part.trade.ev_usd_per_year.sum() - whole_gain)
    assert low.ev_usd_per_year.sum() < mode.ev_usd_per_year.sum() < high.ev_usd_per_year.sum()
    assert mode.after_usd_m > mode.before_usd_m
    still = new_trade(new, added(b, new, solve(b, b.conditions)))[1]
    assert abs(still.ev_usd_per_year).max() < 1.0
    np.testing.assert_array_equal(new_trade(new, there, there)[1].ev_usd_per_year, 0.0)


def test_nothing_is_expected_where_nothing_can_be_estimated(world) -> None:
    prior = gravity_prior(world)
    assert prior.cell.size == 0
    assert set(prior.skipped) == set(world.package["commodities"]["id"])
    new = new_cells(world, prior)
    assert new_trade(new, added(world, new, solve(world, world.conditions))) == ()


def test_gravity_expects_of_empty_cells_what_it_was_drawn_from() -> None:
    draw = np.random.default_rng(1)
    n = 30
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    x = draw.normal(8, 0.7, i.size)
    mu = np.exp(draw.normal(0, 1, n)[i] + draw.normal(0, 1, n)[j] - 0.9 * x + 9)
    seen = draw.poisson(mu).astype(float)
    fit = ppml(i, j, seen, x[:, None], names=("ln distance",), economies=n)
    assert fit.coefficient[0] == pytest.approx(-0.9, abs=0.1)
    empty = seen == 0
    assert empty.sum() > 50
    # Zeros are chosen by what they turned out to be; their expectation is still that of the model.
    assert fit.fitted[empty].sum() == pytest.approx(mu[empty].sum(), rel=0.2)
    low, high = _ratios(fit.fitted, seen, fit.fitted[empty])
    assert (low <= high).all()
    assert (low < 1).all()
    assert (high > 1).mean() > 0.5


def test_costs_below_any_freight_are_held_and_counted(world) -> None:
    free = replace(world.conditions, arc_cost_usd_per_t=world.conditions.arc_cost_usd_per_t * 1e-4)
    o = solve(world, free)
    level, held = network_levels(world, o.costs)
    first = world.trade.cost_usd_per_t.ravel()[world.coupling.cell]
    assert (level >= LEAST_LEFT * first).all()
    traded = held & (world.trade.V.ravel()[world.coupling.cell] > 0)
    assert o.held.cells == traded.sum()
    assert (o.held.cells == 0) == (o.held.value_usd_m == 0)
    c = certificate(o)
    assert c["held_cells"] == o.held.cells
    assert solve(world, world.conditions).held.cells == 0


def test_fees_on_the_way_are_what_their_owners_receive(world, outcome) -> None:
    m, c, o = world.freight, world.coupling, outcome
    e = m.entries
    paid, share = np.zeros(world.n_economies), route_shares(m, o.freight)
    price = np.exp(o.trade.lnc)
    for i in range(e.n):
        worth = price[c.exporter[c.entry_cell[i]]] * o.freight.tonnes_per_day[i] * DAYS_PER_YEAR / 1e6
        for n in range(int(e.ptr[i + 1] - e.ptr[i])):
            arcs = m.routes.arcs(int(e.first_route[i]) + n)
            arcs = arcs[c.owner[arcs] >= 0]
            fee = o.conditions.fee_usd_per_t[e.commodity[i], arcs]
            np.add.at(paid, c.owner[arcs], worth * share[e.ptr[i] + n] * fee)
    assert paid.sum() > 0
    np.testing.assert_allclose(o.trade.fee_usd_m, paid, rtol=1e-9)


def test_a_world_twice_the_size_has_the_same_welfare(sixplace) -> None:
    c = compiled(sixplace)
    t = trade_inputs(c, 3)
    double = replace(t, value_usd_m=2 * t.value_usd_m, tonnes_per_year=2 * t.tonnes_per_year, gdp_usd_m=2 * t.gdp_usd_m)
    a = corridor_world(busy(sixplace, 12_000, 12_000), inputs=t)
    b = corridor_world(busy(sixplace, 24_000, 24_000, 240_000.0), inputs=double)
    x, y = (solve(w, without_pass(w), TIGHT) for w in (a, b))
    np.testing.assert_allclose(y.trade.welfare, x.trade.welfare, rtol=SOLVED)
    np.testing.assert_allclose(y.freight.time_h, x.freight.time_h, rtol=1e-6)
    np.testing.assert_allclose(y.freight.flow_per_day, 2 * x.freight.flow_per_day, rtol=1e-6, atol=1e-6)


def test_exporters_are_not_importers(sixplace) -> None:
    c = compiled(sixplace)
    t = trade_inputs(c, 3, tariffs=False)
    back = replace(
        t, value_usd_m=t.value_usd_m.transpose(0, 2, 1), tonnes_per_year=t.tonnes_per_year.transpose(0, 2, 1),
        usd_per_t=t.usd_per_t.transpose(0, 2, 1), network_share=t.network_share.transpose(0, 2, 1),
    )  # fmt: skip
    x, y = (solve(w, times_all(w, 0.8)) for w in (corridor_world(sixplace, inputs=s) for s in (t, back)))
    assert np.abs(x.trade.welfare - y.trade.welfare).max() > 1e-5
