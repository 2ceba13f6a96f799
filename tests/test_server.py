"""The server as a client meets it: the same answers as the command line, roles, limits and what it refuses."""

import io
import json
import os
import re
import signal
import socket
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import openpyxl
import pytest

import serai
from serai.core.errors import InputError
from serai.freight.forms import answer_json
from serai.report.reader import reader
from serai.server.access import read_tokens
from serai.server.app import create_app
from serai.server.guard import host_of
from serai.server.said import words_of
from serai.server.settings import Limits, Settings
from serai.server.wire import protocol
from serai.server.workbooks import check_archive

TOKENS = {
    "reader-token-of-the-tests-1": ("reader", "rita"),
    "analyst-token-of-the-tests-1": ("analyst", "ann"),
    "reviewer-token-of-the-tests-1": ("reviewer", "ravi"),
}
READER, ANALYST, REVIEWER = ({"Authorization": f"Bearer {t}"} for t in TOKENS)
PAIR = {"origin": "INLAND", "destination": "HARBOR", "as_of": "2026-06-01"}


class Served:
    """A server in a thread of this process, with its workers."""

    def __init__(self, settings):
        import uvicorn

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.app = create_app(settings, warm=False)
        self.server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                host="127.0.0.1",
                port=self.port,
                log_level="critical",
                ws="none",
                http=protocol(settings.limits.head_s),
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    @property
    def hall(self):
        return self.app.state.hall

    def close(self):
        self.client.close()
        self.server.should_exit = True
        self.thread.join(timeout=20)


@pytest.fixture(scope="module")
def served(module_home, sixplace_folder):
    audit = module_home / "audit.log"
    found = Served(
        Settings(
            str(sixplace_folder),
            database=f"sqlite:///{module_home / 'ledger.db'}",
            tokens=TOKENS,
            audit=str(audit),
            limits=Limits(
                head_s=1.0, body_s=1.0, body_bytes=16_384, upload_bytes=65_536, requests_per_s=1e6, burst=1e6
            ),
        )
    )
    yield found
    found.close()


@pytest.fixture
def client(served):
    served.client.cookies.clear()
    return served.client


def test_routes_are_those_of_the_python_interface(client, sixplace):
    told = client.get("/api/v1/routes", params=PAIR)
    assert told.status_code == 200
    expected = answer_json(serai.routes(sixplace, "INLAND", "HARBOR", as_of="2026-06-01"))
    assert told.json() == json.loads(json.dumps(expected))
    assert client.post("/api/v1/routes", json=PAIR).json() == told.json()


def test_an_answer_is_not_sent_again(client):
    first = client.get("/api/v1/routes", params=PAIR)
    again = client.get("/api/v1/routes", params=PAIR, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/api/v1/routes", params=PAIR | {"k": 1}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_a_shut_border_changes_the_routes(client):
    open_ = client.post("/api/v1/routes", json=PAIR).json()["routes"]
    shut = open_[0]["borders"][0]
    changed = client.post("/api/v1/routes", json=PAIR | {"ops": [{"op": "close", "object": shut}]}).json()["routes"]
    assert all(shut not in r["borders"] for r in changed)


def test_status_scenarios_and_package(client, sixplace):
    board = client.get("/api/v1/status", params={"as_of": "2026-06-01"}).json()
    assert [e["object"] for e in board["entries"]] == [
        s.object for s in serai.status(sixplace, as_of="2026-06-01").sorted()
    ]
    assert {s["name"] for s in client.get("/api/v1/scenarios").json()["scenarios"]} == set(sixplace.scenarios)
    name = client.get("/api/v1/packages").json()["packages"][0]["name"]
    atlas = client.get(f"/api/v1/packages/{name}").json()
    assert {p["id"] for p in atlas["places"]} == set(sixplace["places"]["id"])
    assert set(atlas["boundaries"]["note"]) == {"en", "ru", "ur", "kk"}
    assert client.get("/api/v1/packages/other").status_code == 404


def test_an_answer_says_its_texts_in_the_language_that_is_asked_for(client):
    """The English stays as it is; what was taken down and never translated has no words."""
    plain = client.get("/api/v1/routes", params=PAIR)
    for lang, letters in (("ru", "[а-я]"), ("ur", "[\u0600-\u06ff]"), ("kk", "[а-яәіңғүұқөһ]")):
        told = client.get("/api/v1/routes", params=PAIR, headers={"Accept-Language": f"{lang}-XX,en;q=0.5"})
        said = told.json()["said"]
        assert {k: v for k, v in told.json().items() if k != "said"} == plain.json()
        assert set(said) >= {r["difference"] for r in plain.json()["routes"]}
        assert all(re.search(letters, text) for text in said.values())
        assert told.headers["etag"] != plain.headers["etag"]
        assert "Accept-Language" in told.headers["vary"]


def test_what_the_package_says_itself_comes_in_the_language_too(client):
    board = client.get("/api/v1/status", params={"as_of": "2026-06-01"}, headers={"Accept-Language": "ru"}).json()
    assert board["said"]["landslide"] == "оползень"
    name = client.get("/api/v1/packages").json()["packages"][0]["name"]
    atlas = client.get(f"/api/v1/packages/{name}", headers={"Accept-Language": "kk"}).json()
    assert atlas["said"]["Faster posts at High Pass"] == "Асудағы жылдам бекеттер"
    assert "Broad gauge to Old Port" not in atlas["said"]


def test_a_kind_of_claim_is_said_as_words(sixplace):
    assert words_of(reader("ru", sixplace), ("trade_volume", "kind_of_nobody")) == {"trade_volume": "объём торговли"}


@pytest.mark.parametrize("header", ["en-GB,ru;q=0.9", "de, fr;q=0.3", "", "*", ";;,", "r"])
def test_english_is_the_answer_where_no_other_language_is_asked_first(client, header):
    told = client.get("/api/v1/routes", params=PAIR, headers={"Accept-Language": header})
    assert told.status_code == 200
    assert "said" not in told.json()


def test_two_cases_stand_side_by_side(client, sixplace):
    shut = {"as_of": "2025-06-01", "ops": [{"op": "close", "object": "HIGHPASS"}]}
    same = client.post("/api/v1/compare", json={"a": {"as_of": "2025-06-01"}, "b": {"as_of": "2025-06-01"}}).json()
    assert all(g["gain_usd_m"] == 0 for g in same["gains"])
    assert {d["change"]["usd_per_t"] for d in same["pairs"]} == {0}
    asked = {"a": {"as_of": "2025-06-01"}, "b": shut, "pairs": [["Inland", "HARBOR"]]}
    there = client.post("/api/v1/compare", json=asked).json()
    back = client.post("/api/v1/compare", json=asked | {"a": shut, "b": {"as_of": "2025-06-01"}}).json()
    assert there["pairs"][0]["change"]["generalized"] == -back["pairs"][0]["change"]["generalized"] > 0
    gained = {g["economy"]: g["gain_usd_m"] for g in there["gains"]}
    assert set(gained) == set(sixplace["economies"]["id"])
    assert gained == pytest.approx({g["economy"]: -g["gain_usd_m"] for g in back["gains"]})
    assert sum(gained.values()) < 0
    assert client.post("/api/v1/solve", json=shut).json()["gains"] == there["gains"]


def test_a_decision_is_worked_out_once_and_then_known(client):
    day = {"as_of": "2026-05-02"}
    assert client.get("/api/v1/decision", params=day).json() == {"decision": None}
    job = client.post("/api/v1/jobs", json={"decision": day}, headers=ANALYST).headers["location"]
    with client.stream("GET", f"{job}/events") as stream:
        assert "event: end" in "".join(stream.iter_text())
    found = client.get(f"{job}/result").json()["decision"]
    assert {c["name"] for c in found["choices"]} == {"build all", "stage one", "study and wait", "decline"}
    assert all(s["would_have_to"] for s in found["score"] if s["verdict"] != "pass")
    assert {r["member"] for r in found["tables"]["decision_coalition"]} == {"XLA", "XCO"}
    assert client.get("/api/v1/decision", params=day).json()["decision"] == found


@pytest.mark.parametrize(
    "body",
    [
        PAIR | {"origin": "NOWHERE AT ALL"},
        PAIR | {"scenario": "../../../etc/passwd"},
        PAIR | {"scenario": "/etc/passwd"},
        PAIR | {"as_of": "2026-02-31"},
        PAIR | {"k": 0},
        PAIR | {"k": True},
        PAIR | {"extra": 1},
        PAIR | {"ops": [{"op": "close", "object": "NOTHING"}]},
        PAIR | {"ops": [{"op": "close", "object": "HIGHPASS"}] * 201},
        PAIR | {"overlays": ["0" * 64]},
        PAIR | {"origin": "\x00"},
        PAIR | {"commodity": "nothing of that name", "load_t": 9.0},
        PAIR | {"container": "40HC", "load_t": 1e-200},
    ],
)
def test_a_mistake_is_told_with_its_remedy(client, body):
    told = client.post("/api/v1/routes", json=body)
    assert told.status_code == 422
    assert set(told.json()) == {"detail", "remedy"}
    assert "Traceback" not in told.text
    assert "root:" not in told.text


WRITES = [
    ("POST", "/api/v1/overlays", "analyst"),
    ("DELETE", f"/api/v1/overlays/{'0' * 64}", "analyst"),
    ("POST", "/api/v1/jobs", "analyst"),
    ("DELETE", f"/api/v1/jobs/{'0' * 32}", "analyst"),
    ("POST", "/api/v1/articles", "analyst"),
    ("POST", "/api/v1/status", "reviewer"),
    ("POST", "/api/v1/ledger/x/review", "reviewer"),
    ("DELETE", "/api/v1/session", "reader"),
]


@pytest.mark.parametrize(("method", "path", "role"), WRITES)
def test_every_write_needs_its_role(client, method, path, role):
    assert client.request(method, path, json={}).status_code == 401
    assert client.request(method, path, json={}, headers={"Authorization": "Bearer wrong"}).status_code == 401
    lower = {"analyst": READER, "reviewer": ANALYST}.get(role)
    if lower:
        assert client.request(method, path, json={}, headers=lower).status_code == 403


def test_the_list_of_writes_is_whole(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    public = {f"/api/v1/{p}" for p in ("routes", "solve", "compare", "check", "words", "session")}
    found = {
        (m.upper(), p) for p, ops in paths.items() for m in ops if m != "get" and not (m == "post" and p in public)
    }
    listed = {
        (m, re.sub(r"0{32}$", "{name}", re.sub(r"0{64}", "{key}", p)).replace("ledger/x", "ledger/{claim}"))
        for m, p, _ in WRITES
    }
    assert found == listed


def test_a_browser_session_needs_the_value_no_other_site_knows(client):
    assert client.post("/api/v1/session", json={"token": "wrong"}).status_code == 401
    opened = client.post("/api/v1/session", json={"token": "analyst-token-of-the-tests-1"})
    assert opened.json()["role"] == "analyst"
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.delete(f"/api/v1/overlays/{'0' * 64}").status_code == 403
    csrf = {"X-Serai-CSRF": opened.json()["csrf"]}
    assert client.delete(f"/api/v1/overlays/{'0' * 64}", headers=csrf).status_code == 204
    assert client.delete("/api/v1/session", headers=csrf).status_code == 204
    assert client.get("/api/v1/session").json()["role"] == ""


@pytest.mark.parametrize(
    "head",
    [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_another_site_cannot_write(client, head):
    assert client.post("/api/v1/routes", json=PAIR, headers=head).status_code == 403


@pytest.mark.parametrize("name", ["rebound.example", "127.0.0.1.example", "localhost@evil.example", ""])
def test_another_name_is_not_answered(client, name):
    assert client.get("/api/v1/status", headers={"Host": name}).status_code == 421


def test_hosts_are_read_without_port_and_brackets():
    assert [host_of(h) for h in ("a:1", "A", "[::1]:8", "[::1]")] == ["a", "a", "::1", "::1"]


def test_only_embedded_pages_may_be_framed(client):
    for path in ("/", "/api/v1/status", "/nothing"):
        head = client.get(path).headers
        assert "frame-ancestors 'none'" in head["content-security-policy"]
        assert head["x-frame-options"] == "DENY"
    head = client.get("/embed/map").headers
    assert "frame-ancestors *" in head["content-security-policy"]
    assert "set-cookie" not in head
    for head in (client.get(p).headers for p in ("/", "/embed/map")):
        assert "unsafe" not in head["content-security-policy"]
        assert head["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/settings.py", "/assets/..%2f..%2fapp.py", "/app.py"])
def test_only_files_of_the_page_can_be_named(client, path):
    assert client.get(path).status_code == 404


def test_what_is_asked_comes_back_as_data_only(client):
    told = client.get("/api/v1/routes", params=PAIR | {"origin": "<script>alert(1)</script>"})
    assert told.headers["content-type"] == "application/json"
    assert told.headers["x-content-type-options"] == "nosniff"


def test_too_much_is_refused_declared_or_not(client):
    assert client.post("/api/v1/check", json={"text": "x" * 20_000}).status_code == 413
    parts = (b"x" * 4096 for _ in range(8))
    assert client.post("/api/v1/check", content=parts).status_code == 413


def test_a_slow_request_is_given_up(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
        assert b" 408 " in line.recv(200)


def drip(line, text, pause_s=0.1):
    """Send signs one by one until the other side ends the connection; what it said."""
    line.settimeout(0.01)
    for sign in text:
        try:
            line.sendall(sign)
            if said := line.recv(4096):
                return said
            return b""
        except TimeoutError:
            time.sleep(pause_s)
        except OSError:
            return b""
    return None


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_slow_head_is_given_up_however_often_a_sign_arrives(served, first):
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        if first:
            line.sendall(first)
            assert b" 200 " in line.recv(4096)
        said = drip(line, (b"%c" % (97 + n % 26) for n in range(600)))
    assert said is not None
    assert b" 200 " not in said


def test_connections_that_say_nothing_are_ended_and_others_served(served, client):
    lines = [socket.create_connection(("127.0.0.1", served.port), timeout=10) for _ in range(50)]
    assert client.get("/healthz").status_code == 200
    assert all(b" 408 " in line.recv(200) for line in lines)
    for line in lines:
        line.close()


def test_a_huge_head_is_refused(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000)
        said = b"HTTP/1.1 400"
        with suppress(ConnectionResetError):
            said = line.recv(200)
    assert said.split()[1] in {b"400", b"431"}


def test_a_connection_may_be_kept(served):
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}") as kept:
        for _ in range(3):
            assert kept.get("/healthz").status_code == 200
            time.sleep(0.6)


def test_yaml_is_not_read(client):
    bomb = b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
    told = client.post("/api/v1/solve", content=bomb, headers={"Content-Type": "application/yaml"})
    assert told.status_code == 422


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def test_a_bomb_is_no_workbook():
    check_archive(zipped(a="small"))
    with pytest.raises(InputError, match="too large"):
        check_archive(zipped(a=b"\0" * 20_000_000))
    with pytest.raises(InputError, match="too large"):
        check_archive(zipped(**{f"f{i}": "" for i in range(600)}))
    with pytest.raises(InputError, match=r"no \.xlsx"):
        check_archive(b"PK no")


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">%s]><workbook>&l9;</workbook>""" % b"".join(
    b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) if n else b"&a;") * 10) for n in range(10)
)


def test_bombs_are_refused_where_they_arrive(client):
    head = ANALYST | {"X-File-Name": "own.xlsx", "Content-Type": "application/octet-stream"}
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    with zipfile.ZipFile(made) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for name, content in {
        "xl/media/a": b"\0" * 20_000_000,
        "xl/workbook.xml": LAUGHS,
        "[Content_Types].xml": LAUGHS,
    }.items():
        told = client.post("/api/v1/overlays", content=zipped(**{**parts, name: content}), headers=head)
        assert told.status_code == 422, told.text
        assert set(told.json()) == {"detail", "remedy"}
    assert client.get("/healthz").status_code == 200


def test_a_workbook_changes_answers_and_nothing_else(client):
    own = b"table,id,column,value\ncrossings,%s,hours,500\n"
    atlas = client.get(f"/api/v1/packages/{client.get('/api/v1/packages').json()['packages'][0]['name']}").json()
    before = client.post("/api/v1/routes", json=PAIR).json()
    gate = before["routes"][0]["borders"][0]
    row = next(c["id"] for c in atlas["crossings"] if c["place"] == gate).encode()
    head = ANALYST | {"X-File-Name": "own.csv", "Content-Type": "application/octet-stream"}
    held = client.post("/api/v1/overlays", content=own % row, headers=head)
    assert held.status_code == 201, held.text
    assert held.json()["rows_changed"]["crossings"] == 1
    with_own = client.post("/api/v1/routes", json=PAIR | {"overlays": [held.json()["id"]]}).json()
    assert with_own["package"]["overlays"] == ["own.csv"]
    assert with_own["package"]["digest"] != before["package"]["digest"]
    assert client.post("/api/v1/routes", json=PAIR).json() == before
    wrong = client.post("/api/v1/overlays", content=b"table,id\nx,y\n", headers=head)
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("own.csv: 1 fault")


def test_writes_are_in_the_audit_log(client, served):
    client.delete(f"/api/v1/overlays/{'0' * 64}", headers=ANALYST)
    path = served.app.state.settings.audit
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123
        entries = [json.loads(line) for line in stream]
    assert any(e["who"] == "ann" and e["method"] == "DELETE" and e["status"] == 204 for e in entries)


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


def test_too_many_requests_wait(sixplace_folder):
    from serai.server.guard import Guard

    guard = Guard(lambda *_: None, Settings(str(sixplace_folder), limits=Limits(requests_per_s=0.1, burst=2)), print)
    scope = {"path": "/api/v1/x", "client": ("192.0.2.1", 1)}
    assert [guard._wait_s(scope) > 0 for _ in range(3)] == [False, False, True]
    assert guard._wait_s(scope | {"client": ("192.0.2.2", 1)}) == 0
    assert guard._wait_s(scope | {"path": "/assets/x"}) == 0


@pytest.mark.parametrize("line", ["king k 012345678901234567890123", "reader r short", "reader r"])
def test_a_faulty_file_of_tokens_is_told(tmp_path, line):
    path = tmp_path / "tokens"
    path.write_text(f"# role name token\n{line}\n")
    with pytest.raises(InputError, match="line 2"):
        read_tokens(path)
