"""Trade of the base year from the tables of a package, with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serai.core.errors import InputError
from serai.trade.rebase import rebase

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.trade.base import Array

SECTIONS = tuple(f"s{n}" for n in range(10))


@dataclass(frozen=True)
class TradeData:
    """Trade of the base year: N economies, K commodities.

    Attributes
    ----------
    economies, commodities
        Identifiers.
    year
        The year.
    value_usd_m : float64[K, N, N]
        Value at the exporter's door, in million USD.
    tonnes_per_year : float64[K, N, N]
        On the network.
    network_share : float64[K, N, N]
        Share of the value that goes by the network.
    usd_per_t : float64[K, N, N]
        Value per tonne, factors of tonnes included.
    tariff : float64[K, N, N]
        On the value with freight.
    gdp_usd_m, exports_usd_m, imports_usd_m : float64[N]
        Product, and totals of trade; not a number where no total is reported.
    anchored : bool[N, N]
        Pairs held at newer figures.
    growth
        What totals without a report grew by.
    residual, iterations
        Of the rebasing.
    """

    economies: tuple[str, ...]
    commodities: tuple[str, ...]
    year: int
    value_usd_m: Array
    tonnes_per_year: Array
    network_share: Array
    usd_per_t: Array
    tariff: Array
    gdp_usd_m: Array
    exports_usd_m: Array
    imports_usd_m: Array
    anchored: Array
    growth: tuple[float, float]
    residual: float
    iterations: int

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each economy."""
        return {e: i for i, e in enumerate(self.economies)}


def section_seed(package: Package, position: dict[str, int]) -> Array:
    """Trade by SITC section: float64[10, N, N], million USD of the seed's year."""
    frame = package["trade_seed"]
    n = len(position)
    out = np.zeros((len(SECTIONS), n, n))
    at = frame["exporter"].map(position).to_numpy(), frame["importer"].map(position).to_numpy()
    for s, column in enumerate(SECTIONS):
        out[s][at] = frame[column].to_numpy()
    out[:, np.arange(n), np.arange(n)] = 0.0
    return out


def section_shares(package: Package, position: dict[str, int], commodities: tuple[str, ...]) -> Array:
    """Share of each commodity in each section of each exporter: float64[10, K, N]; sections sum to one.

    Raises
    ------
    InputError
        Where the shares of a section do not.
    """
    frame = package["trade_mix"]
    out = np.zeros((len(SECTIONS), len(commodities), len(position)))
    column = {c: k for k, c in enumerate(commodities)}
    general = frame[frame["exporter"] == ""]
    for r in general.itertuples(index=False):
        out[int(r.section), column[r.commodity], :] = r.share
    for (section, exporter), rows in frame[frame["exporter"] != ""].groupby(["section", "exporter"], sort=False):
        out[int(section), :, position[exporter]] = 0.0
        for r in rows.itertuples(index=False):
            out[int(section), column[r.commodity], position[exporter]] = r.share
    total = out.sum(axis=1)
    if (np.abs(total - 1.0) > 1e-9).any():
        s, i = (int(v) for v in np.argwhere(np.abs(total - 1.0) > 1e-9)[0])
        raise InputError(
            f"trade_mix: shares of section {s} for {list(position)[i]} sum to {total[s, i]:.4g}", "Make them sum to 1."
        )
    return out


def by_row(frame: pd.DataFrame, value: str, at: Callable[[pd.Series], tuple[int | slice, ...]], start: Array) -> Array:
    """Fill cells from rows that may leave exporter, importer or commodity open; what names most applies."""
    out = start.copy()
    columns = [c for c in ("exporter", "importer", "commodity") if c in frame]
    named = (frame[columns] != "").sum(axis=1)
    for _, r in frame.assign(_named=named).sort_values("_named", kind="stable").iterrows():
        out[at(r)] = r[value]
    return out


def _totals(package: Package, position: dict[str, int], flow: str) -> Array:
    out = np.full(len(position), np.nan)
    frame = package["trade_totals"]
    for r in frame[(frame["flow"] == flow) & (frame["use"] == "total")].itertuples(index=False):
        out[position[r.economy]] = r.value_usd_m
    return out


def _filled(total: Array, seed: Array) -> tuple[Array, float]:
    """Fill unreported totals with the seed's, grown as the reported ones did."""
    known = np.isfinite(total)
    growth = float(total[known].sum() / seed[known].sum()) if known.any() else 1.0
    return np.where(known, total, seed * growth), growth


def anchor_values(package: Package) -> dict[tuple[str, str], tuple[float, tuple[str, ...]]]:
    """Value of each held pair: the geometric mean of its anchor rows, and the commodities it consists of."""
    frame = package["trade_anchors"]
    out = {}
    for (exporter, importer), rows in frame[frame["use"] == "anchor"].groupby(["exporter", "importer"], sort=False):
        goods = next((str(c) for c in rows["commodity"] if c), "")
        mean = float(np.exp(np.log(rows["value_usd_m"].to_numpy()).mean()))
        out[str(exporter), str(importer)] = (mean, tuple(g for g in goods.split(";") if g))
    return out


def _anchored(
    package: Package, position: dict[str, int], commodities: tuple[str, ...], seed: Array
) -> tuple[Array, Array]:
    """Values of held pairs by commodity: float64[K, N, N], and which they are."""
    n = len(position)
    fixed, is_fixed = np.zeros(seed.shape), np.zeros((n, n), dtype=bool)
    for (exporter, importer), (value, goods) in anchor_values(package).items():
        i, j = position[exporter], position[importer]
        mix = seed[:, i, j].copy()
        if goods:
            mix = np.array([float(c in goods) for c in commodities])
        elif mix.sum() < 0.01 * value:
            # A pair that hardly traded when the matrix was made takes what its exporter sells and its importer buys.
            mix = seed[:, i, :].sum(axis=1) * seed[:, :, j].sum(axis=1)
        fixed[:, i, j] = value * mix / mix.sum()
        is_fixed[i, j] = True
    return fixed, is_fixed


def compile_trade(package: Package) -> TradeData:
    """Make the trade of the base year from a package's tables.

    The structure is that of the seed matrix, split into commodities; the level that of reported totals; pairs with
    anchors are held at them. Economies without a reported total grow as the rest did.

    Raises
    ------
    InputError
        Where the package has no trade, or its tables contradict each other.
    """
    frame = package["economies"]
    if not len(frame) or not len(package["trade_seed"]):
        raise InputError(
            f"Package {package.meta.name} holds no trade", "Fill its tables economies, economy_zones and trade_seed."
        )
    economies, commodities = tuple(frame["id"]), tuple(package["commodities"]["id"])
    position = {e: i for i, e in enumerate(economies)}
    shares = section_shares(package, position, commodities)
    seed = np.einsum("sij,ski->kij", section_seed(package, position), shares)
    exports, grown_x = _filled(_totals(package, position, "exports"), seed.sum(axis=(0, 2)))
    imports, grown_m = _filled(_totals(package, position, "imports"), seed.sum(axis=(0, 1)))
    fixed, is_fixed = _anchored(package, position, commodities, seed)
    done = rebase(seed, exports, imports, fixed, is_fixed, economies)
    network, worth, tariff = _attributes(package, position, commodities)
    tonnes = done.value * 1e6 * network / worth
    return TradeData(
        economies=economies,
        commodities=commodities,
        year=int(package["parameters"].set_index("id").loc["trade_year", "value"]),
        value_usd_m=done.value,
        tonnes_per_year=tonnes,
        network_share=network,
        usd_per_t=worth,
        tariff=tariff,
        gdp_usd_m=frame["gdp_usd_m"].to_numpy(dtype=np.float64),
        exports_usd_m=_totals(package, position, "exports"),
        imports_usd_m=_totals(package, position, "imports"),
        anchored=is_fixed,
        growth=(grown_x, grown_m),
        residual=done.residual,
        iterations=done.iterations,
    )


def _attributes(package: Package, position: dict[str, int], commodities: tuple[str, ...]) -> tuple[Array, Array, Array]:
    """Network share, value per tonne and tariff of every cell: float64[K, N, N] each."""
    n = len(position)
    shape = (len(commodities), n, n)
    column = {c: k for k, c in enumerate(commodities)}

    def where(name: str) -> int | slice:
        return position[name] if name else slice(None)

    off = by_row(
        package["off_network"], "share",
        lambda r: (column.get(r["commodity"], slice(None)), where(r["exporter"]), where(r["importer"])),
        np.zeros(shape),
    )  # fmt: skip
    tariff = by_row(
        package["tariffs"], "rate",
        lambda r: (slice(None), where(r["exporter"]), where(r["importer"])), np.zeros(shape),
    )  # fmt: skip
    worth = np.broadcast_to(package["commodities"]["value_usd_per_t"].to_numpy()[:, None, None], shape).copy()
    for r in package["tonne_factors"].itertuples(index=False):
        goods = [column[c] for c in r.commodity.split(";")] if r.commodity else list(range(len(commodities)))
        for k in goods:
            worth[k, where(r.exporter), where(r.importer)] /= r.factor
    return 1.0 - off, worth, tariff
