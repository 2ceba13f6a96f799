"""The ledger on both databases: nothing is lost, nothing is overwritten, nobody judges alone."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from postgres import database, server
from serai.core.errors import InputError
from serai.evidence.ledger import models
from serai.evidence.ledger.entries import Book, Source, package_book, read_book, settle, sync_package, write_book
from serai.evidence.ledger.intake import all_claimed
from serai.evidence.ledger.promises import Entry, Milestone
from serai.evidence.ledger.review import (
    Claimed,
    Correction,
    Opinion,
    Reply,
    give_opinion,
    proposed_status,
    read_docket,
    write_claims,
    write_correction,
    write_reply,
)
from serai.evidence.ledger.scales import NEED_TWO
from serai.evidence.ledger.store import HEAD, ChangedError, Ledger, LedgerError, migrate, open_ledger
from serai.evidence.ledger.view import history, show
from serai.evidence.types import Article, Check, Claim, Materiality, Modality, Span, Verdict

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
DAY = NOW.date()
PAGE = Source("page", "A page", "A paper", "2025-05-27", "https://example.org/page")
SRC = Path(__file__).parents[1] / "src"


@pytest.fixture(scope="session")
def pg():
    with server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path, pg):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    else:
        with database(pg) as made:
            yield made


@pytest.fixture
def ledger(address):
    opened = open_ledger(address)
    yield opened
    opened.engine.dispose()


def entry(name: str, **changes) -> Entry:
    made = Entry(
        name, "target", ("XLA", "XCO"), {"en": f"Title of {name}", "ru": "", "ur": "", "kk": ""}, "2025-01", "", 1.0,
        "USD m", "", None, "", ("page",), "reported", "", "R",
    )  # fmt: skip
    return replace(made, **changes)


def milestone(name: str, of: str, **changes) -> Milestone:
    what = {"en": "It is done", "ru": "", "ur": "", "kk": ""}
    made = Milestone(name, of, what, dt.date(2026, 1, 1), 30, "", None, "", ("page",), "derived", "Because.", "R")
    return replace(made, **changes)


def book(*records) -> Book:
    return Book(
        {r.id: r for r in records if isinstance(r, Entry)},
        {r.id: r for r in records if isinstance(r, Milestone)},
        {"page": PAGE},
    )


def claim(name: str = "a1-c1", **changes) -> Claimed:
    made = Claimed(
        name, PAGE, "en", "relationship-duration", "actual", {"value": 35}, "a 35-year relationship", "An envoy",
        dt.date(2025, 5, 27), "contradicted", "contradicted", "minor", ("facts/1",), "2025 - 1992 = 33", "Since when?",
        "rules",
    )  # fmt: skip
    return replace(made, **changes)


def opinion(reviewer: str, verdict: str = "contradicted", name: str = "a1-c1", **changes) -> Opinion:
    made = Opinion(name, "accept", verdict, verdict, "minor", "33 years.", PAGE, DAY, reviewer)
    return replace(made, **changes)


# ------------------------------------------------------------------------------------------------------ schema


def test_migrations_make_what_the_models_say(ledger):
    with ledger.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.metadata) == []


def test_the_program_and_the_last_migration_agree():
    config = Config()
    config.set_main_option("script_location", str(SRC / "serai/evidence/ledger/migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_schema_goes_down_and_up_again(ledger):
    write_book(ledger, book(entry("A")), "x", NOW)
    migrate(ledger, "base")
    with ledger.reading() as connection:
        assert not set(models.metadata.tables) & set(
            connection.execute(
                text(
                    "select name from sqlite_master"
                    if connection.dialect.name == "sqlite"
                    else "select tablename from pg_tables where schemaname = 'public'"
                )
            ).scalars()
        )
    migrate(ledger)
    assert read_book(ledger).entries == {}
    write_book(ledger, book(entry("A")), "x", NOW)
    assert list(read_book(ledger).entries) == ["A"]


def test_opening_again_keeps_everything(address):
    first = open_ledger(address)
    write_book(first, book(entry("A")), "x", NOW)
    first.engine.dispose()
    again = open_ledger(address)
    assert list(read_book(again).entries) == ["A"]
    again.engine.dispose()


def test_a_ledger_of_a_newer_program_is_refused(ledger, address):
    with ledger.writing() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(LedgerError, match="newer"):
        open_ledger(address)


@pytest.mark.parametrize("table", models.APPEND_ONLY)
@pytest.mark.parametrize("what", ["update", "delete"])
def test_no_row_is_ever_changed_or_deleted(filled, table, what):
    first = models.metadata.tables[table].columns.keys()[0]
    rows = models.metadata.tables[table]
    statement = rows.delete() if what == "delete" else rows.update().values({first: rows.c[first]})
    count = select(func.count()).select_from(rows)
    with filled.engine.connect() as connection:
        before = connection.execute(count).scalar()
        assert before > 0
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(statement)
        connection.rollback()
        assert connection.execute(count).scalar() == before


@pytest.fixture
def filled(ledger) -> Ledger:
    write_book(ledger, book(entry("A"), entry("B", variant_of="A"), milestone("A.m", "A")), "x", NOW)
    write_claims(ledger, (claim(),), "x", NOW)
    give_opinion(ledger, opinion("Ann"), NOW)
    give_opinion(ledger, opinion("Bo"), NOW)
    write_reply(ledger, Reply("a1-c1", "The envoy", "I rounded.", DAY, PAGE), "Ann", NOW)
    write_correction(ledger, Correction("A", "1", "2", "A slip.", DAY, "Ann"), NOW)
    return ledger


# -------------------------------------------------------------------------------------------- writing, two at once


def test_what_is_written_is_read_back_and_not_written_twice(ledger):
    content = book(entry("A"), entry("A1", variant_of="A"), milestone("A.m", "A"))
    assert write_book(ledger, content, "x", NOW) == 3
    assert write_book(ledger, content, "x", NOW) == 0
    assert read_book(ledger) == content
    assert [v.id for v in read_book(ledger).variants("A")] == ["A1"]


def test_a_change_is_a_new_version_and_the_old_one_stays(ledger):
    write_book(ledger, book(entry("A")), "x", NOW)
    write_book(ledger, book(entry("A", value=2.0)), "y", NOW)
    assert read_book(ledger).entries["A"].value == 2.0
    assert [(h["version"], h["recorded_by"]) for h in history(ledger, "A")] == [(1, "x"), (2, "y")]


@pytest.mark.parametrize("words", ["'); DROP TABLE entry; --", '" OR 1=1 --', "%s :id {0} \\'; COMMIT", "a\u200cb'"])
def test_words_that_look_like_sql_are_words(ledger, words):
    content = book(entry("A", title={"en": words, "ru": words, "ur": "", "kk": ""}, note=words))
    write_book(ledger, content, words, NOW)
    assert read_book(ledger) == content
    assert [h["recorded_by"] for h in history(ledger, "A")] == [words]
    assert history(ledger, words) == []


def test_a_writer_who_saw_an_older_state_is_refused(ledger):
    write_book(ledger, book(entry("A")), "x", NOW)
    seen = read_book(ledger)
    write_book(ledger, book(entry("A", value=2.0)), "y", NOW, keep=seen)
    with pytest.raises(ChangedError, match="somebody else"):
        write_book(ledger, book(entry("A", value=3.0)), "z", NOW, keep=seen)
    assert read_book(ledger).entries["A"].value == 2.0


def test_with_one_fault_nothing_is_written(ledger):
    with pytest.raises(LedgerError):
        write_book(ledger, book(entry("A"), entry("B", basis="hearsay")), "x", NOW)
    assert read_book(ledger).entries == {}


def test_many_writers_at_once_lose_nothing(address):
    open_ledger(address).engine.dispose()
    faults = []

    def work(who: int) -> None:
        own = open_ledger(address)
        try:
            for n in range(8):
                write_book(own, book(entry(f"W{who}-{n}")), f"w{who}", NOW)
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)
        finally:
            own.engine.dispose()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert faults == []
    last = open_ledger(address)
    assert len(read_book(last).entries) == 24
    last.engine.dispose()


def test_two_who_open_a_new_ledger_at_once_make_it_once(address):
    faults = []

    def work() -> None:
        try:
            open_ledger(address).engine.dispose()
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert faults == []


KILLED = """
import datetime as dt, os, sys
sys.path.insert(0, {tests!r})
from test_evidence_ledger import NOW, book, entry
from serai.evidence.ledger import entries
from serai.evidence.ledger.store import open_ledger
ledger = open_ledger({address!r})
entries.write_book(ledger, book(entry("before")), "x", NOW)
with ledger.writing() as connection:
    entries.add_source(connection, book().sources["page"])
    entries.write_entry(connection, entry("half"), "x", NOW)
    os.write(1, b"written, not committed\\n")
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed by signal 9")
def test_a_kill_during_a_write_leaves_what_was_committed_and_nothing_half(address):
    program = KILLED.format(tests=str(Path(__file__).parent), address=address)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    assert "written, not committed" in done.stdout
    after = open_ledger(address)
    assert list(read_book(after).entries) == ["before"]
    write_book(after, book(entry("next")), "x", NOW)
    assert list(read_book(after).entries) == ["before", "next"]
    after.engine.dispose()


FULL_PG = """
create function full_up() returns trigger language plpgsql as
$$ begin if new.id = 'last' then raise exception 'could not extend file: No space left on device'
using errcode = '53100'; end if; return new; end $$
"""


def test_a_full_disk_is_told_and_loses_nothing(address):
    opened = open_ledger(address)
    write_book(opened, book(entry("A")), "x", NOW)
    many = [entry(f"F{n}", note="x" * 3900) for n in range(40)]
    if opened.engine.dialect.name == "sqlite":
        with opened.engine.connect() as connection:
            pages = connection.execute(text("pragma page_count")).scalar()
        listen(opened.engine, "connect", lambda raw, _: raw.execute(f"pragma max_page_count = {pages + 3}"))
    else:
        with opened.writing() as connection:
            connection.execute(text(FULL_PG))
            connection.execute(text("create trigger f before insert on entry for each row execute function full_up()"))
        many.append(entry("last"))
    with pytest.raises(LedgerError, match=r"(full|space).*Make room"):
        write_book(opened, book(*many), "x", NOW)
    opened.engine.dispose()
    again = open_ledger(address)
    assert list(read_book(again).entries) == ["A"]
    again.engine.dispose()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [("mysql://h/x", "mysql"), ("nonsense", "no address"), ("sqlite:////proc/nowhere/x.sqlite", "cannot be made|open")],
)
def test_a_wrong_address_is_one_line(wrong, word):
    with pytest.raises((InputError, LedgerError), match=word):
        open_ledger(wrong)


def test_a_password_is_never_in_a_message():
    with pytest.raises(LedgerError) as told:
        open_ledger("postgresql://someone:secret@127.0.0.1:1/none")
    assert "secret" not in str(told.value)


# ------------------------------------------------------------------------------------------------- provenance


def test_nothing_stands_without_its_source(ledger):
    with pytest.raises(LedgerError, match=r"(?i)not.null"):
        write_book(ledger, book(entry("A", sources=())), "x", NOW)
    with pytest.raises(LedgerError, match=r"(?i)foreign key"):
        write_book(ledger, Book({"A": entry("A", sources=("nowhere",))}, {}, {}), "x", NOW)


@pytest.mark.parametrize("column", ["verdict_then", "verdict_now"])
@pytest.mark.parametrize("hard", NEED_TWO)
@pytest.mark.parametrize("second", ["", "Ann"])
def test_the_database_itself_refuses_a_hard_verdict_of_one(filled, column, hard, second):
    values = {"verdict_then": "supported", "verdict_now": "supported", "second_reviewer": second, column: hard}
    row = values | {"claim_id": "a1-c1", "materiality": "minor", "rationale": "", "source_id": "page", "as_of": DAY}
    row |= {"opinion_seq": 1, "second_seq": 1 if second else None, "reviewer": "Ann"}
    with (
        pytest.raises(LedgerError, match=r"(?i)check|two"),
        filled.writing() as connection,
    ):
        connection.execute(models.verdict.insert().values(**row, recorded_by="Ann", recorded_at=NOW))


# ------------------------------------------------------------------------------------------------------ review


def test_a_hard_verdict_waits_for_a_second_reviewer(ledger):
    write_claims(ledger, (claim(),), "x", NOW)
    assert read_docket(ledger).stage("a1-c1") == "draft"
    assert give_opinion(ledger, opinion("Ann"), NOW) == "second"
    assert give_opinion(ledger, opinion("Ann"), NOW) == "second", "the same person twice is one"
    assert read_docket(ledger).published() == []
    assert give_opinion(ledger, opinion("Bo", "supported"), NOW) == "published", "a mild verdict takes one"
    docket = read_docket(ledger)
    assert docket.verdicts["a1-c1"].verdict_now == "supported"
    assert give_opinion(ledger, opinion("Cy"), NOW) == "published"
    after = read_docket(ledger)
    assert (after.verdicts["a1-c1"].verdict_now, after.verdicts["a1-c1"].reviewer) == ("contradicted", "Cy")
    assert after.verdicts["a1-c1"].second_reviewer == "Ann"


def test_a_verdict_that_replaces_another_is_logged_as_a_correction(ledger):
    write_claims(ledger, (claim(),), "x", NOW)
    give_opinion(ledger, opinion("Ann", "supported"), NOW)
    assert read_docket(ledger).corrections == ()
    give_opinion(ledger, opinion("Ann", "disputed"), NOW)
    (logged,) = read_docket(ledger).corrections
    assert (logged.was, logged.now_is) == ("supported / supported", "disputed / disputed")


def test_a_rejected_claim_is_out_until_the_reviewer_thinks_again(ledger):
    write_claims(ledger, (claim(),), "x", NOW)
    assert give_opinion(ledger, opinion("Ann", decision="reject"), NOW) == "rejected"
    assert read_docket(ledger).published() == []
    assert give_opinion(ledger, opinion("Ann", "plausible"), NOW) == "published"


def test_the_queue_asks_for_second_opinions_first_and_then_by_weight(ledger):
    claims = (claim("a-1"), claim("a-2", materiality="decisive"), claim("a-3"), claim("a-4"))
    write_claims(ledger, claims, "x", NOW)
    give_opinion(ledger, opinion("Ann", name="a-3"), NOW)
    give_opinion(ledger, opinion("Ann", "supported", name="a-4"), NOW)
    assert [c.id for c in read_docket(ledger).queue()] == ["a-3", "a-2", "a-1"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"claim_id": "none"}, "no claim"),
        ({"verdict_now": "true"}, "no verdict"),
        ({"materiality": "big"}, "no materiality"),
        ({"reviewer": " "}, "name"),
        ({"evidence": replace(PAGE, id="p2", address="javascript:alert(1)")}, "no address"),
        ({"rationale": "abc\u202edef"}, r"U\+202E"),
    ],
)
def test_a_faulty_opinion_is_refused_and_nothing_written(ledger, changes, word):
    write_claims(ledger, (claim(),), "x", NOW)
    with pytest.raises(InputError, match=word):
        give_opinion(ledger, replace(opinion("Ann"), **changes), NOW)
    assert read_docket(ledger).opinions == {}


def test_a_claim_read_again_unchanged_is_not_entered_again(ledger):
    assert write_claims(ledger, (claim(),), "x", NOW) == 1
    assert write_claims(ledger, (claim(),), "x", NOW) == 0
    assert write_claims(ledger, (claim(proposed_now="disputed"),), "x", NOW) == 1
    assert len(history(ledger, "a1-c1")) == 2


def test_replies_and_corrections_stand_beside_what_they_are_about(filled):
    found = show(filled, "a1-c1", DAY)
    assert [r["words"] for r in found["replies"]] == ["I rounded."]
    assert found["claim"]["verdict"]["reviewers"] == ["Bo", "Ann"]
    assert show(filled, "A", DAY)["corrections"][0]["was"] == "1"
    assert [v["id"] for v in show(filled, "A", DAY)["variants"]] == ["B"]
    with pytest.raises(InputError, match="no 'nothing'"):
        show(filled, "nothing", DAY)
    with pytest.raises(InputError, match="no 'nothing'"):
        write_reply(filled, Reply("nothing", "X", "Y", DAY, PAGE), "Ann", NOW)


def test_a_name_of_another_kind_is_refused(filled):
    with pytest.raises(InputError, match="another kind"):
        write_book(filled, book(entry("a1-c1")), "x", NOW)


def test_an_accepted_claim_about_a_border_proposes_a_status_row(ledger):
    slots = {"place": "the pass", "place_ids": ["HIGHPASS"], "state": "closed", "date": "2025-10-01"}
    border = claim("b-1", type="border_status", slots=slots, proposed_now="supported")
    write_claims(ledger, (border,), "x", NOW)
    give_opinion(ledger, opinion("Ann", "supported", name="b-1"), NOW)
    docket = read_docket(ledger)
    row = proposed_status(docket.claims["b-1"], docket.verdicts["b-1"])
    assert (row.place, row.state, row.since, row.confirmed_on) == ("HIGHPASS", "closed", dt.date(2025, 10, 1), DAY)
    disputed = replace(docket.verdicts["b-1"], verdict_now="disputed")
    assert proposed_status(docket.claims["b-1"], disputed) is None
    assert proposed_status(claim(), docket.verdicts["b-1"]) is None
    denied = replace(border, slots={**slots, "negated": True})
    assert proposed_status(denied, docket.verdicts["b-1"]) is None, "that it was not closed is not that it was"
    undated = replace(border, slots={**slots, "date": "in autumn"})
    assert proposed_status(undated, docket.verdicts["b-1"]).since == border.said_on


def test_claims_of_an_article_become_drafts(ledger):
    quote = "the pass was not closed \u202eand one two three four five six seven eight nine ten"
    article = Article("notes.txt", "A title", "text", "en", "d" * 64, "2025-05-27")
    made = Claim("c1", "border_status", Modality.ACTUAL, {"state": "closed"}, Span(0, 1, quote), "en", negated=True)
    check = Check(made, Verdict.SUPPORTED, Verdict.DISPUTED, "", "", Materiality.MATERIAL, "", ("1 + 1 = 2",))
    (draft,) = all_claimed(article, (check,))
    assert write_claims(ledger, (draft,), "x", NOW) == 1
    kept = read_docket(ledger).claims["dddddddddd-c1"]
    assert kept == draft
    assert (kept.slots["negated"], kept.proposed_now, kept.arithmetic) == (True, "disputed", "1 + 1 = 2")
    assert "\u202e" not in kept.quote
    assert len(kept.quote.split()) <= 13
    assert kept.source.address == f"article:{'d' * 64}"


# ------------------------------------------------------------------------------------------------- promises


def test_a_milestone_turns_overdue_by_itself():
    m = milestone("m", "A")
    states = [m.state(m.due + dt.timedelta(days)) for days in (-1, 0, 1, 30, 31, 4000)]
    assert states == ["open", "open", "in-grace", "in-grace", "overdue", "overdue"]
    assert replace(m, due=None).state(DAY) == "undated"
    assert m.days_over(m.due + dt.timedelta(45)) == 45


def test_an_outcome_is_not_known_before_its_day():
    m = milestone("m", "A", outcome="kept", done_on=dt.date(2026, 1, 20))
    assert m.state(dt.date(2026, 1, 19)) == "in-grace"
    assert m.state(dt.date(2026, 1, 20)) == "kept"
    late = replace(m, done_on=dt.date(2026, 6, 1))
    assert (late.state(dt.date(2026, 5, 31)), late.state(dt.date(2026, 6, 1))) == ("overdue", "kept-late")


def test_settling_adds_a_version_and_abandoned_takes_two(ledger):
    write_book(ledger, book(entry("A"), milestone("A.m", "A")), "x", NOW)
    for reviewers in (("Ann", ""), ("Ann", "Ann")):
        with pytest.raises(InputError, match="second reviewer"):
            settle(ledger, "A.m", "abandoned", DAY, PAGE, "", reviewers, NOW)
    settle(ledger, "A.m", "abandoned", DAY, PAGE, "Said so.", ("Ann", "Bo"), NOW)
    assert read_book(ledger).milestones["A.m"].state(DAY) == "abandoned"
    assert len(history(ledger, "A.m")) == 2
    with pytest.raises(InputError, match="no outcome"):
        settle(ledger, "A.m", "broken", DAY, PAGE, "", ("Ann", ""), NOW)
    with pytest.raises(InputError, match="no milestone"):
        settle(ledger, "nothing", "kept", DAY, PAGE, "", ("Ann", ""), NOW)


def test_the_package_is_entered_once_and_does_not_undo_a_person(ledger, sixplace):
    assert sync_package(ledger, sixplace, NOW) == 6
    assert sync_package(ledger, sixplace, NOW) == 0
    settle(ledger, "SA1.force", "kept", DAY, PAGE, "Seen.", ("Ann", ""), NOW)
    assert sync_package(ledger, sixplace, NOW) == 0
    assert read_book(ledger).milestones["SA1.force"].reviewer == "Ann"


def test_the_entries_of_the_embedded_package_hold_together(ewec):
    found = package_book(ewec.tables, "r")
    assert len(found.entries) >= 40
    for e in found.entries.values():
        assert all(e.title[k] for k in ("en", "ru", "ur", "kk")), e.id
        assert set(e.sources) <= set(found.sources)
        assert not e.variant_of or not found.entries[e.variant_of].variant_of, "an account of an account"
    for m in found.milestones.values():
        assert all(m.what[k] for k in ("en", "ru", "ur", "kk")), m.id
        assert not m.outcome or m.done_on
    overdue = {m.id for m in found.milestones.values() if m.state(DAY) == "overdue"}
    assert {"UA2.study", "TA4.announced"} <= overdue
    assert found.milestones["KP5.signed"].state(dt.date(2026, 1, 15)) == "overdue"
    assert found.milestones["KP5.signed"].state(DAY) == "partly-kept"
