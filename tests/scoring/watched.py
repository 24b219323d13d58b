"""Firms that owe something, and what departments and banks say of them: what the warning tests start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.audit.model import Actor
from backend.consents import actions as consents
from backend.consents.model import SandboxSigner, Signer
from backend.credit_data import actions as credit_data
from backend.credit_data.distil import Value
from backend.kit.clock import start_of
from backend.parties import actions as parties
from backend.vocabulary.facts import definitions, item_titles, items
from tests.portal.visitor import credit_code

FIRST = date(2025, 3, 21)
OWNER = Signer("王小明", "legal_representative")
ALL_ITEMS = sorted(code for code, item in items().items() if item.access == "A")
HARBOUR, ORCHARD = "harbour_bank", "orchard_bank"


def at(day: date) -> datetime:
    return start_of(day) + timedelta(hours=6)


@dataclass(frozen=True)
class Watched:
    """A firm, its owner, and the paper that opens its records after the loan."""

    id: str
    uscc: str
    owner: Actor
    paper: str | None

    def tell(self, session: Session, day: date, **values: Any) -> None:
        """Departments say this of the firm on that day."""
        known = {code: Value(value, day) for code, value in values.items()}
        papers = dict.fromkeys({definitions()[code].item for code in values}, self.paper)
        credit_data.keep_facts(session, firm_id=self.id, found=known, day=day, consents=papers)

    def owes(self, session: Session, day: date, banks: Mapping[str, int], *, owed_fen: int = 50_000_000) -> None:
        """Its banks say how late it is with each of them."""
        told = [
            {
                "bank": bank,
                "draw": f"draw_{bank}",
                "amount_fen": 50_000_000,
                "value_date": "2025-02-03",
                "matures_on": "2026-02-03",
                "outstanding_fen": owed_fen,
                "dpd": dpd,
                "class": "substandard" if dpd > 90 else "normal",
                "state": "running" if owed_fen else "repaid",
            }
            for bank, dpd in banks.items()
        ]
        values = {"bnk_loans": told, "bnk_max_dpd": max(banks.values()), "bnk_defaulted": max(banks.values()) > 90}
        values |= {"bnk_outstanding_fen": owed_fen * len(banks), "bnk_drawn_fen": 50_000_000 * len(banks)}
        credit_data.append_bank_facts(session, firm_id=self.id, values=values, as_of=day, source="bank_feedback")


def watched(
    session: Session, number: int = 1, *, opens: tuple[str, ...] | list[str] = tuple(ALL_ITEMS), to: tuple[str, ...] = (HARBOUR,)
) -> Watched:
    """A firm with a signed paper for the time after the loan, naming the platform and those banks."""
    start = at(date(2025, 2, 1))
    for bank in (HARBOUR, ORCHARD):
        parties.add_party(session, kind="bank", code=bank, name=bank)
    firm, user = parties.sign_up_firm(
        session, uscc=credit_code(number), name=f"江城机械{number}有限公司", legal_rep=OWNER.name, login=f"owner{number}",
        password_hash="not a hash: nobody signs in here", person=OWNER.name, region="330200", industry="C33", founded_on=None,
        at=start,
    )  # fmt: skip
    actor = Actor(user.id, user.role, user.party_id)
    signed = None
    if opens:
        paper = consents.draft(
            session, actor, firm_id=firm.id, kind="firm", items=list(opens), purpose="post_loan", recipients=["platform", *to],
            valid_from=start, valid_to=start + timedelta(days=365), subject_person=None, titles=item_titles(), at=start,
        )  # fmt: skip
        signed = consents.sign(session, actor, paper.id, signer=OWNER, port=SandboxSigner(bytes(32)), at=start).id
    return Watched(firm.id, credit_code(number), actor, signed)
