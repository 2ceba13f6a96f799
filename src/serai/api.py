"""The Python interface: the same questions as on the command line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from serai.core.errors import InputError
from serai.data.names import find_place
from serai.data.overlay import lay_over
from serai.data.package import Package, load_package
from serai.data.scenario import Scenario, apply, object_kind, read_scenario
from serai.data.schema import PASSAGES
from serai.data.status import Board, board
from serai.freight.answer import Answer, answer
from serai.freight.price import find_goods, shipment
from serai.freight.routes import Rules, compile_package
from serai.freight.validation import DEFAULT_COMMODITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serai.freight.routes import By, Compiled
    from serai.study import StudyResult

Day = dt.date | str | None


def today() -> dt.date:
    """Return today's date in UTC."""
    return dt.datetime.now(dt.UTC).date()


def as_day(day: Day) -> dt.date:
    """Read a day; None is today."""
    if day is None:
        return today()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError as fault:
        raise InputError(f"{day!r} is not a date", "Write it as YYYY-MM-DD.") from fault


def open_package(name_or_path: str = "ewec", *, overlays: Iterable[str | Path] = ()) -> Package:
    """Open an embedded package or a folder, with a user's own figures laid over it.

    Parameters
    ----------
    name_or_path
        Name of a package that comes with Serai, or a folder.
    overlays
        Workbooks or CSV files, in order.

    Raises
    ------
    InputError, DataError
        When the package or an overlay is faulty; every fault is told at once.
    """
    package = load_package(name_or_path, today=today())
    for path in overlays:
        package = lay_over(package, Path(path), today())
    return package


def apply_scenario(package: Package, scenario: Scenario | str | Path) -> Package:
    """Apply a scenario, given as an object, a file, or the name of one that comes with the package."""
    if isinstance(scenario, Scenario):
        return apply(package, scenario)
    return apply(package, read_scenario(str(scenario), package.scenarios))


def status(package: Package, *, as_of: Day = None) -> Board:
    """Return what is open on a day, and how far that is known."""
    return board(package, as_day(as_of))


def _closable(package: Package, text: str) -> str:
    if text in PASSAGES or text in set(package["links"]["id"]):
        return text
    if text.lower() in PASSAGES:
        return text.lower()
    place = find_place(package["places"], text)
    object_kind(package, place)
    return place


def country_code(package: Package, text: str) -> str:
    """Find a country by code or name in any of its languages."""
    frame = package["countries"]
    for column in ("iso3", "name", "name_ru", "name_ur", "name_kk"):
        hit = frame[frame[column].str.casefold() == text.strip().casefold()]
        if len(hit):
            return str(hit["iso3"].iloc[0])
    raise InputError(f"There is no country {text!r}", f"Use one of: {', '.join(frame['iso3'])}.")


def commodity_of(package: Package, commodity: str | None, hs: str = "") -> str:
    """Return the commodity that is meant: the one named, else that of the HS code, else manufactures.

    Raises
    ------
    InputError
        When both are given and contradict each other, or the code does not exist.
    """
    if not hs:
        return commodity or DEFAULT_COMMODITY
    goods = find_goods(package, hs)
    of_code = str(goods["commodity"])
    if commodity and commodity != of_code:
        raise InputError(
            f"HS code {hs} ({goods['name']}) is {of_code}, not {commodity}",
            "Leave the commodity out or correct one of them.",
        )
    return of_code


def routes(
    package: Package,
    origin: str,
    destination: str,
    *,
    commodity: str | None = None,
    as_of: Day = None,
    k: int = 5,
    by: By = "generalized",
    modes: Iterable[str] = (),
    avoid: Iterable[str] = (),
    close: Iterable[str] = (),
    via: Iterable[str] = (),
    exclude_sanctioned: Iterable[str] = (),
    scenario: Scenario | str | Path | None = None,
    container: str | None = None,
    load_t: float | None = None,
    hs: str = "",
    first_shipment: bool = False,
    with_validation: bool = True,
    compiled: Compiled | None = None,
) -> Answer:
    """Alternative routes between two places on a day.

    Parameters
    ----------
    package
        From :func:`open_package`.
    origin, destination
        Names, aliases or identifiers, in any script.
    commodity
        Identifier of the commodity; by default that of `hs`, else manufactures.
    as_of
        The day; today if not given.
    k
        How many routes.
    by
        What to minimise: ``"generalized"`` cost, ``"cost"`` or ``"time"``.
    modes
        Allow only these modes.
    avoid
        Countries not to enter, by code or name.
    close
        Places, links or passages to take as shut.
    via
        Places to pass, in order.
    exclude_sanctioned
        Authorities (US, EU, UN, UK) whose sanctioned countries, places and modes are not to be touched.
    scenario
        Changes to apply first.
    container, load_t, hs, first_shipment
        A container to price on each route: its type (40 where one of the others is given), the goods in it in t,
        their HS code (which also sets the commodity and its value), and whether it is the shipper's first on this
        way.
    with_validation
        Whether to attach how well the model predicts published journeys.
    compiled
        `package` as compiled, where the caller keeps it; not with a scenario.

    Raises
    ------
    InputError
        For an unknown name, commodity or option, and for a commodity that is not that of the HS code.
    """
    known_modes = ("road", "rail", "sea", "ferry")
    if wrong := [m for m in modes if m not in known_modes]:
        raise InputError(f"There is no mode {wrong[0]!r}", f"Use {', '.join(known_modes)}.")
    if k < 1:
        raise InputError(f"-k {k} asks for no route", "Ask for one or more.")
    if scenario is not None:
        package = apply_scenario(package, scenario)
    places = package["places"]
    rules = Rules(
        k=k,
        by=by,
        modes=tuple(modes),
        avoid=tuple(country_code(package, c) for c in avoid),
        close=tuple(_closable(package, c) for c in close),
        via=tuple(find_place(places, v) for v in via),
    )
    commodity = commodity_of(package, commodity, hs)
    goods = None
    if container or hs or load_t is not None or first_shipment:
        goods = shipment(package, commodity, container or "40", load_t, hs, first=first_shipment)
    return answer(
        compiled or compile_package(package),
        find_place(places, origin),
        find_place(places, destination),
        day=as_day(as_of),
        commodity=commodity,
        rules=rules,
        exclude_sanctioned=tuple(exclude_sanctioned),
        with_validation=with_validation,
        goods=goods,
    )


def study(name_or_path: str = "ewec", *, as_of: Day = None, overlays: Iterable[str | Path] = ()) -> StudyResult:
    """Run the study of a package; write it with :func:`serai.report.write`."""
    from serai.study import run

    return run(open_package(name_or_path, overlays=overlays), as_day(as_of))
