"""A firm authorises, is matched, learns its way; withdraws, and is matched again without what it withdrew."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.audit import views as audit
from backend.audit.model import SYSTEM, Actor
from backend.consents import actions as consents
from backend.consents.model import SandboxSigner, Signer
from backend.consents.views import ConsentPaper
from backend.credit_data import actions as credit_data
from backend.credit_data.distil import Value
from backend.kit.clock import SHANGHAI
from backend.kit.database import Database
from backend.kit.errors import NotFound
from backend.kit.policy import digest
from backend.matching import actions, sweeps, views
from backend.matching.tables import StoredMatch
from backend.parties import actions as parties
from backend.parties.tables import Firm
from backend.uplifts import ties
from backend.vocabulary.facts import item_titles
from backend.whitelists import actions as whitelists
from products import catalogue

CODES = (
    "data_easy_loan", "invoice_credit_loan", "tax_credit_loan", "sole_trader_loan", "guaranteed_micro_loan",
    "utility_credit_loan",
)  # fmt: skip
WHOLE = catalogue.load()
# Six products of three banks: what is said here of the set does not change as the catalogue grows.
SIX = catalogue.Catalogue(WHOLE.products, tuple(terms for terms in WHOLE.terms if terms.code in CODES))

AT = datetime(2025, 6, 2, 9, tzinfo=SHANGHAI)
DAY = AT.date()
OWNER = Signer("王小明", "legal_representative")
ITEMS = ["TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "ELE01", "HPF01", "DAT01", "DAT02", "DAT03"]
INVOICES: dict[str, Any] = {
    "sales_12m_fen": 1_000_000_000,
    "sales_prev_12m_fen": 900_000_000,
    "purchases_12m_fen": 500_000_000,
    "gross_margin_bp": 5000,
    "invoice_history_months": 30,
    "invoice_months_12m": 12,
    "invoice_gap_days": 20,
    "last_invoice_on": date(2025, 5, 28),
    "void_share_bp": 300,
    "negative_share_bp": 100,
    "top_customer_share_bp": 3000,
    "sales_volatility_bp": 2000,
}
OTHERS: dict[str, Any] = {
    "registered_on": date(2020, 1, 1),
    "industry": "C3311",
    "dishonest_debtor": False,
    "judgment_debtor": False,
    "serious_dishonest_listed": False,
    "abnormal_listed": False,
    "tax_grade": "A",
    "tax_paid_12m_fen": 20_000_000,
    "zero_filings_12m": 0,
    "tax_arrears_fen": 0,
    "insured_headcount": 12,
    "social_arrears_months": 0,
    "electricity_12m_kwh": 80_000,
    "electricity_change_bp": 0,
    "utility_arrears_days": 0,
    "data_certificates": [
        {"certificate_no": f"C{n}", "status": "valid", "registered_on": "2024-05-01", "expires_on": None} for n in range(5)
    ],
    "equity_links": [],
}


def a_firm(session: Session, facts: dict[str, Any]) -> tuple[Firm, Actor, ConsentPaper]:
    """A firm with these facts and a year's consent for all of them."""
    firm, user = parties.sign_up_firm(
        session, uscc="91420100000000000U", name="江城数据服务有限公司", legal_rep=OWNER.name, login="owner",
        password_hash="not a hash: nobody signs in here", person=OWNER.name, region="420100", industry="C3311",
        founded_on=None, at=AT,
    )  # fmt: skip
    actor = Actor(user.id, user.role, user.party_id)
    paper = consents.draft(
        session, actor, firm_id=firm.id, kind="firm", items=ITEMS, purpose="pre_loan", recipients=["platform"],
        valid_from=AT, valid_to=AT + timedelta(days=365), subject_person=None, titles=item_titles(), at=AT,
    )  # fmt: skip
    consents.sign(session, actor, paper.id, signer=OWNER, port=SandboxSigner(bytes(32)), at=AT)
    found = {code: Value(value, DAY) for code, value in facts.items()}
    credit_data.keep_facts(session, firm_id=firm.id, found=found, day=DAY, consents=dict.fromkeys(ITEMS, paper.id))
    return firm, actor, paper


def matched(session: Session, actor: Actor, firm: Firm, **more: Any) -> dict[str, StoredMatch]:
    rows = actions.match(session, actor, firm_id=firm.id, at=AT, catalogue=SIX, **more)
    assert [row.place for row in rows] == list(range(1, len(rows) + 1))
    return {row.product: row for row in rows}


HERE = {terms.code for terms in SIX.on(DAY) if not terms.at_the_bank}


def test_a_well_known_firm_could_have_five_products_and_learns_how_to_get_the_sixth(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS)
        rows = matched(session, actor, firm)
        assert {code: row.answer for code, row in rows.items() if code in HERE} == {
            "data_easy_loan": "no", "invoice_credit_loan": "yes", "tax_credit_loan": "yes", "sole_trader_loan": "yes",
            "guaranteed_micro_loan": "yes", "utility_credit_loan": "yes",
        }  # fmt: skip
        first = views.one(session, firm.id, "data_easy_loan").reasons[0]
        assert first.criterion == "whitelist"
        assert first.way is not None
        points = [row.score or 0 for row in rows.values() if row.answer == "yes"]
        assert points == sorted(points, reverse=True)


def test_recognition_opens_the_data_loan_and_data_assets_raise_its_limit(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS)
        whitelists.publish_batch(
            session, SYSTEM, programme="data_enterprises", batch="1", issued_on=DAY, expires_on=date(2026, 5, 31),
            members=[(firm.uscc, "A")], at=AT,
        )  # fmt: skip
        row = matched(session, actor, firm)["data_easy_loan"]
        assert (row.answer, row.base_fen) == ("yes", 120_000_000)
        assert row.uplift_bp >= 1000
        assert sum(item["contribution_fen"] or 0 for item in row.uplift_items) == row.effective_uplift_fen
        assert sum(item["contribution_fen"] for item in row.uplift_detail) == row.effective_uplift_fen
        assert row.limit_fen == (row.credit_before_fen or 0) + row.effective_uplift_fen
        run = views.latest_run(session, firm.id)
        assert run is not None
        assert run.capacity_fen is not None
        assert row.limit_fen <= run.capacity_fen


def test_neither_a_single_trade_nor_all_together_show_an_amount(database: Database) -> None:
    trades = [
        {"trade_no": f"T{n}", "traded_on": "2025-01-05", "settled_on": "2025-01-20", "counterparty_uscc": f"9133020000000001{n}B",
         "amount_fen": 10_000_000, "product": "p", "status": "settled"}
        for n in range(4)
    ]  # fmt: skip
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS | {"data_trades": trades})
        whitelists.publish_batch(
            session, SYSTEM, programme="data_enterprises", batch="1", issued_on=DAY, expires_on=date(2026, 5, 31),
            members=[(firm.uscc, "B")], at=AT,
        )  # fmt: skip
        row = matched(session, actor, firm)["data_easy_loan"]
        single = [item for item in row.uplift_items if item["evidence_id"].startswith("trade:")]
        assert len(single) == 4
        assert {item["contribution_fen"] for item in single} == {None}
        together = row.uplift_items[-1]
        assert together["evidence_id"] == "trades"
        assert together["contribution_fen"] is None
        assert sum(item["contribution_fen"] for item in row.uplift_detail) == row.effective_uplift_fen


def test_after_withdrawing_consent_answers_turn_unknown_and_say_what_to_authorise(database: Database) -> None:
    with database.writing() as session:
        firm, actor, paper = a_firm(session, INVOICES | OTHERS)
        matched(session, actor, firm)
        consents.revoke(session, actor, paper.id, at=AT)
        rows = matched(session, actor, firm)
        assert {row.answer for code, row in rows.items() if code in HERE - {"data_easy_loan"}} == {"unknown"}
        assert {row.answer for row in views.latest(session, firm.id)} == {"unknown", "no"}
        ways = [reason.way.en for reason in views.one(session, firm.id, "invoice_credit_loan").reasons if reason.way]
        assert "authorise “VAT invoices” (TAX04)" in ways


def test_a_firm_known_by_its_invoices_alone_gets_two_definite_answers(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES)
        answers = {code: (row.answer, row.base_fen) for code, row in matched(session, actor, firm).items()}
        assert answers["invoice_credit_loan"] == ("yes", 100_000_000)
        assert answers["sole_trader_loan"] == ("yes", 50_000_000)
        assert answers["tax_credit_loan"] == ("unknown", None)


def test_the_pools_headroom_caps_the_guaranteed_loan(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS)
        row = matched(session, actor, firm, headroom={"ningbo_442": 20_050_000})["guaranteed_micro_loan"]
        assert (row.limit_fen, row.capped_by) == (20_000_000, "pool")
        assert views.one(session, firm.id, row.product).capped_words is not None


def test_a_match_can_be_traced_to_its_facts_and_policies(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS)
        row = matched(session, actor, firm)["tax_credit_loan"]
        body = audit.policy(session, row.policy_digest)
        assert digest(body) == row.policy_digest
        assert b'"lpr"' in body
    with database.writing() as session:
        lines = [line.action for line in audit.trail(session, firm_id=firm.id)]
        assert lines[0] == "matching.matched"
        assert "facts.read" in lines
        again = matched(session, actor, firm)["tax_credit_loan"]
        assert (again.policy_digest, again.facts_digest) == (row.policy_digest, row.facts_digest)


def test_only_the_newest_run_is_shown_and_an_unknown_product_is_not_found(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES)
        assert views.latest(session, firm.id) == []
        matched(session, actor, firm)
        rows = actions.match(session, actor, firm_id=firm.id, at=AT + timedelta(hours=1), catalogue=SIX)
        assert [row.id for row in views.latest(session, firm.id)] == [row.id for row in rows]
        assert views.one(session, firm.id, "tax_credit_loan").id in {row.id for row in rows}
        with pytest.raises(NotFound):
            views.one(session, firm.id, "moon_loan")


def an_imported_town(database: Database) -> list[str]:
    codes = ["91420100000000000U", "91330200000000019B"]
    with database.writing() as session:
        for number, code in enumerate(codes, 124):
            firm = parties.import_firm(
                session, uscc=code, name=f"=E{number}", subject_type="enterprise", source_code=f"E{number}", at=AT
            )
            basis = consents.import_basis(
                session, SYSTEM, firm_id=firm.id, items=["TAX04"], file_digest="0" * 64, basis="public ledgers", at=AT
            )
            sales = INVOICES["sales_12m_fen"] if number == 124 else 1_000_000
            found = {code: Value(value, DAY) for code, value in (INVOICES | {"sales_12m_fen": sales}).items()}
            credit_data.keep_facts(session, firm_id=firm.id, found=found, day=DAY, consents={"TAX04": basis.id})
    return codes


def test_a_sweep_answers_every_imported_firm_under_both_days(database: Database, tmp_path: Any) -> None:
    an_imported_town(database)
    steps: list[tuple[int, int]] = []
    swept = sweeps.run(
        database,
        catalogue=SIX,
        facts_on=DAY,
        policy_on=date(2025, 12, 1),
        at=AT,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert (swept.firms, len(swept.rows), steps) == (2, 2 * len(SIX.on(DAY)), [(2, 2)])
    answers = {(row.source_code, row.match.product): row.match.answer for row in swept.rows if row.match}
    assert answers["E124", "invoice_credit_loan"] == answers["E124", "sole_trader_loan"] == "yes"
    assert answers["E125", "invoice_credit_loan"] == answers["E125", "sole_trader_loan"] == "no"
    assert answers["E124", "utility_credit_loan"] == "unknown"
    tables = swept.tables()
    assert all("facts on 2025-06-02, policy on 2025-12-01" in table.title for table in tables)
    assert {line[0] for line in tables[1].lines} == {terms.code for terms in SIX.on(DAY)}
    sweeps.write_csv(swept, tmp_path / "matches.csv")
    lines = (tmp_path / "matches.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(swept.rows) + 1
    assert lines[1].startswith("2025-06-02,2025-12-01,E124,91420100000000000U,'=E124,")


def test_a_sweep_leaves_one_line_per_firm_and_reads_nothing_after_the_basis_is_withdrawn(database: Database) -> None:
    codes = an_imported_town(database)
    first = sweeps.run(database, catalogue=SIX, facts_on=DAY, policy_on=DAY, at=AT)
    firm_id = next(row.firm_id for row in first.rows if row.uscc == codes[0])
    with database.writing() as session:
        assert [line.action for line in audit.trail(session, firm_id=firm_id)].count("facts.swept") == 1
        paper = next(line for line in audit.trail(session, firm_id=firm_id) if line.action == "consent.imported")
        consents.revoke(session, SYSTEM, paper.object_id, at=AT)
    again = sweeps.run(database, catalogue=SIX, facts_on=DAY, policy_on=DAY, at=AT, firm_ids=[firm_id])
    assert {row.match.answer for row in again.rows if row.match} == {"unknown", "no"}
    assert {row.grade for row in again.rows} == {sweeps.NOT_ASSESSED}


def test_a_day_without_products_still_tells_the_grades(database: Database) -> None:
    an_imported_town(database)
    swept = sweeps.run(database, catalogue=catalogue.Catalogue((), ()), facts_on=DAY, policy_on=DAY, at=AT)
    assert [row.match for row in swept.rows] == [None, None]
    assert len(swept.tables()[0].lines) >= 1


def test_the_way_to_yes_comes_from_the_same_reading_and_says_what_to_authorise(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, OTHERS)
        found = actions.look(session, actor, firm_id=firm.id, at=AT, catalogue=SIX, ways=True)
        ways = found.ways
        assert set(ways) == {row["product"] for row in found.rows if row["answer"] != "yes"}
        assert any(step.kind == "authorise" and step.item == "TAX04" for way in ways.values() for step in way.steps)
        assert all(way.steps or way.blocked for way in ways.values())


def test_a_register_that_says_nobody_is_read_once_and_not_at_every_match(database: Database) -> None:
    with database.writing() as session:
        firm, actor, _ = a_firm(session, INVOICES | OTHERS)
        for _ in range(3):
            matched(session, actor, firm)
    with database.writing() as session:
        lines = [line.action for line in audit.trail(session, object_id="equity_links")]
        assert lines == ["facts.public"]
        assert ties.related(session, firm.uscc, hops=2, least_share_bp=0) == frozenset()
