"""The fonts that come with Serai, as a page carries them."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import Any, Final

FACES: Final = {
    "NotoSans-Regular": ("Noto Sans", 400, "U+0000-05FF, U+2000-2CFF"),
    "NotoSans-Bold": ("Noto Sans", 700, "U+0000-05FF, U+2000-2CFF"),
    "NotoNaskhArabic-Regular": ("Noto Naskh Arabic", 400, "U+0600-077F, U+FB50-FEFF"),
    "NotoNaskhArabic-Bold": ("Noto Naskh Arabic", 700, "U+0600-077F, U+FB50-FEFF"),
}


def embedded(*names: str) -> list[dict[str, Any]]:
    """Return fonts to embed, all if none is named, so that a page reads the same on any machine."""
    folder = files("serai.report").joinpath("fonts")
    return [
        {
            "family": family,
            "weight": weight,
            "range": codes,
            "data": base64.b64encode(folder.joinpath(f"{name}.woff2").read_bytes()).decode(),
        }
        for name, (family, weight, codes) in FACES.items()
        if not names or name in names
    ]


def font_rules(*names: str) -> str:
    """Return the style rules that embed fonts."""
    return "".join(
        f'@font-face{{font-family:"{f["family"]}";font-weight:{f["weight"]};unicode-range:{f["range"]};'
        f'src:url(data:font/woff2;base64,{f["data"]}) format("woff2")}}'
        for f in embedded(*names)
    )
