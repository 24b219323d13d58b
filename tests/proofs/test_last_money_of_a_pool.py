"""The last money of a pool: many claims, each tried twice over 16 connections, with money for three quarters of them.

Counted afterwards, from the journal and not from what anybody said: overpaid, unpaid, unexplained: 0, 0, 0 fen. Also when
processes die by SIGKILL in the middle and others go on. A naive read-then-write is planted and must be caught. `make proofs`
plays 2,000 claims.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import insert, select

from backend.kit.database import Database
from risk_compensation import ledger
from risk_compensation import live as events
from risk_compensation.ledger import Account
from risk_compensation.live import State, statements
from risk_compensation.tables import Claim, Entry, Journal
from tests.proofs.claimants import DAY as PAYING
from tests.proofs.claimants import take, twice
from tests.risk_compensation.pools import DAY, POOL, WAN, a_default, a_pool, file

CONNECTIONS = 16
PAYOUT = 4 * WAN  # the fund's part of a loss of 10 万


def a_crowd(database: Database, claims: int, money_for: int) -> None:
    """Claims ready for approval, and then no more cash than `money_for` of them need."""
    for start in range(0, claims, 250):
        with database.writing() as session:
            if start == 0:
                a_pool(session, cash_fen=claims * PAYOUT)
            for n in range(start, min(start + 250, claims)):
                a_default(session, reference=f"loan_{n}", firm=f"firm_{n}", amount_fen=10 * WAN)
                file(session, reference=f"loan_{n}", claim_no=f"C{n}", loss_fen=10 * WAN)
                events.review(session, claim_no=f"C{n}", by="maker", opinion="approve", on=PAYING)
    with database.writing() as session:
        back = ledger.Line(Account.CAPITAL, Account.POOL_CASH, (claims - money_for) * PAYOUT, ledger.Reason.REVERSAL)
        ledger.post(session, pool=POOL, reference="capital returned", on=DAY, booked=[back])


def counted(database: Database, claims: int, money_for: int, told: Counter[tuple[str, str]]) -> tuple[int, int, int]:
    """Overpaid, unpaid and unexplained fen. `told`: how often each claim was given which answer."""
    with database.reading() as session:
        promised: Counter[str] = Counter()
        for loan, fen in session.execute(select(Entry.loan, Entry.amount_fen).where(Entry.credit == Account.APPROVED_CLAIMS)):
            promised[loan] += fen
        paid: Counter[str] = Counter()
        for loan, fen in session.execute(select(Entry.loan, Entry.amount_fen).where(Entry.debit == Account.RECEIVABLE)):
            paid[loan] += fen
        states = dict(session.execute(select(Claim.loan, Claim.state)).all())
        sound = statements.faults(session)
    total = max(sum(promised.values()), sum(paid.values()))
    overpaid = max(0, total - money_for * PAYOUT)
    waiting = sum(state == State.UNDER_REVIEW for state in states.values())
    unpaid = min(waiting * PAYOUT, max(0, money_for * PAYOUT - sum(paid.values())))
    unexplained = PAYOUT * len(sound)
    for n in range(claims):
        loan, said = f"loan_{n}", {answer for (name, answer), _ in told.items() if name == f"C{n}"}
        unexplained += abs(paid[loan] - (PAYOUT if states[loan] == State.PAID else 0))
        unexplained += abs(paid[loan] - promised[loan])
        unexplained += PAYOUT * ("yes" in said and not paid[loan])  # a payment that was acknowledged and is not there
        unexplained += PAYOUT * (said == {"pool_cash_short"} and bool(paid[loan]))  # refused both times and yet paid
    return overpaid, unpaid, unexplained


def sizes(pytestconfig: pytest.Config) -> tuple[int, int]:
    return (2_000, 1_500) if pytestconfig.getoption("--full-proofs") else (48, 36)


def test_the_last_money_goes_to_as_many_as_it_reaches_and_to_nobody_twice(
    database: Database, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    claims, money_for = sizes(pytestconfig)
    a_crowd(database, claims, money_for)
    start = time.perf_counter()
    names = twice(0, 1, claims, seed=1)
    with ThreadPoolExecutor(CONNECTIONS) as crowd:
        told = Counter(zip(names, crowd.map(lambda name: take(database, name), names), strict=True))
    seconds = time.perf_counter() - start
    found = counted(database, claims, money_for, told)
    yes = len({name for name, said in told if said == "yes"})
    make = "SQLite" if database.is_sqlite else "PostgreSQL"
    say(f"{make}: {claims:,} claims twice over {CONNECTIONS} connections, {yes:,} paid, "
        f"overpaid, unpaid, unexplained {found}, {len(names) / seconds:,.0f} tries/s")  # fmt: skip
    assert found == (0, 0, 0)
    assert yes == money_for
    assert {said for _, said in told} == {"yes", "pool_cash_short"}


def test_also_when_processes_are_killed_in_the_middle_and_others_go_on(
    database: Database, pytestconfig: pytest.Config, say: Callable[[str], None]
) -> None:
    claims, money_for = sizes(pytestconfig)
    full = claims > 1000
    a_crowd(database, claims, money_for)
    chance, told, deaths = Random(20250720), Counter[tuple[str, str]](), 0
    processes, rounds = (4, 6) if full else (1, 2)
    for round_ in range(rounds):
        last = round_ == rounds - 1
        words = [
            (str(CONNECTIONS // processes), str(n), str(processes), str(claims), str(round_ * 10 + n)) for n in range(processes)
        ]
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.proofs.claimants", database.url, *each], stdout=subprocess.PIPE, text=True
            )
            for each in words
        ]
        heard = [[] for _ in running]
        with ThreadPoolExecutor(processes) as listening:
            ends = [
                listening.submit(_listen, each, list_, None if last else chance.randint(3, 60 if full else 12))
                for each, list_ in zip(running, heard, strict=True)
            ]
            deaths += sum(end.result() for end in ends)
        for lines in heard:
            for line in lines:
                name, said = line.split()
                told[name, said] += 1
    found = counted(database, claims, money_for, told)
    make = "SQLite" if database.is_sqlite else "PostgreSQL"
    say(f"{make}: {claims:,} claims, {deaths} processes killed: overpaid, unpaid, unexplained {found}")
    assert found == (0, 0, 0)
    assert deaths >= processes


def _listen(process: subprocess.Popen[str], heard: list[str], most: int | None) -> int:
    """Read what a process says; kill it after `most` lines. Whole lines only count: they came after a commit."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            heard.append(line)
        if most is not None and len(heard) >= most:
            process.send_signal(signal.SIGKILL)
            break
    heard.extend(line for line in process.stdout if line.endswith("\n"))
    return int(process.wait() == -signal.SIGKILL)


def naive(database: Database, claim_no: str) -> str:
    """Planted: look first, then write, with nothing in between that holds the money."""
    with database.reading() as session:
        claim = session.get_one(Claim, claim_no)
        booked = select(Entry.amount_fen).where(Entry.credit == Account.APPROVED_CLAIMS)
        left = ledger.balances(session, POOL)["cash_fen"] - sum(session.scalars(booked))
        if left < claim.payout_fen:
            return "pool_cash_short"
        loan, fen = claim.loan, claim.payout_fen
    time.sleep(0.002)
    with database.writing() as session:
        name = f"naive:{claim_no}:{time.monotonic_ns()}"
        row = {"reference": name, "pool": POOL, "on": PAYING, "digest": "-", "reverses": None, "words": {}}
        session.execute(insert(Journal), [row])
        entry = {"debit": Account.OFF_BALANCE, "credit": Account.APPROVED_CLAIMS, "amount_fen": fen, "reason": "claim_approved"}
        session.execute(insert(Entry), [{"reference": name, "pool": POOL, "on": PAYING, "party": None, "loan": loan} | entry])
    return "yes"


def test_a_naive_read_then_write_is_caught(database: Database) -> None:
    claims, money_for = 40, 30
    a_crowd(database, claims, money_for)
    names = twice(0, 1, claims, seed=2)
    with ThreadPoolExecutor(CONNECTIONS) as crowd:
        told = Counter(zip(names, crowd.map(lambda name: naive(database, name), names), strict=True))
    overpaid, _, unexplained = counted(database, claims, money_for, told)
    assert overpaid > 0
    assert unexplained > 0


def test_a_payment_that_was_said_and_is_not_there_is_caught(database: Database) -> None:
    a_crowd(database, 4, 3)
    said = Counter({("C0", "yes"): 1})
    assert counted(database, 4, 3, said)[1:] == (3 * PAYOUT, PAYOUT)
    assert take(database, "C0") == "yes"
    assert counted(database, 4, 3, said) == (0, 2 * PAYOUT, 0)
    assert timedelta(0) < PAYING - DAY
