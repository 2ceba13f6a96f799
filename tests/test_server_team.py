"""A team's ledger: backed up while in use, restored into another kind of database, served from PostgreSQL."""

import gzip

import pytest

from postgres import database, server
from serai.core.errors import InputError
from serai.evidence.ledger.backup import backup, restore
from serai.evidence.ledger.store import open_ledger
from serai.server.settings import Limits, Settings
from serving import ANALYST, REVIEWER, TOKENS, Served

SAID = "INLAND, 12 March 2025. Trade between Laria and Costa reached $400 million in 2024, officials said."


@pytest.fixture(scope="module")
def postgres():
    with server() as address:
        yield address


@pytest.fixture
def used(sixplace_folder, postgres):
    """Address of a PostgreSQL ledger that a server has written to, and the claim that was judged."""
    with database(postgres) as address:
        found = Served(Settings(str(sixplace_folder), database=address, tokens=TOKENS, limits=Limits(quick_s=120)))
        taken = found.client.post("/api/v1/articles", json={"text": SAID}, headers=ANALYST, timeout=120)
        assert taken.status_code == 201, taken.text
        claim = taken.json()["claims"][0]
        word = {"evidence": "trade_totals", "reject": True, "why": "no such figure"}
        judged = found.client.post(f"/api/v1/ledger/{claim}/review", json=word, headers=REVIEWER, timeout=120)
        assert judged.status_code == 200, judged.text
        yield address, claim
        found.close()


def closed(address, work, *more):
    ledger = open_ledger(address)
    try:
        return work(ledger, *more)
    finally:
        ledger.engine.dispose()


@pytest.mark.slow
def test_a_ledger_goes_from_one_database_to_another_and_back(used, tmp_path, postgres):
    address, claim = used
    first, second, third = (tmp_path / f"{n}.gz" for n in "abc")
    rows = closed(address, backup, first)
    assert rows > 10
    assert claim in gzip.decompress(first.read_bytes()).decode()
    lite = f"sqlite:///{tmp_path / 'copy.db'}"
    assert closed(lite, restore, first) == rows
    closed(lite, backup, second)
    assert second.read_bytes() == first.read_bytes()
    with database(postgres) as other:
        assert closed(other, restore, second) == rows
        closed(other, backup, third)
        assert third.read_bytes() == first.read_bytes()
        from serai.evidence.ledger.review import read_docket

        assert claim in closed(other, lambda ledger: read_docket(ledger).claims)
    with pytest.raises(InputError, match="not empty"):
        closed(lite, restore, first)


@pytest.mark.parametrize(
    "fault", [lambda b: b[:-20], lambda _: b"no", lambda b: gzip.compress(gzip.decompress(b)[:-14])]
)
def test_a_cut_backup_is_not_restored(tmp_path, fault):
    whole, broken = tmp_path / "whole.gz", tmp_path / "broken.gz"
    closed(f"sqlite:///{tmp_path / 'a.db'}", backup, whole)
    broken.write_bytes(fault(whole.read_bytes()))
    with pytest.raises(InputError, match="no whole backup"):
        closed(f"sqlite:///{tmp_path / 'b.db'}", restore, broken)
