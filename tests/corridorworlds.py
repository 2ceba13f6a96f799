"""Worlds of freight and trade for the tests: a package's network, and trade drawn at random over its zones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from helpers import SUMMER, compiled
from serai.corridor.inputs import TradeInputs
from serai.corridor.world import open_world
from serai.freight.generate import Breadth

if TYPE_CHECKING:
    from serai.corridor.world import World
    from serai.data.package import Package
    from serai.freight.model import Compiled
    from serai.trade.base import Closure

AUTUMN = dt.date(2025, 12, 1)


def busy(package: Package, road: float = 2500.0, rail: float = 1500.0, port_teu: float = 120_000.0) -> Package:
    """Give every crossing and port of a package a capacity."""
    crossings, ports = package["crossings"].copy(), package["ports"].copy()
    crossings["capacity_t_per_day"] = np.where(crossings["mode"] == "rail", rail, road)
    ports["capacity_teu_per_year"] = port_teu
    return package.with_tables({"crossings": crossings, "ports": ports})


def trade_inputs(
    c: Compiled, seed: int = 0, *, trade_share: float = 0.2, density: float = 0.9, tariffs: bool = True,
    network: bool = True, order: list[int] | None = None, unit: float = 1.0,
) -> TradeInputs:  # fmt: skip
    """Trade of the countries that have zones; `order` relabels economies, `unit` is the unit of money over USD."""
    draw = np.random.default_rng(seed)
    places = c.package["places"]
    zones = places[places["zone"]]
    names = sorted(set(zones["country"]))
    n, k = len(names), len(c.worth.ids)
    gdp = draw.lognormal(9.2, 0.8, n)
    value = draw.lognormal(0, 1.2, (k, n, n)) * (draw.random((k, n, n)) < density)
    value *= gdp[:, None] * gdp
    value[:, np.arange(n), np.arange(n)] = 0.0
    value *= trade_share * gdp.sum() / value.sum()
    value *= np.minimum(1, 0.5 * gdp / np.maximum(value.sum(axis=(0, 2)), 1e-9))[None, :, None]
    worth = c.package["commodities"]["value_usd_per_t"].to_numpy()[:, None, None] * draw.lognormal(0, 0.2, (k, n, n))
    share = draw.uniform(0.6, 1.0, value.shape) if network else np.ones(value.shape)
    tariff = 0.15 * draw.random(value.shape) if tariffs else np.zeros(value.shape)
    at = np.array([names.index(x) for x in zones["country"]])
    weight = zones["weight"].to_numpy(dtype=np.float64)
    weight = weight / np.bincount(at, weight, n)[at]
    q = at.size
    beyond = draw.uniform(0.0, 20.0, q) * (1.0 if network else 0.0)
    elasticity = np.linspace(4.0, 6.0, k)
    turn = np.arange(n) if order is None else np.array(order)
    new = np.argsort(turn)
    cells = np.ix_(np.arange(k), turn, turn)
    return TradeInputs(
        economies=tuple(names[i] for i in turn),
        country_economy={name: int(new[i]) for i, name in enumerate(names)},
        value_usd_m=value[cells] / unit,
        tonnes_per_year=(1e6 * value * share / worth)[cells],
        usd_per_t=worth[cells],
        network_share=share[cells],
        tariff=tariff[cells],
        gdp_usd_m=gdp[turn] / unit,
        elasticity=elasticity,
        zones=tuple(zones["id"]),
        zone_economy=new[at].astype(np.int32),
        zone=np.arange(q, dtype=np.int32),
        zone_weight=weight,
        beyond_usd_per_t=beyond,
        beyond_h=np.full(q, 6.0 if network else 0.0),
        tradable_share=0.4,
        value_added_share=0.5,
    )


def corridor_world(
    package: Package, seed: int = 0, *, days: tuple[dt.date, ...] = (SUMMER, AUTUMN), closure: Closure | None = None,
    breadth: Breadth | None = None, inputs: TradeInputs | None = None, **options: object,
) -> World:  # fmt: skip
    """Open a world of a package under drawn trade."""
    c = compiled(package)
    extra = {} if closure is None else {"closure": closure}
    t = inputs or trade_inputs(c, seed, **options)
    return open_world(package, t, c, days, breadth=breadth or Breadth(), **extra)
