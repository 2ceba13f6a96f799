"""Negative controls on the whole decision, and closed forms that hold for any size."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import comb

from serai.feasibility.appraisal import present_value
from serai.feasibility.coalition import game, in_core, shapley
from serai.freight.queues import KNEE, wait
from serai.study.decision import Decision, decision_of
from serai.study.money import added, flows_of
from serai.study.spec import read_spec

DAY = dt.date(2025, 12, 15)
CLOSED = 1e-9
NOTHING = """name: nothing
title: Nothing changes
sources: [invented]
ops:
- {op: set, table: crossings, where: {place: HIGHPASS}, column: hours, times: 1.0}
"""


@pytest.fixture(scope="module")
def idle(sixplace):
    """A decision on two projects that are paid for and change nothing."""
    projects = sixplace["projects"].copy()
    projects["scenario"] = "nothing"
    package = replace(
        sixplace.with_tables({"projects": projects}),
        scenarios=MappingProxyType({**sixplace.scenarios, "nothing": NOTHING}),
    )
    found = decision_of(package, read_spec(package), DAY, ())
    assert isinstance(found, Decision)
    return found


@pytest.mark.slow
def test_a_project_with_no_effect_is_worth_minus_its_cost_in_every_draw(idle):
    assert not np.any([r.ev_usd_per_year for r in idle.worlds.draws])
    assert idle.tonnes == (0, 0, 0)
    assert idle.npv_all_usd < 0
    for a in idle.appraisals:
        parts = {k: float(v[0]) for k, v in a.pv_usd.items()}
        assert parts["benefit"] == 0
        assert parts["carbon"] == 0
        assert float(a.npv_usd[0]) == pytest.approx(parts["capital"] + parts["o_and_m"] + parts["residual"], rel=CLOSED)
        assert parts["capital"] < 0
    assert idle.npv.p_positive == 0
    assert idle.npv.percentiles[90.0] < 0


@pytest.mark.slow
def test_a_project_with_no_effect_passes_nothing_and_is_declined(idle):
    assert {r.verdict for r in idle.score} <= {"fail", "not established"}
    assert idle.choices[0].name == "decline"
    assert math.isnan(idle.open_days_needed)
    second = idle.tables["decision_second_way"].filter(like="worth_")
    assert len(second)
    assert second.to_numpy() == pytest.approx(0, abs=1e-3)
    gains = idle.tables["decision_reconciliation"].select_dtypes("number").drop(columns=["member"], errors="ignore")
    assert not gains.to_numpy().any()


@pytest.mark.slow
def test_a_shut_way_is_worth_no_more_than_an_open_one_at_every_number_of_days(idle):
    # The same flows with a gain: as the way opens, the worth never falls.
    money = replace_money(idle)
    worth = [
        float(present_value(flows_of(idle.main, money, np.array([3e7]), 2025, np.array([d])).net, 0.09)[0])
        for d in np.linspace(0, 365, 12)
    ]
    assert (np.diff(worth) > 0).all()


def replace_money(d):
    from serai.study.money import Money

    return Money(
        ("growth", f"{d.main.project}.cost", f"{d.main.project}.build_years"),
        np.array([[1.02, d.main.cost_usd[1], d.main.build_years[1]]]),
        (),
    )


@pytest.mark.slow
def test_flows_of_two_projects_add_up(idle):
    money = replace_money(idle)
    one, other = (flows_of(idle.main, money, np.array([g]), 2025, np.array([365.0])) for g in (1e7, 2e7))
    assert added(one, other).net == pytest.approx(one.net + other.net, rel=CLOSED)


# ------------------------------------------------------------------------------------------------------ closed forms


def play(n, worth):
    masks = [[i for i in range(n) if m >> i & 1] for m in range(1 << n)]
    return game(tuple("abcdefghij"[:n]), np.array([float(worth(s)) if s else 0.0 for s in masks]))


def left_share(left, right):
    """Shapley value of one left glove: chance that it comes when right gloves outnumber the left ones before it."""
    n, total = left + right, 0.0
    for a, b in itertools.product(range(left), range(right + 1)):
        if b > a:
            total += comb(left - 1, a) * comb(right, b) / (n * comb(n - 1, a + b))
    return total


@pytest.mark.parametrize(("left", "right"), [(1, 1), (1, 2), (2, 2), (2, 3), (3, 4), (2, 6)])
def test_glove_games_of_any_size(left, right):
    g = play(left + right, lambda s: min(sum(i < left for i in s), sum(i >= left for i in s)))
    share = left_share(left, right)
    other = (min(left, right) - left * share) / right
    assert shapley(g.v) == pytest.approx([share] * left + [other] * right, abs=CLOSED)
    # Shapley and Shubik (1969): the scarce side takes all in the core, and the even game splits anyhow.
    scarce = np.array([1.0 if (i < left) == (left <= right) else 0.0 for i in range(left + right)])
    assert in_core(g, scarce)
    assert in_core(g, 1.0 - scarce) == (left == right)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=8))
def test_airport_games_of_any_size(costs):
    g = play(len(costs), lambda s: -max(costs[i] for i in s))
    order = np.argsort(costs, kind="stable")
    steps = np.diff(np.r_[0, np.sort(costs)])
    # Littlechild and Owen (1973): each step of cost is shared by those who need it.
    shares = np.empty(len(costs))
    shares[order] = np.cumsum(steps / np.arange(len(costs), 0, -1))
    assert -shapley(g.v) == pytest.approx(shares, rel=CLOSED)
    assert shapley(g.v).sum() == pytest.approx(g.v[-1], rel=CLOSED)
    assert in_core(g, shapley(g.v))


def erlang_wait(rho, lanes, service_h):
    """Mean wait of the M/M/c queue, by Erlang's second formula through his recursion for the first."""
    load, blocked = rho * lanes, 1.0
    for c in range(1, lanes + 1):
        blocked = load * blocked / (c + load * blocked)
    waits = blocked / (1 - rho * (1 - blocked))
    return waits * service_h / (lanes * (1 - rho))


RHO = np.linspace(0.01, KNEE, 40)


def test_one_lane_waits_as_erlang_says():
    mine, slope = wait(RHO, np.full(len(RHO), 3.0))
    assert mine == pytest.approx([erlang_wait(r, 1, 3.0) for r in RHO], rel=CLOSED)
    assert slope == pytest.approx(3.0 / (1 - RHO) ** 2, rel=CLOSED)


@pytest.mark.parametrize("lanes", [2, 3, 8, 20])
def test_lanes_beside_each_other_wait_no_longer_than_one_as_fast_as_all(lanes):
    mine, _ = wait(RHO, np.full(len(RHO), 3.0 / lanes))
    theirs = np.array([erlang_wait(r, lanes, 3.0) for r in RHO])
    assert (theirs <= mine * (1 + CLOSED)).all()
    # What is left out shrinks as the post fills up, which is where waits are long.
    assert (np.diff(theirs / mine) > 0).all()
    assert erlang_wait(0.9999, lanes, 3.0) * (1 - 0.9999) == pytest.approx(3.0 / lanes, rel=0.01)
