"""How bytes travel to a bank and back: one deadline, one largest answer, and every exchange verbatim to the recorder.

What each outcome means (the rest of the error mapping is each adapter's):

    no connection, time-out, cut off half-way, 408, 425, 429, 5xx     Unreachable   nothing is known; try again
    a web page, whatever its status or type; 302, 303, 307            Unreachable   its systems are being looked after
    301, 308, a compressed, oversized or wrongly typed answer         Garbled       kept verbatim; a person looks
    anything else                                                     handed to the dialect

What an Unreachable answer asks us to wait (`Retry-After`, RFC 9110 §10.2.3: seconds or a date) goes with the error.

Redirects are never followed and environment proxies never used: a bank's address is the one that was configured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from backend.kit import clock
from backend.kit.errors import Fault, Garbled, Misconfigured, Unreachable
from lender_adapters.deadline import DeadlineTransport, deadline, left
from lender_adapters.maintenance import is_web_page, retry_after
from lender_adapters.port import Exchange, Recorder, Verb

TRY_AGAIN = frozenset({408, 425, 429})
# A redirect “for now” leads to a page that says so, e.g. of maintenance; one for good means another address.
FOR_NOW = frozenset({302, 303, 307})


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer that may be in the bank's dialect."""

    status: int
    headers: httpx.Headers
    body: bytes


def ignore(exchange: Exchange) -> None:
    """A recorder that keeps nothing: for trying things out."""


class Transport:
    """One bank's line. Safe to share between threads."""

    def __init__(
        self,
        *,
        bank: str,
        base_url: str,
        deadline_seconds: float,
        largest_answer_bytes: int,
        transport: httpx.BaseTransport | None = None,
        recorder: Recorder = ignore,
    ) -> None:
        url = httpx.URL(base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise Misconfigured(f"the address of {bank} begins with http:// or https:// and names a host, not “{base_url}”")
        self.bank = bank
        self._deadline = deadline_seconds
        self._largest = largest_answer_bytes
        self._recorder = recorder
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport or DeadlineTransport(),
            timeout=deadline_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "CreditBridge", "accept-encoding": "identity"},
        )

    def exchange(
        self,
        verb: Verb,
        reference: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        expect: str,
    ) -> Answer:
        """Send, and read the whole answer, whose media type must be `expect`. Recorded whatever happens."""
        request = self._client.build_request(method, path, headers=dict(headers), content=body)
        kept = bytearray()
        head: httpx.Response | None = None
        complete = False
        try:
            with deadline(self._deadline):
                head = self._client.send(request, stream=True)
                try:
                    self._may_be_read(head, verb)
                    for chunk in head.iter_bytes():
                        kept += chunk
                        if len(kept) > self._largest:
                            raise self._no_answer(head, bytes(kept), verb) or Garbled(
                                f"{self.bank}: the answer is longer than {self._largest} bytes", code="too_large"
                            )
                        left(None, httpx.ReadTimeout)
                    left(None, httpx.ReadTimeout)
                    complete = True
                finally:
                    head.close()
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.bank} did not answer {verb}: {type(error).__name__}", code="unreachable") from error
        finally:
            self._record(verb, reference, request, body, head, bytes(kept), complete)
        return self._judge(head, Answer(head.status_code, head.headers, bytes(kept)), verb, expect)

    def _may_be_read(self, head: httpx.Response, verb: str) -> None:
        if head.headers.get("content-encoding", "identity").lower() != "identity":
            compressed = Garbled(f"{self.bank}: a compressed answer, though none was allowed", code="compressed")
            raise self._no_answer(head, b"", verb) or compressed

    def _no_answer(self, head: httpx.Response, body: bytes, verb: str) -> Fault | None:
        """What says that nobody answered who could: it passes, and is waited for."""
        wish = retry_after(head.headers, clock.now())
        if head.status_code in TRY_AGAIN or head.status_code >= 500:
            words = f"{self.bank} answered {verb} with {head.status_code}"
            return Unreachable(words, code="unreachable", retry_after=wish)
        if head.status_code in FOR_NOW or (not 300 <= head.status_code < 400 and is_web_page(head.headers, body)):
            words = f"{self.bank} answered {verb} with a web page or a way to one, as in maintenance ({head.status_code})"
            return Unreachable(words, code="maintenance", retry_after=wish)
        return None

    def _judge(self, head: httpx.Response, answer: Answer, verb: str, expect: str) -> Answer:
        if waits := self._no_answer(head, answer.body, verb):
            raise waits
        if answer.status < 200 or 300 <= answer.status < 400:
            raise Garbled(f"{self.bank} answered {verb} with {answer.status}; redirects are not followed", code="redirect")
        kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != expect:
            raise Garbled(f"{self.bank} answered {verb} with “{kind or 'no type'}”, not {expect}", code="wrong_type")
        return answer

    def _record(
        self,
        verb: str,
        reference: str,
        request: httpx.Request,
        body: bytes,
        head: httpx.Response | None,
        kept: bytes,
        whole: bool,
    ) -> None:
        asked = f"{request.method} {request.url.raw_path.decode('ascii')} HTTP/1.1\r\n".encode() + _lines(request.headers) + body
        told = b""
        if head is not None:
            told = f"HTTP/1.1 {head.status_code}\r\n".encode() + _lines(head.headers) + kept
        status = head.status_code if head is not None and whole else 0
        self._recorder(Exchange(self.bank, verb, reference, asked, told, status, clock.now()))

    def close(self) -> None:
        self._client.close()


def _lines(headers: httpx.Headers) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers.raw) + b"\r\n"
