"""How much money a book needs: against closed forms, exact small books, and worlds that can only be worse."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.cli.stressing import COLUMNS, from_csv
from backend.kit.errors import Invalid
from risk_compensation.play.stress import LEVELS, Assumptions, Book, by_firm, quantile, simulate, stress, vasicek, what_if

WAN = 1_000_000
PLAIN = Assumptions(lgd_sd=0.0, draws=40_000)
GRANULAR = Book.equal(loans=20_000, amount_fen=50 * WAN, pd=0.03, lgd=0.6, share_bp=4000)


def a_book(amounts: list[int], pds: list[float], firms: list[int] | None = None, lgd: float = 0.6) -> Book:
    count = len(amounts)
    return Book(
        amount_fen=np.array(amounts, dtype=np.int64) * WAN,
        pd=np.array(pds),
        lgd=np.full(count, lgd),
        share_bp=np.full(count, 4000, dtype=np.int64),
        firm=np.array(firms if firms is not None else range(count)),
    )


@pytest.mark.parametrize("correlation", [0.05, 0.12, 0.24])
def test_a_granular_book_meets_the_closed_form_within_the_simulations_own_error(correlation: float) -> None:
    found = stress(GRANULAR, replace(PLAIN, correlation=correlation), cash_fen=WAN, entered_fen=WAN)
    for need in found.needs:
        assert abs(need.simulated_fen - need.closed_form_fen) < 4 * need.error_fen, need
        assert need.error_fen < need.simulated_fen * 0.05


def test_the_closed_form_is_the_published_one() -> None:
    """Vasicek at PD 2 %, correlation 12 %, 99.9 %: Φ((Φ⁻¹(0.02) + √0.12 Φ⁻¹(0.999)) / √0.88)."""
    assert vasicek(np.array([0.02]), np.array([1.0]), 0.12, 0.999) == pytest.approx(0.14727, abs=2e-5)


def test_the_mean_of_the_draws_is_the_expected_payment_within_its_error() -> None:
    book = a_book([100, 40, 900, 70, 70, 70, 300], [0.02, 0.3, 0.01, 0.05, 0.05, 0.05, 0.5], lgd=0.4)
    for sd in (0.0, 0.25):
        paid, before = simulate(book, Assumptions(lgd_sd=sd, draws=60_000))
        worst, payment, whole, _ = by_firm(book)
        for draws, expected in ((paid, worst @ payment), (before, worst @ whole)):
            assert abs(draws.mean() - expected) < 4 * draws.std() / math.sqrt(len(draws))


def test_a_book_of_one_loan_has_two_outcomes_with_the_loans_own_chance() -> None:
    book = a_book([100], [0.07])
    paid, before = simulate(book, PLAIN)
    assert set(np.unique(paid)) == {0.0, 24.0 * WAN}
    assert set(np.unique(before)) == {0.0, 40.0 * WAN}
    assert abs((paid > 0).mean() - 0.07) < 4 * math.sqrt(0.07 * 0.93 / PLAIN.draws)
    found = stress(book, PLAIN, cash_fen=WAN, entered_fen=WAN)
    assert [need.simulated_fen for need in found.needs] == [24 * WAN, 24 * WAN], "7 % is more than 5 %"
    assert stress(replace(book, pd=np.array([0.03])), PLAIN, cash_fen=WAN, entered_fen=WAN).needs[0].simulated_fen == 0


def test_without_correlation_failures_are_binomial() -> None:
    paid, _ = simulate(
        Book.equal(loans=40, amount_fen=100 * WAN, pd=0.1, lgd=1.0, share_bp=4000), replace(PLAIN, correlation=0.0)
    )
    failed = np.rint(paid / (40 * WAN)).astype(int)
    for count in range(10):
        exact = math.comb(40, count) * 0.1**count * 0.9 ** (40 - count)
        assert abs((failed == count).mean() - exact) < 4 * math.sqrt(exact * (1 - exact) / PLAIN.draws), count


def test_the_same_money_on_fewer_firms_needs_more() -> None:
    """A thousand firms, ten firms, and one that carries half: the same exposure and expected loss, an ever longer tail."""
    spread = Book.equal(loans=1000, amount_fen=WAN, pd=0.02, lgd=0.6, share_bp=4000)
    lumped = Book.equal(loans=10, amount_fen=100 * WAN, pd=0.02, lgd=0.6, share_bp=4000)
    giant = a_book([500, *[1] * 500], [0.02] * 501)
    found = [stress(book, PLAIN, cash_fen=WAN, entered_fen=WAN) for book in (spread, lumped, giant)]
    assert len({each.expected_fen for each in found}) == 1
    tails = [each.needs[1].simulated_fen for each in found]
    assert tails[0] < tails[1] < tails[2]
    assert [each.effective_firms for each in found][:2] == [1000.0, 10.0]
    assert found[1].ten_largest_bp == 10_000


def test_loans_of_one_firm_fail_together_and_with_the_worst_of_their_chances() -> None:
    paid, _ = simulate(a_book([100, 100], [0.01, 0.2], firms=[7, 7]), PLAIN)
    assert set(np.unique(paid)) == {0.0, 48.0 * WAN}
    assert abs((paid > 0).mean() - 0.2) < 0.01


def test_a_loss_is_never_negative_and_never_more_than_the_pools_part() -> None:
    book = a_book([100, 30, 30, 500], [0.5, 0.9, 0.9, 1.0], firms=[0, 1, 1, 2])
    paid, before = simulate(book, Assumptions(lgd_sd=0.9, draws=20_000))
    assert (paid >= 0).all()
    assert (paid <= before + 1).all()
    assert (before >= 200 * WAN).all(), "a loan that has failed already fails in every draw"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    book = a_book([100, 40, 70, 70], [0.05, 0.2, 0.1, 0.1])

    def said(seed: int) -> bytes:
        assumed = Assumptions(draws=5_000, seed=seed)
        return json.dumps(stress(book, assumed, cash_fen=WAN, entered_fen=240 * WAN).figures()).encode()

    assert said(1) == said(1)
    assert said(1) != said(2)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["share", "leverage", "PD"])
def test_more_share_leverage_or_failure_never_needs_less(place: int) -> None:
    worlds = tuple(tuple(times if each == place else 1.0 for each in range(3)) for times in (0.5, 0.75, 1.0, 1.5, 2.0, 4.0))
    book = Book.equal(loans=300, amount_fen=100 * WAN, pd=0.03, lgd=0.6, share_bp=4000)
    found = what_if(book, Assumptions(draws=20_000), cash_fen=500 * WAN, worlds=worlds)  # type: ignore[arg-type]  # three each
    for low, high in itertools.pairwise(found):
        assert low.expected_fen < high.expected_fen
        assert all(one <= other for one, other in zip(low.needed_fen, high.needed_fen, strict=True))
        assert all(one <= other for one, other in zip(low.missing_fen, high.missing_fen, strict=True))


def test_a_share_never_rises_above_the_whole_loss() -> None:
    whole, more = what_if(GRANULAR, PLAIN, cash_fen=0, worlds=((2.5, 1.0, 1.0), (9.0, 1.0, 1.0)))
    assert whole == replace(more, share_times=2.5)


def test_money_lines_and_months_are_read_off_the_same_draws() -> None:
    found = stress(
        GRANULAR, PLAIN, cash_fen=144_000 * WAN // 10, entered_fen=int(GRANULAR.amount_fen.sum()), warn_bp=72, pause_bp=200
    )
    assert found.expected_fen == 7200 * WAN, "20,000 loans of 50, 3 % fail, 60 % lost, 40 % ours"
    assert found.months_of_cover == 24.0
    assert found.chance_of_pausing < found.chance_of_warning < 0.5, "the mean is at the warning line; the median below it"
    assert 0 < found.chance_of_running_out < 1
    assert found.needs[0].before_fen > found.needs[0].simulated_fen
    edges, counts = found.histogram
    assert len(edges) == len(counts) + 1
    assert 0.999 < sum(counts) / found.draws + found.chance_of_nothing <= 1
    assert [need.level for need in found.needs] == list(LEVELS)


def test_nothing_at_risk_needs_nothing() -> None:
    found = stress(a_book([100], [0.0]), PLAIN, cash_fen=WAN, entered_fen=WAN)
    assert (found.expected_fen, found.months_of_cover, found.chance_of_nothing) == (0, None, 1.0)
    assert {need.simulated_fen for need in found.needs} == {0}


def test_a_quantile_is_the_least_amount_that_suffices() -> None:
    value, error = quantile(np.arange(1.0, 1001.0), 0.95)
    assert value == 950.0, "950 of 1,000 draws are at most 950"
    assert error == pytest.approx(7, abs=0.5), "√(1000 · 0.95 · 0.05) = 6.9 places"


@pytest.mark.parametrize("change", [{"pd": np.array([1.5])}, {"amount_fen": np.array([0])}, {"lgd": np.array([0.5, 0.5])}])
def test_a_book_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"a book has|amounts are positive"):
        replace(a_book([100], [0.1]), **change)  # type: ignore[arg-type]  # wrong on purpose


HEAD = ",".join(COLUMNS)


def test_a_csv_is_read_with_its_firms_and_its_money() -> None:
    asked = from_csv(f"\ufeff{HEAD}\nA1,f1,1000000.50,0.02,0.6,0.4\nA2,f1,20,0.1,0.5,0.4\nA3,,30,0,1,1\n", "x.csv", 5)
    assert list(asked.book.amount_fen) == [100_000_050, 2_000, 3_000]
    assert list(asked.book.firm) == [0, 0, 1], "a loan without a firm is a firm of its own"
    assert list(asked.book.share_bp) == [4000, 4000, 10_000]
    assert (asked.cash_fen, asked.entered_fen) == (5, 100_005_050)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("reference,firm\n", "x.csv, line 1", "first line"),
        (HEAD + "\n", "x.csv", "no loan"),
        (HEAD + "\nA,f,100,0.1,0.5,0.4\nB,f,100,2,0.5,0.4\n", "x.csv, line 3", "between 0 and 1"),
        (HEAD + "\nA,f,100,nan,0.5,0.4\n", "x.csv, line 2", "between 0 and 1"),
        (HEAD + "\nA,f,100,many,0.5,0.4\n", "x.csv, line 2", "between 0 and 1"),
        (HEAD + "\nA,f,100,0.1\n", "x.csv, line 2", "between 0 and 1"),
        (HEAD + "\nA,f,-5,0.1,0.5,0.4\n", "x.csv, line 2", ""),
        (HEAD + "\nA,f,0,0.1,0.5,0.4\n", "x.csv, line 2", "positive"),
        (HEAD + "\nA,f,1.001,0.1,0.5,0.4\n", "x.csv, line 2: amount", ""),
    ],
)
def test_a_fault_in_a_csv_is_named_by_its_line(text: str, place: str, said: str) -> None:
    with pytest.raises(Invalid) as found:
        from_csv(text, "x.csv", 0)
    assert found.value.place is not None
    assert found.value.place.startswith(place)
    assert said in found.value.words.en


def test_the_command_prints_the_figures_and_keeps_them(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from backend.cli import app

    loans = tmp_path / "loans.csv"
    loans.write_text(HEAD + "\n" + "\n".join(f"L{n},f{n},500000,0.05,0.6,0.4" for n in range(50)) + "\n", encoding="utf-8")
    kept = tmp_path / "figures.json"
    run = CliRunner().invoke(
        app, ["pool", "stress", "--csv", str(loans), "--cash", "100", "--draws", "2000", "--json", str(kept)]
    )
    assert run.exit_code == 0, run.output
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert (found["loans"], found["expected_fen"], found["cash_fen"]) == (50, 30 * WAN, 100 * WAN)
    assert found["assumed"]["correlation"] == 0.12
    assert len(found["what_if"]) == 9
    wrong = CliRunner().invoke(app, ["pool", "stress"])
    assert isinstance(wrong.exception, Invalid)
