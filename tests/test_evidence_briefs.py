"""Briefs: the grammar of four languages, the words against their golden files, and what a brief always says."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import serai
from serai.core.errors import InputError
from serai.data.package import Meta
from serai.evidence.briefs.facts import GoodsFacts, PairFacts, Spread, StateFacts, WayFacts, pair_facts
from serai.evidence.briefs.grammar import (
    CLOSE,
    LANGUAGES,
    OPEN,
    bare,
    kazakh,
    language,
    latin,
    ltr,
    marked,
    plain,
    plural_form,
    russian,
    two_figures,
)
from serai.evidence.briefs.write import article_brief, pair_brief
from serai.evidence.types import Article, Check, Claim, Materiality, Modality, Span, Verdict
from serai.freight.routes import compile_package
from serai.report.brief import brief_frames, brief_html, write_brief

GOLDEN = Path(__file__).parent / "golden"
META = Meta("made-up", "Made up", "1.0", dt.date(2025, 1, 1), 2025, "disputed", "", "0123456789abcdef")
ALMATY = {"en": "Almaty", "ru": "Алматы", "ur": "الماتی", "kk": "Алматы"}
KARACHI = {"en": "Karachi", "ru": "Карачи", "ur": "کراچی", "kk": "Карачи"}
TAFTAN = {"en": "Taftan", "ru": "Тафтан", "ur": "تفتان", "kk": "Тафтан"}
TORKHAM = {"en": "Torkham", "ru": "Торхам", "ur": "طورخم", "kk": "Торхам"}
GOODS = {"en": "Machinery", "ru": "Машины", "ur": "مشینری", "kk": "Машиналар"}
GRAIN = {"en": "Grain", "ru": "Зерно", "ur": "اناج", "kk": "Астық"}


def way(cost: float, days: float, modes=("road",), via=(TAFTAN,)) -> WayFacts:
    cost_, time = Spread(cost, cost * 0.7, cost * 1.4), Spread(days * 24, days * 18, days * 32)
    return WayFacts(cost_, time, 4575.0, modes, via, 0.34)


FACTS = PairFacts(
    origin=ALMATY,
    destination=KARACHI,
    goods=GOODS,
    day=dt.date(2026, 11, 24),
    ways=(way(288.9, 14.7), way(425.5, 21.0, ("road", "rail"), (TORKHAM,))),
    unknown=(
        StateFacts(TORKHAM, "closed", dt.date(2026, 2, 19), True),
        StateFacts(TAFTAN, "open", dt.date(2026, 4, 28), False),
    ),
    if_open_usd_per_t=268.0,
    if_shut_usd_per_t=None,
    turns=True,
    sectors=(GoodsFacts(GOODS, 8000.0, 390.0), GoodsFacts(GRAIN, 270.0, 230.0), GoodsFacts(TAFTAN, 100.0, None)),
    meta=META,
    ends=("ALMATY", "KARACHI"),
)  # fmt: skip


# ----------------------------------------------------------------------------------------------------- grammar


@pytest.mark.parametrize(
    ("name", "gen", "acc"),
    [
        ("Алматы", "Алматы", "Алматы"),
        ("Карачи", "Карачи", "Карачи"),
        ("Ташкент", "Ташкента", "Ташкент"),
        ("Гвадар", "Гвадара", "Гвадар"),
        ("Астана", "Астаны", "Астану"),
        ("Рига", "Риги", "Ригу"),
        ("Индия", "Индии", "Индию"),
        ("Шанхай", "Шанхая", "Шанхай"),
        ("Астрахань", "Астрахани", "Астрахань"),
        ("Баку", "Баку", "Баку"),
        ("ОАЭ", "ОАЭ", "ОАЭ"),
        ("Спин-Болдак", "пункта Спин-Болдак", "пункт Спин-Болдак"),
    ],
)
def test_russian_cases(name, gen, acc):
    assert (russian(name, "gen"), russian(name, "acc")) == (gen, acc)


@pytest.mark.parametrize(
    ("name", "ablative", "dative"),
    [
        ("Алматы", "Алматыдан", "Алматыға"),
        ("Ташкент", "Ташкенттен", "Ташкентке"),
        ("Гвадар", "Гвадардан", "Гвадарға"),
        ("Карачи", "Карачиден", "Карачиге"),
        ("Бішкек", "Бішкектен", "Бішкекке"),
        ("Атырау", "Атыраудан", "Атырауға"),
        ("Торхам", "Торхамнан", "Торхамға"),
        ("Достық", "Достықтан", "Достыққа"),
    ],
)
def test_kazakh_cases(name, ablative, dative):
    assert (kazakh(name, "abl"), kazakh(name, "dat")) == (ablative, dative)


def test_a_latin_name_stands_beside_the_word_that_is_bent():
    assert bare(russian("Inland", "gen")) == "пункта Inland"
    assert bare(kazakh("Inland", "dat")) == "Inland пунктіне"


@pytest.mark.parametrize(
    ("n", "form"),
    [(1, "one"), (2, "few"), (4, "few"), (5, "many"), (11, "many"), (12, "many"), (14, "many"), (21, "one"),
     (22, "few"), (111, "many"), (112, "many"), (121, "one")],
)  # fmt: skip
def test_russian_numbers_choose_the_noun(n, form):
    assert plural_form("ru", n) == form
    assert plural_form("en", n) == ("one" if n == 1 else "many")


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_two_figures_are_within_a_twentieth(x):
    # Rounding at the second significant figure moves a number by at most half a unit of it: 5 % of 10.
    assert abs(two_figures(x) - x) <= 0.05 * x * (1 + 1e-9)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_words(code):
    def keys(words, path=""):
        for k, v in words.items():
            yield path + str(k)
            if isinstance(v, dict):
                yield from keys(v, f"{path}{k}.")

    extra = {"day.few"} if code == "ru" else set()
    assert set(keys(language(code).words)) == set(keys(language("en").words)) | extra


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_has_the_same_parts(code):
    case = re.compile(r"_(gen|acc|abl|dat)$")
    for section in ("brief", "article", "note"):
        for key, sentence in language(code).words[section].items():
            parts = {case.sub("", p) for p in re.findall(r"{(\w+)}", sentence)}
            assert parts == set(re.findall(r"{(\w+)}", language("en").words[section][key])), (section, key)


def test_an_unknown_language_is_told():
    with pytest.raises(InputError, match="'fr'"):
        language("fr")


@given(st.text())
def test_marked_text_never_opens_an_element_but_its_own(text):
    out = marked(ltr(text))
    assert re.sub(r'<bdi dir="ltr">|</bdi>', "", out).count("<") == 0
    assert '"' not in re.sub(r'<bdi dir="ltr">', "", out)


def test_marks_become_isolates_only_where_the_text_runs_from_right_to_left():
    text = f"الف {ltr('−0.12 %')}"
    assert plain(text, "rtl") == "الف \u2066−0.12 %\u2069"
    assert plain(text, "ltr") == "الف −0.12 %"
    assert marked(text) == 'الف <bdi dir="ltr">−0.12 %</bdi>'
    assert latin("کراچی") == "کراچی"


# ------------------------------------------------------------------------------------------------------ briefs


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("audience", ["press", "business"])
def test_the_words_are_those_of_the_golden_file(code, audience):
    brief = pair_brief(FACTS, code, audience)
    path = GOLDEN / f"brief-{audience}.{code}.txt"
    text = brief.text().split("\n" + plain(brief.notes[0], brief.direction))[0] + "\n"
    if os.environ.get("SERAI_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("audience", ["press", "business"])
def test_a_brief_has_about_120_words_and_every_mark_is_closed(code, audience):
    brief = pair_brief(FACTS, code, audience)
    assert 60 <= brief.words() <= 150
    for text in (brief.title, *brief.sentences, *brief.notes, *(x for row in brief.box for x in row)):
        assert text.count(OPEN) == text.count(CLOSE)
        assert "{" not in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_brief_says_on_what_it_stands_and_who_has_read_it(code):
    notes = " ".join(bare(n) for n in pair_brief(FACTS, code).notes)
    assert "0123456789ab" in notes
    assert META.name in notes
    warning = language(code).say("note.native")
    assert warning in notes
    assert bool(warning) == (code != "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_way_is_said_and_never_a_number(code):
    brief = pair_brief(replace(FACTS, ways=(), unknown=(), turns=False, sectors=()), code)
    assert not re.search(r"\d", brief.box[0][1])
    none = {"en": "no way is open", "ru": "открытого пути", "ur": "کوئی راستہ کھلا نہیں", "kk": "ашық жол жоқ"}
    assert none[code] in bare(brief.sentences[0])


def test_an_unconfirmed_state_is_never_told_as_open_or_closed_alone():
    text = bare(" ".join(pair_brief(FACTS, "en").sentences))
    assert "Nobody has confirmed in time whether these are open: Torkham (closed on 19 February 2026)" in text
    assert "if shut, no way" in text


def test_urdu_ranges_are_one_piece():
    brief = pair_brief(FACTS, "ur")
    assert f"{OPEN}200–400{CLOSE}" in brief.box[1][2]
    assert any(f"{OPEN}200–400{CLOSE}" in s for s in brief.sentences)


def test_an_unknown_audience_is_told():
    with pytest.raises(InputError, match="everyone"):
        pair_brief(FACTS, "en", "everyone")  # type: ignore[arg-type]


def test_a_brief_is_written_in_four_forms(tmp_path):
    hostile = {**GOODS, "en": '=cmd|"/c calc"!A1 <script>'}
    brief = pair_brief(replace(FACTS, sectors=(GoodsFacts(hostile, 8000.0, 390.0),)), "en", "business")
    for name in ("b.txt", "b.html", "b.csv", "b.xlsx"):
        write_brief(brief, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        write_brief(brief, tmp_path / name)
        assert (tmp_path / name).read_bytes() == first
    assert "<script>" not in (tmp_path / "b.html").read_text("utf-8")
    assert brief_frames(brief)["goods"].iloc[0, 0].startswith("'=")
    with pytest.raises(InputError, match="doc"):
        write_brief(brief, tmp_path / "b.doc")


def test_urdu_pages_run_from_right_to_left_with_figures_that_do_not():
    page = brief_html(pair_brief(FACTS, "ur"))
    assert '<html lang="ur" dir="rtl">' in page
    assert '<bdi dir="ltr">200–400</bdi>' in page


def test_figures_come_from_the_model(sixplace):
    passages = {code: language(code).words["passage"] for code in LANGUAGES}
    compiled = compile_package(sixplace)
    found = pair_facts(
        compiled, "INLAND", "ISLE", day=dt.date(2025, 12, 15), commodity="manufactures", passages=passages, sectors=True
    )
    assert found.origin["ru"] == "Инланд"
    assert found.ways
    assert found.ways[0].cost_usd_per_t.low <= found.ways[0].cost_usd_per_t.middle <= found.ways[0].cost_usd_per_t.high
    # The middle of a time is its median, as in every table of ways.
    best = serai.routes(sixplace, "INLAND", "ISLE", as_of="2025-12-15", k=1, with_validation=False).routes[0]
    assert found.ways[0].time_h.middle == pytest.approx(best.door_to_door_h.p50)
    assert found.turns == bool(found.if_open_usd_per_t)
    assert {g.name["en"] for g in found.sectors} == set(sixplace["commodities"]["name"])
    shares = [g.share for g in found.sectors if g.share is not None]
    assert shares == sorted(shares)
    for code in LANGUAGES:
        assert pair_brief(found, code, "business").words() > 40


# ---------------------------------------------------------------------------------------------------- articles


def article(title: str = "A visit") -> Article:
    return Article("https://example.org/a", title, "text", "en", "d" * 64, "2025-05-27", publisher="A paper")


def check(verdict: Verdict, quote: str, question: str = "") -> Check:
    claim = Claim("c1", "trade_volume", Modality.ACTUAL, {"value": 250.0}, Span(0, len(quote), quote), "en")
    return Check(claim, verdict, verdict, "2025-05-27", "2026-11-24", Materiality.MINOR, "", next_question=question)


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_article_brief_says_what_holds_what_does_not_and_what_to_ask(code):
    checks = (
        check(Verdict.SUPPORTED, "the largest landlocked country"),
        check(Verdict.CONTRADICTED, "a 35-year relationship", "Since when?"),
        check(Verdict.UNVERIFIABLE, "over $200 million"),
    )
    brief = article_brief(article(), checks, code, META, dt.date(2026, 11, 24), lambda text: f"<{code}> {text}")
    text = bare(" ".join(brief.sentences))
    for quote in ("largest landlocked", "35-year", "$200 million", f"<{code}> Since when?"):
        assert quote in text
    assert brief.notes[0] == language(code).say("article.draft"), "a program's proposal must be called one"


def test_an_urdu_quotation_runs_from_right_to_left_and_only_latin_is_marked():
    said = replace(article("پاکستان اور قازقستان"), lang="ur")
    claim = check(Verdict.SUPPORTED, "35 دن سے 5 دن")
    brief = article_brief(said, (claim,), "ur", META, dt.date(2026, 11, 24))
    assert "\u2066پ" not in brief.text()
    assert "\u206635" not in brief.text()
    assert "\u2066A visit" in article_brief(article(), (claim,), "ur", META, dt.date(2026, 11, 24)).text()


def test_the_weightiest_claim_comes_first_with_both_days():
    light = check(Verdict.CONTRADICTED, "light")
    grave = replace(
        check(Verdict.CONTRADICTED, "grave"), verdict_then=Verdict.DISPUTED, materiality=Materiality.DECISIVE
    )
    text = bare(article_brief(article(), (light, grave), "en", META, dt.date(2026, 11, 24)).sentences[1])
    assert text.index("grave") < text.index("light")
    assert "disputed on 27 May 2025, contradicted on 24 November 2026" in text


def test_an_article_cannot_bend_the_page():
    hostile = "</title><script>alert(1)</script>\u202egnp.exe"
    brief = article_brief(article(hostile), (check(Verdict.SUPPORTED, hostile),), "ur", META, dt.date(2026, 11, 24))
    page = brief_html(brief)
    assert "<script>" not in page
    assert "\u202e" not in page
