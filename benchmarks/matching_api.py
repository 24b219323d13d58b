"""One firm against the whole catalogue through the API, with reasons and the way to each yes, beside a bare route.

    make bench            or            .venv/bin/python benchmarks/matching_api.py [--calls N] [--rounds N] [--profile]

The bare route is the least a durable write through the web can be: one validated body, one Core insert, one commit, in the same
application on the same SQLite file. Both are called in turn over ASGI, without a socket. Three firms stand for what comes: well
known, known by its invoices alone, not known at all. Aim: a p50 of at most 10 ms for each. On a busy machine the time of the
processor, client included, says more than the clock on the wall.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

import httpx
from sqlalchemy import Column, Integer, MetaData, String, Table

from backend.api.shapes import Body
from backend.app import begin, create_app, create_platform
from backend.consents import actions as consents
from backend.consents.model import Signer
from backend.credit_data import actions as credit_data
from backend.credit_data.distil import Value
from backend.doors import Platform
from backend.kit import clock
from backend.parties import actions as parties
from backend.parties import passwords
from backend.settings import Settings, with_secrets
from backend.vocabulary.facts import item_titles

DAY, PASSWORD = date(2025, 6, 2), "long enough pass"
ITEMS = ["TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "ELE01", "HPF01", "DAT01", "DAT02", "DAT03"]
INVOICES: dict[str, Any] = {
    "sales_12m_fen": 1_000_000_000, "sales_prev_12m_fen": 900_000_000, "purchases_12m_fen": 500_000_000,
    "gross_margin_bp": 5000, "invoice_history_months": 30, "invoice_months_12m": 12, "invoice_gap_days": 20,
    "last_invoice_on": date(2025, 5, 28), "void_share_bp": 300, "negative_share_bp": 100, "top_customer_share_bp": 3000,
    "sales_volatility_bp": 2000,
}  # fmt: skip
OTHERS: dict[str, Any] = {
    "registered_on": date(2020, 1, 1), "industry": "C3311", "dishonest_debtor": False, "judgment_debtor": False,
    "serious_dishonest_listed": False, "abnormal_listed": False, "tax_grade": "A", "tax_paid_12m_fen": 20_000_000,
    "zero_filings_12m": 0, "tax_arrears_fen": 0, "insured_headcount": 12, "social_arrears_months": 0,
    "electricity_12m_kwh": 80_000, "electricity_change_bp": 0, "utility_arrears_days": 0, "equity_links": [],
}  # fmt: skip
FIRMS = {
    "well known": ("91420100000000000U", INVOICES | OTHERS),
    "invoices": ("91330200000000019B", INVOICES),
    "not known": ("91420100MA4K00002Y", {}),
}
_PLAIN = MetaData()
_NOTES = Table("bench_notes", _PLAIN, Column("id", Integer, primary_key=True), Column("words", String(200)))


class Note(Body):
    """What the bare route takes."""

    words: str


def a_platform(folder: Path) -> tuple[Platform, Any]:
    """The whole platform on a fresh SQLite file, and the application with one bare route more."""
    settings = with_secrets(Settings(var=folder, password_cost="cheapest", sandbox_day=DAY))  # noqa: S106  # the name of a cost
    house = create_platform(settings)
    begin(house, settings)
    app = create_app(house, work=False)
    _PLAIN.create_all(house.database.engine)

    @app.post("/api/bare", status_code=201)
    def bare(body: Note) -> dict[str, str]:
        with house.database.writing() as session:
            session.connection().execute(_NOTES.insert(), {"words": body.words})
        return {"words": body.words}

    return house, app


def a_firm(house: Platform, name: str, uscc: str, facts: dict[str, Any]) -> None:
    """A firm with these facts and a year's consent for them."""
    with house.writing() as (session, at):
        firm, actor = parties.sign_up_firm(
            session, uscc=uscc, name=f"测速 {name}", legal_rep="王小明", login=name.replace(" ", "_"),
            password_hash=passwords.hashed(PASSWORD, "cheapest"),
            person="王小明", region="420100", industry="C3311", founded_on=None, at=at,
        )  # fmt: skip
        if not facts:
            return
        paper = consents.draft(
            session, actor, firm_id=firm.id, kind="firm", items=ITEMS, purpose="pre_loan", recipients=["platform"],
            valid_from=at, valid_to=at + timedelta(days=365), subject_person=None, titles=item_titles(), at=at,
        )  # fmt: skip
        consents.sign(session, actor, paper.id, signer=Signer("王小明", "legal_representative"), port=house.signing, at=at)
        day, under = clock.day_of(at), dict.fromkeys(ITEMS, paper.id)
        found = {code: Value(value, day) for code, value in facts.items()}
        credit_data.keep_facts(session, firm_id=firm.id, found=found, day=day, consents=under)


async def measure(app: Any, calls: int, rounds: int) -> None:
    """Both routes in turn; medians and the ninety-ninth of a hundred."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as client:
        heads = {}
        for name in FIRMS:
            signed = await client.post("/api/session", json={"login": name.replace(" ", "_"), "password": PASSWORD})
            heads[name] = {"authorization": f"Bearer {signed.json()['token']}"}
        taken: dict[str, list[float]] = {name: [] for name in ("bare route", *FIRMS)}
        worked: dict[str, list[float]] = {name: [] for name in taken}
        answers: dict[str, list[Any]] = {}
        count = 0
        for turn in range(rounds + 1):
            for _ in range(calls):
                for name in taken:
                    count += 1
                    # Never twice the same amount: no rate is found again, no answer comes from memory.
                    body: dict[str, Any] = {"amount_fen": 30_000_000 + 100 * count} if name in FIRMS else {"words": "测速"}
                    path = "/api/me/matches" if name in FIRMS else "/api/bare"
                    start, work = perf_counter(), process_time()
                    answer = await client.post(path, json=body, headers=heads.get(name))
                    if turn:  # the first round warms up
                        taken[name].append(perf_counter() - start)
                        worked[name].append(process_time() - work)
                    assert answer.status_code == 201, answer.text
                    if name in FIRMS:
                        found = answer.json()
                        told = [(each["product"], each["answer"]) for each in found]
                        assert answers.setdefault(name, told) == told, "the same question was answered differently"
    bare = median(taken["bare route"])
    for name, seconds in taken.items():
        p50, p99 = median(seconds), quantiles(seconds, n=100)[98]
        met = "" if name not in FIRMS else f"; {p50 / bare:.1f} x the bare route; aim p50 <= 10 ms: "
        met += "" if name not in FIRMS else "met" if p50 <= 0.010 else "MISSED"
        said = ""
        if name in FIRMS:
            counts = [sum(answer == each for _, answer in answers[name]) for each in ("yes", "unknown", "no")]
            said = f" ({len(answers[name])} products: {counts[0]} yes, {counts[1]} unknown, {counts[2]} no)"
        print(f"{name}{said}: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms over {len(seconds)} calls, ", end="")
        print(f"processor {median(worked[name]) * 1e3:.1f} ms{met}")


def main() -> None:
    """Measure, or with --profile show where the time of a well-known firm goes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        house, app = a_platform(Path(folder))
        for name, (uscc, facts) in FIRMS.items():
            a_firm(house, name, uscc, facts)
        profile = cProfile.Profile()
        if asked.profile:
            profile.enable()
        asyncio.run(measure(app, asked.calls, asked.rounds))
        if asked.profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        house.database.dispose()


if __name__ == "__main__":
    main()
