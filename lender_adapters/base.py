"""What every adapter begins with: each verb is a gap until the bank's adapter speaks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from backend.kit.errors import Garbled, Misconfigured, Refused
from backend.kit.words import Words
from lender_adapters.manifest import Manifest
from lender_adapters.port import Document, Indication, IndicationRequest, Message, Receipt, Submission, Verb
from lender_adapters.transport import Transport


class Adapter:
    """A `port.Lender` that offers nothing yet."""

    def __init__(self, manifest: Manifest, transport: Transport, secrets: Mapping[str, bytes]) -> None:
        if missing := [name for name in manifest.secrets if name not in secrets]:
            raise Misconfigured(f"{manifest.code} lacks the secret {', '.join(missing)}")
        self._manifest = manifest
        self.transport = transport

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    def _gap(self, verb: Verb) -> NoReturn:
        bank, reason = self._manifest.title, self._manifest.reason(verb)
        raise Refused(Words(f"{bank.zh}不提供此接口：{verb}", f"{bank.en} does not offer {verb}: {reason}"), code="not_offered")

    def indicate(self, request: IndicationRequest) -> Indication:
        self._gap("indicate")

    def submit(self, submission: Submission) -> Receipt:
        self._gap("submit")

    def status(self, reference: str) -> tuple[Message, ...]:
        self._gap("status")

    def supplement(self, reference: str, documents: tuple[Document, ...]) -> Receipt:
        self._gap("supplement")

    def accept(self, reference: str, offer_no: str) -> Receipt:
        self._gap("accept")

    def withdraw(self, reference: str, reason: str) -> Receipt:
        self._gap("withdraw")

    def contract(self, reference: str) -> tuple[Message, ...]:
        self._gap("contract")

    def draws(self, reference: str) -> tuple[Message, ...]:
        self._gap("draws")

    def repayments(self, reference: str) -> tuple[Message, ...]:
        self._gap("repayments")

    def collect(self, day: date) -> tuple[Message, ...]:
        self._gap("collect")

    def callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Message, ...]:
        self._gap("callback")


def about(reference: str, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages, all about the application that was asked for; one about another's is Garbled, never passed on."""
    for message in messages:
        if message.reference != reference:
            raise Garbled(f"asked about {reference}, the bank answered about another application", code="foreign")
    return messages


def receipt_for(reference: str, receipt: Receipt) -> Receipt:
    """The receipt, for the application that was sent."""
    if receipt.reference != reference:
        raise Garbled(f"sent {reference}, the bank confirms another application", code="foreign")
    return receipt


def refused(code: str, words: str) -> Refused:
    """The bank's lawful no, its words verbatim in both columns: they are the bank's, not ours to translate."""
    return Refused(Words(words, words), code=code)
