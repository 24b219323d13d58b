"""What-if: what is said is what would be answered; nothing unchangeable is proposed."""

import pytest

from backend.kit.errors import Invalid
from backend.scoring import scorecard, whatif
from backend.scoring.card import Card
from tests.scoring.makers import DAY, ORDINARY, ordinary_of

CARDS = [scorecard.current(DAY, code) for code in scorecard.CODES]
TROUBLED = {
    "gross_margin_bp": 1500,
    "utility_arrears_days": 60,
    "social_arrears_months": 3,
    "tax_grade": "C",
    "judgment_debtor": True,
}


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_what_is_said_is_what_would_be_answered(card: Card) -> None:
    firm = ordinary_of(card) | TROUBLED
    now = scorecard.assess(card, firm, DAY)
    lines = whatif.proposals(card, firm, DAY)
    assert 0 < len(lines) <= whatif.MOST
    for line in lines:
        then = scorecard.assess(card, firm | {line.fact: line.value}, DAY)
        assert (line.score, line.grade, line.capacity_fen) == (then.score, then.grade, then.debt_capacity_fen)
        assert line.score > (now.score or 0)
        assert line.grade in line.words.zh
        assert line.way.zh


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_nothing_that_cannot_be_changed_and_nothing_unknown_is_proposed(card: Card) -> None:
    fixed = {c.fact for c in card.characteristics if not c.changeable}
    firm = ordinary_of(card) | TROUBLED
    lines = whatif.proposals(card, firm, DAY, most=99)
    assert not {line.fact for line in lines} & (fixed | {"registered_on", "industry", "region"})
    assert {line.fact for line in lines} <= {code for code, value in firm.items() if value is not None}


@pytest.mark.parametrize("fact", ["registered_on", "industry", "region", "nonsense"])
def test_asking_for_another_birthday_is_refused(fact: str) -> None:
    with pytest.raises(Invalid, match="cannot be changed"):
        whatif.with_fact(CARDS[0], ORDINARY, DAY, fact, 5)


def test_a_firm_that_is_not_assessed_is_proposed_nothing() -> None:
    assert whatif.proposals(CARDS[0], ORDINARY | {"is_branch": True} | TROUBLED, DAY) == ()


def test_a_worse_value_is_no_proposal() -> None:
    assert whatif.with_fact(CARDS[0], ORDINARY, DAY, "utility_arrears_days", 300) is None
