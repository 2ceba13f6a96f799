"""The server as a client meets it: the same answers as the command line and the Python interface."""

import json
import re

import pytest

import serai
from serai.core.errors import InputError
from serai.freight.forms import answer_json
from serai.report.reader import reader
from serai.server.said import words_of
from serving import ANALYST, PAIR


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


def test_goods_that_are_not_those_of_the_code_are_one_error_everywhere(client, run, sixplace, sixplace_folder):
    with pytest.raises(InputError) as fault:
        serai.routes(sixplace, "INLAND", "HARBOR", commodity="grain", hs="5201", as_of="2026-06-01")
    told = client.get("/api/v1/routes", params=PAIR | {"commodity": "grain", "hs": "5201"})
    assert told.status_code == 422
    assert told.json() == {"detail": fault.value.what, "remedy": fault.value.remedy}
    words = ("INLAND", "HARBOR", "-p", sixplace_folder, "-c", "grain", "--hs", "5201")
    assert run("routes", *words) == (2, "", f"serai: {fault.value}\n")
    agreeing = client.get("/api/v1/routes", params=PAIR | {"commodity": "grain", "hs": "10"})
    assert agreeing.json() == client.get("/api/v1/routes", params=PAIR | {"hs": "10"}).json()


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
