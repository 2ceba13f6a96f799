"""Portfolios, what breaks a corridor, and what to decide now."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError, NoRouteError
from serai.feasibility.options import decide, learn
from serai.feasibility.portfolio import best_order, best_portfolio, complementarity
from serai.feasibility.resilience import (
    ClosureRisk,
    criticality,
    expected_yearly_loss,
    worth_of_second_way,
)

CLOSED = 1e-9
relaxed = settings(deadline=None, max_examples=40)


def random_worth(n, seed):
    rng = np.random.default_rng(seed)
    table = np.r_[0.0, np.round(rng.normal(1, 5, 2**n - 1), 3)]
    return rng.uniform(1, 10, n), lambda m: float(table[m])


@given(st.integers(1, 6), st.integers(0, 2**31), st.floats(0, 40))
@relaxed
def test_no_set_within_the_budget_is_worth_more(n, seed, budget):
    cost, worth = random_worth(n, seed)
    found = best_portfolio(cost, worth, budget)
    costs = [sum(c for i, c in enumerate(cost) if m >> i & 1) for m in range(2**n)]
    best = max(worth(m) for m in range(2**n) if costs[m] <= budget)
    assert found.worth_usd == pytest.approx(best)
    assert found.exact
    assert found.cost_usd == pytest.approx(costs[found.chosen])
    assert found.cost_usd <= budget


def test_a_railway_is_nothing_without_its_border_and_its_port():
    need = {0b111: 10.0, 0b110: -4.0, 0b101: -3.0, 0b011: -5.0, 0b001: -3.0, 0b010: -2.0, 0b100: -1.0}
    cost = np.array([3.0, 2.0, 1.0])
    assert best_portfolio(cost, need.__getitem__, 6.0).members(("rail", "border", "port")) == ("rail", "border", "port")
    assert best_portfolio(cost, need.__getitem__, 5.9).chosen == 0
    assert complementarity(3, need.__getitem__)[0, 2] == pytest.approx(1.0)


def test_a_project_with_no_effect_is_not_chosen():
    cost = np.array([5.0, 3.0])
    worth = {1: 4.0, 2: -3.0, 3: 1.0}
    assert best_portfolio(cost, worth.__getitem__, 100.0).chosen == 1


def test_beyond_twelve_a_search_finds_what_pays_and_says_it_is_one():
    rng = np.random.default_rng(0)
    cost, gain = rng.uniform(1, 9, 15), rng.uniform(-2, 6, 15)

    def worth(mask):
        return float(sum(g for i, g in enumerate(gain) if mask >> i & 1))

    free = best_portfolio(cost, worth, 1e9)
    assert not free.exact
    assert free.worth_usd == pytest.approx(gain[gain > 0].sum())
    tight = best_portfolio(cost, worth, 20.0)
    assert tight.cost_usd <= 20
    # A knapsack in continuous parts is worth at least as much as any set.
    ratio = np.argsort(-gain / cost)
    left, bound = 20.0, 0.0
    for i in ratio[gain[ratio] > 0]:
        part = min(1.0, left / cost[i])
        bound, left = bound + part * gain[i], left - part * cost[i]
    assert 0.8 * bound < tight.worth_usd <= bound + CLOSED


def test_the_search_sees_pairs_that_need_each_other():
    cost = np.ones(14)
    worth = best_portfolio(cost, lambda m: 10.0 - m.bit_count() if m & 3 == 3 else -float(m.bit_count()), 5.0)
    assert worth.chosen == 3


@given(st.integers(1, 5), st.integers(0, 2**31))
@relaxed
def test_the_best_order_is_the_best_of_all_orders(n, seed):
    rng = np.random.default_rng(seed)
    cost, build = rng.uniform(0, 5, n), rng.uniform(0.5, 4, n)
    yearly = np.r_[0.0, rng.uniform(0, 3, 2**n - 1)]
    rate, horizon = 0.08, 40.0
    found = best_order(2**n - 1, lambda m: float(yearly[m]), cost, build, rate, horizon)
    k = math.log(1 + rate)

    def value(order):
        clock, mask, total = 0.0, 0, 0.0
        for i in order:
            total -= cost[i] * math.exp(-k * clock)
            end = clock + build[i]
            total += yearly[mask] * (math.exp(-k * clock) - math.exp(-k * end)) / k
            clock, mask = end, mask | 1 << i
        return total + yearly[mask] * (math.exp(-k * clock) - math.exp(-k * horizon)) / k

    best = max(value(o) for o in itertools.permutations(range(n)))
    assert found.worth_usd == pytest.approx(best, abs=1e-9)
    assert value(found.order) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize(("cost", "budget"), [([-1.0], 1.0), ([math.nan], 1.0), ([1.0], -1.0), ([1.0], math.nan)])
def test_a_budget_that_cannot_be_is_refused(cost, budget):
    with pytest.raises(InputError):
        best_portfolio(np.array(cost), lambda _: 0.0, budget)


def test_a_worth_without_an_answer_is_not_taken_for_one():
    with pytest.raises(InputError, match="not a number"):
        best_portfolio(np.ones(2), lambda _: math.nan, 9.0)


# ---------------------------------------------------------------------------------------------------- resilience

# Two ways from end to end: a then b in line, or c alone and dearer.
WORTH = {"fast": 100.0, "slow": 60.0}


def two_ways(shut):
    if not shut & {"a", "b"}:
        return WORTH["fast"]
    if "c" not in shut:
        return WORTH["slow"]
    raise NoRouteError("No way is left")


def test_criticality_tells_what_cuts_the_corridor():
    single = criticality(["a", "b", "c"], two_ways)
    assert {x.shut: x.usd_per_year for x in single} == {("a",): 40, ("b",): 40, ("c",): 0}
    double = criticality(["a", "b", "c"], two_ways, joint=2)
    assert [x.shut for x in double[:2]] == [("a", "c"), ("b", "c")]
    assert all(x.reason for x in double[:2])


def test_expected_loss_by_hand():
    risks = [ClosureRisk("war", frozenset("ab"), 0.2), ClosureRisk("storm", frozenset("c"), 0.1)]
    found = expected_yearly_loss(risks, two_ways)
    assert found.expected_usd == pytest.approx(0.2 * 0.9 * 40)
    assert found.left_out == pytest.approx(0.02)
    assert [x.shut for x in found.unanswered] == [("a", "b", "c")]
    assert found.p_open == pytest.approx(0.72)
    assert found.worst.shut == ("a", "b")
    never = expected_yearly_loss([], two_ways)
    assert (never.expected_usd, never.left_out, never.p_open) == (0, 0, 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(0, 2**31))
@relaxed
def test_expected_loss_is_the_mean_of_what_happens(shares, seed):
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0, 5, len(shares))
    risks = [ClosureRisk(str(i), frozenset(str(i)), s) for i, s in enumerate(shares)]

    def worth(shut):
        return 50.0 - sum(weight[int(x)] for x in shut)

    found = expected_yearly_loss(risks, worth)
    assert found.expected_usd == pytest.approx(float(weight @ shares), abs=1e-9)
    assert found.by_risk_usd == pytest.approx(weight * shares, abs=1e-9)
    assert found.left_out == pytest.approx(0, abs=1e-9)
    more = [ClosureRisk(r.name, r.shuts, min(1.0, r.shut_share + 0.1)) for r in risks]
    assert expected_yearly_loss(more, worth).expected_usd >= found.expected_usd - 1e-9


def test_chances_that_were_not_taken_are_told():
    risks = [ClosureRisk(str(i), frozenset(str(i)), 0.1) for i in range(14)]
    with pytest.raises(InputError, match="too many"):
        expected_yearly_loss(risks, lambda _: 1.0, together=13)
    found = expected_yearly_loss(risks, lambda s: -float(len(s)), together=2)
    assert found.left_out == pytest.approx(1 - sum(math.comb(14, k) * 0.1**k * 0.9 ** (14 - k) for k in range(3)))


def test_the_second_way_is_worth_what_it_saves_when_the_first_is_shut():
    risks = [ClosureRisk("war", frozenset("a"), 0.25)]
    calm, shut = worth_of_second_way(risks, lambda s: 0.0 if "a" in s else 100.0, lambda s: 60.0 if "a" in s else 100.0)
    assert (calm, shut) == pytest.approx((0, 15))
    with pytest.raises(InputError, match="no answer"):
        worth_of_second_way([ClosureRisk("x", frozenset("abc"), 0.1)], two_ways, two_ways)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_is_a_share(share):
    with pytest.raises(InputError, match="share"):
        expected_yearly_loss([ClosureRisk("x", frozenset("a"), share)], two_ways)


# ------------------------------------------------------------------------------------------------------- options


def test_a_signal_that_tells_all_gives_its_trigger():
    worth = np.linspace(-3, 5, 1024)
    found = learn(worth, worth * 10)
    assert found.above
    assert found.trigger == pytest.approx(0, abs=80 / 16)
    assert learn(worth, -worth).above is False
    assert math.isnan(learn(worth + 10, worth).trigger)


def draws(seed, mean=0.0):
    rng = np.random.default_rng(seed)
    open_days = rng.uniform(50, 360, 2048)
    npv = (open_days - 200) * 3 + rng.normal(mean, 100, 2048)
    return npv, open_days


def decided(npv, signal, study=1.0, wait=3.0):
    n = len(npv)
    found = decide(
        npv,
        np.full(n, 500.0),
        0.2 * npv - 10,
        np.full(n, 100.0),
        0.8 * npv,
        signal,
        study_cost_usd=study,
        wait_years=wait,
        rate=0.09,
    )
    return {c.name: c for c in found}, found


def test_waiting_is_worth_what_is_learned_less_what_is_lost():
    npv, open_days = draws(0)
    by_name, ordered = decided(npv, open_days)
    values = [c.value_usd for c in ordered]
    assert values == sorted(values, reverse=True)
    study = by_name["study and wait"]
    later = 1.09**-3
    perfect = later * np.maximum(npv, 0).mean() - 1
    assert 0 < study.value_usd <= perfect
    assert study.trigger == pytest.approx(200, abs=310 / 16)
    assert by_name["decline"].value_usd == 0
    assert by_name["build all"].value_usd == pytest.approx(npv.mean())


def test_a_signal_that_says_nothing_makes_waiting_worth_no_more_than_its_delay():
    npv, _ = draws(1, mean=400.0)
    noise = np.random.default_rng(5).uniform(size=len(npv))
    by_name, ordered = decided(npv, noise)
    assert ordered[0].name == "build all"
    study = by_name["study and wait"]
    assert study.value_usd == pytest.approx(1.09**-3 * npv.mean() - 1, rel=1e-9)
    assert by_name["build all"].value_usd - study.value_usd == pytest.approx(study.waiting_loses_usd + 1, rel=1e-9)
    assert study.p_go_on == 1


def test_a_project_with_no_effect_is_declined():
    n = 256
    cost = np.full(n, 100.0)
    found = decide(
        -cost,
        cost,
        -0.2 * cost,
        0.2 * cost,
        -0.8 * cost,
        np.arange(n, dtype=float),
        study_cost_usd=2.0,
        wait_years=2.0,
        rate=0.09,
    )
    assert [c.name for c in found] == ["decline", "study and wait", "stage one", "build all"]
    assert found[1].p_go_on == 0
    with pytest.raises(InputError, match="draws"):
        decide(-cost[:5], cost, cost, cost, cost, cost, study_cost_usd=0, wait_years=0, rate=0.1)
