"""Workers that have processes of their own: nothing is lost with one of them, and nothing is left behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from serai.core.executors import Processes
from serai.server.pool import ANEW, CancelledError, DeadlineError, Pool
from serai.server.scratch import scratch


def alive(pid):
    """Whether a process runs; one that has ended and waits to be asked how does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def slowly(folder, item):
    """Note who works, wait until told to go on, and answer."""
    (Path(folder) / f"inner-{os.getpid()}").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.02)
    return 10 * item


class Spread:
    """Spreads a question over processes of its own."""

    def answer(self, question, report):
        with scratch() as mine:
            (Path(question) / f"outer-{os.getpid()}").write_text(mine)
            report(0, 3, "begun")
            return sorted(Processes(2).run(slowly, question, [1, 2, 3]))


def open_spread(_):
    return Spread()


@pytest.fixture
def pool():
    faults = []
    found = Pool(open_spread, None, 1, 8, faults.append)
    yield found
    found.close()
    assert faults == []


def wait_for(found, seconds=120):
    end = time.monotonic() + seconds
    while not (what := found()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return what


def working(folder, kind):
    return [int(p.name.split("-")[1]) for p in folder.glob(f"{kind}-*") if alive(int(p.name.split("-")[1]))]


def test_a_worker_spreads_its_work_over_processes_of_its_own(pool, tmp_path):
    (tmp_path / "go").touch()
    task = pool.submit(str(tmp_path), 120)
    assert task.future.result(120) == [(0, 10), (1, 20), (2, 30)]
    wait_for(lambda: not working(tmp_path, "inner"))
    assert working(tmp_path, "outer") == list(pool.process_ids)


@pytest.mark.parametrize("kind", ["inner", "outer"])
def test_a_killed_process_loses_no_work_and_leaves_nothing(pool, tmp_path, kind):
    told = []
    task = pool.submit(str(tmp_path), 120, lambda *step: told.append(step))
    inner = wait_for(lambda: working(tmp_path, "inner"))
    scratches = [Path(p.read_text()) for p in tmp_path.glob("outer-*")]
    os.kill(working(tmp_path, kind)[0], signal.SIGKILL)
    if kind == "outer":
        wait_for(lambda: not any(map(alive, inner)))
        wait_for(lambda: (0, 0, ANEW) in told)
        assert not any(p.exists() for p in scratches)
    (tmp_path / "go").touch()
    assert task.future.result(120) == [(0, 10), (1, 20), (2, 30)]


def test_what_is_taken_back_ends_with_all_its_processes(pool, tmp_path):
    task = pool.submit(str(tmp_path), 120)
    inner = wait_for(lambda: working(tmp_path, "inner"))
    task.cancel()
    with pytest.raises(CancelledError):
        task.future.result(60)
    wait_for(lambda: not any(map(alive, inner)))
    (tmp_path / "go").touch()
    assert pool.submit(str(tmp_path), 120).future.result(120)


def test_what_is_taken_back_after_its_worker_was_lost_is_not_begun_anew(pool, tmp_path):
    told = []

    def report(*step):
        told.append(step)
        if step[2] == ANEW:
            task.cancel()

    task = pool.submit(str(tmp_path), 120, report)
    wait_for(lambda: working(tmp_path, "inner"))
    os.kill(working(tmp_path, "outer")[0], signal.SIGKILL)
    with pytest.raises(CancelledError):
        task.future.result(60)
    assert [step[2] for step in told] == ["begun", ANEW]


def test_a_closed_pool_leaves_nothing(tmp_path):
    pool = Pool(open_spread, None, 1, 8, print)
    pool.submit(str(tmp_path), 120)
    running = [*wait_for(lambda: working(tmp_path, "inner")), *pool.process_ids]
    pool.close()
    wait_for(lambda: not any(map(alive, running)))


SHARED = Path("/dev/shm")  # noqa: S108 - where Linux keeps semaphores; only looked at


def semaphores(pid):
    """Named semaphores a process holds; it maps each under the name of a temporary file, so the inode tells."""
    maps = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if f"{SHARED}/sem." in line]
    held = {int(fields[4]) for fields in maps}
    return [path for path in SHARED.glob("sem.mp-*") if path.stat().st_ino in held]


@pytest.mark.skipif(not SHARED.is_dir(), reason="semaphores cannot be listed here")
@pytest.mark.parametrize(
    ("seconds", "fault"), [(120, CancelledError), pytest.param(15, DeadlineError, marks=pytest.mark.slow)]
)
def test_what_is_ended_leaves_no_semaphore(pool, tmp_path, seconds, fault):
    task = pool.submit(str(tmp_path), seconds)
    wait_for(lambda: working(tmp_path, "inner"))
    held = semaphores(working(tmp_path, "outer")[0])
    assert held
    if fault is CancelledError:
        task.cancel()
    with pytest.raises(fault):
        task.future.result(60)
    wait_for(lambda: not any(path.exists() for path in held), 20)
