"""Run one function over many items: here, in processes, or on a cluster.

The answer of an item may depend on nothing but the shared state and the item, so the three executors give
the same answers; only the order in which these arrive differs. Numerical libraries are held to one thread in
every worker: threads that compete for the same cores cost more than they give, and the order in which they add
is not fixed.
"""

from __future__ import annotations

import os
import pickle
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, current_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from serai.core.errors import EXIT_FAULT, InputError, MissingPartError, SeraiError
from serai.core.threads import KERNEL_THREADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

State = TypeVar("State")
Item = TypeVar("Item")
Result = TypeVar("Result")

ONE_THREAD: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Settings of numerical libraries, whose threads wait for each other."""


class WorkerLostError(SeraiError):
    """Workers that ended again and again without an answer."""

    exit_code = EXIT_FAULT


class Executor(Protocol):
    """What runs a function over items."""

    def run(
        self, function: Callable[[State, Item], Result], shared: State, items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield position and answer of every item as they come, each position once.

        Parameters
        ----------
        function
            Named at the top of a module, so that another process can find it.
        shared
            State that all items need; sent to each worker once.
        items
            What to run over.
        """
        ...


@dataclass(frozen=True, slots=True)
class Serial:
    """Everything in this process, in order."""

    def run(
        self, function: Callable[[State, Item], Result], shared: State, items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the answers in the order of the items."""
        for position, item in enumerate(items):
            yield position, function(shared, item)


_shared: Any = None


def end_with_parent() -> None:
    """See to it that this process ends when the one that started it is gone, however that ended.

    So a worker that may have workers of its own, which a daemonic process may not, still leaves nothing behind.
    """
    from multiprocessing import parent_process
    from multiprocessing.connection import wait
    from threading import Thread

    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _start_worker(state: Path) -> None:
    end_with_parent()
    global _shared  # noqa: PLW0603 - a worker process holds one shared state
    _shared = pickle.loads(state.read_bytes())  # noqa: S301 - written by the parent process


def _in_worker(function: Callable[[State, Item], Result], item: Item) -> Result:
    return function(_shared, item)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hold numerical libraries of processes started inside the block to one thread."""
    names = (*ONE_THREAD, KERNEL_THREADS)
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine.

    Attributes
    ----------
    workers
        How many; 0 for one per core.
    retries
        How often the pool is started anew after a worker was lost without any answer in between.
    """

    workers: int = 0
    retries: int = 2

    def run(
        self, function: Callable[[State, Item], Result], shared: State, items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the answers as they come; items of a lost worker are given to a new one.

        Raises
        ------
        WorkerLostError
            When workers end without an answer more often than `retries` allows.
        """
        if current_process().daemon:
            # A process that must end with its parent may start none of its own.
            yield from Serial().run(function, shared, items)
            return
        open_ = set(range(len(items)))
        failures = 0
        with TemporaryDirectory(prefix="serai-", ignore_cleanup_errors=True) as folder:
            # Down a pipe, one worker after another would wait for a state of a hundred megabytes.
            state = Path(folder) / "state"
            state.write_bytes(pickle.dumps(shared))
            while open_:
                before = len(open_)
                for position, result in self._pass(function, state, items, sorted(open_)):
                    open_.discard(position)
                    yield position, result
                failures = 0 if len(open_) < before else failures + 1
                if open_ and failures > self.retries:
                    raise WorkerLostError(
                        f"{len(open_)} of {len(items)} items have no answer: their worker ended {failures} times",
                        "Look for too little memory, or run with fewer workers; what was done is kept.",
                    )

    def _pass(
        self, function: Callable[[State, Item], Result], state: Path, items: Sequence[Item], todo: list[int]
    ) -> Iterator[tuple[int, Result]]:
        """Run one pool until all is done or a worker is lost."""
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        # Windows waits for no more than 61 processes at once.
        workers = min(self.workers or os.cpu_count() or 1, len(todo), 61)
        others = set(active_children())
        pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (state,))
        try:
            with _one_thread():
                waiting = {pool.submit(_in_worker, function, items[i]): i for i in todo}
            for done in as_completed(waiting):
                try:
                    result = done.result()
                except BrokenProcessPool:
                    continue
                yield waiting[done], result
        except BrokenProcessPool:
            return
        except BaseException:
            # Whoever leaves before the end, or takes the question back, need not wait for what is in work.
            for worker in set(active_children()) - others:
                worker.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _on_cluster(function: Callable[[State, Item], Result], shared: State, item: Item) -> Result:
    return function(shared, item)


@dataclass(frozen=True, slots=True)
class Dask:
    """A Dask cluster on a trusted network.

    Whoever reaches a scheduler can run code on it: keep its address inside your own network.

    Attributes
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    timeout_s
        How long to wait for it.
    """

    address: str
    timeout_s: float = 10.0

    def run(
        self, function: Callable[[State, Item], Result], shared: State, items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the answers as they come.

        Raises
        ------
        MissingPartError
            When the package `distributed` is not installed.
        InputError
            When no scheduler answers at the address.
        WorkerLostError
            When an item ended several workers.
        """
        from importlib import import_module

        try:
            distributed = import_module("distributed")
        except ImportError as fault:
            raise MissingPartError("Dask is not installed", "Install serai[distributed].") from fault
        try:
            client = distributed.Client(self.address, timeout=self.timeout_s, set_as_default=False)
        except (OSError, ValueError, TypeError) as fault:
            raise InputError(
                f"No Dask scheduler answers at {self.address!r}", "Start one, or correct the address."
            ) from fault
        with client:
            held = client.scatter(shared, broadcast=True, hash=False)
            waiting = {client.submit(_on_cluster, function, held, item, pure=False): i for i, item in enumerate(items)}
            for done in distributed.as_completed(waiting, loop=client.loop):
                try:
                    result = done.result()
                except distributed.KilledWorker as fault:
                    raise WorkerLostError(
                        f"Item {waiting[done]} ended several workers of {self.address}",
                        "Look for too little memory there; what was done is kept.",
                    ) from fault
                yield waiting[done], result
