"""Runs everything a study of a corridor holds. Computes, and writes nothing."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from serai.core.progress import track
from serai.core.units import HOURS_PER_DAY
from serai.data.describe import basis_count, source_use
from serai.data.names import place_names
from serai.data.status import Status, board
from serai.evidence.article import read_article
from serai.evidence.check import check_article
from serai.freight.answer import Answer, answer, label
from serai.freight.exposure import evidence_share, warnings_of
from serai.freight.influence import influence
from serai.freight.routes import Network, Route, Rules, compile_package, open_network
from serai.freight.validation import Validation, validate
from serai.study.connectivity import (
    availability_table,
    break_even_table,
    indicator_table,
    profile_table,
    published_beside,
    worth_of_an_hour,
)
from serai.study.decision import Decision, Undecided, decision_of
from serai.study.gains import solved_tables
from serai.study.gateways import Gap, Gateway, gap_table, gaps_of, gateway_table, gateways_of
from serai.study.judgement import Judgement, judgement_of
from serai.study.spec import StudySpec, read_spec

if TYPE_CHECKING:
    from pathlib import Path

    from serai.data.package import Package
    from serai.evidence.check import Report


@dataclass(frozen=True, slots=True)
class StudyResult:
    """Everything a report shows."""

    package: Package
    spec: StudySpec
    network: Network
    as_of: dt.date
    statuses: tuple[Status, ...]
    gateways: tuple[Gateway, ...]
    gaps: tuple[Gap, ...]
    gaps_if_open: tuple[Gap, ...]
    answers: tuple[Answer, ...]
    validation: Validation
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]
    decision: Decision | Undecided | None = None
    judgement: Judgement | None = None
    article: Report | None = None


def _status_table(package: Package, statuses: list[Status]) -> pd.DataFrame:
    names = place_names(package)
    rows = [
        {
            "kind": s.kind,
            "object": s.object,
            "name": names.get(s.object, s.object),
            "mode": s.mode,
            "state": s.state if s.known else "unknown",
            "last_state": s.state,
            "since": s.valid_from.isoformat() if s.valid_from else "",
            "confirmed_on": s.confirmed_on.isoformat(),
            "days_since_confirmed": s.days_old,
            "reason": s.reason,
            "source": s.source,
            "origin": s.origin,
        }
        for s in statuses
    ]
    return pd.DataFrame(rows)


def _answer_table(answers: list[Answer]) -> pd.DataFrame:
    rows = []
    for a in answers:
        package = a.network.package
        for case, routes in (("last known", a.routes), ("if open", a.if_open), ("if shut", a.if_shut)):
            rows += [_answer_row(a, package, case, rank, r) for rank, r in enumerate(routes or (), start=1)]
    return pd.DataFrame(rows)


def _answer_row(a: Answer, package: Package, case: str, rank: int, r: Route) -> dict[str, Any]:
    cost, time = evidence_share(r)
    return {
        "as_of": a.day.isoformat(),
        "origin": a.origin,
        "destination": a.destination,
        "commodity": a.commodity,
        "case": case,
        "rank": rank,
        "label": label(package, r),
        "generalized_usd_per_t": r.generalized_usd_per_t,
        "cost_usd_per_t": r.cost_usd_per_t.mean,
        "cost_usd_per_t_p10": r.cost_usd_per_t.p10,
        "cost_usd_per_t_p90": r.cost_usd_per_t.p90,
        "load_t_per_feu": r.payload_t,
        "cost_usd_per_feu": r.cost_usd_per_feu,
        "time_days_p10": r.time_h.p10 / HOURS_PER_DAY,
        "time_days_p50": r.time_h.p50 / HOURS_PER_DAY,
        "time_days_p90": r.time_h.p90 / HOURS_PER_DAY,
        "distance_km": r.distance_km,
        "co2e_kg_per_t": r.co2e_kg_per_t,
        "countries": ";".join(r.countries),
        "borders": ";".join(r.borders),
        "cost_share_assumed": cost["assumed"],
        "time_share_assumed": time["assumed"],
        "warnings": " | ".join(warnings_of(a.network, r, a.commodity)),
    }


def _validation_table(validation: Validation) -> pd.DataFrame:
    return pd.DataFrame([{f: getattr(p, f) for f in p.__dataclass_fields__} for p in validation.predictions])


def _provenance(package: Package, as_of: dt.date, validation: Validation) -> dict[str, Any]:
    libraries = ("numpy", "numba", "pandas", "pyarrow", "matplotlib", "openpyxl", "jinja2")
    return {
        "serai": version("serai"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
        "package": {
            "name": package.meta.name,
            "version": package.meta.version,
            "digest": package.meta.digest,
            "base_date": package.meta.base_date.isoformat(),
            "price_year": package.meta.price_year,
            "overlays": list(package.meta.overlays),
        },
        "as_of": as_of.isoformat(),
        "validation_digest": validation.digest,
        "validation_rows": validation.n_time,
    }


def run(
    package: Package,
    as_of: dt.date,
    draws: int | None = None,
    experts: Path | None = None,
    article: str | None = None,
) -> StudyResult:
    """Run the study of a package.

    Parameters
    ----------
    package
        With its overlays applied.
    as_of
        Day of the study.
    draws
        Of the decision: a power of two of 64 or more, 0 to leave the decision out; the study's own by default.
    experts
        What experts judge, in place of the file the study names.
    article
        A text or HTML file, or an address, whose claims are set beside what is known.

    Raises
    ------
    InputError
        When the package has no usable study specification, or the article cannot be read.
    DataError
        With every fault of the experts' file.
    """
    spec = read_spec(package)
    judgement = judgement_of(package, spec, experts)
    told = read_article(article, today=as_of, date="") if article else None
    compiled = compile_package(package)
    network = open_network(compiled, as_of)
    statuses = board(package, as_of).sorted()
    gateways = gateways_of(network, spec)
    gaps = gaps_of(network, gateways)
    reopened = open_network(compiled, as_of, "open")
    gaps_if_open = gaps_of(reopened, gateways_of(reopened, spec))
    commodity = spec.commodities[0]
    work = [(pair, day) for pair in spec.pairs for day in dict.fromkeys((*spec.dates, as_of))]
    answers = [
        answer(compiled, o, d, day=day, commodity=commodity, rules=Rules(), with_validation=False)
        for (o, d), day in track(work, "Routes")
    ]
    validation = validate(package)
    tables = {
        "status": _status_table(package, statuses),
        "routes": _answer_table(answers),
        "gateways": gateway_table(package, gateways, network),
        "gaps": gap_table(gaps),
        "gaps_if_open": gap_table(gaps_if_open),
        "availability": availability_table(answers, as_of),
        "indicators": indicator_table(answers),
        "published_indicators": published_beside(network),
        "profiles": profile_table(answers),
        "break_evens": break_even_table(answers),
        "worth_of_an_hour": worth_of_an_hour(network, gateways, spec.own_ports),
        "validation": _validation_table(validation),
        **solved_tables(package, spec, as_of),
        "influence": influence(network, [(g.arcs, g.commodity) for g in gateways]),
        "evidence": pd.DataFrame(basis_count(package)),
        "sources": pd.DataFrame(source_use(package)),
    }
    decision = decision_of(package, spec, as_of, tuple(gaps), draws)
    tables |= decision.tables if decision else {}
    tables |= judgement.tables if judgement else {}
    return StudyResult(
        decision=decision,
        judgement=judgement,
        article=check_article(told, package, as_of=as_of) if told else None,
        package=package,
        spec=spec,
        network=network,
        as_of=as_of,
        statuses=tuple(statuses),
        gateways=tuple(gateways),
        gaps=tuple(gaps),
        gaps_if_open=tuple(gaps_if_open),
        answers=tuple(answers),
        validation=validation,
        tables=tables,
        provenance=_provenance(package, as_of, validation) | (judgement.provenance if judgement else {}),
    )
