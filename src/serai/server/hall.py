"""Between requests and workers: each question is asked once, its answer kept, and given again while nothing changed."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import InputError, SeraiError
from serai.core.files import sha256
from serai.server.content import Content, as_json, tag_of
from serai.server.desk import Asked, open_desk, open_long, open_solver, page_draws
from serai.server.jobs import Jobs
from serai.server.pool import Pool
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
    StatusQuery,
    TextsQuestion,
    UploadCheck,
    Verdict,
)
from serai.server.said import texts_of
from serai.server.shelf import records_stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.server.jobs import Job
    from serai.server.pool import Task
    from serai.server.settings import Settings

LASTING: Final = (RoutesQuestion, StatusQuery, SolveQuestion, GradientQuery, CompareQuestion, DecisionQuestion)
"""Questions whose answer depends on nothing but the package, the day and themselves."""
SLOW: Final = (SolveQuestion, GradientQuery, CompareQuestion, CheckQuestion, Intake)
"""Questions that may need the corridor solved; the claims of an article may be about gains."""
LONG: Final = (DecisionQuestion, ReportQuestion)
BRIEF: Final = (LedgerLists, LedgerRecord)
"""Questions whose answer is kept for a moment only: others may write to the same ledger."""
SHORT: Final = (*BRIEF, StatusQuery, TextsQuestion)
"""Questions that are answered in no time, and need not wait behind those that are not."""
BOOKED: Final = (Verdict, Intake)
"""What changes the ledger here."""
QUICK_YIELDS: Final = 2
SLOW_YIELDS: Final = 4
LONG_YIELDS: Final = 12
"""How far workers step back behind the process that talks to clients, and those who take minutes behind all others."""
LOOK_S: Final = 0.25


@dataclass(eq=False, slots=True)
class _Waiting:
    """A question on its way, and how many wait for it."""

    answer: asyncio.Future[Content]
    task: Task[Asked, Content]
    readers: int = 0

    async def wait(self) -> Content:
        """Wait for the answer; what nobody waits for any more, and nobody works on yet, is dropped."""
        self.readers += 1
        try:
            return await asyncio.shield(self.answer)
        finally:
            self.readers -= 1
            if not self.readers:
                self.task.future.cancel()


class Hall:
    """The state of one server.

    Parameters
    ----------
    settings
        Of the server.
    on_fault
        Told of faults of Serai's own.
    warm
        Whether those who solve do so once before they are asked, so that the first reader does not wait for the
        base equilibrium.
    """

    def __init__(self, settings: Settings, on_fault: Callable[[str], None], *, warm: bool = True) -> None:
        from serai.api import open_package

        self.settings = settings
        self._warm, self._begun = warm, time.monotonic()
        self.package = open_package(settings.package)
        self.study_offer = _study_offer(self.package)
        self.jobs = Jobs()
        self._on_fault = on_fault
        self._quick: Pool[Asked, Content] | None = None
        self._slow: Pool[Asked, Content] | None = None
        self._long: Pool[Asked, Content] | None = None
        self._answers: OrderedDict[str, tuple[Content, str, float]] = OrderedDict()
        self._held = 0
        self._booked = 0
        self._fixed: dict[str, tuple[Content, str]] = {}
        self._asked: dict[str, _Waiting] = {}
        self._uploads: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def open(self) -> None:
        """Start the workers; those that solve open the corridor while nobody waits for it."""
        s = self.settings
        told = (s, s.workers, s.limits.waiting, self._on_fault)
        self._quick = Pool(open_desk, *told, yields=QUICK_YIELDS)
        self._slow = Pool(open_solver if self._warm else open_desk, *told, yields=SLOW_YIELDS)

    @property
    def seconds(self) -> float:
        """Seconds since it was opened."""
        return time.monotonic() - self._begun

    @property
    def pools(self) -> tuple[Pool[Asked, Content], Pool[Asked, Content]]:
        """Workers for quick questions and for slow ones."""
        if self._quick is None or self._slow is None:
            raise RuntimeError("open() comes first")
        return self._quick, self._slow

    @property
    def long(self) -> Pool[Asked, Content]:
        """One worker for what takes minutes, begun with the first of it, so that nobody waits behind a report."""
        if self._long is None:
            s = self.settings
            self._long = Pool(open_long, s, 1, s.limits.waiting, self._on_fault, yields=LONG_YIELDS)
        return self._long

    async def ready(self) -> float:
        """Wait until somebody is ready to solve; returns the seconds that took."""
        while not self.pools[1].ready:
            await asyncio.sleep(LOOK_S)
        return self.seconds

    def close(self) -> None:
        """End the workers."""
        for pool in (self._quick, self._slow, self._long):
            if pool is not None:
                pool.close()

    def hold(self, name: str, content: bytes) -> str:
        """Keep a workbook in memory; the oldest goes first. Returns its digest."""
        key = sha256(content)
        self._uploads[key] = (name, content)
        self._uploads.move_to_end(key)
        while len(self._uploads) > self.settings.limits.uploads:
            self._uploads.popitem(last=False)
        return key

    def forget(self, key: str) -> None:
        """Drop a workbook."""
        self._uploads.pop(key, None)

    def _with_uploads(self, question: Question) -> Asked:
        keys = _overlays(question)
        if missing := [k for k in keys if k not in self._uploads]:
            raise InputError(f"The workbook {missing[0][:12]} is no longer held", "Drop it in again.")
        return Asked(question, today(), tuple(self._uploads[k] for k in keys))

    def _limit_s(self, question: Question) -> float:
        limits = self.settings.limits
        if isinstance(question, LONG):
            return limits.job_s
        if isinstance(question, SLOW) and _overlays(question):
            return limits.own_s  # with a user's own figures routes and base are worked out anew
        return limits.solve_s if isinstance(question, SLOW) else limits.quick_s

    async def atlas(self) -> tuple[Content, str]:
        """Everything a page draws of the package; made here, so that no worker need be ready for the first look."""
        from serai.server.atlas import package_json

        return await self._once("atlas", lambda: package_json(self.package))

    async def scenarios(self) -> tuple[Content, str]:
        """Scenarios that come with the package."""
        from serai.data.library import package_scenarios, scenario_json

        return await self._once(
            "scenarios", lambda: {"scenarios": [scenario_json(s) for s in package_scenarios(self.package)]}
        )

    async def said(self, content: Content, tag: str, lang: str) -> tuple[Content, str]:
        """Put beside an answer what it says in a language: under ``said``, by its English.

        Parameters
        ----------
        content, tag
            The answer in English, and its tag.
        lang
            ISO 639-1.

        Raises
        ------
        BusyError, DeadlineError
            When there is no room or no time for it.
        """
        if lang == "en":
            return content, tag
        key = f"{tag or tag_of(content)}|{lang}"
        if (kept := self._kept(key)) is not None:
            return kept
        texts = await asyncio.to_thread(texts_of, content.body)
        words, _ = await self.ask(TextsQuestion.model_validate({"lang": lang, "texts": texts}))
        told = await asyncio.to_thread(lambda: as_json({**json.loads(content.body), "said": json.loads(words.body)}))
        self._keep(key, told, tag_of(told))
        return told, tag_of(told)

    async def _once(self, name: str, make: Callable[[], object]) -> tuple[Content, str]:
        if name not in self._fixed:
            content = await asyncio.to_thread(lambda: as_json(make()))
            self._fixed[name] = (content, tag_of(content))
        return self._fixed[name]

    async def ask(self, question: Question) -> tuple[Content, str]:
        """Answer a question; returns the answer and its tag.

        Raises
        ------
        BusyError, DeadlineError
            When there is no room or no time for it.
        SeraiError
            For a user's mistake, and for a fault of Serai's own.
        """
        asked, key = self._with_uploads(question), self._key(question)
        if (kept := self._kept(key)) is not None:
            return kept
        shared = isinstance(question, LASTING + BRIEF)
        waiting = self._asked.get(key) if shared else None
        if waiting is None:
            pool = self.pools[isinstance(question, SLOW)]
            task = pool.submit(asked, self._limit_s(question), first=isinstance(question, SHORT))
            waiting = _Waiting(asyncio.wrap_future(task.future), task)
            if shared:
                self._asked[key] = waiting
                waiting.answer.add_done_callback(lambda f: (self._asked.pop(key, None), f.cancelled() or f.exception()))
        content = await waiting.wait()
        self._booked += isinstance(question, BOOKED)
        tag = tag_of(content)
        if shared:
            self._keep(key, content, tag, self.settings.limits.ledger_s if isinstance(question, BRIEF) else math.inf)
        return content, tag

    def _key(self, question: Question) -> str:
        since = self._booked if isinstance(question, BRIEF) else records_stamp(self.package.meta.name)
        return sha256(f"{type(question).__name__}|{question.model_dump_json()}|{today()}|{since}".encode())

    def _kept(self, key: str) -> tuple[Content, str] | None:
        content, tag, until = self._answers.get(key, (None, "", 0.0))
        if content is None or time.monotonic() > until:
            return None
        self._answers.move_to_end(key)
        return content, tag

    def known(self, question: Question) -> tuple[Content, str] | None:
        """Answer of a question that was asked before; None where it must be worked out."""
        return self._kept(self._key(question))

    def _keep(self, key: str, content: Content, tag: str, for_s: float = math.inf) -> None:
        if key in self._answers:
            self._held -= self._answers.pop(key)[0].size
        self._held += content.size
        self._answers[key] = (content, tag, time.monotonic() + for_s)
        while self._held > self.settings.limits.answers_bytes and len(self._answers) > 1:
            _, (old, _, _) = self._answers.popitem(last=False)
            self._held -= old.size

    def start(self, kind: str, question: SolveQuestion | DecisionQuestion | ReportQuestion) -> Job:
        """Start a job; its answer is kept for those who ask the same later.

        Raises
        ------
        BusyError
            When there is no room for it.
        """
        job = self.jobs.new(kind)
        if isinstance(question, DecisionQuestion) and question.as_of is None:
            question = question.model_copy(update={"as_of": today().isoformat()})
        pool = self.long if isinstance(question, LONG) else self.pools[1]
        task = pool.submit(self._with_uploads(question), self._limit_s(question), job.step)
        self.jobs.follow(job, task)
        if isinstance(question, LASTING):
            key = self._key(question)

            def keep(done: asyncio.Future[Content]) -> None:
                if not done.cancelled() and done.exception() is None:
                    self._keep(key, done.result(), tag_of(done.result()))

            asyncio.wrap_future(task.future).add_done_callback(keep)
        return job


def _study_offer(package: Package) -> dict[str, Any]:
    """Say whether a package can be studied, and with how many draws; whoever asks is told what is wrong with it."""
    draws = None
    with suppress(SeraiError):
        draws = page_draws(package, None)
    return {"study": bool(package.study), "draws": draws}


def _overlays(question: Question) -> list[str]:
    """Workbooks a question names, in the order the desk takes them."""
    if isinstance(question, CompareQuestion):
        return [*question.a.overlays, *question.b.overlays]
    return question.overlays if isinstance(question, Case | UploadCheck | DecisionQuestion | ReportQuestion) else []


def today() -> dt.date:
    """Return the day of a question that names none."""
    return dt.datetime.now(dt.UTC).date()
