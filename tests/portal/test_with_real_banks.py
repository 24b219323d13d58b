"""The same road on the whole platform, with three sandbox banks speaking their dialects: told through the forms alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.kit.database import Database
from tests.portal.visitor import PASSWORD, Visitor, credit_code
from tests.stage import Stage


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database.engine.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


def test_a_firm_comes_to_its_loan_by_forms_alone(stage: Stage) -> None:
    stage.sound_firm(credit_code(5))
    firm = Visitor(stage.client.app)
    firm.get("/sign-up").send(
        "/sign-up",
        uscc=credit_code(5),
        name="临江精工机械有限公司",
        legal_rep="林海",
        login="linhai",
        password=PASSWORD,
        industry="C",
        region="330200",
    )
    firm.get("/authorise/new/firm")
    (everything,) = [href for href in firm.links("/authorise/new/firm") if "items=" in href]
    banks = firm.get(everything).page.xpath("//input[@name='recipients']/@value")
    firm.send("/authorise/new/firm", recipients=banks)
    firm.send(firm.path, signer_name="林海", agree=["yes"])
    for bank in banks[1:]:
        firm.get("/authorise/new/bank_query").send("/authorise/new/bank_query", recipients=[bank])
        firm.send(firm.path, signer_name="林海", agree=["yes"])
    stage.settle()

    assert "580.00 万元" in firm.get("/credit-file").text
    for product in firm.get("/matches").links("/matches/"):
        assert firm.get(product).status == 200
    firm.get("/apply")
    firm.send("/apply", amount="30", months="12", products=["tax_credit_loan", "invoice_credit_loan"], told=["yes"])
    assert firm.path == "/applications", firm.text
    stage.days(6)
    offers = firm.get("/offers").offers()
    assert len(offers) == 2
    assert "成本最低" in firm.text
    assert "钟楼银行" in firm.get("/readers").text
    firm.get(offers[0]).send(f"{offers[0]}/accept", sure=["yes"])
    stage.days(8)
    (loan,) = firm.get("/loans").links("/loans/")
    assert "300,000.00 元" in firm.text
    assert "第 12 期" in firm.get(loan).text
    assert "正常还款" in firm.text
