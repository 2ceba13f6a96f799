"""What a row of observations or of regimes may speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.core.errors import Issue, sheet_row
from serai.data.schema import PASSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def objects_by_kind(tables: Mapping[str, pd.DataFrame]) -> dict[str, set[str]]:
    """Names an observation or a regime may speak of, by kind of object."""
    places = tables["places"]
    return {
        "port": set(places["id"]),
        "place": set(places["id"]),
        "gateway_share": set(places["id"]),
        "crossing": set(places.loc[places["country_b"] != "", "id"]),
        "link": set(tables["links"]["id"]),
        "passage": set(PASSAGES),
        "country": set(tables["countries"]["iso3"]),
    }


def unknown_objects(name: str, frame: pd.DataFrame, known: Mapping[str, set[str]]) -> list[Issue]:
    """Find objects that are not among those known of their kind."""
    return [
        Issue(name, sheet_row(index), "object", part, f"no such {kind}", "Name one of the package.")
        for index, kind, objects in zip(frame.index, frame["kind"], frame["object"], strict=True)
        for part in str(objects).split(";")
        if part not in known.get(kind, set())
    ]
