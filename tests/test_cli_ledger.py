"""The commands: ledger, brief, site."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from serai.cli import app
from serai.core.errors import InputError
from serai.data.package import user_status_file
from serai.evidence.ledger.review import write_claims
from serai.evidence.ledger.store import open_ledger
from test_evidence_ledger import NOW, claim

ON = ("--as-of", "2026-03-01")


@pytest.fixture
def run(sixplace_folder):
    def call(*words: str, package: bool = True) -> str:
        extra = ["--package", str(sixplace_folder)] if package else []
        done = CliRunner().invoke(app, [*words, *extra])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_list_show_and_due(run):
    found = json.loads(run("ledger", "list", "--json", *ON))
    assert [e["id"] for e in found["entries"]] == ["SA1", "SA2"]
    assert found["entries"][0]["variants"] == ["SA1a"]
    assert found["entries"][0]["state"] == "overdue"
    assert json.loads(run("ledger", "list", "--party", "XIS", "--json"))["entries"][0]["id"] == "SA2"
    due = json.loads(run("ledger", "due", "--json", *ON))["milestones"]
    assert [(m["id"], m["state"]) for m in due] == [("SA1.force", "overdue")]
    assert len(json.loads(run("ledger", "due", "--all", "--json", *ON))["milestones"]) == 3
    shown = json.loads(run("ledger", "show", "SA1", "--json", *ON))
    assert [v["id"] for v in shown["variants"]] == ["SA1a"]
    for words in (("list",), ("due",), ("show", "SA1"), ("show", "SA1.force")):
        assert "Laria and Costa" in run("ledger", *words) or words[-1] == "SA1.force"


def test_review_to_status(run, serai_home):
    slots = {"place": "High Pass", "state": "open", "date": "2026-02-01"}
    border = claim("b-1", type="border_status", slots=slots, proposed_now="supported", proposed_then="unverifiable")
    write_claims(open_ledger(), (border,), "x", NOW)
    assert "b-1" in run("ledger", "list", "--queue")
    words = (
        "ledger",
        "review",
        "b-1",
        "--reviewer",
        "Ann",
        "--evidence",
        "https://example.org/e",
        "--as-of",
        "2026-02-10",
    )
    assert "serai status set" in run(*words)
    assert not user_status_file("sixplace").exists()
    assert "Status added" in run(*words, "--set-status")
    assert "High Pass" not in user_status_file("sixplace").read_text("utf-8")
    assert "HIGHPASS,,open,2026-02-01" in user_status_file("sixplace").read_text("utf-8")
    assert json.loads(run("ledger", "list", "--queue", "--json"))["claims"] == []


def test_two_reviewers_a_reply_and_a_correction(run):
    write_claims(open_ledger(), (claim(),), "x", NOW)
    words = ("ledger", "review", "a1-c1", "--evidence", "facts/1", "--why", "33 years.")
    assert "waits for a second reviewer" in run(*words, "--reviewer", "Ann")
    assert "may be published" in run(*words, "--reviewer", "Bo")
    source = ("--source", "https://example.org/r", "--reviewer", "Ann")
    run("ledger", "reply", "a1-c1", "--party", "The envoy", "--words", "I rounded.", *source)
    run("ledger", "correct", "a1-c1", "--was", "x", "--now", "y", "--why", "z", "--reviewer", "Ann")
    shown = json.loads(run("ledger", "show", "a1-c1", "--json"))
    assert shown["claim"]["verdict"]["reviewers"] == ["Bo", "Ann"]
    assert (shown["replies"][0]["party"], shown["corrections"][0]["now"]) == ("The envoy", "y")


def test_settle_export_import(run, tmp_path):
    run(
        "ledger",
        "settle",
        "SA1.force",
        "kept",
        "--on",
        "2026-01-10",
        "--reviewer",
        "Ann",
        "--source",
        "https://x.org/s",
    )
    assert json.loads(run("ledger", "due", "--json", *ON))["milestones"] == []
    for name in ("out", "out.xlsx", "out.json"):
        assert "Wrote 3 entries" in run("ledger", "export", str(tmp_path / name))
    assert (tmp_path / "out" / "promises.csv").is_file()
    told = run(
        "ledger", "import", str(tmp_path / "out"), "--reviewer", "Bo", "--database", f"sqlite:///{tmp_path}/o.db"
    )
    assert "3 entries and 3 milestones read" in told
    with pytest.raises(InputError, match="future"):
        run(
            "ledger",
            "settle",
            "SA1.force",
            "kept",
            "--on",
            "2999-01-01",
            "--reviewer",
            "A",
            "--source",
            "https://x.org",
        )


def test_coverage(run, tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("source,published,claim\nm1en,2026-02-04,a\nm1ru,2026-02-05,b\n", encoding="utf-8")
    found = json.loads(run("ledger", "coverage", str(path), "--json"))
    assert [g["recall"] for g in found["groups"]] == [0.5, None, 0.5]
    assert "are needed" in run("ledger", "coverage", str(path))


def test_brief_and_site(run, tmp_path):
    text = run("brief", "--pair", "Inland", "Isle", "--lang", "ur", "--for", "business", *ON)
    assert "\u2066" in text
    assert "Wrote" in run("brief", "--pair", "Inland", "Isle", "--out", str(tmp_path / "b.html"), *ON)
    for words, told in ((("brief",), "on a pair or"), (("brief", "--pair", "Inland", "Isle", "--lang", "fr"), "'fr'")):
        with pytest.raises(InputError, match=told):
            run(*words)
    assert "Wrote" in run("site", str(tmp_path / "site"), "--address", "https://example.org", *ON)
    assert (tmp_path / "site" / "kk" / "pair-xco-xla.html").is_file()
    with pytest.raises(InputError, match="earlier"):
        run("site", str(tmp_path / "site"), "--since", "2026-03-02", *ON)


def test_an_article_is_told_again_and_its_claims_are_drafts(run, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Trade of Laria and Costa reached $250 million in 2024.\n", encoding="utf-8")
    dated = ("--date", "2025-05-27")
    found = run("ledger", "add", str(path), *dated)
    assert "claims found" in found
    again = run("ledger", "add", str(path), *dated)
    assert " 0 new or changed" in again
    claims = json.loads(run("ledger", "list", "--kind", "claims", "--json"))["claims"]
    assert all(c["stage"] == "draft" for c in claims)
    text = run("brief", "--article", str(path), "--lang", "ru", *ON)
    assert "рецензент их не подтвердил" in text
