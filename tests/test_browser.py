"""The page in a real browser without any network but its own server."""

import json
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from serai.server.assets import page_files
from serai.server.settings import Limits, Settings

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
KEY = "reviewer-token-of-the-browser"
SECOND = "reviewer-token-of-a-colleague"
TABS = ("routes", "scenario", "gains", "compare", "decision", "status", "ledger", "check")
WATCH = (
    "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + e.blockedURI))"
)
SAID = "INLAND, 12 March 2025. Trade between Laria and Costa reached $400 million in 2024, officials said."
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def absent(what):
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and this is where it must be tested")
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        absent("chromium is not installed (Debian: apt-get install chromium)")
    if not page_files():
        absent("the page was not built (make web)")
    from playwright.sync_api import sync_playwright

    before = os.environ.get("SERAI_HOME")
    os.environ["SERAI_HOME"] = str(tmp_path_factory.mktemp("browser-home"))
    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()
    if before is None:
        del os.environ["SERAI_HOME"]
    else:
        os.environ["SERAI_HOME"] = before


def serving(package, **more):
    from test_server import Served

    tokens = {KEY: ("reviewer", "local"), SECOND: ("reviewer", "colleague")}
    limits = Limits(quick_s=120, solve_s=240, requests_per_s=1e6, burst=1e6)
    return Served(Settings(package, tokens=tokens, limits=limits, **more))


@pytest.fixture(scope="module")
def served(browser, sixplace_folder):
    found = serving(str(sixplace_folder))
    yield found
    found.close()


class Look:
    """A page that notes every error and every address asked."""

    def __init__(self, browser, served, query, **context):
        self.context = browser.new_context(viewport={"width": 1360, "height": 850}, accept_downloads=True, **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(150_000)
        self.page.add_init_script(WATCH)
        self.wrong, self.asked = [], set()
        self.page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.wrong.append(str(e)))
        self.page.on("request", lambda r: self.asked.add(r.url))
        self.base = f"http://127.0.0.1:{served.port}/"
        if AXE.is_file():
            self.page.add_init_script(path=str(AXE))
        self.page.goto(f"{self.base}?{query}#key={KEY}")
        self.page.wait_for_selector("#panel")

    def run(self, script):
        """Run a script past the page's own policy, which forbids evaluation."""
        told = self.context.new_cdp_session(self.page).send(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def ways(self):
        return [w.get_attribute("data-route") for w in self.page.query_selector_all(".ways >> nth=0 >> .way")]

    def table(self, name):
        self.page.wait_for_selector(f"{name} tbody tr")
        return self.rows(name)

    def rows(self, name):
        return [r.inner_text() for r in self.page.query_selector_all(f"{name} tbody tr")]

    def tab(self, name):
        self.page.click(f"#tab-{name}")
        self.page.wait_for_selector(f"#tab-{name}[aria-selected=true]")
        self.page.wait_for_selector("#panel :not([role=status])")
        self.settled()

    def settled(self):
        self.page.wait_for_selector("[aria-busy=true]", state="detached")

    def is_clean(self):
        assert self.wrong == []
        assert all(u.startswith((self.base, "data:", "blob:")) for u in self.asked), self.asked

    def close(self):
        self.context.close()


@pytest.fixture
def look(browser, served):
    opened = []

    def open_(query="from=INLAND&to=HARBOR&lang=en&day=2025-06-01", **context):
        opened.append(Look(browser, served, query, **context))
        return opened[-1]

    yield open_
    for found in opened:
        found.close()


def wait_until(true, seconds=240):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_two_gates_are_shut_on_the_real_corridor(browser):
    served = serving("ewec")
    here = Look(browser, served, "from=ALMATY&to=KARACHI&lang=en&day=2025-06-01")
    page = here.page
    page.wait_for_selector(".way")
    page.wait_for_selector('[data-drawn]:not([data-drawn="0"])', state="attached")
    assert any("CHAMAN" in w or "TORKHAM" in w for w in here.ways())
    assert "key=" not in page.url
    here.tab("gains")
    gains, flows = here.table("#gains"), here.rows("#flows")
    here.tab("scenario")
    for gate in ("TORKHAM", "CHAMAN"):
        page.select_option("#border", gate)
        page.click("#shut")
    assert page.url.count("do=close") == 2
    here.tab("routes")
    wait_until(lambda: here.ways() and not any("CHAMAN" in w or "TORKHAM" in w for w in here.ways()))
    here.tab("gains")
    assert here.table("#gains") != gains
    assert here.table("#flows") != flows
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
    gains = here.table("#gains")
    page.keyboard.press("2")
    page.select_option("#border", "HIGHPASS")
    page.click("#shut")
    here.tab("routes")
    wait_until(lambda: here.ways() and not any("HIGHPASS" in w for w in here.ways()))
    here.tab("gains")
    assert here.table("#gains") != gains
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
    here.is_clean()


def test_urdu_runs_from_right_to_left(look):
    here = look()
    here.page.wait_for_selector(".way")
    here.page.select_option("#lang", "ur")
    here.page.wait_for_selector("html[dir=rtl][lang=ur]", state="attached")
    assert here.page.inner_text("#tab-gains") == "فائدہ کس کا"
    here.tab("gains")
    assert len(here.table("#gains")) == 3
    here.is_clean()


def test_the_report_is_downloaded(look, tmp_path):
    here = look()
    here.page.click(".report button")
    here.page.wait_for_selector(".report a")
    with here.page.expect_download() as told:
        here.page.click(".report a")
    told.value.save_as(tmp_path / "report.zip")
    assert {"report.html", "provenance.json"} <= set(zipfile.ZipFile(tmp_path / "report.zip").namelist())
    here.is_clean()


def test_the_address_is_the_view(look):
    here = look("from=INLAND&to=HARBOR&lang=ru&day=2025-06-01&tab=routes&way=1")
    here.page.wait_for_selector(".way[aria-pressed=true]")
    assert here.page.get_attribute("html", "lang") == "ru"
    assert len(here.page.query_selector_all(".way[aria-pressed=true]")) == 1
    here.is_clean()


@pytest.mark.parametrize(
    ("lang", "scheme", "width"), [("en", "light", 1360), ("ur", "dark", 1360), ("kk", "light", 390)]
)
def test_a_screen_reader_is_served(look, lang, scheme, width):
    if not AXE.is_file():
        absent("axe-core is not installed (make web)")
    here = look(f"from=INLAND&to=HARBOR&lang={lang}&day=2025-06-01", color_scheme=scheme)
    here.page.set_viewport_size({"width": width, "height": 850})
    here.page.wait_for_selector(".way")
    wrong = []
    for tab in TABS:
        here.tab(tab)
        told = here.run("axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))")
        wrong += [
            (
                tab,
                v["id"],
                v["impact"],
                [n["html"][:120] + str(n.get("failureSummary", ""))[:200] for n in v["nodes"][:3]],
            )
            for v in json.loads(told)
            if v["impact"] in {"serious", "critical"}
        ]
        assert here.run("document.documentElement.scrollWidth") <= width, tab
    assert wrong == []
    here.is_clean()
