"""The portal in a real browser: nothing overflows on a phone, nothing is asked of a foreign host, no error in the console."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.city import CHROMIUM, FLAGS, NEEDS_CHROMIUM, USCC
from tests.doors.serving import served
from tests.stage import PASSWORD, Stage

pytestmark = NEEDS_CHROMIUM
PAGES = (
    "/",
    "/authorise",
    "/credit-file",
    "/listings",
    "/matches",
    "/matches/invoice_credit_loan",
    "/matches/invoice_credit_loan/costs",
    "/matches/tax_credit_loan",
    "/apply",
    "/applications",
    "/offers",
    "/loans",
    "/readers",
)
# Opens everything that is folded, and counts it.
UNFOLD = "[...document.querySelectorAll('main details:not([open])')].map(fold => fold.open = true).length"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A platform on a real socket with one firm that has authorised and applied."""
    folder = tmp_path_factory.mktemp("browser")
    stage = Stage(f"sqlite:///{folder / 'creditbridge.db'}", folder)
    stage.sound_firm(USCC)
    firm = stage.firm(USCC)
    stage.authorise(firm)
    stage.gather(firm)
    firm.do("POST", "/api/me/matches", {})
    firm.do("POST", "/api/me/indications", {"product": "invoice_credit_loan", "amount_fen": 30_000_000, "months": 12})
    stage.apply(firm, ("invoice_credit_loan", "interest_first"), ("tax_credit_loan", "equal_instalments"))
    stage.days(6)
    with served(stage.client.app, log_level="error") as address:
        yield address
    stage.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_firm_walks_the_portal(portal: str, width: int, height: int, language: str) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=True)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.goto(f"{portal}/sign-in?lang={language}")
        page.fill("input[name=login]", f"owner-{USCC[-6:].lower()}")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button")
        page.goto(f"{portal}/offers")
        offer = page.locator("main a[href$='/costs']").first.get_attribute("href")
        assert offer is not None
        for path, name in [*((path, path) for path in PAGES), (offer, "/offers/one/costs"), (offer[:-6], "/offers/one")]:
            answer = page.goto(portal + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.locator("h1").count() == 1, path
            assert page.locator("html").get_attribute("lang").startswith(language)  # type: ignore[union-attr]
            for seen in ("", "-unfolded"):
                overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overflow <= 0, f"{path}{seen} is {overflow} pixels too wide at {width}"
                _keep(page, name + seen, language, width)
                if not page.evaluate(UNFOLD):
                    break
        browser.close()
    assert [url for url in asked if not url.startswith((portal, "data:"))] == []
    assert troubles == []


def _keep(page: object, path: str, language: str, width: int) -> None:
    """Screenshots for whoever wants to look: only where a folder is named."""
    folder = os.environ.get("CREDITBRIDGE_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = path.strip("/").replace("/", "-") or "home"
        page.screenshot(path=f"{folder}/portal-{name}-{language}-{width}.png", full_page=True)  # type: ignore[attr-defined]
