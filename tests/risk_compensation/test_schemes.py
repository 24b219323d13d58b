"""Every published scheme, in its own shape: its worked examples come out, its stops stop, every fen of a book is somewhere."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.database import Database
from backend.kit.errors import Invalid, NotFound
from backend.kit.policy import PolicyError, load
from risk_compensation import live as events
from risk_compensation import scheme
from risk_compensation.play import book as books
from risk_compensation.play import compare
from risk_compensation.play.course import Done, play
from risk_compensation.scheme import BookLoan
from tests.risk_compensation.pools import DAY

BOOK = Path(books.__file__).parent / "examples" / "book.csv"
PUBLISHED = [code for code in scheme.codes() if scheme.scheme(code).currency == "CNY"]
START = date(2026, 3, 2)
WAN = 1_000_000


def a_loan(number: int, *, bad_after: int | None = None, **other: object) -> BookLoan:
    """A guaranteed loan of 100 万 drawn `number` days after the start; bad: overdue after so many days, all of it lost."""
    on = START + timedelta(days=number)
    said: dict[str, object] = {
        "reference": f"L{number}",
        "firm": f"F{number}",
        "amount_fen": 100 * WAN,
        "drawn_on": on,
        "mode": "guarantee",
        "industry": "C34",
        "revenue_fen": 500 * WAN,
        "tags": ("ip",),
    }
    if bad_after is not None:
        since = on + timedelta(days=bad_after)
        said |= {"overdue_since": since, "unpaid_principal_fen": 100 * WAN, "guarantor_paid_on": since + timedelta(days=1)}
        said |= {"judged_on": since + timedelta(days=2)}
    return BookLoan.model_validate(said | other)


def as_if(code: str, loans: list[BookLoan], money_fen: int | None = None) -> Done:
    return play(scheme.scheme(code), loans, terms=scheme.scheme(code).terms[-1], money_fen=money_fen)


def test_at_least_twelve_published_schemes_stand_in_the_folder_each_with_worked_examples() -> None:
    asked = (
        "ningbo_442 ningbo_small_loan_insurance yunnan_small_loan_insurance anhui_4321 guangzhou_bank_2025 chongqing_split_2025 "
    )
    asked += (
        "chongqing_commercial_value chongqing_knowledge_value henan_tech shenzhen_pool pingshan_2026 jiangmen_yikedai haikou_ip "
    )
    asked += "weidantong"
    assert set(asked.split()) <= set(PUBLISHED)
    assert len(PUBLISHED) >= 21
    for code in PUBLISHED:
        assert all(block.worked or block.example for block in scheme.scheme(code).terms), code


def test_a_pool_names_every_party_of_its_scheme_and_each_once(database: Database) -> None:
    def opened(code: str, **parties: object) -> str:
        with database.writing() as session, pytest.raises(Invalid) as caught:
            events.open_pool(session, code="p", fund="b", custodian="c", on=DAY, scheme=code, **parties)  # type: ignore[arg-type]
        return f"{caught.value.place}: {caught.value.words.en}"

    assert opened("anhui_4321", guarantor="a") == "parties: the scheme’s other parties are: provincial re-guarantor"
    assert opened("anhui_4321", parties={"re_guarantor": "r"}) == "guarantor: this scheme has a guarantor"
    assert opened("shenzhen_pool", parties={"insurer": "i"}).startswith("parties: ")
    assert "different parties" in opened("anhui_4321", guarantor="a", parties={"re_guarantor": "b"})


def test_the_live_scheme_is_cited_by_the_same_digest_as_before() -> None:
    assert scheme.terms_on("ningbo_442", DAY).digest == "d93a0de8a7ea07042db8e01c4ae15050e33f3eee42f7a290467054c9f4a56f75"


@pytest.mark.parametrize(
    ("code", "was", "becomes", "named"),
    [
        ("guangzhou_bank_2025", "shares: {fund: 30, bank: 70}", "shares: {fund: 31, bank: 70}", "add up to 100"),
        ("anhui_4321", "order: [bank, guarantor, re_guarantor, fund]", "order: [bank, guarantor, fund]", "odd_fen.order names"),
        ("anhui_4321", "guarantor_paid: true,", "", "name at least one of"),
        ("qingyuan_2026", "[V]", "[?]", "a source is"),
    ],
)
def test_a_scheme_that_does_not_hang_together_cannot_be_loaded(
    tmp_path: Path, code: str, was: str, becomes: str, named: str
) -> None:
    text = (scheme.FOLDER / f"{code}.yaml").read_text(encoding="utf-8")
    assert was in text
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"bad\.yaml:") as caught:
        load(bad, scheme.Scheme)
    assert named in str(caught.value)


# Every stop rule that a scheme publishes, and the mode of loans on which it is looked at.
STOPS = [
    ("ningbo_small_loan_insurance", "insurance", 0),
    ("ningbo_small_loan_insurance", "insurance", 1),
    ("yunnan_small_loan_insurance", "insurance", 0),
    ("yunnan_small_loan_insurance", "insurance", 1),
    ("anhui_4321", "guarantee", 0),
    ("baiyin_mutual", "guarantee", 0),
]


@pytest.mark.parametrize(("code", "mode", "place"), STOPS)
def test_every_published_stop_rule_stops_new_loans_and_pays_the_old_claims(code: str, mode: str, place: int) -> None:
    terms = scheme.scheme(code).terms[-1]
    rule = (terms.breaker, *terms.stops)[place]
    assert "[V]" in rule.source or "[M]" in rule.source
    overdue = rule.ratio == "overdue_over_balance"
    # Overdue too short for a claim stops by the overdue rate alone; a claim long settled by what was paid alone.
    bad = [a_loan(n, bad_after=70 if overdue else 5, mode=mode) for n in range(8)]
    good = [a_loan(n, mode=mode) for n in range(8, 48)]
    late = [a_loan(n, mode=mode) for n in ((95, 96, 97) if overdue else (290, 291, 292))]
    alone = terms.model_copy(update={"breaker": rule, "stops": ()})
    done = play(scheme.scheme(code), [*bad, *good, *late], terms=alone)
    said = {loan.reference: done.refused.get(loan.reference) for loan in late}
    assert set(said.values()) == {"stopped_pool"}, (said, done.stops)
    assert any(rule.ratio in what for _, what in done.stops)
    assert done.claims == 8, "claims on loans already in are decided as before"
    assert as_if(code, [*good, *late]).refused == {}, "without the bad loans nothing stops"


@pytest.mark.parametrize(
    ("code", "mode", "whose"), [("guangzhou_bank_2025", "loan", "bank"), ("guangzhou_guarantee_2025", "guarantee", "guarantor")]
)
def test_above_three_per_cent_a_claim_waits_for_next_year_and_nobody_else_does(code: str, mode: str, whose: str) -> None:
    def paid_in_one_year(losses: int) -> list[int]:
        good = [a_loan(n, mode=mode, amount_fen=400 * WAN, tags=()) for n in range(10)]
        bad = [a_loan(20 + n, mode=mode, bad_after=30, amount_fen=100 * WAN, tags=(), firm=f"B{n}") for n in range(losses)]
        other = a_loan(40, mode=mode, bad_after=30, firm="X", **{whose: "another"})
        base = [a_loan(50 + n, mode=mode, amount_fen=400 * WAN, tags=(), firm=f"Y{n}", **{whose: "another"}) for n in range(10)]
        done = as_if(code, [*good, *bad, *base, other])
        assert done.refused == {}, "new loans still enter"
        assert not next(case for case in done.cases if case.loan.firm == "X").deferred
        years = {case.loan.reference: case.claimed_on for case in done.cases if case.claimed_on}
        return [day.year for name, day in sorted(years.items()) if name != "L40"]

    share = 40 if whose == "bank" else 20
    most = (4000 + 100 * 9) * 3 // 100 // share  # how many losses of 100 万 stay within 3 % of what entered
    assert paid_in_one_year(1) == [2026]
    years = paid_in_one_year(9)
    assert years.count(2026) == most
    assert years.count(2027) == 9 - most


def test_the_caps_of_pingshan_and_the_quota_of_chongqing_are_stops_themselves() -> None:
    for code, mode in (("pingshan_2026", "guarantee"), ("chongqing_commercial_value", "loan")):
        done = as_if(code, [a_loan(n, mode=mode, bad_after=90 if n < 10 else None) for n in range(60)])
        paid = done.net_fen()
        entered = 100 * WAN * len(done.cases)
        most = min(2 * entered // 100, entered * 250 // 10_000) if code == "pingshan_2026" else entered * 2 // 100
        assert paid["fund"] + paid.get("guarantor", 0) == most
        assert paid["bank"] == 1000 * WAN - most


def test_henan_pays_a_bank_at_most_two_per_cent_of_its_last_balance() -> None:
    loans = [a_loan(n, months=36, amount_fen=900 * WAN, revenue_fen=10**12, tags=()) for n in range(40)]
    loans += [a_loan(60 + n, months=36, tags=("pure_credit",), bad_after=300 + n) for n in range(20)]
    done = as_if("henan_tech", loans)
    by_year: dict[int, int] = {}
    for case in done.cases:
        if case.claimed_on:
            by_year[case.claimed_on.year] = by_year.get(case.claimed_on.year, 0) + case.borne["fund"]
    assert by_year == {2027: (40 * 900 + 20 * 100) * WAN * 200 // 10_000}
    assert sum(by_year.values()) < 1000 * WAN, "the yearly limit of 1000 万 is the larger one here"


def test_a_thing_that_money_runs_out_for_waits_or_is_borne_as_the_scheme_says() -> None:
    loans = [a_loan(n, mode="loan", bad_after=90, size="micro") for n in range(2)]
    waits = as_if("taizhou_guarantee_fund", loans, money_fen=100 * WAN)
    assert (waits.waiting_fen, waits.cash_fen) == (80 * WAN, 20 * WAN)
    part = as_if("guangzhou_bank_2025", [loan.model_copy(update={"tags": ()}) for loan in loans], money_fen=60 * WAN)
    assert (part.waiting_fen, part.cash_fen) == (20 * WAN, 0)
    borne = as_if("haikou_ip", loans, money_fen=60 * WAN)
    assert (borne.waiting_fen, borne.cash_fen, borne.net_fen()) == (0, 0, {"bank": 140 * WAN, "fund": 60 * WAN})


def test_the_yearly_budget_pays_what_waited() -> None:
    scheme_now = scheme.scheme("guangzhou_bank_2025")
    terms = scheme_now.terms[-1]
    from risk_compensation.scheme.parts import PoolMoney

    money = PoolMoney(opening_fen=30 * WAN, yearly_fen=25 * WAN, years=3, source="assumed: for this test only")
    rich = terms.model_copy(update={"money": money})
    done = play(scheme_now, [a_loan(n, mode="loan", bad_after=30, tags=()) for n in range(2)], terms=rich)
    assert done.net_fen() == {"bank": 120 * WAN, "fund": 80 * WAN}
    assert done.cash_fen == 25 * WAN


AMOUNT = st.integers(1, 900 * WAN)


@st.composite
def any_loan(draw: st.DrawFn) -> BookLoan:
    on = date(2025, 11, 1) + timedelta(days=draw(st.integers(0, 900)))
    amount = draw(AMOUNT)
    said: dict[str, object] = {
        "reference": str(draw(st.uuids())),
        "bank": draw(st.sampled_from(["a", "b"])),
        "firm": draw(st.sampled_from(["f", "g", "h", ""])),
        "amount_fen": amount,
        "drawn_on": on,
        "mode": draw(st.sampled_from(["loan", "guarantee", "insurance"])),
        "size": draw(st.sampled_from(["micro", "small"])),
        "industry": "C34",
        "tags": tuple(draw(st.sets(st.sampled_from(["ip", "pure_credit", "key_list", "monetary_tool", "university"])))),
        "revenue_fen": draw(st.none() | st.integers(0, 10**10)),
    }
    if draw(st.booleans()):
        since = on + timedelta(days=draw(st.integers(1, 500)))
        later = st.none() | st.integers(1, 900).map(lambda days: since + timedelta(days=days))
        principal = draw(st.integers(1, amount))
        interest = draw(st.integers(0, 1000))
        said |= {"overdue_since": since, "unpaid_principal_fen": principal, "unpaid_interest_fen": interest}
        said |= {name: draw(later) for name in ("judged_on", "guarantor_paid_on", "fraud_on")}
        recovered_on = draw(later)
        if recovered_on is not None:
            net, costs = draw(st.integers(0, principal + interest)), draw(st.integers(0, 1000))
            if net + costs:
                said |= {"recovered_on": recovered_on, "recovered_fen": net + costs, "costs_fen": costs}
    return BookLoan.model_validate(said)


@settings(max_examples=150, deadline=None)
@given(st.lists(any_loan(), max_size=12), st.sampled_from(PUBLISHED), st.none() | st.integers(0, 500 * WAN), st.booleans())
def test_every_fen_of_any_book_is_somewhere_and_no_pool_pays_what_it_has_not(
    loans: list[BookLoan], code: str, money: int | None, as_dated: bool
) -> None:
    (row,) = compare.compare(loans, codes=[code], money_fen=money, as_dated=as_dated)
    assert row.total_fen == compare.loss_fen(loans)
    assert row.done.cash_fen is None or row.done.cash_fen >= 0
    assert min([0, *row.fen.values()]) == 0, "nobody ends with a gain"
    assert row.waiting_fen >= 0
    assert row.entered + sum(row.refused.values()) == len(loans), "one loan is taken once or refused once"


def test_the_same_book_under_every_scheme_adds_up_to_the_same_loss() -> None:
    loans = books.read(BOOK.read_text(encoding="utf-8"))
    rows = compare.compare(loans)
    assert {row.total_fen for row in rows} == {compare.loss_fen(loans)}
    assert len(rows) == len(PUBLISHED)
    text = compare.as_csv(rows)
    assert text.count("\n") == len(rows) + 1
    assert "ningbo_442,宁波市融资担保代偿基金" in text
    with pytest.raises(NotFound):
        compare.compare(loans, codes=["nowhere"])


def test_what_a_scheme_said_last_still_rules_its_old_claims_once_it_has_ended() -> None:
    ended = scheme.scheme("guangzhou_bank_2025").terms[-1]
    assert ended.valid_to is not None
    after = ended.valid_to + timedelta(days=1)
    with pytest.raises(NotFound, match="is not in force"):
        scheme.terms_on("guangzhou_bank_2025", after)
    assert scheme.terms_still("guangzhou_bank_2025", after) is ended
    assert scheme.terms_still("henan_tech", date(2024, 1, 1)) is scheme.scheme("henan_tech").terms[0]
    with pytest.raises(NotFound):
        scheme.terms_still("guangzhou_bank_2025", ended.valid_from - timedelta(days=1))
