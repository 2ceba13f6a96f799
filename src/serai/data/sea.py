"""Measure a sea leg and the passages it uses, with searoute (extra ``sea``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serai.core.errors import InputError, MissingPartError, NoRouteError
from serai.core.sphere import great_circle_km
from serai.data.schema import PASSAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

_TO_SEAROUTE = {"hormuz": "ormuz", "babelmandeb": "babalmandab"}
_FROM_SEAROUTE = {v: k for k, v in _TO_SEAROUTE.items()}


@dataclass(frozen=True, slots=True)
class SeaLeg:
    """Length of a sea leg and what it passes."""

    length_km: float
    great_circle_km: float
    passages: tuple[str, ...]


def measure(origin: Sequence[float], destination: Sequence[float], avoid: tuple[str, ...] = ()) -> SeaLeg:
    """Measure the shortest sea leg between two points.

    Parameters
    ----------
    origin, destination
        Latitude and longitude in degrees.
    avoid
        Passages to stay out of.

    Notes
    -----
    searoute's own default bans the Northwest passage only as long as no other ban is given, so it is
    always named; and without Suez it would go through Panama, so that is banned with it.
    """
    try:
        import searoute
    except ImportError as fault:
        raise MissingPartError("Measuring sea legs needs searoute", "Install it: pip install 'serai[sea]'.") from fault
    if wrong := [p for p in avoid if p not in PASSAGES]:
        raise InputError(f"There is no passage {wrong[0]!r}", f"Use {', '.join(PASSAGES)}.")
    bans = ["northwest", *(_TO_SEAROUTE.get(p, p) for p in avoid)]
    if "suez" in avoid and "panama" not in avoid:
        bans.append("panama")
    feature = searoute.searoute(
        [float(origin[1]), float(origin[0])],
        [float(destination[1]), float(destination[0])],
        units="km",
        restrictions=bans,
        return_passages=True,
        append_orig_dest=True,
    )
    length = float(feature["properties"]["length"])
    if length <= 0:
        raise NoRouteError("No sea route under these bans", "Avoid fewer passages.")
    crow = float(great_circle_km(origin[0], origin[1], destination[0], destination[1]))
    passed = feature["properties"].get("traversed_passages") or []
    named = tuple(_FROM_SEAROUTE.get(p, p) for p in passed)
    return SeaLeg(max(length, crow), crow, tuple(p for p in named if p in PASSAGES))
