"""Work that is followed rather than waited for."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from serai.core.errors import SeraiError
from serai.server.bundle import WRITE
from serai.server.pool import ANEW, CancelledError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from serai.server.content import Content
    from serai.server.desk import Asked
    from serai.server.pool import Task

KEPT: Final = 20
"""Jobs that are remembered after their end; a report takes ten megabytes."""
BEAT_S: Final = 10.0
SHARES: Final[dict[str, dict[str, float]]] = {
    "report": {"Gateways": 0.02, "Routes": 0.02, "Scenarios": 0.22, "Worlds": 0.64, WRITE: 0.10},
    "decision": {"Gateways": 0.02, "Worlds": 0.98},
    "solve": {"solve": 1.0},
}
"""Steps of each kind of work in their order, and what each takes of its time; measured on the embedded package."""
LEAST_SHARE: Final = 0.04
"""What must be done before anything is said of the time that is left."""


def share_done(kind: str, doing: str, done: int, of: int) -> float:
    """Share of the whole that is done when a step is so far; 0 for a step that is not listed."""
    before = 0.0
    for step, share in SHARES[kind].items():
        if step == doing:
            return before + share * (done / of if of else 0.0)
        before += share
    return 0.0


@dataclass(eq=False)
class Job:
    """One piece of work and how far it is.

    Attributes
    ----------
    done, of, doing
        How much is done of the present step, 0 of 0 where that is not counted, and its name.
    share
        How much is done of the whole, from 0 to 1.
    running_since
        When work on it began; anew where its worker was lost.
    changed
        Set and renewed at every change, so that those who follow wake up.
    """

    id: str
    kind: str
    loop: asyncio.AbstractEventLoop
    task: Task[Asked, Content] | None = None
    state: str = "waiting"
    done: int = 0
    of: int = 0
    doing: str = ""
    share: float = 0.0
    fault: dict[str, str] | None = None
    result: Content | None = None
    begun: float = field(default_factory=time.monotonic)
    running_since: float | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Tell those who follow."""
        before, self.changed = self.changed, asyncio.Event()
        before.set()

    def step(self, done: int, of: int, doing: str) -> None:
        """Note progress; called from the thread that watches the worker."""

        def note() -> None:
            if self.state in {"waiting", "running"}:
                if doing == ANEW or self.running_since is None:
                    self.running_since, self.share = time.monotonic(), 0.0
                self.share = max(self.share, share_done(self.kind, doing, done, of))
                self.state, self.done, self.of, self.doing = "running", done, of, doing
                self.wake()

        self.loop.call_soon_threadsafe(note)

    def _left_s(self) -> float | None:
        """Seconds that the rest may take if it goes on as it did so far; None where nothing can be said."""
        if self.state != "running" or self.running_since is None or self.share < LEAST_SHARE:
            return None
        return round((time.monotonic() - self.running_since) * (1.0 - self.share) / self.share)

    def as_json(self) -> dict[str, Any]:
        """Plain data for the page."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "done": self.done,
            "of": self.of,
            "doing": self.doing,
            "share": round(self.share, 3),
            "left_s": self._left_s(),
            "seconds": round(time.monotonic() - self.begun, 1),
            "fault": self.fault,
        }


class Jobs:
    """The jobs of a server, the oldest finished ones forgotten first."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._following: set[asyncio.Task[None]] = set()

    def get(self, name: str) -> Job | None:
        """Find a job."""
        return self._jobs.get(name)

    def new(self, kind: str) -> Job:
        """Open a job whose name nobody guesses."""
        return Job(secrets.token_hex(16), kind, asyncio.get_running_loop())

    def follow(self, job: Job, task: Task[Asked, Content]) -> None:
        """Enter a job whose task was accepted, and note its end."""
        job.task = task
        self._jobs[job.id] = job
        for name in [n for n, j in self._jobs.items() if j.state not in {"waiting", "running"}][:-KEPT]:
            del self._jobs[name]
        follower = asyncio.create_task(self._end(job, task))
        self._following.add(follower)
        follower.add_done_callback(self._following.discard)

    async def _end(self, job: Job, task: Task[Asked, Content]) -> None:
        try:
            job.result = await asyncio.wrap_future(task.future)
            job.state, job.done, job.share = "done", job.of, 1.0
        except (CancelledError, asyncio.CancelledError):
            job.state = "cancelled"
        except SeraiError as fault:
            job.state, job.fault = "failed", {"detail": fault.what, "remedy": fault.remedy}
        job.wake()


async def events(job: Job) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield every change of a job until it ends; between changes, a sign of life."""
    while True:
        changed, shown = job.changed, job.as_json()
        ended = job.state not in {"waiting", "running"}
        yield ("end" if ended else "progress"), shown
        if ended:
            return
        while True:
            try:
                await asyncio.wait_for(changed.wait(), BEAT_S)
                break
            except TimeoutError:
                yield "beat", {}
