"""A pooled loan without a guarantor goes bad: the bank itself claims from the pool, and bank and fund bear 7:3, to the fen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from backend.loans import duty, walk
from backend.loans.tables import Facility
from tests.stage import PASSWORD, Person, Stage
from tests.stories import guaranteed as road
from tests.stories.books import assert_books_agree, of_ours

PRODUCT = ("pooled_sales_loan", "interest_first")
POOL = "shenzhen"
LOSS, FUND = 33_333_300, 9_999_990
CASH = 1_000_000_000
HEAD = "draw_no,claim_no,judgment_no,judged_on,documents"


def opened(stage: Stage) -> None:
    """A pool in which the bank claims; a guarantor that has no part in it looks on."""
    stage.guarantor_and_fund()
    stage.open_pool(CASH, code=POOL, scheme="shenzhen_pool", guarantor="")


def lent(stage: Stage) -> Person:
    """A firm that has drawn the pooled loan, and will pay twice."""
    pays = {"kind": "stops_after", "instalments": 2}
    firm, offer = road.offered(stage, amount_fen=LOSS, product=PRODUCT, pays=pays)
    assert stage.pool(POOL)["reserved_fen"] == 0, "an offer holds nothing"
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    assert stage.pool(POOL)["reserved_fen"] == LOSS, "acceptance holds headroom for the whole principal"
    stage.days(8)
    return firm


def late(stage: Stage, firm: Person, days: int) -> dict[str, Any]:
    """The draw, once it is so many days past due."""
    while road.draw(firm)["dpd"] < 5:
        stage.days(10)
    stage.day(date.fromisoformat(road.draw(firm)["draw"]["unpaid_since"]) + timedelta(days=days))
    found = road.draw(firm)
    assert found["dpd"] == days
    return dict(found["draw"])


def test_a_bank_claims_from_the_pool(stage: Stage) -> None:
    opened(stage)
    maker, checker, officer = (stage.people[each] for each in ("maker", "checker", "officer"))
    firm = lent(stage)
    assert road.state(stage, firm) == "drawn"
    pool = stage.pool(POOL)
    assert (pool["reserved_fen"], pool["commitments_fen"], pool["cash_fen"]) == (0, LOSS, CASH)
    assert road.draw(firm)["draw"]["coverage"] == "registered"
    assert stage.people["guarantor"].do("GET", "/api/guarantor/cases") == [], "no guarantor is asked"

    draw = late(stage, firm, 80)
    where, asked = f"/api/desk/draws/{draw['id']}/claim", {"claim_no": "claim-1", "documents": {}}
    status, refusal = officer.ask("POST", where, asked)
    assert (status, refusal["type"].rsplit(":", 1)[1]) == (403, "claim_checks")
    by_days = date.fromisoformat(draw["unpaid_since"]) + timedelta(days=91)
    sentence = f"the loan must be classed substandard or worse (from {by_days} by days past due alone)"
    assert refusal["title"] == sentence

    draw = late(stage, firm, 92)
    assert draw["cls"] == "substandard"
    assert stage.people["guarantor"].ask("POST", where, asked)[0] == 404, "no guarantor claims here"
    for _ in range(2):
        filed = officer.do("POST", where, asked)
        assert (filed["claimant"], filed["unpaid_principal_fen"], filed["payout_fen"]) == (road.BANK, LOSS, FUND)
    assert [each["claim_no"] for each in officer.do("GET", "/api/desk/claims")] == ["claim-1"]
    page = checker.do("GET", "/api/fund/claims/claim-1")
    assert all(each["passed"] for each in page["today"]), page["today"]
    assert "bank_confirms" not in {each["code"] for each in page["today"]}, "there is no guarantor’s payment to confirm"

    assert officer.ask("POST", "/api/fund/claims/claim-1/review", {"opinion": "approve"})[0] == 404, "a bank does not decide"
    road.fund_decides(stage)
    receipt = {"amount_fen": FUND, "receipt_no": "custody-77", "on": stage.today.isoformat()}
    for _ in range(2):
        stage.confirmed("maker", "/api/fund/claims/claim-1/receipt", receipt)
        assert (road.claim_state(stage), stage.pool(POOL)["cash_fen"]) == ("paid", CASH - FUND)
    other = receipt | {"receipt_no": "custody-78"}
    assert maker.ask("POST", "/api/fund/claims/claim-1/receipt", other)[0] == 409, "a claim is paid once"
    assert stage.pool(POOL)["commitments_fen"] == 0

    # 10,000,000 fen come back, 1,000,007 of them are the court's: 8,999,993 are shared 7:3.
    back = {"gross_fen": 10_000_000, "costs_fen": 1_000_007, "receipt_no": "custody-90", "on": stage.today.isoformat()}
    for _ in range(2):
        parts = stage.confirmed("officer", f"/api/desk/draws/{draw['id']}/recovery", back)["result"]["fen"]
        assert {kind: fen for kind, fen in parts.items() if fen} == {"fund": 2_699_998, "bank": 6_299_995}
        assert stage.pool(POOL)["cash_fen"] == CASH - FUND + 2_699_998
    money = {"draw_no": draw["draw_no"], "amount_fen": parts["bank"], "paid_on": stage.today.isoformat()}
    stage.control(road.BANK, "POST", "recovery", money | {"receipt_no": "custody-90"})
    stage.days(3)
    assert road.draw(firm)["outstanding_fen"] == LOSS - parts["bank"], "the firm owes the bank what the pool bore all the same"

    (line,) = of_ours(stage).values()
    assert (line["principal_borrower_fen"], line["principal_guarantor_fen"]) == (0, 0)
    assert line["principal_recovery_fen"] == parts["bank"]
    assert_books_agree(stage)
    assert stage.people["guarantor"].do("GET", "/api/guarantor/cases") == [], "the guarantor sees nothing of it"
    _papers_without_a_guarantor(stage, draw, page["claim"]["loan"])


def _papers_without_a_guarantor(stage: Stage, draw: dict[str, Any], loan: str) -> None:
    """The auditor's walk reaches the bank's words; neither it nor the officers' file speaks of a guarantor or a judgment."""
    with stage.database.reading() as session:
        figure, entry = walk.walk(session, f"{POOL}:paid")
        assert figure.says == "99,999.90 yuan in 1 entries"
        stops = walk.walk(session, entry.onward)
        messages = [each for each in stops if each.kind == "message"]
        assert messages, "the bank's own words are at the end of the walk"
        assert all(draw["draw_no"] in each.says for each in messages)
        assert "None" not in "".join(each.says for each in stops if each.kind != "message")
        file = str(duty.collect(session, session.get_one(Facility, loan)).as_dict()).replace("融资担保代偿基金", "")
    for word in ("担保", "uarant", "None"):
        assert word not in file
    officer = stage.people["officer"]
    headers = {"authorization": f"Bearer {officer.token}"}
    paper = stage.client.get(f"/api/desk/draws/{draw['id']}/duty?purpose=责任认定", headers=headers)
    assert paper.content.startswith(b"%PDF-")


def test_a_bank_claims_by_file_and_every_row_is_answered(stage: Stage) -> None:
    opened(stage)
    firm = lent(stage)
    draw = late(stage, firm, 95)
    rows = f"{HEAD}\n{draw['draw_no']},claim-1,,,\nOR-9,claim-2,,,\n"
    headers = {"authorization": f"Bearer {stage.people['officer'].token}", "content-type": "text/csv"}
    for _ in range(2):
        answer = stage.client.post("/api/desk/claims/file", content=rows.encode(), headers=headers).json()
        assert (answer["done"], answer["refused"]) == (1, 1)
        good, bad = answer["rows"]
        assert (good["outcome"], good["amount_fen"]) == ("done", FUND)
        assert (bad["key"], bad["code"], bad["words"]["en"]) == ("claim-2", "not_found", "there is no such draw")
    road.fund_decides(stage)
    assert road.claim_state(stage) == "instructed"
    other = {"authorization": f"Bearer {stage.people['guarantor'].token}", "content-type": "text/csv"}
    assert stage.client.post("/api/desk/claims/file", content=rows.encode(), headers=other).status_code == 404


def test_a_firm_reads_that_a_pool_stands_behind_its_loan_and_nothing_of_a_guarantor(stage: Stage) -> None:
    opened(stage)
    firm, offer = road.offered(stage, amount_fen=LOSS, product=PRODUCT, pays={"kind": "all"})
    stage.client.post("/sign-in", data={"login": f"owner-{road.USCC[-6:].lower()}", "password": PASSWORD})
    asked = stage.client.get(f"/offers/{offer['id']}")
    assert "果园风补贷" in asked.text
    assert "担保机构" not in asked.text
    firm.do("POST", f"/api/me/offers/{offer['id']}/accept")
    stage.days(8)
    page = stage.client.get(f"/loans/{road.draw(firm)['draw']['id']}").text
    assert "此笔贷款已进入政府风险补偿资金池" in page
