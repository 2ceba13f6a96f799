"""An answer ready to be sent."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Final

from serai.core.files import sha256

JSON: Final = "application/json"
SMALL: Final = 1024
"""Bytes below which packing an answer is not worth it."""


@dataclass(frozen=True, slots=True)
class Content:
    """An answer ready to be sent, plain and packed."""

    body: bytes
    packed: bytes | None = None
    media_type: str = JSON
    name: str = ""

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self.body) + len(self.packed or b"")


def as_json(content: object) -> Content:
    """Write plain data as JSON and pack it."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Content(body, gzip.compress(body, 5, mtime=0) if len(body) > SMALL else None)


def tag_of(content: Content) -> str:
    """Entity tag of an answer."""
    return f'"{sha256(content.body)[:32]}"'
