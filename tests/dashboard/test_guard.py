"""Nobody sees a byte of the dashboard without a session that the platform's API confirms."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.guard import Guard

PATHS = [
    "/",
    "/pool",
    "/static/js/index.js",
    "/_stcore/health",
    "/_stcore/host-config",
    "/media/x.png",
    "/component/x",
    "/no/such/page",
]
ROLES = {
    "regulator-token": "regulator",
    "operator-token": "operator",
    "maker": "fund_maker",
    "checker": "fund_checker",
    "firm": "firm_owner",
}


class FakeApi:
    """The API's one route, and how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False
        self.roles = dict(ROLES)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        assert request.url == "http://api.test/api/session"
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.asked.append(token)
        return httpx.Response(200, json={"role": self.roles[token]}) if token in self.roles else httpx.Response(401, json={})


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """What is guarded: says "inside", and over the websocket repeats what it hears."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


class Visitor:
    """Speaks ASGI to the guard."""

    def __init__(self, api: FakeApi) -> None:
        self.now = 100.0
        self.guard = Guard(behind, api_url="http://api.test/", transport=httpx.MockTransport(api), clock=lambda: self.now)

    async def talk(self, kind: str, path: str, cookie: str, heard: list[Message], extensions: dict[str, Any]) -> list[Message]:
        said: list[Message] = []
        queue = list(heard)

        async def receive() -> Message:
            return queue.pop(0)

        async def send(message: Message) -> None:
            said.append(message)

        headers = [(b"cookie", f"a=1; creditbridge_session={cookie}".encode())] if cookie else []
        await self.guard({"type": kind, "path": path, "headers": headers, "extensions": extensions}, receive, send)
        return said

    def get(self, path: str, cookie: str = "") -> tuple[int, str]:
        said = asyncio.run(self.talk("http", path, cookie, [{"type": "http.request"}], {}))
        return said[0]["status"], said[1]["body"].decode()

    def websocket(
        self, cookie: str = "", *, extensions: dict[str, Any] | None = None, says: tuple[str, ...] = ()
    ) -> list[Message]:
        heard: list[Message] = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": each} for each in says)]
        heard.append({"type": "websocket.disconnect", "code": 1000})
        return asyncio.run(self.talk("websocket", "/_stcore/stream", cookie, heard, extensions or {}))


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def visitor(api: FakeApi) -> Visitor:
    return Visitor(api)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", ["", "made-up", "firm"])
def test_every_path_is_closed_without_a_session_and_to_a_firm(visitor: Visitor, path: str, cookie: str) -> None:
    status, body = visitor.get(path, cookie)
    assert status == 401
    assert "http://api.test/sign-in" in body
    assert "inside" not in body


@pytest.mark.parametrize("cookie", ["", "made-up", "firm"])
def test_the_websocket_is_refused_before_it_opens(visitor: Visitor, cookie: str) -> None:
    assert visitor.websocket(cookie) == [{"type": "websocket.close", "code": 1008}]
    answered = visitor.websocket(cookie, extensions={"websocket.http.response": {}})
    assert [message["type"] for message in answered] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert answered[0]["status"] == 401


@pytest.mark.parametrize("cookie", ["regulator-token", "operator-token", "maker", "checker"])
def test_the_four_roles_come_in_by_page_and_by_websocket(visitor: Visitor, cookie: str) -> None:
    assert visitor.get("/", cookie) == (200, "inside")
    said = visitor.websocket(cookie, says=("hello",))
    assert [message["type"] for message in said] == ["websocket.accept", "websocket.send"]


def test_pages_may_load_nothing_from_elsewhere(visitor: Visitor) -> None:
    said = asyncio.run(visitor.talk("http", "/", "maker", [{"type": "http.request"}], {}))
    assert dict(said[0]["headers"])[b"content-security-policy"].startswith(b"default-src 'self'")


def test_an_answer_is_kept_for_five_seconds_and_no_longer(visitor: Visitor, api: FakeApi) -> None:
    visitor.get("/", "maker")
    visitor.now += 4.9
    visitor.get("/pool", "maker")
    assert api.asked == ["maker"]
    visitor.now += 0.2
    visitor.get("/pool", "maker")
    assert api.asked == ["maker", "maker"]


def test_signing_out_closes_pages_and_an_open_websocket(visitor: Visitor, api: FakeApi) -> None:
    assert visitor.get("/", "maker")[0] == 200
    del api.roles["maker"]
    visitor.now += 6
    assert visitor.get("/", "maker")[0] == 401

    class Ticking(Visitor):
        async def talk(self, *given: Any) -> list[Message]:
            inner = self.guard.verdict

            async def later(token: str) -> Any:
                found = await inner(token)
                api.roles.pop("checker", None)
                self.now += 6
                return found

            self.guard.verdict = later  # type: ignore[method-assign]
            return await super().talk(*given)

    said = Ticking(api).websocket("checker", says=("hello",))
    assert [message["type"] for message in said] == ["websocket.accept", "websocket.close"]


def test_when_the_api_does_not_answer_nobody_enters_and_the_page_says_so(visitor: Visitor, api: FakeApi) -> None:
    api.away = True
    status, body = visitor.get("/", "regulator-token")
    assert status == 503
    assert "does not answer" in body
    api.away = False
    assert visitor.get("/", "regulator-token")[0] == 200


def test_many_files_at_once_ask_the_api_once(visitor: Visitor, api: FakeApi) -> None:
    async def page() -> None:
        await asyncio.gather(*(visitor.guard.verdict("maker") for _ in range(30)))

    asyncio.run(page())
    assert api.asked == ["maker"]
