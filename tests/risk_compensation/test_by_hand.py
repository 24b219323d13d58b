"""What a pool's book answers when a rule asks, and what comes of it, in numbers worked by hand.

A rule is written once for a live pool and for a played book, so the two agreeing proves nothing of the rule. Here both are held
against numbers that no line of the code has made: each book is small enough to be reckoned on paper from the scheme's text.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend.kit.database import Database
from risk_compensation import scheme
from risk_compensation.live import statements
from risk_compensation.live.standing import LiveStanding
from risk_compensation.play.course import play
from risk_compensation.scheme import BookLoan, Breaker, Kind, Standing
from risk_compensation.scheme.stops import Ratio, ratio_of
from risk_compensation.tables import Pool
from tests.risk_compensation.live import POOL, Live

MONEY = 10_000_000_000


def loan(reference: str, bank: str, firm: str, amount: int, drawn: str, mode: str = "loan", **other: Any) -> BookLoan:
    plain = {"reference": reference, "bank": bank, "firm": firm, "amount_fen": amount, "drawn_on": date.fromisoformat(drawn)}
    return BookLoan.model_validate(plain | {"guarantor": "the_guarantor", "months": 24, "mode": mode} | other)


def bad(since: str, unpaid: int, **other: Any) -> dict[str, Any]:
    return {"overdue_since": date.fromisoformat(since), "unpaid_principal_fen": unpaid} | other


def back(on: str, gross: int, costs: int) -> dict[str, Any]:
    return {"recovered_on": date.fromisoformat(on), "recovered_fen": gross, "costs_fen": costs}


RETURNED_IN_YEAR = back("2025-10-01", 120_000, 20_000)
# 台州: bank 20, fund 80, claimed 60 days past due. L1 enters on the last day that a year ending 10 March no longer counts.
FUND = (
    loan("L1", "b1", "f1", 1_000_000, "2025-03-10", **bad("2025-06-01", 600_000)),  # the fund pays 480,000 on 31 July
    loan("L2", "b1", "f2", 2_000_000, "2025-03-11", **bad("2025-05-01", 500_000), **RETURNED_IN_YEAR),
    loan("L5", "b1", "f5", 900_000, "2025-04-01", months=6),  # repaid on 30 September
    loan("L3", "b2", "f3", 3_000_000, "2025-12-31"),
    loan("L4", "b2", "f4", 700_000, "2026-01-01", **bad("2026-02-01", 300_000)),  # not claimable before April
)
RETURNED_LATER = back("2026-02-01", 200_000, 0)
# 云南: bank 3, insurer 7, premium 2.7 %; the province takes 80 % of what is above 120 % of a year's premiums.
INSURED = (
    loan("L1", "b1", "f1", 1_000_000, "2025-03-10", "insurance"),
    loan("L2", "b1", "f2", 2_000_000, "2025-03-11", "insurance", **bad("2025-05-01", 1_000_000), **RETURNED_LATER),
    loan("L3", "b2", "f3", 500_000, "2026-01-05", "insurance"),
)
# 河南: the fund bears 60 % of a pure credit loan, of a bank's claims in a year at most 2 % of its balance at the end of the last.
LIMITED = (
    loan("L1", "b1", "f1", 10_000_000, "2025-06-01", tags=("pure_credit",), months=36),
    loan("L2", "b1", "f2", 1_000_000, "2025-07-01", tags=("pure_credit",), **bad("2026-01-10", 500_000)),
    loan("L3", "b1", "f3", 1_000_000, "2025-07-02", tags=("pure_credit",), **bad("2026-02-01", 100_000)),
    loan("L4", "b2", "f4", 1_000_000, "2026-01-02", tags=("pure_credit",), **bad("2026-02-01", 100_000)),
)


class Both:
    """One book played in memory and live: what either says."""

    def __init__(self, session: Session, code: str, book: tuple[BookLoan, ...], until: date) -> None:
        source = scheme.scheme(code)
        self.played = play(source, book, money_fen=MONEY, until=until, terms=source.terms[-1])
        self.live = Live(session, source, source.terms[-1], MONEY).play(book, until)
        assert statements.faults(session) == []
        pool = LiveStanding(session, session.get_one(Pool, POOL))
        self.standings: dict[str, Standing] = {"in memory": self.played.standing, "live": pool}

    def say(self, name: str, *args: object, **words: object) -> object:
        """What the standing answers; the same both ways."""
        found = {way: getattr(each, name)(*args, **words) for way, each in self.standings.items()}
        assert found["in memory"] == found["live"], (name, args, words, found)
        return found["live"]

    def ratio(self, name: str, kind: Kind, code: str, on: date, **other: Any) -> Ratio:
        said = {"ratio": name, "window_months": 12, "minimum_loans": 1, "warn_bp": 1, "pause_bp": 2}
        rule = Breaker.model_validate(said | {"source": "assumed: for this test only"} | other)
        found = {way: ratio_of(rule, each.window(rule, kind, code, on)) for way, each in self.standings.items()}
        assert found["in memory"] == found["live"], (name, kind, code, found)
        return found["live"]


ON, NEXT, LAST_DAY = date(2026, 3, 10), date(2026, 3, 11), date(2025, 12, 31)
PAID, BORNE, OVERDUE, USED = "net_paid_over_entered", "compensated_over_entered", "overdue_over_balance", "paid_over_money"
Whose = tuple[Kind, str]
POOLS: Whose = ("pool", "")
B1: Whose = ("bank", "b1")
B2: Whose = ("bank", "b2")
BEHIND: Whose = ("guarantor", "the_guarantor")
# Paid: 480,000 on L1 and 400,000 on L2, of which 80,000 came back. Borne by all: 600,000 and 500,000.
BY_HAND: list[tuple[str, Whose, Ratio]] = [
    (PAID, POOLS, Ratio(800_000, 6_600_000, 4)),
    (PAID, B1, Ratio(800_000, 2_900_000, 2)),
    (PAID, B2, Ratio(0, 3_700_000, 2)),
    (BORNE, POOLS, Ratio(1_100_000, 6_600_000, 4)),
    (OVERDUE, POOLS, Ratio(300_000, 3_300_000, 2)),
    (OVERDUE, B1, Ratio(0, 0, 0)),
    (USED, POOLS, Ratio(800_000, MONEY, 5)),
    (USED, B1, Ratio(800_000, MONEY, 3)),
]


def test_what_a_stop_rule_divides_by_what(database: Database) -> None:
    with database.reading() as session:
        both = Both(session, "taizhou_guarantee_fund", FUND, ON)
        for name, whose, ratio in BY_HAND:
            assert both.ratio(name, *whose, ON) == ratio, (name, whose)
        assert both.ratio(PAID, "pool", "", NEXT) == Ratio(800_000, 4_600_000, 3), "L2 entered a year ago"
        assert both.ratio(PAID, "pool", "", LAST_DAY, calendar_year=True) == Ratio(800_000, 6_900_000, 4)
        assert both.ratio(PAID, "pool", "", ON, calendar_year=True) == Ratio(0, 700_000, 1)
        assert both.played.net_fen() == both.live.net_fen == {"fund": 800_000, "bank": 200_000}
    behind = tuple(each.model_copy(update={"mode": "guarantee"}) for each in FUND)
    with database.reading() as session:
        both = Both(session, "taizhou_guarantee_fund", behind, ON)
        for name, whose, ratio in BY_HAND:
            if whose == POOLS:
                assert both.ratio(name, *BEHIND, ON) == ratio, "all the pool's loans are this guarantor's"


def test_an_insurers_year_is_divided_by_its_premiums_and_its_excess_is_taken_over(database: Database) -> None:
    """Premiums of 2025: 27,000 and 54,000, 120 % of them 97,200. The insurer bore 700,000: 80 % of 602,800 is 482,240."""
    name = "paid_over_premium"
    with database.reading() as session:
        both = Both(session, "yunnan_small_loan_insurance", INSURED, ON)
        assert both.ratio(name, "pool", "", ON) == Ratio(700_000, 67_500, 2)
        assert both.ratio(name, "bank", "b1", ON) == Ratio(700_000, 54_000, 1)
        assert both.ratio(name, "bank", "b2", ON) == Ratio(0, 13_500, 1)
        assert both.ratio(name, "pool", "", LAST_DAY, calendar_year=True) == Ratio(700_000, 81_000, 2)
        assert both.say("taken_over_fen", 2025) == 482_240
        assert both.say("premiums_of_year_fen", "insurer", 2025) == 81_000
        assert both.say("borne_fen", "insurer", 2025) == 700_000, "what came back came in another year"
        # Of 200,000 that came back 140,000 are the insurer's; it passes on as much as was taken over, 482,240 of 700,000.
        net = {"bank": 300_000 - 60_000, "insurer": 700_000 - 482_240 - 43_552, "excess_fund": 482_240 - 96_448}
        assert both.played.net_fen() == both.live.net_fen == net


def test_a_banks_claims_of_a_year_are_limited_by_its_last_balance(database: Database) -> None:
    """2 % of 12,000,000 are 240,000: L2 may have 240,000 of its 300,000, L3 nothing. b2 came later and has no such line."""
    with database.reading() as session:
        both = Both(session, "henan_tech", LIMITED, date(2026, 4, 30))
        assert both.say("bank_balance_at_end_of", 2025, "b1") == 12_000_000
        assert both.say("bank_balance_at_end_of", 2025, "b2") is None
        counted: list[tuple[dict[str, object], int]] = [
            ({"year": 2026, "bank": "b1"}, 240_000),
            ({"year": 2025, "bank": "b1"}, 0),
            ({"year": 2026, "bank": "b2"}, 60_000),
            ({"year": 2026}, 300_000),
            ({"loan": "L2"}, 240_000),
            ({"loan": "L3"}, 0),
            ({"firm": "f4"}, 60_000),
        ]
        for asked, fen in counted:
            assert both.say("counted_fen", **asked) == fen, asked
        assert both.played.net_fen() == both.live.net_fen == {"fund": 300_000, "bank": 400_000}


STANDS: list[tuple[str, tuple[object, ...], object]] = [
    ("firm_fen", ("f1",), 600_000),
    ("firm_fen", ("f3",), 3_000_000),
    ("firm_fen", ("f4",), 300_000),
    ("firm_fen", ("f5",), 0),
    ("at_another_bank", ("f1", "b2", 2025), True),
    ("at_another_bank", ("f1", "b1", 2025), False),
    ("at_another_bank", ("f1", "b2", 2026), False),
    ("bank_balance_fen", ("b1",), 0),
    ("bank_balance_fen", ("b2",), 3_300_000),
    ("entered_fen", (), 7_600_000),
    ("fees_fen", (), 0),
    ("free_fen", (), MONEY - 800_000),
]


def test_what_stands_in_the_book(database: Database) -> None:
    with database.reading() as session:
        both = Both(session, "taizhou_guarantee_fund", FUND, ON)
        for name, asked, answer in STANDS:
            assert both.say(name, *asked) == answer, (name, asked)
