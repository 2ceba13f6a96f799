"""Files of a study: the same bytes twice, numbers that open to sources, formulas that recompute, languages."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import TODAY
from serai.core.executors import Processes
from serai.data.overlay import lay_over
from serai.data.schema import PASSAGES
from serai.report import live, maps, write
from serai.report import pdf as paper
from serai.report.language import END, LANGUAGES, LEFT_TO_RIGHT, as_html, language, marked, plural
from serai.report.maps import VIEWS, basemap, boundary_note, split_disputed
from serai.report.sections.traded import boundaries
from serai.report.style import credited
from serai.report.summary import headline
from serai.report.workbook import FORMULAS, unit_of, workbook
from serai.study import executors, run

SAME = 1e-9


@pytest.fixture(scope="module")
def result(sixplace):
    return run(sixplace, TODAY)


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "study"
    assert write(result, out) == ()
    return out


class Anchors(HTMLParser):
    """Collects ids, links inside the page, and links out of it."""

    def __init__(self):
        super().__init__()
        self.ids, self.inside, self.outside = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values and tag not in {"path", "g", "use", "clippath", "defs"}:
            self.ids.append(values["id"])
        if tag == "a":
            (self.inside if values["href"].startswith("#") else self.outside).append(values["href"])


# -- the same bytes ---------------------------------------------------------------------------------------------------


def test_two_runs_give_the_same_bytes(sixplace, folder, tmp_path):
    write(run(sixplace, TODAY), tmp_path / "again")
    names = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert {"report.html", "report.pdf", "report-ru.html", "report-ur.pdf", "summary-kk.pdf", "tables.xlsx"} <= {
        str(n) for n in names
    }
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_pages_written_side_by_side_are_those_written_one_after_another(result, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "MANY_ROWS", 0)
    assert isinstance(executors.for_pages(result.package), Processes)
    write(result, tmp_path / "out")
    files = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert [f for f in files if (folder / f).read_bytes() != (tmp_path / "out" / f).read_bytes()] == []


def test_without_the_typesetter_everything_else_is_written_and_one_line_says_so(result, tmp_path, monkeypatch):
    monkeypatch.setattr("serai.report.writer.can_write", lambda: False)
    assert write(result, tmp_path / "out") == (paper.MISSING,)
    assert "\n" not in paper.MISSING
    assert not list((tmp_path / "out").glob("*.pdf"))
    assert (tmp_path / "out" / "report.html").exists()


def test_an_overlay_without_effect_changes_nothing_but_the_mark(sixplace, result, folder, tmp_path):
    path = tmp_path / "mine.csv"
    value = float(sixplace["rates"].set_index("id").loc["sea", "usd_per_tkm"])
    path.write_text(f"table,id,column,value,unit\nrates,sea,usd_per_tkm,{value!r},\n", encoding="utf-8")
    laid = run(lay_over(sixplace, path, TODAY), TODAY)
    assert headline(laid) == headline(result)
    for name, frame in result.tables.items():
        pd.testing.assert_frame_equal(laid.tables[name], frame, check_exact=True, obj=name)
    write(laid, tmp_path / "out")
    for name in ("report.html", "report-ru.html", "report-ur.html"):
        page = (tmp_path / "out" / name).read_text(encoding="utf-8")
        for code in LANGUAGES if name == "report.html" else [name[7:9]]:
            mark = as_html(" " + language(code).say("own_figures", files="mine.csv"))
            assert mark in page
            page = page.replace(mark, "")
        page = page.replace(laid.package.meta.digest[:12], result.package.meta.digest[:12])
        page = page.replace(laid.package.meta.digest[12:], result.package.meta.digest[12:])
        assert page == (folder / name).read_text(encoding="utf-8"), name


# -- numbers and their sources ----------------------------------------------------------------------------------------


def test_every_link_inside_the_page_leads_somewhere_and_ids_are_single(folder):
    found = Anchors()
    found.feed((folder / "report.html").read_text(encoding="utf-8"))
    assert len(set(found.ids)) == len(found.ids)
    assert found.inside
    assert {h[1:] for h in found.inside} <= set(found.ids)


def test_every_number_in_a_cell_opens_or_stands_beside_its_source(folder):
    """A cell of numbers holds a link, or another cell of its row names sources."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    body = page[page.index("<main>") : page.index('id="sources"')]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    bare = []
    for row in rows:
        cells = re.findall(r'<td class="n">(.*?)</td>', row, re.DOTALL)
        numbers = [c for c in cells if re.search(r"\d", re.sub(r"<[^>]*>", "", c))]
        if any("href=" not in c for c in numbers) and 'href="#s-' not in row:
            bare.append([re.sub(r"<[^>]*>", "", c) for c in numbers])
    assert rows
    assert not bare


def test_every_export_says_how_to_cite_it_and_what_it_is_not_for(folder):
    cite, limit = "data package sixplace", "not a quotation"
    page = (folder / "report.html").read_text(encoding="utf-8")
    readme = (folder / "tables" / "README.txt").read_text(encoding="utf-8")
    first = [row[0].value for row in openpyxl.load_workbook(folder / "tables.xlsx")["about"].iter_rows()]
    study = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    texts = [page, readme, "\n".join(first), study["cite_as"] + study["limit_of_use"]]
    spoken = {"ru", "ur", "kk"}
    charts = list((folder / "charts").glob("*.svg"))
    texts += [p.read_text(encoding="utf-8") for p in charts if p.stem.rpartition("-")[2] not in spoken]
    assert len(texts) > 8
    for p in (p for p in charts if p.stem.rpartition("-")[2] in spoken):
        tongue, own = language(p.stem.rpartition("-")[2]), p.read_text(encoding="utf-8")
        described = own[own.index("<desc>") : own.index("</desc>")]
        assert cite in described
        assert all(tongue.say(word) in described for word in ("cite", "limit", "unchecked"))
        assert "<text" not in own, "a reader may not have the fonts"
    for text in texts:
        assert cite in text
        assert limit in text


# -- workbook ---------------------------------------------------------------------------------------------------------


def recompute(sheet, cell):
    """Work a formula of one row out: plus, minus, times and division over cells of the sheet."""
    formula = re.sub(r'^=(?:IFERROR\((.*),""\))?', lambda m: m[1] or "", cell.value)
    formula = re.sub(r"[A-Z]+\d+", lambda m: repr(value_of(sheet, sheet[m[0]])), formula)
    assert re.fullmatch(r"[-+*/().\de ]+", formula)
    return eval(formula)  # noqa: S307 - only digits and signs, as asserted


def value_of(sheet, cell):
    return recompute(sheet, cell) if isinstance(cell.value, str) and cell.value.startswith("=") else cell.value


def test_formulas_recompute_what_the_tables_hold(result, folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    checked = 0
    for name, formulas in FORMULAS.items():
        sheet, frame = book[name], result.tables[name]
        header = [c.value for c in sheet[1]]
        for column in formulas:
            for i, expected in enumerate(frame[column]):
                cell = sheet.cell(row=i + 2, column=header.index(column) + 1)
                if cell.value is None:
                    assert pd.isna(expected)
                    continue
                assert str(cell.value).startswith("=")
                # a sum of the same few numbers in another order
                assert recompute(sheet, cell) == pytest.approx(expected, rel=SAME, abs=SAME)
                checked += 1
    assert checked > 10


def test_sheets_are_frozen_and_columns_have_units(folder):
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    frozen = {n: book[n].freeze_panes for n in book.sheetnames if n != "about"}
    # The sheet to work in keeps its inputs and the years in sight; all others their header.
    assert frozen.pop("live_appraisal") == f"B{live.FIRST}"
    assert set(frozen.values()) == {"A2"}
    units = {(r[0].value, r[1].value): r[2].value for r in book["columns"].iter_rows(min_row=2)}
    assert units["gaps", "gap_usd_per_t"] == "USD a tonne"
    assert units["routes", "time_days_p50"] == "days"
    assert unit_of("note") == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text):
    book = openpyxl.load_workbook(io.BytesIO(workbook({"t": pd.DataFrame({"name": [text]})}, [text])))
    for cell in (book["t"]["A2"], book["about"]["A1"]):
        assert cell.data_type == "s"
        assert cell.value.startswith("'")


# -- languages --------------------------------------------------------------------------------------------------------


def test_catalogues_have_the_same_entries_and_placeholders():
    def holes(entry):
        forms = entry.values() if isinstance(entry, dict) else [entry]
        return {frozenset(re.findall(r"{(\w+)}", str(f))) for f in forms}

    first = language("en").words
    for code in LANGUAGES:
        words = language(code).words
        assert set(words) == set(first)
        for key, entry in words.items():
            if key != "passages":
                assert holes(entry) == holes(first[key]), (code, key)
        assert set(words["passages"]) == set(PASSAGES)
        assert code == "en" or words["unchecked"]


@pytest.mark.parametrize(
    ("n", "form"),
    [
        (1, "one"),
        (2, "few"),
        (4, "few"),
        (5, "many"),
        (11, "many"),
        (12, "many"),
        (21, "one"),
        (112, "many"),
        (122, "few"),
    ],
)
def test_russian_plurals(n, form):
    assert plural("ru", n) == form


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "\u22121,234.5"),
        ("ru", "\u22121\u202f234,5"),
        ("kk", "\u22121\u202f234,5"),
        ("ur", f"{LEFT_TO_RIGHT}\u22121,234.5{END}"),
    ],
)
def test_numbers_have_the_separators_of_the_language_and_a_true_minus(code, expected):
    assert language(code).number(-1234.5, 1) == expected
    assert "-" not in language(code).number(-0.04, 1)
    assert language(code).number(-0.04, 1).strip(LEFT_TO_RIGHT + END) in {"0.0", "0,0"}
    assert language(code).number(float("nan")) == "\u2013"


@given(st.floats(-1e9, 1e9), st.integers(0, 3), st.booleans(), st.sampled_from(LANGUAGES))
def test_a_number_is_isolated_as_one_piece_in_right_to_left_text_only(value, digits, signed, code):
    tongue = language(code)
    text = tongue.number(value, digits, signed=signed)
    isolated = tongue.direction == "rtl"
    assert (text.count(LEFT_TO_RIGHT), text.count(END)) == ((1, 1) if isolated else (0, 0))
    assert " " not in text
    plain = text.strip(LEFT_TO_RIGHT + END).replace(tongue.words["thousands"], "").replace(tongue.words["decimal"], ".")
    # half a unit of the last digit, and the float's own error
    assert float(plain.replace("\u2212", "-")) == pytest.approx(value, abs=0.5000001 * 10**-digits)


def test_isolates_become_elements_and_nothing_else_passes_unescaped():
    text = f"<b>{language('ur').number(-0.12, 2)}</b>"
    assert as_html(text) == '&lt;b&gt;<bdi dir="ltr">\u22120.12</bdi>&lt;/b&gt;'


def test_numbers_of_a_document_stand_between_marks_and_keep_their_minus_in_front():
    assert marked(language("ur").number(-1100)) == "\u200e\u22121,100\u200e"
    assert marked(language("ru").number(-5)) == "\u22125"


def test_every_text_no_native_reader_has_checked_says_so(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    for code in LANGUAGES:
        header = page[page.index(f'<header class="l-{code}"') :]
        header = header[: header.index("</header>")]
        note = language(code).words["unchecked"]
        assert bool(note) == (code != "en")
        assert not note or note in header


def test_one_is_told_as_one(result):
    spec = result.spec.model_copy(update={"origins": result.spec.origins[:1], "markets": result.spec.markets[:1]})
    said = " ".join(headline(replace(result, spec=spec)))
    assert "from 1 origin to 1 market." in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_document_runs_in_its_direction_and_ends_with_its_limits_and_how_to_cite_it(folder, code):
    docx = pytest.importorskip("docx")
    doc, tongue = docx.Document(str(folder / f"minister-{code}.docx")), language(code)
    said = [p.text for p in doc.paragraphs]
    assert tongue.say("limit") in [marked(tongue.say("limit")), *said]
    assert said[-1].startswith(f"{tongue.say('cite')}: ")
    assert "data package sixplace" in said[-1]
    if code != "en":
        assert not any("not a quotation" in text for text in said)
    assert round(doc.sections[0].page_width.mm) == 210
    xml = doc.element.body
    turned = tongue.direction == "rtl"
    tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    written = [p for p in xml.iter(f"{tag}p") if any(t.text for t in p.iter(f"{tag}t"))]
    assert len(written) > 20
    for mark in ("bidi", "rtl"):
        assert {bool(list(p.iter(f"{tag}{mark}"))) for p in written} == {turned}
    assert bool(list(xml.iter(f"{tag}bidiVisual"))) == turned
    assert not list(xml.iter(f"{tag}jc")), "the start of a line follows the direction"


def test_names_come_in_the_readers_language(result, folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    for code in LANGUAGES:
        header = page[page.index(f'<header class="l-{code}"') :]
        header = header[: header.index("</header>")]
        names = language(code).names(result.package, "places")
        assert all(names[p] in header for p in (*result.spec.own_ports, *result.spec.markets))


# -- boundaries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_draws_the_claims_of_one_state_firm_and_drops_no_line(view):
    window = tuple(basemap()["window"])
    firm, soft = split_disputed(window, view)
    assert len(firm) + len(soft) == len(basemap()["disputed"])
    assert bool(firm) == (view != "disputed")
    for code in LANGUAGES:
        assert boundary_note(view, language(code), {"IND": "India", "PAK": "Pakistan", "CHN": "China"})


@pytest.mark.parametrize("move", [(0.0, 0.0), (-60.0, -40.0), (-150.0, -60.0), (-250.0, 0.0)])
def test_a_corridor_anywhere_has_its_map(sixplace, result, move, monkeypatch):
    places = sixplace["places"].copy()
    places["lon"] += move[0]
    places["lat"] += move[1]
    moved = replace(result, package=sixplace.with_tables({"places": places}))
    window = maps.window_of(moved)
    mine = places.set_index("id").loc[list(moved.spec.own_ports)]
    assert mine["lon"].between(window[0], window[2]).all()
    assert mine["lat"].between(window[1], window[3]).all()
    assert 0.3 < maps.height_in(window) / maps.WIDTH_IN < 1.6
    assert "</svg>" in maps.map_ground(moved)
    assert maps.uncovered(window) == (move != (0.0, 0.0))
    for code in LANGUAGES:
        words, note = language(code).words, maps.map_note(moved, language(code), links=False)
        assert words["links_straight"] not in note
        assert maps.map_note(moved, language(code), links=True) == f"{note} {words['links_straight']}"
        if any(split_disputed(window, "disputed")):
            assert note == words["boundary_disputed"]
        else:
            assert note in {words["boundary_settled"], words["boundary_undrawn"]}
            assert (note == words["boundary_undrawn"]) == (move != (0.0, 0.0))
    said = maps.map_words(moved, language("en"))
    monkeypatch.setattr(maps, "uncovered", lambda _: False)
    assert (maps.map_words(moved, language("en")) == said) == (move == (0.0, 0.0))


def test_a_chart_that_stands_alone_keeps_its_picture_and_grows_by_its_words():
    picture = '<svg width="200pt" height="100pt" viewBox="0 0 200 100"><g>x</g></svg>'
    alone = credited(picture, ["Cite as: <this>"])
    assert "<g>x</g>" in alone
    assert "Cite as: &lt;this&gt;" in alone
    assert float(re.search(r'viewBox="0 0 200 ([\d.]+)"', alone)[1]) > 100


@pytest.mark.parametrize("code", LANGUAGES)
def test_only_maps_that_draw_links_say_how(result, code):
    straight = language(code).words["links_straight"]
    assert straight in boundaries(result, language(code), links=True)
    assert straight not in boundaries(result, language(code), links=False)
