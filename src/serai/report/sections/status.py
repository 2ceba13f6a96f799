"""What is open, and when that was confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.data.names import place_names
from serai.report.language import language
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def _status(result: StudyResult) -> dict[str, list[dict[str, Any]]]:
    names = place_names(result.package)
    passages = language("en").words["passages"]
    places = result.package["places"].set_index("id")
    members = set(result.package["countries"].loc[result.package["countries"]["member"], "iso3"])
    out: list[dict[str, Any]] = []
    for s in result.statuses:
        mine = s.kind == "passage" or (
            s.object in places.index
            and {places.loc[s.object, "country"], places.loc[s.object, "country_b"] or None} & members
        )
        if not mine:
            continue
        out.append(
            {
                "name": names.get(s.object, passages.get(s.object, s.object.title())),
                "mode": s.mode or "all modes",
                "state": s.state.replace("_", " ") if s.known else "unknown",
                "last": s.state.replace("_", " "),
                "known": s.known,
                "since": s.valid_from.isoformat() if s.valid_from else "",
                "confirmed": s.confirmed_on.isoformat(),
                "age": s.days_old,
                "reason": s.reason,
                "sources": s.source.split(";"),
            }
        )
    order = {"closed": 0, "bilateral": 1, "restricted": 1, "open": 2, "under construction": 3, "planned": 4}
    out.sort(key=lambda r: (order[r["last"]], r["name"]))
    return {
        "contested": [r for r in out if order[r["last"]] < 2],
        "rest": [r for r in out if order[r["last"]] >= 2],
    }


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """List the states of the borders of members, and of passages."""
    return {"status": _status(result)}


SECTION = Section("status", "What is open, and when that was confirmed", "What is open", build, pdf=True)
