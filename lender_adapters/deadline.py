"""One deadline for a whole exchange. httpx bounds each single read; a bank that drips one byte a second would never be late.

The deadline stands in a context variable of the calling thread; every connect, read and write is given what is left of it.
Name resolution is the operating system's and is not bounded here.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_ends: ContextVar[float | None] = ContextVar("deadline_ends", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything inside, together, may take this long; inside another deadline, the earlier one holds."""
    ends, outer = time.monotonic() + seconds, _ends.get()
    token = _ends.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ends.reset(token)


def left(timeout: float | None, late: type[Exception]) -> float | None:
    """What a single operation may still take; raises `late` when nothing is left."""
    ends = _ends.get()
    if ends is None:
        return timeout
    rest = ends - time.monotonic()
    if rest <= 0:
        raise late("the deadline of the exchange has passed")
    return rest if timeout is None else min(rest, timeout)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        rest = left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, rest, local_address, socket_options))


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's own transport, over streams that know the deadline."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        # httpx offers no parameter for the network backend, so the pool is put in its place.
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=5.0,
            network_backend=_Backend(),
        )
