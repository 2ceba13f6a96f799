"""Two cases side by side: days, scenarios, a user's own figures. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.core.errors import InputError
from serai.core.units import HOURS_PER_DAY
from serai.data.overlay import lay_over
from serai.data.scenario import apply, read_scenario
from serai.freight.answer import answer, label
from serai.freight.routes import Rules, compile_package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serai.data.package import Package
    from serai.freight.answer import Answer
    from serai.freight.routes import Route


@dataclass(frozen=True, slots=True)
class Case:
    """A package on a day, with scenarios and overlays applied."""

    name: str
    package: Package
    day: dt.date


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes for one pair of places from case A to case B; None where there is no route."""

    origin: str
    destination: str
    a: Route | None
    b: Route | None
    way_a: str
    way_b: str

    def change(self, of: str) -> float | None:
        """Change of a quantity from A to B: ``generalized``, ``usd_per_t``, ``days`` or ``km``."""
        if self.a is None or self.b is None:
            return None
        return quantities(self.b)[of] - quantities(self.a)[of]


def quantities(route: Route) -> dict[str, float]:
    """Give the quantities two cases are compared by; days are the median from door to door."""
    return {
        "generalized": route.generalized_usd_per_t,
        "usd_per_t": route.cost_usd_per_t.mean,
        "days": route.door_to_door_h.p50 / HOURS_PER_DAY,
        "km": route.distance_km,
    }


def read_case(package: Package, text: str, today: dt.date) -> Case:
    """Read a case: a day, a scenario by name or file, an overlay file, or several of them joined by ``+``.

    Raises
    ------
    InputError
        When a part is none of these.
    """
    day = today
    for part in (p.strip() for p in text.split("+")):
        path = Path(part)
        if part in package.scenarios or path.suffix.lower() in {".yaml", ".yml"}:
            package = apply(package, read_scenario(part, package.scenarios))
        elif path.suffix.lower() in {".xlsx", ".csv"}:
            package = lay_over(package, path, today)
        else:
            try:
                day = dt.date.fromisoformat(part)
            except ValueError as fault:
                raise InputError(
                    f"{part!r} is neither a day, a scenario (a name or .yaml) nor an overlay (.xlsx, .csv)",
                    "Join several by +, such as 2025-06-01+close.yaml.",
                ) from fault
    return Case(text, package, day)


def compare_cases(a: Case, b: Case, pairs: Iterable[tuple[str, str]], commodity: str) -> tuple[Difference, ...]:
    """Best way of each pair in two cases.

    Parameters
    ----------
    a, b
        The cases; what is unknown is taken as last known in both.
    pairs
        Identifiers of places.
    commodity
        Identifier of the commodity.
    """
    compiled = {case.name: compile_package(case.package) for case in (a, b)}
    out = []
    for origin, destination in pairs:
        found: list[Answer] = [
            answer(
                compiled[case.name],
                origin,
                destination,
                day=case.day,
                commodity=commodity,
                rules=Rules(k=1),
                with_validation=False,
            )
            for case in (a, b)
        ]
        best = [x.routes[0] if x.routes else None for x in found]
        ways = [label(case.package, r) if r else "no route" for case, r in zip((a, b), best, strict=True)]
        out.append(Difference(origin, destination, best[0], best[1], ways[0], ways[1]))
    return tuple(out)


def difference_json(d: Difference) -> dict[str, Any]:
    """One difference as plain data."""

    def side(route: Route | None, way: str) -> dict[str, Any] | None:
        if route is None:
            return None
        return {
            "way": way,
            "generalized_usd_per_t": route.generalized_usd_per_t,
            "usd_per_t": route.cost_usd_per_t.mean,
            "door_to_door_days": route.door_to_door_h.p50 / HOURS_PER_DAY,
            "km": route.distance_km,
        }

    return {
        "origin": d.origin,
        "destination": d.destination,
        "a": side(d.a, d.way_a),
        "b": side(d.b, d.way_b),
        "change": {of: d.change(of) for of in ("generalized", "usd_per_t", "days", "km")},
    }
