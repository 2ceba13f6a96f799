"""Workbooks from strangers: looked at before anything opens them."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from serai.core.errors import InputError

LARGEST: Final = 64 * 1024 * 1024
ENTRIES: Final = 500
RATIO: Final = 200


def check_archive(content: bytes) -> None:
    """Refuse what is no workbook, or would grow out of proportion when unpacked.

    Raises
    ------
    InputError
        For an archive that is broken, too large or too dense.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as fault:
        raise InputError("The file is no .xlsx workbook", "Save it as .xlsx or .csv.") from fault
    size = sum(e.file_size for e in entries)
    dense = any(e.file_size > 1_000_000 and e.file_size > RATIO * max(e.compress_size, 1) for e in entries)
    if len(entries) > ENTRIES or size > LARGEST or dense:
        raise InputError("The workbook is too large when unpacked", "Leave out what is not yours to change.")
