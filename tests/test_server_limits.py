"""What the server refuses: other names, too much, too slow, and files that would burst."""

import io
import socket
import time
import zipfile
from contextlib import suppress

import httpx
import openpyxl
import pytest

from serai.core.errors import InputError
from serai.server.guard import host_of
from serai.server.settings import Limits, Settings
from serai.server.workbooks import check_archive
from serving import ANALYST, PAIR


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


def test_too_many_requests_wait(sixplace_folder):
    from serai.server.guard import Guard

    guard = Guard(lambda *_: None, Settings(str(sixplace_folder), limits=Limits(requests_per_s=0.1, burst=2)), print)
    scope = {"path": "/api/v1/x", "client": ("192.0.2.1", 1)}
    assert [guard._wait_s(scope) > 0 for _ in range(3)] == [False, False, True]
    assert guard._wait_s(scope | {"client": ("192.0.2.2", 1)}) == 0
    assert guard._wait_s(scope | {"path": "/assets/x"}) == 0
