"""Read the figures and labels of the first sheet of an old Excel workbook (BIFF8), for one oracle."""

from __future__ import annotations

import struct
from pathlib import Path


def _stream(data: bytes) -> bytes:
    """The workbook stream of the compound file."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    count, first = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
    table: list[int] = []
    for block in struct.unpack_from(f"<{min(count, 109)}I", data, 76):
        table += struct.unpack_from(f"<{size // 4}I", data, 512 + block * size)

    def chain(block: int) -> bytes:
        out = b""
        while block < 0xFFFFFFFC:
            out += data[512 + block * size : 512 + (block + 1) * size]
            block = table[block]
        return out

    folder = chain(first)
    for at in range(0, len(folder), 128):
        name = folder[at : at + struct.unpack_from("<H", folder, at + 64)[0]].decode("utf-16-le").rstrip("\0")
        if name in {"Workbook", "Book"}:
            start, length = struct.unpack_from("<I", folder, at + 116)[0], struct.unpack_from("<I", folder, at + 120)[0]
            return chain(start)[:length]
    raise ValueError("no workbook in the file")


def _text(record: bytes, at: int) -> tuple[str, int]:
    n, flags = struct.unpack_from("<HB", record, at)
    wide = flags & 1
    end = at + 3 + n * (2 if wide else 1)
    return record[at + 3 : end].decode("utf-16-le" if wide else "latin-1"), end


def _rk(raw: int) -> float:
    whole = raw & 2
    value = float(struct.unpack("<i", struct.pack("<I", raw))[0] >> 2) if whole else 0.0
    if not whole:
        value = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))[0]
    return value / 100 if raw & 1 else value


def read_first_sheet(path: Path) -> dict[tuple[int, int], float | str]:
    """Cells by row and column."""
    stream, at = _stream(path.read_bytes()), 0
    strings: list[str] = []
    cells: dict[tuple[int, int], float | str] = {}
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == 0xFC:
            place = 8
            for _ in range(struct.unpack_from("<I", body, 4)[0]):
                text, place = _text(body, place)
                strings.append(text)
        elif kind in {0x203, 0x27E, 0xFD, 0x204}:
            cell = struct.unpack_from("<HH", body)
            if kind == 0x203:
                cells[cell] = struct.unpack_from("<d", body, 6)[0]
            elif kind == 0x27E:
                cells[cell] = _rk(struct.unpack_from("<I", body, 6)[0])
            elif kind == 0xFD:
                cells[cell] = strings[struct.unpack_from("<I", body, 6)[0]]
            else:
                cells[cell] = _text(body, 6)[0]
        elif kind == 0xBD:
            row, column = struct.unpack_from("<HH", body)
            for c in range((length - 6) // 6):
                cells[row, column + c] = _rk(struct.unpack_from("<I", body, 4 + 6 * c + 2)[0])
    return cells
