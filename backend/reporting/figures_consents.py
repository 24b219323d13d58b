"""Consents and readings by month, and the readings that no consent covered (must be none). Definitions: domain §9 (consent)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from backend.audit.tables import AuditLine
from backend.consents.tables import Consent, ConsentItem, ConsentRecipient
from backend.kit.clock import day_of, start_of
from backend.reporting.book import Book
from backend.reporting.reckon import Row, month_of, months
from backend.vocabulary.facts import items

READINGS = ("facts.read", "facts.swept")
REFUSAL = "consent.missing"


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed consent: when it held, what for, and whom it named."""

    firm: str
    purpose: str
    signed_at: datetime
    valid_from: datetime
    until: datetime
    items: Collection[str]
    recipients: Collection[str]

    def covers(self, firm: str | None, purpose: str, recipient: str, at: datetime) -> bool:
        named = self.firm == firm and self.purpose == purpose and recipient in self.recipients
        return named and self.valid_from <= at < self.until


def end_of(book: Book) -> datetime:
    """The last moment that counts: the day's end."""
    return start_of(book.day + timedelta(days=1))


def consents_live(book: Book) -> int:
    """Signed, begun, and neither revoked nor expired at the end of the day."""
    end = end_of(book)
    query = select(func.count(Consent.id)).where(Consent.state == "signed", Consent.valid_from < end, Consent.valid_to >= end)
    return int(book.session.scalar(query) or 0)


def consents_monthly(book: Book) -> list[Row]:
    """Signed and revoked by their moments; readings and refusals as the log has them."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    days = []
    end = end_of(book)
    for signed, revoked in book.session.execute(select(Consent.signed_at, Consent.revoked_at)):
        for name, moment in (("signed", signed), ("revoked", revoked)):
            if moment is not None and moment < end:
                days.append(day_of(moment))
                counts[month_of(days[-1])][name] += 1
    lines = select(AuditLine.at, AuditLine.action).where(AuditLine.action.in_((*READINGS, REFUSAL)), AuditLine.at < end)
    for at, action in book.session.execute(lines):
        days.append(day_of(at))
        counts[month_of(days[-1])]["refusals" if action == REFUSAL else "readings"] += 1
    if not days:
        return []
    return [
        {"month": month} | {name: counts[month][name] for name in ("signed", "revoked", "readings", "refusals")}
        for month in map(month_of, months(min(days), book.day))
    ]


def _papers(book: Book) -> dict[str, Paper]:
    opened: dict[str, set[str]] = defaultdict(set)
    for consent, item in book.session.execute(select(ConsentItem.consent_id, ConsentItem.item)):
        opened[consent].add(item)
    named: dict[str, set[str]] = defaultdict(set)
    for consent, recipient in book.session.execute(select(ConsentRecipient.consent_id, ConsentRecipient.recipient)):
        named[consent].add(recipient)
    return {
        each.id: Paper(
            each.firm_id,
            each.purpose,
            each.signed_at,
            each.valid_from,
            min(each.valid_to, each.revoked_at or each.valid_to),
            opened[each.id],
            named[each.id],
        )
        for each in book.session.scalars(select(Consent).where(Consent.signed_at.is_not(None)))
        if each.signed_at is not None
    }


def unauthorised_reads(book: Book) -> tuple[int, int]:
    """(readings of an item that no consent cited by the log line covered at that moment, readings looked at).

    Counted from the log and the papers, not from what the reading code believes of itself.
    """
    papers, closed = _papers(book), {code for code, item in items().items() if item.access == "A"}
    found = looked_at = 0
    query = select(AuditLine.at, AuditLine.firm_id, AuditLine.details).where(AuditLine.action == "facts.read")
    for at, firm, details in book.session.execute(query.where(AuditLine.at < end_of(book))):
        looked_at += 1
        found += bool((set(details.get("items", ())) & closed) - _covered(papers, at, firm, details))
    return found, looked_at


def _covered(papers: dict[str, Paper], at: datetime, firm: str | None, details: dict[str, Any]) -> set[str]:
    cited = [papers[each] for each in details.get("consents", ()) if each in papers]
    return {
        item
        for each in cited
        if each.covers(firm, details.get("purpose", ""), details.get("recipient", ""), at)
        for item in each.items
    }
