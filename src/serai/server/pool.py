"""Warm processes that answer questions: with a deadline, cancelled by ending the process, and none lost.

A pool of the standard library cannot end one running task; here each process has a thread of the server that
watches it. A process that dies is started anew and its question asked again; one that dies three times over the same
question is a fault of the question. Processes may have processes of their own, as those that draw many worlds do; all
of them end when whoever started them does, however that ended.
"""

from __future__ import annotations

import atexit
import itertools
import os
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Generic, NoReturn, Protocol, TypeVar

from serai.core.errors import EXIT_FAULT, SeraiError
from serai.core.executors import ONE_THREAD, end_with_parent
from serai.server.scratch import sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
Settings = TypeVar("Settings")
Question_contra = TypeVar("Question_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)

TRIES = 3
ANEW = "anew"
"""What is being done when a question is asked again because the process that worked on it ended."""
AHEAD, IN_TURN = 0, 1
GRACE_S = 5.0
"""Time for a process to end of itself before it is killed."""


class BusyError(SeraiError):
    """More questions wait than the server takes."""


class DeadlineError(SeraiError):
    """A question that took longer than it may."""


class CancelledError(SeraiError):
    """A question that was taken back while it was being answered."""


class WorkerFaultError(SeraiError):
    """A fault of Serai's own in a worker, told without its inside."""

    exit_code = EXIT_FAULT


class ToldError(SeraiError):
    """An error of a worker as it was told there, most often a user's mistake."""

    def __init__(self, what: str, remedy: str, exit_code: int) -> None:
        super().__init__(what, remedy)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class _Step:
    """How far a worker is."""

    done: int
    of: int
    doing: str


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Answered]):
    content: Answered


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What a :class:`ToldError` is made from; errors themselves do not survive the way between processes."""

    what: str
    remedy: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class _Fault:
    """A fault of Serai's own, for the log."""

    trace: str


class Handler(Protocol[Question_contra, Answer_co]):
    """What a worker does with a question once it is ready."""

    def answer(self, question: Question_contra, report: Callable[[int, int, str], None]) -> Answer_co:
        """Answer one question; `report` tells what is done, of how much, and what is being done."""
        ...


@dataclass(eq=False)
class Task(Generic[Asked, Answered]):
    """A question on its way: its future answer, and how far it is."""

    question: Asked
    deadline_s: float
    report: Callable[[int, int, str], None]
    future: Future[Answered] = field(default_factory=Future)
    process: SpawnProcess | None = None
    cancelled: bool = False
    lost: int = 0

    def cancel(self) -> None:
        """Take the question back; the process that works on it is ended, at the latest after a grace."""
        self.cancelled = True
        if not self.future.cancel() and not self.future.done() and self.process is not None:
            self.process.terminate()
            late = threading.Timer(GRACE_S, self.process.kill)
            late.daemon = True
            late.start()


def _leave(*_: object) -> NoReturn:
    """End in order: semaphores shared with processes of its own would outlive a process that is cut off."""
    raise SystemExit(1)


def _work(
    pipe: Connection, start: Callable[[Settings], Handler[Asked, Answered]], settings: Settings, yields: int
) -> None:
    """Answer questions until the pipe closes."""
    import signal

    if hasattr(os, "nice"):
        os.nice(yields)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    end_with_parent()
    handler = start(settings)
    pipe.send(None)
    while True:
        try:
            question = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(_Answer(handler.answer(question, lambda *step: pipe.send(_Step(*step)))))
        except SeraiError as fault:
            pipe.send(_Mistake(fault.what, fault.remedy, fault.exit_code))
        except (BrokenPipeError, EOFError):
            return
        except Exception as fault:  # noqa: BLE001 - whatever it was, the server must say so and go on
            import traceback

            pipe.send(_Fault(f"{type(fault).__name__}: {fault}\n{traceback.format_exc()}"))


class Pool(Generic[Asked, Answered]):
    """Processes that are ready before they are asked.

    Parameters
    ----------
    start
        Named at the top of a module; makes the handler in each process.
    settings
        What `start` is given.
    workers
        How many processes.
    waiting
        Questions that may wait.
    on_fault
        Told of faults of Serai's own.
    yields
        How far its processes step back behind others where processors are short (POSIX: added to niceness), so
        that the process which talks to clients is heard first.
    """

    def __init__(
        self,
        start: Callable[[Settings], Handler[Asked, Answered]],
        settings: Settings,
        workers: int,
        waiting: int,
        on_fault: Callable[[str], None],
        yields: int = 0,
    ) -> None:
        self._works, self._on_fault = (start, settings, yields), on_fault
        self._waiting: queue.PriorityQueue[tuple[int, int, Task[Asked, Answered] | None]] = queue.PriorityQueue()
        self._turns = itertools.count()
        self._limit = waiting
        self._closed = threading.Event()
        self._processes: dict[int, SpawnProcess] = {}
        self._ready: set[int] = set()
        self._threads = [threading.Thread(target=self._watch, args=(n,), daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)  # processes that are not daemonic would be waited for

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Identifiers of the processes that run now."""
        return tuple(p.pid for p in self._processes.values() if p.pid is not None)

    @property
    def ready(self) -> int:
        """How many processes are ready to be asked."""
        return len(self._ready)

    def submit(
        self,
        question: Asked,
        deadline_s: float,
        report: Callable[[int, int, str], None] = lambda *_: None,
        *,
        first: bool = False,
    ) -> Task[Asked, Answered]:
        """Ask a question; one that goes `first` passes those that do not.

        Raises
        ------
        BusyError
            When too many wait already.
        """
        if self._closed.is_set() or self._waiting.qsize() >= self._limit:
            raise BusyError("The server has more questions than it can answer now", "Ask again in a few seconds.")
        task: Task[Asked, Answered] = Task(question, deadline_s, report)
        self._line_up(task, AHEAD if first else IN_TURN)
        return task

    def _line_up(self, task: Task[Asked, Answered] | None, rank: int) -> None:
        self._waiting.put((rank, next(self._turns), task))

    def close(self) -> None:
        """End every process."""
        self._closed.set()
        atexit.unregister(self.close)
        for _ in self._threads:
            self._line_up(None, AHEAD)
        for process in list(self._processes.values()):
            process.terminate()
        for process in list(self._processes.values()):
            self._ended(process)
        for thread in self._threads:
            thread.join(GRACE_S)

    def _spawn(self, number: int) -> Connection:
        """Start a process and wait until it is ready; a closed pool gets a pipe that nobody holds."""
        context = get_context("spawn")
        here, there = context.Pipe()
        if self._closed.is_set():
            there.close()
            return here
        process = context.Process(target=_work, args=(there, *self._works))
        process.start()
        there.close()
        self._processes[number] = process
        if self._closed.is_set():  # meanwhile
            process.terminate()
        try:
            here.recv()
            self._ready.add(number)
        except (EOFError, OSError):
            if not self._closed.is_set():
                self._on_fault("a worker ended before it was ready")
        return here

    def _watch(self, number: int) -> None:
        pipe = self._spawn(number)
        while (task := self._waiting.get()[2]) is not None:
            if task.lost == 0 and not task.future.set_running_or_notify_cancel():
                continue
            if task.cancelled:  # after its worker was lost, before another took it up
                task.future.set_exception(CancelledError("The question was taken back"))
                continue
            task.process = self._processes[number]
            if not self._ask(pipe, task):
                pipe.close()
                self._ready.discard(number)
                self._ended(task.process)
                pipe = self._spawn(number)
        pipe.close()

    def _ended(self, process: SpawnProcess) -> None:
        """See a process off, with what it wrote to no end."""
        process.terminate()
        process.join(GRACE_S)
        process.kill()
        process.join()
        if process.pid is not None:
            sweep(process.pid)

    def _ask(self, pipe: Connection, task: Task[Asked, Answered]) -> bool:
        """Ask a worker and settle the task; False when the worker is gone."""
        end = time.monotonic() + task.deadline_s
        try:
            pipe.send(task.question)
            while True:
                if not wait([pipe], max(end - time.monotonic(), 0.0)):
                    seconds = f"{task.deadline_s:g}"
                    task.future.set_exception(DeadlineError(f"No answer within {seconds} s", "Ask for less."))
                    return False
                said: _Step | _Answer[Answered] | _Mistake | _Fault = pipe.recv()
                if not isinstance(said, _Step):
                    self._settle(task, said)
                    return True
                task.report(said.done, said.of, said.doing)
        except (EOFError, OSError):
            self._lost(task)
            return False

    def _settle(self, task: Task[Asked, Answered], said: _Answer[Answered] | _Mistake | _Fault) -> None:
        if task.cancelled:
            task.future.set_exception(CancelledError("The question was taken back"))
        elif isinstance(said, _Answer):
            task.future.set_result(said.content)
        elif isinstance(said, _Mistake):
            task.future.set_exception(ToldError(said.what, said.remedy, said.exit_code))
        else:
            self._on_fault(said.trace)
            task.future.set_exception(WorkerFaultError("A fault of Serai's own", "The server's log says more."))

    def _lost(self, task: Task[Asked, Answered]) -> None:
        task.lost += 1
        if task.cancelled:
            task.future.set_exception(CancelledError("The question was taken back"))
        elif self._closed.is_set() or task.lost >= TRIES:
            task.future.set_exception(WorkerFaultError("The process that worked on this ended", "Ask again."))
        else:
            task.report(0, 0, ANEW)
            self._line_up(task, AHEAD)
