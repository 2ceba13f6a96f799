"""What a number must be tied to in order to be a claim, and projects named by their ends; in four languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from serai.api import open_package
from serai.evidence.claims import extract
from serai.evidence.gazetteer import gazetteer
from serai.evidence.types import Article

SIX = Path(__file__).parent / "packages" / "sixplace"
NUMBERED = ("value", "growth_x", "years")


@pytest.fixture(scope="module")
def ewec():
    return open_package("ewec")


def claims(package, lang, text):
    return extract(Article("t", "", text, lang, "d", date="2026-02-04"), package)


def values(package, lang, text):
    return {(c.type, c.slots[n]) for c in claims(package, lang, text) for n in NUMBERED if c.slots.get(n) is not None}


def project(package, lang, text):
    return next((c.slots["project"] for c in claims(package, lang, text) if "project" in c.slots), None)


KABUL = "Trans-Afghan Railway"
HERAT = "Torghundi-Herat railway"
ZAHEDAN = "Chabahar-Zahedan railway"


@pytest.mark.parametrize(
    ("lang", "text", "name"),
    [
        ("en", "The railway from Termez to Kharlachi will cost $7 billion.", KABUL),
        ("en", "A Termez - Mazar-i-Sharif - Kabul - Peshawar railway would cost $6 billion.", KABUL),
        ("en", "The line between Torghundi and Herat is to cost $500 million.", HERAT),
        ("en", "A railway linking Chabahar in Iran with Zahedan costs $1.6 billion.", ZAHEDAN),
        (
            "en",
            "A railway connecting China, Kyrgyzstan and Uzbekistan will cost $8 billion.",
            "China-Kyrgyzstan-Uzbekistan railway",
        ),
        ("ru", "Железная дорога от Термеза до Харлачи обойдется в 7 млрд долларов.", KABUL),
        ("ru", "Линия, соединяющая Тургунди и Герат, обойдется в 500 млн долларов.", HERAT),
        ("ru", "Стоимость железной дороги между Чабахаром и Захеданом - 1,6 млрд долларов.", ZAHEDAN),
        ("ur", "ترمذ سے خرلاچی تک ریلوے لائن کی لاگت 7 ارب ڈالر ہوگی۔", KABUL),
        ("ur", "چابہار اور زاہدان کے درمیان ریلوے لائن 628 کلومیٹر طویل ہے۔", ZAHEDAN),
        ("kk", "Термезден Харлачиге дейінгі теміржолдың құны 7 млрд доллар.", KABUL),
        ("kk", "Торгунди мен Гератты байланыстыратын теміржолдың құны 500 млн доллар.", HERAT),
    ],
)
def test_a_project_is_known_by_its_ends(ewec, lang, text, name):
    assert project(ewec, lang, text) == name


@pytest.mark.parametrize(
    "text",
    [
        "The railway from Mazar-i-Sharif to Herat will cost $2 billion.",  # of two projects, an end each
        "The road from Torghundi to Herat will cost $500 million.",  # the project is a railway
        "The railway from Karachi to Peshawar, built long ago, cost $90 million.",  # its project is a repair
        "Officials of Torghundi and Herat said that a bridge would cost $50 million.",
    ],
)
def test_other_ends_are_not_the_project(ewec, text):
    assert project(ewec, "en", text) is None


def test_a_repair_is_known_by_its_ends_where_a_repair_is_spoken_of(ewec):
    assert project(ewec, "en", "The upgrade of the railway from Karachi to Peshawar will cost $6.7 billion.")


def test_ends_come_from_the_package_alone():
    six = open_package(str(SIX))
    (work,) = gazetteer(six).works
    assert (work.id, work.ends) == ("NEWLINE", frozenset({frozenset({"GAUGEGATE", "OLDPORT"})}))
    assert project(six, "en", "The railway from Gauge Gate to Old Port will cost $800 million.")
    assert project(six, "en", "The railway from Inland to Old Port will cost $800 million.") is None


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        # a share of nothing that is carried or traded
        ("en", "The port of Gwadar in Pakistan runs at 3 percent of its full strength."),
        ("en", "Beijing holds 51 percent of the company that builds the line in Kyrgyzstan."),
        ("en", "Herds make up 45 percent of the wealth of Tajikistan, a land of mountains and few roads."),
        ("ru", "Китаю принадлежит 51% компании, которая строит железную дорогу в Кыргызстане."),
        ("ur", "کرغیزستان کی ریلوے کمپنی میں چین کا حصہ 51 فیصد ہے۔"),
        ("kk", "Қырғызстандағы теміржол компаниясында Қытайдың үлесі 51 пайыз."),
        # a time in which nothing travels
        ("en", "The pass at Khunjerab was opened for two weeks so that goods could be fetched."),
        ("en", "Trucks with transit goods were stuck at Torkham for nine days."),
        ("ru", "Фуры с транзитным грузом простаивали на границе девять дней."),
        # roads of a whole country
        ("en", "Workers repaired 13,000 km of roads in Kazakhstan this year."),
        ("en", "The length of the public highways rose by 1,600 km in Kazakhstan."),
        ("ru", "В этом году в Казахстане отремонтировали 13 тысяч км автомобильных дорог."),
        ("ur", "قازقستان میں اس سال 13 ہزار کلومیٹر سڑکیں مرمت کی گئیں۔"),
        ("kk", "Биыл Қазақстанда 13 мың шақырым автомобиль жолы жөнделді."),
        # what grew in the fields, or lies in store
        ("en", "The harvest of Kazakhstan, which came to 26 million tons, was larger than before."),
        ("en", "Grain stocks in Kazakhstan stood at 6 million tons, most of them wheat."),
        # what a port could take is no freight; nor is a year before the goods
        ("en", "The port of Poti can berth larger ships carrying up to 1,700 containers."),
    ],
)
def test_a_number_tied_to_nothing_is_no_claim(ewec, lang, text):
    assert values(ewec, lang, text) == set()


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("en", "Karachi handles 54 percent of the trade of Pakistan.", {("market_share", 54)}),
        ("ru", "На долю Казахстана приходится 85% всех перевозок между Китаем и Европой.", {("market_share", 85)}),
        ("kk", "Ұн экспортының 60%-і Ауғанстан нарығына кіреді.", {("market_share", 60)}),
        (
            "en",
            "Pakistan takes 20% of the exports of Afghanistan, before India (11%).",
            {("market_share", 20), ("market_share", 11)},
        ),
        ("en", "It takes 12 days to bring goods from Karachi to Almaty by road.", {("transit_time", 12)}),
        ("en", "The delivery time from Urumqi by way of Altynkol to Herat will be 11 days.", {("transit_time", 11)}),
        ("en", "The new way cuts the trip of goods to Dubai from 30 days by sea to just 10.", {("transit_time", 10)}),
        ("ru", "Грузовик проходит путь от Ташкента до Карачи за семь дней.", {("transit_time", 7)}),
        ("en", "Some 210 km of highways in Tajikistan and Uzbekistan will be rebuilt.", {("distance", 210)}),
        ("en", "The train carried 62 containers of paper from Moscow to Tehran.", {("flow_volume", 62)}),
        (
            "en",
            "The capacity of the railway in Georgia was raised from 1 million to 5 million tons.",
            {("capacity", 5e6)},
        ),
        ("ru", "Экспорт зерна в Узбекистан вырос (с 250 тыс. тонн до 327 тыс. тонн).", {("flow_volume", 327e3)}),
        ("en", "In 2014 container traffic at Poti rose to 480,000 TEU.", {("flow_volume", 480e3)}),
        ("en", "Kazakhstan exported 2.6 million tons of grain to China in January-May.", {("flow_volume", 2.6e6)}),
    ],
)
def test_a_number_tied_to_what_is_carried_is_read(ewec, lang, text, found):
    assert values(ewec, lang, text) == found


def test_goods_that_went_through_a_port_make_no_gateway(ewec):
    for lang, text in (
        ("en", "A ship with wheat for Afghanistan arrived at the port of Chabahar in transit."),
        ("kk", "Пәкістан порты арқылы Өзбекстанға жүк жөнелтілді."),
    ):
        assert not [c for c in claims(ewec, lang, text) if c.type == "gateway"]


def test_russian_access_belongs_to_who_gives_it(ewec):
    found = claims(ewec, "ru", "Пакистан готов предоставить Казахстану доступ к портам.")
    (gate,) = [c for c in found if c.type == "gateway"]
    assert gate.slots["ports"] == ("PAK ports",)


@pytest.mark.parametrize(
    "text",
    [
        "The railway of which Tehran, Delhi and Kabul signed the papers is a link to the sea.",
        "They speak of new routes and of partnerships with Iran, Afghanistan, and Pakistan.",
    ],
)
def test_who_acts_is_not_on_the_way(ewec, text):
    assert not [c for c in claims(ewec, "en", text) if c.type == "route"]


def test_kazakh_cases_of_a_name_that_is_the_same_in_russian(ewec):
    found = [c.slots["nodes"] for c in claims(ewec, "kk", "Маршрут Герат – Кандагар – Карачиге дейін созылады.")]
    assert found == [("Herat", "Kandahar", "Karachi")]


def test_a_year_may_be_said(ewec):
    for said, date in (("last year", "2025-05"), ("next year", "2027-05")):
        found = claims(ewec, "en", f"The port of Turkmenbashi was completed in May {said}.")
        assert [c.slots["date"] for c in found if c.type == "project_milestone"] == [date]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Uzbekistan and Afghanistan share a 144-kilometer border along the Amu Darya."),
        ("en", "The border between Iran and Afghanistan is about 920 km long."),
        ("ru", "Узбекистан и Афганистан делят 144 километра общей границы по Амударье."),
        ("ru", "Граница Таджикистана с Афганистаном имеет протяженность 1350 км."),
        ("ur", "ایران اور پاکستان کے درمیان 900 کلومیٹر طویل سرحد ہے۔"),
        ("kk", "Қазақстан мен Өзбекстан арасында 2300 шақырым шекара бар."),
    ],
)
def test_how_long_two_countries_touch_is_no_distance(ewec, lang, text):
    assert not [c for c in claims(ewec, lang, text) if c.type == "distance"]


@pytest.mark.parametrize(
    ("lang", "text", "km"),
    [
        ("en", "The road to the Dogharoun border crossing is 180 km long from Mashhad.", 180.0),
        (
            "ru",
            "Протяженность дороги от Хайратона до Мазари-Шарифа, построенной узбекистанцами, составляет 75 км.",
            75.0,
        ),
        ("ur", "پشاور سے کراچی 1872 کلومیٹر کے منصوبے پر کام جاری ہے۔", 1872.0),
    ],
)
def test_a_length_between_ends_is_one(ewec, lang, text, km):
    assert ("distance", km) in values(ewec, lang, text)


def test_what_has_been_passed_is_no_forecast(ewec):
    text = "Cargo at Aktau has surpassed 3 million tons and is expected to reach 5 million tons by December."
    assert values(ewec, "en", text) == {("flow_volume", 3e6), ("flow_forecast", 5e6)}


def test_a_multiple_after_a_forecast_is_told_with_it(ewec):
    text = "Container traffic on the Middle Corridor may reach 300 thousand TEU, 5 times higher than in 2024."
    (claim,) = [c for c in claims(ewec, "en", text) if c.type == "flow_forecast"]
    assert (claim.slots["value"], claim.slots["growth_x"]) == (3e5, 5.0)


@pytest.mark.parametrize(
    "text",
    [
        "The two neighbours opened the Pishin-Mand border crossing on Thursday.",
        "The Rimdan border gate was inaugurated in December.",
        "Torkham has remained open for trade.",
    ],
)
def test_a_crossing_that_was_opened_is_open(ewec, text):
    assert [c.slots["state"] for c in claims(ewec, "en", text) if c.type == "border_status"] == ["open"]


def test_container_trucks_are_trucks(ewec):
    (claim,) = claims(ewec, "en", "Customs cleared more than 80 container trucks from Uzbekistan last month.")
    assert (claim.slots["value"], claim.slots["unit"]) == (80.0, "truck")


def test_shares_of_one_whole_are_all_shares(ewec):
    text = "Of the total number of containers carried, 40% are transit cargo, 35% are imports, and 25% are exports."
    assert values(ewec, "en", text) == {("market_share", 40.0), ("market_share", 35.0), ("market_share", 25.0)}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The throughput capacity of the port is 5 million tons, and can be increased to 9 million tons."),
        (
            "ru",
            "Пропускная способность порта составит 5 млн тонн, но в перспективе может быть увеличена до 9 млн тонн.",
        ),
    ],
)
def test_a_capacity_to_be_raised_is_one(ewec, lang, text):
    assert values(ewec, lang, text) == {("capacity", 5e6), ("capacity", 9e6)}


def test_a_decimal_may_have_a_raised_point(ewec):
    assert values(ewec, "en", "The railway from Termez to Kharlachi will cost US$4·7bn.") == {("project_cost", 4.7e9)}


@pytest.mark.parametrize(
    "text",
    [
        "The feasibility study of the Trans-Afghan Railway was completed in May 2023.",
        "The first train ran in May 2023 following the completion of the Khaf-Herat railway.",
    ],
)
def test_a_study_that_is_done_is_no_railway_that_is(ewec, text):
    assert not [c for c in claims(ewec, "en", text) if c.type == "project_milestone"]
