"""A sweep gives the same bytes whole, stopped, killed, here, in processes and on a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from serai.core.errors import InputError, MissingPartError
from serai.core.executors import Dask, Processes, Serial, WorkerLostError
from serai.feasibility.sweep import NOT_FINITE, run_sweep
from serai.feasibility.uncertainty import joined, own_factors
from sweepmodel import FACTORS, Toy


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One uninterrupted sweep in processes."""
    folder = tmp_path_factory.mktemp("whole")
    result = run_sweep(Toy(), FACTORS, 512, folder, executor=Processes(2))
    return result, contents(folder)


def test_failures_are_counted_with_their_reason(whole):
    result, _ = whole
    failed = sum(result.failures.values())
    assert set(result.failures) == {"no equilibrium. residual 0.05", NOT_FINITE}
    assert np.isnan(result["npv_usd"]).sum() == failed == sum(bool(r) for r in result.reasons)
    assert result.mean == pytest.approx(np.nanmean(result.values, axis=0), rel=1e-12)


def test_here_and_in_processes_are_the_same_bytes(whole, tmp_path):
    result = run_sweep(Toy(), FACTORS, 512, tmp_path, executor=Serial())
    assert contents(tmp_path) == whole[1]
    assert (result.mean == whole[0].mean).all()


def test_a_short_sweep_is_the_beginning_of_a_long_one(whole, tmp_path):
    short = run_sweep(Toy(), FACTORS, 128, tmp_path, executor=Serial())
    assert contents(tmp_path).items() <= whole[1].items()
    longer = run_sweep(Toy(), FACTORS, 512, tmp_path, executor=Serial())
    assert (short.resumed, longer.resumed) == (0, 2)
    assert contents(tmp_path) == whole[1]


def test_a_killed_worker_is_replaced_and_changes_nothing(whole, tmp_path):
    marker = tmp_path / "died"
    run_sweep(Toy(die=str(marker)), FACTORS, 512, tmp_path / "out", executor=Processes(2))
    assert marker.exists()
    assert contents(tmp_path / "out") == whole[1]


def test_workers_that_always_end_are_an_error_not_a_loop(tmp_path):
    with pytest.raises(WorkerLostError, match="ended 2 times"):
        run_sweep(Toy(die_always=True), FACTORS, 64, tmp_path, executor=Processes(1, retries=1))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="asks the system for a process by a signal")
def test_a_killed_sweep_goes_on_to_the_same_bytes(whole, tmp_path):
    out, pids, hold = (tmp_path / name for name in ("out", "pids", "hold"))
    pids.mkdir()
    hold.mkdir()
    script = str(Path(__file__).with_name("sweepmodel.py"))
    process = subprocess.Popen([sys.executable, script, str(out), str(pids), str(hold)])
    give_up = time.monotonic() + 60
    while len(contents(out)) < 2 and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = contents(out)
    assert 2 <= len(before) < 8, "the sweep was to be killed midway"
    workers = [int(p.name) for p in pids.iterdir()]
    while any(alive(p) for p in workers) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert workers
    assert not any(alive(p) for p in workers), "workers outlive the process that started them"
    result = run_sweep(Toy(), FACTORS, 512, out, executor=Processes(2))
    assert result.resumed == len(before)
    assert contents(out) == whole[1]


@pytest.mark.parametrize("damage", ["truncated", "other", "empty"])
def test_a_damaged_or_foreign_block_is_solved_again(whole, tmp_path, damage):
    run_sweep(Toy(), FACTORS, 128, tmp_path, executor=Serial())
    first, second = sorted(tmp_path.rglob("*.parquet"))
    first.write_bytes({"truncated": first.read_bytes()[:-20], "other": second.read_bytes(), "empty": b""}[damage])
    assert run_sweep(Toy(), FACTORS, 128, tmp_path, executor=Serial()).resumed == 1
    assert contents(tmp_path).items() <= whole[1].items()


def test_other_figures_or_another_seed_is_another_sweep(whole, tmp_path):
    other = joined(FACTORS, own_factors({"z": (1.0, 2.0, 3.0)}, "own"))
    run_sweep(Toy(), FACTORS, 64, tmp_path, seed=1, executor=Serial())
    run_sweep(Toy(), FACTORS, 64, tmp_path, seed=0, executor=Serial())
    assert len({p.parent for p in tmp_path.rglob("*.parquet")}) == 2
    assert len(other) == 6


def test_a_model_without_names_is_refused(tmp_path):
    class Nameless(Toy):
        outputs = ("draw",)

    with pytest.raises(InputError, match="names"):
        run_sweep(Nameless(), FACTORS, 64, tmp_path, executor=Serial())


def test_no_scheduler_is_one_line(tmp_path):
    with pytest.raises(InputError, match="No Dask scheduler"):
        run_sweep(Toy(), FACTORS, 64, tmp_path, executor=Dask("tcp://127.0.0.1:1", timeout_s=0.5))


def test_dask_that_is_not_installed_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPartError, match="serai\\[distributed\\]"):
        run_sweep(Toy(), FACTORS, 64, tmp_path, executor=Dask("tcp://127.0.0.1:1"))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_cluster_of_two_workers_gives_the_same_bytes(whole, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        run_sweep(Toy(), FACTORS, 512, tmp_path / "a", executor=Dask(cluster.scheduler_address))
        marker = tmp_path / "died"
        run_sweep(Toy(die=str(marker)), FACTORS, 512, tmp_path / "b", executor=Dask(cluster.scheduler_address))
        assert marker.exists()
    assert contents(tmp_path / "a") == whole[1]
    assert contents(tmp_path / "b") == whole[1]
