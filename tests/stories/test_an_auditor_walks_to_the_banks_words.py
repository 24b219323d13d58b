"""From a figure of the dashboard to the entries, to the claim, to the bank's verbatim message; and the officers' own file."""

from __future__ import annotations

import os
from pathlib import Path

from backend.loans import certainty, duty, duty_pdf, walk
from backend.loans.tables import Facility
from tests.stage import Stage
from tests.stories import guaranteed as road


def test_an_auditor_walks_from_the_figure_to_the_banks_words(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.open_pool(1_000_000_000)
    firm, offer = road.offered(stage, amount_fen=33_333_300, pays={"kind": "stops_after", "instalments": 2})
    guarantee = road.guaranteed(stage, firm, offer)
    stage.days(83)
    road.guarantor_pays(stage, firm)
    stage.days(3)
    assert road.claim(stage, guarantee)[0] == 201
    officer, checker = stage.people["officer"], stage.people["checker"]
    page = checker.do("GET", "/api/fund/claims/claim-1")
    assert page["clock"]["act"] == "review"
    assert all(each["passed"] for each in page["today"]), page["today"]
    signed = checker.do("GET", f"/api/fund/loans/{page['claim']['loan']}/conditions")["signed"]
    assert signed["genuine"], "the fund's signature stands under what it checked at registration"
    road.fund_decides(stage)
    receipt = {"amount_fen": 13_333_320, "receipt_no": "custody-77", "on": stage.today.isoformat()}
    stage.confirmed("maker", "/api/fund/claims/claim-1/receipt", receipt)

    draw = road.draw(firm)["draw"]
    with stage.database.reading() as session:
        figure, entry = walk.walk(session, "ningbo:paid")
        assert figure.says == "133,333.20 yuan in 1 entries"
        stops = walk.walk(session, entry.onward)
        messages = [each for each in stops if each.kind == "message"]
        assert messages, "the bank's own words are at the end of the walk"
        assert all(draw["draw_no"] in each.says for each in messages)
        facility = session.get_one(Facility, page["claim"]["loan"])
        assert certainty.of_loan(session, facility.id).signed is not None
        file = duty.collect(session, facility)
        _keep(file)
    where = f"/api/desk/draws/{draw['id']}/duty"
    assert officer.ask("GET", where)[0] == 422, "a purpose is asked for"
    headers = {"authorization": f"Bearer {officer.token}"}
    one, two = (stage.client.get(f"{where}?purpose=责任认定", headers=headers).content for _ in range(2))
    assert one.startswith(b"%PDF-")
    assert one == two


def _keep(file: duty.DutyFile) -> None:
    """Pictures for whoever wants to look: only where a folder is named."""
    if folder := os.environ.get("CREDITBRIDGE_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number, body in enumerate(duty_pdf.png(file), 1):
            (Path(folder) / f"duty-{number}.png").write_bytes(body)
