"""Transfers a second through risk_compensation.ledger beside bare SQL by hand, in one run, on SQLite and on PostgreSQL.

    make bench            or            .venv/bin/python benchmarks/ledger.py [--full] [--make sqlite] [--transfers N]

Both do the same work in one durable transaction: the conditional move of the balance row, the journal row by its reference, the
entry. SQLite: WAL, synchronous=FULL. PostgreSQL, from the wheel the tests use: fsync and synchronous_commit on. Cases: one
transfer a transaction; a batch a transaction; a hot account, several threads with a connection each on one pool. Then the trial
balance of a book made by bulk insert (`--full`: 10 million transfers). Aim: at least 0.7 of bare SQL. After every case debits
must equal credits, the balance row the replay of the journal, and cash what was booked; otherwise the run ends with an error.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from statistics import median
from threading import Lock
from time import perf_counter
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.engine import make_url

from backend.kit.clock import BusinessOffset
from backend.kit.database import Base, Database
from risk_compensation import ledger
from risk_compensation.ledger import Account, Booking, Line, Reason, trial_balance
from risk_compensation.tables import Entry, Journal, Pool, PoolBalance

ROOT = Path(__file__).resolve().parent.parent
DAY, AIM, THREADS = date(2025, 6, 2), 0.7, {"SQLite": 4, "PostgreSQL": 8}
NUMBER = count(1)
# One statement for both makes but for the marks of its parameters.
UPDATE = """UPDATE pool_balances SET cash_fen = cash_fen + ?, commitments_fen = commitments_fen + ?,
 reserved_fen = reserved_fen + ?, approved_fen = approved_fen + ? WHERE pool = ? AND approved_fen + ? >= 0
 AND cash_fen + ? >= approved_fen + ? AND commitments_fen + ? >= 0 AND reserved_fen + ? >= 0
 AND (closed_until IS NULL OR closed_until < ?)"""
JOURNAL = """INSERT INTO pool_journal (reference, pool, effective_on, written_on, digest, reverses, words)
 VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reference) DO NOTHING"""
ENTRY = """INSERT INTO pool_entries (reference, pool, debit, credit, amount_fen, reason, effective_on, party, loan)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
WORDS = '{"zh":"","en":""}'


class Bare:
    """Bare SQL over the driver, on a connection of its own."""

    def __init__(self, database: Database, one_writer: Lock) -> None:
        self.sqlite, self.lock, url = database.is_sqlite, one_writer, make_url(database.url)
        if self.sqlite:
            self.connection: Any = sqlite3.connect(str(url.database), isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "wal_autocheckpoint=8000"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            import psycopg

            self.connection = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        self.day: Any = DAY.isoformat() if self.sqlite else DAY
        self.sql = [each if self.sqlite else each.replace("?", "%s") for each in (UPDATE, JOURNAL, ENTRY)]

    def post(self, pool: str, names: list[str], amount: int) -> None:
        """Book each reference, one transaction for all."""
        update, journal, entry = self.sql
        total, cursor = amount * len(names), self.connection.cursor()
        if self.sqlite:
            with self.lock:
                cursor.execute("BEGIN IMMEDIATE")
                self._work(cursor, update, journal, entry, pool, names, amount, total)
                cursor.execute("COMMIT")
        else:
            self._work(cursor, update, journal, entry, pool, names, amount, total)
            self.connection.commit()

    def _work(
        self, cursor: Any, update: str, journal: str, entry: str, pool: str, names: list[str], amount: int, total: int
    ) -> None:
        cursor.execute(update, (total, 0, 0, 0, pool, 0, total, 0, 0, 0, self.day))
        rows = [(name, pool, self.day, self.day, "0" * 64, None, WORDS) for name in names]
        entries = [(name, pool, "pool_cash", "capital", amount, "contribution", self.day, "funder", None) for name in names]
        if len(names) == 1:
            cursor.execute(journal, rows[0])
            if cursor.rowcount != 1:
                raise SystemExit(f"{names[0]} was booked before")
            cursor.execute(entry, entries[0])
        else:
            cursor.executemany(journal, rows)
            cursor.executemany(entry, entries)


def ours(database: Database, pool: str, names: list[str], amount: int) -> None:
    """The same through the front."""
    line = Line(Account.POOL_CASH, Account.CAPITAL, amount, Reason.CONTRIBUTION, "funder")
    with database.writing() as session:
        if len(names) == 1:
            assert ledger.post(session, pool=pool, reference=names[0], on=DAY, booked=[line])
        else:
            assert ledger.post_all(session, pool, [Booking(name, DAY, [line]) for name in names]) == len(names)


@contextmanager
def databases(asked: str) -> Iterator[list[tuple[str, Database]]]:
    """A fresh database of each make, with the tables and guards of the book."""
    sys.path.insert(0, str(ROOT))
    from tests import postgres

    made: list[tuple[str, Database]] = []
    with tempfile.TemporaryDirectory(prefix="creditbridge-bench-") as folder:
        if asked != "postgresql":
            made.append(("SQLite", Database(f"sqlite:///{folder}/ledger.db")))
        if asked == "sqlite":
            yield made
            return
        with postgres.cluster(durable=True) as admin, postgres.fresh_database(admin, "creditbridge_bench_test") as url:
            made.append(("PostgreSQL", Database(url)))
            yield made
            made[-1][1].dispose()


def a_pool(database: Database, code: str) -> str:
    with database.writing() as session:
        session.add(Pool(code=code, scheme="ningbo_442", guarantor="g", fund="f", custodian="c", opened_on=DAY, state="open"))
        session.flush()
        session.add(PoolBalance(pool=code, cash_fen=0, commitments_fen=0, reserved_fen=0, approved_fen=0))
    return code


def conserved(database: Database, pool: str, cash_fen: int) -> None:
    """Debits equal credits, the balance row is the replay, the cash is what was booked."""
    with database.reading() as session:
        trial = trial_balance(session, pool, date.max)
        debits, credits = sum(each.debit_fen for each in trial), sum(each.credit_fen for each in trial)
        kept, played = ledger.balances(session, pool), ledger.replay(session, pool)
    if not (debits == credits == cash_fen and kept == played and kept["cash_fen"] == cash_fen):
        raise SystemExit(f"{pool}: debits {debits}, credits {credits}, row {kept}, replay {played}, booked {cash_fen}")


def case(make: str, database: Database, what: str, transfers: int, rounds: int, batch: int, threads: int) -> bool:
    """Ours and bare in turn, each on a pool of its own; answers whether the aim was met."""
    lock, names = Lock(), [a_pool(database, f"{what}_{who}") for who in ("ours", "bare")]
    hands = [Bare(database, lock) for _ in range(threads)]
    ways: list[Callable[[int, list[str]], None]] = [
        lambda _, some: ours(database, names[0], some, 3),
        lambda hand, some: hands[hand].post(names[1], some, 3),
    ]
    each_hand = max(1, transfers // batch // threads)
    rates: list[list[float]] = [[], []]
    for turn in range(rounds + 1):  # the first is to warm up; who begins changes, so that neither always finds the other's wake
        for place in (0, 1) if turn % 2 else (1, 0):
            act = ways[place]
            jobs = [[[f"t{next(NUMBER)}" for _ in range(batch)] for _ in range(each_hand)] for _ in hands]

            def work(hand: int, act: Callable[[int, list[str]], None] = act, jobs: list[list[list[str]]] = jobs) -> None:
                for some in jobs[hand]:
                    act(hand, some)

            begin = perf_counter()
            with ThreadPoolExecutor(threads) as crowd:
                list(crowd.map(work, range(threads)))
            rates[place].append(sum(len(job) for job in jobs) * batch / (perf_counter() - begin))
    booked = each_hand * batch * threads * 3 * (rounds + 1)
    for name in names:
        conserved(database, name, booked)
    for hand in hands:
        hand.connection.close()
    mine, bare = (median(each[1:]) for each in rates)
    spread = sorted(a / b for a, b in zip(rates[0][1:], rates[1][1:], strict=True))
    ratio = median(spread)
    met = "met" if ratio >= AIM else "MISSED"
    print(
        f"{make} {what}: ours {mine:,.0f}/s, bare SQL {bare:,.0f}/s; {ratio:.2f} [{spread[0]:.2f}, {spread[-1]:.2f}] of it; "
        f"aim >= {AIM}: {met}; conserved"
    )
    return ratio >= AIM


def whole_book(make: str, database: Database, transfers: int) -> None:
    """A trial balance of many transfers, five a booking, over 250 days, made by bulk insert."""
    pool, bookings = a_pool(database, "whole"), transfers // 5
    series = "generate_series(1, :n) AS s(n)"
    if database.is_sqlite:
        series = "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :n) SELECT n FROM s) AS s"
    day = (
        "date(:day, '+' || (n * 250 / :n) || ' days')" if database.is_sqlite else "CAST(:day AS date) + CAST(n * 250 / :n AS int)"
    )
    words = "'{}'" if database.is_sqlite else "CAST('{}' AS jsonb)"
    lines = (("pool_cash", "capital", 1000), ("off_balance", "commitments", 700), ("commitments", "off_balance", 300),
             ("receivable", "pool_cash", 200), ("pool_cash", "recovery_clearing", 50))  # fmt: skip
    begin = perf_counter()
    with database.writing() as session:
        session.execute(
            text(
                "INSERT INTO pool_journal (reference, pool, effective_on, written_on, digest, words) "  # noqa: S608  # no input
                f"SELECT 'w' || n, 'whole', {day}, {day}, 'bulk', {words} FROM {series}"
            ),
            {"n": bookings, "day": DAY.isoformat() if database.is_sqlite else DAY},
        )
        values = " UNION ALL ".join(
            f"SELECT '{debit}' AS debit, '{credit}' AS credit, {fen} AS fen" for debit, credit, fen in lines
        )
        session.execute(
            text(
                "INSERT INTO pool_entries (reference, pool, debit, credit, amount_fen, reason, effective_on, party, loan) "  # noqa: S608
                f"SELECT 'w' || n, 'whole', debit, credit, fen, 'contribution', {day}, 'funder', NULL FROM {series} "
                f"CROSS JOIN ({values}) AS each"
            ),
            {"n": bookings, "day": DAY.isoformat() if database.is_sqlite else DAY},
        )
        cash, committed = 850 * bookings, 400 * bookings
        session.execute(
            text("UPDATE pool_balances SET cash_fen = :cash, commitments_fen = :committed WHERE pool = 'whole'"),
            {"cash": cash, "committed": committed},
        )
    made = perf_counter() - begin
    with database.reading() as session:
        begin = perf_counter()
        trial = trial_balance(session, pool, date.max)
        told = perf_counter() - begin
        begin = perf_counter()
        played = ledger.replay(session, pool)
        again = perf_counter() - begin
        kept = ledger.balances(session, pool)
    debits, credits = sum(each.debit_fen for each in trial), sum(each.credit_fen for each in trial)
    if not (debits == credits == 2250 * bookings and kept == played):
        raise SystemExit(f"{make}: debits {debits}, credits {credits}, row {kept}, replay {played}")
    print(
        f"{make} trial balance of {bookings * 5:,} transfers: {told:.2f} s, replay of the balance row {again:.2f} s; "
        f"debits = credits, row = replay (the book was made in {made:.0f} s)"
    )


def main() -> None:
    """Every case on every make; the aims are printed as they come out, an inequality ends the run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--full", action="store_true", help="trial balance over 10 million transfers")
    parser.add_argument("--make", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--transfers", type=int, default=400, help="a round, single and hot; ten times as many batched")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--book", type=int, default=200_000, help="transfers of the trial balance")
    asked = parser.parse_args()
    tables: list[Table] = [each.__table__ for each in (Pool, PoolBalance, Journal, Entry, BusinessOffset)]  # type: ignore[misc]
    with databases(asked.make) as made:
        for make, database in made:
            Base.metadata.create_all(database.engine, tables=tables)
            case(make, database, "single", asked.transfers, asked.rounds, 1, 1)
            case(make, database, "batched by 200", asked.transfers * 10, asked.rounds, 200, 1)
            case(make, database, f"hot, {THREADS[make]} connections", asked.transfers, asked.rounds, 1, THREADS[make])
            whole_book(make, database, 10_000_000 if asked.full else asked.book)


if __name__ == "__main__":
    main()
