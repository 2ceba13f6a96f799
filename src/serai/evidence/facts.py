"""What a check may ask, and how it is answered today from the package's tables and the freight model."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from serai.core.errors import NoEquilibriumError, NoRouteError
from serai.core.files import cache_folder, sha256, write_text
from serai.data.status import board
from serai.evidence.gazetteer import Gazetteer, gazetteer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serai.data.package import Package
    from serai.data.status import Board
    from serai.freight.routes import Compiled, Network

COMMODITY: Final = "manufactures"
INTEGRATION: Final = "deeper_integration"
"""Predicate of the facts that name the scenarios by which a corridor would be deepened."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the facts table; `value_low` and `value_high` equal `value` where the source gives no range."""

    id: str
    subject: str
    predicate: str
    object: str
    value: float | None
    value_low: float | None
    value_high: float | None
    unit: str
    period: str
    known_on: dt.date
    reporter: str
    says: str
    source: str
    basis: str
    note: str

    @property
    def number(self) -> float:
        """The value; zero where the fact is in words."""
        return self.value or 0.0


@dataclass(frozen=True, slots=True)
class Journey:
    """The best way between two places on a day: days and USD per tonne as P10, P50 or mean, P90."""

    origin: str
    destination: str
    day: str
    days_p10: float
    days_p50: float
    days_p90: float
    usd_per_t_p10: float
    usd_per_t: float
    usd_per_t_p90: float
    distance_km: float
    borders: tuple[str, ...]
    countries: tuple[str, ...]
    generalized_usd_per_t: float
    border_share: float


@dataclass(frozen=True, slots=True)
class Observed:
    """A published journey: days and its source."""

    id: str
    date: str
    days_low: float
    days_high: float
    claim: str
    source: str
    note: str


class Facts(Protocol):
    """What the evidence room asks of the rest of the house."""

    @property
    def package(self) -> Package:
        """The package all answers rest on."""

    @property
    def names(self) -> Gazetteer:
        """Names of its places, countries and projects."""

    def facts(
        self,
        predicate: str,
        *,
        subject: str = "",
        other: str = "",
        known_by: dt.date,
        either: bool = False,
    ) -> tuple[Fact, ...]:
        """Rows of the facts table known by a day; `other` is their object, `either` takes both orders."""

    def status(self, day: dt.date) -> Board:
        """Return what is open on a day."""

    def journey(self, origin: str, destination: str, day: dt.date, close: Sequence[str] = ()) -> Journey | None:
        """Return the best way on a day, None where there is no way."""

    def observed(self, origin: str, destination: str, known_by: dt.date) -> tuple[Observed, ...]:
        """Return published journeys between two places, in both directions."""

    def length_km(self, origin: str, destination: str, mode: str) -> tuple[float, float, float] | None:
        """Shortest length over all links of a mode, open or shut: low, median, high; None where none joins them."""

    def benefits(self, regions: Sequence[str], day: dt.date) -> Mapping[str, tuple[float, float, float]] | None:
        """Gain of each region in USD a year, low, median and high; None where no equilibrium has been solved."""


class ModelFacts:
    """The protocol answered from tables and the freight model; journeys are kept on disk by the package's digest."""

    def __init__(self, package: Package, store: Path | None = None) -> None:
        self._package = package
        self._networks: dict[dt.date, Network] = {}
        self._boards: dict[dt.date, Board] = {}
        folder = store or cache_folder()
        self._file = folder / f"journeys-{package.meta.digest[:16]}-{_code()[:12]}.json"
        self._kept: dict[str, Journey | None] = self._load()
        self._dirty = False

    @property
    def package(self) -> Package:
        """The package all answers rest on."""
        return self._package

    @property
    def names(self) -> Gazetteer:
        """Names of its places, countries and projects."""
        return gazetteer(self._package)

    @cached_property
    def _rows(self) -> tuple[Fact, ...]:
        frame = self._package["facts"]
        out = []
        for row in frame.itertuples(index=False):
            numbers = [
                None if v is None or math.isnan(v) else float(v) for v in (row.value, row.value_low, row.value_high)
            ]
            value, low, high = numbers
            out.append(
                Fact(
                    row.id,
                    row.subject,
                    row.predicate,
                    row.object,
                    value,
                    value if low is None else low,
                    value if high is None else high,
                    row.unit,
                    row.period,
                    row.known_on,
                    row.reporter,
                    row.says,
                    row.source,
                    row.basis,
                    row.note,
                )
            )
        return tuple(out)

    def facts(
        self,
        predicate: str,
        *,
        subject: str = "",
        other: str = "",
        known_by: dt.date,
        either: bool = False,
    ) -> tuple[Fact, ...]:
        """Rows of the facts table known by a day, oldest knowledge first."""

        def fits(fact: Fact) -> bool:
            direct = subject in {"", fact.subject} and other in {"", fact.object}
            return direct or (either and subject in {"", fact.object} and other in {"", fact.subject})

        rows = [f for f in self._rows if f.predicate == predicate and f.known_on <= known_by and fits(f)]
        return tuple(sorted(rows, key=lambda f: (f.known_on, f.id)))

    def status(self, day: dt.date) -> Board:
        """Return what is open on a day."""
        if day not in self._boards:
            self._boards[day] = board(self._package, day)
        return self._boards[day]

    @cached_property
    def _compiled(self) -> Compiled:
        from serai.freight.routes import compile_package

        return compile_package(self._package)

    def _network(self, day: dt.date) -> Network:
        from serai.freight.routes import open_network

        if day not in self._networks:
            self._networks[day] = open_network(self._compiled, day, "last")
        return self._networks[day]

    def journey(self, origin: str, destination: str, day: dt.date, close: Sequence[str] = ()) -> Journey | None:
        """Best way on a day by generalized cost; None where there is none."""
        key = "|".join([origin, destination, day.isoformat(), *sorted(close)])
        if key not in self._kept:
            self._kept[key] = self._solve(origin, destination, day, tuple(close))
            self._dirty = True
        return self._kept[key]

    def _solve(self, origin: str, destination: str, day: dt.date, close: tuple[str, ...]) -> Journey | None:
        from serai.freight.routes import Rules, alternatives

        try:
            route = alternatives(self._network(day), origin, destination, COMMODITY, Rules(k=1, close=close))[0]
        except NoRouteError:
            return None
        hours = sum(leg.hours for leg in route.legs)
        at_borders = sum(leg.hours for leg in route.legs if leg.table in {"crossings", "transfers"})
        return Journey(
            origin,
            destination,
            day.isoformat(),
            route.time_h.p10 / 24,
            route.time_h.p50 / 24,
            route.time_h.p90 / 24,
            route.cost_usd_per_t.p10,
            route.cost_usd_per_t.mean,
            route.cost_usd_per_t.p90,
            route.distance_km,
            route.borders,
            route.countries,
            route.generalized_usd_per_t,
            at_borders / hours if hours else 0.0,
        )

    def _load(self) -> dict[str, Journey | None]:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(k): None if v is None else _journey(v) for k, v in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def keep(self) -> None:
        """Write the journeys found to disk; a folder that cannot be written is no fault."""
        from serai.core.errors import InputError

        if self._dirty:
            kept = {k: None if v is None else asdict(v) for k, v in self._kept.items()}
            try:
                write_text(self._file, json.dumps(kept, sort_keys=True))
            except InputError:
                return
            self._dirty = False

    def observed(self, origin: str, destination: str, known_by: dt.date) -> tuple[Observed, ...]:
        """Return published journeys between two places, in both directions."""
        frame = self._package["observations"]
        ends = {origin, destination}
        rows = frame[frame["from"].isin(ends) & frame["to"].isin(ends)]
        rows = rows[rows["use"] != "none"]  # a claim made elsewhere is no measurement
        rows = rows[rows["days_low"].notna() & (rows["date"].astype(str).str[:10] <= known_by.isoformat())]
        return tuple(
            Observed(
                r["id"], str(r["date"]), float(r["days_low"]), float(r["days_high"]), r["claim"], r["source"], r["note"]
            )
            for r in rows.to_dict("records")
        )

    def length_km(self, origin: str, destination: str, mode: str) -> tuple[float, float, float] | None:
        """Shortest length over all links of a mode, open or shut."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        links = self._package["links"]
        links = links[(links["mode"] == mode) & (links["project"].fillna("") == "")]
        places = {p: i for i, p in enumerate(self._package["places"]["id"])}
        if origin not in places or destination not in places:
            return None
        a = links["from"].map(places).to_numpy()
        b = links["to"].map(places).to_numpy()
        out = []
        for column in ("length_km_low", "length_km", "length_km_high"):
            best: dict[tuple[int, int], float] = {}
            for i, j, w in zip(a, b, links[column].to_numpy(dtype=np.float64), strict=True):
                best[i, j] = min(w, best.get((i, j), np.inf))
            tails, heads = np.array([k[0] for k in best]), np.array([k[1] for k in best])
            graph = coo_array((np.array(list(best.values())), (tails, heads)), shape=(len(places), len(places)))
            km = float(dijkstra(graph.tocsr(), directed=False, indices=[places[origin]])[0, places[destination]])
            out.append(km)
        return (out[0], out[1], out[2]) if np.isfinite(out[1]) else None

    def benefits(self, regions: Sequence[str], day: dt.date) -> Mapping[str, tuple[float, float, float]] | None:
        """Gain of regions over the scenarios the package names as deeper integration: least, middle, most.

        Solving them takes half a minute; the answer is kept on disk by the package's digest.
        """
        names = [f.object for f in self._rows if f.predicate == INTEGRATION]
        if not names or not len(self._package["trade_seed"]):
            return None
        file = self._file.with_name(self._file.name.replace("journeys", f"gains-{day.isoformat()}"))
        found = _read_gains(file)
        if found is None:
            from serai.corridor.service import region_gains

            try:
                found = region_gains(self._package, names, day)
            except NoEquilibriumError:
                return None
            write_text(file, json.dumps(found, ensure_ascii=False, sort_keys=True))
        return {r: (min(found[r]), float(np.median(found[r])), max(found[r])) for r in regions if r in found} or None


def _journey(fields: Mapping[str, Any]) -> Journey:
    """Journey of its fields as kept on disk."""
    told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    return Journey(**told)


def _read_gains(file: Path) -> dict[str, tuple[float, ...]] | None:
    """Gains kept on disk; None where there are none, or the file is damaged."""
    try:
        raw = json.loads(file.read_text("utf-8"))
        return {str(k): tuple(float(x) for x in v) for k, v in raw.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def _code() -> str:
    """Digest of the code that what is kept on disk rests on."""
    from importlib.resources import files

    rooms = ("core", "data", "network", "trade", "freight", "corridor")
    found = [p for room in rooms for p in Path(str(files("serai").joinpath(room))).rglob("*.py")]
    return sha256(b"".join(p.read_bytes() for p in [*sorted(found), Path(__file__)]))
