"""Floor 7: what people read. Charts, tables, pages, workbooks.

The report is a list of sections. A section is one module in ``serai/report/sections/`` and the partials beside it:

``NAME.py``
    holds ``SECTION = Section("NAME", title, nav, build)`` (:class:`serai.report.section.Section`).
    ``build(result, trail, reader)`` makes plain data (text, numbers, lists, dicts) from a
    :class:`~serai.study.StudyResult`; it returns None where the study has nothing to show. Charts are SVG text
    made with :mod:`serai.report.charts`. Texts are English; :class:`serai.report.reader.Reader` sets them in the
    language of the page, by the catalogues ``text/body/CODE.yaml``.
``NAME.html.j2``
    shows that data on the page. The keys of the dict are its variables; the macros of ``macros.html.j2`` are
    there by ``{% from "macros.html.j2" import src, trail with context %}``. It holds no heading of the section;
    its own words stand in ``_("...")``.
``NAME.typ``
    shows the same data on paper, for a section with ``pdf=True``: ``#let body(data, s) = [...]``; its own
    words stand in ``say(s, "...")``.

One line in ``serai/report/sections/__init__.py`` puts it in its place. A number whose sources do not stand beside it
links to ``trail.to(title, sources)``, the anchor of a list of its sources in the last section.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from serai.study import StudyResult


def write(result: StudyResult, folder: Path) -> tuple[str, ...]:
    """Write a study: page, PDF, charts, tables, workbook, study.json and provenance.json; all or nothing.

    Returns
    -------
    tuple of str
        What was left out and why, a line each.
    """
    from serai.report.writer import write_study

    return write_study(result, folder)


__all__ = ["write"]
