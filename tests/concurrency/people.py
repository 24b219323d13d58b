"""Who lives where the plays are played, and what has happened to them before: written straight into the tables."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications.tables import Application, Need, Offer
from backend.audit.model import Actor
from backend.consents import actions as consents
from backend.consents.model import SandboxSigner, Signer
from backend.consents.views import ConsentPaper
from backend.kit import clock
from backend.kit.database import Database
from backend.kit.ids import new_id
from backend.parties import passwords
from backend.parties.tables import ApiClient, Firm, Party, User, UserSession
from backend.settings import Settings
from backend.vocabulary.facts import item_titles
from tests.concurrency.callers import Login
from tests.portal.visitor import credit_code

PASSWORD = "correct horse battery"
LEGAL_REP = "林海"
# Banks without a system that speaks to us: their officers and their own systems report. (bank, its plain product)
BANKS = {"lantern_bank": "plain_lantern", "willow_bank": "plain_willow", "cedar_bank": "plain_cedar"}
PEOPLE = {
    **{
        bank: ("bank", {"officer": "bank_officer", "second": "bank_officer"}) for bank in (*BANKS, "orchard_bank", "harbour_bank")
    },
    "yong_guarantee": ("guarantor", {"officer": "guarantor_officer", "second": "guarantor_officer"}),
    "ningbo_fund": ("fund", {"maker": "fund_maker", "checker": "fund_checker", "second": "fund_checker", "other": "fund_maker"}),
    "data_bureau": ("issuer", {"officer": "whitelist_issuer", "second": "whitelist_issuer"}),
    "city_finance": ("regulator", {"officer": "regulator"}),
    "operator": ("operator", {"first": "operator", "second": "operator"}),
}


class Town:
    """The people of one database, by `party/person`, and makers of fresh subjects."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.signing = SandboxSigner(bytes.fromhex(settings.signing_key))
        self.hash = passwords.hashed(PASSWORD, "cheapest")
        self.people: dict[str, Login] = {}
        self._numbers = count(1)
        with database.writing() as session:
            for code, (kind, people) in PEOPLE.items():
                party = session.scalar(select(Party).where(Party.code == code))
                if party is None:
                    party = Party(id=new_id("party"), kind=kind, code=code, name=code, name_en=code)
                    session.add(party)
                    session.flush()
                for name, role in people.items():
                    self.people[f"{code}/{name}"] = self.person(session, party, role, f"{code}-{name}")
                if kind == "bank":
                    self.people[f"{code}/system"] = self._system(session, party)

    def __getitem__(self, name: str) -> Login:
        return self.people[name]

    @property
    def now(self) -> datetime:
        with self.database.reading() as session:
            return clock.business_now(session)

    def number(self) -> int:
        """Never the same twice."""
        return next(self._numbers)

    def person(self, session: Session, party: Party, role: str, login: str, firm: str = "") -> Login:
        """A user who is signed in."""
        user = User(
            id=new_id("user"), party_id=party.id, login=login, password_hash=self.hash, role=role, name=login, active=True
        )
        session.add(user)
        session.flush()
        token, csrf, now = secrets.token_urlsafe(24), secrets.token_urlsafe(18), clock.now()
        session.add(
            UserSession(
                token_digest=hashlib.sha256(token.encode()).hexdigest(),
                user_id=user.id,
                csrf=csrf,
                created_at=now,
                expires_at=now + timedelta(hours=12),
            )
        )
        session.flush()
        return Login(login, token, csrf, party=party.id, user=user.id, firm=firm)

    def _system(self, session: Session, party: Party) -> Login:
        secret = secrets.token_urlsafe(24)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        session.add(ApiClient(id=party.code, party_id=party.id, secret_digest=digest, role="bank_system", active=True))
        session.flush()
        return Login(party.code, basic=base64.b64encode(f"{party.code}:{secret}".encode()).decode(), party=party.id)

    # ------------------------------------------------------------ firms

    def firms(self, many: int) -> list[Login]:
        """So many fresh firms, each with its owner signed in."""
        with self.database.writing() as session:
            return [self.firm(session) for _ in range(many)]

    def firm(self, session: Session) -> Login:
        number = self.number()
        code = credit_code(number)
        party = Party(id=new_id("party"), kind="firm", code=code, name=f"临江精工{number}", name_en="")
        session.add(party)
        session.flush()
        firm = Firm(
            id=new_id("firm"), party_id=party.id, uscc=code, uscc_state="valid", name=party.name, subject_type="enterprise",
            legal_rep=LEGAL_REP, region="330299", industry="C34", founded_on=None, source_code=None, imported=False,
            created_at=clock.business_now(session),
        )  # fmt: skip
        session.add(firm)
        session.flush()
        return self.person(session, party, "firm_owner", f"owner-{number}", firm.id)

    def fresh_code(self) -> str:
        """A credit code that nobody has."""
        return credit_code(self.number())

    def consent(
        self,
        session: Session,
        who: Login,
        recipients: Sequence[str],
        items: Sequence[str],
        *,
        kind: str = "firm",
        days: int = 300,
        sign: bool = True,
    ) -> ConsentPaper:
        """A consent of this firm, signed or still a draft."""
        at, actor = clock.business_now(session), Actor(who.user, "firm_owner", who.party)
        made = consents.draft(
            session, actor, firm_id=who.firm, kind=kind, items=list(items), purpose="pre_loan", recipients=list(recipients),
            valid_from=at - timedelta(minutes=1), valid_to=at + timedelta(days=days), subject_person=None,
            titles=item_titles(), at=at,
        )  # fmt: skip
        if sign:
            signer = Signer(LEGAL_REP, "legal_representative", None)
            consents.sign(session, actor, made.id, signer=signer, port=self.signing, at=at)
        return made

    # ------------------------------------------------------------ applications

    def need(
        self,
        session: Session,
        who: Login,
        banks: Sequence[tuple[str, str]],
        *,
        state: str = "submitted",
        amount_fen: int = 30_000_000,
        scheme: str | None = None,
        **more: Any,
    ) -> tuple[Need, list[Application]]:
        """A need with an application at each (bank, product), standing at `state`."""
        at = clock.business_now(session)
        need = Need(
            id=new_id("need"), firm_id=who.firm, amount_fen=amount_fen, months=12, purpose="working_capital", submitted_at=at,
            submitted_on=at.date(), idempotency_key=None,
        )  # fmt: skip
        session.add(need)
        session.flush()
        made = [
            Application(
                **{
                    "id": new_id("app"), "need_id": need.id, "firm_id": who.firm, "bank": bank, "product": product,
                    "amount_fen": amount_fen, "months": 12, "way": "interest_first", "state": state, "scheme": scheme,
                    "submitted_at": at, "submitted_on": at.date(), "documents_asked": [], "decision_reasons": [],
                }
                | more
            )
            for bank, product in banks
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        return need, made

    def offer(self, session: Session, application: Application, *, amount_fen: int | None = None) -> Offer:
        """An open offer on an approved application."""
        at, amount = clock.business_now(session), amount_fen or application.amount_fen
        made = Offer(
            id=new_id("offer"), application_id=application.id, offer_no="1", amount_fen=amount, rate_bp=480,
            months=12, way="interest_first", day_count="act/360", fees=[], conditions=[], nominal_bp="480", effective_bp="490",
            by_days_bp="490", interest_fen=1_000_000, fees_fen=0, valid_until=at.date() + timedelta(days=15),
            offered_on=at.date(), state="open", accepted_at=None,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made
