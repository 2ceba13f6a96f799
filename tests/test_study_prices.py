"""Prices of an appraisal reach it: the rate, shadow prices, carbon, local currency."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.corridor.service import open_corridor
from serai.data.overlay import lay_over
from serai.feasibility.appraisal import ADB2017, discount
from serai.feasibility.cashflow import ShadowPrices
from serai.feasibility.corridor_model import Change, CorridorModel, Question, ask
from serai.feasibility.draw_map import corridor_factors
from serai.feasibility.traffic import emissions, traffic
from serai.freight.equilibrium import route_shares
from serai.freight.flows import carried
from serai.study.money import Money, read_terms
from serai.study.prices import (
    CARBON,
    SHADOW,
    convention_of,
    economic_over_financial,
    local_cash,
    price_factors,
)
from serai.study.spec import read_spec
from serai.study.worth import BOTH, REST, STAGE, Gains, Worth

DAY = dt.date(2025, 12, 15)
CLOSED = 1e-9


@pytest.fixture(scope="module")
def model(sixplace):
    return CorridorModel(open_corridor(sixplace), sixplace.meta.base_date, corridor_factors(sixplace))


def worth_of(package, **figures):
    """A worth at one draw: cost and time at their modes, and the figures of money that are given."""
    spec = read_spec(package).decision
    stage, main = (read_terms(package, p, spec, 2026, 2070) for p in (spec.stage_one, spec.project))
    named = {"growth": 1.02, **figures}
    for t in (stage, main):
        named |= {f"{t.project}.cost": t.cost_usd[1], f"{t.project}.build_years": t.build_years[1]}
    money = Money(tuple(named), np.array([list(named.values())]), ())
    gains = Gains(np.array([[1e7, 4e7]]), np.array([[1e4, -3e4]]))
    return Worth(stage, main, money, money, gains, gains, 2025, convention_of(package))


SHADOWED = dict(zip(SHADOW, (1.2, 0.6, 0.4, 0.2, 0.1), strict=True))


@given(
    st.floats(1, 2), st.floats(0.2, 1), st.floats(0, 0.7), st.floats(0, 0.3), st.floats(0, 0.5)
)  # fmt: skip
def test_the_factor_on_works_is_that_of_shadow_prices(serf, swrf, traded, unskilled, tax):
    rows = np.array([[serf, swrf, traded, unskilled, tax], [1.0, 1.0, traded, unskilled, 0.0]])
    found = economic_over_financial(tuple(SHADOW), rows)
    assert found[0] == ShadowPrices(serf, swrf, traded, unskilled, tax).factor
    assert found[1] == pytest.approx(1, rel=CLOSED)


def test_shadow_prices_move_costs_and_nothing_else(sixplace):
    plain, priced = worth_of(sixplace), worth_of(sixplace, **SHADOWED)
    factor = ShadowPrices(*SHADOWED.values()).factor
    a, b = (w.flows(BOTH, w.money, w.gains) for w in (plain, priced))
    for item in ("capital", "o_and_m", "residual"):
        assert getattr(b, item) == pytest.approx(factor * getattr(a, item), rel=CLOSED)
    assert b.benefit == pytest.approx(a.benefit, rel=CLOSED)
    # What is paid is what is paid.
    paid = [w.flows(BOTH, w.money, w.gains, financial=True).capital for w in (plain, priced)]
    assert paid[0] == pytest.approx(paid[1], rel=CLOSED)
    assert priced.committed(STAGE) == pytest.approx(plain.committed(STAGE), rel=CLOSED)


def test_carbon_is_its_price_over_the_years(sixplace):
    none, priced = worth_of(sixplace), worth_of(sixplace, **{CARBON: 80.0})
    assert not none.flows(BOTH, none.money, none.gains).carbon.any()
    for which, sign in ((STAGE, 1), (REST, -1), (BOTH, 0)):
        a, b = (w.flows(which, w.money, w.gains) for w in (none, priced))
        assert (sign * b.carbon >= 0).all()
        assert b.net - a.net == pytest.approx(b.carbon, abs=1e-6)
        worth = float((b.carbon[0] * discount(len(b.years), 0.09)).sum())
        assert priced.npv(which, priced.money, priced.gains) == pytest.approx(
            none.npv(which, none.money, none.gains) + worth, rel=CLOSED
        )
    # Full traffic, no growth of trade any more after the last anchor: the price alone grows.
    late = priced.flows(STAGE, priced.money, priced.gains).carbon[0]
    assert late[-1] / late[-2] == pytest.approx(1.02, rel=CLOSED)


def test_a_package_without_prices_is_appraised_at_what_is_paid(sixplace):
    frame = sixplace["parameters"]
    bare = sixplace.with_tables({"parameters": frame[~frame["id"].str.contains("carbon|shadow|capital_|discount")]})
    assert price_factors(bare) == []
    assert convention_of(bare) == ADB2017()
    assert worth_of(bare).main.plan.carbon_growth == 0
    assert {f.group[0] for f in price_factors(sixplace)} == {"worth of carbon", "shadow prices"}


def test_a_ministrys_own_rate_is_used_and_named(sixplace, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("table,id,column,value,unit\nparameters,discount_rate,value,0.05,\n", encoding="utf-8")
    laid = lay_over(sixplace, path, DAY)
    found = convention_of(laid)
    assert (found.rate, found.bounds) == (0.05, ADB2017().bounds)
    assert found.name != ADB2017().name
    mine, usual = worth_of(laid), worth_of(sixplace)
    flows = mine.flows(BOTH, mine.money, mine.gains).net
    assert mine.npv(BOTH, mine.money, mine.gains) == pytest.approx(flows @ discount(flows.shape[1], 0.05), rel=CLOSED)
    assert mine.npv(BOTH, mine.money, mine.gains) != usual.npv(BOTH, usual.money, usual.gains)


def test_emissions_saved_are_those_of_all_traffic_before_less_after(model):
    change = Change(("PASSROAD",))
    reply = ask(model, Question((Change(), change)))
    touched = model.touched(change.projects)
    before, after = (traffic(model, model.solve(c), c, touched) for c in (Change(), change))
    assert before.co2e_t_per_year > 0
    assert reply.saved_t_per_year[0] == 0
    assert reply.saved_t_per_year[1] == pytest.approx(before.co2e_t_per_year - after.co2e_t_per_year, rel=1e-6)


def test_emissions_by_hand(model):
    outcome = model.solve(Change())
    e, routes = model.world.freight.entries, model.world.freight.routes
    kg = model.world.compiled.figures.co2e_kg_per_t
    total, shares = 0.0, route_shares(model.world.freight, outcome.freight)
    for i in range(e.n):
        for o in range(e.ptr[i], e.ptr[i + 1]):
            r = e.first_route[i] + o - e.ptr[i]
            share = shares[o]
            legs = routes.leg_arc[routes.leg_ptr[r] : routes.leg_ptr[r + 1]]
            total += share * outcome.freight.tonnes_per_day[i] * kg[legs].sum()
    flows = carried(model.world.freight, outcome.freight)
    assert emissions(model, flows) == pytest.approx(total * 365 / 1000, rel=CLOSED)


def test_cash_in_local_currency(sixplace):
    cash = pd.DataFrame({"year": [2026, 2027, 2028], "XLA_usd_m": [-10.0, 5.0, 6.0], "lenders_usd_m": [1.0, 1.0, 1.0]})
    found = local_cash(sixplace, cash)
    assert list(found) == ["year", "XLA_XLD_m"]
    assert found["XLA_XLD_m"].tolist() == pytest.approx([-1000.0, 500.0 * 1.01, 600.0 * 1.01**2], rel=CLOSED)
    none = sixplace.with_tables({"exchange_rates": sixplace["exchange_rates"].iloc[:0]})
    assert local_cash(none, cash).empty


def test_every_member_of_the_embedded_package_has_a_currency(ewec):
    members = set(ewec["countries"].loc[ewec["countries"]["member"], "iso3"])
    assert members <= set(ewec["exchange_rates"]["country"])
    assert (ewec["exchange_rates"]["basis"] == "assumed").all()
    assert replace(convention_of(ewec)) == ADB2017()
