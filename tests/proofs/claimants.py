"""A process in which several connections take claims to payment, each tried twice; told on standard output after each commit.

python -m tests.proofs.claimants DATABASE_URL THREADS FIRST STEP COUNT SEED
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random

from backend.kit.database import Database
from backend.kit.errors import Answer
from risk_compensation import live as events

DAY = date(2025, 7, 20)


def take(database: Database, claim_no: str) -> str:
    """Approve, instruct and pay one claim, each in a transaction of its own; 'yes', or the code of the refusal."""
    try:
        with database.writing() as session:
            amount = events.approve(session, claim_no=claim_no, by="checker", on=DAY).payout_fen
        with database.writing() as session:
            events.instruct(session, claim_no=claim_no, by="checker", on=DAY)
        with database.writing() as session:
            events.pay(session, claim_no=claim_no, receipt_no=f"R-{claim_no}", amount_fen=amount, on=DAY)
    except Answer as no:
        return no.code
    return "yes"


def twice(first: int, step: int, count: int, seed: int) -> list[str]:
    """Claim numbers, each two times, in an order of its own."""
    names = [f"C{n}" for n in range(first, count, step)] * 2
    Random(seed).shuffle(names)
    return names


def main() -> None:
    url, *numbers = sys.argv[1:]
    threads, first, step, count, seed = map(int, numbers)
    database, speaking = Database(url), threading.Lock()

    def one(claim_no: str) -> None:
        said = take(database, claim_no)
        with speaking:
            sys.stdout.write(f"{claim_no} {said}\n")
            sys.stdout.flush()

    with ThreadPoolExecutor(threads) as crowd:
        list(crowd.map(one, twice(first, step, count, seed)))
    database.dispose()


if __name__ == "__main__":
    main()
