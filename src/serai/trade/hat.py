"""The trade equilibrium of a counterfactual, relative to the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from serai.core.errors import InputError
from serai.trade.base import Array, FixedDeficits, TradeBase, TradeShock, read_only
from serai.trade.solvers import ChordAnderson, Method, NoEquilibrium, Solution
from serai.trade.system import System, deficits, evaluate, prepare


@dataclass(frozen=True, slots=True)
class Identities:
    """What must hold in any equilibrium, as relative gaps; all are rounding when it does.

    Attributes
    ----------
    budget : float
        Largest |income + deficit + tariffs + fees - spending| / spending.
    clearing : float
        Largest |sales - output| / output over all economies: the one the solver drops is among them.
    world_income : float
        World value added against its base, the numeraire.
    deficits : float
        Sum of deficits over world value added.
    fees : float
        Fees paid against fees received, over world value added.
    spending : float
        Largest |purchases - spending| / spending.
    gains : float
        Largest gap of ln W = ln(I'/I) - ln w - (1/gamma) sum_k al/theta ln(pi'_jj/pi_jj), the gains from trade
        formula of Arkolakis, Costinot and Rodriguez-Clare (2012) with several commodities and inputs; economies
        that buy everything they use of a commodity at home or abroad only are left out.
    """

    budget: float
    clearing: float
    world_income: float
    deficits: float
    fees: float
    spending: float
    gains: float

    @property
    def worst(self) -> float:
        """The largest of all gaps."""
        gaps = (self.budget, self.clearing, self.world_income, self.deficits, self.fees, self.spending, self.gains)
        return max(gaps)


@dataclass(frozen=True, slots=True)
class TradeEquilibrium:
    """Trade and who gains in a counterfactual. N economies, K commodities; cells are [K, N, N].

    Attributes
    ----------
    system : System
        The shock it solves.
    x : float64[2N]
        Unknowns (ln c, ln E); a start for a neighbouring shock.
    V : float64[K, N, N]
        Purchasers' value [million USD a year].
    tonnes_per_year : float64[K, N, N]
        Tonnes on the network; zero at home. V / ((1+tau)(v+C) c_i), in the units of the base's tonnes.
    price, wage : float64[N]
        Price index and wage relative to the base, in units of the world's value added.
    income : float64[N]
        Final expenditure [million USD a year].
    welfare : float64[N]
        Real final expenditure relative to the base.
    ev_usd_per_year : float64[N]
        Equivalent variation: base final expenditure times (welfare - 1) [USD a year].
    tariff_usd_m, fee_usd_m, deficit_usd_m : float64[N]
        Tariff and fee revenue and deficit [million USD a year].
    identities : Identities
        What must hold, and by how much it does not.
    residual : float
        Largest relative residual of the equations.
    iterations : int
        Of all methods tried.
    method_used : str
        The method that ended it.
    closed : int
        Cells that traded in the base and cannot any more.
    overpaid : int
        Cells whose fees exceed the freight cost they are part of.
    stranded_tonnes, stranded_usd_m : float
        Base tonnes and value of what has no way left.
    costly : int
        Cells whose value per tonne was raised because freight would exceed the allowed share of it.
    """

    system: System
    x: Array
    V: Array
    tonnes_per_year: Array
    price: Array
    wage: Array
    income: Array
    welfare: Array
    ev_usd_per_year: Array
    tariff_usd_m: Array
    fee_usd_m: Array
    deficit_usd_m: Array
    identities: Identities
    residual: float
    iterations: int
    method_used: str
    closed: int
    overpaid: int
    stranded_tonnes: float
    stranded_usd_m: float
    costly: int

    @property
    def lnc(self) -> Array:
        """Log of unit cost relative to the base, float64[N]."""
        return self.x[: self.price.size]


def _must_be_supplied(base: TradeBase, system: System) -> None:
    if system.closed == 0:
        return
    alone = (base.al > 0) & ~(system.a > 0).any(axis=1)
    if alone.any():
        k, j = (int(v) for v in np.argwhere(alone)[0])
        raise NoEquilibrium(
            f"Nobody can supply commodity {k} to {base.economies[j]} any more ({int(alone.sum())} such markets)",
            "Leave a supplier open, or give home trade a value there.",
            float("nan"),
        )


def _refuse(base: TradeBase, residual: float, why: str) -> NoEquilibrium:
    fixed = isinstance(base.closure, FixedDeficits)
    other = "deficits proportional to income" if fixed else "a smaller shock, or a start near the solution"
    return NoEquilibrium(f"No trade equilibrium: {why} (residual {residual:.1e})", f"Try {other}.", residual)


def _gains(base: TradeBase, value: Array, income: Array, lnw: Array, lnp: Array) -> float:
    """Gap of the gains-from-trade formula; see :class:`Identities`."""
    home0, home1 = np.einsum("kjj->kj", base.V), np.einsum("kjj->kj", value)
    total = value.sum(axis=1)
    used = base.al > 0
    whole = (~used | ((home0 > 0) & (home1 > 0))).all(axis=0)
    if not whole.any():
        return 0.0
    pi0 = np.einsum("kjj->kj", base.pi)
    ok = used & whole
    ratio = np.where(ok, home1 / np.where(ok, total * pi0, 1.0), 1.0)
    formula = -(base.al / base.theta[:, None] * np.log(ratio)).sum(axis=0) / base.gamma - lnw
    return float(np.abs(formula + lnp)[whole].max())


def _stranded(base: TradeBase, shock: TradeShock) -> tuple[float, float]:
    gone = ~np.isfinite(shock.cost_usd_per_t)
    if shock.stranded is None:
        return float(base.tonnes[gone].sum()), float(base.V[gone].sum())
    share = np.where(gone, 1.0, shock.stranded)
    return float((base.tonnes * share).sum()), float((base.V * share).sum())


def hat(
    base: TradeBase,
    shock: TradeShock,
    start: TradeEquilibrium | Array | None = None,
    method: Method | None = None,
) -> TradeEquilibrium:
    """Solve the trade equilibrium under a shock.

    Parameters
    ----------
    base
        The base year, of :func:`serai.trade.calibrate.calibrate`.
    shock
        Freight costs, fees, tariffs and closures of the counterfactual.
    start
        An equilibrium of a neighbouring shock, or unknowns (ln c, ln E) [2N]; the base by default.
    method
        :class:`~serai.trade.solvers.ChordAnderson` by default, which falls back on damped Newton.

    Raises
    ------
    NoEquilibrium
        If a market has no supplier left, no method converges, or somebody's final expenditure is not positive.
    InputError
        If the shock does not fit the base.
    """
    return clear(base, shock, start, method).equilibrium()


@dataclass(frozen=True, slots=True)
class Cleared:
    """Unknowns at which the markets of a shock clear; what follows from them is worked out where it is asked for.

    Attributes
    ----------
    base, shock, system
        What was solved.
    found
        Unknowns (ln c, ln E), and what tells how well they solve it.
    """

    base: TradeBase
    shock: TradeShock
    system: System
    found: Solution

    @property
    def x(self) -> Array:
        """Unknowns (ln c, ln E), float64[2N]; a start for a neighbouring shock."""
        return self.found.x

    @property
    def residual(self) -> float:
        """Largest relative residual of the equations."""
        return self.found.residual

    @property
    def tonnes_per_year(self) -> Array:
        """Tonnes on the network: float64[K, N, N]; see :class:`TradeEquilibrium`."""
        return _tonnes(self.base, self.system, _values(self.base, self.system, self.found)[0], self.x)

    def equilibrium(self) -> TradeEquilibrium:
        """Work out who trades and gains what.

        Raises
        ------
        NoEquilibrium
            If somebody's final expenditure is not positive.
        """
        return _settled(self.base, self.shock, self.system, self.found)


def clear(
    base: TradeBase,
    shock: TradeShock,
    start: TradeEquilibrium | Cleared | Array | None = None,
    method: Method | None = None,
) -> Cleared:
    """Find the unknowns at which the markets of a shock clear; parameters and errors are those of :func:`hat`."""
    method = method or ChordAnderson()
    system = prepare(base, shock)
    _must_be_supplied(base, system)
    x0 = base.start if start is None else start if isinstance(start, np.ndarray) else start.x
    if x0.shape != (2 * base.L.size,):
        raise InputError(f"The start has shape {x0.shape}", f"Give ln c and ln E of {base.L.size} economies.")
    found = method.solve(base, system, x0)
    if found.residual > method.tol:
        raise _refuse(base, found.residual, f"{found.method} stops after {found.iterations} iterations")
    return Cleared(base, shock, system, found)


def _values(base: TradeBase, system: System, found: Solution) -> tuple[Array, Array, Array, Array]:
    """Purchasers' values, float64[K, N, N]; sales net of tariffs and fees, purchases, tariffs, float64[N] each."""
    from serai.trade.kernels import settle

    n = base.L.size
    value, sales, bought, tariffs = np.empty(base.V.shape), np.empty(n), np.empty(n), np.empty(n)
    settle(found.x, found.q, system.a, system.net, system.sells, base.theta, value, sales, bought, tariffs)
    return value, sales, bought, tariffs


def _tonnes(base: TradeBase, system: System, value: Array, x: Array) -> Array:
    """Tonnes of a value: V / ((1+tau)(v+C) c), in the units of the base's tonnes."""
    out = base.usd_per_t + system.cost_usd_per_t
    out *= 1.0 + system.tau
    np.divide(base.tonnes_rate, out, out=out)
    out *= value
    out *= np.exp(-x[: base.L.size])[:, None]
    return out


@dataclass(frozen=True, slots=True)
class _Accounts:
    """Who gets and spends what [million USD], float64[N] each; see :class:`TradeEquilibrium`."""

    sales: Array
    bought: Array
    tariffs: Array
    fees: Array
    deficit: Array
    output: Array
    spend: Array
    untraded: Array

    def identities(self, wage: Array, world: float, gains: float) -> Identities:
        """Measure by how much the accounts fail to close."""
        y, e = self.output, self.spend
        # What purchasers pay is what sellers, treasuries and owners of fees receive.
        lost = self.bought.sum() - self.sales.sum() - self.tariffs.sum() - self.fees.sum()
        return Identities(
            budget=float((np.abs(y + self.deficit + self.tariffs + self.fees - e) / e).max()),
            clearing=float((np.abs(self.sales + self.untraded - y) / y).max()),
            world_income=abs(float(wage.sum()) / world - 1.0),
            deficits=abs(float(self.deficit.sum())) / world,
            fees=abs(float(lost)) / world,
            spending=float((np.abs(self.bought + self.untraded - e) / e).max()),
            gains=gains,
        )


def _settled(base: TradeBase, shock: TradeShock, system: System, found: Solution) -> TradeEquilibrium:
    from serai.trade.kernels import fee_income

    n, x, at = base.L.size, found.x, evaluate(base, system, found.x)
    value, sales, bought, tariffs = _values(base, system, found)
    spend, wage = np.exp(x[n:]), base.L * np.exp(at.lnw)
    fees = np.zeros(n)
    fee_income(x, at.q, base.theta, system.fee_cell, system.fee_owner, system.fee, fees)
    deficit = deficits(base, wage)
    y = wage / base.gamma
    income = spend - (1 - base.gamma) * y
    if not (income > 0).all():
        worst = base.economies[int(np.argmin(income))]
        raise _refuse(base, found.residual, f"final expenditure of {worst} would not be positive")
    accounts = _Accounts(sales, bought, tariffs, fees, deficit, y, spend, base.al_n * spend)
    price = np.exp(at.lnp)
    welfare = income / base.income / price
    stranded_tonnes, stranded_usd_m = _stranded(base, shock)
    return TradeEquilibrium(
        system=system,
        x=read_only(x),
        V=read_only(value),
        tonnes_per_year=read_only(_tonnes(base, system, value, x)),
        price=price,
        wage=np.exp(at.lnw),
        income=income,
        welfare=welfare,
        ev_usd_per_year=1e6 * base.income * (welfare - 1.0),
        tariff_usd_m=tariffs,
        fee_usd_m=fees,
        deficit_usd_m=deficit,
        identities=accounts.identities(wage, float(base.L.sum()), _gains(base, value, income, at.lnw, at.lnp)),
        residual=found.residual,
        iterations=found.iterations,
        method_used=found.method,
        closed=system.closed,
        overpaid=system.overpaid,
        stranded_tonnes=stranded_tonnes,
        stranded_usd_m=stranded_usd_m,
        costly=base.costly,
    )
