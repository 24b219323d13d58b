"""Public outcomes through a pool's real book: what the pool would have paid, to the cent, and how claims grow with a loan's age.

Written in: domain §6.4 (entries), §9 (vintages: cohort of the draw, over original principal, immature cells empty). The book is
a scratch database with the same tables, triggers and postings as the live one. The independent sums (`sba_alone`,
`premiums_alone`) share no line with it: integer arithmetic over the file's columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy import func, select

from backend.kit.database import Database
from backend.kit.money import share_out
from risk_compensation import ledger, scheme
from risk_compensation.ledger import Account as A
from risk_compensation.ledger import Booking, Line, trial_balance
from risk_compensation.ledger import Reason as R
from risk_compensation.play import outcomes
from risk_compensation.play.outcomes import Outcome, Premiums
from risk_compensation.scheme import BookLoan
from risk_compensation.tables import Entry, Pool, PoolBalance

SCHEME = "sba_7a_guarantee"
BATCH = 2_000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the book says after a replay: paid claims, what the bank bore, and whether it is sound."""

    claims: int
    paid_fen: int
    bank_fen: int
    committed_fen: int
    faults: list[str]
    seconds: float


def _batches(bookings: Iterable[Booking]) -> Iterator[list[Booking]]:
    walk = iter(bookings)
    while batch := list(islice(walk, BATCH)):
        yield batch


def _pool(database: Database, code: str, scheme_code: str, on: date, cash_fen: int) -> None:
    with database.writing() as session:
        parties = {"guarantor": "-", "fund": "public", "custodian": "custodian"}
        session.add(Pool(code=code, scheme=scheme_code, opened_on=on, state="open", currency="USD", **parties))
        session.flush()
        session.add(PoolBalance(pool=code, cash_fen=0, commitments_fen=0, reserved_fen=0, approved_fen=0))
        session.flush()
        if cash_fen:
            money = Line(A.POOL_CASH, A.CAPITAL, cash_fen, R.CONTRIBUTION, "public")
            ledger.post(session, pool=code, reference=f"{code}:money", on=on, booked=[money])


def payout(loan: Outcome, terms: scheme.SchemeTerms) -> dict[str, int]:
    """Who bears a charge-off: the scheme's shares of the principal, the fund never above the guaranteed amount."""
    asked = BookLoan(reference=loan.reference, amount_fen=loan.amount_fen, drawn_on=loan.drawn_on)
    parts = share_out(loan.charged_off_fen, terms.shares_of(asked), odd_fen_order=terms.odd_fen_order)
    over = max(0, parts["fund"] - loan.guaranteed_fen)
    return {"fund": parts["fund"] - over, "bank": parts["bank"] + over}


def _sba_bookings(loans: Sequence[Outcome], terms: scheme.SchemeTerms, code: str) -> Iterator[Booking]:
    for loan in loans:
        promise = Line(A.OFF_BALANCE, A.COMMITMENTS, loan.amount_fen, R.REGISTERED, loan=loan.reference)
        yield Booking(f"{code}:in:{loan.reference}", loan.drawn_on, [promise])
    for loan in loans:
        met = Line(A.COMMITMENTS, A.OFF_BALANCE, loan.amount_fen, R.COMMITMENT_MET, loan=loan.reference)
        if loan.charged_off_on is None:
            continue
        lines = [met]
        parts = payout(loan, terms)
        if parts["fund"]:
            lines.append(Line(A.RECEIVABLE, A.POOL_CASH, parts["fund"], R.CLAIM_PAID, "lender", loan.reference))
        for party, fen in parts.items():
            if fen:
                lines.append(Line(A.PARTY_LOSS, A.OFF_BALANCE, fen, R.LOSS_SHARED, party, loan.reference))
        yield Booking(f"{code}:claim:{loan.reference}", loan.charged_off_on, lines)


def sba(database: Database, loans: Sequence[Outcome], code: str, progress: Progress = lambda count: None) -> Replayed:
    """Register every loan, pay every charge-off, and read the answer off the book."""
    start = perf_counter()
    terms = scheme.scheme(SCHEME).terms[-1]
    first = min(loan.drawn_on for loan in loans)
    _pool(database, code, SCHEME, first, sum(loan.guaranteed_fen for loan in loans))
    for batch in _batches(_sba_bookings(loans, terms, code)):
        with database.writing() as session:
            ledger.post_all(session, code, batch)
        progress(len(batch))
    return _told(database, code, sum(loan.charged_off_on is not None for loan in loans), start)


def _told(database: Database, code: str, claims: int, start: float) -> Replayed:
    with database.reading() as session:
        found = {each.account: each for each in trial_balance(session, code, date.max)}
        kept, played = ledger.balances(session, code), ledger.replay(session, code)
    faults = [f"{name}: balance {kept[name]}, journal {played[name]}" for name in kept if kept[name] != played[name]]
    if sum(each.debit_fen for each in found.values()) != sum(each.credit_fen for each in found.values()):
        faults.append("debits and credits differ")
    paid = found[A.RECEIVABLE].debit_fen
    bank = found[A.PARTY_LOSS].balance_fen - paid
    return Replayed(claims, paid, bank, found[A.COMMITMENTS].balance_fen, faults, perf_counter() - start)


def sba_alone(folder: Path, name: str) -> tuple[int, int]:
    """Claims and what the fund pays, straight from the file's columns: integer cents, 85 or 75 %, a half cent to the bank."""
    frame = outcomes.frame_of(folder, name).drop_duplicates("LoanNr_ChkDgt")

    def money(column: str) -> Any:
        text = frame[column].astype(str).str.replace(r"[$,\s]", "", regex=True).replace({"nan": "0", "None": "0", "": "0"})
        return np.rint(text.astype(float).to_numpy() * 100).astype(np.int64)

    bad = frame["MIS_Status"].astype(str).str.contains("CHG").to_numpy()
    approved, guaranteed, lost = money("GrAppv"), money("SBA_Appv"), money("ChgOffPrinGr")
    base = np.minimum(lost, approved)[bad]
    rate = np.where(approved[bad] <= 15_000_000, 85, 75)
    paid = np.minimum((base * rate + 49) // 100, guaranteed[bad])
    return int(bad.sum()), int(paid.sum())


@dataclass(frozen=True, slots=True)
class Vintage:
    """One year's loans: how many stood for how many, and by age in years the claims paid over original principal (basis points);
    None where the youngest loan of the year has not reached that age."""

    year: int
    loans: int
    weighted: float
    amount_fen: int
    cumulative_curve: tuple[float | None, ...]


def vintages(loans: Sequence[Outcome], years: int = 10) -> list[Vintage]:
    """Cumulative claims by age of the loan, each loan with its weight."""
    terms = scheme.scheme(SCHEME).terms[-1]
    end = max((loan.charged_off_on or loan.drawn_on) for loan in loans)
    groups: defaultdict[int, list[Outcome]] = defaultdict(list)
    for loan in loans:
        groups[loan.drawn_on.year].append(loan)
    found = []
    for year, cohort in sorted(groups.items()):
        whole = sum(loan.weight * loan.amount_fen for loan in cohort)
        by_age = [0.0] * years
        for loan in cohort:
            if loan.charged_off_on is not None:
                age = (loan.charged_off_on - loan.drawn_on).days * 4 // 1461
                if age < years:
                    by_age[age] += loan.weight * payout(loan, terms)["fund"]
        sums = np.cumsum(by_age) / whole * 10_000
        ripe = [(date(year + age + 2, 1, 1) <= end) for age in range(years)]
        curve = tuple(float(value) if known else None for value, known in zip(sums, ripe, strict=True))
        amount = sum(loan.amount_fen for loan in cohort)
        found.append(Vintage(year, len(cohort), sum(loan.weight for loan in cohort), amount, curve))
    return found


@dataclass(frozen=True, slots=True)
class Matched:
    """Capital-access rows: public money set beside both premiums. `exceptions`: the file differs by over a dollar."""

    rows: int
    agreeing: int
    exact: int
    public_fen: int
    file_fen: int
    exceptions: list[Premiums]
    replayed: Replayed


def premiums(database: Database, rows: Sequence[Premiums], code: str = "cap", progress: Progress = lambda count: None) -> Matched:
    """Each row's three contributions go into the lender's reserve: borrower, lender, and the public its match of both."""
    start = perf_counter()
    agreeing = [row for row in rows if abs(row.public_fen - row.borrower_fen - row.lender_fen) <= 100]
    _pool(database, code, "ssbci_cap", date(2011, 1, 1), 0)
    bookings = (
        Booking(
            f"{code}:{row.row}",
            date(2017, 12, 31),
            [Line(A.POOL_CASH, A.CAPITAL, fen, R.CONTRIBUTION, party) for party, fen in _three(row) if fen],
        )
        for row in agreeing
    )
    for batch in _batches(bookings):
        with database.writing() as session:
            ledger.post_all(session, code, batch)
        progress(len(batch))
    told = _told(database, code, 0, start)
    with database.reading() as session:
        query = select(func.sum(Entry.amount_fen)).where(Entry.pool == code, Entry.party == "public")
        public = int(session.scalar(query) or 0)
    apart = {row.row for row in agreeing}
    return Matched(
        rows=len(rows),
        agreeing=len(agreeing),
        exact=sum(row.public_fen == row.borrower_fen + row.lender_fen for row in agreeing),
        public_fen=public,
        file_fen=sum(row.public_fen for row in agreeing),
        exceptions=[row for row in rows if row.row not in apart],
        replayed=told,
    )


def _three(row: Premiums) -> tuple[tuple[str, int], ...]:
    return (("borrower", row.borrower_fen), ("lender", row.lender_fen), ("public", row.borrower_fen + row.lender_fen))


def premiums_alone(folder: Path) -> int:
    """Both premiums of the agreeing rows, straight from the file's columns, in cents."""
    frame = outcomes.frame_of(folder, outcomes.SSBCI_FILE)
    frame = frame[frame["program_type"] == "CAP"]
    names = ("borrower_insurance_premium", "lender_insurance_premium", "ssbci_original_funds")
    borrower, lender, public = (np.rint(frame[name].to_numpy() * 100).astype(np.int64) for name in names)
    near = np.abs(public - borrower - lender) <= 100
    return int((borrower + lender)[near].sum())
