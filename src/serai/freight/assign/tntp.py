"""Reader of networks and trip tables in the TNTP format of the Transportation Networks for Research collection."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from serai.core.errors import InputError
from serai.freight.assign.network import LinkNetwork, Trips
from serai.freight.assign.volume_delay import bpr

COLUMNS = ("capacity", "length", "free-flow time", "b", "power", "speed", "toll")
"""Columns three to nine of a link; a tenth, its type, is not used."""

MOST_NODES = 10_000_000
"""Nodes a network may have; their number is taken from the metadata, and memory is laid out by it."""

_META = re.compile(r"<([^>]*)>\s*([^~\s]*)")
_TRIP = re.compile(r"^(\d+)\s*:\s*(\S+)$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, for messages."""

    path: Path
    number: int

    def wrong(self, what: str, remedy: str) -> InputError:
        """Return the error to raise."""
        return InputError(f"{self.path.name}, line {self.number}: {what}", remedy)

    def figure(self, text: str, name: str) -> float:
        """Read a finite figure, zero or more."""
        try:
            value = float(text)
        except ValueError:
            raise self.wrong(f"{name} {text!r} is not a number", "Write it with a decimal point.") from None
        if not math.isfinite(value) or value < 0:
            raise self.wrong(f"{name}: {text}", "Give a finite figure, zero or more.")
        return value

    def whole(self, text: str, name: str, most: int) -> int:
        """Read a whole number from 1 to `most`."""
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise self.wrong(f"{name} is {text!r}", f"Give a whole number from 1 to {most}.")
        return int(text)


def _lines(path: Path) -> Iterator[tuple[Line, str]]:
    """Lines that say something, without comments."""
    try:
        raw_bytes = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", "Name a TNTP file.") from fault
    if b"\0" in raw_bytes:
        raise InputError(f"{path} is not text", "Name a TNTP file.")
    try:
        text = raw_bytes.decode("utf-8-sig")
    except UnicodeDecodeError:  # names in the comments of older files
        text = raw_bytes.decode("latin-1")
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip() if raw.lstrip().startswith("<") else raw.split("~")[0].strip()
        if line:
            yield Line(path, number), line


def _metadata(lines: Iterator[tuple[Line, str]], path: Path) -> dict[str, tuple[Line, str]]:
    found: dict[str, tuple[Line, str]] = {}
    for where, text in lines:
        match = _META.match(text)
        if match is None:
            raise where.wrong(f"{text[:40]!r} stands before <END OF METADATA>", "Begin with the metadata.")
        name = " ".join(match[1].upper().split())
        if name == "END OF METADATA":
            return found
        found[name] = (where, match[2])
    raise InputError(f"{path.name}: there is no <END OF METADATA>", "Name a TNTP file.")


def _number(meta: dict[str, tuple[Line, str]], name: str, path: Path, most: int = 10**9) -> int:
    if name not in meta:
        raise InputError(f"{path.name}: there is no <{name}>", "Add it to the metadata.")
    where, text = meta[name]
    return where.whole(text, f"<{name}>", most)


def read_network(path: Path, *, toll_weight: float = 0.0, distance_weight: float = 0.0) -> LinkNetwork:
    """Read a network.

    Parameters
    ----------
    path
        File of links.
    toll_weight, distance_weight
        Time that a unit of toll, and a unit of length, is worth. The collection states them for each network in
        its description, not in the file.

    Raises
    ------
    InputError
        A line is not a link: wrong fields, ends outside the network, a negative figure or none, or no capacity
        where cost depends on flow; or the links are not as many as the metadata say.
    """
    for name, weight in (("toll", toll_weight), ("distance", distance_weight)):
        if not math.isfinite(weight) or weight < 0:
            raise InputError(f"the {name} weight is {weight:g}", "Give a finite figure, zero or more.")
    lines = _lines(path)
    meta = _metadata(lines, path)
    nodes = _number(meta, "NUMBER OF NODES", path, MOST_NODES)
    zones = _number(meta, "NUMBER OF ZONES", path, nodes)
    first = _number(meta, "FIRST THRU NODE", path, nodes + 1) if "FIRST THRU NODE" in meta else 1
    rows = [_link(where, text, nodes) for where, text in lines if not text.lower().startswith("init")]
    expected = _number(meta, "NUMBER OF LINKS", path) if "NUMBER OF LINKS" in meta else len(rows)
    if len(rows) != expected:
        raise InputError(f"{path.name}: {len(rows)} links stand where <NUMBER OF LINKS> is {expected}", "Correct one.")
    table = np.array(rows, dtype=np.float64).reshape(-1, 2 + len(COLUMNS))
    capacity, length, time, b, power, _, toll = table[:, 2:].T
    return LinkNetwork(
        tail=table[:, 0].astype(np.int32) - 1,
        head=table[:, 1].astype(np.int32) - 1,
        delay=bpr(time, b, capacity, power, toll_weight * toll + distance_weight * length),
        zones=zones,
        nodes=nodes,
        first_through=first - 1,
    )


def _link(where: Line, text: str, nodes: int) -> list[float]:
    fields = text.rstrip("; \t").split()
    if len(fields) not in {9, 10}:
        raise where.wrong(f"{len(fields)} fields, not 10", f"Give init node, term node, {', '.join(COLUMNS)}, type.")
    ends = [where.whole(fields[i], name, nodes) for i, name in enumerate(("init node", "term node"))]
    row = [where.figure(f, name) for f, name in zip(fields[2:9], COLUMNS, strict=True)]
    capacity, _, time, b, power = row[:5]
    if capacity == 0 and time > 0 and b > 0 and power > 0:
        raise where.wrong("capacity is 0 but cost depends on flow", "Leave a closed link out of the network.")
    return [*ends, *row]


def read_trips(path: Path, zones: int) -> Trips:
    """Read a trip table for a network with so many zones; zeros are left out.

    Raises
    ------
    InputError
        A line is not trips, a zone is unknown, trips are negative or not a number, or a pair is given twice.
    """
    lines = _lines(path)
    meta = _metadata(lines, path)
    if "NUMBER OF ZONES" in meta and (stated := _number(meta, "NUMBER OF ZONES", path)) != zones:
        raise InputError(
            f"{path.name} is for {stated} zones, the network has {zones}", "Give files that belong together."
        )
    found: dict[tuple[int, int], float] = {}
    origin = 0
    for where, text in lines:
        if text.lower().startswith("origin"):
            origin = where.whole(text[6:].strip(" \t:;"), "origin", zones)
            continue
        for part in filter(None, (p.strip() for p in text.split(";"))):
            match = _TRIP.match(part)
            if match is None or not origin:
                raise where.wrong(
                    f"{part[:40]!r} is not a destination and its trips", "Write 'Origin 1', then '2 : 100;'."
                )
            pair = (origin, where.whole(match[1], "destination", zones))
            if pair in found:
                raise where.wrong(f"trips from {origin} to {pair[1]} stand here a second time", "Give each pair once.")
            found[pair] = where.figure(match[2], f"trips from {origin} to {pair[1]}")
    some = sorted((pair, volume) for pair, volume in found.items() if volume > 0)
    return Trips(
        origin=np.array([p[0] - 1 for p, _ in some], dtype=np.int32),
        destination=np.array([p[1] - 1 for p, _ in some], dtype=np.int32),
        volume=np.array([v for _, v in some], dtype=np.float64),
    )
