"""Tables in and out of the ledger, what a spreadsheet must not run, and the coverage of an event."""

from __future__ import annotations

import datetime as dt

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.core.errors import DataError, InputError
from serai.data.package import Meta
from serai.evidence.coverage import Report, coverage, coverage_json, incidence, read_reports, recall_interval
from serai.evidence.ledger.entries import read_book, sync_package, write_book
from serai.evidence.ledger.exchange import book_frames, promise_frame, read_files, to_csv
from serai.evidence.ledger.store import open_ledger
from serai.evidence.ledger.text import checked_address, checked_id, checked_text, guarded, shown, unguarded
from serai.report.ledger import write_export
from test_evidence_ledger import DAY, NOW, book, entry, milestone

META = Meta("made-up", "Made up", "1.0", dt.date(2025, 1, 1), 2025, "disputed", "", "0123456789abcdef")


@pytest.fixture
def ledger(tmp_path):
    return open_ledger(f"sqlite:///{tmp_path / 'l.sqlite'}")


# ------------------------------------------------------------------------------------------------- safe texts


@given(st.text())
def test_guarding_is_undone_exactly(text):
    assert unguarded(guarded(text)) == text


@given(st.sampled_from("=+-@\t\r\n'"), st.text())
def test_no_guarded_text_begins_like_a_formula(first, rest):
    assert guarded(first + rest)[0] == "'"


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "a\\b", "a..b", ".a", "a.", "C:", "a b", "a\x00", "a" * 81, "x<y", "ё", "-a"]
)
def test_a_name_that_could_be_a_path_is_refused(name):
    with pytest.raises(InputError, match="no identifier"):
        checked_id(name)


@pytest.mark.parametrize("name", ["KP1", "KP1.trade", "a-b_c", "0"])
def test_a_plain_name_is_taken(name):
    assert checked_id(name) == name


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u2069", "\x00", "\x1b", "\x85", "\ufeff"])
def test_hidden_marks_are_refused_on_the_way_in_and_dropped_on_the_way_out(mark):
    with pytest.raises(InputError, match=r"hidden character U\+"):
        checked_text("The title", f"ab{mark}c")
    assert shown(f"ab{mark}c") == "abc"


def test_joiners_that_urdu_needs_are_kept():
    text = "می\u200cخواہم \u200d\u200f"
    assert shown(text) == text


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "https://", "https://a b", 'https://a"b', "//x/y"],
)
def test_only_pages_are_addresses(address):
    with pytest.raises(InputError, match="no address"):
        checked_address(address)


# ------------------------------------------------------------------------------------------------ in and out


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_unchanged(ledger, tmp_path, sixplace, form):
    sync_package(ledger, sixplace, NOW)
    have = read_book(ledger)
    frames = book_frames(have) | {"promises": promise_frame(have, DAY)}
    out = tmp_path / ("out.xlsx" if form == "xlsx" else "out")
    write_export(frames, out, META, DAY)
    other = open_ledger(f"sqlite:///{tmp_path / 'other.sqlite'}")
    mark = "package sixplace"
    write_book(other, read_files([out], read_book(other), mark), "x", NOW)
    again = read_book(other)
    assert again.entries == have.entries
    assert again.milestones == have.milestones


def test_the_same_ledger_exports_the_same_bytes(ledger, tmp_path, sixplace):
    sync_package(ledger, sixplace, NOW)
    frames = book_frames(read_book(ledger))
    for name in ("a.xlsx", "b.xlsx", "a.json", "b.json"):
        write_export(frames, tmp_path / name, META, DAY)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("title", ["+1 for transit", "-3 days", "'quoted'"])
def test_a_title_like_a_formula_leaves_as_text_and_returns_as_it_was(ledger, tmp_path, title):
    texts = {"en": title, "ru": "", "ur": "", "kk": ""}
    write_book(ledger, book(entry("A", title=texts), milestone("A.m", "A")), "x", NOW)
    have = read_book(ledger)
    csv = to_csv("agreements", book_frames(have)["agreements"]).decode()
    assert f"'{title}" in csv
    write_export(book_frames(have), tmp_path / "o.xlsx", META, DAY)
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["agreements"]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "-", "@"))
    assert read_files([tmp_path / "o.xlsx"], have, "R").entries["A"].title["en"] == title


HEAD = "id,kind,parties,title,title_ru,title_ur,title_kk,date,place,value,unit,stated_deadline,deadline_date,variant_of,source,basis,note\n"  # noqa: E501


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("A,target,XLA,=cmd(),,,,2025,,,,,,,page,reported,", "formula"),
        ("A,wish,XLA,T,,,,2025,,,,,,,page,reported,", "allowed values"),
        ("A,target,XLA,T,,,,soon,,,,,,,page,reported,", "required form"),
        ("A,target,XLA,T,,,,2025,,,,,,NONE,page,reported,", "no such row"),
        ("A,target,XLA,T,,,,2025,,,,,,,nowhere,reported,", "no such row"),
        ("../A,target,XLA,T,,,,2025,,,,,,,page,reported,", "required form"),
    ],
)
def test_a_faulty_table_is_told_and_nothing_is_entered(ledger, tmp_path, row, word):
    write_book(ledger, book(entry("Z")), "x", NOW)
    path = tmp_path / "a.csv"
    path.write_text(HEAD + row + "\nB,target,XLA,Fine,,,,2025,,,,,,,page,reported,\n", encoding="utf-8")
    with pytest.raises(DataError, match=word):
        read_files([path], read_book(ledger), "R")


def test_an_address_may_stand_for_a_source(ledger, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "A,target,XLA,T,,,,2025,,,,,,,https://example.org/x,reported,\n", encoding="utf-8")
    found = read_files([path], read_book(ledger), "R")
    write_book(ledger, found, "R", NOW)
    (source,) = read_book(ledger).sources.values()
    assert source.address == "https://example.org/x"
    path.write_text(HEAD + "A,target,XLA,T,,,,2025,,,,,,,javascript:alert(1),reported,\n", encoding="utf-8")
    with pytest.raises(DataError, match="no such row"):
        read_files([path], read_book(ledger), "R")


def test_a_file_of_another_kind_is_told(ledger, tmp_path):
    for name, content in (("x.csv", b"a,b\n1,2\n"), ("x.xlsx", b"not a workbook"), ("y.csv", b"\xff\xfe")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises((InputError, DataError)):
            read_files([tmp_path / name], read_book(ledger), "R")
    with pytest.raises(InputError, match="cannot be read"):
        read_files([tmp_path / "none.csv"], read_book(ledger), "R")


# -------------------------------------------------------------------------------------------------- coverage


def media(**counts: int) -> pd.DataFrame:
    rows = [(f"{lang}{i}", f"XX{lang[0].upper()}", lang) for lang, n in counts.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["id", "country", "languages"])


def told(source: str, claim: str, hour: int = 0, value: str = "", voice: str = "") -> Report:
    return Report(source, source[:2], dt.datetime(2026, 2, 4, hour, tzinfo=dt.UTC), claim, value, voice)


def test_recall_presence_and_lag_by_hand():
    reports = (told("en0", "a"), told("en1", "b"), told("en0", "b"), told("ru0", "c", 6), told("kk0", "d", 1))
    found = coverage(media(en=5, ru=5, kk=4), reports)
    en, kk, ru = found.groups
    assert (found.claims, en.name, kk.name, ru.name) == (4, "en", "kk", "ru")
    assert (en.recall, en.presence, en.lag_h) == (0.5, 0.4, 0.0)
    assert (ru.recall, ru.presence, ru.lag_h) == (0.25, 0.2, 6.0)
    assert kk.recall is None
    assert "4 tracked outlets" in kk.refused


def test_a_refused_group_has_no_figure_at_all():
    found = coverage_json(coverage(media(en=4), (told("en0", "a"),)))
    (group,) = found["groups"]
    figures = ("presence", "recall", "recall_low", "recall_high", "lag_h", "value_agreement", "other_voice")
    assert all(group[name] is None for name in figures)


def test_values_that_tie_are_no_majority():
    reports = (told("en0", "t", value="30"), told("en1", "t", value="37"), told("en2", "t", value="20"))
    assert coverage(media(en=5), reports).groups[0].value_agreement is None


def test_agreement_counts_only_disputed_figures_and_voices_only_quotes():
    reports = (
        told("en0", "t", value="250"),
        told("en1", "t", value="250", voice="XXE"),
        told("ru0", "t", value="40", voice="XXE"),
        told("ru1", "u", value="7"),
    )
    en, ru = coverage(media(en=5, ru=5), reports).groups
    assert (en.value_agreement, ru.value_agreement) == (1.0, 0.0)
    assert (en.other_voice, ru.other_voice) == (0.0, 1.0)


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=5, max_size=8))
def test_the_interval_never_passes_what_all_outlets_told(rows):
    matrix = np.array(rows)
    low, high = recall_interval(matrix, 4, draws=200)
    assert 0 <= low <= high <= matrix.any(axis=0).sum() / 4


def test_outlets_that_all_tell_everything_leave_no_doubt():
    assert recall_interval(np.ones((6, 3), dtype=bool), 3) == (1.0, 1.0)


def test_more_reports_never_lower_recall():
    base = (told("en0", "a"), told("ru0", "b"))
    more = (*base, told("en1", "b"))
    assert coverage(media(en=5, ru=5), more).groups[0].recall > coverage(media(en=5, ru=5), base).groups[0].recall


def test_the_list_is_part_of_the_figure():
    reports = (told("en0", "a"),)
    assert coverage(media(en=5), reports).list_digest != coverage(media(en=6), reports).list_digest


def test_incidence_ignores_outlets_of_other_groups():
    assert incidence((told("en0", "a"), told("ru0", "a")), ["en0"], ["a"]).sum() == 1


def test_reports_are_read_and_faults_told_together(tmp_path, sixplace):
    path = tmp_path / "e.csv"
    path.write_text("source,published,claim,value\nm1en,2026-02-04,a,1\nm2ru,2026-02-04T06:00,b,\n", encoding="utf-8")
    found = coverage(sixplace["media"], read_reports(path, sixplace["media"]))
    assert [g.name for g in found.groups] == ["en", "kk", "ru"]
    assert found.groups[1].refused
    path.write_text("source,published,claim\nnone,2026-02-04,a\nm1en,soon,a\nm1en,2026-02-04,\n", encoding="utf-8")
    with pytest.raises(DataError) as told_:
        read_reports(path, sixplace["media"])
    assert len(told_.value.issues) == 3
    with pytest.raises(InputError, match="Nothing"):
        coverage(sixplace["media"], ())
    with pytest.raises(InputError, match="not known"):
        coverage(sixplace["media"], (told("m1en", "a"),), "continent")


def test_the_embedded_list_can_measure_four_languages(ewec):
    languages = [x for cell in ewec["media"]["languages"] for x in cell.split(";")]
    assert all(languages.count(code) >= 5 for code in ("en", "ru", "ur", "kk"))
