"""Cash flows and their verdict: closed forms, several roots, what must not depend on units or order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError
from serai.feasibility.appraisal import (
    ADB2017,
    WorldBank2016,
    appraise,
    discount,
    irr,
    irr_roots,
    mirr,
    payback,
    present_value,
    sensitivity_indicators,
    sign_changes,
    switching_point,
    switching_values,
)
from serai.feasibility.cashflow import (
    ShadowPrices,
    carbon_worth,
    cash_flows,
    grow,
    open_share,
    phase_capital,
    ramp_up,
    residual_value,
)

CLOSED = 1e-9  # acceptance for closed forms
YEARS = np.arange(2026, 2056)


def annuity_project(cost: float = 1000.0, yearly: float = 120.0, n: int = 25):
    years = np.arange(2026, 2027 + n)
    capital, benefit = np.zeros(n + 1), np.full(n + 1, yearly)
    capital[0], benefit[0] = cost, 0.0
    return cash_flows(years, {"capital": capital, "benefit": benefit})


@pytest.mark.parametrize("convention", [ADB2017(), WorldBank2016(), ADB2017(rate=0.06)])
def test_an_annuity_has_its_closed_form(convention):
    r, n = convention.rate, 25
    factor = (1 - (1 + r) ** -n) / r
    found = appraise(annuity_project(), convention)
    assert found.npv_usd == pytest.approx(120 * factor - 1000, abs=CLOSED)
    assert found.bcr == pytest.approx(120 * factor / 1000, abs=CLOSED)
    e = float(found.eirr)
    assert 120 * (1 - (1 + e) ** -n) / e == pytest.approx(1000, abs=1e-8)
    assert found.roots == 1
    assert found.payback_years == pytest.approx(1 + 1000 / 120, abs=CLOSED)
    with_d = -math.log(1 - 1000 * r / 120) / math.log(1 + r) if r * 1000 < 120 else math.nan
    assert abs(found.discounted_payback_years - 1 - with_d) <= 1  # a year's flow is even, an annuity's is at its end


@pytest.mark.parametrize("rates", [(0.05, 0.20, 0.40), (0.0, 0.1), (0.1, 0.25), (-0.3, 0.12), (0.02, 0.06, 0.5, 1.5)])
def test_all_roots_of_a_flow_made_from_its_roots_are_found(rates):
    # A flow with given rates is the product of (1 - v (1 + r)) over them.
    flow = np.array([1.0])
    for r in rates:
        flow = np.convolve(flow, [1.0, -(1.0 + r)])
    assert irr_roots(-flow) == pytest.approx(sorted(rates), abs=CLOSED)
    rate, count = irr(flow)
    assert count == len(rates)
    assert math.isnan(float(rate))


def test_a_flow_that_touches_zero_has_its_double_root_once():
    flow = np.convolve([1.0, -1.1], [1.0, -1.1])
    assert irr_roots(flow) == pytest.approx((0.1,), abs=CLOSED)


def test_a_flow_without_a_root_says_so():
    assert irr_roots(np.array([1.0, -2.0, 2.0])) == ()
    assert irr_roots(np.array([-5.0, -1.0, 0.0])) == ()
    rate, count = irr(np.array([[1.0, -2.0, 2.0], [-1.0, -1.0, -1.0], [0.0, 0.0, 0.0]]))
    assert np.isnan(rate).all()
    assert (count == 0).all()


@given(
    st.lists(st.floats(-0.2, 0.8), min_size=1, max_size=4, unique=True).filter(
        lambda r: len(r) < 2 or min(abs(a - b) for i, a in enumerate(r) for b in r[:i]) > 0.02
    ),
    st.lists(st.floats(0.1, 3.0), min_size=0, max_size=20),
)
@settings(max_examples=60, deadline=None)
def test_roots_are_found_among_factors_without_any(rates, tail):
    flow = np.array([1.0])
    for r in rates:
        flow = np.convolve(flow, [1.0, -(1.0 + r)])
    flow = np.convolve(flow, [1.0, *tail])  # positive coefficients add no positive root
    assert irr_roots(flow) == pytest.approx(sorted(rates), abs=1e-7)  # close roots amplify rounding of the flow


def test_the_fast_and_the_general_way_to_the_rate_agree():
    rng = np.random.default_rng(1)
    net = np.concatenate([-rng.uniform(1, 9, (200, 4)), rng.uniform(0, 3, (200, 26))], axis=1)
    rate, count = irr(net)
    for i in range(200):
        roots = irr_roots(net[i])
        assert count[i] == len(roots) == 1
        assert rate[i] == pytest.approx(roots[0], abs=CLOSED)
        assert present_value(net[i], float(rate[i])) == pytest.approx(0, abs=1e-6 * np.abs(net[i]).sum())


def test_long_flows_keep_their_rate():
    net = np.concatenate([[-1000.0] * 7, [150.0] * 93])
    assert irr_roots(net) == pytest.approx([float(irr(net)[0])], abs=CLOSED)
    assert irr_roots(np.r_[net, [150.0] * 300]) == pytest.approx([float(irr(np.r_[net, [150.0] * 300])[0])], abs=CLOSED)


def test_sign_changes_skip_zeros():
    assert sign_changes(np.array([-1.0, 0, 0, 2, 0, -3, 0])) == 2
    assert sign_changes(np.array([0.0, 0, 0])) == 0


def test_mirr_of_a_textbook_flow():
    # -120000, 39000, 30000, 21000, 37000, 46000 at 10 % and 12 %: the example in the help of spreadsheets, 12.609413 %.
    net = np.array([-120000.0, 39000, 30000, 21000, 37000, 46000])
    assert mirr(net, 0.10, 0.12) == pytest.approx(0.12609413036590511, abs=1e-12)
    assert np.isnan(mirr(np.array([-1.0, -1.0]), 0.1, 0.1))


def test_a_project_with_no_effect_loses_its_cost_and_passes_nothing():
    capital = phase_capital(YEARS, [100.0, 300.0], 2026.0, [3.0, 4.5])
    found = appraise(cash_flows(YEARS, {"capital": capital}), ADB2017())
    assert found.npv_usd == pytest.approx(-(capital @ discount(30, 0.09)), abs=CLOSED)
    assert np.isnan(found.eirr).all()
    assert (found.roots == 0).all()
    assert (found.bcr == 0).all()
    assert np.isnan(found.payback_years).all()
    assert np.isnan(found.mirr).all()


def test_switching_values_bring_the_npv_to_zero():
    years = np.arange(2026, 2056)
    flows = cash_flows(
        years,
        {
            "capital": phase_capital(years, 500.0, 2026.0, 3.0),
            "o_and_m": 5.0 * open_share(years, 2029.0),
            "benefit": 90.0 * ramp_up(years, 2029.0, 4.0, 0.4),
            "carbon": np.full(30, -1.0),
        },
    )
    base = appraise(flows, ADB2017())
    for item, change in switching_values(base).items():
        if item == "residual":
            assert np.isnan(change)
            continue
        moved = cash_flows(
            years,
            {
                name: getattr(flows, name) * (1 + change if name == item else 1)
                for name in ("capital", "o_and_m", "benefit", "carbon")
            },
        )
        assert appraise(moved, ADB2017()).npv_usd == pytest.approx(0, abs=CLOSED)
        assert sensitivity_indicators(base)[item] == pytest.approx(-np.sign(base.npv_usd) / change, abs=CLOSED)


def test_switching_point_of_what_is_not_in_proportion():
    assert switching_point(lambda d: d**2 - 2.0, 0, 365) == pytest.approx(math.sqrt(2), abs=CLOSED)
    assert math.isnan(switching_point(lambda d: 1.0 + d, 0, 365))


@given(st.floats(1e-3, 1e6), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_money_changes_no_ratio(scale, seed):
    rng = np.random.default_rng(seed)
    given_ = {
        "capital": np.r_[rng.uniform(1, 9, 4), np.zeros(16)],
        "benefit": np.r_[np.zeros(3), rng.uniform(0, 4, 17)],
    }
    a = appraise(cash_flows(np.arange(20), given_), ADB2017())
    b = appraise(cash_flows(np.arange(20), {k: v * scale for k, v in given_.items()}), ADB2017())
    assert b.npv_usd == pytest.approx(a.npv_usd * scale, rel=1e-9, abs=1e-9 * scale)
    assert b.eirr == pytest.approx(a.eirr, abs=CLOSED, nan_ok=True)
    assert b.bcr == pytest.approx(a.bcr, rel=1e-12)
    assert b.payback_years == pytest.approx(a.payback_years, abs=1e-7, nan_ok=True)


def test_draws_together_are_draws_alone():
    rng = np.random.default_rng(3)
    capital = phase_capital(YEARS, rng.uniform(50, 500, 64), 2026.0, rng.uniform(2, 6, 64))
    benefit = rng.uniform(0, 60, (64, 1)) * open_share(YEARS, 2031.0)
    together = appraise(cash_flows(YEARS, {"capital": capital, "benefit": benefit}), ADB2017())
    for i in (0, 17, 63):
        alone = appraise(cash_flows(YEARS, {"capital": capital[i], "benefit": benefit[i]}), ADB2017())
        assert alone.npv_usd == pytest.approx(together.npv_usd[i], rel=1e-13)
        assert alone.eirr == pytest.approx(together.eirr[i], abs=CLOSED, nan_ok=True)


@given(st.floats(2026, 2035), st.floats(0.1, 10))
@settings(deadline=None)
def test_phased_capital_is_all_spent_inside_the_time_of_building(start, build):
    spent = phase_capital(YEARS, 7.0, start, build)
    assert spent.sum() == pytest.approx(7.0, rel=1e-12)
    assert (spent[(start >= YEARS + 1) | (start + build <= YEARS)] == 0).all()


parts = st.lists(st.floats(0.01, 1), min_size=1, max_size=8).map(lambda x: [v / math.fsum(x) for v in x])


@given(parts)
def test_a_building_time_of_as_many_years_as_phases_spends_the_phases(shares):
    spent = phase_capital(YEARS, 7.0, 2027.0, len(shares), shares)
    assert spent[1 : len(shares) + 1] == pytest.approx(7.0 * np.array(shares), abs=CLOSED)
    assert spent.sum() == pytest.approx(7.0, rel=1e-12)


@given(parts, st.floats(2026, 2030), st.floats(0.5, 20))
def test_a_phase_split_in_two_changes_nothing(shares, start, build):
    halves = np.repeat(np.array(shares) / 2, 2)
    whole = phase_capital(YEARS, 7.0, start, build, shares)
    assert phase_capital(YEARS, 7.0, start, build, halves) == pytest.approx(whole, abs=CLOSED)
    assert (whole >= 0).all()


@pytest.mark.parametrize("shares", [[0.5, 0.4], [1.5, -0.5], [], [math.nan]])
def test_phases_that_are_no_whole_are_refused(shares):
    with pytest.raises(InputError, match="add to one"):
        phase_capital(YEARS, 1.0, 2026.0, 2.0, shares)


@given(st.floats(2026, 2040), st.floats(0, 8), st.floats(0, 1))
@settings(deadline=None)
def test_ramp_up_never_exceeds_the_open_share_and_fills_it(opening, ramp, first):
    part, whole = ramp_up(YEARS, opening, ramp, first), open_share(YEARS, opening)
    assert (part <= whole + 1e-12).all()
    full = opening + ramp <= YEARS
    assert part[full] == pytest.approx(whole[full], abs=1e-9)
    lost = (1 - first) * ramp / 2
    assert whole.sum() - part.sum() == pytest.approx(lost, abs=1e-9)


def test_growth_meets_its_equilibria_and_extrapolates_nothing():
    values = np.array([[100.0, 180.0, 220.0], [-50.0, 10.0, 90.0]])
    path = grow(YEARS, [2030, 2040, 2050], values)
    for k, year in enumerate((2030, 2040, 2050)):
        assert path[:, year == YEARS][:, 0] == pytest.approx(values[:, k], rel=1e-14)
    assert (path[:, YEARS <= 2030] == values[:, :1]).all()
    assert path[:, YEARS >= 2050] == pytest.approx(np.broadcast_to(values[:, 2:], (2, 6)), rel=1e-14)
    assert path[0, 9] == pytest.approx(math.sqrt(100 * 180))
    assert path[1, 9] == pytest.approx(-20.0)


def test_residual_is_the_part_of_life_left():
    capital = np.zeros(30)
    capital[[0, 20]] = 100.0, 40.0
    left = residual_value(YEARS, capital, 40.0)
    assert left[-1] == pytest.approx(100 * (1 - 29 / 40) + 40 * (1 - 9 / 40), abs=CLOSED)
    assert (left[:-1] == 0).all()


def test_shadow_prices():
    assert ShadowPrices().factor == 1.0
    # 10 % tax off; 50 % traded at 1.1, 20 % unskilled at 0.7, 30 % as paid: 0.9 (0.55 + 0.14 + 0.30).
    assert ShadowPrices(serf=1.1, swrf=0.7, traded=0.5, unskilled=0.2, tax=0.1).factor == pytest.approx(0.891)
    with pytest.raises(InputError):
        _ = ShadowPrices(traded=0.8, unskilled=0.4).factor


def test_carbon_price_grows_from_its_year():
    worth = carbon_worth(np.ones(30), 40.0, 0.02, YEARS, 2025)
    assert worth[[0, 10]] == pytest.approx([40 * 1.02, 40 * 1.02**11])


def test_payback_waits_for_the_last_time_below_zero():
    assert payback(np.array([-10.0, 12.0, -5.0, 6.0])) == pytest.approx(3.5)
    assert payback(np.array([1.0, 1.0])) == 0


@pytest.mark.parametrize(
    ("years", "items", "what"),
    [
        ([2026, 2028], {}, "follow"),
        ([2026], {}, "follow"),
        ([2026, 2027], {"capital": [1.0, -1.0]}, "below zero"),
        ([2026, 2027], {"capital": [1.0, math.nan]}, "not a number"),
        ([2026, 2027], {"benefit": [1.0, 2.0, 3.0]}, "length"),
        ([2026, 2027], {"gain": [1.0, 2.0]}, "no item"),
    ],
)
def test_a_flow_that_cannot_be_is_refused(years, items, what):
    with pytest.raises(InputError, match=what):
        cash_flows(np.array(years), items)


def test_capital_outside_the_years_is_refused_not_dropped():
    with pytest.raises(InputError, match="outside"):
        phase_capital(YEARS, 1.0, 2050.0, 10.0)
