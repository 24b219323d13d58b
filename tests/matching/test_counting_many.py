"""A city is counted by the compiled criteria: the same answers as one by one, product by product, and only what consent opens."""

from datetime import date, timedelta

import pytest

from backend.audit import views as audit
from backend.audit.model import SYSTEM
from backend.consents import actions as consents
from backend.kit.database import Database
from backend.kit.errors import Invalid
from backend.matching import counting, sweeps
from products import catalogue
from tests.matching.test_matching_a_firm import AT, DAY, an_imported_town

WHOLE = catalogue.load()


def counted(database: Database, **words: object) -> dict[str, tuple[int, int, int]]:
    asked = {"facts_on": DAY, "policy_on": DAY, "at": AT} | words
    found = counting.run(database, catalogue=WHOLE, **asked)  # type: ignore[arg-type]
    assert found.firms == sum(each for each in (found.lines[0].yes, found.lines[0].no, found.lines[0].unknown))
    return {line.product: (line.yes, line.no, line.unknown) for line in found.lines}


@pytest.mark.parametrize("later", [0, 200])
def test_a_count_is_what_asking_one_by_one_gives(database: Database, later: int) -> None:
    """Also where the products are of a later day than the facts: ages count to the day of the facts."""
    an_imported_town(database)
    policy = DAY + timedelta(days=later)
    swept = sweeps.run(database, catalogue=WHOLE, facts_on=DAY, policy_on=policy, at=AT)
    caps = {"capacity", "bank_group", "pool"}
    one_by_one = {code: [0, 0, 0] for code in {row.match.product for row in swept.rows if row.match}}
    for row in swept.rows:
        assert row.match is not None
        # A cap that turned the answer is not a criterion: the count leaves it out, and says so.
        answers = {reason.answer for reason in row.match.reasons if reason.criterion not in caps and reason.knows == "platform"}
        answer = next((each for each in ("no", "unknown") if each in answers), "yes")
        one_by_one[row.match.product][("yes", "no", "unknown").index(answer)] += 1
    assert counted(database, policy_on=policy) == {code: tuple(counts) for code, counts in one_by_one.items()}


def test_a_changed_product_is_counted_alone(database: Database) -> None:
    an_imported_town(database)
    whole = counted(database)
    assert counted(database, products=["invoice_credit_loan"]) == {"invoice_credit_loan": whole["invoice_credit_loan"]}
    alone = sweeps.run(database, catalogue=WHOLE, facts_on=DAY, policy_on=DAY, at=AT, products=["invoice_credit_loan"])
    assert {row.match.product for row in alone.rows if row.match} == {"invoice_credit_loan"}
    with pytest.raises(Invalid, match="no product “nothing_of_the_kind” is in force on 2025-06-02"):
        counted(database, products=["nothing_of_the_kind"])


def test_a_count_leaves_a_line_for_each_firm_and_reads_nothing_without_consent(database: Database) -> None:
    codes = an_imported_town(database)
    before = counted(database)
    swept = sweeps.run(database, catalogue=WHOLE, facts_on=DAY, policy_on=date(2025, 6, 2), at=AT)
    firm_id = next(row.firm_id for row in swept.rows if row.uscc == codes[0])
    with database.writing() as session:
        assert [line.action for line in audit.trail(session, firm_id=firm_id)].count("facts.swept") == 2
        paper = next(line for line in audit.trail(session, firm_id=firm_id) if line.action == "consent.imported")
        consents.revoke(session, SYSTEM, paper.object_id, at=AT)
    after = counted(database)
    assert before["invoice_credit_loan"][0] == 1
    assert after["invoice_credit_loan"][0] == 0
