"""The page in a real browser without any network but its own server."""

import base64
import json
import os
import signal
import zipfile

import openpyxl
import pytest

from test_evidence_checks import TEXT as SEED
from workbench import AXE, Look, absent, launched, serving, wait_until

TABS = ("routes", "scenario", "gains", "compare", "decision", "status", "ledger", "check")
SAID = "INLAND, 12 March 2025. Trade between Laria and Costa reached $400 million in 2024, officials said."
REPORT_S = 2400
"""Time for the report of the real corridor; on two cores with nothing else to do it takes an eighth of it."""
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser(module_home):
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def served(browser, module_home, sixplace_folder):
    found = serving(str(sixplace_folder), module_home)
    yield found
    found.close()


@pytest.fixture
def look(browser, served):
    opened = []

    def open_(query="from=INLAND&to=HARBOR&lang=en&day=2025-06-01", **context):
        opened.append(Look(browser, served, query, **context))
        return opened[-1]

    yield open_
    for found in opened:
        found.close()


def serious(here):
    """What axe finds serious or worse."""
    if not AXE.is_file():
        absent("axe-core is not installed (make web)")
    told = here.run("axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))")
    return [
        (v["id"], [n["html"][:120] + str(n.get("failureSummary", ""))[:200] for n in v["nodes"][:3]])
        for v in json.loads(told)
        if v["impact"] in {"serious", "critical"}
    ]


def keep_and_accept(here):
    """Keep what was checked, and accept its first claim by keyboard."""
    page = here.page
    page.click("#keep")
    page.wait_for_selector("#panel p[role=status] bdi")
    here.tab("ledger")
    page.wait_for_selector("#panel .claims input")
    claim = page.locator("#panel .claims > li").first
    assert "draft" in claim.inner_text()
    claim.locator("input").fill("trade_totals")
    claim.focus()
    page.keyboard.press("a")
    wait_until(lambda: "draft" not in page.locator("#panel .claims > li").first.inner_text())


def download_report(here, folder, within_s=300):
    """Wait for the report that was asked for, and take it."""
    here.page.wait_for_selector(".report a", timeout=1000 * within_s)
    with here.page.expect_download() as told:
        here.page.click(".report a")
    told.value.save_as(folder / "report.zip")
    with zipfile.ZipFile(folder / "report.zip") as packed:
        assert {"report.html", "tables.xlsx", "provenance.json"} <= set(packed.namelist())
        return packed.read("report.html").decode()


def test_a_day_at_the_real_corridor(browser, ewec, module_home, tmp_path):
    served = serving("ewec", module_home)
    here = Look(browser, served, "from=ALMATY&to=KARACHI&lang=en&day=2025-06-01")
    page = here.page
    page.set_default_timeout(400_000)  # own figures take minutes
    wrong = []

    # A route is found.
    page.wait_for_selector(".way")
    page.wait_for_selector('[data-drawn]:not([data-drawn="0"])', state="attached")
    ways, border = here.ways(), here.ways()[0].split(">")[0]
    assert any("CHAMAN" in w or "TORKHAM" in w for w in ways)
    assert "key=" not in page.url
    figures = page.inner_text(".way .figures")

    # Nothing is changed, so nobody gains; two gates are shut one after the other, and gains and flows change.
    here.tab("gains")
    page.wait_for_selector("#nogain")
    here.tab("scenario")
    seen = []
    for gate in ("TORKHAM", "CHAMAN"):
        page.select_option("#border", gate)
        page.click("#shut")
        here.settled()
        seen.append((here.table("#gains"), here.table("#flows"), here.table("#ports")))
    (one, flows, ports), (both, more, other) = seen
    assert one != both
    assert flows != more
    assert ports != other
    assert any("Afghanistan" in row and "\u2212" in row for row in both)
    assert {"Torkham", "Chaman"} <= {r.split()[0].split("-")[0] for r in more if "\t0 t" in r}
    assert page.url.count("do=close") == 2
    wrong += serious(here)
    here.tab("routes")
    wait_until(lambda: here.ways() and not any("CHAMAN" in w or "TORKHAM" in w for w in here.ways()))

    # The trans-Afghan railway is opened, and somebody gains.
    here.tab("scenario")
    page.click(".chips li:last-child button")
    page.select_option("#project", "UAP_KABUL")
    here.settled()
    railway = here.table("#gains")
    assert railway != both
    assert any(row.split("\t")[1].startswith("+") for row in railway)
    page.click(".chips li:last-child button")

    # A workbook of one's own is dropped in.
    rows = ewec["crossings"]
    row = rows[(rows["place"] == border) & (rows["mode"] == "road")]["id"].iloc[0]
    made = openpyxl.Workbook()
    made.active.title = "crossings"
    for cells in (("id", "hours"), ("-", "h"), (row, 400)):
        made.active.append(cells)
    made.save(tmp_path / "own.xlsx")
    packed = base64.b64encode((tmp_path / "own.xlsx").read_bytes()).decode()
    here.run(
        f"""const held = new DataTransfer();
        held.items.add(new File([Uint8Array.from(atob("{packed}"), c => c.charCodeAt(0))], "own.xlsx"));
        document.querySelector(".drop").dispatchEvent(
            new DragEvent("drop", {{bubbles: true, cancelable: true, dataTransfer: held}}))"""
    )
    page.wait_for_selector(".chips li")
    assert "own=" in page.url
    here.tab("routes")
    wait_until(lambda: here.ways() and page.inner_text(".way .figures") != figures)
    here.tab("scenario")
    page.click(".chips li:last-child button")

    # The article is checked, and a claim of it accepted by keyboard.
    here.tab("check")
    page.fill("textarea", SEED)
    page.click("#judge")
    page.wait_for_selector("#panel .claims li")
    assert len(page.query_selector_all("#panel .claims > li")) > 4
    wrong += serious(here)
    keep_and_accept(here)

    # The page is read in Urdu.
    page.select_option("#lang", "ur")
    page.wait_for_selector("html[dir=rtl][lang=ur]", state="attached")
    assert page.inner_text("#tab-gains") == "فائدہ کس کا"
    here.tab("routes")
    page.wait_for_selector(".way")
    wrong += serious(here)
    assert wrong == []

    # The report is asked for, followed and downloaded.
    page.click(".report button")
    page.wait_for_selector(".report .job progress")
    wait_until(lambda: " / " in page.inner_text(".report .job"), REPORT_S)
    assert "Trans-Afghan railway" in download_report(here, tmp_path, REPORT_S)
    here.is_clean()
    here.close()
    served.close()


def test_a_border_is_shut_and_routes_and_gains_change(look):
    here = look()
    page = here.page
    page.wait_for_selector(".way")
    ways = here.ways()
    assert any("HIGHPASS" in w for w in ways)
    here.tab("gains")
    page.wait_for_selector("#nogain")
    page.keyboard.press("2")
    page.select_option("#border", "HIGHPASS")
    page.click("#shut")
    here.tab("routes")
    wait_until(lambda: here.ways() and not any("HIGHPASS" in w for w in here.ways()))
    here.tab("gains")
    assert any("\u2212" in row for row in here.table("#gains"))
    here.is_clean()


def test_a_line_is_built_and_every_country_is_told(look):
    here = look()
    here.tab("scenario")
    here.page.select_option("#project", "NEWLINE")
    assert "do=open" in here.page.url
    here.tab("gains")
    rows = here.table("#gains")
    assert {r.split("\t")[0] for r in rows} == {"Laria", "Costa", "Isla"}
    assert any(r.split("\t")[1].startswith("+") for r in rows)
    here.is_clean()


def test_a_workbook_is_dropped_in_and_changes_the_answer(look):
    here = look("from=INLAND&to=HARBOR&lang=en&day=2025-06-01&k=1")
    here.page.wait_for_selector(".way .figures")
    before = here.page.inner_text(".way .figures")
    here.tab("scenario")
    own = "table,id,column,value\\ncrossings,HIGHPASS.road.XLA-XCO.exit,hours,400\\n"
    here.run(
        f"""const held = new DataTransfer();
        held.items.add(new File(["{own}"], "own.csv", {{type: "text/csv"}}));
        document.querySelector(".drop").dispatchEvent(
            new DragEvent("drop", {{bubbles: true, cancelable: true, dataTransfer: held}}))"""
    )
    here.page.wait_for_selector(".chips li")
    assert "own=" in here.page.url
    here.tab("routes")
    wait_until(lambda: here.page.inner_text(".way .figures") != before)
    here.is_clean()


def test_an_article_is_checked_and_its_claim_accepted(look):
    here = look()
    page = here.page
    here.tab("check")
    page.fill("textarea", SAID)
    page.click("#judge")
    page.wait_for_selector("#panel .claims li")
    keep_and_accept(here)
    here.is_clean()


def test_urdu_runs_from_right_to_left(look):
    here = look("from=INLAND&to=HARBOR&lang=en&day=2025-06-01&do=close~HIGHPASS~")
    here.page.wait_for_selector(".way")
    here.page.select_option("#lang", "ur")
    here.page.wait_for_selector("html[dir=rtl][lang=ur]", state="attached")
    assert here.page.inner_text("#tab-gains") == "فائدہ کس کا"
    here.tab("gains")
    assert here.table("#gains")
    here.is_clean()


def test_the_report_is_downloaded(look, tmp_path):
    here = look()
    here.page.click(".report button")
    download_report(here, tmp_path)
    here.is_clean()


def test_a_report_is_followed_after_a_reload_and_can_be_stopped(look, served):
    here = look("from=INLAND&to=HARBOR&lang=en&day=2025-06-02")
    pool = served.hall.long
    wait_until(lambda: pool.ready)
    os.kill(pool.process_ids[0], signal.SIGSTOP)  # it must not be done meanwhile
    here.page.click(".report button")
    here.page.wait_for_selector(".report .job progress")
    here.page.reload()
    here.page.wait_for_selector(".report .job progress")
    here.page.click(".report .job button")
    os.kill(pool.process_ids[0], signal.SIGCONT)
    here.page.wait_for_selector(".report [role=status]")
    assert here.page.inner_text(".report [role=status]") == "Stopped."
    assert here.page.query_selector(".report a") is None
    here.is_clean()


def test_the_address_is_the_view(look):
    here = look("from=INLAND&to=HARBOR&lang=ru&day=2025-06-01&tab=routes&way=1")
    here.page.wait_for_selector(".way[aria-pressed=true]")
    assert here.page.get_attribute("html", "lang") == "ru"
    assert len(here.page.query_selector_all(".way[aria-pressed=true]")) == 1
    here.is_clean()


@pytest.mark.parametrize("lang", ["en", "ur"])
def test_what_the_command_line_says_of_a_price_and_of_what_is_unknown_stands_on_the_page(look, served, lang):
    asked = {"origin": "INLAND", "destination": "HARBOR", "as_of": "2026-06-01", "container": "40HC"}
    told = served.client.get("/api/v1/routes", params=asked).json()
    here = look(f"from=INLAND&to=HARBOR&lang={lang}&day=2026-06-01&box=40HC")
    here.page.wait_for_selector(".way")
    price, ways = told["prices"][0], here.page.query_selector_all(".ways >> nth=0 >> .way")
    assert all("40HC" in w.inner_text() and "(" in w.inner_text() for w in ways)
    rows = here.page.query_selector_all(".details table tr:has(td.num)")
    assert len(rows) == sum(len(price[part]) for part in ("lines", "options", "deposits"))
    first = price["lines"][0]
    assert f"{first['usd_p10']:,.0f}–{first['usd_p90']:,.0f}" in rows[0].inner_text()
    states = here.page.query_selector_all("details.states")
    assert len(states) == bool(told["unknown"]) + bool(told["shut"])
    assert told["unknown"]
    assert (states[0].get_attribute("open") is not None) == told["unknown_decides"]
    authorities = [p["authority"] for p in told["routes"][0]["papers"] if p["authority"]]
    papers = here.page.query_selector_all(".details details:last-of-type li")
    assert len(papers) == len(told["routes"][0]["papers"])
    assert all(any(f"({a})" in (p.text_content() or "") for p in papers) for a in authorities)
    here.is_clean()


@pytest.mark.parametrize(
    ("lang", "scheme", "width"), [("en", "light", 1360), ("ur", "dark", 1360), ("kk", "light", 390)]
)
def test_a_screen_reader_is_served(look, lang, scheme, width):
    here = look(f"from=INLAND&to=HARBOR&lang={lang}&day=2025-06-01", color_scheme=scheme)
    here.page.set_viewport_size({"width": width, "height": 850})
    here.page.wait_for_selector(".way")
    wrong = []
    for tab in TABS:
        here.tab(tab)
        wrong += [(tab, *fault) for fault in serious(here)]
        assert here.run("document.documentElement.scrollWidth") <= width, tab
    assert wrong == []
    here.is_clean()
