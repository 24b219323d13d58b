"""A draw told before its contract is no dead letter: it waits until the contract is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backend.kit.crypto import Sealer
from backend.kit.database import Database
from backend.kit.errors import Unreachable
from backend.loans.intake import Intake
from tests.loans.makers import BANK, VALUE, a_contract, a_drawn, a_firm, at, the_draw


def test_a_draw_that_overtook_its_contract_is_tried_again(database: Database) -> None:
    intake = Intake(Sealer(bytes(32)))
    with database.writing() as session:
        firm = a_firm(session)
        of: Any = SimpleNamespace(
            id="app_1",
            firm_id=firm.id,
            bank=BANK,
            product="invoice_credit_loan",
            scheme=None,
            match_id=None,
            submitted_at=at(VALUE),
        )
        with pytest.raises(Unreachable) as early:
            intake.take(session, of, a_drawn(), at(VALUE))
        assert early.value.code == "contract_unknown"
        intake.take(session, of, a_contract(), at(VALUE))
        intake.take(session, of, a_drawn(), at(VALUE))
        assert the_draw(session).draw_no == "JJ-1"
