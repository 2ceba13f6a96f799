"""The project: traffic, appraisal by two conventions, two measures of the benefit, cash, sources of the variance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from serai.data.names import country_names, place_names, short_name
from serai.report.gains import usd_m
from serai.report.grids import context, grid, ground, millions, number, percent
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.study.decision import Undecided
from serai.study.money import ANCHORS

if TYPE_CHECKING:
    import pandas as pd

    from serai.data.package import Package
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.decision import Decision

MOST = 16
"""Rows of a table on the page; the files have all."""
NEVER: Final = "none: never earns back its cost"
"""What stands in place of a rate of return where no rate exists, wherever a rate is shown."""
NOTES: Final = (
    "Costs with the overrun, and rail traffic with the shortfall, that finished projects of the kind had, both in"
    " shadow prices (below). The carbon is the world's, and of all traffic. These are middle figures: every input"
    " at its most likely value. Net present values are rounded as the draws of both projects together allow, as "
    "on the page of the decision; parts, to two digits. The next two columns take a lower and a higher discount "
    "rate; they are no range of the draws, which is in the table below. A rate of return exists only where what "
    "comes back covers what is spent at some rate."
)
"""What the figures of the appraisal are."""


def _section(result: StudyResult, table: str, row: str, back: bool) -> str:
    """Name a section of the network in the direction of the traffic; one that is no link or post by its row."""
    package, mode = result.package, ""
    names = {k: short_name(name) for k, name in place_names(package).items()}
    if table == "links":
        link = package["links"].set_index("id").loc[row]
        ends, mode = (names[link["from"]], names[link["to"]]), link["mode"]
        return f"{' to '.join(ends[::-1] if back else ends)} ({mode})"
    if table == "crossings":
        post, countries = package["crossings"].set_index("id").loc[row], country_names(package)
        way = f"{countries[post['exit_country']]} to {countries[post['entry_country']]}"
        return f"{names[post['place']]} ({post['mode']}, {way})"
    return f"{row} ({'back' if back else 'there'})"


def _traffic(result: StudyResult, d: Decision) -> list[dict[str, object]]:
    frame = d.tables["decision_traffic"]
    columns = [f"mt_after_{y}_years" for y in ANCHORS]
    ways = frame.groupby(["table", "row", "back"], sort=False)[["before_mt", *columns]].sum()
    ways = ways.sort_values(columns[0], ascending=False, kind="stable").head(MOST)
    head = ("Before", "At opening", "After 10 years", "After 20 years")

    def cells(row: pd.Series) -> list[str]:
        return [number(float(row[c]), 2) for c in ("before_mt", *columns)]

    # A tonne passes both posts of a border; the busier stands for it.
    named = [(_section(result, str(table), str(row), bool(back)), r) for (table, row, back), r in ways.iterrows()]
    sections = [[name, *cells(r)] for i, (name, r) in enumerate(named) if name not in {n for n, _ in named[:i]}]
    # A tonne passes several sections; the busiest section of each good stands for it.
    goods = frame.groupby("commodity", sort=True)[["before_mt", *columns]].max()
    goods = goods.sort_values(columns[0], ascending=False, kind="stable")
    titles = dict(result.package["commodities"].set_index("id")["name"])
    return [
        grid(
            "Traffic by section and direction, Mt a year",
            ("Section", *head),
            sections,
            "Growth of trade at its middle value; the rest of the network is taken to be enlarged with its traffic.",
        ),
        grid(
            "Busiest section of each good, Mt a year",
            ("Goods", *head),
            [[str(titles.get(k, k)), *cells(r)] for k, r in goods.iterrows()],
        ),
    ]


def npv_shown(d: Decision, npv_usd_m: float, projects: frozenset[str] = frozenset()) -> str:
    """Write a net present value in million USD as the draws support it.

    Parameters
    ----------
    d
        The decision, whose draws are those of its two projects together.
    npv_usd_m
        What is written.
    projects
        Whose it is. The first stage alone has a range of its own; what is neither is rounded as coarsely, for its
        size, as both together.
    """
    low, high = d.npv.percentiles[10.0], d.npv.percentiles[90.0]
    if projects == frozenset((d.spec.stage_one,)):
        low, high = next((c.low_usd, c.high_usd) for c in d.choices if c.name == "stage one")
    elif projects not in {frozenset(), frozenset((d.spec.stage_one, d.spec.project))} and d.npv_all_usd:
        size = abs(1e6 * npv_usd_m / d.npv_all_usd)
        low, high = size * low, size * high
    return millions(1e6 * npv_usd_m, low, high)


def rate_shown(rate: float, roots: int, npv_usd: float) -> str:
    """Write an economic rate of return; where there is none, say in words why."""
    if roots == 1:
        return percent(rate, 1)
    if roots > 1:
        return f"{roots} roots"
    return NEVER if npv_usd < 0 else "none: pays at every rate"


def _appraisal(d: Decision) -> list[dict[str, object]]:
    table = d.tables["decision_appraisal"]
    rows = [
        [
            r.convention,
            percent(r.rate),
            npv_shown(d, r.npv_usd_m),
            npv_shown(d, r.npv_low_rate_usd_m),
            npv_shown(d, r.npv_high_rate_usd_m),
            rate_shown(r.eirr, r.roots, r.npv_usd_m),
            number(r.bcr, 2),
            usd_m(r.pv_capital_usd_m),
            usd_m(r.pv_o_and_m_usd_m),
            usd_m(r.pv_benefit_usd_m),
            usd_m(r.pv_carbon_usd_m),
            usd_m(r.pv_residual_usd_m),
        ]
        for r in table.itertuples(index=False)
    ]
    spread = d.tables["decision_npv"]
    share = d.tables["decision_variance"]
    return [
        grid(
            "Appraisal at the most likely figures, million USD",
            (
                "Convention",
                "Rate",
                "NPV",
                "At a lower rate",
                "At a higher rate",
                "EIRR",
                "Benefit/cost",
                "Capital",
                "Upkeep",
                "Benefit",
                "Carbon",
                "Residual value",
            ),
            rows,
            NOTES,
        ),
        grid(
            "Prices of the appraisal",
            ("Price", "Unit", "Low", "Most likely", "High"),
            [
                [r.price, r.unit, *(_price(r.unit, x) for x in (r.low, r.most_likely, r.high))]
                for r in d.tables["decision_prices"].itertuples(index=False)
            ],
            "Low and high: eight of ten draws. They are rows of the table parameters; what a country pays and borrows "
            "(cash below, and what is committed) is at market prices. Savings are against the same year without the "
            "projects; a minus is more emitted.",
            words=2,
        ),
        grid(
            "Net present value over the draws, million USD",
            ("Measure", "Value"),
            [
                [r.measure, usd_m(r.usd_m) if r.measure == "error of the mean" else npv_shown(d, r.usd_m)]
                for r in spread.itertuples(index=False)
            ],
            (
                "The draws give each figure its range: eight of ten lie between percentile 10 and percentile 90. The "
                "mean over the draws is no middle figure of the appraisal above, which holds every input at its most "
                "likely value."
            ),
        ),
        grid(
            "What its variance comes from",
            ("Figures", "Alone", "With others", "5 to 95%"),
            [
                [r.group, percent(r.first), percent(r.total), f"{percent(r.total_low)} to {percent(r.total_high)}"]
                for r in share.itertuples(index=False)
            ],
            "Freight, borders and trade move as one group: their worlds are those that were solved, drawn again.",
        ),
    ]


def _benefit(result: StudyResult, d: Decision) -> dict[str, object]:
    frame = d.tables["decision_reconciliation"]
    columns = ["existing", "diverted", "generated", "elsewhere", "fees", "tariffs", "prices", "equivalent_variation"]
    shown = frame[frame["member"]]
    names = dict(result.package["economies"].set_index("id")["name"])
    rows = [
        [short_name(str(names.get(r["economy"], r["economy"]))), *(usd_m(r[f"{c}_usd_m"]) for c in columns)]
        for _, r in shown.iterrows()
    ]
    rows.append(["Others", *(usd_m(frame.loc[~frame["member"], f"{c}_usd_m"].sum()) for c in columns)])
    rows.append(["World", *(usd_m(frame[f"{c}_usd_m"].sum()) for c in columns)])
    return grid(
        "Two measures of one gain, million USD in the base year, open all year",
        (
            "Economy",
            "Existing",
            "Diverted",
            "Generated",
            "Elsewhere",
            "Fees",
            "Tariffs",
            "Prices",
            "Equivalent variation",
        ),
        rows,
        "The conventional benefit (rule of half: existing to elsewhere) and fees and tariffs, then what it does "
        "not see "
        "(wages, terms of trade, prices), make the equivalent variation. They are never added up. Users' "
        "benefit stands "
        "with the importer.",
    )


def gains_by_region(package: Package, d: Decision) -> list[tuple[str, float, float, float]]:
    """Give what both projects bring each region of the world, those that gain most first, and the world.

    Returns
    -------
    list of tuple
        Region, gain in the base year at the most likely figures, and its 10th and 90th percentile over the draws; USD
        a year.
    """
    regions = package["economies"]["macro_region"].to_numpy()
    drawn = np.array([r.ev_usd_per_year[2] for r in d.worlds.draws if not r.reason])

    def row(name: str, own: np.ndarray[Any, Any]) -> tuple[str, float, float, float]:
        low, high = np.percentile(drawn[:, own].sum(axis=1), [10, 90])
        return name, float(np.asarray(d.central[2])[own].sum()), float(low), float(high)

    rows = [row(str(name), regions == name) for name in dict.fromkeys(regions)]
    return [*sorted(rows, key=lambda r: -r[1]), row("World", np.full(len(regions), True))]


def _gainers(result: StudyResult, d: Decision) -> dict[str, object]:
    return grid(
        "Who gains from both projects together, million USD a year",
        ("Where", "Gain", "Eight of ten draws"),
        [
            [name, millions(middle, low, high), f"{millions(low, low, high)} to {millions(high, low, high)}"]
            for name, middle, low, high in gains_by_region(result.package, d)
        ],
        (
            "In the base year, open all year, before any cost. The range is the 10th to the 90th percentile of the "
            "draws; the first column is at the most likely figures."
        ),
    )


def _price(unit: str, value: float) -> str:
    return number(value, 0 if unit == "t/year" else 1 if unit.startswith("USD") else 3)


def _payer(result: StudyResult, column: str) -> str:
    """Head a column of cash: a country by its name, with its currency where it has one, else by its own words."""
    code, _, currency = column.partition("_")
    name = country_names(result.package).get(code)
    words = {"service": "debt service"}.get(column, column)
    return (f"{name} ({currency})" if currency else name) if name else words.replace("_", " ")


def _local(result: StudyResult, d: Decision) -> dict[str, object]:
    frame = d.tables["decision_cash_local"]
    if not len(frame):
        return grid("Cash in local currency", ("Year",), [])
    columns = [c for c in frame.columns if c != "year"]
    picked = frame.iloc[:: max(len(frame) // MOST, 1)]
    return grid(
        "Cash by year in local currency, millions",
        ("Year", *(_payer(result, c.removesuffix("_m")) for c in columns)),
        [[str(int(r["year"])), *(usd_m(r[c]) for c in columns)] for _, r in picked.iterrows()],
        "In prices of the price year, at the rates of the table exchange_rates; lay your own over them with --with.",
    )


def _cash(result: StudyResult, d: Decision) -> dict[str, object]:
    frame, covers = d.tables["decision_cash"], d.tables["decision_cover"]
    if not len(frame):
        return grid("Cash by year", ("Year",), [], str(covers["reason"].iloc[0]) if len(covers) else "")
    columns = [c for c in frame.columns if c != "year"]
    picked = frame.iloc[:: max(len(frame) // MOST, 1)]
    cover = covers.iloc[0]
    rate = percent(cover["firr"], 1) if math.isfinite(cover["firr"]) else "none"
    return grid(
        "Cash by year and country, million USD",
        ("Year", *(_payer(result, c.removesuffix("_usd_m")) for c in columns)),
        [[str(int(r["year"])), *(usd_m(r[c]) for c in columns)] for _, r in picked.iterrows()],
        f"Rate of return on the cash before finance: {rate}. "
        f"Least cover of the debt service {number(cover['least_cover'], 2)}; guarantees called "
        f"{usd_m(cover['called_usd_m'])} and unpaid {usd_m(cover['unpaid_usd_m'])} million USD in all. "
        "Tariff and cost of running are those of its kind; upkeep is a share of what it cost to build.",
    )


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show the project from its traffic to its cash."""
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return None
    return context(
        ground(result, trail),
        [f"{d.main.name}, after {d.stage.name} as its first stage."],
        [
            *_traffic(result, d),
            *_appraisal(d),
            _gainers(result, d),
            _benefit(result, d),
            _cash(result, d),
            _local(result, d),
        ],
    )


SECTION = Section("project", "The project: traffic, appraisal, money", "Project", build)
