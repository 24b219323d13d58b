"""What stands before every door, once: the shape of what comes in, how much of it, the security headers, and the last answer.

Enters: an HTTP request as the server hands it over. Leaves: the same, known to be fit; or one answer, as problem+json for
programs and as a page for people (`answer` makes it), with the security headers. An error that nobody foresaw is answered
here, inside Starlette's own outermost layer, which would hand the traceback with its values to the server's log.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import unquote_to_bytes

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit import refusals, strict_json
from backend.kit.bounds import UNFIT_WORDS
from backend.kit.errors import Answer, CreditBridgeError, Fault, Invalid, NotFound
from backend.kit.words import Words

log = structlog.get_logger()

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}

# An address is made of short plain parts: codes and ids of ours. What others name (a claim's number, an object of the log)
# may hold any letters. Whatever fits neither is as good as missing, before anything is looked up.
_PLAIN = r"[A-Za-z0-9_.:~-]{0,80}"
_NAMED = r"[^/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]{1,200}"
# Atomic, so that an address of a thousand parts is read once and not in every possible way.
_ADDRESS = re.compile(rf"(?>/(?:(?:(?<=/claims/)|(?<=/audit/)){_NAMED}|{_PLAIN}))+")
_KEY = re.compile(r"[\x20-\x7e]{1,200}")
MOST_QUERY = 8_000
OTHERS = "bytes"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Unfit(Answer):
    """What HTTP itself says no to; no room has seen it."""

    def __init__(self, status: int, words: Words, *, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(words, code=code)
        self.status, self.headers = status, headers or {}


class Broken(Fault):
    """Something here is wrong that nobody foresaw: 500, and one line in the log."""


class BrokenOff(Exception):
    """An answer was half sent when it failed: all that is left is to close the connection."""


def too_large(most: int) -> Unfit:
    """413; whatever is still coming is not read."""
    words = Words(f"内容过大，最多 {_size(most)}", f"too large; at most {_size(most)} are taken")
    return Unfit(413, words, code="too_large", headers={"Connection": "close"})


def _size(most: int) -> str:
    return f"{most / 1_000_000:g} MB" if most >= 1_000_000 else f"{most // 1000} KB"


def limits(path: str) -> tuple[int, int, str]:
    """How many bytes are taken from nobody in particular and from someone signed in, and what they must be."""
    if not path.startswith("/api/"):
        return 256_000, 30_000_000, "form"
    if path.endswith("/callbacks"):
        return 1_000_000, 1_000_000, OTHERS  # a bank's: its signature is over the bytes themselves
    if path.endswith("/file"):
        return 64_000, 5_000_000, "csv"
    return 64_000, 12_000_000 if path.endswith("/documents") else 1_000_000, "json"


class Gate:
    """The one layer around the doors. `knows` says whether somebody is signed in; it is asked only where more is sent than
    anybody may send."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Callable[[Request, CreditBridgeError], Awaitable[Response]],
        knows: Callable[[Request], Awaitable[bool]],
    ) -> None:
        self.app, self.answer, self.knows = app, answer, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, bare = False, scope["method"] == "HEAD"
        if bare:  # as RFC 9110 §9.3.2 has it: the answer to GET without its body
            scope = {**scope, "method": "GET"}

        async def headed(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            elif bare:
                message = {**message, "body": b""}
            await send(message)

        try:
            fit(scope)
            await self.app(scope, await self._body(scope, receive), headed)
            return
        except CreditBridgeError as said:
            error = said
        except Exception as fault:
            error = _made_known(scope, fault)
        if began:
            raise BrokenOff("the answer broke off; the line before says why")
        try:
            made = await self.answer(Request(scope), error)
        except Exception as fault:
            _made_known(scope, fault)
            made = PlainTextResponse("系统暂时不可用 · out of order\n", 500)
        await made(scope, receive, headed)

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """The body, counted as it comes. A program's is gathered and looked at; a form flows on to who reads it."""
        headers = Headers(scope=scope)
        said = headers.get("content-length", "0")
        if said == "0" and "transfer-encoding" not in headers:
            return receive
        if not (said.isascii() and said.isdigit() and len(said) < 16):
            raise Unfit(400, Words("Content-Length 有误", "Content-Length is not a number"), code="bad_request")
        few, most, kind = limits(scope["path"])
        counted = _Counted(lambda: self.knows(Request(scope)), receive, few, most, int(said))
        if kind == "form":
            if scope["method"] not in ("GET", "HEAD") and media(headers) not in FORMS:
                raise wrong_media("multipart/form-data")
            await counted.allowed()
            return counted
        body = bytearray()
        await counted.allowed()
        while True:
            message = await counted()
            if message["type"] != "http.request":
                return _replayed(message, receive)
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        _looked_at(bytes(body), kind, media(headers))
        return _replayed({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


class _Counted:
    """A body as it comes, stopped at the byte that is one too many."""

    def __init__(self, knows: Callable[[], Awaitable[bool]], receive: Receive, few: int, most: int, declared: int) -> None:
        self.knows, self.receive, self.most, self.seen = knows, receive, most, declared
        self.limit, self.came = few, 0

    async def allowed(self) -> None:
        """Whether so much may be sent at all; who it is that sends is asked once, and only for more than anybody may send."""
        if self.seen > self.most:
            raise too_large(self.most)
        if self.seen > self.limit:
            if not await self.knows():
                raise too_large(self.limit)
            self.limit = self.most

    async def __call__(self) -> Message:
        message = await self.receive()
        self.came += len(message.get("body", b""))
        if self.came > self.seen:
            self.seen = self.came
            await self.allowed()
        return message


def _replayed(message: Message, receive: Receive) -> Receive:
    left = [message]

    async def once() -> Message:
        return left.pop() if left else await receive()

    return once


def fit(scope: Scope) -> None:
    """The address, the query and the headers that we read ourselves."""
    path, query = scope["path"], scope["query_string"]
    if not _ADDRESS.fullmatch(path) or "/../" in f"{path}/" or "/./" in f"{path}/":
        raise NotFound()
    if query:
        if len(query) > MOST_QUERY:
            raise Unfit(414, Words("地址过长", "the address is too long"), code="too_long")
        if b"%" in query or not query.isascii() or b"\0" in query:
            _fit_query(query)
    for name, value in scope["headers"]:
        if name == b"idempotency-key" and not _KEY.fullmatch(value.decode("latin-1")):
            words = Words("请用 1–200 个可见的 ASCII 字符", "1 to 200 printable ASCII characters are taken")
            raise Invalid("idempotency-key", words)


def _fit_query(query: bytes) -> None:
    for pair in re.split(b"[&;]", query):
        name, _, value = pair.partition(b"=")
        for part in (name, value):
            try:
                fits = "\0" not in unquote_to_bytes(part).decode()
            except UnicodeDecodeError:
                fits = False
            if not fits:
                place = unquote_to_bytes(name).decode(errors="replace").replace("\0", "\ufffd")[:80]
                raise Invalid(place or "query", UNFIT_WORDS, code="unfit_character")


def media(headers: Headers) -> str:
    """The media type that is said to come, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def wrong_media(wanted: str) -> Unfit:
    return Unfit(415, Words(f"请以 {wanted} 提交", f"please send {wanted}"), code="wrong_media", headers={"Accept": wanted})


def _looked_at(body: bytes, kind: str, said: str) -> None:
    if not body or kind == OTHERS:
        return
    if kind == "csv":
        if b"\0" in body:
            raise Invalid("file", UNFIT_WORDS, code="unfit_character")
        return
    if said != "application/json" and not (said.startswith("application/") and said.endswith("+json")):
        raise wrong_media("application/json")
    try:
        strict_json.check(body)
    except strict_json.NotJson as error:
        raise Unfit(400, error.words, code="not_json") from error


def _made_known(scope: Scope, fault: Exception) -> CreditBridgeError:
    """What the caller is told, and one line for whoever runs this: kinds and places, no words of the error, no values."""
    known = refusals.lawful(fault)
    route = getattr(scope.get("route"), "path", "")
    line = log.warning if known is not None else log.error
    chain, cause = [refusals.told(fault)], fault.__cause__ or fault.__context__
    while cause is not None and len(chain) < 4:
        chain.append(refusals.told(cause))
        cause = cause.__cause__ or cause.__context__
    line("request.failed", method=scope["method"], route=route, error=" < ".join(chain), where=refusals.where(fault))
    return known or Broken("something is broken here")
