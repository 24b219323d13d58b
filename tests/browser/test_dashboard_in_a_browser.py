"""The dashboard in a real browser: no page wider than a phone, nothing asked of a foreign host, tables readable at 390 pixels."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.dashboard import made_up

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed; `.ci/run` installs it"),
]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PAGES = ("overview", "approvals", "defaults", "pool", "monitoring")
# What needs sideways scrolling. The wide table of cohorts may scroll in its own place on a desktop, on a phone nothing may.
TOO_WIDE = """() => [...document.querySelectorAll('.cb-table, .cb-panel, .cb-kpis')]
    .filter(each => innerWidth < 640 || !each.closest('.cb-scroll'))
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(each => each.className + ': ' + each.innerText.slice(0, 60))"""


class Api(BaseHTTPRequestHandler):
    """The platform's one answer that the guard needs: a regulator is signed in."""

    def do_GET(self) -> None:
        body = json.dumps({"role": "regulator"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a real socket; CREDITBRIDGE_SNAPSHOT names a folder with a published snapshot to look at instead."""
    folder = tmp_path_factory.mktemp("snapshots")
    named = os.environ.get("CREDITBRIDGE_SNAPSHOT")
    if named is None:
        made_up.publish(folder)
    api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    port = free_port()
    code = (
        "import sys; from pathlib import Path; from dashboard.app import serve; "
        "serve(port=int(sys.argv[1]), snapshot_dir=Path(sys.argv[2]), api_url=sys.argv[3])"
    )
    words = [sys.executable, "-c", code, str(port), named or str(folder), f"http://127.0.0.1:{api.server_port}"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{address}/_stcore/health", cookies={"creditbridge_session": "x"}, trust_env=False).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(timeout=15)
    api.shutdown()
    api.server_close()


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_and_asks_nobody_else(dashboard: str, width: int, language: str) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "creditbridge_session", "value": "x", "url": dashboard}])
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for code in PAGES:
            page.goto(f"{dashboard}/{code if code != PAGES[0] else ''}?lang={language}")
            page.wait_for_selector(".cb-foot, .cb-stamp", timeout=60_000)
            page.wait_for_selector(".cb-panel", timeout=60_000)
            page.wait_for_timeout(1500)  # charts are drawn after the text
            for fold in page.locator("[data-testid=stExpander] summary").all():
                fold.click()
            page.wait_for_timeout(300)
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
