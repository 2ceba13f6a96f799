"""Floor 7: what people read. Charts, tables, pages, workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from serai.study import StudyResult


def write(result: StudyResult, folder: Path) -> None:
    """Write a study: report, tables, workbook, study.json and provenance.json; all or nothing."""
    from serai.report.writer import write_study

    write_study(result, folder)


__all__ = ["write"]
