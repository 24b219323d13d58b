"""A pool that is paused takes nothing new, and pays for what it took before."""

from tests.portal.visitor import credit_code
from tests.stage import Stage
from tests.stories import guaranteed as road
from tests.stories.books import assert_books_agree

CASH = 1_000_000_000
SECOND, THIRD = credit_code(1), credit_code(2)
WHY = {"paused": True, "words": "代偿率超过约定上限，暂停新增业务"}


def test_a_paused_pool_refuses_a_draw_and_still_pays_an_old_claim(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(CASH)
    maker, checker = stage.people["maker"], stage.people["checker"]
    firm, offer = road.offered(stage, amount_fen=20_000_000, pays={"kind": "stops_after", "instalments": 0})
    old = road.guaranteed(stage, firm, offer)
    stage.days(8)
    draw_no = road.draw(firm)["draw"]["draw_no"]
    second, its_offer = road.offered(stage, amount_fen=30_000_000, uscc=SECOND)
    third, third_offer = road.offered(stage, amount_fen=40_000_000, uscc=THIRD)
    road.guaranteed(stage, second, its_offer)

    assert maker.ask("POST", "/api/fund/pools/ningbo/pause", WHY)[0] == 404, "only the checker pauses"
    checker.do("POST", "/api/fund/pools/ningbo/pause", WHY)
    status, refusal = third.ask("POST", f"/api/me/offers/{third_offer['id']}/accept")
    assert (status, refusal["type"].rsplit(":", 1)[1]) == (403, "pool_paused"), "refused at acceptance already"
    assert stage.need(third)["offers"][0]["state"] == "open"

    stage.days(8)
    (application,) = stage.need(second)["applications"]
    assert application["state"] == "contracted", "signed before, but not drawn"
    seen = second.do("GET", f"/api/me/applications/{application['id']}")
    refusals = [event for event in seen["timeline"] if event["event"] == "pool_refused"]
    assert refusals
    assert refusals[0]["words"]["zh"]
    assert second.do("GET", "/api/me/loans")["draws"] == []
    assert [each["draw_no"] for each in stage.book(road.BANK)["draws"]] == [draw_no]

    stage.days(40)
    assert road.draw(firm)["dpd"] > 0
    assert road.guarantor_pays(stage, firm) == 16_000_000
    stage.days(3)
    status, filed = road.claim(stage, old)
    assert status == 201, filed
    road.fund_decides(stage)
    receipt = {"amount_fen": 8_000_000, "receipt_no": "custody-1", "on": stage.today.isoformat()}
    stage.confirmed("maker", "/api/fund/claims/claim-1/receipt", receipt)
    assert road.claim_state(stage) == "paid"
    pool = stage.pool()
    assert (pool["state"], pool["cash_fen"]) == ("paused", CASH - 8_000_000)
    assert_books_agree(stage)

    status, no = checker.ask("POST", "/api/fund/pools/ningbo/pause", WHY | {"paused": False})
    assert (status, no["type"].rsplit(":", 1)[1]) == (403, "reopening_not_proposed"), "one person stops, two reopen"
    maker.do("POST", "/api/fund/pools/ningbo/reopening", {"words": "已追偿并补充资金"})
    assert stage.pool()["state"] == "paused"
    checker.do("POST", "/api/fund/pools/ningbo/pause", WHY | {"paused": False, "words": "同意恢复"})
    assert stage.pool()["state"] == "open"
