"""The conventional appraisal and the financing: identities that must close, and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError
from serai.feasibility.conventional import FreightState, conventional, reconcile, split_traffic
from serai.feasibility.financing import (
    Operation,
    Payer,
    annuity,
    finance,
    in_local_currency,
    rolling_stock,
    schedule,
)

CLOSED = 1e-9


def state(rng, shape=(5, 3)):
    tonnes = rng.uniform(0, 100, shape) * (rng.uniform(size=shape) > 0.2)
    return FreightState(
        tonnes, tonnes * rng.uniform(0, 1, shape), *(rng.uniform(a, b, shape) for a, b in ((50, 90), (1, 9), (20, 40)))
    )


@given(st.integers(0, 2**31))
@settings(deadline=None)
def test_kinds_of_traffic_and_their_benefits_add_up(seed):
    rng = np.random.default_rng(seed)
    before, after = state(rng), state(rng)
    t = split_traffic(before, after)
    assert t.existing + t.diverted + t.generated == pytest.approx(after.on_project, abs=CLOSED)
    assert t.existing + t.diverted + t.elsewhere + t.lost == pytest.approx(before.tonnes, abs=CLOSED)
    assert min(x.min() for x in (t.existing, t.diverted, t.generated, t.elsewhere, t.lost)) >= -CLOSED
    found = conventional(before, after)
    parts = found.existing + found.diverted + found.generated + found.elsewhere
    assert parts == pytest.approx(found.rule_of_half, abs=1e-7)
    back = conventional(after, before)
    assert back.total == pytest.approx(-found.total, abs=1e-7)


def test_nothing_changes_nothing():
    before = state(np.random.default_rng(0))
    found = conventional(before, before)
    for part in (found.total, found.resource_saving, found.time_saving):
        assert (part == 0).all()
    assert (found.traffic.generated == 0).all()
    assert (found.traffic.diverted == 0).all()


def test_one_pair_by_hand():
    before = FreightState(*(np.array([[x]]) for x in (100.0, 30.0, 80.0, 5.0, 50.0)))
    after = FreightState(*(np.array([[x]]) for x in (120.0, 90.0, 70.0, 8.0, 44.0)))
    found = conventional(before, after)
    assert found.traffic.existing == 30
    assert found.traffic.generated == pytest.approx(20 * 90 / 120)
    assert found.traffic.diverted == pytest.approx(90 - 15 - 30)
    assert found.rule_of_half == pytest.approx(110 * 10)
    assert found.fees == pytest.approx(120 * 8 - 100 * 5)
    assert found.resource_saving == pytest.approx(600)
    assert found.time_saving == pytest.approx(1000 - 600 + 300)


def test_a_pair_that_was_cut_off_has_no_rule_of_half():
    before = state(np.random.default_rng(1))
    cost = before.cost_usd_per_t.copy()
    at = np.argwhere(before.tonnes > 0)[0]
    cost[tuple(at)] = math.inf
    after = FreightState(before.tonnes, before.on_project, cost, before.fee_usd_per_t, before.money_usd_per_t)
    with pytest.raises(InputError, match="no way"):
        conventional(before, after)


def test_reconciliation_closes():
    rng = np.random.default_rng(2)
    parts = rng.normal(size=(4, 6))
    found = reconcile(*parts)
    total = found.users + found.fees + found.tariffs + found.prices
    assert total == pytest.approx(found.equivalent_variation, abs=CLOSED)
    assert reconcile(parts[0], parts[1], parts[2], parts[:3].sum(axis=0)).prices_share == pytest.approx(0, abs=1e-12)


def test_annuity():
    assert annuity(1000, 0.05, 20) == pytest.approx(1000 * 0.05 / (1 - 1.05**-20), abs=CLOSED)
    assert annuity(1000, 0.0, 20) == 50
    assert annuity(1000, 1e-12, 20) == pytest.approx(50, rel=1e-9)


@given(st.floats(0, 0.2), st.integers(1, 20), st.integers(3, 8))
@settings(deadline=None)
def test_a_loan_repays_what_was_drawn_at_its_rate(rate, tenor, first):
    drawn = np.zeros(30)
    drawn[:3] = 10.0, 30.0, 20.0
    s = schedule(drawn, rate, tenor, first)
    v = (1 + rate) ** -np.arange(30)
    assert (s.interest + s.repaid) @ v == pytest.approx(drawn @ v, rel=1e-9)
    assert s.balance[first + tenor - 1 :] == pytest.approx(0, abs=1e-9)
    paid = (s.interest + s.repaid)[first : first + tenor]
    assert paid == pytest.approx(paid[0], rel=1e-9)


def test_rolling_stock_is_replaced():
    tkm = np.r_[np.zeros(2), np.full(12, 95.0), np.full(4, 195.0)]
    op = Operation(0.03, 0.02, "AAA", tkm_per_set=10.0, usd_per_set=2.0, set_life_years=6)
    sets, cost = rolling_stock(tkm, op)
    assert (sets >= tkm / 10).all()
    assert list(np.flatnonzero(cost)) == [2, 8, 14]
    assert cost[[2, 8, 14]] == pytest.approx([20, 20, 40])


PAYERS = (
    Payer("bank", "LND", 0.6, "loan", 0.04, 15, guarantor="AAA", guaranteed_share=0.5),
    Payer("state", "AAA", 0.3, "equity"),
    Payer("donor", "DON", 0.1, "grant"),
)


def project(tonnes=2.0e9, payers=PAYERS, tariff=0.035):
    works = np.zeros(30)
    works[:4] = 100e6
    tkm = np.r_[np.zeros(4), np.full(26, tonnes)]
    op = Operation(tariff, 0.02, "AAA", 5e6, tkm_per_set=5e7, usd_per_set=4e5)
    return finance(works, tkm, op, payers, 5), works, tkm


@given(st.floats(0, 4e9), st.floats(0.01, 0.06))
@settings(deadline=None, max_examples=40)
def test_the_cash_of_all_countries_is_that_of_the_project(tonnes, tariff):
    found, _, _ = project(tonnes, tariff=tariff)
    total = sum(found.cash.values())
    assert total == pytest.approx(found.revenue - found.operating - found.capital, abs=1e-4)
    assert found.paid + found.called + found.unpaid == pytest.approx(found.service, abs=1e-6)
    assert (found.unpaid >= -1e-6).all()
    served = found.dscr >= 1
    assert found.called[served] == pytest.approx(0, abs=1e-6)


def test_debt_that_cannot_be_served_is_told():
    found, _, _ = project(tonnes=0.2e9)
    due = found.service > 0
    assert (found.dscr[due] < 1).all()
    assert (found.called[due] > 0).all()
    assert found.called[due] == pytest.approx(found.unpaid[due])
    assert math.isnan(found.equity_irr) or found.equity_irr < 0


def test_all_equity_earns_the_return_of_the_project():
    found, _, _ = project(payers=(Payer("owner", "AAA", 1.0, "equity"),))
    assert found.equity_irr == pytest.approx(found.firr, abs=1e-12)
    assert np.isnan(found.dscr).all()
    assert found.firr == pytest.approx(project()[0].firr, abs=1e-12)


def test_cheap_debt_lifts_the_return_on_equity():
    found, _, _ = project(tonnes=4e9)
    assert found.firr > 0.04
    assert found.equity_irr > found.firr


def test_local_currency():
    found = in_local_currency({"AAA": np.ones(3)}, {"AAA": 280.0}, {"AAA": 0.05})
    assert found["AAA"] == pytest.approx([280, 294, 308.7])
    with pytest.raises(InputError, match="exchange rate"):
        in_local_currency({"AAA": np.ones(3)}, {}, {})


@pytest.mark.parametrize(
    "payers",
    [
        (),
        (Payer("a", "A", 0.4, "grant"),),
        (Payer("a", "A", 1.4, "grant"), Payer("b", "B", -0.4, "grant")),
        (Payer("a", "A", 1.0, "loan", 0.04, 10, guaranteed_share=0.5),),
        (Payer("a", "A", 1.0, "loan", 0.04, 40),),
        (Payer("a", "A", 1.0, "loan", 0.04, 0),),
    ],
)
def test_financing_that_cannot_be_is_refused(payers):
    with pytest.raises(InputError):
        project(payers=payers)
