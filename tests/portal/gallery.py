"""Photographs every page: `python -m tests.portal.gallery FOLDER [name …]` (needs Chromium), both languages, 1280 and 390 px."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Route, sync_playwright

from backend.portal import render
from tests.portal import examples

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ORIGIN = "http://portal.test"


def shell(language: str, path: str, role: str | None) -> render.Shell:
    return render.Shell(
        language=language,
        path=path,
        role=role,
        who=examples.WHO.get(role or ""),
        csrf="token",
        today=examples.TODAY,
        sandbox=True,
    )  # type: ignore[arg-type]


def page_html(name: str, language: str) -> str:
    template, path, model, role = examples.CASES[name]
    return render.html(template, model, shell(language, path, role))


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    static = render.FOLDER / "static"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width in (1280, 390):
            context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=True)
            tab = context.new_page()

            def answer(route: Route) -> None:
                path = route.request.url.removeprefix(ORIGIN)
                if path.startswith("/static/portal/"):
                    route.fulfill(path=str(static / path.rsplit("/", 1)[1]))
                else:
                    _, language, name = path.split("/")
                    route.fulfill(body=page_html(name, language), content_type="text/html; charset=utf-8", headers=render.HEADERS)

            tab.route("**/*", answer)
            for name in names or list(examples.CASES):
                for language in ("zh", "en"):
                    tab.goto(f"{ORIGIN}/{language}/{name}")
                    over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    if over > 0:
                        sys.stderr.write(f"{name} {language} {width}: {over} px too wide\n")
                    tab.screenshot(path=str(folder / f"{name}-{language}-{width}.png"), full_page=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
