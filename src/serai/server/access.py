"""Who may do what: roles by token, and sessions of browsers."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES: Final = ("reader", "analyst", "reviewer")
"""Each may do what those before it may."""
SHORTEST: Final = 24
SESSION_S: Final = 12 * 3600
SESSIONS: Final = 1000
COOKIE: Final = "serai_session"
CSRF_HEADER: Final = "x-serai-csrf"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who sends a request.

    Attributes
    ----------
    role
        One of :data:`ROLES`, or empty for nobody in particular.
    name
        Who answers for what is done.
    csrf
        Value a browser must send with every write; empty for a bearer token.
    """

    role: str = ""
    name: str = ""
    csrf: str = ""

    def may(self, role: str) -> bool:
        """Whether this holder has a role or one above it."""
        return self.role in ROLES and ROLES.index(self.role) >= ROLES.index(role)


NOBODY: Final = Holder()


def read_tokens(path: Path) -> dict[str, tuple[str, str]]:
    """Read a file of tokens: role, name and token on each line; lines that begin with # are left out.

    Raises
    ------
    InputError
        When it cannot be read, names no known role, or holds a token that is short or there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{path} cannot be read", "Give a text file with role, name and token a line.") from fault
    tokens: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        where = f"{path}, line {number}"
        if len(words) != 3 or words[0] not in ROLES:
            raise InputError(f"{where} is not role, name and token", f"Roles are {', '.join(ROLES)}.")
        role, name, token = words
        if len(token) < SHORTEST or token in tokens:
            raise InputError(f"{where}: the token is short or used twice", f"Use {SHORTEST} random signs or more.")
        tokens[token] = (role, name)
    return tokens


class Sessions:
    """Sessions of browsers, kept in memory: a restart ends them all."""

    def __init__(self, tokens: Mapping[str, tuple[str, str]]) -> None:
        self._tokens = dict(tokens)
        self._open: dict[str, tuple[Holder, float]] = {}

    def of_token(self, token: str) -> Holder:
        """Who holds a token; every known one is compared, so that time tells nothing."""
        found = NOBODY
        for known, (role, name) in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "surrogatepass")):
                found = Holder(role, name)
        return found

    def of_cookie(self, value: str) -> Holder:
        """Who holds a session."""
        holder, end = self._open.get(value, (NOBODY, 0.0))
        return holder if time.monotonic() < end else NOBODY

    def begin(self, holder: Holder) -> tuple[str, Holder]:
        """Begin a session; the oldest ends where there are too many."""
        while len(self._open) >= SESSIONS:
            del self._open[next(iter(self._open))]
        value, opened = secrets.token_urlsafe(32), Holder(holder.role, holder.name, secrets.token_urlsafe(32))
        self._open[value] = (opened, time.monotonic() + SESSION_S)
        return value, opened

    def end(self, value: str) -> None:
        """End a session."""
        self._open.pop(value, None)
