"""What a package says in other languages: rows that follow its English, figures that stay, marks of direction."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import TODAY
from serai.core.errors import DataError
from serai.data.package import load_package, write_package
from serai.data.read import typed_frame
from serai.data.schema import load_schema
from serai.data.texts import check_texts, parts, texts_in
from serai.report.language import END, LEFT_TO_RIGHT, language
from serai.report.reader import BODIES, reader

TABLE = load_schema().tables["texts"]


def with_texts(package, *rows):
    """Package with rows of texts: (english, language, text)."""
    cells = [{"english": e, "lang": lang, "text": t} for e, lang, t in rows]
    return package.with_tables({"texts": typed_frame(TABLE, cells, ["package"] * len(cells))})


def stale(package, *english, written=()):
    held = with_texts(package, *((e, "ru", "т") for e in english))
    return [i.value for i in check_texts(held.tables, written)]


def test_a_text_is_found_by_its_english_and_its_language_alone(sixplace):
    held = with_texts(sixplace, ("Gauge Gate line", "ru", "Линия"), ("Gauge Gate line", "kk", "Желі"))
    assert texts_in(held, "ru") == {"Gauge Gate line": "Линия"}
    assert texts_in(held, "ur") == {}


def test_a_row_whose_english_the_package_says_nowhere_is_told(sixplace):
    assert stale(sixplace, "Nobody ever said this") == ["Nobody ever said this"]


def test_a_row_may_stand_for_a_cell_and_for_each_of_its_parts(sixplace):
    said = max((str(v) for f in sixplace.tables.values() for v in f.get("note", ())), key=len)
    assert len(set(parts(said))) > 1
    assert stale(sixplace, *parts(said)) == []
    assert stale(sixplace, said[:-1] + "#") == [(said[:-1] + "#")[:60]]


def test_what_the_study_and_the_scenarios_say_counts_too(sixplace):
    text = "remarks: [{text: A word of the study}]"
    assert stale(sixplace, "A word of the study") == ["A word of the study"]
    assert stale(sixplace, "A word of the study", written=(text,)) == []
    assert stale(sixplace, "A word of the study", written=("[", text)) == []


def test_a_package_with_a_stale_row_is_refused_with_its_row_and_a_remedy(sixplace, tmp_path):
    write_package(with_texts(sixplace, ("Nobody ever said this", "ru", "т")), tmp_path / "p")
    with pytest.raises(DataError) as told:
        load_package(str(tmp_path / "p"), today=TODAY, user_rows=False)
    (issue,) = told.value.issues
    assert (issue.table, issue.row, issue.column) == ("texts", 2, "english")
    assert "delete the row" in issue.remedy


def test_a_figure_laid_over_the_package_makes_no_row_stale(sixplace):
    """A user who rewords a cell is not told of the package's translations."""
    held = with_texts(sixplace, (str(sixplace["projects"]["name"][0]), "ru", "т"))
    projects = held["projects"].copy()
    projects.loc[0, "name"] = "Another name"
    assert held.with_tables({"projects": projects}, "mine.xlsx").meta.overlays == ("mine.xlsx",)


def test_a_reader_says_a_text_of_the_package_whole_and_without_its_bracket(sixplace):
    one = reader("ru", with_texts(sixplace, ("Old line (north)", "ru", "Старая линия (север)")))
    assert one.turn("Old line (north)") == "Старая линия (север)"
    assert one.turn("Old line") == "Старая линия"


def test_english_of_the_package_is_left_alone_where_it_has_no_row(sixplace):
    one = reader("ru", sixplace)
    assert one.turn("Nobody ever said this") == "Nobody ever said this"
    assert one.missed == {"Nobody ever said this"}


# -- direction --------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(["سڑک", "34–70", "5%", "Maersk MECL", "(E.O. 13846)", "،", "1,800", "−3", "TIR", "ہے۔", "7"])


@given(st.lists(PIECES, min_size=1).map(" ".join))
def test_marks_of_direction_change_no_letter_and_stand_in_pairs_around_latin_and_figures(text):
    marked = language("ur").isolated(text)
    assert marked.replace(LEFT_TO_RIGHT, "").replace(END, "") == text
    inner = re.findall(f"{LEFT_TO_RIGHT}([^{LEFT_TO_RIGHT}{END}]*){END}", marked)
    assert len(inner) == marked.count(LEFT_TO_RIGHT) == marked.count(END)
    assert not any(re.search("[\u0590-\u08ff]", run) for run in inner)
    assert language("ru").isolated(text) == text


@pytest.mark.parametrize("run", ["34–70", "5%", "E.O. 13846", "Maersk MECL", "−3"])
def test_what_right_to_left_text_would_reorder_is_one_piece(run):
    assert language("ur").isolated(f"سڑک {run} ہے") == f"سڑک {LEFT_TO_RIGHT}{run}{END} ہے"


# -- the embedded package ---------------------------------------------------------------------------------------------


def figures(text):
    """Figures of a text, whatever separates their thousands and decimals."""
    text = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3}(?!\d))", "", text)
    return sorted(re.sub(r"(?<=\d),(?=\d)", ".", n) for n in re.findall(r"\d[\d.,]*(?<=\d)", text))


def test_a_translation_has_the_figures_of_its_english(ewec):
    wrong = [(t.lang, t.english) for t in ewec["texts"].itertuples() if figures(t.english) != figures(t.text)]
    assert wrong == []


def test_a_translation_is_in_the_letters_of_its_language(ewec):
    script = {"ru": "[а-яё]", "kk": "[а-яёәіңғүұқөһ]", "ur": "[\u0600-\u06ff]"}
    wrong = [(t.lang, t.text) for t in ewec["texts"].itertuples() if not re.search(script[t.lang], t.text.lower())]
    assert wrong == []
    urdu = ewec["texts"].query("lang == 'ur'")["text"]
    assert not urdu.str.contains("[يكةى\u2066\u2069\u200e\u200f]").any()


def test_what_russian_says_urdu_says_too(ewec):
    rows = ewec["texts"]
    assert set(rows.query("lang == 'ru'")["english"]) == set(rows.query("lang == 'ur'")["english"])


@pytest.mark.parametrize("code", ["ru", "ur", "kk"])
def test_every_unit_of_a_paper_and_every_reporter_of_trade_is_told(code, ewec):
    told = reader(code, ewec)
    wanted = {*ewec["requirements"]["unit"]} - {""}
    if code in BODIES:  # the others have no section on trade
        wanted |= {*ewec["trade_anchors"]["reporter"]}
    for text in sorted(wanted):
        told.turn(text)
    assert told.missed & wanted == set()
