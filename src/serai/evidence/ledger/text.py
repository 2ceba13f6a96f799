"""Text that is safe to keep, to show and to open in a spreadsheet."""

from __future__ import annotations

import re
from typing import Final

from serai.core.errors import InputError

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
LONGEST_ID: Final = 80
LONGEST_TEXT: Final = 4000
# Marks that turn the direction of the text behind them, and so can make a page show what it does not say.
_TURNING: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HIDDEN: Final = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNING}\ufeff\ufffe\uffff\ud800-\udfff]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def checked_id(text: str) -> str:
    """Return an identifier; raise InputError where it could not be a file name or part of an address.

    Letters, digits, hyphen and underscore, with single dots inside: no path can be made of it.
    """
    if len(text) > LONGEST_ID or not ID.fullmatch(text):
        raise InputError(f"{text[:40]!r} is no identifier", "Use letters, digits, hyphen, underscore, single dots.")
    return text


def checked_text(name: str, text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return a text; raise InputError where it is too long or holds marks that cannot be seen."""
    if len(text) > longest:
        raise InputError(f"{name} has {len(text)} characters, more than {longest}", "Shorten it.")
    if hit := _HIDDEN.search(text):
        raise InputError(
            f"{name} holds the hidden character U+{ord(hit[0]):04X} at place {hit.start() + 1}",
            "Remove it: it can make a text look like another.",
        )
    return text.strip()


def checked_address(text: str) -> str:
    """Return the address of a page; raise InputError for anything but http and https."""
    text = checked_text("The address", text)
    if not re.fullmatch(r"https?://[^\s<>\"'`\\]+", text):
        raise InputError(f"{text[:60]!r} is no address", "Give the address of a page, beginning with https://.")
    return text


def shown(text: str) -> str:
    """Text without marks that cannot be seen, for pages made of what others wrote."""
    return _HIDDEN.sub("", text)


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula; :func:`unguarded` gives it back."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def unguarded(text: str) -> str:
    """Text as it was before :func:`guarded`."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA, "'")) else text
