"""Write a study to a folder: page, tables, workbook, study.json, provenance.json."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from serai.core.files import sha256, staged_folder, write_bytes, write_text
from serai.data.schema import load_schema
from serai.freight.forms import answer_json
from serai.report import charts, minister
from serai.report.language import LANGUAGES, language
from serai.report.live import add_live_sheet
from serai.report.maps import map_note, whole_map
from serai.report.page import build_report, page
from serai.report.pdf import MISSING, can_write, pdf
from serai.report.reader import BODIES, page_file
from serai.report.style import credited
from serai.report.summary import headline, state_line
from serai.report.workbook import workbook
from serai.study.executors import for_pages

if TYPE_CHECKING:
    from pathlib import Path

    from serai.report.page import Built
    from serai.study import StudyResult


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "item"):
        return _plain(value.item())
    return value


def table_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table for JSON; what is missing is null."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def study_json(result: StudyResult) -> dict[str, Any]:
    """Everything a study found, as plain data."""
    v = result.validation
    statistics = {
        name: {"value": _plain(f.value), "low": _plain(f.low), "high": _plain(f.high)}
        for name in (
            "median_abs_error",
            "mean_abs_error",
            "median_signed_error",
            "pinball_days",
            "pinball_rule_days",
            "interval_hit",
            "interval_width",
            "price_median_abs_error",
            "box_median_abs_error",
            "carriage_median_abs_error",
            "quoted_median_abs_error",
            "corridor_within_15_percent",
        )
        for f in [getattr(v, name)]
    }
    return {
        "title": result.spec.title,
        "as_of": result.as_of.isoformat(),
        "headline": headline(result),
        "provenance": result.provenance,
        "validation": {"n_time": v.n_time, "n_price": v.n_price, "digest": v.digest, **statistics},
        "answers": [answer_json(a) for a in result.answers],
        "cite_as": cite_as(result),
        "limit_of_use": LIMIT,
        "tables": {name: table_rows(frame) for name, frame in result.tables.items()},
    }


def about(result: StudyResult) -> list[str]:
    """Lines that go with every export."""
    meta = result.package.meta
    own = [f"With the user's own figures from {', '.join(meta.overlays)}."] if meta.overlays else []
    return [
        result.spec.title,
        f"State of {result.as_of.isoformat()}. Data package {meta.name} {meta.version}, digest {meta.digest}.",
        *own,
        f"Cite as: {cite_as(result)}",
        LIMIT,
    ]


def about_in(result: StudyResult, code: str) -> list[str]:
    """Lines that go with a picture in a language, as :func:`about` has them in English."""
    if code == "en":
        return about(result)
    tongue = language(code)
    lines = [result.spec.in_language(code).title, state_line(result, tongue)]
    # Isolates stay: these lines are text of an SVG, whose reader follows them.
    return [
        *lines,
        f"{tongue.say('cite')}: {tongue.ltr(cite_as(result))}",
        tongue.say("limit"),
        tongue.say("unchecked"),
    ]


LIMIT = (
    "For comparing ways and seeing what decides between them; not a quotation, a forecast or a statement on any "
    "boundary. "
    "An unknown status is not a report that a border is open or shut."
)


def cite_as(result: StudyResult) -> str:
    """How to cite a study."""
    meta = result.package.meta
    return (
        f"Serai {result.provenance['serai']}, {result.spec.title}, data package {meta.name} {meta.version} "
        f"({meta.digest[:12]}), state of {result.as_of.isoformat()}."
    )


def study_workbook(result: StudyResult) -> bytes:
    """All tables of a study, and a sheet in which the appraisal can be changed."""
    return workbook(result.tables, about(result), [lambda book: add_live_sheet(book, result)])


def _parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def _tables_readme(result: StudyResult) -> str:
    lines = [*about(result), "", "One CSV and one Parquet file for each table; names of columns end in their unit.", ""]
    lines += [
        f"{name}: {len(frame)} rows; {', '.join(map(str, frame.columns))}" for name, frame in result.tables.items()
    ]
    return "\n".join(lines) + "\n"


def _charts(result: StudyResult, built: Built) -> dict[str, str]:
    """Charts as files that stand alone: each says who made it, on what, and what it is not for."""
    lines = about(result)
    drawn = built.section("map")
    pictures = {f"map-{w['code']}": whole_map(drawn["map_svg"], w["svg"]) for w in drawn["words"]}
    pictures |= {f"gap-{code}": charts.gap_chart(result, language(code)) for code in LANGUAGES}
    pictures |= {
        "parts": built.section("gap")["parts_svg"],
        "availability": built.section("borders")["availability_svg"],
        "validation": built.section("journeys")["validation_svg"],
    }
    alone = {}
    for name, picture in pictures.items():
        kind, _, code = name.partition("-")
        words = about_in(result, code) if code else lines
        if kind == "map":
            words = [*words, map_note(result, language(code), links=True)]
        if picture:
            alone[name] = credited(picture, words, language(code or "en").direction)
    return alone


UNTRANSLATED: Final = "untranslated.csv"
"""Texts that stay in English in a report, in the form of the table ``texts``: to be filled in and added to it."""


TABLES: Final = "tables"
"""What is written beside the pages, by the worker that is free first."""
TOGETHER: Final = {"en": tuple(c for c in LANGUAGES if c == "en" or c not in BODIES)}
"""Languages without a report of their own are written with the English one, which holds their summaries."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """Files of a language, and its texts that stay in English."""

    files: tuple[tuple[str, bytes], ...]
    missed: tuple[tuple[str, str], ...]


def _pages(result: StudyResult, code: str) -> _Pages:
    """Build the report in a language; charts and papers for the minister go with the English one."""
    cite, built = cite_as(result), build_report(result, code)
    files: list[tuple[str, bytes]] = [(page_file(code), page(result, built, cite).encode())]
    if code == "en":
        files += [(f"charts/{name}.svg", picture.encode()) for name, picture in _charts(result, built).items()]
        if result.decision is not None and minister.can_write():
            for s in built.summaries:
                files.append((f"minister-{s['code']}.docx", minister.document(result, dict(s), cite)))
    if can_write():
        for c in TOGETHER.get(code, (code,)):
            name = page_file(c).replace(".html", ".pdf") if c in BODIES else f"summary-{c}.pdf"
            files.append((name, pdf(result, built, c, cite, language(c).say("limit"))))
    return _Pages(tuple(files), tuple((text, code) for text in sorted(built.reader.missed)))


def _tables(result: StudyResult) -> _Pages:
    """Give every table as CSV and Parquet, the workbook of all, and what each holds."""
    files = [("tables/README.txt", _tables_readme(result).encode())]
    for name, frame in result.tables.items():
        text = frame.to_csv(index=False, lineterminator="\n")
        files += [(f"tables/{name}.csv", text.encode("utf-8-sig")), (f"tables/{name}.parquet", _parquet(frame))]
    return _Pages((*files, ("tables.xlsx", study_workbook(result))), ())


def _part(result: StudyResult, what: str) -> _Pages:
    return _tables(result) if what == TABLES else _pages(result, what)


def _write_parts(result: StudyResult, stage: Path) -> tuple[str, ...]:
    left_out: tuple[str, ...] = ()
    if result.decision is not None and not minister.can_write():
        left_out = (minister.MISSING,)
    if not can_write():
        left_out = (*left_out, MISSING)
    found = dict(for_pages(result.package).run(_part, result, (*BODIES, TABLES)))
    english = []
    for position in sorted(found):
        for name, content in found[position].files:
            write_bytes(stage / name, content)
        english += [(text, code, "", "") for text, code in found[position].missed]
    if english:
        rows = pd.DataFrame(english, columns=load_schema().tables["texts"].columns)
        write_text(stage / UNTRANSLATED, rows.to_csv(index=False, lineterminator="\n"), bom=True)
    return left_out


def write_study(result: StudyResult, folder: Path) -> tuple[str, ...]:
    """Write all files of a study; a failure leaves the folder as it was.

    Returns
    -------
    tuple of str
        What was left out and why, a line each.
    """
    data = study_json(result)
    with staged_folder(folder) as stage:
        text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        write_text(stage / "study.json", text)
        left_out = _write_parts(result, stage)
        hashes = {
            path.relative_to(stage).as_posix(): sha256(path.read_bytes())
            for path in sorted(p for p in stage.rglob("*") if p.is_file())
        }
        provenance = {**result.provenance, "files_sha256": hashes}
        write_text(stage / "provenance.json", json.dumps(provenance, indent=1) + "\n")
    return left_out
