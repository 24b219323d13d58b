"""The due-diligence file speaks both languages and shows no code of ours."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from backend.consents.model import SandboxSigner
from backend.kit.database import Database
from backend.loans import certainty, duty, duty_words
from backend.loans.model import rules_on
from risk_compensation.live import State
from tests.loans.makers import SIGNED, a_claim, a_paid_claim, a_paid_guarantee, at, the_facility

CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
LOANS = Path(duty.__file__).parent


def test_every_line_of_a_file_is_in_words_of_both_languages(database: Database) -> None:
    with database.writing() as session:
        a_paid_guarantee(session)
        certainty.sign(session, reference=the_facility(session).id, port=SandboxSigner(bytes(range(32))), at=at(SIGNED))
        a_paid_claim(session)
    with database.reading() as session:
        made = duty.collect(session, the_facility(session))
    lines = [line for _, lines in made.sections for line in lines]
    assert len(lines) > 8
    acts = [line.what for line in lines]
    assert {"已核准 → 已指令拨付", "初审：建议核准", "基金拨付"} <= {each.zh for each in acts}
    assert {"the fund paid", "approved → payment instructed"} <= {each.en for each in acts}
    assert all(re.search("[\u4e00-\u9fff]", each.zh) and not re.search("[\u4e00-\u9fff]", each.en) for each in acts)
    assert [
        text for line in lines for text in (line.what.zh, line.what.en, line.office.zh, line.office.en) if CODE.search(text)
    ] == []
    assert "其他操作" not in str(made.as_dict())
    assert {"bank", "custodian", "system"}.isdisjoint({line.who for line in lines})


def test_every_state_cause_and_act_of_the_house_has_its_words() -> None:
    assert set(duty_words.POOL_STATES) == {str(state) for state in State}
    assert set(rules_on(date(2025, 1, 1)).events.become) <= set(duty_words.CAUSES)
    written = {
        code
        for path in LOANS.rglob("*.py")
        for code in re.findall(r'"((?:loan|claim|guarantor)\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert written - set(duty_words.ACTS) == set()


def test_an_act_without_words_is_still_in_the_file() -> None:
    assert duty_words.act("loan.something_new") == duty_words.W(
        "其他操作(loan.something_new)", "another act (loan.something_new)"
    )


def test_a_claim_that_waits_is_said_too(database: Database) -> None:
    with database.writing() as session:
        a_paid_guarantee(session)
        a_claim(session)
    with database.reading() as session:
        made = duty.collect(session, the_facility(session))
    assert "claim filed" in {line.what.en for _, lines in made.sections for line in lines}
