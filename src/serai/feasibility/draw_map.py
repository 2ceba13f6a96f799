"""Which ranged figure of a package moves what on arcs, goods and trade when it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.feasibility.uncertainty import Factors, package_factors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.corridor.world import World
    from serai.data.package import Package

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

TABLES: Final = (
    "speeds",
    "rates",
    "bulk_rates",
    "crossings",
    "transfers",
    "ports",
    "services",
    "commodities",
    "elasticities",
    "parameters",
)
"""Tables whose ranged figures a draw moves."""
TIME: Final = {"crossings": "hours", "transfers": "hours", "ports": "dwell_h", "services": "headway_h"}
PRICE: Final = {"transfers": "usd_per_feu", "ports": "usd_per_feu", "services": "usd_per_feu", "rates": "usd_per_tkm"}
BULK: Final = "bulk_rates", "usd_per_tkm"
PARAMETERS: Final = ("reliability_ratio",)
"""Parameters a draw moves; the others belong to the base, which is not drawn."""


@dataclass(frozen=True, slots=True)
class DrawMap:
    """Which figure of a draw moves what; -1 where none does.

    Attributes
    ----------
    time, fee : int32[A], haul : int32[K, A]
        Position of the figure in the draw, by arc; bulk goods pay rates of their own.
    faster : bool[A]
        Whether the time falls as the figure rises (speeds).
    value, decay, elasticity : int32[K]
        Value per tonne, its loss a day, and trade elasticity, by commodity.
    reliability, capacity
        Position of the value of an hour of spread, and of all capacities.
    """

    time: Ints
    haul: Ints
    fee: Ints
    faster: Flags
    value: Ints
    decay: Ints
    elasticity: Ints
    reliability: int
    capacity: int


def corridor_factors(package: Package) -> Factors:
    """Collect the ranged figures a draw can move on arcs, goods and trade."""
    found = package_factors(package, TABLES)
    kept = np.array([t != "parameters" or i in PARAMETERS for t, i in zip(found.table, found.id, strict=True)])
    kept &= (
        np.array(
            [
                (t, c) == ("speeds", "speed_kmh")
                or c in {TIME.get(t), PRICE.get(t)}
                or (t, c) == BULK
                or (t, c) == ("crossings", "fee_usd_per_feu")
                or (t, c) in {("commodities", "value_usd_per_t"), ("commodities", "time_cost_per_day")}
                or t in {"elasticities", "parameters"}
                for t, c in zip(found.table, found.column, strict=True)
            ]
        )
        & (found.mode > 0)
        & (found.low > 0)
    )
    at = np.flatnonzero(kept)
    return Factors(
        table=tuple(found.table[i] for i in at),
        id=tuple(found.id[i] for i in at),
        column=tuple(found.column[i] for i in at),
        group=tuple(found.group[i] for i in at),
        low=found.low[at],
        mode=found.mode[at],
        high=found.high[at],
        minimum=found.minimum[at],
        maximum=found.maximum[at],
    )


def draw_map(world: World, factors: Factors) -> DrawMap:
    """Find what each figure moves."""
    position = {(t, i, c): n for n, (t, i, c) in enumerate(zip(factors.table, factors.id, factors.column, strict=True))}
    figures = world.compiled.figures

    def at(group: str, columns: Mapping[str, str]) -> int:
        table, _, row = group.partition(":")
        return position.get((table, row, columns.get(table, "")), -1)

    times = {**TIME, "speeds": "speed_kmh"}
    goods = world.compiled.worth.ids
    bulk = {
        (k, f"rates:{r.rate}"): position.get((BULK[0], r.id, BULK[1]), -1)
        for r in world.package["bulk_rates"].itertuples(index=False)
        for k in r.commodities.split(";")
    }
    return DrawMap(
        time=np.array([at(g, times) for g in figures.time_h.group], dtype=np.int32),
        haul=np.array(
            [[bulk.get((k, g), at(g, PRICE)) for g in figures.haul_usd.group] for k in goods], dtype=np.int32
        ),
        fee=np.array([at(g, {"crossings": "fee_usd_per_feu"}) for g in figures.fee_usd.group], dtype=np.int32),
        faster=np.array([g.startswith("speeds:") for g in figures.time_h.group]),
        value=np.array([position.get(("commodities", k, "value_usd_per_t"), -1) for k in goods], dtype=np.int32),
        decay=np.array([position.get(("commodities", k, "time_cost_per_day"), -1) for k in goods], dtype=np.int32),
        elasticity=np.array([position.get(("elasticities", k, "theta"), -1) for k in goods], dtype=np.int32),
        reliability=position.get(("parameters", "reliability_ratio", "value"), -1),
        capacity=position.get(("", "capacity", ""), -1),
    )
