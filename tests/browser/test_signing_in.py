"""Everybody signs in with a real browser, through the real form and its redirects: no cookie is set by hand.

The regulator is led to another port: browsers hold the content policy's `form-action` against that redirect too.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.browser.city import CHROMIUM, FLAGS, NEEDS_CHROMIUM, City, city, fill_in, keep, sign_in
from tests.dashboard import made_up

pytestmark = NEEDS_CHROMIUM
HOMES = {
    "firm_owner": "/", "firm_staff": "/", "bank_officer": "/desk/bank", "guarantor_officer": "/desk/guarantor",
    "fund_maker": "/desk/fund", "fund_checker": "/desk/fund", "whitelist_issuer": "/desk/issuer", "operator": "/desk/operator",
}  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    snapshots = tmp_path_factory.mktemp("snapshots")
    made_up.publish(snapshots)
    with city(tmp_path_factory.mktemp("city"), snapshots) as made:
        yield made


@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_comes_in_by_the_form_and_goes_out_again(here: City, width: int, language: str) -> None:
    from playwright.sync_api import sync_playwright

    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for role, home in HOMES.items():
            context = browser.new_context(viewport={"width": width, "height": 900})
            page = context.new_page()
            page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
            sign_in(page, here, role, language=language)
            assert page.url == f"{here.portal}{home}", role
            assert page.locator("h1").count() == 1, role
            assert (page.locator("html").get_attribute("lang") or "").startswith(language), role
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{role}: {wide} pixels too wide"
            keep(page, f"signed-in-{role}-{language}-{width}")
            page.locator("form[action='/sign-out'] button").first.click()
            page.wait_for_url(f"{here.portal}/sign-in", timeout=60_000)
            page.goto(f"{here.portal}/desk/bank")
            assert "/sign-in" in page.url, "signed out, nothing is shown any more"
            context.close()
        browser.close()
    assert troubles == []


@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_regulator_is_led_to_the_dashboard_even_after_a_wrong_password(here: City, width: int, language: str) -> None:
    from playwright.sync_api import sync_playwright

    login, password = here.people["regulator"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text) if "form-action" in message.text else None)
        page.goto(f"{here.portal}/sign-in?lang={language}")
        fill_in(page, login, "not the password")
        page.wait_for_selector("[role=alert]")
        keep(page, f"wrong-password-{language}-{width}")
        fill_in(page, login, password)
        page.wait_for_url(f"{here.dashboard}/**", timeout=60_000)
        page.wait_for_selector(".cb-panel", timeout=120_000)
        assert page.get_by_text("概览" if language == "zh" else "Overview", exact=True).count() > 0
        keep(page, f"signed-in-regulator-{language}-{width}")
        assert refused == []
        browser.close()


def test_the_form_leads_to_that_dashboard_and_nowhere_else(here: City) -> None:
    policy = httpx.get(f"{here.portal}/sign-in", trust_env=False).headers["content-security-policy"]
    (action,) = [part.strip() for part in policy.split(";") if part.strip().startswith("form-action")]
    assert action == f"form-action 'self' {here.dashboard}"
    elsewhere = httpx.get(f"{here.portal}/sign-up", trust_env=False).headers["content-security-policy"]
    assert "form-action 'self';" in elsewhere


def test_one_is_led_back_to_the_page_one_wanted(here: City) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page()
        page.goto(f"{here.portal}/credit-file")
        assert page.url.startswith(f"{here.portal}/sign-in?next=")
        fill_in(page, *here.people["firm_owner"])
        page.wait_for_url(f"{here.portal}/credit-file", timeout=60_000)
        browser.close()
