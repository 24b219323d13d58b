"""The book on paper: trial balance, pool statement, a party's statement and the journal, as text and as CSV, 中文 or English.

Written in: domain §6.4. A CSV cell that a spreadsheet would run as a formula is written as text. Amounts in the pool's currency.

>>> page = Page(Words("试算平衡表", "trial balance"), (Words("科目", "account"), Words("余额", "balance")), (("cash", 123),))
>>> print(page.as_csv("en"))
account,balance
cash,1.23
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from unicodedata import east_asian_width

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kit.money import yuan, yuan_text
from backend.kit.words import Language, Words
from risk_compensation.ledger import ACCOUNTS, WHY, Account, Reason, pool_of, trial_balance
from risk_compensation.live import statements
from risk_compensation.tables import Entry, Journal

Cell = str | int | Words | date | None
"""Text, an amount in minor units, a sentence, a day, nothing."""


def _width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


@dataclass(frozen=True, slots=True)
class Page:
    """A table with a title; whole numbers in it are amounts in minor units."""

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def _said(self, cell: Cell, language: Language, *, plain: bool) -> str:
        if isinstance(cell, Words):
            return cell.say(language)
        if isinstance(cell, int):
            return str(yuan(cell)) if plain else yuan_text(cell)
        text = "" if cell is None else str(cell)
        return "'" + text if plain and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

    def as_csv(self, language: Language = "zh") -> str:
        """Comma-separated, first line the columns' names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([each.say(language) for each in self.columns])
        writer.writerows([self._said(cell, language, plain=True) for cell in row] for row in self.rows)
        return text.getvalue()

    def as_text(self, language: Language = "zh") -> str:
        """Columns of one width, amounts to the right, under a title."""
        cells = [[each.say(language) for each in self.columns]]
        cells += [[self._said(cell, language, plain=False) for cell in row] for row in self.rows]
        widths = [max(_width(row[n]) for row in cells) for n in range(len(self.columns))]
        right = [any(isinstance(row[n], int) for row in self.rows) for n in range(len(self.columns))]
        lines = [
            "  ".join(
                (" " * (widths[n] - _width(cell)) + cell) if right[n] else (cell + " " * (widths[n] - _width(cell)))
                for n, cell in enumerate(row)
            ).rstrip()
            for row in cells
        ]
        return "\n".join([self.title.say(language), *lines]) + "\n"


def _columns(*names: tuple[str, str]) -> tuple[Words, ...]:
    return tuple(Words(*each) for each in names)


TOTAL = Words("合计", "total")


def trial_page(session: Session, pool: str, on: date, *, written_by: date | None = None) -> Page:
    """Every account up to a day; the last line proves that debits equal credits."""
    currency = pool_of(session, pool).currency
    found = trial_balance(session, pool, on, written_by=written_by)
    rows: list[tuple[Cell, ...]] = [
        (each.account.value, ACCOUNTS[each.account].words, each.debit_fen, each.credit_fen, each.balance_fen) for each in found
    ]
    rows.append(("", TOTAL, sum(each.debit_fen for each in found), sum(each.credit_fen for each in found), None))
    known = f"，按 {written_by} 已入账", f", as written down by {written_by}"
    title = Words(
        f"{pool} 试算平衡表 {on}（{currency}）" + (known[0] if written_by else ""),
        f"{pool}: trial balance on {on} ({currency})" + (known[1] if written_by else ""),
    )
    columns = _columns(("科目", "code"), ("说明", "account"), ("借方", "debit"), ("贷方", "credit"), ("余额", "balance"))
    return Page(title, columns, tuple(rows))


def pool_page(session: Session, pool: str, since: date, until: date) -> Page:
    """The special account between two days, by reason."""
    told = statements.pool_statement(session, pool, since, until)
    rows: list[tuple[Cell, ...]] = [(Words("期初余额", "opening balance"), told.opening_fen)]
    rows += [(WHY[Reason(reason)], fen) for reason, fen in told.movements]
    rows.append((Words("期末余额", "closing balance"), told.closing_fen))
    title = Words(f"{pool} 专户收支 {since} 至 {until}", f"{pool}: special account from {since} to {until}")
    return Page(title, _columns(("事项", "what"), ("金额", "amount")), tuple(rows))


def party_page(session: Session, pool: str, party: str, since: date, until: date) -> Page:
    """Every entry that names the party: what it bore (positive) or got back, and what the pool paid it, or it the pool."""
    query = select(Entry).where(Entry.pool == pool, Entry.party == party, Entry.on >= since, Entry.on <= until)
    rows: list[tuple[Cell, ...]] = []
    borne = paid = 0
    for each in session.scalars(query.order_by(Entry.on, Entry.id)):
        loss = each.amount_fen * ((each.debit == Account.PARTY_LOSS) - (each.credit == Account.PARTY_LOSS))
        cash = each.amount_fen * ((each.credit == Account.POOL_CASH) - (each.debit == Account.POOL_CASH))
        if loss or cash:
            borne, paid = borne + loss, paid + cash
            rows.append((each.on, each.reference, each.loan, WHY[Reason(each.reason)], loss or None, cash or None))
    rows.append((None, None, None, TOTAL, borne, paid))
    title = Words(f"{party} 在 {pool} 的对账单 {since} 至 {until}", f"{party} in {pool}: statement from {since} to {until}")
    columns = _columns(
        *(("日期", "day"), ("编号", "reference"), ("贷款", "loan"), ("事由", "why")),
        *(("承担损失", "loss borne"), ("资金池支付", "paid by the pool")),
    )
    return Page(title, columns, tuple(rows))


def journal_page(session: Session, pool: str, since: date, until: date) -> Page:
    """Every entry of a period as it was written: when it took effect, when it was written, why."""
    query = select(Entry, Journal.written_on, Journal.reverses).join(Journal, Journal.reference == Entry.reference)
    query = query.where(Entry.pool == pool, Entry.on >= since, Entry.on <= until).order_by(Entry.id)
    rows: list[tuple[Cell, ...]] = [
        (
            each.on,
            written,
            each.reference,
            each.debit,
            each.credit,
            each.amount_fen,
            WHY[Reason(each.reason)],
            each.party,
            each.loan,
        )
        for each, written, _ in session.execute(query)
    ]
    title = Words(f"{pool} 日记账 {since} 至 {until}", f"{pool}: journal from {since} to {until}")
    columns = _columns(
        *(("生效日", "effective"), ("入账日", "written"), ("编号", "reference"), ("借", "debit"), ("贷", "credit")),
        *(("金额", "amount"), ("事由", "why"), ("当事方", "party"), ("贷款", "loan")),
    )
    return Page(title, columns, tuple(rows))
