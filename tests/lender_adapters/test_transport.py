"""The line to a bank: bounded in time and size whatever the other side does, and everything recorded."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from backend.kit import clock
from backend.kit.errors import Garbled, Misconfigured, Unreachable
from lender_adapters.port import Exchange
from lender_adapters.transport import Answer, Transport

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@contextmanager
def _peer(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A bank at the level of bytes: whatever `behave` does with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closing = threading.Event()

        def take() -> None:
            while not closing.is_set():
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    try:
                        line.recv(65_536)
                        behave(line)
                    except OSError:
                        pass

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        closing.set()


def _line(url: str, kept: list[Exchange], transport: httpx.BaseTransport | None = None) -> Transport:
    return Transport(
        bank="bank", base_url=url, deadline_seconds=0.5, largest_answer_bytes=1_000, transport=transport, recorder=kept.append
    )


def _ask(line: Transport) -> Answer:
    return line.exchange("status", "app_1", "POST", "/x", headers={"x-mac": "1"}, body=b"{}", expect="application/json")


def _drip(line: socket.socket, text: bytes, wait: float = 0.05) -> None:
    for byte in text:
        line.sendall(bytes([byte]))
        time.sleep(wait)


BEHAVIOURS: dict[str, tuple[Callable[[socket.socket], None], type[Exception]]] = {
    "says nothing": (lambda line: time.sleep(2), Unreachable),
    "hangs up": (lambda line: None, Unreachable),
    "drips its head": (lambda line: _drip(line, HEAD * 3), Unreachable),
    "drips its body": (
        lambda line: (line.sendall(HEAD + b"content-length: 100\r\n\r\n"), _drip(line, b" " * 100))[0],
        Unreachable,
    ),
    "stops half-way": (lambda line: line.sendall(HEAD + b"content-length: 100\r\n\r\n{"), Unreachable),
    "cuts a chunk": (lambda line: line.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\nff\r\n{"), Unreachable),
    "is no HTTP": (lambda line: line.sendall(b"220 ftp ready\r\n"), Unreachable),
    "never ends its head": (lambda line: line.sendall(b"HTTP/1.1 200 OK\r\n" + b"a: " + b"b" * 2_000_000), Unreachable),
    "sends too much": (lambda line: line.sendall(HEAD + b"\r\n" + b" " * 5_000), Garbled),
    "sends a bomb": (
        lambda line: line.sendall(HEAD + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b"),
        Garbled,
    ),
}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_misbehaving_peer_is_bounded_in_time_and_recorded(name: str) -> None:
    behave, expected = BEHAVIOURS[name]
    kept: list[Exchange] = []
    with _peer(behave) as url:
        line = _line(url, kept)
        began = time.perf_counter()
        with pytest.raises(expected):
            _ask(line)
        assert time.perf_counter() - began < 0.8
        line.close()
    [exchange] = kept
    assert exchange.status == 0
    assert exchange.request_bytes.startswith(b"POST /x HTTP/1.1\r\n")
    assert exchange.request_bytes.endswith(b"\r\n\r\n{}")


def test_nobody_listening_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    kept: list[Exchange] = []
    with pytest.raises(Unreachable):
        _ask(_line(f"http://127.0.0.1:{port}", kept))
    assert [(exchange.status, exchange.answer_bytes) for exchange in kept] == [(0, b"")]


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (500, "application/json", Unreachable),
        (502, "text/html", Unreachable),
        (503, "text/html", Unreachable),
        (429, "application/json", Unreachable),
        (408, "application/json", Unreachable),
        (301, "application/json", Garbled),
        (302, "application/json", Unreachable),
        (303, "text/html", Unreachable),
        (307, "application/json", Unreachable),
        (308, "text/html", Garbled),
        (304, "application/json", Garbled),
        (200, "text/html", Unreachable),
        (200, "application/xhtml+xml", Unreachable),
        (403, "text/html; charset=gbk", Unreachable),
        (404, "text/html", Unreachable),
        (200, "", Garbled),
        (200, "text/plain", Garbled),
    ],
)
def test_an_answer_that_is_not_the_banks_dialect_is_told_apart(status: int, kind: str, expected: type[Exception]) -> None:
    kept: list[Exchange] = []
    answer = httpx.Response(status, headers={"content-type": kind, "location": "http://127.0.0.1:1/"}, content=b"{}")
    with pytest.raises(expected):
        _ask(_line("http://bank", kept, httpx.MockTransport(lambda _: answer)))
    assert [exchange.status for exchange in kept] == [status]


PAGE = "<!DOCTYPE html><html><body>系统维护中</body></html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        b"\xef\xbb\xbf\r\n" + PAGE,
        b"<html lang=zh>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><html/>",
        b"<!-- f5 --><HTML>",
    ],
    ids=["page", "with a mark", "bare", "xhtml", "after a comment"],
)
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_page_that_says_it_is_json_is_maintenance_all_the_same(status: int, body: bytes) -> None:
    answer = httpx.Response(status, headers={"content-type": "application/json"}, content=body)
    with pytest.raises(Unreachable):
        _ask(_line("http://bank", [], httpx.MockTransport(lambda _: answer)))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/html", "content-encoding": "gzip"}, gzip.compress(PAGE)),
        ({"content-type": "text/html"}, PAGE + b" " * 5_000),
    ],
    ids=["compressed", "longer than any answer may be"],
)
def test_a_page_need_not_be_read_to_be_one(headers: dict[str, str], body: bytes) -> None:
    def bank(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))

    with pytest.raises(Unreachable) as caught:
        _ask(_line("http://bank", [], httpx.MockTransport(bank)))
    assert caught.value.code == "maintenance"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_compressed_error_is_no_nonsense(status: int) -> None:
    def bank(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(gzip.compress(b"later")))

    with pytest.raises(Unreachable):
        _ask(_line("http://bank", [], httpx.MockTransport(bank)))


def _wish(status: int, **headers: str) -> float | None:
    answer = httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()}, content=b"later")
    with pytest.raises(Unreachable) as caught:
        _ask(_line("http://bank", [], httpx.MockTransport(lambda _: answer)))
    return caught.value.retry_after


@pytest.mark.parametrize("status", [429, 503, 302])
def test_what_a_bank_asks_us_to_wait_goes_with_the_error(status: int) -> None:
    assert _wish(status, retry_after="120") == 120
    assert _wish(status) is None
    later = format_datetime(clock.now() + timedelta(minutes=5), usegmt=True)
    assert 290 <= (_wish(status, retry_after=later) or 0) <= 301
    # A bank whose clock is an hour behind ours means five minutes by its own.
    its = clock.now() - timedelta(hours=1)
    dates = {"retry_after": format_datetime(its + timedelta(minutes=5), usegmt=True), "date": format_datetime(its, usegmt=True)}
    assert _wish(status, **dates) == 300


@pytest.mark.parametrize(
    "said", ["-5", "0x10", "1e3", "soon", "Fri, 03 Jan 2025 07:00:00 GMT", "Fri, 99 Foo 2025", "²", "9" * 40]
)
def test_a_wait_that_is_none_is_not_kept(said: str) -> None:
    answer = httpx.Response(503, headers=[(b"retry-after", said.encode())], content=b"later")
    with pytest.raises(Unreachable) as caught:
        _ask(_line("http://bank", [], httpx.MockTransport(lambda _: answer)))
    assert caught.value.retry_after is None


def test_a_whole_answer_is_kept_verbatim() -> None:
    kept: list[Exchange] = []
    answer = httpx.Response(200, headers={"content-type": "application/json; charset=utf-8"}, content=b'{"a": 1}')
    told = _ask(_line("http://bank", kept, httpx.MockTransport(lambda _: answer)))
    assert told.body == b'{"a": 1}'
    assert kept[0].answer_bytes.startswith(b"HTTP/1.1 200\r\n")
    assert kept[0].answer_bytes.endswith(b'\r\n\r\n{"a": 1}')
    assert kept[0].at.tzinfo is not None


@pytest.mark.parametrize("url", ["ftp://bank", "bank:8000", "", "http://"])
def test_an_address_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(Misconfigured):
        _line(url, [])
