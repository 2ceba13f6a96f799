"""The figures of a brief on a pair of places, from the model and the status board; no word of any language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serai.data.names import short_name
from serai.data.schema import PASSAGES
from serai.freight.answer import answer
from serai.freight.exposure import evidence_share
from serai.freight.routes import Compiled, Rules, alternatives, open_network

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from serai.data.package import Meta, Package
    from serai.data.status import Status
    from serai.freight.routes import Route

Names = dict[str, str]
"""A name by language code; ``en`` is always there, others where the package has them."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure with its middle (mean of a price, median of a time) and the ends that eight in ten fall between."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WayFacts:
    """One way: price in USD/t, door to door in h, length in km, modes, and the names of what it passes."""

    cost_usd_per_t: Spread
    time_h: Spread
    length_km: float
    modes: tuple[str, ...]
    via: tuple[Names, ...]
    assumed_share: float


@dataclass(frozen=True, slots=True)
class StateFacts:
    """A state that is not confirmed within its shelf life."""

    name: Names
    state: str
    confirmed_on: dt.date
    contested: bool


@dataclass(frozen=True, slots=True)
class GoodsFacts:
    """A class of goods: its value, what freight adds, both in USD/t; freight None where no way is open."""

    name: Names
    value_usd_per_t: float
    freight_usd_per_t: float | None

    @property
    def share(self) -> float | None:
        """Freight over value."""
        return None if self.freight_usd_per_t is None else self.freight_usd_per_t / self.value_usd_per_t


@dataclass(frozen=True, slots=True)
class PairFacts:
    """Everything a brief on a pair says.

    Attributes
    ----------
    origin, destination, goods
        Names.
    ways
        The best and the next, borders as last known; empty where none is open.
    unknown
        States on the best way, or deciding for the pair, that nobody has confirmed in time.
    if_open_usd_per_t, if_shut_usd_per_t
        Price of the best way in both cases; None where there is no way or nothing unknown bears on the pair.
    turns
        Whether the answer is given twice.
    sectors
        Goods by what freight adds to their value, least first; empty unless asked for.
    """

    origin: Names
    destination: Names
    goods: Names
    day: dt.date
    ways: tuple[WayFacts, ...]
    unknown: tuple[StateFacts, ...]
    if_open_usd_per_t: float | None
    if_shut_usd_per_t: float | None
    turns: bool
    sectors: tuple[GoodsFacts, ...]
    meta: Meta
    ends: tuple[str, str]


def names_of(frame: pd.DataFrame, key: str = "id") -> dict[str, Names]:
    """Names of every row of a table with columns name, name_ru, name_ur, name_kk."""
    return {
        getattr(r, key): {"en": short_name(r.name), "ru": r.name_ru, "ur": r.name_ur, "kk": r.name_kk}
        for r in frame.itertuples(index=False)
    }


def _way(route: Route, names: dict[str, Names]) -> WayFacts:
    ends = {route.legs[0].origin, route.legs[-1].destination}
    passed = dict.fromkeys(x for leg in route.legs for x in (leg.origin, leg.destination))
    via = [p for p in passed if (p in route.borders or p in route.ports) and p not in ends]
    cost, time = route.cost_usd_per_t, route.door_to_door_h
    shares, _ = evidence_share(route)
    return WayFacts(
        Spread(cost.mean, cost.p10, cost.p90),
        Spread(time.p50, time.p10, time.p90),
        route.distance_km,
        route.modes,
        tuple(names[p] for p in via),
        shares.get("assumed", 0.0),
    )


def object_names(package: Package, lexicon: dict[str, dict[str, str]]) -> dict[str, Names]:
    """Names of everything that can have a state: places, links (by their ends) and passages.

    Parameters
    ----------
    package
        The package.
    lexicon
        Names of sea passages by language code and passage.
    """
    names = names_of(package["places"])
    links = package["links"]
    for link, start, end in zip(links["id"], links["from"], links["to"], strict=True):
        a, b = names[start], names[end]
        names[link] = {k: f"{a.get(k) or a['en']} – {b.get(k) or b['en']}" for k in ("en", "ru", "ur", "kk")}
    for p in PASSAGES:
        names[p] = {code: words.get(p, p) for code, words in lexicon.items()}
    return names


def _states(statuses: tuple[Status, ...], names: dict[str, Names]) -> tuple[StateFacts, ...]:
    """Give each unknown state once: first what was closed when last heard of, the freshest report before older ones."""
    kept = {(s.object, s.mode): s for s in statuses if not s.known}
    found = sorted(
        kept.values(), key=lambda s: (s.state != "closed", not s.contested, -s.confirmed_on.toordinal(), s.object)
    )
    seen: dict[str, StateFacts] = {}
    for s in found:
        seen.setdefault(
            s.object, StateFacts(names.get(s.object, {"en": s.object}), s.state, s.confirmed_on, s.contested)
        )
    return tuple(seen.values())


def _sectors(compiled: Compiled, origin: str, destination: str, day: dt.date) -> tuple[GoodsFacts, ...]:
    from serai.core.errors import NoRouteError

    network = open_network(compiled, day, "last")
    frame = compiled.package["commodities"]
    names = names_of(frame)
    rows = []
    for r in frame.itertuples(index=False):
        try:
            best = alternatives(network, origin, destination, r.id, Rules(k=1))
            freight: float | None = best[0].cost_usd_per_t.mean
        except NoRouteError:
            freight = None
        rows.append(GoodsFacts(names[r.id], float(r.value_usd_per_t), freight))
    return tuple(sorted(rows, key=lambda g: (g.share is None, g.share or 0.0, g.name["en"])))


def pair_facts(
    compiled: Compiled,
    origin: str,
    destination: str,
    *,
    day: dt.date,
    commodity: str,
    passages: dict[str, dict[str, str]],
    sectors: bool = False,
) -> PairFacts:
    """Gather the figures on a pair.

    Parameters
    ----------
    compiled
        The package, compiled.
    origin, destination
        Identifiers of places.
    day, commodity
        Of the answer.
    passages
        Names of sea passages by language code.
    sectors
        Whether to price every class of goods.
    """
    package = compiled.package
    names = object_names(package, passages)
    found = answer(
        compiled, origin, destination, day=day, commodity=commodity, rules=Rules(k=3), with_validation=False
    )  # fmt: skip
    on_best = found.routes[0].statuses if found.routes else ()

    def price(routes: tuple[Route, ...] | None) -> float | None:
        return routes[0].cost_usd_per_t.mean if routes else None

    return PairFacts(
        origin=names[origin],
        destination=names[destination],
        goods=names_of(package["commodities"])[commodity],
        day=day,
        ways=tuple(_way(r, names) for r in found.routes[:2]),
        unknown=_states((*found.unknown, *on_best), names),
        if_open_usd_per_t=price(found.if_open),
        if_shut_usd_per_t=price(found.if_shut),
        turns=bool(found.unknown),
        sectors=_sectors(compiled, origin, destination, day) if sectors else (),
        meta=package.meta,
        ends=(origin, destination),
    )
