"""Draws, distributions, shares of variance, the outside view, closures."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import checked, laid_into
from serai.core.errors import InputError
from serai.data.schema import load_schema
from serai.feasibility.closures import (
    Record,
    record_from_spells,
    regime,
    shut_spells,
)
from serai.feasibility.distribution import cvar, design, distribution, evpi, variance_shares
from serai.feasibility.reference import CLASSES, lognormal_parameters
from serai.feasibility.uncertainty import (
    ADD_TO_ONE,
    draw,
    joined,
    own_factors,
    package_factors,
    row_names,
    sobol,
)

# Ishigami and Homma (1990) with a = 7, b = 0.1, shares in closed form.
A, B = 7.0, 0.1
V1 = 0.5 * (1 + B * math.pi**4 / 5) ** 2
V2 = A**2 / 8
V13 = B**2 * math.pi**8 * 8 / 225
V = V1 + V2 + V13
ISHIGAMI = 0.02  # acceptance


def ishigami(u):
    x = math.pi * (2 * u - 1)
    return np.sin(x[..., 0]) + A * np.sin(x[..., 1]) ** 2 + B * x[..., 2] ** 4 * np.sin(x[..., 0])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_variance_shares_of_ishigami(seed):
    found = variance_shares(("x1", "x2", "x3"), ishigami(design(("x1", "x2", "x3"), 4096, seed)), bootstrap=200)
    assert found.first == pytest.approx(np.array([V1, V2, 0]) / V, abs=ISHIGAMI)
    assert found.total == pytest.approx(np.array([V1 + V13, V2, V13]) / V, abs=ISHIGAMI)
    assert (found.first_low <= found.first).all()
    assert (found.first <= found.first_high).all()
    assert found.variance == pytest.approx(V, rel=0.02)


def test_a_group_holds_what_its_factors_do_together():
    group = ("a", "b", "a")
    found = variance_shares(("a", "b"), ishigami(design(group, 4096, 5)), bootstrap=50)
    assert found.first == pytest.approx(np.array([V1 + V13, V2]) / V, abs=ISHIGAMI)
    assert found.total == pytest.approx(np.array([V1 + V13, V2]) / V, abs=ISHIGAMI)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    inside = []
    for seed in range(20):
        found = variance_shares(("x1", "x2", "x3"), ishigami(design(("x1", "x2", "x3"), 256, seed)), bootstrap=200)
        truth = np.array([V1 + V13, V2, V13]) / V
        inside += list((found.total_low <= truth) & (truth <= found.total_high))
    assert np.mean(inside) > 0.85  # 90 % intervals of independent rows; Sobol rows spread less


def test_what_has_no_effect_has_no_share_and_failures_are_counted():
    values = ishigami(design(("x1", "x2", "x3", "none"), 512, 0))
    found = variance_shares(("x1", "x2", "x3", "none"), values, bootstrap=50)
    assert found.first[3] == found.total[3] == 0
    values[1, :10] = np.nan
    assert variance_shares(("x1", "x2", "x3", "none"), values, bootstrap=10).failed == 10
    flat = variance_shares(("x",), np.ones((3, 64)), bootstrap=5)
    assert flat.variance == 0
    assert (flat.total == 0).all()


def test_shorter_sequences_begin_longer_ones():
    assert (sobol(64, 7, 3) == sobol(512, 7, 3)[:64]).all()
    assert ((sobol(512, 7, 3) > 0) & (sobol(512, 7, 3) < 1)).all()
    assert not (sobol(64, 7, 3) == sobol(64, 7, 4)).all()


@pytest.mark.parametrize("n", [0, 1, 32, 100, -64])
def test_draws_come_in_powers_of_two(n):
    with pytest.raises(InputError, match="power of two"):
        sobol(n, 2, 0)


def test_a_third_of_the_draws_keeps_the_range():
    factors = own_factors({"a": (1.0, 2.0, 10.0), "b": (5.0, 5.0, 8.0)}, "own")
    values = draw(factors, sobol(4096, 2, 0)).values
    found = np.percentile(values, [10, 50, 90], axis=0).T
    # Sobol points fill every tenth to within one point in 4,096.
    assert found == pytest.approx(np.array([[1, 2, 10], [5, 5, 8]]), rel=5e-3)


def test_limits_of_the_format_clip_and_count(sixplace):
    factors = package_factors(sixplace, ["delays"])
    found = draw(factors, sobol(1024, len(factors), 0))
    share = np.array([c == "share" for c in factors.column])
    assert (found.values[:, share] <= 1).all()
    assert found.clipped[share].sum() == (found.values[:, share] == 1).sum()
    assert (found.clipped[~share] == 0).all()


def test_every_ranged_figure_of_a_package_is_a_factor(sixplace):
    factors = package_factors(sixplace)
    schema = load_schema().tables
    expected = sum(
        int((sixplace[name][f"{c}_low"] < sixplace[name][f"{c}_high"]).sum())
        for name, table in schema.items()
        if name not in ADD_TO_ONE
        for c in table.ranged
    )
    assert len(factors) == expected
    assert len(set(zip(factors.table, factors.id, factors.column, strict=True))) == expected
    assert factors.digest == package_factors(sixplace).digest
    assert factors.digest != package_factors(sixplace, ["links"]).digest


def test_a_draw_laid_into_a_package_is_read_there(sixplace):
    factors = package_factors(sixplace)
    values = draw(factors, sobol(64, len(factors), 1)).values[5]
    drawn = checked(laid_into(sixplace, factors, values))
    for i in range(0, len(factors), 7):
        frame = drawn[factors.table[i]]
        rows = row_names(frame, load_schema().tables[factors.table[i]])
        cell = frame.loc[[r == factors.id[i] for r in rows], factors.column[i]]
        assert cell.to_list() == pytest.approx([values[i]], rel=1e-14)
    assert drawn.meta.digest != sixplace.meta.digest
    assert laid_into(sixplace, factors, factors.mode).meta.digest == sixplace.meta.digest


def test_figures_are_drawn_once(sixplace):
    factors = package_factors(sixplace, ["links"])
    with pytest.raises(InputError, match="twice"):
        joined(factors, factors)
    both = joined(factors, own_factors({"overrun": (1.0, 1.4, 2.0)}, "outside view"))
    assert both.groups == ("haulage time", "outside view")
    assert len(both) == len(factors) + 1


@pytest.mark.parametrize("bad", [(0.0, 1.0, 2.0), (2.0, 1.0, 3.0), (1.0, 2.0, math.inf), (1.0, 2.0, math.nan)])
def test_a_range_out_of_order_is_refused(bad):
    with pytest.raises(InputError, match="low <= mode"):
        own_factors({"x": bad}, "own")


# ------------------------------------------------------------------------------------------------- distributions


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
@settings(deadline=None)
def test_a_distribution_is_in_order(values):
    found = distribution(np.array(values))
    p = list(found.percentiles.values())
    slack = 1e-9 * (1 + np.abs(values).max())
    assert p == sorted(p)
    assert min(values) - slack <= found.cvar5 <= found.mean + slack
    assert found.evpi + slack >= 0
    assert found.p_positive_least <= found.p_positive <= found.p_positive_most


def test_the_worst_share_counts_its_edge_in_part():
    values = np.arange(30.0)
    assert cvar(values, 0.05) == pytest.approx((0 * 1 + 1 * 0.5) / 1.5)
    assert cvar(values, 1.0) == pytest.approx(values.mean())
    assert evpi(np.array([-10.0, 30.0])) == pytest.approx(15 - 10)


def test_failed_draws_open_the_bounds_of_a_chance():
    values = np.array([1.0] * 60 + [-1.0] * 20 + [np.nan] * 20)
    found = distribution(values)
    assert (found.failed, found.p_positive) == (20, 0.75)
    assert (found.p_positive_least, found.p_positive_most) == (0.6, 0.8)
    with pytest.raises(InputError, match="None of 2"):
        distribution(np.array([np.nan, np.nan]))


def test_the_outside_view_keeps_its_moments():
    centre, spread = lognormal_parameters(1.447, 0.384)
    assert spread**2 == pytest.approx(math.log(1 + (0.384 / 1.447) ** 2), rel=1e-14)
    assert centre == pytest.approx(math.log(1.447) - spread**2 / 2, rel=1e-14)
    score = np.random.default_rng(0).standard_normal(400_000)
    for kind in CLASSES.values():
        ratio = kind.cost_ratio(score)
        # The standard error of these means and deviations is below 0.3 %.
        assert ratio.mean() == pytest.approx(kind.cost_mean, rel=0.01)
        assert ratio.std() == pytest.approx(kind.cost_sd, rel=0.02)
        assert kind.traffic_ratio(score).mean() == pytest.approx(kind.traffic_mean, rel=0.01)


# ------------------------------------------------------------------------------------------------------ closures

DAY = dt.date(2021, 1, 1)


def day(n: int) -> dt.date:
    return DAY + dt.timedelta(days=n)


def test_closures_are_counted_where_they_were_seen():
    spells = [(day(-5), day(4)), (day(100), day(109)), (day(300), None)]
    assert record_from_spells(spells, day(0), day(364)) == Record(2, 2, 365 - 5 - 10 - 65, 80)
    assert record_from_spells([], day(0), day(9)) == Record(0, 0, 10, 0)
    assert record_from_spells([(day(50), day(60))], day(0), day(9)) == Record(0, 0, 10, 0)
    with pytest.raises(InputError, match="overlaps"):
        record_from_spells([(day(1), day(9)), (day(5), day(12))], day(0), day(99))


def test_a_long_record_leaves_little_doubt_and_a_short_one_much():
    points = np.array([0.1, 0.9])
    long = regime(Record(400, 400, 40_000, 4_000), points, 0.5)
    short = regime(Record(2, 2, 200, 20), points, 0.5)
    assert np.ptp(long.open_share) < 0.02 < np.ptp(short.open_share)
    assert regime(Record(10_000, 10_000, 1e6, 1e5)).open_share == pytest.approx(1 / 1.1, abs=1e-4)


@given(st.integers(0, 9), st.integers(0, 9), st.floats(1, 3000), st.floats(0, 3000), st.floats(0.01, 0.98))
@settings(deadline=None)
def test_more_closures_never_open_a_way(closures, reopenings, open_days, shut_days, u):
    reopenings = min(reopenings, closures)
    base = regime(Record(closures, reopenings, open_days, shut_days), u, 0.5).open_share
    assert regime(Record(closures + 1, reopenings, open_days, shut_days), u, 0.5).open_share <= base
    assert regime(Record(closures, reopenings, open_days, shut_days + 100), u, 0.5).open_share <= base
    assert 0 <= base <= 1


def test_closures_are_read_from_the_status_table(ewec):
    status = ewec["status"]
    shut = status[(status["state"] == "closed") & (status["kind"] == "crossing") & status["valid_from"].notna()]
    row = shut.iloc[0]
    spells = shut_spells(status, "crossing", row["object"], row["mode"])
    assert spells
    assert any(first <= row["valid_from"] for first, _ in spells)
    record = record_from_spells(spells, dt.date(2021, 1, 1), dt.date(2026, 1, 1))
    assert record.open_days + record.shut_days == (dt.date(2026, 1, 1) - dt.date(2021, 1, 1)).days + 1
