"""A sandbox bank behind a real socket: a threaded HTTP/1.1 server with keep-alive, on loopback.

>>> from lender_adapters import registry
>>> from lender_adapters.sandbox.server import running
>>> with running(registry.sandbox("harbour_bank", path=":memory:", secrets=registry.sandbox_secrets("harbour_bank").bank)) as url:
...     httpx.get(url + "/_sandbox/next").json()
{'day': None}
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from backend.kit.errors import Misconfigured

MOST_BYTES = 32_000_000
Bank = Callable[[httpx.Request], httpx.Response]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def _any(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            return self._send(httpx.Response(413))
        body = self.rfile.read(int(length))
        url = f"http://{self.headers.get('host', '127.0.0.1')}{self.path}"
        try:
            answer = self.server.bank(httpx.Request(self.command, url, headers=list(self.headers.items()), content=body))
        except (httpx.TransportError, httpx.InvalidURL):
            self.close_connection = True
            return None
        self._send(answer)
        return None

    do_GET = do_POST = do_PUT = _any

    def _send(self, answer: httpx.Response) -> None:
        body = answer.content
        lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items() if name != "content-length"]
        head = "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1")
        with contextlib.suppress(OSError):
            if not answer.extensions.get("drip"):
                # One write: two small ones would wait for each other's acknowledgement.
                self.wfile.write(head + body)
                return
            for byte in head + body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)

    def log_message(self, format: str, *args: Any) -> None:
        """A bank's requests are in its book; the terminal stays quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], bank: Bank) -> None:
        self.bank = bank
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news; anything else is a fault of the sandbox and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def serve(bank: Bank, port: int, *, host: str = "127.0.0.1", ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then return at once. `ready` is told the address when the port is open."""
    server = _Server((host, port), bank)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    if ready:
        ready(_url(server))
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()
        close = getattr(bank, "close", None)
        if close:
            close()


@contextmanager
def running(bank: Bank, port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process while the block runs; gives the address."""
    server = _Server(("127.0.0.1", port), bank)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield _url(server)
    finally:
        server.shutdown()
        server.server_close()


def _url(server: _Server) -> str:
    host, port = server.server_address[:2]
    return f"http://{host!s}:{port}"


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else some free port."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Misconfigured("no port is free on 127.0.0.1")
