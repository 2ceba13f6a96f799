"""The page in a real browser without any network but its own server."""

import os
import shutil
import time

import pytest

from serai.server.assets import page_files
from serai.server.settings import Limits, Settings

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def absent(what):
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and this is where it must be tested")
    pytest.skip(what)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if CHROMIUM is None:
        absent("chromium is not installed (Debian: apt-get install chromium)")
    if not page_files():
        absent("the page was not built (make web)")
    from playwright.sync_api import sync_playwright

    from test_server import Served

    os.environ["SERAI_HOME"] = str(tmp_path_factory.mktemp("browser-home"))
    key = "reviewer-token-of-the-browser"
    served = Served(Settings("ewec", tokens={key: ("reviewer", "local")}, limits=Limits(quick_s=120, solve_s=240)))
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.set_default_timeout(240_000)
        page.wrong = []
        page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: page.wrong.append(str(e)))
        page.asked = set()
        page.on("request", lambda r: page.asked.add(r.url))
        page.base = f"http://127.0.0.1:{served.port}/"
        page.goto(f"{page.base}?from=ALMATY&to=KARACHI&lang=en&day=2025-06-01#key={key}")
        yield page
        browser.close()
    served.close()
    del os.environ["SERAI_HOME"]


def ways(page):
    return [w.get_attribute("data-route") for w in page.query_selector_all(".ways >> nth=0 >> .way")]


def wait_until(true, seconds=240):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_journey_through_the_page(page):
    page.wait_for_selector(".way")
    page.wait_for_selector('[data-drawn]:not([data-drawn="0"])', state="attached")
    before = ways(page)
    assert any("CHAMAN" in w or "TORKHAM" in w for w in before)
    assert "key=" not in page.url
    page.keyboard.press("2")
    for gate in ("TORKHAM", "CHAMAN"):
        page.select_option("#border", gate)
        page.click("#shut")
    assert page.url.count("do=close") == 2
    page.click("#tab-routes")
    wait_until(lambda: ways(page) and not any("CHAMAN" in w or "TORKHAM" in w for w in ways(page)))
    page.click("#tab-gains")
    page.wait_for_selector("#gains")
    assert len(page.query_selector_all("#gains tbody tr")) > 3
    page.wait_for_selector("#flows")
    page.select_option("#lang", "ur")
    page.wait_for_selector("html[dir=rtl]", state="attached")
    assert page.inner_text("#tab-gains") == "فائدہ کس کا"
    page.click("#tab-ledger")
    page.wait_for_selector("#panel table")
    page.click("#tab-check")
    page.fill(
        "textarea",
        "TASHKENT, 12 March 2025. Trade between Pakistan and Uzbekistan reached $400 million in 2024, officials said.",
    )
    page.click("#panel .buttons button >> nth=0")
    page.wait_for_selector("#panel .claims li")
    assert page.wrong == []
    assert all(u.startswith((page.base, "data:", "blob:")) for u in page.asked)


def test_the_address_is_the_view(page):
    page.goto(f"{page.base}?from=ALMATY&to=KARACHI&lang=ru&day=2025-06-01&tab=routes&way=1")
    page.wait_for_selector(".way[aria-pressed=true]")
    assert page.get_attribute("html", "lang") == "ru"
    chosen = page.query_selector_all(".way[aria-pressed=true]")
    assert len(chosen) == 1
    assert page.wrong == []
