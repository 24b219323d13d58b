"""What every route of the portal does the same way: find out who is here, test the form's token, render, redirect, say no.

A form that was refused comes back with its sentence and with what was typed. A missing object, another's object and another
role's page are the same 404. Nobody signed in: the sign-in page, which leads back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import escape
from starlette.datastructures import UploadFile

from backend.doors import Platform, platform, platform_of, visitor
from backend.gate import Unfit
from backend.kit import bounds
from backend.kit.clock import day_of
from backend.kit.crypto import same
from backend.kit.errors import Answer, Busy, Conflict, CreditBridgeError, Invalid, NotFound, Refused
from backend.kit.money import fen_of
from backend.kit.words import Language, Words
from backend.parties.views import RegisteredFirm, SignedIn
from backend.portal import language, render
from backend.portal.pages.shared import Form, Message
from backend.refusing import SignInNeeded, headers_of, status_of

LANGUAGE_COOKIE = "creditbridge_language"
FORM_COOKIE = "creditbridge_form"  # the token of forms that nobody has signed in for yet
MOST_FILE_BYTES = 5_000_000

STALE = Words(
    "页面已过期，没有提交。请返回上一页，刷新后再提交一次。",
    "The page had expired and nothing was sent. Go back, reload it and send it again.",
)
MOST_TYPED = 10**15  # ten times the most that any field of a form may mean
TOO_LARGE = Words("文件过大，每份不超过 5 MB。", "The file is too large; at most 5 MB each.")
NOT_A_DAY = Words("请填写日期，例如 2025-03-01", "please give a date such as 2025-03-01")


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: values by name, files apart."""

    values: Mapping[str, str | tuple[str, ...]]
    files: Mapping[str, tuple[tuple[str, bytes], ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        found = self.values.get(name, "")
        return (found if isinstance(found, str) else found[0] if found else "").strip()

    def several(self, name: str) -> tuple[str, ...]:
        found = self.values.get(name, ())
        return (found,) if isinstance(found, str) else found

    def lines(self, name: str) -> list[str]:
        """One entry per line that says something."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def day(self, name: str) -> date:
        try:
            found = date.fromisoformat(self.text(name))
        except ValueError:
            raise Invalid(name, NOT_A_DAY, code="day") from None
        if not bounds.FIRST_YEAR <= found.year <= bounds.LAST_YEAR:
            raise Invalid(name, bounds.FAR_AWAY, code="day")
        return found

    def whole(self, name: str) -> int:
        try:
            found = int(self.text(name))
        except ValueError:
            raise Invalid(name, Words("请填写整数", "please give a whole number"), code="number") from None
        if abs(found) > MOST_TYPED:
            raise Invalid(name, bounds.TOO_LARGE, code="number")
        return found

    def yuan_fen(self, name: str) -> int:
        """An amount in 元 as fen."""
        fen = fen_of(self.text(name)[:40], place=name)
        if abs(fen) > MOST_TYPED:
            raise Invalid(name, Words("金额过大", "the amount is too large"), code="amount")
        return fen

    def wan_fen(self, name: str) -> int:
        """An amount in 万元 as fen: 12.5 is 12,500,000 fen."""
        fen = self.yuan_fen(name)
        if abs(fen) > 10**13:
            raise Invalid(name, Words("金额过大", "the amount is too large"), code="amount")
        return fen * 10_000

    def percent_bp(self, name: str) -> int:
        """A rate in per cent, two decimals at most, as basis points."""
        return self.yuan_fen(name)

    def agreed(self, name: str) -> None:
        if self.text(name) != "yes":
            raise Invalid(name, Words("请先勾选确认", "please tick this first"), code="tick")


@dataclass(frozen=True)
class Door:
    """One request at the portal."""

    request: Request
    house: Platform
    visitor: SignedIn | None

    @property
    def who(self) -> SignedIn:
        if self.visitor is None:
            raise SignInNeeded()
        return self.visitor

    @property
    def firm(self) -> RegisteredFirm:
        """The firm of whoever is here."""
        if self.who.firm is None:
            raise NotFound()
        return self.who.firm

    @property
    def language(self) -> Language:
        asked = language.chosen(self.request.query_params.get("lang"))
        return asked or language.chosen(self.request.cookies.get(LANGUAGE_COOKIE)) or "zh"

    def token(self) -> str:
        """What the form must carry: the session's own, or the visitor's cookie."""
        return self.visitor.csrf if self.visitor else self.request.cookies.get(FORM_COOKIE, "")

    def shell(self, fault: Words | None = None) -> render.Shell:
        done = self.request.query_params.get("done")
        today = None
        if self.house.sandbox:
            with self.house.reading() as (_, at):
                today = day_of(at)
        return render.Shell(
            language=self.language,
            path=self.request.scope["path"],
            role=self.visitor.actor.role if self.visitor else None,
            who=_known_as(self.visitor) if self.visitor else None,
            csrf=self.token() or secrets.token_urlsafe(24),
            today=today,
            sandbox=self.house.sandbox,
            done=done if done and f"done.{done}" in language.sentences("zh") else None,
            fault=fault,
        )

    def show(self, template: str, model: Any, status: int = 200) -> HTMLResponse:
        """A page; a visitor's form token and a newly chosen language are kept in cookies."""
        shell = self.shell()
        answer = render.respond(template, model, shell, status)
        secure = self.house.secure_cookies
        if self.visitor is None:
            answer.set_cookie(FORM_COOKIE, shell.csrf, httponly=True, samesite="lax", secure=secure, path="/")
        if language.chosen(self.request.query_params.get("lang")):
            keep = 365 * 24 * 3600
            answer.set_cookie(
                LANGUAGE_COOKIE, self.language, max_age=keep, httponly=True, samesite="lax", secure=secure, path="/"
            )
        return answer

    def again(self, error: Answer, typed: Typed, page: Callable[[Form, int], HTMLResponse], **places: str) -> HTMLResponse:
        """The form once more, with the sentence that explains; `places` renames an action's place to a field of this form."""
        if isinstance(error, (NotFound, SignInNeeded)):
            raise error
        place = error.place if isinstance(error, Invalid) else ""
        answer = page(Form(typed.values, error.words, places.get(place, place)), status_of(error))
        if str(escape(error.words.say(self.language))) not in bytes(answer.body).decode():
            raise error  # the page no longer has that form: the sentence comes on a page of its own
        answer.headers.update(headers_of(error))
        return answer

    @staticmethod
    def go(path: str, done: str = "", **query: str) -> RedirectResponse:
        """On to the next page after something was done (303: a reload does not send the form again)."""
        asked = {"done": done, **query} if done else query
        return RedirectResponse(f"{path}?{urlencode(asked)}" if asked else path, status_code=303)


def _known_as(who: SignedIn) -> Words | str:
    name = who.party.name
    if who.party.kind == "firm":
        return name
    return Words(f"{name} · {who.name}", f"{who.party.name_en or name} · {who.name}")


def at_the_door(
    request: Request,
    house: Annotated[Platform, Depends(platform)],
    found: Annotated[SignedIn | None, Depends(visitor)],
) -> Door:
    """Anybody."""
    return Door(request, house, found)


def door_of(*roles: str) -> Callable[[Door], Door]:
    """These roles only; for others the page does not exist."""

    def guard(door: Annotated[Door, Depends(at_the_door)]) -> Door:
        if door.who.actor.role not in roles or (roles[0].startswith("firm") and door.who.firm is None):
            raise NotFound()
        return door

    return guard


async def typed(request: Request, door: Annotated[Door, Depends(at_the_door)]) -> Typed:
    """The form that was sent, after its token was tested."""
    values: dict[str, str | tuple[str, ...]] = {}
    files: dict[str, tuple[tuple[str, bytes], ...]] = {}
    async with request.form(max_files=20, max_fields=2000) as form:
        for name in form:
            found = form.getlist(name)
            words = [item for item in found if isinstance(item, str)]
            if words:
                values[name] = words[0] if len(words) == 1 else tuple(words)
            sent = [item for item in found if isinstance(item, UploadFile) and item.filename]
            if sent:
                bodies = [(item.filename or "", await item.read(MOST_FILE_BYTES + 1)) for item in sent]
                if any(len(body) > MOST_FILE_BYTES for _, body in bodies):
                    raise Invalid(name, TOO_LARGE, code="too_large")
                files[name] = tuple(bodies)
    _fit(values, files)
    given = values.pop("csrf", "")
    if not door.token() or not isinstance(given, str) or not same(given, door.token()):
        raise Refused(STALE, code="csrf")
    return Typed(values, files)


def _fit(values: Mapping[str, str | tuple[str, ...]], files: Mapping[str, tuple[tuple[str, bytes], ...]]) -> None:
    """Invalid where a name, a value or a file's name holds what no database keeps."""
    for name, found in values.items():
        if any(bounds.UNFIT.search(part) for part in (name, *((found,) if isinstance(found, str) else found))):
            raise Invalid(bounds.UNFIT.sub("\ufffd", name)[:80], bounds.UNFIT_WORDS, code="unfit_character")
    for name, sent in files.items():
        if any(bounds.UNFIT.search(part) for part in (name, *(called for called, _ in sent))):
            raise Invalid(bounds.UNFIT.sub("\ufffd", name)[:80], bounds.UNFIT_WORDS, code="unfit_character")


Anyone = Annotated[Door, Depends(at_the_door)]
FirmDoor = Annotated[Door, Depends(door_of("firm_owner", "firm_staff"))]
Sent = Annotated[Typed, Depends(typed)]

_TITLES: tuple[tuple[type[CreditBridgeError], Words], ...] = (
    (NotFound, Words("没有找到", "Not found")),
    (Invalid, Words("有一处需要改", "Something needs correcting")),
    (Conflict, Words("情况已经变化", "Things have moved on")),
    (Refused, Words("暂时不能办理", "This cannot be done now")),
    (Unfit, Words("这个请求不能受理", "This request cannot be taken")),
    (Busy, Words("请稍等片刻", "One moment, please")),
)
_MISSING = Words("这个页面不存在，或者不属于您。", "This page does not exist, or is not yours.")
_BROKEN = Words(
    "系统出了问题，您的数据没有受影响。请稍后再试，或拨打页脚的电话。",
    "Something is broken here; your data is safe. Please try later, or call the number below.",
)


def error_page(request: Request, error: CreditBridgeError) -> HTMLResponse | RedirectResponse:
    """The page for an error that no form takes back."""
    if isinstance(error, SignInNeeded):
        path = request.scope["path"]
        target = quote(path) if request.method == "GET" and path != "/" else ""
        return RedirectResponse(f"/sign-in?next={target}" if target else "/sign-in", status_code=303)
    status = status_of(error)
    house = platform_of(request)
    try:
        found = visitor(request)
    except Exception:  # the error may be the database itself: then nobody is known
        found, status = None, status if status >= 500 else 503
    title = next((words for kind, words in _TITLES if isinstance(error, kind)), Words("系统暂时不可用", "Out of order"))
    words = (
        error.words
        if isinstance(error, Busy)
        else _BROKEN
        if status >= 500
        else _MISSING
        if isinstance(error, NotFound)
        else error.words
    )
    door = Door(request, house, found)
    shell = render.Shell(
        language=door.language,
        path=request.scope["path"],
        role=found.actor.role if found else None,
        who=_known_as(found) if found else None,
        csrf=found.csrf if found else "",
    )
    answer = render.respond("message.html", Message(title, words, status, shell.home), shell, status)
    answer.headers.update(headers_of(error))
    return answer
