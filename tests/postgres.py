"""A PostgreSQL server for tests, thrown away with them; what tests on two databases share.

SERAI_TEST_PG (an address of a server, such as postgresql://postgres@127.0.0.1/postgres) names one that runs;
otherwise one is started where its programs are installed. SERAI_POSTGRES=require makes a missing server a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

MISSING = "no PostgreSQL server: its programs are not installed and SERAI_TEST_PG names none"


def _program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def _as_owner() -> dict[str, object]:
    """The server refuses to run as root."""
    return {"user": "postgres"} if hasattr(os, "geteuid") and os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def server():
    """Address of a running server; None where there is none."""
    if given := os.environ.get("SERAI_TEST_PG"):
        yield given.replace("postgresql://", "postgresql+psycopg://")
        return
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="serai-pg-"))
    owner, port = _as_owner(), _free_port()
    if owner:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **owner}
    try:
        subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"], check=True, **quiet
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        subprocess.run([pg_ctl, "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"], check=True, **quiet)
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "stop"], check=False, **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(address: str | None):
    """Address of a new, empty database on a server; the test is skipped, or fails, where there is no server."""
    if address is None:
        if os.environ.get("SERAI_POSTGRES") == "require":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)
    name = f"t_{uuid.uuid4().hex}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    try:
        yield address.replace("+psycopg", "").rsplit("/", 1)[0] + f"/{name}"
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
        engine.dispose()
