"""What `serai routes` prints: ways, prices, papers, profiles, and what is unknown of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from serai.data.names import place_names, short_name
from serai.freight.answer import difference, label
from serai.freight.explain import compare
from serai.freight.exposure import evidence_share, requirements_of, warnings_of
from serai.freight.price import whole_usd
from serai.freight.profile import indicators, profile
from serai.report.console import NARROW, days, lay_out, print_footer, rounded, terminal

if TYPE_CHECKING:
    from serai.freight.answer import Answer
    from serai.freight.exposure import Requirement
    from serai.freight.lines import Line
    from serai.freight.price import Price
    from serai.freight.routes import Network, Route


def _outside_prices(answer: Answer) -> str:
    """Say that a day lies outside the years the prices of its ways stand for, else nothing."""
    year = answer.network.package.meta.price_year
    dates = [leg.price_date[:4] for r in answer.routes for leg in r.legs if leg.usd_per_t > 0]
    years = [int(d) for d in dates if d.isdigit()]
    first, last = min([year, *years]), max([year, *years]) + 1
    if first <= answer.day.year <= last:
        return ""
    span = f"{min([year, *years])} to {max([year, *years])}"
    return f"[bold]Mind the day:[/bold] prices here are of {span}; they are not moved to {answer.day.year}."


def _print_routes(console: Console, answer: Answer, title: str) -> None:
    if console.width >= NARROW:
        console.print(_routes_table(answer, answer.routes, title))
        return
    package = answer.network.package
    console.print(title, style="italic")
    for rank, r in enumerate(answer.routes, start=1):
        usd, cost, time = r.cost_usd_per_t, *evidence_share(r)
        console.print(f"[bold]{rank}. {label(package, r)}[/bold]")
        for line in (
            difference(package, r, answer.routes[0], answer.rules.by),
            f"USD/t {rounded(usd.mean)} (P10-P90 {rounded(usd.p10)}-{rounded(usd.p90)})",
            f"USD per 40 ft {rounded(r.cost_usd_per_feu)}",
            f"days P50 {days(r.time_h.p50)} (P10-P90 {days(r.time_h.p10)}-{days(r.time_h.p90)})",
            f"days door to door {days(r.door_to_door_h.p50)}",
            f"{r.distance_km:,.0f} km; {r.co2e_kg_per_t:,.0f} kg CO2e/t",
            f"assumed: {cost['assumed']:.0%} of the price, {time['assumed']:.0%} of the time",
        ):
            console.print(Padding(line, (0, 0, 0, 3)))


def _routes_table(answer: Answer, routes: tuple[Route, ...], title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", show_lines=True)
    table.add_column("#", justify="right")
    table.add_column("way", ratio=3, overflow="fold")
    table.add_column("USD/t\n(P10-P90)", justify="right")
    table.add_column("USD per\n40 ft", justify="right")
    table.add_column("days P50\n(P10-P90)", justify="right")
    table.add_column("door to\ndoor", justify="right")
    table.add_column("km", justify="right")
    table.add_column("kg CO2e\nper t", justify="right")
    table.add_column("assumed\nprice/time", justify="right")
    for rank, r in enumerate(routes, start=1):
        cost, time = evidence_share(r)
        package = answer.network.package
        table.add_row(
            str(rank),
            f"[bold]{label(package, r)}[/bold]\n{difference(package, r, routes[0], answer.rules.by)}",
            f"{rounded(r.cost_usd_per_t.mean)}\n({rounded(r.cost_usd_per_t.p10)}-{rounded(r.cost_usd_per_t.p90)})",
            rounded(r.cost_usd_per_feu),
            f"{days(r.time_h.p50)}\n({days(r.time_h.p10)}-{days(r.time_h.p90)})",
            days(r.door_to_door_h.p50),
            f"{r.distance_km:,.0f}",
            f"{r.co2e_kg_per_t:,.0f}",
            f"{cost['assumed']:.0%}/{time['assumed']:.0%}",
        )
    return table


@dataclass(frozen=True, slots=True)
class Show:
    """What to print beside the routes themselves."""

    legs: bool = False
    why: bool = False
    profile: bool = False
    papers: bool = False


def print_answer(answer: Answer, show: Show) -> None:
    """Print the answer to a question about routes."""
    console = terminal()
    package = answer.network.package
    names = place_names(package)
    head = f"{names[answer.origin]} to {names[answer.destination]}, {answer.commodity}, {answer.day.isoformat()}"
    if answer.routes:
        title = head + ("  (what is unknown taken as last known)" if answer.unknown else "")
        _print_routes(console, answer, title)
        if outside := _outside_prices(answer):
            console.print(outside)
        _print_warnings(console, answer)
    else:
        console.print(f"[bold]{head}[/bold]\nNo route: {answer.why_none}.")
    _print_decisions(console, answer, names)
    if answer.routes:
        _print_details(console, answer, show, names)
    if answer.left_out:
        console.print(
            "Not used, since nothing is known of transit by third countries: "
            + ", ".join(names[p] for p in answer.left_out)
        )
    if answer.validation and answer.validation.n_time:
        v = answer.validation
        error = v.median_abs_error
        console.print(
            f"Held against {v.n_time} published journeys, the middle error of the time is "
            f"{error.value:.0%} (90 % interval {error.low:.0%}-{error.high:.0%})."
        )
    print_footer(console, package)


def _print_details(console: Console, answer: Answer, show: Show, names: dict[str, str]) -> None:
    best = answer.routes[0]
    if show.legs:
        lay_out(console, _legs_table(best, names))
    if answer.prices:
        _print_price(console, answer.prices[0], answer.network)
        for rank, p in enumerate(answer.prices[1:], start=2):
            console.print(f"Way {rank}: {rounded(p.usd)} USD a container, {rounded(p.usd_per_t)} USD/t of goods.")
    if show.why:
        _print_why(console, answer, names)
    if show.profile:
        _print_profile(console, answer.network, best, names)
    if show.papers:
        _print_papers(console, answer, best, names)


def _print_price(console: Console, p: Price, network: Network) -> None:
    goods = p.shipment
    title = (
        f"Way 1: one {goods.container} container with {goods.load_t:g} t of {goods.goods.lower()}, worth "
        f"{rounded(goods.value_usd)} USD"
    )
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in ("line", "USD", "P10-P90", "price of", "ground", "source"):
        table.add_column(name, justify="right" if name in {"USD", "P10-P90"} else "left", overflow="fold")
    whole = whole_usd(p.lines)
    _add_lines(table, p.lines, whole)
    table.add_section()
    span = f"[bold]{p.usd_p10:,.0f}-{p.usd_p90:,.0f}[/bold]"
    table.add_row("[bold]price, the sum of the lines[/bold]", f"[bold]{sum(whole):,}[/bold]", span, "", "", "")
    table.add_row("per tonne of goods", f"{p.usd_per_t:,.0f}", "", "", "", "")
    beside = (
        ("beside the price: usual, likely or the trader's own", p.options),
        ("paid and returned", p.deposits),
    )
    for title, lines in beside:
        if lines:
            table.add_section()
            table.add_row(f"[italic]{title}[/italic]", "", "", "", "", "")
            _add_lines(table, lines, tuple(round(line.usd) for line in lines))
    lay_out(console, table)
    console.print(f"  By air, as a benchmark: about {rounded(p.air.usd)} USD in {p.air.days:.0f} days ({p.air.basis}).")
    console.print("  Not included: " + "; ".join(p.not_included) + ".")


def _add_lines(table: Table, lines: tuple[Line, ...], usd: tuple[int, ...]) -> None:
    for line, whole in zip(lines, usd, strict=True):
        table.add_row(
            line.what, f"{whole:,}", f"{line.usd_p10:,.0f}-{line.usd_p90:,.0f}", line.as_of, line.basis,
            line.source.replace(";", ", "),
        )  # fmt: skip


def _print_why(console: Console, answer: Answer, names: dict[str, str]) -> None:
    if len(answer.routes) < 2:
        console.print("There is no second way to set beside the first.")
        return
    c = compare(answer.network, answer.routes[0], answer.routes[1], answer.commodity)
    console.print(
        f"[bold]Why way 1 and not way 2[/bold]: price and time together it is {c.gap_usd_per_t:.1f} USD/t cheaper. "
        "What differs most, USD/t (way 1, way 2):"
    )
    for part, a, b in c.parts[:6]:
        console.print(f"  {part}: {a:.0f}, {b:.0f}")
    console.print("[bold]The choice flips[/bold] if, all else as it is:")
    for e in c.break_evens[:8]:
        what = f"{e.what} at {names[e.object]}" if e.object in names else f"{e.what} {e.object}".strip()
        console.print(f"  {what} {'rises' if e.factor > 1 else 'falls'} from {e.now:.3g} to {e.value:.3g} {e.unit}")


def _print_profile(console: Console, network: Network, route: Route, names: dict[str, str]) -> None:
    p = profile(route)
    table = Table(title="Time and cost over distance, door to door", title_justify="left", header_style="bold")
    for name in ("reached", "after", "km", "hours", "USD/t"):
        table.add_column(name, justify="right" if name in {"km", "hours", "USD/t"} else "left")
    for i, place in enumerate(p.place):
        table.add_row(
            names[place], p.what[i].replace("_", " "), f"{p.km[i]:,.0f}", f"{p.hours[i]:,.1f}", f"{p.usd_per_t[i]:,.1f}"
        )
    lay_out(console, table)
    x = indicators(network, route)
    for b in x.borders:
        console.print(
            f"  border {names[b.place]} ({b.exit_country} to {b.entry_country}, {b.mode}): {b.hours:.0f} h, "
            f"{b.fee_usd_per_20t:.0f} USD for 20 t"
        )
    console.print(
        f"  In the manner of CPMM: {x.hours_per_border:.0f} h and {x.fee_usd_per_border:.0f} USD a border, "
        f"{x.cost_usd_per_500km_20t:.0f} USD per 500 km and 20 t, {x.speed_without_delay_kmh:.0f} km/h without and "
        f"{x.speed_with_delay_kmh:.0f} km/h with delay."
    )


def _print_papers(console: Console, answer: Answer, route: Route, names: dict[str, str]) -> None:
    table = Table(title="Papers, permits, limits and exposures of way 1", title_justify="left", header_style="bold")
    for name in ("where", "what", "issuer", "days", "USD", "usable by", "ground"):
        table.add_column(name, overflow="fold")
    for r in requirements_of(answer.network, route, answer.commodity):
        table.add_row(
            names.get(r.place, r.country),
            r.title + _limit(r) + (f" ({r.authority})" if r.authority else ""),
            r.issuer or "unknown",
            f"{r.days:g}" if math.isfinite(r.days) else "unknown",
            f"{r.fee_usd:g}" if math.isfinite(r.fee_usd) else "unknown",
            r.carrier.replace(";", ", ") or "all",
            r.basis,
        )
    lay_out(console, table)


def _limit(r: Requirement) -> str:
    return f": {r.limit:g} {r.unit}".rstrip() if math.isfinite(r.limit) else ""


def _print_warnings(console: Console, answer: Answer) -> None:
    ranks: dict[str, list[str]] = {}
    for rank, r in enumerate(answer.routes, start=1):
        for text in warnings_of(answer.network, r, answer.commodity):
            ranks.setdefault(text, []).append(str(rank))
    if ranks:
        console.print("[bold]Mind[/bold] (number of the way in front):")
    for text, which in ranks.items():
        console.print(f"  {', '.join(which)}: {text}", style="yellow")


def _print_shut(console: Console, answer: Answer, names: dict[str, str]) -> None:
    groups: dict[tuple[str, str], list[str]] = {}
    for s in answer.shut:
        since = f" since {s.valid_from.isoformat()}" if s.valid_from else ""
        ground = s.by_scenario or f"confirmed {s.confirmed_on.isoformat()}"
        where = f"{short_name(names.get(s.object, s.object))} ({ground})"
        groups.setdefault((since, s.reason.split(";")[0]), []).append(where)
    for (since, why), places in groups.items():
        reason = f": {why}" if why else ""
        console.print(
            f"[bold]Shut on this day{since}:[/bold] {', '.join(places)}{reason}. Open, it would be among the answers."
        )


def _print_decisions(console: Console, answer: Answer, names: dict[str, str]) -> None:
    _print_shut(console, answer, names)
    if not answer.unknown:
        return
    lead = "Decides" if answer.unknown_decides else "Unknown"
    for s in answer.unknown:
        console.print(f"[bold]{lead}:[/bold] {names.get(s.object, s.object)}: {s.words()} ({s.reason})")
    if not answer.unknown_decides:
        way = "way 1 is the best" if answer.routes else "there is no route"
        console.print(
            f"[bold]If open or shut:[/bold] {way} all the same; what is unknown does not change the first answer."
        )
        return
    for title, routes in (("If open", answer.if_open), ("If shut", answer.if_shut)):
        if not routes:
            console.print(f"[bold]{title}:[/bold] no route.")
            continue
        best = routes[0]
        console.print(
            f"[bold]{title}:[/bold] {label(answer.network.package, best)}, {rounded(best.cost_usd_per_t.mean)} USD/t, "
            f"{days(best.time_h.p50)} days (P10-P90 {days(best.time_h.p10)}-{days(best.time_h.p90)})."
        )


def _legs_table(route: Route, names: dict[str, str]) -> Table:
    table = Table(
        title="Legs of the first way (hours in brackets are before departure or after arrival)",
        title_justify="left",
        header_style="bold",
    )
    for name in ("from", "to", "what", "km", "hours", "USD/t", "ground time/price", "source"):
        table.add_column(name, justify="right" if name in {"km", "hours", "USD/t"} else "left", overflow="fold")
    for leg in route.legs:
        what = leg.mode if leg.kind == "line_haul" else leg.kind.replace("_", " ")
        table.add_row(
            names[leg.origin],
            names[leg.destination] if leg.destination != leg.origin else "",
            what + (f" {leg.gauge_mm} mm" if leg.gauge_mm else "") + (f" ({leg.side})" if leg.side else ""),
            f"{leg.km:,.0f}" if leg.km else "",
            f"{leg.hours:.1f}" if not leg.end_dwell_h else f"({leg.end_dwell_h:.1f})",
            f"{leg.usd_per_t:.1f}",
            f"{leg.time_basis}/{leg.cost_basis}",
            leg.source.replace(";", ", "),
        )
    return table
