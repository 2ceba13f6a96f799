"""What the world needs of a package's trade tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import DAYS_PER_YEAR
from serai.network.figures import parameter
from serai.trade.matrix import TradeData, compile_trade

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from serai.data.package import Package
    from serai.freight.search import Array, Ints


@dataclass(frozen=True, slots=True)
class CellWeights:
    """Shares of zones in one cell of trade, where they are not the economy's usual ones.

    Attributes
    ----------
    commodity, exporter, importer
        The cell.
    end
        Which end the shares are of: ``origin`` or ``destination``.
    share : float64[Q]
        Of zones.
    """

    commodity: int
    exporter: int
    importer: int
    end: str
    share: Array


@dataclass(frozen=True, slots=True)
class TradeInputs:
    """Trade of the base year as the world needs it: N economies, K commodities, Z zones.

    Attributes
    ----------
    economies
        Identifiers.
    country_economy
        Economy of each country, by ISO code.
    value_usd_m, tonnes_per_year, usd_per_t, network_share, tariff : float64[K, N, N]
        Value at the exporter's door, tonnes on the network, value per tonne, share of the value that goes by the
        network, tariff.
    gdp_usd_m : float64[N]
        Gross domestic product.
    elasticity : float64[K]
        Trade elasticities.
    zones
        Identifiers of places.
    zone_economy : int32[Q], zone : int32[Q], zone_weight, beyond_usd_per_t, beyond_h : float64[Q]
        Which zones stand for which economy, with what share of its tonnes, and what lies beyond them.
    origin_weight, dest_weight : float64[K, Q] or None
        Shares by commodity of what an economy sends and gets; None where `zone_weight` holds for all.
    of_cells
        Shares of single cells, which hold before those.
    tradable_share, value_added_share
        See :func:`serai.trade.calibrate.calibrate`.
    """

    economies: tuple[str, ...]
    country_economy: dict[str, int]
    value_usd_m: Array
    tonnes_per_year: Array
    usd_per_t: Array
    network_share: Array
    tariff: Array
    gdp_usd_m: Array
    elasticity: Array
    zones: tuple[str, ...]
    zone_economy: Ints
    zone: Ints
    zone_weight: Array
    beyond_usd_per_t: Array
    beyond_h: Array
    tradable_share: float
    value_added_share: float
    origin_weight: Array | None = None
    dest_weight: Array | None = None
    of_cells: tuple[CellWeights, ...] = ()

    def weights(self) -> tuple[Array, Array]:
        """Shares of zones by commodity in what their economy sends and gets: float64[K, Q] each."""
        shape = (len(self.elasticity), len(self.zone_weight))
        usual = np.broadcast_to(self.zone_weight, shape)
        sent, got = self.origin_weight, self.dest_weight
        return usual if sent is None else sent, usual if got is None else got


def trade_inputs(package: Package, data: TradeData | None = None) -> TradeInputs:
    """Arrange a package's trade for the world.

    Parameters
    ----------
    package
        The package.
    data
        Its trade, if it was compiled already.
    """
    data = compile_trade(package) if data is None else data
    zones = package["economy_zones"]
    places = tuple(dict.fromkeys(zones["place"]))
    number = {p: n for n, p in enumerate(places)}
    economy = zones["economy"].map(data.position).to_numpy(dtype=np.int32)
    weight = zones["weight"].to_numpy(dtype=np.float64)
    elasticity = dict(zip(package["elasticities"]["commodity"], package["elasticities"]["theta"], strict=True))
    zone_weight = weight / np.bincount(economy, weight, len(data.economies))[economy]
    sent, got = (_by_commodity(package, data, zone_weight, economy, end) for end in ("origin", "destination"))
    country = {c: i for i, row in enumerate(package["economies"]["countries"]) for c in row.split(";")}
    return TradeInputs(
        economies=data.economies,
        country_economy=country,
        value_usd_m=data.value_usd_m,
        tonnes_per_year=data.tonnes_per_year,
        usd_per_t=data.usd_per_t,
        network_share=data.network_share,
        tariff=data.tariff,
        gdp_usd_m=data.gdp_usd_m,
        elasticity=np.array([elasticity[c] for c in data.commodities]),
        zones=places,
        zone_economy=economy,
        zone=zones["place"].map(number).to_numpy(dtype=np.int32),
        zone_weight=zone_weight,
        beyond_usd_per_t=zones["beyond_usd_per_t"].to_numpy(dtype=np.float64),
        beyond_h=zones["beyond_h"].to_numpy(dtype=np.float64),
        tradable_share=parameter(package, "tradable_share"),
        value_added_share=parameter(package, "value_added_share"),
        origin_weight=sent,
        dest_weight=got,
        of_cells=_of_cells(package, data, economy),
    )


def _by_commodity(package: Package, data: TradeData, usual: Array, economy: Ints, end: str) -> Array:
    """Shares of zones by commodity: those of ``zone_weights`` where an economy has rows, else the usual ones."""
    out = np.tile(usual, (len(data.commodities), 1))
    places = package["economy_zones"]["place"].to_numpy()
    frame = package["zone_weights"]
    frame = frame[(frame["end"] == end) & (frame["partner"] == "")]
    for (name, commodity), rows in _each(frame).groupby(["economy", "commodity"], sort=True):
        mine = economy == data.position[name]
        out[data.commodities.index(commodity), mine] = _shares(rows, places[mine])
    return out


def _of_cells(package: Package, data: TradeData, economy: Ints) -> tuple[CellWeights, ...]:
    """Read rows of ``zone_weights`` that name a partner."""
    places, out = package["economy_zones"]["place"].to_numpy(), []
    frame = package["zone_weights"]
    frame = _each(frame[frame["partner"] != ""])
    for (name, partner, commodity, end), rows in frame.groupby(["economy", "partner", "commodity", "end"], sort=True):
        here, there = data.position[name], data.position[partner]
        mine = economy == here
        share = np.zeros(economy.size)
        share[mine] = _shares(rows, places[mine])
        pair = (here, there) if end == "origin" else (there, here)
        out.append(CellWeights(data.commodities.index(commodity), *pair, end, share))
    return tuple(out)


def _each(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(commodity=frame["commodities"].str.split(";")).explode("commodity")


def _shares(rows: pd.DataFrame, places: npt.NDArray[np.object_]) -> Array:
    weight = dict(zip(rows["place"], rows["weight"], strict=True))
    found = np.array([weight.get(p, 0.0) for p in places])
    return np.asarray(found / found.sum())


def observed_flows(package: Package) -> dict[str, float]:
    """Read published throughputs by facility key, in t a day (crossings and lines) or TEU a day (ports).

    Only figures set aside for setting levels are used, the latest year of each; those
    held out are for looking at afterwards.
    """
    frame = package["throughputs"]
    ports = package["ports"]
    in_boxes = set(ports.loc[ports["capacity_teu_per_year"].notna(), "place"])
    metric = np.where(frame["object"].isin(in_boxes), "teu_per_year", "t_per_year")
    usable = frame[(frame["use"] == "tonnes") & (frame["metric"] == metric) & (frame["kind"] == "port")]
    return {
        f"port:{r.object}": float(r.value) / DAYS_PER_YEAR
        for r in usable.sort_values(["year", "id"]).itertuples(index=False)
        if r.direction == "both" and not r.commodity
    }
