"""The rows behind a figure, asked for over HTTP: by the regulator alone, with a purpose, and never down to a few firms."""

from __future__ import annotations

from datetime import date

from tests.reporting.makers import HARBOUR, a_firm, a_need, an_application
from tests.stage import Stage

ASK = "/api/regulator/drilldown"


def test_rows_are_given_to_the_regulator_alone_and_small_groups_to_nobody(stage: Stage) -> None:
    stage.guarantor_and_fund()
    stage.take_part("regulator", "finance_office", "金融办", {"regulator": "regulator"})
    with stage.database.writing() as session:
        for region, firms in (("330101", 9), ("330102", 6), ("330103", 3)):
            for number in range(firms):
                firm = f"{region}{number}"
                a_firm(session, firm, region=region)
                a_need(session, f"n{firm}", firm, date(2025, 5, 5))
                an_application(session, f"a{firm}", f"n{firm}", HARBOUR, "declined", days=1)
    body = {"figure": "cells", "cell": {"dimension": "region", "cell": "330101"}, "purpose": "抽查小微贷款"}
    regulator = stage.people["regulator"]

    given = regulator.do("POST", ASK, body)
    assert {row["id"] for row in given["rows"]} == {f"a330101{number}" for number in range(9)}
    for person in (stage.operator, stage.people["maker"], stage.people["checker"], stage.people["officer"]):
        status, answer = person.ask("POST", ASK, body)
        assert (status, answer["type"]) == (404, "urn:creditbridge:not_found")

    refusals = [
        regulator.ask("POST", ASK, body | {"cell": {"dimension": "region", "cell": cell}}) for cell in ("330102", "330103")
    ]
    assert refusals[0] == refusals[1], "held back beside a small group, and small: the same answer"
    assert refusals[0][0] == 403
    assert "五家" in refusals[0][1]["words"]["zh"]
    assert regulator.ask("POST", ASK, body | {"purpose": " "})[0] == 422

    regulator.do("GET", "/api/regulator/audit/cells?purpose=check")
    log = regulator.do("GET", "/api/regulator/audit/cells?purpose=check")  # the look before stands in it by now
    assert sorted(each["action"].removeprefix("regulator.") for each in log) == [
        "drilldown",
        "drilldown_refused",
        "drilldown_refused",
        "read_trail",
    ]
