"""Where a worker process answers questions: it opens the package once and keeps what it has compiled."""

from __future__ import annotations

import gzip
import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.core.errors import InputError, SeraiError
from serai.core.progress import heard_by
from serai.server.questions import (
    Case,
    CheckQuestion,
    CompareQuestion,
    DecisionQuestion,
    GradientQuery,
    Intake,
    LedgerLists,
    LedgerRecord,
    Question,
    ReportQuestion,
    RoutesQuestion,
    SolveQuestion,
    StatusNote,
    StatusQuery,
    TextsQuestion,
    UploadCheck,
    Verdict,
)
from serai.server.scratch import scratch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.evidence.check import Report
    from serai.freight.model import Compiled
    from serai.freight.validation import Validation
    from serai.report.reader import Reader
    from serai.server.settings import Settings

JSON = "application/json"
KEPT = 16
PAGE_DRAWS = 64
"""Draws of a decision that somebody waits for at a page, where the study's own are not fewer."""
SMALL = 1024
"""Bytes below which packing an answer is not worth it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the day it is asked on and the workbooks it brings: (name, content)."""

    question: Question
    today: dt.date
    uploads: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """An answer ready to be sent, plain and packed."""

    body: bytes
    packed: bytes | None = None
    media_type: str = JSON
    name: str = ""

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self.body) + len(self.packed or b"")


def as_json(content: Any) -> Content:  # noqa: ANN401
    """Write plain data as JSON and pack it."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Content(body, gzip.compress(body, 5, mtime=0) if len(body) > SMALL else None)


def records_stamp(package: str) -> tuple[tuple[int, int], ...]:
    """Size and time of the user's own records of a package: what is read once must be read again when they change."""
    from serai.data.package import user_sources_file, user_status_file

    stats = [p.stat() for p in (user_status_file(package), user_sources_file(package)) if p.is_file()]
    return tuple((s.st_mtime_ns, s.st_size) for s in stats)


class Desk:
    """Answers questions on one package.

    Parameters
    ----------
    settings
        Of the server.
    """

    def __init__(self, settings: Settings) -> None:
        from serai.api import open_package

        self._settings = settings
        self._base = open_package(settings.package)
        self._stamp = records_stamp(self._base.meta.name)
        self._packages: OrderedDict[tuple[Any, ...], Package] = OrderedDict()
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._validation: tuple[str, Validation] | None = None
        self._readers: dict[str, Reader] = {}

    def answer(self, asked: Asked, report: Callable[[int, int, str], None]) -> Content:  # noqa: PLR0911
        """Answer one question."""
        self._renew()
        match asked.question:
            case RoutesQuestion():
                return self._routes(asked.question, asked)
            case StatusQuery():
                return self._status(asked.question, asked)
            case SolveQuestion() | CompareQuestion() | DecisionQuestion() | GradientQuery() | ReportQuestion():
                return self._modelled(asked.question, asked, report)
            case CheckQuestion():
                return as_json(self._checked(asked.question, asked).as_json())
            case LedgerLists() | LedgerRecord():
                return self._ledger(asked.question)
            case TextsQuestion():
                return self._texts(asked.question)
            case UploadCheck():
                return self._upload(asked)
            case StatusNote():
                return self._note(asked.question, asked)
            case Verdict():
                return self._review(asked.question, asked)
            case Intake():
                return self._intake(asked.question, asked)

    def _modelled(
        self,
        q: SolveQuestion | CompareQuestion | DecisionQuestion | GradientQuery | ReportQuestion,
        asked: Asked,
        report: Callable[[int, int, str], None],
    ) -> Content:
        match q:
            case SolveQuestion():
                return self._solve(q, asked, report)
            case CompareQuestion():
                return self._compare(q, asked)
            case DecisionQuestion():
                return self._decision(q, asked, report)
            case GradientQuery():
                return self._gradient(q, asked)
            case ReportQuestion():
                return self._report(q, asked, report)

    def _renew(self) -> None:
        from serai.api import open_package

        stamp = records_stamp(self._base.meta.name)
        if stamp != self._stamp:
            self._base, self._stamp = open_package(self._settings.package), stamp
            self._packages.clear()
            self._readers.clear()

    def _with_overlays(self, asked: Asked) -> Package:
        from serai.data.overlay import lay_over

        package = self._base
        for name, content in asked.uploads:
            with scratch() as folder:
                path = Path(folder) / name
                path.write_bytes(content)
                try:
                    package = lay_over(package, path, asked.today)
                except SeraiError as fault:  # where the file lay for a moment is nobody's business
                    fault.what = fault.what.replace(str(path), name)
                    raise
        return package

    def _changed(self, case: Case, asked: Asked) -> tuple[Package, Package]:
        """Return the package with the user's figures, and that with the scenario applied as well."""
        from serai.data.scenario import Scenario, apply, read_scenario

        key = (tuple(case.overlays), case.scenario, tuple(op.model_dump_json() for op in case.ops))
        if key not in self._packages:
            before = self._package_of((tuple(case.overlays), None, ()), lambda: self._with_overlays(asked))
            ops = tuple(case.ops)
            if case.scenario is not None:
                if case.scenario not in before.scenarios:
                    raise InputError(
                        f"There is no scenario {case.scenario!r}", f"Use one of: {', '.join(sorted(before.scenarios))}."
                    )
                ops = read_scenario(case.scenario, before.scenarios).ops + ops
            name = "+".join(filter(None, (case.scenario, "changes" if case.ops else "")))
            self._package_of(key, lambda: apply(before, Scenario(name, ops)))
        return self._package_of((tuple(case.overlays), None, ()), lambda: self._with_overlays(asked)), self._packages[
            key
        ]

    def _package_of(self, key: tuple[Any, ...], make: Callable[[], Package]) -> Package:
        if key not in self._packages:
            self._packages[key] = make()
            while len(self._packages) > KEPT:
                self._packages.popitem(last=False)
        self._packages.move_to_end(key)
        return self._packages[key]

    def _compile(self, package: Package) -> Compiled:
        from serai.freight.routes import compile_package

        key, base = package.meta.digest, self._base.meta.digest
        if base in self._compiled:
            self._compiled.move_to_end(base)
        if key not in self._compiled:
            self._compiled[key] = compile_package(package, self._compiled.get(base))
            while len(self._compiled) > KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(key)
        return self._compiled[key]

    def _validated(self) -> Validation:
        from serai.freight.validation import validate

        digest = self._base.meta.digest
        if self._validation is None or self._validation[0] != digest:
            self._validation = (digest, validate(self._base))
        return self._validation[1]

    def _routes(self, q: RoutesQuestion, asked: Asked) -> Content:
        from serai.api import routes
        from serai.freight.forms import answer_json

        _, package = self._changed(q, asked)
        answer = routes(
            package, q.origin, q.destination, commodity=q.commodity, as_of=q.as_of or asked.today, k=q.k, by=q.by,
            modes=q.modes, avoid=q.avoid, close=q.close, via=q.via, exclude_sanctioned=q.exclude_sanctioned,
            container=q.container, load_t=q.load_t, hs=q.hs, first_shipment=q.first_shipment, with_validation=False,
            compiled=self._compile(package),
        )  # fmt: skip
        return as_json(answer_json(replace(answer, validation=self._validated())))

    def _status(self, q: StatusQuery, asked: Asked) -> Content:
        from serai.api import status
        from serai.freight.forms import status_json

        board = status(self._base, as_of=q.as_of or asked.today)
        entries = [status_json(s) for s in board.sorted() if not (q.stale and s.known)]
        return as_json({"as_of": board.day.isoformat(), "entries": entries})

    def _solve(self, q: SolveQuestion, asked: Asked, report: Callable[[int, int, str], None]) -> Content:
        from serai.api import as_day
        from serai.server.solver import corridor_solver

        package, changed = self._changed(q, asked)
        name = "+".join(filter(None, (q.scenario, "changes" if q.ops else "")))
        report(0, 1, "solve")
        solved = corridor_solver().solve(
            package, changed if changed is not package else None, as_day(q.as_of or asked.today), name
        )
        report(1, 1, "solve")
        return as_json(solved)

    def _gradient(self, q: GradientQuery, asked: Asked) -> Content:
        from serai.api import as_day
        from serai.data.names import find_place
        from serai.server.solver import corridor_solver

        place = find_place(self._base["places"], q.place) if q.place else None
        return as_json(corridor_solver().gradient(self._base, as_day(q.as_of or asked.today), place, q.most))

    def _compare(self, q: CompareQuestion, asked: Asked) -> Content:
        from serai.data.names import find_place
        from serai.server.solver import corridor_solver

        places, split = self._base["places"], len(q.a.overlays)
        held = (replace(asked, uploads=asked.uploads[:split]), replace(asked, uploads=asked.uploads[split:]))
        cases = [
            (self._changed(c, h)[1], name, c.as_of or asked.today.isoformat())
            for c, h, name in zip((q.a, q.b), held, ("A", "B"), strict=True)
        ]
        pairs = [(find_place(places, o), find_place(places, d)) for o, d in q.pairs]
        return as_json(corridor_solver().compare(self._base, cases[0], cases[1], pairs, q.commodity))

    def _decision(self, q: DecisionQuestion, asked: Asked, report: Callable[[int, int, str], None]) -> Content:
        from serai.api import as_day
        from serai.server.solver import corridor_solver

        package = self._with_overlays(asked)
        with heard_by(report):
            found = corridor_solver().decide(package, as_day(q.as_of or asked.today), page_draws(package, q.draws))
        return as_json({"decision": found})

    def _checked(self, q: CheckQuestion, asked: Asked) -> Report:
        from serai.api import as_day
        from serai.evidence.article import from_html, from_text, looks_like_html
        from serai.evidence.check import check_article

        read = from_html if looks_like_html(q.text) else from_text
        given = as_day(q.date).isoformat() if q.date else ""
        article = read(q.text, source="pasted text", today=asked.today, date=given)
        return check_article(article, self._base, as_of=as_day(q.as_of or asked.today))

    def _ledger(self, q: LedgerLists | LedgerRecord) -> Content:
        from serai.api import as_day
        from serai.server.book import ledger_lists, ledger_record

        place = (self._base, self._settings.database, as_day(q.day))
        if isinstance(q, LedgerLists):
            return as_json(ledger_lists(*place, drafts=q.drafts))
        return as_json(ledger_record(*place, q.name, drafts=q.drafts))

    def _review(self, q: Verdict, asked: Asked) -> Content:
        from serai.api import as_day
        from serai.server.book import give_review

        day = as_day(q.review.as_of or asked.today)
        return as_json({"stage": give_review(self._base, self._settings.database, q.claim, q.review, q.by, day)})

    def _intake(self, q: Intake, asked: Asked) -> Content:
        from serai.server.book import take_in

        return as_json(take_in(self._base, self._settings.database, self._checked(q.article, asked), q.by))

    def _texts(self, q: TextsQuestion) -> Content:
        from serai.report.reader import reader
        from serai.server.said import words_of

        if q.lang not in self._readers:
            self._readers[q.lang] = reader(q.lang, self._base)
        return as_json(words_of(self._readers[q.lang], q.texts))

    def _upload(self, asked: Asked) -> Content:
        from serai.data.read import ORIGIN

        package = self._with_overlays(asked)
        meta = package.meta
        rows = {
            name: int((~frame[ORIGIN].isin(["package", "user"])).sum())
            for name, frame in package.tables.items()
            if frame is not self._base[name]
        }
        return as_json({"digest": meta.digest, "overlays": list(meta.overlays), "rows_changed": rows})

    def _note(self, q: StatusNote, asked: Asked) -> Content:
        from serai.api import as_day
        from serai.data.record import add_status

        add_status(
            self._base, place=q.place, state=q.state, since=as_day(q.since),
            confirmed_on=as_day(q.confirmed_on or asked.today), source=q.source, mode=q.mode, reason=q.reason,
            today=asked.today,
        )  # fmt: skip
        return as_json({"recorded": q.place, "state": q.state})

    def _report(self, q: ReportQuestion, asked: Asked, report: Callable[[int, int, str], None]) -> Content:
        from serai.api import as_day
        from serai.server.bundle import study_archive

        package = self._with_overlays(asked)
        return study_archive(package, as_day(q.as_of or asked.today), page_draws(package, q.draws), report)


def page_draws(package: Package, asked: int | None) -> int | None:
    """Draws of a decision: as many as are asked for, else the study's own, but no more than a page waits for."""
    from serai.study.spec import read_spec

    if asked is not None:
        return asked
    decision = read_spec(package).decision
    return min(decision.draws, PAGE_DRAWS) if decision else None


def open_desk(settings: Settings) -> Desk:
    """Open a desk and ask it once, so that the first reader does not wait for what only the first question needs."""
    import datetime as dt

    desk = Desk(settings)
    today = dt.datetime.now(dt.UTC).date()
    places = desk._base["places"]
    ends = list(places[places["zone"]]["id"])[:2]
    if len(ends) == 2:
        desk.answer(Asked(RoutesQuestion(origin=ends[0], destination=ends[1]), today), lambda *_: None)
    return desk


def open_long(settings: Settings) -> Desk:
    """Open a desk for what takes minutes, and its corridor as an earlier run kept it."""
    from serai.server.solver import take_ready

    desk = Desk(settings)
    take_ready(desk._base)
    return desk


def open_solver(settings: Settings) -> Desk:
    """Open a desk and solve the day once: a worker that was ended must not spend a question's time on that."""
    import datetime as dt
    from contextlib import suppress

    from serai.server.solver import make_ready

    desk = Desk(settings)
    with suppress(SeraiError):  # whoever asks is told
        make_ready(desk._base)
        desk.answer(Asked(SolveQuestion(), dt.datetime.now(dt.UTC).date()), lambda *_: None)
    return desk
