"""Gravity: estimates and equilibria against published tables, closed forms and symmetries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from biff import read_first_sheet
from serai.core.errors import InputError
from serai.trade.gravity import (
    Conditional,
    Endowment,
    GravityBase,
    SharesHeld,
    StoppedIteration,
    gravity_equilibrium,
    resistances,
)
from serai.trade.ppml import NoEstimate, ppml
from serai.trade.solvers import NoEquilibrium


def sample(seed=0, n=9):
    """A table drawn from a known gravity equation."""
    draw = np.random.default_rng(seed)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    x = np.column_stack((draw.normal(size=n * n), (i != j).astype(float)))
    mean = np.exp(draw.normal(size=n)[i] + draw.normal(size=n)[j] + x @ np.array([-0.7, -1.5]))
    return i, j, mean, x


def base_of(i, j, y, cost, sigma=5.0, n=9):
    trade = np.zeros((n, n))
    trade[i, j] = y
    t = np.zeros((n, n))
    t[i, j] = cost
    return GravityBase(tuple("abcdefghi"), t, trade.sum(axis=1), trade.sum(axis=0), sigma, 2)


def test_a_table_without_noise_gives_its_coefficients_back():
    i, j, mean, x = sample()
    found = ppml(i, j, mean, x, names=["z", "abroad"], economies=9, reference=2)
    assert found.coefficient == pytest.approx([-0.7, -1.5], abs=1e-10)
    assert found.fitted == pytest.approx(mean, rel=1e-9)
    assert found.importer_effect[2] == 0
    effects = found.exporter_effect[i] + found.importer_effect[j] + x @ found.coefficient
    assert np.exp(effects) == pytest.approx(mean, rel=1e-9)


def test_fitted_margins_are_the_data_and_units_do_not_matter():
    i, j, mean, x = sample(1)
    y = np.random.default_rng(5).poisson(50 * mean).astype(float)
    found = ppml(i, j, y, x, names=["z", "abroad"], economies=9)
    for side in (i, j):
        assert np.bincount(side, weights=found.fitted) == pytest.approx(np.bincount(side, weights=y), rel=1e-9)
    scaled = ppml(i, j, 1000 * y, x, names=["z", "abroad"], economies=9)
    assert scaled.coefficient == pytest.approx(found.coefficient, rel=1e-9)
    assert scaled.standard_error == pytest.approx(found.standard_error, rel=1e-7)


def test_dummies_written_out_give_the_same_estimate():
    """The slow way: every effect a column, Newton on the likelihood."""
    i, j, mean, x = sample(2)
    y = np.random.default_rng(6).poisson(20 * mean).astype(float)
    d = np.column_stack((np.eye(9)[i], np.eye(9)[j][:, 1:], x))
    b = np.zeros(d.shape[1])
    b[:17] = np.log(y.mean()) / 2
    for _ in range(60):
        mu = np.exp(d @ b)
        b += np.linalg.solve(d.T @ (mu[:, None] * d), d.T @ (y - mu))
    bread = np.linalg.inv(d.T @ (mu[:, None] * d))
    score = d * (y - mu)[:, None]
    se = np.sqrt(np.diag(bread @ (score.T @ score) @ bread) * 81 / 80)[-2:]
    found = ppml(i, j, y, x, names=["z", "abroad"], economies=9)
    assert found.coefficient == pytest.approx(b[-2:], abs=1e-10)
    assert found.standard_error == pytest.approx(se, rel=1e-8)
    alone = ppml(i, j, y, x, names=["z", "abroad"], economies=9, cluster=np.arange(81))
    assert alone.standard_error == pytest.approx(se, rel=1e-8)


def test_an_economy_that_never_sells_is_left_out_and_counted():
    i, j, mean, x = sample(3)
    y = np.where(i == 4, 0.0, mean)
    found = ppml(i, j, y, x, names=["z", "abroad"], economies=9)
    assert found.left_out == 9
    assert found.rows == 72
    assert np.isneginf(found.exporter_effect[4])
    assert (found.fitted[i == 4] == 0).all()


def test_bad_tables_are_one_line():
    i, j, mean, x = sample(4)
    with pytest.raises(InputError, match="absorb size"):
        ppml(i, j, mean, np.column_stack((x, i**2.0)), names=["z", "abroad", "size"], economies=9)
    with pytest.raises(InputError, match="collinear"):
        ppml(i, j, mean, np.column_stack((x, x[:, 0] + i)), names=["z", "abroad", "copy"], economies=9)
    with pytest.raises(InputError, match="missing or negative"):
        ppml(i, j, -mean, x, names=["z", "abroad"], economies=9)
    with pytest.raises(NoEstimate, match="did not converge"):
        ppml(i, j, mean, x, names=["z", "abroad"], economies=9, max_iterations=2)


def test_resistances_meet_their_definitions():
    i, j, mean, x = sample(5)
    base = base_of(i, j, mean, np.exp(x @ np.array([-0.7, -1.5])))
    mr = resistances(base.cost, base.output, base.spending, base.reference)
    y, e = base.output / base.output.sum(), base.spending / base.spending.sum()
    assert mr.inward[2] == pytest.approx(1.0, abs=1e-13)
    assert base.cost @ (e / mr.inward) == pytest.approx(mr.outward, rel=1e-11)
    assert base.cost.T @ (y / mr.outward) == pytest.approx(mr.inward, rel=1e-11)
    with pytest.raises(NoEquilibrium, match="no partner"):
        resistances(np.where(np.arange(9) == 3, 0.0, base.cost), base.output, base.spending, 2)


@pytest.mark.parametrize("kind", [Conditional(), Endowment(), SharesHeld(), StoppedIteration()])
def test_no_change_of_costs_changes_nothing_and_units_do_not_matter(kind):
    i, j, mean, x = sample(6)
    base = base_of(i, j, mean, np.exp(x @ np.array([-0.7, -1.5])))
    same = gravity_equilibrium(base, base.cost, kind)
    for ratio in (same.exports, same.imports, same.home, same.price, same.inward, same.outward, same.real_income):
        assert ratio == pytest.approx(1.0, abs=1e-9)
    cost = base.cost * np.where(np.eye(9, dtype=bool), 1.0, 1.3)
    found = gravity_equilibrium(base, cost, kind)
    scaled = GravityBase(base.names, base.cost, 7 * base.output, 7 * base.spending, 5.0, 2)
    assert gravity_equilibrium(scaled, cost, kind).exports == pytest.approx(found.exports, rel=1e-8)
    assert (found.exports > 1).mean() > 0.5


def test_full_equilibrium_obeys_the_gains_formula_where_trade_balances():
    draw = np.random.default_rng(7)
    trade = draw.lognormal(0, 1, (9, 9))
    trade = trade + trade.T + np.diag(5 * np.ones(9))
    base = GravityBase(tuple("abcdefghi"), trade, trade.sum(axis=1), trade.sum(axis=0), 5.0, 0)
    found = gravity_equilibrium(
        base, trade * np.where(np.eye(9, dtype=bool), 1, draw.lognormal(0, 0.5, (9, 9))), Endowment()
    )
    before = np.diag(found.trade_before) / found.trade_before.sum(axis=0)
    after = np.diag(found.trade_after) / found.trade_after.sum(axis=0)
    assert found.real_income == pytest.approx((after / before) ** (-1 / 4), rel=1e-9)


def table(frame: pd.DataFrame, covariates: list[str]):
    names = sorted(set(frame["exporter"]))
    at = {name: k for k, name in enumerate(names)}
    i, j = frame["exporter"].map(at).to_numpy(), frame["importer"].map(at).to_numpy()
    return names, at, i, j, frame["trade"].to_numpy(float), frame[covariates].to_numpy(float)


def square(i, j, values, n):
    out = np.zeros((n, n))
    out[i, j] = values
    return out


GUIDE = ["ln_DIST", "CNTG", "INTL_BRDR"]


@pytest.fixture(scope="module")
def guide(shared):
    """Estimate, base and counterfactual of the guide's `trade without borders`, and its published table."""
    folder = shared / "data" / "oracles" / "agtpa"
    names, at, i, j, trade, x = table(pd.read_stata(folder / "1_TradeWithoutBorder.dta"), GUIDE)
    n, r = len(names), at["ZZZ"]
    fit = ppml(i, j, trade, x, names=GUIDE, economies=n, reference=r)
    matrix = square(i, j, trade, n)
    base = GravityBase(tuple(names), square(i, j, np.exp(x @ fit.coefficient), n), matrix.sum(1), matrix.sum(0), 7.0, r)
    free = x * np.array([1, 1, 0])
    cells = read_first_sheet(folder / "1_TradeWithoutBorder_FULL.xls")
    head = {cells[0, c]: c for c in range(7)}
    rows = {cells[row, 0]: row for row in range(1, 70)}
    order = [rows["DEU" if name == "ZZZ" else name] for name in names]
    published = {name: np.array([cells[row, c] for row in order]) for name, c in head.items() if name != "country"}
    return fit, base, square(i, j, np.exp(free @ fit.coefficient), n), published


def percent(ratio):
    return 100 * (ratio - 1)


@pytest.mark.oracle
def test_guide_estimates(guide):
    fit = guide[0]
    # The guide prints seven digits.
    assert fit.coefficient == pytest.approx([-0.7912879, 0.6736456, -2.47445], abs=1e-6)
    assert fit.standard_error == pytest.approx([0.0501494, 0.1073719, 0.1193816], abs=1e-6)


@pytest.mark.oracle
def test_guide_conditional_equilibrium(guide):
    _, base, cost, published = guide
    found = gravity_equilibrium(base, cost, Conditional())
    assert np.abs(percent(found.exports) - published["change_Xi_CDL"]).max() < 1e-5


@pytest.mark.oracle
def test_guide_full_equilibrium_as_its_programs_stop(guide):
    _, base, cost, published = guide
    found = gravity_equilibrium(base, cost, StoppedIteration(1e-2))
    for mine, theirs in (
        (found.exports, "change_Xi_FULL"),
        (found.price, "change_price_FULL"),
        (found.inward, "change_IMR_FULL"),
        (found.real_income, "change_rGDP_FULL"),
    ):
        assert np.abs(percent(mine) - published[theirs]).max() < 1e-3
    # Converged, the same iteration ends elsewhere: the published table is not the equilibrium.
    ended = gravity_equilibrium(base, cost, StoppedIteration(1e-12))
    assert 5 < np.abs(percent(ended.exports) - published["change_Xi_FULL"]).max() < 10
    assert np.abs(percent(ended.real_income) - published["change_rGDP_FULL"]).max() < 0.1


SAMPLE = ["lndist", "contiguity", "common_language", "pta", "international"]


@pytest.fixture(scope="module")
def pta(shared):
    folder = shared / "data" / "oracles" / "gegravity"
    frame = pd.read_csv(folder / "sample_data_set.dlm")
    names, at, i, j, trade, x = table(frame, SAMPLE)
    n, r = len(names), at["DEU"]
    fit = ppml(i, j, trade, x, names=SAMPLE, economies=n, reference=r)
    output = square(i, j, frame["Y"].to_numpy(float), n).max(axis=1)
    spending = square(i, j, frame["E"].to_numpy(float), n).max(axis=0)
    agreed = x.copy()
    two = {at["CAN"], at["JPN"]}
    agreed[[{a, b} == two for a, b in zip(i, j, strict=True)], 3] = 1
    base = GravityBase(tuple(names), square(i, j, np.exp(x @ fit.coefficient), n), output, spending, 5.0, r)
    theirs = pd.read_csv(folder / "reference_output_gegravity_CAN_JPN_PTA.csv").set_index("country").loc[names]
    return fit, base, square(i, j, np.exp(agreed @ fit.coefficient), n), theirs


@pytest.mark.oracle
def test_agreement_estimates(pta):
    assert pta[0].coefficient == pytest.approx([-0.3898623, 0.891577, 0.0326249, 0.4711383, -3.412584], abs=1e-6)


@pytest.mark.oracle
def test_agreement_as_another_package_computes_it(pta):
    """What it calls full equilibrium holds output and spending shares: found to its solver's tolerance."""
    _, base, cost, theirs = pta
    found = gravity_equilibrium(base, cost, SharesHeld())
    for mine, column in (
        (found.price, "factory gate price change (percent)"),
        (found.inward, "imr change (percent)"),
        (found.outward, "omr change (percent)"),
        (found.real_income, "GDP change (percent)"),
        (found.exports, "foreign exports change (percent)"),
        (found.imports, "foreign imports change (percent)"),
        (found.home, "intranational trade change (percent)"),
    ):
        assert np.abs(percent(mine) - theirs[column].to_numpy()).max() < 1e-6


@pytest.mark.oracle
def test_feedback_is_the_whole_difference_to_the_converged_equilibrium(pta):
    _, base, cost, theirs = pta
    found = gravity_equilibrium(base, cost, Endowment())
    gap = np.abs(percent(found.real_income) - theirs["GDP change (percent)"].to_numpy()).max()
    assert 0.005 < gap < 0.01
