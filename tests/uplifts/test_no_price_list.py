"""Whatever page or JSON a firm opens, it never reads what a single trade adds, nor that anything looks like fraud."""

import re
from collections import deque
from typing import Any

from sqlalchemy import select

from backend.kit.money import yuan_text
from backend.matching.tables import StoredMatch
from backend.uplifts import views
from backend.uplifts.sentences import DROPPED, FOR_REVIEW
from tests.stage import Person, Stage
from tests.uplifts.data_firm import FRIEND, USCC, borrow, data_firm, matched, sale

REASONS = FOR_REVIEW | {"no_price"}


def ids_in(body: Any) -> dict[str, set[str]]:
    """Every identifier that JSON answers show, to fill in the routes that ask for one."""
    found: dict[str, set[str]] = {}

    def walk(node: Any, above: str = "") -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                if name == "id" and isinstance(value, str):
                    found.setdefault("id", set()).add(value)
                walk(value, name)
        elif isinstance(node, list):
            for each in node:
                walk(each, above)

    walk(body)
    return found


def everything(stage: Stage, firm: Person) -> dict[str, str]:
    """Every GET route of the JSON door with every identifier seen, and every page that links lead to: address -> text."""
    app: Any = stage.client.app
    seen: dict[str, str] = {}
    routes = [path for path, verbs in app.openapi()["paths"].items() if "get" in verbs]
    plain = [path for path in routes if path.startswith("/api/me/") and "{" not in path]
    known: set[str] = {"data_easy_loan"}
    for path in plain:
        status, body = firm.ask("GET", path)
        assert status == 200, path
        seen[path] = str(body)
        known |= ids_in(body).get("id", set())
    for path in routes:
        if path.startswith("/api/me/") and path.count("{") == 1:
            for name in known:
                status, body = firm.ask("GET", re.sub(r"{\w+}", name, path))
                if status == 200:
                    seen[f"{path} {name}"] = str(body)
    seen["POST /api/me/matches"] = str(firm.do("POST", "/api/me/matches", {}))
    seen["POST /api/me/assessment"] = str(firm.do("POST", "/api/me/assessment"))
    head = {"authorization": f"Bearer {firm.token}"}
    waiting = deque(["/", "/credit", "/matches", "/matches/data_easy_loan", "/loans", "/needs"])
    while waiting and len(seen) < 400:
        path = waiting.popleft()
        if path in seen:
            continue
        answer = stage.client.get(path, headers=head)
        seen[path] = answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""
        for href in re.findall(r'href="(/[^"#]*)"', seen[path]):
            address = href.replace("&amp;", "&")
            if not address.startswith(("/static", "/leave", "/sign-out")) and len(address) < 200:
                waiting.append(address)
    return seen


def test_no_page_and_no_answer_shows_what_a_trade_adds_or_why_one_does_not(stage: Stage) -> None:
    firm = data_firm(stage, certificates=2, sales=5)
    for n in range(20, 24):
        sale(stage, n, refunded="50000", age=100 + 20 * n % 90)
    sale(stage, 30, counterparty=FRIEND, age=130)
    sale(stage, 31, counterparty=FRIEND, age=150, direction="买入")
    stage.gather(firm)
    borrow(stage, firm, USCC, matched(firm)["limit_fen"], 5000)
    seen = everything(stage, firm)
    assert len([path for path in seen if path.startswith("/api/")]) >= 10
    assert len([path for path in seen if not path.startswith(("/api/", "POST"))]) >= 12

    with stage.database.reading() as session:
        rows = session.scalars(select(StoredMatch).where(StoredMatch.uplift_programme.is_not(None))).all()
        items = [item for row in rows for item in row.uplift_detail]
        waiting = views.reviews(session)
    single = {item["contribution_fen"] for item in items if item["indicator"] == "trades" and item["contribution_fen"]}
    assert len(single) >= 5
    assert {reason for row in waiting for reason in row.reasons} == {"money_back", "reciprocal"}
    weights = {item["weight"] for item in items if item["indicator"] == "trades" and item["counted"]}

    secrets = [*(str(fen) for fen in single), *(yuan_text(fen) for fen in single), *weights]
    secrets += [DROPPED[reason].zh for reason in REASONS] + [DROPPED[reason].en for reason in REASONS]
    secrets += ["review_asked", "uplift_review", "uplift_detail", "suspicion", *(row.id for row in waiting)]
    secrets += [f"'{reason}'" for reason in REASONS]
    for path, text in seen.items():
        for secret in secrets:
            assert not re.search(rf"(?<![\d.,]){re.escape(secret)}(?![\d])", text), f"{path} shows {secret}"


def test_every_trade_that_does_not_count_reads_alike_in_the_match(stage: Stage) -> None:
    firm = data_firm(stage, certificates=2, sales=4)
    sale(stage, 20, refunded="50000", age=120)
    sale(stage, 21, status="未结算", settled_on="", age=140)
    sale(stage, 22, age=20)
    sale(stage, 23, counterparty=USCC, age=160)
    stage.gather(firm)
    items = [item for item in matched(firm)["uplift_items"] if item["indicator"] == "trades" and not item["counted"]]
    assert len(items) == 4
    assert len({str({**item, "evidence_id": "", "on": ""}) for item in items}) == 1
    assert "人工复核" in items[0]["words"]["zh"]
    assert all(item["contribution_fen"] is None for item in matched(firm)["uplift_items"] if item["indicator"] == "trades")
