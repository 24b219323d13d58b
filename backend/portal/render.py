"""From a view-model to HTML: one Jinja environment per language, strict about every name.

`Shell` is what each page has around it: who is here, the form token, the business day, a notice, the telephone number.
Security headers forbid scripts, foreign origins and framing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.kit.money import yuan_text
from backend.kit.words import Language, Words
from backend.portal import language as speech
from backend.vocabulary.codes import LOAN_CLASSES
from backend.vocabulary.facts import definitions

FOLDER = Path(__file__).parent
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

# Which pages a role finds in its menu: (sentence key, address). The first is its home.
MENUS: dict[str, tuple[tuple[str, str], ...]] = {
    "firm": (
        ("menu.home", "/"),
        ("menu.authorise", "/authorise"),
        ("menu.credit_file", "/credit-file"),
        ("menu.matches", "/matches"),
        ("menu.applications", "/applications"),
        ("menu.offers", "/offers"),
        ("menu.loans", "/loans"),
        ("menu.renewals", "/renewals"),
        ("menu.warnings", "/warnings"),
        ("menu.readers", "/readers"),
    ),
    "bank": (("menu.bank_desk", "/desk/bank"), ("menu.renewals", "/desk/renewals"), ("menu.warnings", "/desk/warnings")),
    "guarantor": (("menu.guarantor_desk", "/desk/guarantor"), ("menu.warnings", "/desk/warnings")),
    "fund": (("menu.fund_desk", "/desk/fund"), ("menu.pool", "/desk/fund/pool")),
    "issuer": (("menu.issuer_desk", "/desk/issuer"),),
    "operator": (("menu.operator_desk", "/desk/operator"),),
}
MENU_OF_ROLE = {
    "firm_owner": "firm",
    "firm_staff": "firm",
    "bank_officer": "bank",
    "guarantor_officer": "guarantor",
    "fund_maker": "fund",
    "fund_checker": "fund",
    "whitelist_issuer": "issuer",
    "operator": "operator",
}


HELP_HOURS = Words("工作日 9:00–17:30", "working days 9:00–17:30")


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page."""

    language: Language = "zh"
    path: str = "/"
    role: str | None = None
    who: Words | str | None = None
    csrf: str = ""
    today: date | None = None
    sandbox: bool = False
    done: str | None = None
    fault: Words | None = None
    help_phone: str = "0571-0000-0110"
    help_hours: Words = HELP_HOURS

    @property
    def menu(self) -> tuple[tuple[str, str], ...]:
        return MENUS.get(MENU_OF_ROLE.get(self.role or "", ""), ())

    @property
    def here(self) -> str | None:
        """The menu entry this page stands under: the longest address that begins the path."""
        below = [href for _, href in self.menu if self.path == href or (href != "/" and self.path.startswith(href + "/"))]
        return max(below, key=len) if below else None

    @property
    def home(self) -> str:
        return self.menu[0][1] if self.menu else "/"


@cache
def environment(language: Language) -> Environment:
    """Templates bound to one language."""
    speaker = speech.Speaker(language)
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=speaker.t, lang=language)
    made.filters["say"] = speaker.say
    made.filters["fact_title"] = lambda code: speech.headed(definitions()[code].title).say(language)
    made.filters["loan_class"] = lambda code: speech.headed(LOAN_CLASSES[code]).say(language)
    made.filters["plain_wan"] = speech.plain_wan
    made.filters["bare"] = made.filters["hundredths"] = yuan_text
    made.filters["sentence"] = speech.sentence
    for name, form in {
        "money": speech.money,
        "yuan": speech.to_the_fen,
        "rate": speech.rate,
        "day": speech.day,
        "moment": speech.moment,
        "number": speech.number,
    }.items():
        made.filters[name] = _bound(form, language)
    return made


def _bound(form: Any, language: Language) -> Any:
    return lambda value: form(value, language)


def html(template: str, model: Any, shell: Shell) -> str:
    """The page as text."""
    return environment(shell.language).get_template(template).render(page=model, shell=shell)


_ORIGIN = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")


def lead_to(answer: HTMLResponse, address: str) -> HTMLResponse:
    """Let this page's form end at another origin too. Browsers hold `form-action` against the redirect after a form as well
    (w3c/webappsec-csp issue 8): whoever signs in and belongs to the dashboard would otherwise be stopped half way there.
    """
    origin = _ORIGIN.match(address)
    if origin is not None:
        allowed = CONTENT_POLICY.replace("form-action 'self'", f"form-action 'self' {origin[0]}")
        answer.headers["Content-Security-Policy"] = allowed
    return answer


def respond(template: str, model: Any, shell: Shell, status: int = 200) -> HTMLResponse:
    """The page as a response with the headers every page carries."""
    return HTMLResponse(html(template, model, shell), status_code=status, headers=HEADERS)
