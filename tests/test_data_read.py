"""Reading and writing one table: what is good comes back to the byte, what is wrong is told cell by cell."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.data.read import cell_text, check_value, decode, plain_text, read_table, typed_frame, write_csv
from serai.data.schema import Field, load_schema

TABLES = load_schema().tables
RATES = TABLES["rates"]
HEADER = ",".join(RATES.columns)
GOOD = "road.a,road,XLA,both,0.05,0.07,0.09,2025-06,invented,assumed,Invented."


def faults(*rows, header=HEADER, table=RATES):
    frame, issues = read_table(table, "\n".join([header, *rows, ""]).encode())
    return frame, issues


def only(issues):
    assert len(issues) == 1, [str(i) for i in issues]
    return issues[0]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("package", ["ewec", "sixplace"])
def test_a_table_of_a_package_comes_back_to_the_byte(package, name, request):
    frame = request.getfixturevalue(package)[name]
    content = write_csv(TABLES[name], frame)
    again, issues = read_table(TABLES[name], content)
    assert issues == []
    assert again.equals(frame)
    assert write_csv(TABLES[name], again) == content


@pytest.mark.parametrize("name", TABLES)
def test_the_files_of_the_test_package_are_in_canonical_form(name, sixplace, sixplace_folder):
    assert write_csv(TABLES[name], sixplace[name]) == (sixplace_folder / f"{name}.csv").read_bytes()


def test_types_are_fixed_also_where_a_table_is_empty():
    for table in TABLES.values():
        full = typed_frame(table, [], [])
        for field in table.fields:
            kind = {"number": "float64", "integer": "float64", "boolean": "bool"}.get(field.type, "object")
            assert str(full[field.name].dtype) == kind, (table.name, field.name)


def test_a_byte_order_mark_and_carriage_returns_are_accepted():
    plain, _ = faults(GOOD)
    content = b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode()
    frame, issues = read_table(RATES, content)
    assert issues == []
    assert frame.equals(plain)


def test_columns_may_stand_in_any_order_and_empty_rows_at_the_end():
    cells = dict(zip(RATES.columns, GOOD.split(","), strict=True))
    turned = list(reversed(RATES.columns))
    frame, issues = faults(",".join(cells[c] for c in turned), ",,,", "", header=",".join(turned))
    assert issues == []
    assert write_csv(RATES, frame).decode() == f"{HEADER}\n{GOOD}\n"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_is_told(content):
    issue = only(read_table(RATES, content)[1])
    assert (issue.table, issue.what) == ("rates", "the file is empty")
    assert issue.remedy


def test_broken_utf8_is_told_with_its_byte():
    content = f"{HEADER}\n{GOOD}\n".encode() + b"road.b,road,\xff"
    issue = only(read_table(RATES, content)[1])
    assert (issue.table, issue.row) == ("rates", 3)
    assert f"byte {len(content) - 1}" in issue.what
    assert "UTF-8" in issue.remedy


@pytest.mark.parametrize(
    ("header", "column", "what"),
    [
        (HEADER.replace(",direction", ""), "direction", "missing"),
        (HEADER + ",colour", "colour", "not part of the format"),
        (HEADER + ",mode", "mode", "stands twice"),
    ],
)
def test_a_wrong_header_is_told(header, column, what):
    issue = only(faults(header=header)[1])
    assert (issue.table, issue.row, issue.column) == ("rates", 1, column)
    assert what in issue.what
    assert issue.remedy


@pytest.mark.parametrize(
    ("table", "column", "value", "what"),
    [
        ("rates", "usd_per_tkm", "much", "a number"),
        ("rates", "usd_per_tkm", "1,5", "a number"),
        ("rates", "usd_per_tkm", "1_000", "a number"),
        ("rates", "usd_per_tkm", "nan", "a number"),
        ("rates", "usd_per_tkm", "inf", "a number"),
        ("rates", "usd_per_tkm", "0", "above 0 USD/t-km"),
        ("rates", "id", "Road A", "required form"),
        ("rates", "id", "", "required"),
        ("rates", "mode", "air", "allowed values"),
        ("rates", "as_of", "=TODAY()", "formula"),
        ("rates", "as_of", "@SUM(A1)", "formula"),
        ("rates", "usd_per_tkm", "=1/2", "formula"),
        ("rates", "source", "a;;b", "list"),
        ("places", "lat", "91", "at most 90 deg"),
        ("places", "lon", "-181", "at least -180 deg"),
        ("places", "zone", "yes", "true or false"),
        ("status", "confirmed_on", "2025-13-01", "YYYY-MM-DD"),
        ("status", "confirmed_on", "01.06.2025", "YYYY-MM-DD"),
        ("status", "confirmed_on", "20250601", "YYYY-MM-DD"),
        ("status", "confirmed_on", "2025-W23-1", "YYYY-MM-DD"),
        ("links", "gauge_mm", "1520.5", "whole number"),
        ("links", "gauge_mm", "1_520", "whole number"),
        ("links", "gauge_mm", "1500", "allowed values"),
        ("countries", "gdp_year", "9" * 400, "whole number"),
        ("countries", "population", "-1", "at least 0 persons"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(sixplace_folder, table, column, value, what):
    schema = TABLES[table]
    text = (sixplace_folder / f"{table}.csv").read_text(encoding="utf-8")
    frame, _ = read_table(schema, text.encode())
    rows = [
        [cell_text(f, v) for f, v in zip(schema.fields, r, strict=True)] for r in frame[list(schema.columns)].values
    ]
    rows[1][schema.columns.index(column)] = value
    quoted = [",".join(f'"{c}"' for c in row) for row in rows]
    issue = only(faults(*quoted, header=",".join(schema.columns), table=schema)[1])
    assert (issue.table, issue.row, issue.column, issue.value) == (table, 3, column, value[:60])
    assert what in issue.what
    assert issue.remedy
    assert str(issue).startswith(f"{table}, row 3, column {column}: ")


def test_a_row_with_too_many_or_too_few_cells_is_told():
    for row in (f"{GOOD},more", "road.b,road"):
        issue = only(faults(GOOD, row)[1])
        assert issue.row == 3
        assert f"{len(row.split(','))} cells where the header has {len(RATES.columns)}" in issue.what


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below():
    issue = only(faults(GOOD, GOOD.replace("Invented.", '"Invented.'), GOOD.replace("road.a", "road.c"))[1])
    assert issue.row == 3
    assert "quotes" in issue.remedy


def test_a_cell_too_long_for_csv_is_told():
    issue = only(faults(GOOD, GOOD.replace("Invented.", "x" * 200_000))[1])
    assert (issue.row, issue.table) == (3, "rates")


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    two_lines = GOOD.replace("Invented.", '"Invented\nfor tests."')
    issue = only(faults(two_lines, GOOD.replace("0.07", "x"))[1])
    assert issue.row == 3
    issue = only(faults(GOOD, "", GOOD.replace("road.a", "road.b"))[1])
    assert (issue.row, issue.what) == (3, "an empty row stands between others")


def test_all_faults_of_a_file_are_told_at_once():
    _, issues = faults(
        GOOD.replace("0.07", "x").replace("both", "up"),
        GOOD,
        GOOD.replace("0.05", "-1"),
        "road.c,road",
        GOOD.replace("road.a", "=A1"),
    )
    found = [(i.row, i.column) for i in issues]
    assert found == [(2, "direction"), (2, "usd_per_tkm"), (4, "usd_per_tkm_low"), (5, ""), (6, "id")]


# --------------------------------------------------------------------------------------------------- properties

KINDS = {
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(2**53), 2**53),
    "boolean": st.booleans(),
    "date": st.dates(),
    "string": st.text(st.characters(exclude_categories=("C", "Z")), min_size=1).filter(lambda t: t[0] not in "=@"),
}


@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_what_is_written_is_read_again(data, kind):
    field = Field("x", kind, "a column")
    value = data.draw(KINDS[kind])
    again, what, _ = check_value(field, cell_text(field, value))
    assert what == ""
    assert again == value


@given(st.text())
def test_no_text_makes_the_reader_raise(text):
    for kind in KINDS:
        value, what, remedy = check_value(Field("x", kind, "a column", minimum=0 if kind == "number" else None), text)
        assert (what == "") == (remedy == "")
        assert not (what and value is not None)


@given(st.binary())
def test_no_bytes_make_the_reader_raise(content):
    frame, issues = read_table(RATES, content)
    assert issues
    assert len(frame) == 0


@given(st.lists(st.text(st.characters(exclude_categories=("C",)), max_size=8), min_size=1, max_size=5))
def test_text_with_commas_and_quotes_survives(notes):
    rows = [{"id": f"s{i}", "title": "t", "publisher": "p", "note": note.strip()} for i, note in enumerate(notes)]
    rows = [r for r in rows if r["note"][:1] not in ("=", "@")]
    frame = typed_frame(TABLES["sources"], rows, ["package"] * len(rows))
    again, issues = read_table(TABLES["sources"], write_csv(TABLES["sources"], frame))
    assert issues == []
    assert list(again["note"]) == [r["note"] for r in rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3.0, "3"),
        (3, "3"),
        (0.1, "0.1"),
        (" x ", "x"),
        (dt.date(2025, 6, 1), "2025-06-01"),
        (dt.datetime(2025, 6, 1, 0, 0), "2025-06-01"),  # noqa: DTZ001
        (math.inf, "inf"),
    ],
)
def test_values_of_workbooks_and_scenarios_become_cells(value, text):
    assert plain_text(value) == text


def test_decode_takes_utf8_only():
    assert decode("t", "Алматы".encode()) == ("Алматы", [])
    assert only(decode("t", "Алматы".encode("utf-16"))[1]).row == 1


@pytest.mark.parametrize("date", ["1401 (", "2023 7", "FY2024", "2024-1"])
def test_a_date_of_a_source_that_no_reader_understands_is_told(date):
    issue = only(faults(f"one,Title,Publisher,{date},,,", header="id,title,publisher,date,address,licence,note",
                        table=TABLES["sources"])[1])  # fmt: skip
    assert (issue.table, issue.row, issue.column) == ("sources", 2, "date")
    assert issue.remedy
