"""The road graph used as a large test case, renumbered so that near nodes lie near in memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from serai.freight.search import z_order

GEO = Path(__file__).resolve().parents[2] / "shared" / "data" / "geo"


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """An undirected road graph as compressed sparse rows; km per arc."""

    ptr: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    km: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]
    main: npt.NDArray[np.bool_]

    def nearest(self, lat: float, lon: float) -> int:
        far = np.where(self.main, 0.0, np.inf)
        return int(np.argmin((self.lat - lat) ** 2 + ((self.lon - lon) * np.cos(np.radians(lat))) ** 2 + far))


def load_road_graph() -> RoadGraph | None:
    """Read the graph; None where it is absent."""
    if not (GEO / "road_nodes.parquet").is_file():
        return None
    nodes = pd.read_parquet(GEO / "road_nodes.parquet")
    edges = pd.read_parquet(GEO / "road_edges.parquet")
    lon, lat = np.array([struct.unpack("<dd", w[5:21]) for w in nodes["geometry"]]).T
    order = z_order(lat, lon)
    new = np.empty(order.size, dtype=np.int64)
    new[order] = np.arange(order.size)
    position = dict(zip(nodes["id"], new, strict=True))
    u = np.array([position[x] for x in edges["u"]])
    v = np.array([position[x] for x in edges["v"]])
    km = edges["km"].to_numpy(dtype=np.float64)
    tail, head, km = np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([km, km])
    keep = np.lexsort((km, head, tail))
    tail, head, km = tail[keep], head[keep], km[keep]
    first = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
    tail, head, km = tail[first], head[first], km[first]
    ptr = np.searchsorted(tail, np.arange(order.size + 1)).astype(np.int32)
    comp = nodes["comp"].to_numpy()[order]
    biggest = pd.Series(comp).value_counts().index[0]
    return RoadGraph(ptr, head.astype(np.int32), km, lat[order], lon[order], comp == biggest)
