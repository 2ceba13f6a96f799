"""Milliseconds of one trade equilibrium by size of shock, and of its gradient: ``python benchmarks/trade.py``.

A world of 53 economies and 15 commodities drawn at random. The yardstick is one dense solve of the same number of
equations by NumPy. Where the `gegravity` package and its sample are present, its counterfactual stands beside ours.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from serai.trade.adjoint import trade_vjp  # noqa: E402
from serai.trade.base import FixedDeficits, ProportionalDeficits, TradeShock  # noqa: E402
from serai.trade.gravity import Conditional, Endowment, SharesHeld  # noqa: E402
from serai.trade.gravity_table import Columns, counterfactual, estimate, read_gravity_table, read_setting  # noqa: E402
from serai.trade.hat import hat  # noqa: E402
from serai.trade.solvers import ChordAnderson, DampedNewton, NoEquilibrium  # noqa: E402
from tradeworlds import world  # noqa: E402

SAMPLE = ROOT.parent / "shared" / "data" / "oracles" / "gegravity" / "sample_data_set.dlm"
COVARIATES = ("lndist", "contiguity", "common_language", "pta", "international")


def best_of(function: Callable[[], object], runs: int = 15) -> float:
    function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def equilibria() -> None:
    draw = np.random.default_rng(0)
    print(f"{'53 economies, 15 commodities':<44}{'goal':>8}{'ms':>9}{'steps':>7}{'Newton ms':>11}{'yardsticks':>12}")
    for closure in (ProportionalDeficits(), FixedDeficits()):
        base = world(0, n=53, k=15, closure=closure, density=0.7)
        off = base.tonnes > 0
        few = np.array(base.cost_usd_per_t)
        few[:, :8, 8:16] *= 0.9
        shut = np.where((draw.random(base.V.shape) < 0.1) & off, np.inf, base.cost_usd_per_t)
        matrix, right = draw.normal(size=(106, 106)) + 106 * np.eye(106), draw.normal(size=106)
        yard = best_of(lambda m=matrix, r=right: np.linalg.solve(m, r))
        alone = np.array(base.cost_usd_per_t)
        alone[:, 3, :] = alone[:, :, 3] = np.inf
        alone[:, 3, 3] = 0.0
        cases = (
            ("small: 64 pairs, -10 %", "1", few),
            ("all freight halved", "5", base.cost_usd_per_t * 0.5),
            ("all freight times lognormal(0.7)", "5", base.cost_usd_per_t * np.exp(draw.normal(0, 0.7, base.V.shape))),
            ("a tenth of the cells shut", "5", shut),
            ("one economy cut off", "", alone),
        )
        for name, goal, cost in cases:
            shock = TradeShock(cost, base.fees)
            label = f"{name}, {type(closure).__name__.removesuffix('Deficits').lower()}"
            try:
                found = hat(base, shock)
            except NoEquilibrium as fault:
                print(f"{label:<44}{goal:>8}   none exists (residual {fault.residual:.0e})")
                continue
            ms = best_of(lambda b=base, s=shock: hat(b, s))
            newton = best_of(lambda b=base, s=shock: hat(b, s, method=DampedNewton()), 5)
            print(f"{label:<44}{goal:>8}{ms * 1e3:9.2f}{found.iterations:>7}{newton * 1e3:11.2f}{ms / yard:12.1f}")
        eq = hat(base, TradeShock(base.cost_usd_per_t * 0.8, base.fees), method=ChordAnderson())
        weights = np.eye(53)
        ms = best_of(lambda b=base, e=eq, w=weights: trade_vjp(b, e, welfare=w), 7)
        print(f"{'gradient, all cells x all economies':<44}{'':>8}{ms * 1e3:9.2f}{'':>7}{'':>11}{ms / yard:12.1f}")


def beside_gegravity() -> None:
    if not SAMPLE.is_file():
        print("gravity: not measured, the sample is absent")
        return
    columns = Columns(COVARIATES, output="Y", spending="E")
    table = read_gravity_table(SAMPLE, columns)
    fit = estimate(table, "DEU")
    change = [read_setting("pta=1:CAN>JPN,JPN>CAN")]
    print(f"\n{'gravity, 30 economies':<44}{'':>8}{'ms':>9}")
    print(f"{'estimate':<44}{'':>8}{best_of(lambda: estimate(table, 'DEU')) * 1e3:9.2f}")
    for kind in (Conditional(), SharesHeld(), Endowment()):
        ms = best_of(lambda k=kind: counterfactual(table, fit, change, sigma=5.0, kind=k, reference="DEU"))
        print(f"{'counterfactual, ' + type(kind).__name__:<44}{'':>8}{ms * 1e3:9.2f}")
    if importlib.util.find_spec("gegravity") is None:
        print("gegravity is not installed here; its shares are held: compare with SharesHeld")
        return
    import gegravity as ge
    import pandas as pd

    frame = pd.read_csv(SAMPLE).assign(constant=1)
    data = ge.BaselineData(
        frame, imp_var_name="importer", exp_var_name="exporter", year_var_name="year", trade_var_name="trade",
        expend_var_name="E", output_var_name="Y",
    )  # fmt: skip
    names = [*COVARIATES, "constant"]
    level = np.mean([fit.exporter_effect.mean(), fit.importer_effect.mean()]) * 2  # its solver needs the scale of trade
    found = {"var": names, "beta": [*fit.coefficient, level], "stderr": [*fit.standard_error, 0.0]}
    costs = ge.CostCoeffs(estimates=pd.DataFrame(found), identifier_col="var", coeff_col="beta", stderr_col="stderr")

    def theirs() -> object:
        model = ge.OneSectorGE(
            baseline=data, cost_coeff_values=costs, cost_variables=names, year="2006",
            reference_importer="DEU", sigma=5,
        )  # fmt: skip
        model.build_baseline(omr_rescale=1)
        after = model.baseline_data.copy()
        for a, b in (("CAN", "JPN"), ("JPN", "CAN")):
            after.loc[(after["importer"] == a) & (after["exporter"] == b), "pta"] = 1
        model.define_experiment(after)
        model.simulate()
        return model

    print(f"{'gegravity, same counterfactual':<44}{'':>8}{best_of(theirs, 2) * 1e3:9.2f}")


if __name__ == "__main__":
    equilibria()
    beside_gegravity()
