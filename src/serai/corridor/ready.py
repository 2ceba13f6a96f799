"""Keep a whole world between runs, so that a command or a server that is started again need not prepare it anew.

What is kept here are Python objects, which only the very code that wrote them may read: the file's name holds a digest
of the sources of all that a world is made of and of the libraries under it. Nothing is read that another user of the
machine could have written.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import serai
from serai.core.errors import InputError
from serai.core.files import cache_folder, sha256, write_bytes
from serai.corridor.service import hold, open_corridor
from serai.corridor.store import digest_of

if TYPE_CHECKING:
    from serai.corridor.world import World
    from serai.data.package import Package

ROOMS: Final = ("core", "data", "network", "trade", "freight", "corridor")
LIBRARIES: Final = ("numpy", "pandas", "numba", "scipy", "pydantic")
LARGE: Final = 10_000
"""Pairs and goods from which on a world takes longer to prepare than to read."""
DIGEST: Final = 32
"""Bytes in front, by which a torn file is known."""
KEPT: Final = 2
"""Worlds kept; they are large, and one is written for every change of the package or of the code."""


@cache
def _code() -> str:
    """Digest of the code that makes a world."""
    home = Path(serai.__file__).parent
    sources = sorted(p for room in ROOMS for p in (home / room).rglob("*.py"))
    parts = [f"{p.relative_to(home).as_posix()}\n".encode() + p.read_bytes() for p in sources]
    return sha256(b"\0".join([*parts, platform.python_version().encode(), *(version(n).encode() for n in LIBRARIES)]))


def path_of(package: Package) -> Path:
    """Return where the world of a package is kept."""
    return cache_folder() / "ready" / f"{digest_of(_code(), package.meta.digest)[:32]}.world"


def _ours(path: Path) -> bool:
    """Tell whether nobody but this user can have written a file."""
    if not hasattr(os, "getuid"):
        return True  # there folders of users are their own
    return all(s.st_uid == os.getuid() and not s.st_mode & 0o022 for s in (path.stat(), path.parent.stat()))


def take_up(package: Package) -> bool:
    """Open the corridor of a package from what an earlier run kept; False where there is nothing of the kind."""
    path = path_of(package)
    try:
        if not _ours(path):
            return False
        content = path.read_bytes()
    except OSError:
        return False
    held = memoryview(content)[DIGEST:]
    if content[:DIGEST] != hashlib.sha256(held).digest():
        return False
    world: World = pickle.loads(held)  # noqa: S301 - written by this user, with this code
    hold(world)
    return True


def keep(package: Package) -> bool:
    """Keep the open corridor of a package for the next run; False where the folder cannot be written."""
    path = path_of(package)
    out = io.BytesIO()
    out.write(bytes(DIGEST))
    pickle.dump(open_corridor(package), out, protocol=5)
    stamp = hashlib.sha256(out.getbuffer()[DIGEST:]).digest()
    out.seek(0)
    out.write(stamp)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o755)
        write_bytes(path, out.getvalue())
        for old in sorted(path.parent.glob("*.world"), key=lambda p: -p.stat().st_mtime)[KEPT:]:
            old.unlink(missing_ok=True)
    except (InputError, OSError):
        return False
    return True


def open_ready(package: Package) -> World:
    """Open a corridor as an earlier run kept it, else anew; a large one without a user's own figures is then kept.

    Raises
    ------
    InputError, NoEquilibriumError
        See :func:`serai.corridor.service.open_corridor`.
    """
    if not take_up(package):
        world = open_corridor(package)
        if world.freight.entries.n >= LARGE and not package.meta.overlays:
            keep(package)
    return open_corridor(package)
