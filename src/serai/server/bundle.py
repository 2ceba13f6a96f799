"""A study as one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from serai.core.progress import heard_by
from serai.server.content import Content
from serai.server.scratch import scratch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from serai.data.package import Package

WRITE = "write"
"""What is being done while the files of a study are written."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def archive(folder: Path) -> bytes:
    """Pack a folder; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    return out.getvalue()


def study_archive(
    package: Package, day: dt.date, draws: int | None, report: Callable[[int, int, str], None]
) -> Content:
    """Run the study of a package and pack its files."""
    from serai.report import write
    from serai.study import run

    with heard_by(report):
        result = run(package, day, draws)
    report(0, 1, WRITE)
    with scratch() as place:
        folder = Path(place) / "study"
        write(result, folder)
        packed = archive(folder)
    report(1, 1, WRITE)
    return Content(packed, None, "application/zip", f"serai-{package.meta.name}-{day.isoformat()}.zip")
