"""Who may do what: roles, tokens, sessions of a browser, and the log of what was written."""

import json
import re

import pytest

from serai.core.errors import InputError
from serai.server.access import read_tokens
from serving import ANALYST, PAIR, READER

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


def test_writes_are_in_the_audit_log(client, served):
    client.delete(f"/api/v1/overlays/{'0' * 64}", headers=ANALYST)
    path = served.hall.settings.audit
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123
        entries = [json.loads(line) for line in stream]
    assert any(e["who"] == "ann" and e["method"] == "DELETE" and e["status"] == 204 for e in entries)


@pytest.mark.parametrize("line", ["king k 012345678901234567890123", "reader r short", "reader r"])
def test_a_faulty_file_of_tokens_is_told(tmp_path, line):
    path = tmp_path / "tokens"
    path.write_text(f"# role name token\n{line}\n")
    with pytest.raises(InputError, match="line 2"):
        read_tokens(path)
