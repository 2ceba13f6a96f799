"""The trade equilibrium: identities, closed forms, symmetries, closures of deficits, and refusals."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError
from serai.trade.base import Fees, FixedDeficits, ProportionalDeficits, TradeShock, read_only
from serai.trade.calibrate import calibrate, with_closure
from serai.trade.hat import hat
from serai.trade.solvers import ChordAnderson, DampedNewton, NoEquilibrium
from serai.trade.system import evaluate, evaluate_plain, linearise, prepare
from serai.trade.welfare import gains, hulten
from tradeworlds import one_sector, world

ROUNDING = 1e-12  # sums of a few hundred terms of order one in float64
SOLVED = 1e-9  # a residual of 1e-11 times the condition of these worlds
TIGHT = DampedNewton(tol=2e-14)


def shocked(base, seed=1, spread=0.4):
    draw = np.random.default_rng(seed)
    return TradeShock(base.cost_usd_per_t * np.exp(draw.normal(0, spread, base.V.shape)), base.fees)


def cost_for(base, ratio):
    """Freight cost that multiplies d by `ratio`."""
    return (base.usd_per_t + base.cost_usd_per_t) * ratio - base.usd_per_t


@pytest.mark.parametrize("closure", [ProportionalDeficits(), FixedDeficits()])
@pytest.mark.parametrize("seed", range(3))
def test_no_shock_changes_nothing(closure, seed):
    base = world(seed, closure=closure)
    found = hat(base, TradeShock.none(base))
    assert base.residual < ROUNDING
    assert found.iterations == 0
    assert np.abs(found.welfare - 1).max() < ROUNDING
    assert np.abs(found.ev_usd_per_year).max() < ROUNDING * 1e6 * base.income.sum()
    assert pytest.approx(base.V, rel=ROUNDING) == found.V
    assert found.tonnes_per_year == pytest.approx(base.tonnes, rel=ROUNDING)
    assert found.identities.worst < ROUNDING


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), proportional=st.booleans(), gamma=st.sampled_from([0.4, 0.7, 1.0]))
def test_every_account_closes_in_any_world(seed, proportional, gamma):
    base = world(seed, closure=ProportionalDeficits() if proportional else FixedDeficits(), gamma=gamma)
    draw = np.random.default_rng(seed)
    shock = shocked(base, seed)
    shock = replace(
        shock,
        tariff=base.tau * draw.uniform(0, 2, base.V.shape),
        stranded=0.3 * draw.random(base.V.shape) * (base.tonnes > 0),
        fees=replace(base.fees, usd_per_t=base.fees.usd_per_t * draw.uniform(0, 2, base.fees.cell.size)),
    )
    found = hat(base, shock)
    assert found.identities.worst < SOLVED
    paid = base.usd_per_t + shock.cost_usd_per_t
    tonnes = found.V / ((1 + shock.tariff) * paid * np.exp(found.lnc)[None, :, None])
    before = base.V / ((1 + base.tau) * (base.usd_per_t + base.cost_usd_per_t))
    abroad = base.tonnes > 0
    assert found.tonnes_per_year[abroad] == pytest.approx(
        base.tonnes[abroad] * tonnes[abroad] / before[abroad], rel=1e-12
    )


@pytest.mark.parametrize("closure", [ProportionalDeficits(), FixedDeficits()])
def test_kernel_equals_its_plain_twin(closure):
    base = world(5, closure=closure)
    system = prepare(base, shocked(base))
    x = base.start + 0.1 * np.random.default_rng(0).normal(size=base.start.size)
    fast, plain = evaluate(base, system, x), evaluate_plain(base, system, x)
    for name in ("f", "lnw", "lnp", "q"):
        a, b = getattr(fast, name), getattr(plain, name)
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12 * np.abs(b).max())


@pytest.mark.parametrize("closure", [ProportionalDeficits(), FixedDeficits()])
def test_jacobian_is_the_slope_of_the_equations(closure):
    base = world(6, closure=closure)
    system = prepare(base, shocked(base))
    draw = np.random.default_rng(2)
    x = base.start + 0.1 * draw.normal(size=base.start.size)
    jac = linearise(base, system, x).jacobian
    for _ in range(5):
        v, h = draw.normal(size=x.size), 1e-5
        slope = (evaluate(base, system, x + h * v).f - evaluate(base, system, x - h * v).f) / (2 * h)
        # Central differences at h = 1e-5 err by h^2 times third derivatives, here of order 100.
        assert np.abs((jac @ v - slope) / base.scale).max() < 1e-7


def test_gains_from_trade_follow_the_home_share_alone():
    """Arkolakis, Costinot and Rodriguez-Clare (2012): W = pi_jj^(-1/theta) where trade balances."""
    draw = np.random.default_rng(3)
    value = draw.lognormal(0, 1.5, (10, 10))
    value = value + value.T + np.diag(3 * value.sum(axis=1))
    base = one_sector(value)
    assert np.abs(base.D).max() < ROUNDING * base.L.max()
    found = hat(
        base,
        TradeShock(cost_for(base, np.exp(draw.normal(0, 0.3, base.V.shape) * (base.tonnes > 0))), Fees.none()),
        method=TIGHT,
    )
    home = np.diag(found.V[0]) / found.V[0].sum(axis=0) / np.diag(base.pi[0])
    assert found.welfare == pytest.approx(home ** (-1 / base.theta[0]), rel=ROUNDING)


def test_autarky_costs_the_home_share():
    draw = np.random.default_rng(4)
    value = draw.lognormal(0, 1.5, (9, 9))
    value = value + value.T + np.diag(3 * value.sum(axis=1))
    base = one_sector(value)
    alone = np.where(np.eye(9, dtype=bool), base.cost_usd_per_t, np.inf)
    found = hat(base, TradeShock(alone, Fees.none()), method=TIGHT)
    assert found.welfare == pytest.approx(np.diag(base.pi[0]) ** (1 / base.theta[0]), rel=ROUNDING)
    assert found.closed == 72
    assert found.tonnes_per_year.sum() == 0
    assert found.stranded_tonnes == pytest.approx(base.tonnes.sum(), rel=ROUNDING)


def test_two_equal_countries_have_a_closed_form():
    base = one_sector(np.array([[80.0, 20.0], [20.0, 80.0]]), sigma=5.0)
    ratio = np.where(np.eye(2, dtype=bool), 1.0, np.exp(-0.25))[None]
    found = hat(base, TradeShock(cost_for(base, ratio), Fees.none()), method=TIGHT)
    assert np.log(found.welfare) == pytest.approx(np.log(0.8 + 0.2 * np.e) / 4, rel=ROUNDING)
    assert found.wage == pytest.approx(1.0, abs=ROUNDING)


def test_gains_formula_with_many_commodities_inputs_tariffs_and_fees():
    """ln W = -(1/gamma) sum al/theta ln pi_jj + ln I - ln w, all in changes: to rounding at a tight solution."""
    for seed in range(4):
        base = world(seed, n=7, k=4)
        assert hat(base, shocked(base), method=TIGHT).identities.gains < ROUNDING


def test_world_gain_from_cheaper_freight_is_its_bill():
    """Hulten (1978): without tariffs and fees the sum of gains is the value of what is saved."""
    base = world(8, tariffs=False, fees=False)
    gain = hulten(base)
    abroad = base.tonnes > 0
    assert gain[abroad] == pytest.approx(-base.V[abroad], rel=ROUNDING)
    taxed = world(8)
    assert np.abs(hulten(taxed)[abroad] / taxed.V[abroad] + 1).max() > 1e-3


def test_a_start_elsewhere_and_another_method_end_at_the_same_place():
    base = world(9)
    shock = shocked(base)
    far = hat(base, shock, start=base.start + 0.3 * np.random.default_rng(0).normal(size=base.start.size), method=TIGHT)
    near = hat(base, shock, method=ChordAnderson(tol=1e-13))
    assert near.method_used == "chord and Anderson"
    assert near.x == pytest.approx(far.x, abs=1e-11)
    assert hat(base, shock, start=near).iterations <= 1


def test_order_and_units_do_not_matter():
    base = world(10, n=6)
    shock = shocked(base)
    found = hat(base, shock, method=TIGHT)
    bigger = world(10, n=6, unit=1000.0)
    assert hat(bigger, shock, method=TIGHT).welfare == pytest.approx(found.welfare, rel=1e-11)
    order = np.array([3, 0, 5, 1, 4, 2])
    where = np.argsort(order)

    def move(cells):
        return read_only(cells[:, order][:, :, order])

    k, i, j = np.unravel_index(base.fees.cell, base.V.shape)
    cell = np.ravel_multi_index((k, where[i], where[j]), base.V.shape)
    fees = Fees(cell, where[base.fees.owner], base.fees.usd_per_t)
    sold = base.V / ((1 + base.tau) * (1 + base.cost_usd_per_t / base.usd_per_t))
    home = np.einsum("kjj->kj", base.V)
    again = calibrate(
        move(sold), base.L[order], base.theta, tariff=move(base.tau), freight_usd_per_t=move(base.cost_usd_per_t),
        usd_per_t=move(base.usd_per_t), fees=fees, gamma=base.gamma[order], home_usd_m=home[:, order],
    )  # fmt: skip
    moved = hat(again, TradeShock(move(shock.cost_usd_per_t), fees), method=TIGHT)
    assert moved.welfare == pytest.approx(found.welfare[order], rel=1e-11)


def test_exporter_and_importer_are_not_exchangeable():
    base = world(11)
    cost = shocked(base).cost_usd_per_t
    a = hat(base, TradeShock(cost, base.fees))
    turned = np.where(base.tonnes > 0, cost.transpose(0, 2, 1), 0.0)
    b = hat(base, TradeShock(np.where(turned > 0, turned, base.cost_usd_per_t), base.fees))
    assert np.abs(a.welfare - b.welfare).max() > 1e-3


def test_dearer_freight_everywhere_hurts_everybody_and_a_fee_pays_its_owner():
    base = world(12, tariffs=False, fees=False, closure=FixedDeficits())
    worse = hat(base, TradeShock(base.cost_usd_per_t * 1.5, base.fees))
    assert worse.ev_usd_per_year.sum() < 0
    cell = int(np.argmax(np.where(base.tonnes > 0, base.V, 0)))
    _, i, j = np.unravel_index(cell, base.V.shape)
    owner = next(o for o in range(8) if o not in (i, j))
    cost = np.array(base.cost_usd_per_t)
    fee = 0.05 * base.usd_per_t.ravel()[cell]
    cost.ravel()[cell] += fee
    found = hat(base, TradeShock(cost, Fees([cell], [owner], [fee])))
    assert found.fee_usd_m[owner] > 0
    assert found.fee_usd_m.sum() == found.fee_usd_m[owner]
    assert found.welfare[owner] > 1 > min(found.welfare[i], found.welfare[j])


def test_a_closed_cell_is_the_limit_of_a_dear_one():
    base = world(13)
    cell = np.unravel_index(int(np.argmax(np.where(base.tonnes > 0, base.V, 0))), base.V.shape)
    cost = np.array(base.cost_usd_per_t)
    cost[cell] = np.inf
    shut = hat(base, TradeShock(cost, base.fees), method=TIGHT)
    assert shut.V[cell] == shut.tonnes_per_year[cell] == 0
    assert shut.closed == 1
    assert shut.stranded_tonnes == base.tonnes[cell]
    cost[cell] = 1e9 * base.usd_per_t[cell]
    dear = hat(base, TradeShock(cost, base.fees), method=TIGHT)
    assert dear.welfare == pytest.approx(shut.welfare, rel=1e-9)  # what is left is (1e9)^-theta of the cell
    stranded = np.zeros(base.V.shape)
    stranded[cell] = 1.0
    same = hat(base, TradeShock(base.cost_usd_per_t, base.fees, stranded=stranded), method=TIGHT)
    assert np.array_equal(same.V, shut.V)


def test_a_market_nobody_supplies_is_refused():
    base = world(14)
    cost = np.array(base.cost_usd_per_t)
    cost[1, :, 2] = np.inf
    with pytest.raises(NoEquilibrium, match="Nobody can supply commodity 1 to economy 2"):
        hat(base, TradeShock(cost, base.fees))


def surplus_shut_in():
    """The economy with the largest surplus, cut off from the world."""
    for seed in range(40):
        base = world(seed, closure=FixedDeficits(), tariffs=False, fees=False)
        rich = int(np.argmin(base.D / base.L))
        if base.D[rich] < -0.2 * base.L[rich]:
            cost = np.array(base.cost_usd_per_t)
            cost[:, rich, :] = cost[:, :, rich] = np.inf
            cost[:, rich, rich] = 0.0
            return base, TradeShock(cost, Fees.none())
    raise AssertionError("no world with a large surplus")


def test_a_surplus_that_can_no_longer_leave_has_no_equilibrium_with_fixed_deficits():
    base, shock = surplus_shut_in()
    draw = np.random.default_rng(0)
    for start in [None, *(base.start + 0.5 * draw.normal(size=base.start.size) for _ in range(4))]:
        with pytest.raises(NoEquilibrium, match="deficits proportional to income") as told:
            hat(base, shock, start=start)
        assert told.value.residual > 1e-6 or np.isnan(told.value.residual)


def test_shapes_that_do_not_fit_are_one_line():
    base = world(15)
    with pytest.raises(InputError, match="cost_usd_per_t of the shock has shape"):
        hat(base, TradeShock(np.zeros((1, 2, 2)), base.fees))
    with pytest.raises(InputError, match="does not exist"):
        hat(base, TradeShock(base.cost_usd_per_t, Fees([base.V.size], [0], [1.0])))
    with pytest.raises(InputError, match="not-a-number"):
        hat(base, TradeShock(np.full(base.V.shape, np.nan), base.fees))
    with pytest.raises(InputError, match="different lengths"):
        hat(base, TradeShock(base.cost_usd_per_t, Fees([0], [0, 1], [1.0])))
    with pytest.raises(InputError, match="The start has shape"):
        hat(base, TradeShock.none(base), start=np.zeros(3))


def test_figures_that_do_not_fit_are_one_line():
    value = np.array([[[0.0, 10.0], [12.0, 0.0]]])
    with pytest.raises(InputError, match="missing or negative"):
        calibrate(-value, [100.0, 100.0], [5.0])
    with pytest.raises(InputError, match="theta must be positive"):
        calibrate(value, [100.0, 100.0], [0.0])
    with pytest.raises(InputError, match="freight_usd_per_t is missing"):
        calibrate(value, [100.0, 100.0], [5.0], freight_usd_per_t=np.nan)
    with pytest.raises(InputError, match="Exports of economy 1 are 600% of its output"):
        calibrate(value, [100.0, 1.0], [5.0])
    with pytest.raises(InputError, match="Fees exceed the freight cost"):
        calibrate(value, [100.0, 100.0], [5.0], freight_usd_per_t=10.0, fees=Fees([1], [0], [11.0]))


def test_dear_freight_raises_the_value_per_tonne_and_is_counted():
    value = np.array([[[0.0, 10.0], [12.0, 0.0]]])
    base = calibrate(value, [100.0, 100.0], [5.0], usd_per_t=100.0, freight_usd_per_t=200.0)
    assert base.costly == 2
    assert base.usd_per_t[0, 0, 1] == pytest.approx(250.0)
    assert base.tonnes[0, 0, 1] == pytest.approx(1e5)  # of 10 million USD at 100 USD/t: tonnes stay true
    assert hat(base, TradeShock.none(base)).costly == 2


def test_fees_beyond_the_freight_cost_are_counted():
    base = world(18)
    assert hat(base, TradeShock.none(base)).overpaid == 0
    cell = int(base.fees.cell[0])
    cost = float(base.cost_usd_per_t.ravel()[cell])
    fees = Fees([cell, cell], [0, 1], [0.7 * cost, 0.7 * cost])
    assert hat(base, TradeShock(base.cost_usd_per_t, fees)).overpaid == 1


def test_home_trade_says_which_rule_it_followed():
    value = np.array([[[0.0, 10.0], [40.0, 0.0]]])
    base = calibrate(value, [100.0, 100.0], [5.0], tradable_share=0.08)
    assert base.home.floored.tolist() == [True, False]
    assert base.home.value_usd_m == pytest.approx([10.0, 4.0])  # 2 % of an output of 200 is the larger for the second
    assert base.home.raised.tolist() == [False, True]


def test_the_closure_changes_what_a_deficit_does():
    base = world(16)
    shock = shocked(base)
    kept = hat(with_closure(base, FixedDeficits()), shock)
    assert kept.deficit_usd_m == pytest.approx(base.D, abs=1e-9 * base.L.sum())
    assert np.abs(kept.welfare - hat(base, shock).welfare).max() > 1e-5


def test_the_same_inputs_give_the_same_bytes():
    base = world(17)
    a, b = (hat(world(17), shocked(base)) for _ in range(2))
    assert a.V.tobytes() == b.V.tobytes()
    assert a.x.tobytes() == b.x.tobytes()


def test_worlds_can_be_solved_side_by_side():
    base = world(19)
    shocks = [shocked(base, seed) for seed in range(12)]
    alone = [hat(base, shock).x.tobytes() for shock in shocks]
    with ThreadPoolExecutor(2) as pool:
        assert [found.x.tobytes() for found in pool.map(lambda shock: hat(base, shock), shocks)] == alone


def test_a_gain_splits_into_home_share_and_transfers():
    base = world(20)
    found = hat(base, shocked(base), method=TIGHT)
    parts = gains(base, found)
    assert parts.home_share + parts.transfers == pytest.approx(parts.total, abs=ROUNDING)
    assert np.abs(parts.transfers).max() > 1e-4


@pytest.mark.slow
def test_random_worlds_end_solved_or_named():
    refused = 0
    for seed in range(120):
        base = world(seed, n=10 + seed % 15, k=4, closure=FixedDeficits() if seed % 2 else ProportionalDeficits())
        draw = np.random.default_rng(seed)
        cost = base.cost_usd_per_t * np.exp(draw.normal(0, 1.0, base.V.shape))
        shut = (draw.random(base.V.shape) < 0.1) & (base.tonnes > 0)
        shock = TradeShock(np.where(shut, np.inf, cost), base.fees)
        starts = [None, *(base.start + 0.4 * draw.normal(size=base.start.size) for _ in range(4))]
        try:
            found = hat(base, shock)
        except NoEquilibrium:
            refused += 1
            for start in starts[1:]:
                with pytest.raises(NoEquilibrium):
                    hat(base, shock, start=start)
            continue
        assert found.residual < 1e-8
        assert found.identities.worst < 1e-8
        assert hat(base, shock, start=starts[1], method=DampedNewton()).x == pytest.approx(found.x, abs=1e-7)
    assert refused <= 2


def test_the_page_runs_as_it_stands():
    page = (Path(__file__).parents[1] / "docs" / "trade-model.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block
    names: dict = {}
    exec(block[1], names)  # noqa: S102
    assert names["eq"].ev_usd_per_year[2] > 0
    assert names["eq"].identities.worst < SOLVED
