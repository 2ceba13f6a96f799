"""Where a worker process answers questions, from the packages on its shelf."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import SeraiError
from serai.core.progress import heard_by
from serai.server.bundle import study_archive
from serai.server.content import Content, as_json
from serai.server.questions import (
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
from serai.server.shelf import Shelf, case_name
from serai.server.solver import corridor_solver, make_ready, take_ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.evidence.check import Report
    from serai.report.reader import Reader
    from serai.server.settings import Settings
    from serai.server.shelf import Workbooks

    Told = Callable[[int, int, str], None]

PAGE_DRAWS: Final = 64
"""Draws of a decision that somebody waits for at a page, where the study's own are not fewer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the day it is asked on and the workbooks it brings: (name, content)."""

    question: Question
    today: dt.date
    uploads: Workbooks = ()

    def day(self, named: str | None) -> dt.date:
        """Day of the answer: the one that is named, else that of the question.

        Raises
        ------
        InputError
            When there is no such day.
        """
        from serai.api import as_day

        return as_day(named or self.today)


class Desk:
    """Answers questions on one package.

    Parameters
    ----------
    settings
        Of the server.
    """

    def __init__(self, settings: Settings) -> None:
        self.shelf = Shelf(settings.package)
        self._database = settings.database
        self._readers: dict[str, Reader] = {}

    def answer(self, asked: Asked, report: Told) -> Content:
        """Answer one question; `report` tells what is done, of how much, and what is being done."""
        if self.shelf.renew():
            self._readers.clear()
        match q := asked.question:
            case ReportQuestion():
                package = self._with_own(asked)
                return study_archive(package, asked.day(q.as_of), page_draws(package, q.draws), report)
            case SolveQuestion() | GradientQuery() | CompareQuestion() | DecisionQuestion():
                return as_json(self._modelled(q, asked, report))
            case LedgerLists() | LedgerRecord() | Verdict() | Intake():
                return as_json(self._booked(q, asked))
            case _:
                return as_json(self._looked_up(q, asked))

    def _with_own(self, asked: Asked) -> Package:
        return self.shelf.with_workbooks(asked.uploads, asked.today)

    def _looked_up(
        self,
        q: RoutesQuestion | StatusQuery | CheckQuestion | TextsQuestion | UploadCheck | StatusNote,
        asked: Asked,
    ) -> dict[str, Any]:
        match q:
            case RoutesQuestion():
                return self._routes(q, asked)
            case StatusQuery():
                return self._status(q, asked)
            case CheckQuestion():
                return self._checked(q, asked).as_json()
            case TextsQuestion():
                return self._texts(q)
            case UploadCheck():
                return self._upload(asked)
            case StatusNote():
                return self._note(q, asked)

    def _modelled(
        self, q: SolveQuestion | GradientQuery | CompareQuestion | DecisionQuestion, asked: Asked, report: Told
    ) -> dict[str, Any]:
        match q:
            case SolveQuestion():
                return self._solve(q, asked, report)
            case GradientQuery():
                return self._gradient(q, asked)
            case CompareQuestion():
                return self._compare(q, asked)
            case DecisionQuestion():
                return self._decision(q, asked, report)

    def _booked(self, q: LedgerLists | LedgerRecord | Verdict | Intake, asked: Asked) -> dict[str, Any]:
        from serai.server.book import give_review, ledger_lists, ledger_record, take_in

        book = (self.shelf.base, self._database)
        match q:
            case LedgerLists():
                return ledger_lists(*book, asked.day(q.day), drafts=q.drafts)
            case LedgerRecord():
                return ledger_record(*book, asked.day(q.day), q.name, drafts=q.drafts)
            case Verdict():
                return {"stage": give_review(*book, q.claim, q.review, q.by, asked.day(q.review.as_of))}
            case Intake():
                return take_in(*book, self._checked(q.article, asked), q.by)

    def _routes(self, q: RoutesQuestion, asked: Asked) -> dict[str, Any]:
        from serai.api import routes
        from serai.freight.forms import answer_json

        _, package = self.shelf.case(q, asked.uploads, asked.today)
        answer = routes(
            package, q.origin, q.destination, commodity=q.commodity, as_of=q.as_of or asked.today, k=q.k, by=q.by,
            modes=q.modes, avoid=q.avoid, close=q.close, via=q.via, exclude_sanctioned=q.exclude_sanctioned,
            container=q.container, load_t=q.load_t, hs=q.hs, first_shipment=q.first_shipment, with_validation=False,
            compiled=self.shelf.compiled(package),
        )  # fmt: skip
        return answer_json(replace(answer, validation=self.shelf.validation()))

    def _status(self, q: StatusQuery, asked: Asked) -> dict[str, Any]:
        from serai.api import status
        from serai.freight.forms import status_json

        board = status(self.shelf.base, as_of=q.as_of or asked.today)
        entries = [status_json(s) for s in board.sorted() if not (q.stale and s.known)]
        return {"as_of": board.day.isoformat(), "entries": entries}

    def _checked(self, q: CheckQuestion, asked: Asked) -> Report:
        from serai.evidence.article import from_html, from_text, looks_like_html
        from serai.evidence.check import check_article

        read = from_html if looks_like_html(q.text) else from_text
        given = asked.day(q.date).isoformat() if q.date else ""
        article = read(q.text, source="pasted text", today=asked.today, date=given)
        return check_article(article, self.shelf.base, as_of=asked.day(q.as_of))

    def _texts(self, q: TextsQuestion) -> dict[str, str]:
        from serai.report.reader import reader
        from serai.server.said import words_of

        if q.lang not in self._readers:
            self._readers[q.lang] = reader(q.lang, self.shelf.base)
        return words_of(self._readers[q.lang], q.texts)

    def _upload(self, asked: Asked) -> dict[str, Any]:
        from serai.data.read import ORIGIN

        package, base = self._with_own(asked), self.shelf.base
        rows = {
            name: int((~frame[ORIGIN].isin(["package", "user"])).sum())
            for name, frame in package.tables.items()
            if frame is not base[name]
        }
        return {"digest": package.meta.digest, "overlays": list(package.meta.overlays), "rows_changed": rows}

    def _note(self, q: StatusNote, asked: Asked) -> dict[str, Any]:
        from serai.data.record import add_status

        add_status(
            self.shelf.base, place=q.place, state=q.state, since=asked.day(q.since),
            confirmed_on=asked.day(q.confirmed_on), source=q.source, mode=q.mode, reason=q.reason, today=asked.today,
        )  # fmt: skip
        return {"recorded": q.place, "state": q.state}

    def _solve(self, q: SolveQuestion, asked: Asked, report: Told) -> dict[str, Any]:
        package, changed = self.shelf.case(q, asked.uploads, asked.today)
        report(0, 1, "solve")
        solved = corridor_solver().solve(
            package, changed if changed is not package else None, asked.day(q.as_of), case_name(q)
        )
        report(1, 1, "solve")
        return solved

    def _gradient(self, q: GradientQuery, asked: Asked) -> dict[str, Any]:
        from serai.data.names import find_place

        base = self.shelf.base
        place = find_place(base["places"], q.place) if q.place else None
        return corridor_solver().gradient(base, asked.day(q.as_of), place, q.most)

    def _compare(self, q: CompareQuestion, asked: Asked) -> dict[str, Any]:
        from serai.data.names import find_place

        base, split = self.shelf.base, len(q.a.overlays)
        held = (asked.uploads[:split], asked.uploads[split:])
        cases = [
            (self.shelf.case(c, h, asked.today)[1], name, c.as_of or asked.today.isoformat())
            for c, h, name in zip((q.a, q.b), held, ("A", "B"), strict=True)
        ]
        pairs = [(find_place(base["places"], o), find_place(base["places"], d)) for o, d in q.pairs]
        return corridor_solver().compare(base, cases[0], cases[1], pairs, q.commodity)

    def _decision(self, q: DecisionQuestion, asked: Asked, report: Told) -> dict[str, Any]:
        package = self._with_own(asked)
        with heard_by(report):
            found = corridor_solver().decide(package, asked.day(q.as_of), page_draws(package, q.draws))
        return {"decision": found}


def page_draws(package: Package, asked: int | None) -> int | None:
    """Draws of a decision: as many as are asked for, else the study's own, but no more than a page waits for."""
    from serai.study.spec import read_spec

    if asked is not None:
        return asked
    decision = read_spec(package).decision
    return min(decision.draws, PAGE_DRAWS) if decision else None


def _ask(desk: Desk, question: Question) -> None:
    """Ask a question of nobody, so that the first reader does not wait for what only the first question needs."""
    desk.answer(Asked(question, dt.datetime.now(dt.UTC).date()), lambda *_: None)


def open_desk(settings: Settings) -> Desk:
    """Open a desk for quick questions."""
    desk = Desk(settings)
    places = desk.shelf.base["places"]
    ends = list(places[places["zone"]]["id"])[:2]
    if len(ends) == 2:
        _ask(desk, RoutesQuestion(origin=ends[0], destination=ends[1]))
    return desk


def open_long(settings: Settings) -> Desk:
    """Open a desk for what takes minutes, and its corridor as an earlier run kept it."""
    desk = Desk(settings)
    take_ready(desk.shelf.base)
    return desk


def open_solver(settings: Settings) -> Desk:
    """Open a desk and solve the day once: a worker that was ended must not spend a question's time on that."""
    desk = Desk(settings)
    with suppress(SeraiError):  # whoever asks is told
        make_ready(desk.shelf.base)
        _ask(desk, SolveQuestion())
    return desk
