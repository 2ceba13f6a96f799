"""The report on paper, set with typst (extra ``pdf``): the data of the page in a short form, the same bytes twice."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.report.reader import reader as reader_of

if TYPE_CHECKING:
    from serai.report.page import Built
    from serai.report.section import Context
    from serai.study import StudyResult

MISSING = "report.pdf was not written: typst is not installed (pip install 'serai[pdf]')."


def can_write() -> bool:
    """Whether the typesetter is installed."""
    return find_spec("typst") is not None


def _anchors(data: Any) -> set[str]:  # noqa: ANN401
    """Find every anchor of the trail in some plain data."""
    if isinstance(data, dict):
        own = {data["trail"]} if data.get("trail") else set()
        return own.union(*(_anchors(v) for v in data.values()))
    if isinstance(data, list | tuple):
        return set().union(*(_anchors(v) for v in data))
    return set()


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.item() if isinstance(value, np.generic) else str(value)


def pdf(result: StudyResult, built: Built, code: str, cite: str, limit: str) -> bytes:
    """Set the report in its own language with its sections, or the summary and the map in another language.

    Parameters
    ----------
    result, built
        The study, and what :func:`serai.report.page.build_report` made of it.
    code
        One of :data:`serai.report.language.LANGUAGES`.
    cite, limit
        Stand at the foot of every page.
    """
    import typst
    from matplotlib import get_data_path

    whole = code == built.reader.tongue.code
    reader = built.reader if whole else reader_of(code, result.package)
    summary: Context = next(s for s in built.summaries if s["code"] == code)
    shown = [(s, context) for s, context in built.sections if s.pdf and (whole or s.name == "map")]
    anchors = _anchors(summary)
    groups = [g for g in built.groups if g.anchor in anchors]
    named = result.tables["sources"].set_index("id")[["title", "publisher", "date", "address"]].fillna("")
    used = sorted({s for g in groups for s in g.sources} & set(named.index))
    data = {
        "summary": {**summary, "whole": whole, "say": {k: v for k, v in reader.entries.items() if isinstance(v, str)}},
        "groups": [
            {
                "anchor": g.anchor,
                "title": reader.turn(g.title),
                "numbers": [used.index(s) + 1 for s in g.sources if s in named.index],
            }
            for g in groups
        ],
        "sources": [{"id": s, **named.loc[s].to_dict()} for s in used],
        "sections": [
            {"name": s.name, "title": reader.turn(s.title) if whole else "", "data": context} for s, context in shown
        ],
        "keywords": [result.package.meta.name, result.package.meta.digest, result.as_of.isoformat()],
        "cite": cite,
        "limit": limit,
    }
    folder = files("serai.report")
    return bytes(
        typst.compile(
            str(folder.joinpath("report.typ")),
            root=str(folder),
            font_paths=[str(folder.joinpath("fonts")), f"{get_data_path()}/fonts/ttf"],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=_plain)},
            timestamp=0,
        )
    )
