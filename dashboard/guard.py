"""The door: every path, the health page and the websocket included, needs a session that the platform's API confirms.

The browser sends the portal's cookie (cookies belong to a host, not to a port). The guard asks `GET {api}/api/session` with it
and lets in four roles. An answer is kept for at most five seconds; an open websocket is asked about again with each message, so
signing out ends it. Fails closed: when the API does not answer, nobody enters.

Written in plain ASGI: middleware of a framework would see requests but not the websocket's handshake.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit.words import Words
from dashboard import words

COOKIE = "creditbridge_session"
ROLES = frozenset({"regulator", "operator", "fund_maker", "fund_checker"})
KEEP_SECONDS = 5.0
KEPT_AT_MOST = 2_000
# The browser may load from here and nowhere else. Streamlit's files style inline and the charts compile their expressions.
POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """200 come in, 401 not signed in or not in such a role, 503 the API does not answer."""

    status: int
    why: Words


COME_IN = Verdict(200, Words("", ""))


class Guard:
    """ASGI middleware around the whole dashboard."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        api_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.api_url = api_url.rstrip("/")
        self.clock = clock
        # no proxy from the environment: a session token must not travel through one
        self.client = httpx.AsyncClient(transport=transport, timeout=4.0, trust_env=False)
        self.kept: dict[str, tuple[float, Verdict]] = {}
        self.asking: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            await self.client.aclose()
            return
        token = session_cookie(scope)
        verdict = await self.verdict(token)
        if scope["type"] == "websocket":
            if verdict.status != 200:
                await deny_websocket(scope, receive, send, verdict, self.api_url)
                return
            await self.app(scope, self._watched(token, receive, send), send)
        elif verdict.status != 200:
            await refuse(send, verdict, self.api_url)
        else:
            await self.app(scope, receive, within_policy(send))

    async def verdict(self, token: str) -> Verdict:
        """May the holder of this cookie look? Asks the API at most once in five seconds."""
        if not token:
            return Verdict(401, words.SIGN_IN)
        key = hashlib.sha256(token.encode()).hexdigest()
        lock = self.asking.setdefault(key, asyncio.Lock())
        try:
            async with lock:  # a page's thirty files arrive at once: one of them asks
                until, known = self.kept.get(key, (0.0, COME_IN))
                if self.clock() < until:
                    return known
                found = await self._ask(token)
                if found.status != 503:
                    if len(self.kept) >= KEPT_AT_MOST:
                        self.kept.clear()
                    self.kept[key] = (self.clock() + KEEP_SECONDS, found)
                return found
        finally:
            if not lock.locked():
                self.asking.pop(key, None)

    async def _ask(self, token: str) -> Verdict:
        try:
            answer = await self.client.get(f"{self.api_url}/api/session", headers={"authorization": f"Bearer {token}"})
        except (httpx.HTTPError, UnicodeEncodeError, ValueError) as error:
            return Verdict(503, words.API_AWAY) if isinstance(error, httpx.HTTPError) else Verdict(401, words.SIGN_IN)
        if answer.status_code >= 500:
            return Verdict(503, words.API_AWAY)
        try:
            said = answer.json() if answer.status_code == 200 else {}
        except ValueError:
            return Verdict(503, words.API_AWAY)
        role = said.get("role") if isinstance(said, dict) else None
        if answer.status_code != 200:
            return Verdict(401, words.SIGN_IN)
        return COME_IN if role in ROLES else Verdict(401, words.WRONG_ROLE)

    def _watched(self, token: str, receive: Receive, send: Send) -> Receive:
        async def watched() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and (await self.verdict(token)).status != 200:
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return watched


def within_policy(send: Send) -> Send:
    """Adds to each answer that nothing may be loaded from elsewhere."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [
                (b"content-security-policy", POLICY),
                (b"referrer-policy", b"same-origin"),
                (b"x-content-type-options", b"nosniff"),
            ]
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await send(message)

    return sending


def session_cookie(scope: Scope) -> str:
    """The session's token from the Cookie header, or "".

    >>> session_cookie({"type": "http", "headers": [(b"cookie", b"a=1; creditbridge_session=abc")]})
    'abc'
    """
    for name, value in scope.get("headers", ()):
        if name == b"cookie":
            jar: SimpleCookie = SimpleCookie()
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                continue
            if COOKIE in jar:
                return jar[COOKIE].value
    return ""


def page(verdict: Verdict, api_url: str) -> bytes:
    """A small page in both languages with the way to the sign-in."""
    link = (
        f'<p><a href="{api_url}/sign-in">{words.TO_SIGN_IN.zh} · {words.TO_SIGN_IN.en}</a></p>' if verdict.status == 401 else ""
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{words.TITLE.zh}</title><style>body{{font:17px/1.6 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;"
        "color:#1c2b2e;background:#f5f6f2;margin:12vh auto;max-width:30rem;padding:0 1.25rem}a{color:#0e5a5a}</style>"
        f"<h1>信桥 CreditBridge</h1><p>{verdict.why.zh}</p><p lang=en>{verdict.why.en}</p>{link}</html>"
    ).encode()


def _headers(body: bytes, verdict: Verdict) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    return [*headers, (b"retry-after", b"5")] if verdict.status == 503 else headers


async def refuse(send: Send, verdict: Verdict, api_url: str, kind: str = "http.response") -> None:
    body = page(verdict, api_url)
    await send({"type": f"{kind}.start", "status": verdict.status, "headers": _headers(body, verdict)})
    await send({"type": f"{kind}.body", "body": body})


async def deny_websocket(scope: Scope, receive: Receive, send: Send, verdict: Verdict, api_url: str) -> None:
    """Before accepting: the status where the server can say it, else a plain close (the server answers 403)."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await refuse(send, verdict, api_url, kind="websocket.http.response")
    else:
        await send({"type": "websocket.close", "code": 1008})
