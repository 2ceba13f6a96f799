"""Progress: a bar on the error stream while a terminal looks on, or told to whoever asked to hear of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
Listener = Callable[[int, int, str], None]
"""Hears what is done, of how much (0 where nobody knows), and what is being done."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell somebody of all progress inside the block, in place of a bar.

    Parameters
    ----------
    listener
        Hears of every step before it begins and of every item that is done.
    """
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def track(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield the items; tell how many are done."""
    listener = _listener.get()
    if listener is not None:
        of = total if total is not None else len(items) if isinstance(items, Sized) else 0
        listener(0, of, what)
        for done, item in enumerate(items, start=1):
            yield item
            listener(done, of, what)
        return
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track as bar

    yield from bar(items, description=what, total=total, console=Console(stderr=True), transient=True)
