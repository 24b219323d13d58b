"""The custody bank's statement of the special account, line by line against the book (日终对账). Written in: domain §6.4.

The bank's CSV has `day,receipt_no,amount,balance`: what came in is positive, what went out negative, in the pool's currency;
`balance` is after the line. An outgoing line carries the number of the receipt or claim it follows from.

>>> lines("day,receipt_no,amount,balance\\n2025-01-06,R1,70.00,70.00\\n")[0].amount_fen
7000
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.kit.errors import Invalid
from backend.kit.money import fen_of, yuan_text
from backend.kit.plausible import not_after
from backend.kit.policy import digest
from backend.kit.words import Words
from risk_compensation.ledger import Account, cash_on, locked_pool, pool_of
from risk_compensation.live.payments import payment_reference
from risk_compensation.tables import Claim, Entry, Journal, Payout, Reconciliation

COLUMNS = ("day", "receipt_no", "amount", "balance")


@dataclass(frozen=True, slots=True)
class BankLine:
    """One line of the bank's statement."""

    day: date
    receipt_no: str
    amount_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which bank and book differ, in a sentence; `bank_fen` and `book_fen` where there are two amounts."""

    kind: str
    receipt_no: str
    bank_fen: int | None
    book_fen: int | None
    words: Words

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "receipt_no": self.receipt_no,
            "bank_fen": self.bank_fen,
            "book_fen": self.book_fen,
            "words": self.words.as_dict(),
        }


def lines(text: str) -> list[BankLine]:
    """The bank's lines; Invalid, by line and column, when one cannot be read."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise Invalid("line 1", Words("表头应为 " + ",".join(COLUMNS), "the first line is " + ",".join(COLUMNS)))
    found = []
    for row in rows:
        where = f"line {rows.line_num}"
        if None in row or None in row.values():
            raise Invalid(where, Words("列数与表头不符", "has another number of cells than the first line"))
        try:
            day = date.fromisoformat(row["day"].strip())
        except ValueError as error:
            raise Invalid(f"{where}: day", f"“{row['day']}” is not a day; write it like 2025-04-17") from error
        money = [fen_of(row[name], place=f"{where}: {name}") for name in ("amount", "balance")]
        if not row["receipt_no"].strip() or not money[0]:
            raise Invalid(where, Words("须有回单号和非零金额", "a line has a receipt number and an amount other than zero"))
        found.append(BankLine(day, row["receipt_no"].strip(), *money))
    return found


def booked(session: Session, pool: str, day: date) -> dict[tuple[str, str], int]:
    """What the book says moved in and out of the account with effect on that day, by receipt and direction; out is negative."""
    query = select(Entry.reference, Entry.debit, Entry.amount_fen, Journal.words).where(
        Entry.pool == pool, Entry.on == day, or_(Entry.debit == Account.POOL_CASH, Entry.credit == Account.POOL_CASH)
    )
    paid = select(Payout).join(Claim, Claim.claim_no == Payout.claim_no).where(Claim.pool == pool, Payout.on == day)
    receipts = {payment_reference(each.claim_no, each.no): each.receipt_no for each in session.scalars(paid)}
    moved: defaultdict[tuple[str, str], int] = defaultdict(int)
    for reference, debit, amount, words in session.execute(query.join(Journal, Journal.reference == Entry.reference)):
        way = "in" if debit == Account.POOL_CASH else "out"
        receipt = words["zh"] if reference.startswith("excess:") else receipts.get(reference)
        name = receipt or reference.removeprefix("reverse:").partition(":")[2] or reference
        moved[name, way] += amount if way == "in" else -amount
    return dict(moved)


def compare(session: Session, pool: str, bank: list[BankLine], day: date) -> list[Difference]:
    """Everything in which the bank's lines of a day and the book's entries of that day differ."""
    pool_of(session, pool)
    found: list[Difference] = []
    theirs: defaultdict[tuple[str, str], int] = defaultdict(int)
    opening = cash_on(session, pool, day - timedelta(days=1))
    running = opening
    for line in bank:
        if line.day != day:
            words = Words(f"流水日期为 {line.day}", f"the line is of {line.day}")
            found.append(Difference("other_day", line.receipt_no, line.amount_fen, None, words))
            continue
        theirs[line.receipt_no, "in" if line.amount_fen > 0 else "out"] += line.amount_fen
        running += line.amount_fen
        if line.balance_fen != running:
            told = yuan_text(line.balance_fen), yuan_text(running)
            words = Words(
                f"银行余额 {told[0]}，按流水应为 {told[1]}", f"the bank says {told[0]} is left, its own lines give {told[1]}"
            )
            found.append(Difference("balance", line.receipt_no, line.balance_fen, running, words))
            running = line.balance_fen
    ours = booked(session, pool, day)
    for key in sorted({*ours, *theirs}):
        bank_fen, book_fen = theirs.get(key), ours.get(key)
        if bank_fen == book_fen:
            continue
        kind = "not_in_book" if book_fen is None else "not_at_bank" if bank_fen is None else "amount"
        said = {
            "not_in_book": Words("银行有、账上无", "at the bank, not in the book"),
            "not_at_bank": Words("账上有、银行无", "in the book, not at the bank"),
            "amount": Words("金额不一致", "the amounts differ"),
        }[kind]
        found.append(Difference(kind, key[0], bank_fen, book_fen, said))
    closing = cash_on(session, pool, day)
    if running != closing:
        words = Words("日终余额不一致", "the balances at the end of the day differ")
        found.append(Difference("closing", "", running, closing, words))
    return found


def reconcile(session: Session, pool: str, text: str, *, day: date, by: str, on: date) -> list[Difference]:
    """Hold the bank's statement of a day against the book and keep that it was done, by whom and what differed.

    Opening, entries and closing are read one after the other: the pool is held, so that nobody books between.
    """
    not_after(day, on, "day")
    bank = lines(text)
    locked_pool(session, pool)
    found = compare(session, pool, bank, day)
    session.add(
        Reconciliation(
            pool=pool,
            day=day,
            done_on=on,
            by=by,
            statement_digest=digest(text.encode()),
            lines=len(bank),
            differences=[each.as_dict() for each in found],
        )
    )
    session.flush()
    return found


def last_reconciled(session: Session, pool: str) -> Reconciliation | None:
    """The newest reconciliation of a pool."""
    query = (
        select(Reconciliation).where(Reconciliation.pool == pool).order_by(Reconciliation.day.desc(), Reconciliation.id.desc())
    )
    return session.scalars(query.limit(1)).first()
