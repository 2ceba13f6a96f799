"""Find a place by name, alias or identifier, in any script."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

NAME_COLUMNS = ("name", "name_ru", "name_ur", "name_kk")
# Arabic letters that keyboards of the region write in two ways (yeh, kaf, heh), and the stroke that only
# stretches a word. Marks on a letter, such as those of alef, are taken off as accents are.
_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ھ": "ہ", "ة": "ہ", "ە": "ہ", "ـ": ""})
CUTOFF = 72.0


class Tables(Protocol):
    """What is asked of a package here: its tables by name."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All of them."""
        ...

    def __getitem__(self, table: str, /) -> pd.DataFrame:
        """One of them."""
        ...


@lru_cache(maxsize=1 << 16)  # every name of a package is folded anew for each place that is looked up
def fold(text: str) -> str:
    """Reduce a name to what people mean: no case, accents, marks or punctuation."""
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_ARABIC)
    kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join(kept.split())


def name_index(places: pd.DataFrame) -> dict[str, str]:
    """Map every folded name, alias and identifier to the identifier of its place.

    Identifiers win over names, names over aliases, earlier rows over later ones. Parts of a double
    name ("Poti-Batumi") count as aliases.
    """
    index: dict[str, str] = {}
    for place in places["id"]:
        index.setdefault(fold(place), place)
    for column in NAME_COLUMNS:
        for place, name in zip(places["id"], places[column], strict=True):
            if name:
                index.setdefault(fold(name), place)
    for place, names in zip(places["id"], places["aliases"], strict=True):
        for name in str(names).split(";"):
            if fold(name):
                index.setdefault(fold(name), place)
    for place, name in zip(places["id"], places["name"], strict=True):
        for part in str(name).replace("(", "-").replace("/", "-").split("-"):
            if len(fold(part)) > 3:
                index.setdefault(fold(part), place)
    return index


def find_place(places: pd.DataFrame, text: str) -> str:
    """Return the identifier of the place a text names.

    Raises
    ------
    InputError
        When nothing matches; it names what is nearest.
    """
    if (places["id"] == text).any():
        return text
    index = name_index(places)
    wanted = fold(text)
    if wanted in index:
        return index[wanted]
    from rapidfuzz import fuzz, process

    near = process.extract(wanted, list(index), scorer=fuzz.WRatio, limit=12, score_cutoff=CUTOFF)
    names = places.set_index("id")["name"]
    found = list(dict.fromkeys(str(names[index[match]]) for match, _, _ in near))[:3]
    hint = f"Did you mean {' or '.join(found)}?" if found else "`serai data describe --places` lists all places."
    raise InputError(f"There is no place {text!r}", hint)


def place_names(package: Tables) -> dict[str, str]:
    """English name of every place."""
    return dict(zip(package["places"]["id"], package["places"]["name"], strict=True))


def country_names(package: Tables) -> dict[str, str]:
    """English name of every country."""
    return dict(zip(package["countries"]["iso3"], package["countries"]["name"], strict=True))


def short_name(name: str) -> str:
    """Drop what stands in brackets behind a name."""
    return name.split(" (", maxsplit=1)[0]
