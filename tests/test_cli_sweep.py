"""The command that sweeps a corridor: killed and gone on with, in processes and on a cluster, to the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from helpers import SUMMER

DRAWS = 128


def blocks(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


def words(package, out, *more):
    script = "import sys; from serai.cli import main; sys.exit(main())"
    asked = ("sweep", "NEWLINE", "--draws", str(DRAWS), "--out", str(out), "--package", str(package), "--json")
    return [sys.executable, "-c", script, *asked, "--as-of", SUMMER.isoformat(), *more]


def swept(package, out, *more):
    done = subprocess.run(words(package, out, *more), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def whole(sixplace_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("sweep") / "whole"
    answer = swept(sixplace_folder, out, "--workers", "1")
    assert len(blocks(out)) == DRAWS // 64
    assert answer["resumed_blocks"] == 0
    return answer, blocks(out)


@pytest.mark.slow
def test_a_sweep_killed_midway_goes_on_to_the_same_bytes(sixplace_folder, whole, tmp_path):
    out = tmp_path / "killed"
    process = subprocess.Popen(
        words(sixplace_folder, out, "--workers", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    give_up = time.monotonic() + 120
    while not blocks(out) and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)
    process.kill()
    process.wait()
    before = len(blocks(out))
    assert 1 <= before < DRAWS // 64, "the sweep was to be killed midway"
    answer = swept(sixplace_folder, out, "--workers", "2")
    # A worker may have been writing its block when the process ended.
    assert answer["resumed_blocks"] >= before
    assert blocks(out) == whole[1]
    apart = {"resumed_blocks", "folder"}
    assert {k: v for k, v in answer.items() if k not in apart} == {k: v for k, v in whole[0].items() if k not in apart}


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_cluster_of_two_workers_solves_the_corridor_to_the_same_bytes(sixplace_folder, whole, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        answer = swept(sixplace_folder, tmp_path / "dask", "--dask", cluster.scheduler_address)
    assert answer["failed"] == whole[0]["failed"]
    assert blocks(tmp_path / "dask") == whole[1]
