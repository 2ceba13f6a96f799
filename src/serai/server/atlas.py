"""The package as a page needs it: places, lines, names in four languages, and a map that takes no side."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from serai import __version__
from serai.data.library import package_scenarios, scenario_json
from serai.data.schema import PASSAGES
from serai.evidence.briefs.grammar import language as judgement
from serai.report.language import LANGUAGES, language
from serai.report.maps import basemap, boundary_note, split_disputed
from serai.report.writer import LIMIT

if TYPE_CHECKING:
    import pandas as pd

    from serai.data.package import Package


def _names(row: dict[str, Any]) -> dict[str, str]:
    return {
        code: row.get("name" if code == "en" else f"name_{code}") or row["name"] for code in LANGUAGES
    }  # what has no name of its own in a language keeps its English one


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of a table as plain data; what is missing is null."""
    return [{c: _plain(v) for c, v in row.items() if c in columns} for row in frame.to_dict("records")]


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value


def _named(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    names = [_names(row) for row in frame.to_dict("records")]
    return [{**row, "names": n} for row, n in zip(_rows(frame, columns), names, strict=True)]


def _boundaries(package: Package) -> dict[str, Any]:
    base, view = basemap(), package.meta.boundary_view
    firm, soft = split_disputed(tuple(base["window"]), view)
    notes = {
        code: f"{boundary_note(view, tongue, tongue.names(package, 'countries'))} {tongue.say('links_straight')}"
        for code, tongue in ((c, language(c)) for c in LANGUAGES)
    }
    return {
        "window": base["window"],
        "land": base["land"],
        "firm": [*firm, *base["boundaries"]],
        "disputed": soft,
        "note": notes,
    }


def meta_json(package: Package) -> dict[str, Any]:
    """Say which package this is and how to cite it."""
    meta = package.meta
    return {
        "name": meta.name,
        "title": meta.title,
        "version": meta.version,
        "digest": meta.digest,
        "base_date": meta.base_date.isoformat(),
        "price_year": meta.price_year,
        "licence": meta.licence,
        "boundary_view": meta.boundary_view,
        "cite_as": f"Serai {__version__}, data package {meta.name} {meta.version} ({meta.digest[:12]})",
        "limit_of_use": LIMIT,
    }


def package_json(package: Package) -> dict[str, Any]:
    """Everything of a package that a page draws or offers."""
    crossings = package["crossings"]
    return {
        **meta_json(package),
        "places": _named(package["places"], ("id", "kind", "country", "country_b", "lat", "lon", "weight", "zone")),
        "links": _rows(package["links"], ("id", "from", "to", "mode", "length_km", "gauge_mm", "project")),
        "crossings": _rows(
            crossings,
            ("id", "place", "mode", "exit_country", "entry_country", "side", "hours_low", "hours", "hours_high",
             "fee_usd_per_feu_low", "fee_usd_per_feu", "fee_usd_per_feu_high", "basis", "source", "as_of"),
        ),
        "countries": _named(package["countries"], ("iso3", "macro_region", "member")),
        "judged": {
            code: {k: v for part in ("verdict", "materiality") for k, v in judgement(code).words[part].items()}
            for code in LANGUAGES
        },
        "commodities": _named(package["commodities"], ("id", "reefer")),
        "containers": _rows(package["containers"], ("id", "name", "teu", "max_load_t", "reefer")),
        "projects": _rows(
            package["projects"],
            ("id", "name", "kind", "countries", "stage", "stage_on", "opening", "what", "scenario",
             "capital_cost_usd_m_low", "capital_cost_usd_m", "capital_cost_usd_m_high"),
        ),
        "sources": _rows(package["sources"], ("id", "title", "publisher", "date", "address")),
        "scenarios": [scenario_json(s) for s in package_scenarios(package)],
        "passages": {
            p: {code: str(language(code).words["passages"].get(p, p)) for code in LANGUAGES} for p in PASSAGES
        },
        "boundaries": _boundaries(package),
    }  # fmt: skip
