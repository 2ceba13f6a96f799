"""Each own port against rival ports and overland ways, with the parts that make the gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serai.core.progress import track
from serai.core.units import HOURS_PER_DAY
from serai.data.names import place_names
from serai.freight.explain import part_name
from serai.freight.routes import gateway_paths

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.freight.routes import Network
    from serai.study.spec import StudySpec

OVERLAND = "overland"


@dataclass(frozen=True, slots=True)
class Gateway:
    """The best way from an origin to a market through one gateway, or overland."""

    origin: str
    market: str
    commodity: str
    gateway: str
    own: bool
    arcs: tuple[int, ...]
    generalized_usd_per_t: float
    cost_usd_per_t: float
    time_h: float
    km: float


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the corridor's own ports are from the best other way for one origin and market."""

    origin: str
    market: str
    commodity: str
    own: Gateway | None
    rival: Gateway | None
    parts: tuple[tuple[str, float], ...]
    """Contributions to the gap in USD/t of generalized cost, largest first; they add up to it."""

    @property
    def usd_per_t(self) -> float:
        """Gap in generalized cost; negative where the own port is best."""
        if self.own is None or self.rival is None:
            return float("nan")
        return self.own.generalized_usd_per_t - self.rival.generalized_usd_per_t


def gateways_of(network: Network, spec: StudySpec) -> list[Gateway]:
    """Best way through each gateway, for every origin, market and commodity of the study."""
    out = []
    ports = (*spec.own_ports, *spec.rival_ports)
    work = [(o, m, c) for c in spec.commodities for o in spec.origins for m in spec.markets if o != m]
    for origin, market, commodity in track(work, "Gateways"):
        k = network.worth.index(commodity)
        cost, money = network.cost(k, "generalized"), network.cost(k, "cost")
        for port, path in gateway_paths(network, origin, market, commodity, ports).items():
            index = list(path)
            out.append(
                Gateway(
                    origin,
                    market,
                    commodity,
                    port or OVERLAND,
                    port in spec.own_ports,
                    path,
                    float(cost[index].sum()),
                    float(money[index].sum()),
                    float(network.costs.mean_time_h[index].sum()),
                    float(network.costs.figures.distance_km[index].sum()),
                )
            )
    return out


def _gap(network: Network, found: list[Gateway]) -> Gap:
    first = found[0]
    own = min((g for g in found if g.own), key=lambda g: g.generalized_usd_per_t, default=None)
    rival = min((g for g in found if not g.own), key=lambda g: g.generalized_usd_per_t, default=None)
    parts: dict[str, float] = {}
    if own and rival:
        cost = network.cost(network.worth.index(first.commodity), "generalized")
        for arcs, sign in ((own.arcs, 1.0), (rival.arcs, -1.0)):
            for arc in arcs:
                name = part_name(network, arc)
                parts[name] = parts.get(name, 0.0) + sign * float(cost[arc])
    ranked = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0]))
    return Gap(first.origin, first.market, first.commodity, own, rival, tuple(p for p in ranked if abs(p[1]) > 1e-9))


def gaps_of(network: Network, gateways: list[Gateway]) -> list[Gap]:
    """Set the best own port against the best other way for every origin, market and commodity."""
    by_pair: dict[tuple[str, str, str], list[Gateway]] = {}
    for g in gateways:
        by_pair.setdefault((g.commodity, g.origin, g.market), []).append(g)
    return [_gap(network, found) for found in by_pair.values()]


def gateway_table(package: Package, gateways: list[Gateway], network: Network) -> pd.DataFrame:
    """One row per gateway of each origin, market and commodity, ranked."""
    names = place_names(package)
    rows = []
    for g in gateways:
        payload = float(network.worth.payload_t[network.worth.index(g.commodity)])
        borders = [network.topology.arcs[a].place for a in g.arcs if network.topology.arcs[a].kind.name == "EXIT"]
        rows.append(
            {
                "commodity": g.commodity,
                "origin": g.origin,
                "market": g.market,
                "gateway": g.gateway,
                "gateway_name": names.get(g.gateway, g.gateway),
                "own": g.own,
                "generalized_usd_per_t": g.generalized_usd_per_t,
                "cost_usd_per_t": g.cost_usd_per_t,
                "load_t_per_feu": payload,
                "cost_usd_per_feu": g.cost_usd_per_t * payload,
                "time_days": g.time_h / HOURS_PER_DAY,
                "distance_km": g.km,
                "borders": ";".join(borders),
            }
        )
    frame = pd.DataFrame(rows)
    if len(frame):
        frame["rank"] = (
            frame.groupby(["commodity", "origin", "market"])["generalized_usd_per_t"].rank(method="first").astype(int)
        )
    return frame


def gap_table(gaps: list[Gap]) -> pd.DataFrame:
    """One row per origin, market and commodity: own port, best other way, and what separates them."""
    rows = []
    for g in gaps:
        own, rival = g.own, g.rival
        rows.append(
            {
                "commodity": g.commodity,
                "origin": g.origin,
                "market": g.market,
                "own_gateway": own.gateway if own else "",
                "best_other": rival.gateway if rival else "",
                "own_usd_per_t": own.generalized_usd_per_t if own else np.nan,
                "other_usd_per_t": rival.generalized_usd_per_t if rival else np.nan,
                "gap_usd_per_t": g.usd_per_t,
                "own_days": own.time_h / HOURS_PER_DAY if own else np.nan,
                "other_days": rival.time_h / HOURS_PER_DAY if rival else np.nan,
                "gap_days": (own.time_h - rival.time_h) / HOURS_PER_DAY if own and rival else np.nan,
                "largest_parts": "; ".join(f"{name} {value:+.0f}" for name, value in g.parts[:4]),
            }
        )
    return pd.DataFrame(rows)
