"""A guaranteed loan goes bad: guarantor, fund and bank each bear their part, and get it back in the same parts, to the fen."""

from tests.stage import Stage
from tests.stories import guaranteed as road
from tests.stories.books import assert_books_agree, of_ours

# The loss in fen, and who bears what of it: 4:4:2.
LOSS, GUARANTOR, FUND, BANK = 33_333_300, 13_333_320, 13_333_320, 6_666_660
CASH = 1_000_000_000


def test_a_default_draws_the_pool(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(CASH)
    maker, checker = stage.people["maker"], stage.people["checker"]
    firm, offer = road.offered(stage, amount_fen=LOSS, pays={"kind": "stops_after", "instalments": 2})
    assert stage.pool()["reserved_fen"] == 0, "an offer holds nothing"

    guarantee = road.guaranteed(stage, firm, offer)
    assert stage.pool()["reserved_fen"] == LOSS, "acceptance holds headroom for the whole principal"
    assert firm.do("GET", "/api/me/loans") == {"facilities": [], "draws": []}, "and books nothing"
    stage.days(8)
    assert road.state(stage, firm) == "drawn"
    pool = stage.pool()
    assert (pool["reserved_fen"], pool["commitments_fen"], pool["cash_fen"]) == (0, LOSS, CASH)
    assert road.draw(firm)["draw"]["coverage"] == "registered"

    stage.days(75)
    bad = road.draw(firm)
    draw_no = bad["draw"]["draw_no"]
    assert bad["dpd"] > 0
    assert bad["outstanding_fen"] == LOSS

    assert road.guarantor_pays(stage, firm) == GUARANTOR + FUND
    status, refusal = road.claim(stage, guarantee)
    assert (status, refusal["type"].rsplit(":", 1)[1]) == (403, "payout_not_confirmed"), "believed when the bank reports it"
    stage.days(3)
    assert road.draw(firm)["outstanding_fen"] == BANK

    stage.days(20)
    status, filed = road.claim(stage, guarantee)
    assert (status, filed["payout_fen"]) == (201, FUND)
    maker.do("POST", "/api/fund/claims/claim-1/review", {"opinion": "approve", "words": "材料齐全"})
    assert maker.ask("POST", "/api/fund/claims/claim-1/approve", {"words": "同意"})[0] == 404, "the maker may not approve"
    assert checker.ask("POST", "/api/fund/claims/claim-1/review", {"opinion": "approve"})[0] == 404, "the checker may not advise"
    assert checker.ask("POST", "/api/fund/claims/claim-1/instruct")[0] == 409, "nothing is instructed before approval"
    checker.do("POST", "/api/fund/claims/claim-1/approve", {"words": "同意代偿"})
    assert stage.pool()["cash_fen"] == CASH
    checker.do("POST", "/api/fund/claims/claim-1/instruct")
    stage.days(2)
    assert (road.claim_state(stage), stage.pool()["cash_fen"]) == ("instructed", CASH), "an instruction is not a payment"

    receipt = {"amount_fen": FUND, "receipt_no": "custody-77", "on": stage.today.isoformat()}
    assert maker.ask("POST", "/api/fund/claims/claim-1/receipt", receipt | {"amount_fen": FUND - 1})[0] == 403
    said = maker.do("POST", "/api/fund/claims/claim-1/receipt", receipt)
    assert (road.claim_state(stage), stage.pool()["cash_fen"]) == ("instructed", CASH), "one person's word books nothing"
    confirm = f"/api/fund/proposals/{said['id']}/confirm"
    assert maker.ask("POST", confirm, {})[0] == 404, "the maker may not confirm"
    for _ in range(2):
        assert maker.do("POST", "/api/fund/claims/claim-1/receipt", receipt)["id"] == said["id"]
        assert checker.do("POST", confirm, {})["state"] == "confirmed"
        assert (road.claim_state(stage), stage.pool()["cash_fen"]) == ("paid", CASH - FUND)
    other = receipt | {"receipt_no": "custody-78"}
    assert maker.ask("POST", "/api/fund/claims/claim-1/receipt", other)[0] == 409, "a claim is paid once"
    assert stage.pool()["commitments_fen"] == 0

    # 10,000,000 fen come back, 1,000,007 of them are the court's: 8,999,993 are shared 4:4:2.
    back = {"gross_fen": 10_000_000, "costs_fen": 1_000_007, "receipt_no": "custody-90", "on": stage.today.isoformat()}
    recovered = {"guarantor": 3_599_997, "fund": 3_599_997, "bank": 1_799_999}
    for _ in range(2):
        answer = stage.confirmed("guarantor", f"/api/guarantor/cases/{guarantee['id']}/recovery", back)
        assert answer["result"]["fen"] == recovered
        assert stage.pool()["cash_fen"] == CASH - FUND + recovered["fund"]
    money = {"draw_no": draw_no, "amount_fen": recovered["bank"], "paid_on": stage.today.isoformat(), "receipt_no": "custody-90"}
    stage.control(road.BANK, "POST", "recovery", money)
    stage.days(3)
    assert road.draw(firm)["outstanding_fen"] == BANK - recovered["bank"]

    (line,) = of_ours(stage).values()
    assert line["principal_borrower_fen"] == 0
    assert line["principal_guarantor_fen"] == GUARANTOR + FUND
    assert line["principal_recovery_fen"] == recovered["bank"]
    assert line["interest_paid_fen"] > 0
    assert_books_agree(stage)
