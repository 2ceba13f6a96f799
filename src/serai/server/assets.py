"""The page's own files, packed when they were built and sent as they lie."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from serai.core.files import sha256

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

PACKED: Final = (("br", ".br"), ("gzip", ".gz"))
FOREVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with its packed forms.

    Attributes
    ----------
    bodies
        Content by encoding; the plain one has the empty name.
    forever
        Whether its name changes with its content.
    """

    bodies: dict[str, bytes]
    media_type: str
    tag: str
    forever: bool

    def best(self, accepted: str) -> tuple[str, bytes]:
        """Choose the smallest form a client takes."""
        known = {part.partition(";")[0].strip() for part in accepted.split(",") if "q=0" not in part.replace(" ", "")}
        for encoding, _ in PACKED:
            if encoding in known and encoding in self.bodies:
                return encoding, self.bodies[encoding]
        return "", self.bodies[""]


def _media_type(name: str) -> str:
    suffix = name[name.rfind(".") :]
    kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _collect(folder: Traversable, prefix: str, out: dict[str, bytes]) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            _collect(entry, f"{prefix}{entry.name}/", out)
        else:
            out[prefix + entry.name] = entry.read_bytes()


@cache
def page_files() -> dict[str, Asset]:
    """All files of the page by path; empty where the page was not built."""
    root = files("serai.server").joinpath("static")
    if not root.is_dir():
        return {}
    raw: dict[str, bytes] = {}
    _collect(root, "", raw)
    packed = tuple(suffix for _, suffix in PACKED)
    return {
        name: Asset(
            {"": content, **{e: raw[name + s] for e, s in PACKED if name + s in raw}},
            _media_type(name),
            f'"{sha256(content)[:32]}"',
            name.startswith("assets/"),
        )
        for name, content in raw.items()
        if not name.endswith(packed)
    }
