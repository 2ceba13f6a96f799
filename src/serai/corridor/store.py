"""Keep routes and the base equilibrium of a world between runs: arrays beside each other in one file.

What is stored can always be made again, so anything odd about a file, from its name to its last byte, means that
it is made again. The base part carries a digest of all that it was solved from, and holds for nothing else.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import InputError
from serai.core.files import cache_folder, sha256, write_bytes
from serai.freight.routeset import route_set

if TYPE_CHECKING:
    from pathlib import Path

    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints

VERSION = "8"
"""Changes with every change of how routes are built or capacities are stretched."""
ARRAYS = ("kept", "pair_origin", "pair_dest", "pair_ptr", "leg_ptr", "leg_arc", "capacity", "flow")
TEXTS = ("zones", "routes_digest", "base_digest", "content")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a run keeps for the next: P pairs with routes, H facilities.

    Attributes
    ----------
    routes
        The route set.
    kept : int32[P]
        Which of the trading pairs of zones have routes.
    capacity_per_day, flow_per_day : float64[H]
        Of facilities in the solved base.
    base_digest
        Of what the base was solved from.
    """

    routes: RouteSet
    kept: Ints
    capacity_per_day: Array
    flow_per_day: Array
    base_digest: str


def digest_of(*parts: Array | Ints | str) -> str:
    """Digest of arrays and words, shapes included."""
    return sha256(
        b"".join(
            p.encode() + b"\0"
            if isinstance(p, str)
            else f"{p.dtype}{p.shape}".encode() + np.ascontiguousarray(p).tobytes()
            for p in parts
        )
    )


def path_for(*parts: str) -> Path:
    """Return where the world made from these inputs is kept."""
    return cache_folder() / "worlds" / f"{digest_of(VERSION, *parts)[:32]}.npz"


def read(path: Path) -> Stored | None:
    """Read what was kept; None where there is nothing, or anything else than what was written."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            arrays = {name: held[name] for name in ARRAYS}
            zones, routes_digest, base_digest, content = (str(held[name]) for name in TEXTS)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError):
        return None
    if content != digest_of(base_digest, *arrays.values()):
        return None
    routes = route_set(tuple(zones.split("\n")), *(arrays[name] for name in ARRAYS[1:6]))
    if routes.digest != routes_digest:
        return None
    return Stored(routes, arrays["kept"], arrays["capacity"], arrays["flow"], base_digest)


def write(path: Path, kept: Stored) -> bool:
    """Keep a world; False where the folder cannot be written, which costs time only."""
    r = kept.routes
    values = (kept.kept, r.pair_origin, r.pair_dest, r.pair_ptr, r.leg_ptr, r.leg_arc,
              kept.capacity_per_day, kept.flow_per_day)  # fmt: skip
    texts = ("\n".join(r.zones), r.digest, kept.base_digest, digest_of(kept.base_digest, *values))
    out = io.BytesIO()
    arrays: dict[str, Any] = {
        **dict(zip(ARRAYS, values, strict=True)),
        **{n: np.array(t) for n, t in zip(TEXTS, texts, strict=True)},
    }
    np.savez(out, **arrays)
    try:
        write_bytes(path, out.getvalue())
    except InputError:
        return False
    return True
