"""What the server works on: jobs that are followed and taken back, deadlines, and many who ask at once."""

import io
import os
import signal
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serving import ANALYST, PAIR


def test_no_accepted_job_is_lost_with_its_worker(client, served):
    begun = client.post("/api/v1/jobs", json={"report": {"as_of": "2026-06-01"}}, headers=ANALYST)
    assert begun.status_code == 202, begun.text
    job = begun.headers["location"]
    while client.get(job).json()["state"] == "waiting":
        time.sleep(0.05)
    os.kill(served.hall.long.process_ids[0], signal.SIGTERM)
    with client.stream("GET", f"{job}/events") as stream:
        text = "".join(stream.iter_text())
    assert "event: end" in text
    assert client.get(job).json()["state"] == "done", client.get(job).json()
    packed = zipfile.ZipFile(io.BytesIO(client.get(f"{job}/result").content))
    assert {"report.html", "provenance.json"} <= set(packed.namelist())


def test_a_job_can_be_taken_back(client):
    job = client.post("/api/v1/jobs", json={"report": {"as_of": "2026-05-01"}}, headers=ANALYST).headers["location"]
    assert client.delete(job, headers=ANALYST).status_code == 202
    with client.stream("GET", f"{job}/events") as stream:
        assert "cancelled" in "".join(stream.iter_text())
    assert client.get(f"{job}/result").status_code == 409
    assert client.post("/api/v1/routes", json=PAIR).status_code == 200


def test_what_nobody_waits_for_is_not_worked_on(client, served):
    pool = served.hall.pools[1]
    assert client.post("/api/v1/solve", json={}).status_code == 200
    os.kill(pool.process_ids[0], signal.SIGSTOP)
    try:
        for day in ("2026-05-03", "2026-05-04"):  # the worker has the first; the second waits
            with pytest.raises(httpx.ReadTimeout):
                client.post("/api/v1/solve", json={"as_of": day}, timeout=0.2)
        (left,) = [task for *_, task in pool._waiting.queue]
        end = time.monotonic() + 60
        while not left.future.cancelled():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        os.kill(pool.process_ids[0], signal.SIGCONT)
    assert client.post("/api/v1/solve", json={"as_of": "2026-05-05"}).status_code == 200


def test_a_full_server_says_when_to_come_back(client, served):
    served.hall.pools[0]._limit, before = 0, served.hall.pools[0]._limit
    try:
        told = client.post("/api/v1/routes", json=PAIR | {"k": 7})
    finally:
        served.hall.pools[0]._limit = before
    assert told.status_code == 503
    assert int(told.headers["retry-after"]) > 0


def test_a_deadline_ends_the_work(client, served):
    from dataclasses import replace

    before = served.hall.settings
    served.hall.settings = replace(before, limits=replace(before.limits, quick_s=0.001))
    try:
        assert client.post("/api/v1/routes", json=PAIR | {"k": 9}).status_code == 503
    finally:
        served.hall.settings = before
    assert client.post("/api/v1/routes", json=PAIR | {"k": 9}).status_code == 200


def test_many_ask_at_once_and_all_are_answered(client, served):
    def ask(k):
        return httpx.post(f"http://127.0.0.1:{served.port}/api/v1/routes", json=PAIR | {"k": k % 5 + 1}, timeout=60)

    with ThreadPoolExecutor(16) as many:
        told = list(many.map(ask, range(48)))
    assert {t.status_code for t in told} == {200}
    assert all(t.json() == told[n % 5].json() for n, t in enumerate(told))
