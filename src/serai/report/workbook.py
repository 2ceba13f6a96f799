"""One workbook with a sheet per table, the same bytes for the same input."""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

FIXED_TIME = (2000, 1, 1, 0, 0, 0)
FIXED_STAMP = "2000-01-01T00:00:00Z"


def workbook(tables: Mapping[str, pd.DataFrame], about: list[str]) -> bytes:
    """Return an XLSX workbook: a sheet ``about``, then one sheet per table."""
    import openpyxl
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    first = book.active
    first.title = "about"
    first.column_dimensions["A"].width = 120
    for line in about:
        first.append([line])
    fill = PatternFill("solid", fgColor="E8EDF1")
    for name, frame in tables.items():
        sheet = book.create_sheet(name[:31])
        sheet.append([str(c) for c in frame.columns])
        for row in frame.itertuples(index=False, name=None):
            sheet.append([_cell(v) for v in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.fill = fill
        sheet.freeze_panes = "A2"
        if len(frame):
            sheet.auto_filter.ref = sheet.dimensions
        for number, column in enumerate(frame.columns, start=1):
            longest = max([len(str(column)), *(len(str(v)) for v in frame[column].head(60))])
            sheet.column_dimensions[get_column_letter(number)].width = max(8, min(48, longest + 2))
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue())


def _cell(value: Any) -> Any:  # noqa: ANN401
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if hasattr(value, "item"):
        return value.item()
    # A text that looks like a formula must stay a text.
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "@")) else value


def without_clock(content: bytes) -> bytes:
    """Rewrite a workbook so that no time of writing is left in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in sorted(old.infolist(), key=lambda i: i.filename):
            body = old.read(item.filename)
            if item.filename == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + FIXED_STAMP.encode(), body)
            info = zipfile.ZipInfo(item.filename, FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            new.writestr(info, body)
    return out.getvalue()
