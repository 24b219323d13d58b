"""The dashboard in a real browser, entered by signing in at the portal: no page wider than a phone, nothing asked of a foreign
host, tables readable at 390 pixels."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.city import CHROMIUM, FLAGS, NEEDS_CHROMIUM, City, city, sign_in
from tests.dashboard import made_up

pytestmark = NEEDS_CHROMIUM
PAGES = ("overview", "approvals", "defaults", "pool", "monitoring")
# What needs sideways scrolling. The wide table of cohorts may scroll in its own place on a desktop, on a phone nothing may.
TOO_WIDE = """() => [...document.querySelectorAll('.cb-table, .cb-panel, .cb-kpis')]
    .filter(each => innerWidth < 640 || !each.closest('.cb-scroll'))
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(each => each.className + ': ' + each.innerText.slice(0, 60))"""

# Charts are drawn after the text: whether the script has ended and the page has looked the same three times.
SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]'), root = document.documentElement;
    const number = kind => document.querySelectorAll(kind).length;
    const seen = [number('svg, canvas'), root.scrollWidth, number('*')].join();
    window.alike = seen === window.seen && app.dataset.testScriptState === 'notRunning' ? (window.alike || 0) + 1 : 0;
    window.seen = seen;
    return window.alike >= 3;
}"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A dashboard on a real socket; CREDITBRIDGE_SNAPSHOT names a folder with a published snapshot to look at instead."""
    folder = tmp_path_factory.mktemp("snapshots")
    named = os.environ.get("CREDITBRIDGE_SNAPSHOT")
    if named is None:
        made_up.publish(folder)
    with city(tmp_path_factory.mktemp("city"), Path(named) if named else folder) as made:
        yield made


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_and_asks_nobody_else(here: City, width: int, language: str) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    dashboard = here.dashboard
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        sign_in(page, here, "regulator", language=language)
        page.on("request", lambda request: asked.append(request.url))
        for code in PAGES:
            page.goto(f"{dashboard}/{code if code != PAGES[0] else ''}?lang={language}")
            page.wait_for_selector(".cb-foot, .cb-stamp", timeout=60_000)
            page.wait_for_selector(".cb-panel", timeout=60_000)
            page.wait_for_function(SETTLED, polling=80, timeout=60_000)
            for fold in page.locator("[data-testid=stExpander] summary").all():
                fold.click()
            page.evaluate("window.alike = 0")
            page.wait_for_function(SETTLED, polling=80, timeout=60_000)
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{code} is {overflow} pixels too wide at {width}"
            assert page.evaluate(TOO_WIDE) == [], f"{code} at {width}"
            _keep(page, code, language, width)
        browser.close()
    assert [url for url in asked if not url.startswith((dashboard, "data:", "blob:"))] == []


def _keep(page: object, code: str, language: str, width: int) -> None:
    """Screenshots for whoever wants to look: only where a folder is named."""
    folder = os.environ.get("CREDITBRIDGE_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        height = page.evaluate("Math.max(...[...document.querySelectorAll('.stMain, body')].map(e => e.scrollHeight))")  # type: ignore[attr-defined]
        page.set_viewport_size({"width": width, "height": min(int(height) + 40, 12_000)})  # type: ignore[attr-defined]
        page.wait_for_timeout(600)  # type: ignore[attr-defined]
        page.screenshot(path=f"{folder}/dashboard-{code}-{language}-{width}.png", full_page=True)  # type: ignore[attr-defined]
        page.set_viewport_size({"width": width, "height": 900})  # type: ignore[attr-defined]
