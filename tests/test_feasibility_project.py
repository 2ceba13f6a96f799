"""From worlds to flows: what must rise, what must fall, and games over toy worlds."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError
from serai.feasibility.appraisal import ADB2017, appraise, discount
from serai.feasibility.cashflow import ShadowPrices
from serai.feasibility.project import Plan, project_flows

PLAN = Plan(2026, 2066, 2027.5, 0.02, 5.0, 0.4, 40.0, (2031, 2041, 2051))
ROUNDING = 1e-12
"""Sums of some forty numbers in double precision."""
relaxed = settings(deadline=None, max_examples=50)


def npv(**given_):
    cost = given_.pop("cost", 900.0)
    build_years = given_.pop("build", 4.0)
    ev = given_.pop("ev", np.array([100.0, 160.0, 220.0]))
    return float(appraise(project_flows(PLAN, cost, build_years, ev, **given_), ADB2017()).npv_usd)


@given(st.floats(0, 1), st.floats(0, 1))
@relaxed
def test_a_shut_corridor_never_scores_above_an_open_one(a, b):
    lo, hi = sorted((a, b))
    assert npv(usable_share=lo) <= npv(usable_share=hi) + 1e-9
    harmful = np.array([-10.0, 40.0, 90.0])
    assert npv(ev=harmful, usable_share=lo) <= npv(ev=harmful, usable_share=hi) + 1e-9
    assert npv(usable_share=0.0) < 0


@given(st.floats(1, 3), st.floats(0.5, 8), st.floats(0, 2))
@relaxed
def test_dearer_and_emptier_is_worse_and_all_capital_is_spent(overrun, delay, ratio):
    assert npv(cost=900 * overrun) <= npv() + 1e-9
    assert npv(traffic_ratio=ratio) <= npv(traffic_ratio=ratio + 0.1) + 1e-9
    flows = project_flows(PLAN, 900.0, 4.0 + delay, np.full(3, 100.0))
    assert flows.capital.sum() == pytest.approx(900)


def test_a_project_with_no_effect_costs_what_it_costs():
    flows = project_flows(PLAN, 900.0, 4.0, np.zeros(3))
    found = appraise(flows, ADB2017())
    d = discount(len(flows.years), 0.09)
    assert found.npv_usd == pytest.approx(-(flows.capital + flows.o_and_m - flows.residual) @ d)
    assert found.npv_usd < 0
    assert found.roots == 0 or float(found.eirr) < 0
    assert (flows.benefit == 0).all()


@given(st.floats(2, 60), st.floats(0.5, 8))
@relaxed
def test_what_has_lived_its_life_is_built_again_in_the_year_it_ends(life, build_years):
    plan = dataclasses.replace(PLAN, life_years=life)
    once = project_flows(dataclasses.replace(PLAN, life_years=np.inf), 900.0, build_years, np.full(3, 100.0))
    again = project_flows(plan, 900.0, build_years, np.full(3, 100.0)).capital - once.capital
    ends = [PLAN.start + build_years + n * life for n in range(1, 60)]
    due = [math.floor(e) for e in ends if e < PLAN.last_year + 1]
    assert again == pytest.approx([900.0 * due.count(y) for y in once.years], rel=ROUNDING, abs=900 * ROUNDING)
    assert once.capital.sum() == pytest.approx(900.0, rel=ROUNDING)


def test_an_opening_at_a_turn_of_years_is_renewed_once():
    plan = dataclasses.replace(PLAN, start=2027.0, life_years=10.0)
    capital = project_flows(plan, 900.0, 4.0, np.full(3, 100.0)).capital
    assert [int(y) for y in np.arange(2026, 2067)[capital >= 900.0]] == [2041, 2051, 2061]


def test_draws_together_are_draws_alone_on_the_same_calendar():
    rng = np.random.default_rng(0)
    n = 16
    cost, build_years = rng.uniform(500, 1500, n), rng.uniform(3, 9, n)
    ev = rng.uniform(20, 200, (n, 3))
    ratio, usable = rng.uniform(0.3, 1.2, n), rng.uniform(0.2, 1, n)
    whole = project_flows(PLAN, cost, build_years, ev, traffic_ratio=ratio, usable_share=usable)
    for i in (0, 7, 15):
        one = project_flows(PLAN, cost[i], build_years[i], ev[i], traffic_ratio=ratio[i], usable_share=usable[i])
        assert whole.net[i] == pytest.approx(one.net, rel=1e-12, abs=1e-9)


def test_shadow_prices_and_carbon_reach_their_items():
    plan = dataclasses.replace(
        PLAN,
        capital_prices=ShadowPrices(tax=0.1),
        running_prices=ShadowPrices(swrf=0.5, unskilled=1.0),
        carbon_usd_per_t=40.0,
        price_year=2026,
    )
    plain = project_flows(PLAN, 900.0, 4.0, np.full(3, 100.0), saved_t_per_year=2.0)
    found = project_flows(plan, 900.0, 4.0, np.full(3, 100.0), saved_t_per_year=2.0)
    assert found.capital == pytest.approx(0.9 * plain.capital)
    assert found.o_and_m == pytest.approx(0.5 * plain.o_and_m)
    assert plain.carbon.sum() == 0
    assert found.carbon[-1] == pytest.approx(80.0)


@pytest.mark.parametrize("bad", [{"usable_share": 1.2}, {"usable_share": -0.1}, {"traffic_ratio": -1.0}])
def test_a_share_that_cannot_be_is_refused(bad):
    with pytest.raises(InputError, match="usable share"):
        npv(**bad)
