"""The report in the reader's language: templates, plurals, figures, letters that have a glyph, links to sources."""

from __future__ import annotations

import ast
import html
import re
from importlib.resources import files
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import serai
from helpers import TODAY
from serai.report import writer
from serai.report.language import END, LANGUAGES, LEFT_TO_RIGHT, language, plural, whole_days
from serai.report.maps import VIEWS, split_disputed, whole_map
from serai.report.page import build_report, page
from serai.report.reader import BODIES, catalogue, reader
from serai.report.sections import SECTIONS
from serai.report.style import DARK, credited
from serai.study import run

OTHERS = tuple(code for code in BODIES if code != "en")
FORMS = {"ru": {"one", "few", "many"}, "ur": {"one", "other"}}
SLOT = re.compile(r"{(\w+)}")
KHUNJERAB = (75.0, 36.5, 75.8, 37.0)


@pytest.fixture(scope="module")
def result(sixplace):
    return run(sixplace, TODAY)


@pytest.fixture(scope="module")
def built(result):
    return {code: build_report(result, code) for code in BODIES}


@pytest.fixture(scope="module")
def pages(result, built):
    return {code: page(result, b, writer.cite_as(result)) for code, b in built.items()}


def entries(code):
    for english, entry in catalogue(code).items():
        for text in entry.values() if isinstance(entry, dict) else [entry]:
            yield english, text


def visible(text):
    """Text of a page without its styles, pictures and marks."""
    return html.unescape(re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]*>", " ", text, flags=re.DOTALL))


def words_of_partials():
    """Every English text that a partial, a heading or a chart says by itself."""
    folder = files("serai.report")
    found = {text for s in SECTIONS for text in (s.title, s.nav)}
    partials = [folder.joinpath("macros.html.j2"), folder.joinpath("report.html.j2")]
    partials += [p for p in folder.joinpath("sections").iterdir() if p.name.endswith((".j2", ".typ"))]
    for p in partials:
        text = p.read_text(encoding="utf-8")
        found |= {ast.literal_eval(m) for m in re.findall(r"""_\(("(?:[^"\\]|\\.)*"|'[^']*')""", text)}
        found |= set(re.findall(r'say\(s, "([^"]*)"', text))
        for row in re.findall(r'head\(s, ((?:"[^"]*"(?:, )?)+)', text):
            found |= set(re.findall(r'"([^"]*)"', row)) - {""}
    for name in ("charts.py", "flow_charts.py"):
        text = folder.joinpath(name).read_text(encoding="utf-8")
        found |= set(re.findall(r'reader\.label\(\s*"([^"]*)"', text))
    return found


# -- catalogues -------------------------------------------------------------------------------------------------------


def test_every_language_of_the_body_has_the_same_texts_with_the_same_slots():
    first = set(catalogue(OTHERS[0]))
    for code in OTHERS:
        assert set(catalogue(code)) == first
        for english, text in entries(code):
            assert set(SLOT.findall(text)) == set(SLOT.findall(english)), (code, english)
            assert text.count(LEFT_TO_RIGHT) == text.count(END)


def test_a_language_without_a_body_says_a_part_of_the_same_texts_with_the_same_slots():
    for code in set(LANGUAGES) - set(BODIES):
        assert 50 < len(catalogue(code)) < len(catalogue(OTHERS[0]))
        for english, text in entries(code):
            assert set(SLOT.findall(text)) == set(SLOT.findall(english)), (code, english)
            assert english in catalogue(OTHERS[0])


def test_texts_with_forms_have_all_of_them_and_a_number_to_choose_by():
    for code in OTHERS:
        for english, entry in catalogue(code).items():
            if isinstance(entry, dict):
                assert set(entry) == FORMS[code], (code, english)
                assert "n" in SLOT.findall(english)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_a_partial_a_heading_or_a_chart_is_in_the_catalogue(code):
    wanted = words_of_partials()
    assert len(wanted) > 200
    assert wanted - set(catalogue(code)) == set()


@given(st.integers(0, 10_000))
def test_a_russian_count_takes_the_form_of_its_number(n):
    said = catalogue("ru")["{n} sets of projects were solved as a whole, not added up from their parts."]
    text = reader("ru", EMPTY).turn(f"{n:,} sets of projects were solved as a whole, not added up from their parts.")
    assert text == said[plural("ru", n)].format(n=f"{n:,}".replace(",", "\u202f"))


class Nothing:
    """A package without names, and with the Russian texts it is given."""

    def __init__(self, **texts):
        rows = [{"english": e, "lang": "ru", "text": t} for e, t in texts.items()]
        self.tables = MappingProxyType({"texts": pd.DataFrame(rows, columns=["english", "lang", "text"])})

    def __getitem__(self, table):
        return self.tables[table]


EMPTY = Nothing()


@pytest.mark.parametrize("code", OTHERS)
def test_a_finished_text_is_known_again_by_its_own_template(code):
    """Filled with marks no language has, a telling template gives the entry of its own English and no other's."""
    one = reader(code, EMPTY)
    for english, entry in catalogue(code).items():
        if not SLOT.search(english):
            continue
        slots = dict.fromkeys(SLOT.findall(english))
        filled = {s: "7" if s == "n" or re.fullmatch(r"x\d?", s) else f"Zq{s}" for s in slots}
        text = english.format(**filled)
        mine = next(t for t in one.templates if t.entry is entry)
        if not mine.telling:
            continue
        form = entry if isinstance(entry, str) else entry[plural(code, 7) if code == "ru" else "other"]
        bare = re.sub("[\u2066\u2069]", "", one.turn(text))
        assert bare == re.sub("[\u2066\u2069]", "", form.format(**filled)), english


def test_a_name_with_the_words_of_a_template_in_it_stays_in_one_piece():
    texts = {
        "Alpha and Beta gates": "\u0412\u043e\u0440\u043e\u0442\u0430",
        "Gamma line": "\u041b\u0438\u043d\u0438\u044f",
    }
    said = reader("ru", Nothing(**texts)).turn(
        "Alpha and Beta gates and Gamma line as a second way, million USD a year"
    )
    assert said.startswith("\u0412\u043e\u0440\u043e\u0442\u0430 \u0438 \u041b\u0438\u043d\u0438\u044f ")


# -- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u22121,234.5", "\u22121\u202f234,5"),
        ("12%", "12\u00a0%"),
        ("2026-11-24", "2026-11-24"),
        ("0.1.0", "0.1.0"),
        ("1,200 (300\u20134,500)", "1\u202f200 (300\u20134\u202f500)"),
    ],
)
def test_figures_take_the_separators_of_russian(text, expected):
    assert reader("ru", EMPTY).figures(text) == expected


def test_figures_of_urdu_stand_in_one_piece_from_left_to_right():
    one = reader("ur", EMPTY)
    assert one.figures("\u2212140") == f"{LEFT_TO_RIGHT}\u2212140{END}"
    assert one.turn("\u2212140 to +5").count(LEFT_TO_RIGHT) == 2


def test_two_figures_side_by_side_follow_the_language():
    assert reader("ur", EMPTY).figures("20% / 35%") == f"{LEFT_TO_RIGHT}20%{END}\u200f / {LEFT_TO_RIGHT}35%{END}"
    assert reader("ru", EMPTY).figures("20% / 35%") == "20\u00a0% / 35\u00a0%"


def test_a_sentence_that_ends_with_a_list_is_known_by_what_stands_before_its_stop():
    said = reader("ru", Nothing(Alpha="\u0410", Beta="\u0411")).turn("May lose in one case or another: Alpha, Beta.")
    assert said.endswith(": \u0410, \u0411.")
    assert not re.search("[A-Za-z]", said)


def test_a_template_does_not_swallow_the_sentence_before_it():
    one = reader("ru", Nothing(Alpha="\u0410", Beta="\u0411"))
    first, second = (
        "The way exists, but Alpha-Beta: 0 of 5 crossings open on 2025-12-12.",
        "Open, and no deadline was named.",
    )
    assert one.turn(f"Then: {first} Now: {second}") == " ".join(
        [one.turn("Then") + ":", one.turn(first), one.turn("Now") + ":", one.turn(second)]
    )


def test_a_day_stays_on_one_line_of_a_page_and_nothing_else_is_touched():
    text = '<a href="#s-2026-11-30">x-2026-11</a> 2026-11-30, 2025-01/2025-06 <code>2026-11-30</code>'
    day = '<span class="day">{}</span>'.format
    whole = f"{day('2026-11-30')}, {day('2025-01')}/{day('2025-06')}"
    assert whole_days(text) == text.replace("2026-11-30, 2025-01/2025-06", whole)
    assert whole_days("Hours (P10\u2013P90)") == "Hours (" + day("P10\u2013P90") + ")"


def test_powers_of_ten_are_raised():
    assert whole_days("5\u00b710^\u221213 and 10^6, x^2") == "5\u00b710<sup>\u221213</sup> and 10<sup>6</sup>, x^2"


def test_english_stays_as_it_is():
    one = reader("en", EMPTY)
    data = {"text": "rail via Gauge Gate", "n": 3, "rows": [["1,000", "x"]]}
    assert one.data(data) is data
    assert one.say("{n} rows", n=3) == "3 rows"


# -- pages ------------------------------------------------------------------------------------------------------------


ROW = re.compile(r"[A-Za-z0-9_.-]+( \((there|back)\))?")
"""An identifier of a row, with its direction."""


def own_texts(result):
    """What a package says in its own words, and names of conventions: these stay as they were taken down."""
    found = {p for f in result.package.tables.values() for c in f for p in f[c].astype(str)}
    found |= {r.text for r in result.spec.remarks} | set(result.tables["scenarios"]["title"])
    return found | set(result.tables["trade_checks"]["reports"]) | {"ADB 2017", "World Bank 2016"}


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_of_the_report_is_left_in_english_but_what_the_package_says(code, result, built):
    own = own_texts(result)
    left = {t for text in built[code].reader.missed for t in text.split(" + ") if t not in own}
    assert {t for t in left if not ROW.fullmatch(t)} == set()


@pytest.mark.parametrize("code", OTHERS)
def test_a_page_is_in_its_language_and_says_that_no_native_reader_checked_it(code, pages):
    tongue = language(code)
    assert f'<html lang="{code}" dir="{tongue.direction}">' in pages[code]
    assert tongue.words["unchecked"] in pages[code]
    body = visible(pages[code][pages[code].index("<main>") : pages[code].index('id="sources"')])
    own = re.findall("[\u0400-\u04ff\u0600-\u06ff]", body)
    assert len(own) > len(re.findall("[A-Za-z]", body))


def test_every_colour_of_a_picture_has_one_for_a_dark_screen_and_print_stays_light(pages, built):
    dark = {light.removeprefix("#"): colour for light, colour in DARK.items()}
    for text in pages.values():
        pictures = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
        used = set(re.findall(r"var\(--p([0-9a-f]{6}), #\1\)", pictures))
        assert len(used) > 8
        assert used <= set(dark)
        assert re.findall(r"(?:fill|stroke): #[0-9a-f]{3,6}", pictures) == []
        rule = re.search(r"@media screen and \(prefers-color-scheme: dark\) {(.*)}", text)[1]
        assert all(f"--p{light}: {dark[light]}" in rule for light in used)
    assert "var(" not in built["en"].section("map")["map_svg"], "what sets paper knows no properties"


def test_every_number_of_every_page_opens_or_stands_beside_its_source(pages):
    for text in pages.values():
        body = text[text.index("<main>") : text.index('id="sources"')]
        ids, inside = set(re.findall(r' id="([^"]+)"', text)), set(re.findall(r'href="#([^"]+)"', text))
        assert inside <= ids
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
            cells = re.findall(r'<td class="n">(.*?)</td>', row, re.DOTALL)
            bare = [c for c in cells if re.search(r"\d", re.sub(r"<[^>]*>", "", c)) and "href=" not in c]
            assert not bare or 'href="#s-' in row


def test_no_sentence_stands_in_a_column_of_numbers(pages):
    """What may not break must be short, else the columns behind it leave the screen."""
    for text in pages.values():
        cells = re.findall(r'<td class="(?:n|d)">(.*?)</td>', text, re.DOTALL)
        assert cells
        assert max(len(re.sub(r"<[^>]*>", "", c)) for c in cells) <= 40


def test_the_project_and_closures_are_told_by_names(result, built):
    package = result.package
    shown = {g["title"]: g["rows"] for s in ("project", "resilience") for g in built["en"].section(s)["grids"]}
    names = {n.split(" (")[0] for n in package["places"]["name"]} | set(package["countries"]["name"])
    assert {r[0] for r in shown["Busiest section of each good, Mt a year"]} <= set(package["commodities"]["name"])
    assert shown["Closures by reason"]
    for what, row, *_ in shown["Closures by reason"]:
        assert row in set(package["closure_regimes"]["id"])
        assert all(w in names | set(language("en").words["passages"].values()) for w in what.split(", "))
    sections = [r[0] for r in shown["Traffic by section and direction, Mt a year"]]
    assert sections
    assert len(set(sections)) == len(sections)
    rows = {*package["links"]["id"], *package["crossings"]["id"]}
    assert not {s.rsplit(" (", 1)[0] for s in sections} & rows


DECIDED = ("decision", "scorecard", "judgement", "project", "resilience", "coalition", "portfolio")


def test_sentences_with_figures_on_the_decision_lead_to_their_sources(pages):
    for text in pages.values():
        for name in DECIDED:
            if f'<section id="{name}">' not in text:
                continue
            section = text[text.index(f'<section id="{name}">') :]
            section = section[: section.index("</section>")]
            said = re.findall(r"<p[^>]*>(.*?)</p>", section, re.DOTALL)
            bare = [p for p in said if re.search(r"\d", re.sub(r"<[^>]*>", "", p)) and "href=" not in p]
            assert said
            assert not bare, name


def glyphs():
    from fontTools.ttLib import TTFont

    folder = files("serai.report").joinpath("fonts")
    fonts = [TTFont(str(p)) for p in folder.iterdir() if p.name.endswith("-Regular.ttf")]
    return set().union(*(f.getBestCmap() for f in fonts))


UNSEEN = {"\u2066", "\u2069", "\u2060", "\u200e", "\u200f", "\u200c", "\n"}
"""Characters that order or join text and are drawn by nobody."""


def test_every_letter_of_the_report_has_a_glyph_in_the_fonts_that_come_with_it(pages):
    known = glyphs()
    texts = {f"page {code}": visible(text) for code, text in pages.items()}
    texts |= {f"catalogue {code}": "".join(text for _, text in entries(code)) for code in OTHERS}
    texts |= {f"summary {code}": str(language(code).words) for code in ("en", "ru", "ur", "kk")}
    for where, text in texts.items():
        assert "\ufffd" not in text
        assert {c for c in text if not c.isspace() and ord(c) not in known} - UNSEEN == set(), where


def test_every_name_of_the_corridor_has_its_letters_in_the_fonts():
    known, package = glyphs(), serai.open_package("ewec")
    for table in ("places", "countries", "economies", "commodities"):
        for code in ("en", "ru", "ur", "kk"):
            text = "".join(language(code).names(package, table).values())
            assert {c for c in text if not c.isspace() and ord(c) not in known} - UNSEEN == set(), (table, code)


def test_the_names_of_a_whole_map_have_the_size_of_its_ground(built):
    drawn = built["en"].section("map")
    for words in drawn["words"]:
        whole = whole_map(drawn["map_svg"], words["svg"])
        outer, layer = (re.search(r"<svg[^>]*>", text)[0] for text in (whole, whole[whole.rindex("<svg") :]))
        frame = re.search('viewBox="0 0 ([^ ]*) ([^"]*)"', layer)
        assert f'width="{frame[1]}" height="{frame[2]}"' in layer
        assert frame[0] in outer
        alone = credited(whole, ["Cite as: this"])
        assert layer in alone
        assert "<text" not in alone, "a reader may not have the fonts"


# -- boundaries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_the_line_at_khunjerab_is_dashed_unless_a_state_is_asked_that_draws_it(view):
    firm, soft = split_disputed(KHUNJERAB, view)
    near = [x for x in (firm, soft) for line in x if [75.43, 36.72] in line]
    assert near == [soft if view == "disputed" else firm]


def test_no_line_of_kashmir_is_firm_in_the_view_that_takes_no_side():
    assert split_disputed((72.6, 32.4, 80.3, 37.0), "disputed")[0] == []


def test_the_line_of_control_is_firm_in_nobodys_view():
    for view in VIEWS:
        firm, _ = split_disputed((73.8, 34.0, 76.9, 35.0), view)
        assert not any([77.05, 35.11] in line and [73.77, 32.83] in line for line in firm)
