"""What runs beside the doors: a step in one worker's hands, a day planned once, a sweep and a gathering that cross nobody."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import bindparam, update

from backend.applications.asking import Desk, Tape
from backend.applications.handlers import Submit
from backend.credit_data.gather import Gather
from backend.credit_data.sources.exchange import FrontDatabase
from backend.kit import clock
from backend.kit.words import Words
from backend.loans.intake import Intake
from backend.parties import guesses, sign_in
from backend.parties.tables import Guess
from backend.steps import actions as steps
from backend.steps.calendar import Calendar, Recurring, every_day
from backend.steps.model import Answered
from backend.worker import Worker
from lender_adapters import registry
from lender_adapters.sandbox.bank import SandboxBank
from products.catalogue import load
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.play import Rule
from tests.concurrency.rules_consents import Paper, revoke, withdrawn_at
from tests.concurrency.rules_parties import address
from tests.concurrency.stand import DAY, Stand

BANK, PRODUCT = "harbour_bank", "invoice_credit_loan"
CATALOGUE = load()
TERMS = CATALOGUE.get(PRODUCT, DAY)


@dataclass(frozen=True)
class Sent:
    """Applications on their way to a bank of our own making, and the workers that may take them there."""

    bank: SandboxBank
    desk: Desk
    applications: tuple[str, ...]


class LeasedOnce(Rule):
    name = "a step in one worker's hands"
    says = "Steps that several workers find at once are each done by one of them: the bank's own book counts each call once."
    about = ("backend.steps", "steps", "backend.worker")

    def subjects(self, stand: Stand, many: int) -> Iterator[Sent]:
        key = bytes.fromhex(stand.settings.signing_key)
        secrets = registry.sandbox_secrets(BANK, key)
        bank = registry.sandbox(BANK, path=":memory:", secrets=secrets.bank, first_day=DAY)
        tape, sealer = Tape(), stand.database.sealer
        assert sealer is not None
        lender = registry.build(
            BANK, base_url="http://bank", secrets=secrets.platform, transport=httpx.MockTransport(bank), recorder=tape.record
        )
        intake = Intake(sealer)
        desk = Desk({BANK: lender}, tape, sealer, CATALOGUE, intake.take, intake.next_look, stand.settings.operator_capacity)
        self._worker(stand, desk).run_all()  # what other plays have left
        for _ in range(many):
            yield Sent(bank, desk, tuple(self._handed_in(stand) for _ in range(3)))

    @staticmethod
    def _worker(stand: Stand, desk: Desk) -> Worker:
        handlers: dict[str, Any] = {"lender.submit": Submit(desk)}
        return Worker(stand.database, handlers)

    @staticmethod
    def _handed_in(stand: Stand) -> str:
        with stand.database.writing() as session:
            owner = stand.town.firm(session)
            stand.town.consent(session, owner, [BANK], TERMS.items_needed)
            stand.town.consent(session, owner, [BANK], ["BUREAU"], kind="bank_query")
            _, (made,) = stand.town.need(session, owner, [(BANK, PRODUCT)], state="created")
            at = clock.business_now(session)
            steps.enqueue(session, kind="lender.submit", key=made.id, payload={"application": made.id}, due=at, lane=BANK)
            return made.id

    def calls(self, stand: Stand, subject: Sent, chance: Random) -> list[list[Call]]:
        return [[Call("work", "-", "-", deed=self._worker(stand, subject.desk).run_all)] for _ in range(4)]

    def found(self, stand: Stand, subject: Sent) -> Any:
        book = subject.bank(httpx.Request("GET", "http://bank/_sandbox/book")).json()
        arrivals = {each["reference"]: each["arrivals"] for each in book["applications"]}
        rows = [stand.read("SELECT state, attempts FROM steps WHERE key = :a", a=each) for each in subject.applications]
        return {"arrivals": [arrivals.get(each, 0) for each in subject.applications], "steps": [tuple(row) for (row, *_) in rows]}

    def broken(self, subject: Sent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["arrivals"] != [1] * len(subject.applications):
            yield f"not called once: {found['arrivals']}"
        if found["steps"] != [("done", 1)] * len(subject.applications):
            yield f"not done once: {found['steps']}"
        if sum(each.body for each in told if each.yes) != len(subject.applications):
            yield f"not as it was told: {[each.body for each in told]} steps done"


class PlannedOnce(Rule):
    name = "a day planned once"
    says = "A step that returns, planned from the calendar by several workers at once, stands once for each of its days."
    about = ("backend.steps.calendar", "uq_steps_kind_key", "steps")
    only = {"plan": {200}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        return [f"plays.{stand.town.number()}" for _ in range(many)]

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        kind = Recurring(
            kind=subject, title=Words("每日例行", "each day"), following=every_day, hour=timedelta(hours=6), missed="every"
        )

        def plan() -> None:
            calendar = Calendar([kind])  # each worker's own
            with stand.database.writing() as session:
                planned = calendar.plan(session, clock.business_now(session))
            calendar.committed(planned)

        return [[Call("plan", "-", "-", deed=plan)] * 2 for _ in range(4)]

    def found(self, stand: Stand, subject: str) -> Any:
        return [row[0] for row in stand.read("SELECT key FROM steps WHERE kind = :k ORDER BY key", k=subject)]

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != [DAY.isoformat(), (DAY + timedelta(days=1)).isoformat()]:
            yield f"not once for each day: {found}"


@dataclass(frozen=True)
class Fetched:
    """A gathering that was asked under a live consent and answered, and has not stored anything yet."""

    paper: Paper
    gather: Gather
    payload: dict[str, Any] = field(hash=False)
    answer: Answered = field(hash=False)


class RevokeAgainstGather(Rule):
    name = "revoked is never stored"
    says = "What departments delivered is stored before a withdrawal is answered or not at all: nothing comes in afterwards."
    about = ("backend.credit_data", "backend.consents", "raw_records", "facts", "consents")
    only = {"revoke": {200}, "store": {200}, "look": {200}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Fetched]:
        path = Path(stand.settings.department_url.removeprefix("sqlite:///"))
        with sqlite3.connect(path) as delivered:
            delivered.execute(
                "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, source, uscc, delivered_on, kind, payload)"
            )
        assert stand.database.sealer is not None
        gather = Gather(FrontDatabase(stand.settings.department_url), stand.database.sealer)
        for owner in stand.town.firms(many):
            rows = [[str(n), "2025-04-05", "B1", "销项", "1000", "0", "1000", "有效发票"] for n in range(5)]
            month = json.dumps({"period": "2025-04", "rows": rows}, ensure_ascii=False)
            with sqlite3.connect(path) as delivered:
                code = stand.one("SELECT uscc FROM firms WHERE id = :f", f=owner.firm)
                row = ("invoices", code, "2025-05-20", "month", month)
                delivered.execute("INSERT INTO records (source, uscc, delivered_on, kind, payload) VALUES (?, ?, ?, ?, ?)", row)
            payload = {"firm": owner.firm, "purpose": "pre_loan"}
            with stand.database.writing() as session:
                consent = stand.town.consent(session, owner, ["platform"], ["TAX04"]).id
            with stand.database.writing() as session:
                asked = gather.prepare(session, payload, clock.business_now(session))
            yield Fetched(Paper(owner, consent), gather, payload, gather.call(asked))

    @staticmethod
    def _stored(stand: Stand, firm: str) -> dict[str, int]:
        return {
            table: int(stand.one(f"SELECT count(*) FROM {table} WHERE firm_id = :f", f=firm))
            for table in ("raw_records", "facts")
        }

    def calls(self, stand: Stand, subject: Fetched, chance: Random) -> list[list[Call]]:
        def store() -> Any:
            with stand.database.writing() as session:
                return subject.gather.act(session, subject.payload, subject.answer, clock.business_now(session))

        look = Call("look", "-", "-", deed=lambda: self._stored(stand, subject.paper.owner.firm))
        made = [[Call("store", "-", "-", deed=store)], *([revoke(subject.paper, subject.paper.consent), look] for _ in range(2))]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Fetched) -> Any:
        consent = stand.one("SELECT state FROM consents WHERE id = :c", c=subject.paper.consent)
        return self._stored(stand, subject.paper.owner.firm) | {"consent": consent}

    def broken(self, subject: Fetched, told: Sequence[Told], found: Any) -> Iterator[str]:
        since = withdrawn_at(told, subject.paper.consent)
        if since is None or found["consent"] != "revoked":
            yield f"not withdrawn: it stands as {found['consent']}"
            return
        for each in told:
            if each.what == "look" and each.began >= since and each.body["raw_records"] < found["raw_records"]:
                yield f"stored after it was withdrawn: {each.body} were there, then {found}"


GUESSES = 16
_OVER = update(Guess).where(Guess.key.in_(bindparam("keys", expanding=True))).values(forget_at=bindparam("then"))


class GuessNotForgotten(Rule):
    name = "a guess under way is not forgotten"
    says = "Counts that are over are swept away while guesses come in on them: those under way count, five are looked at."
    about = ("backend.parties.sign_in", "sign_in_guesses")
    only = {"guess": {401, 429}, "sweep": {200}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Login]:
        for owner in stand.town.firms(many):
            told = stand.ask(self._guess(owner, "long ago"))
            assert told.status == 401, told.body
            came_from = address(owner)["x-forwarded-for"]
            keys = [guesses.key("login", owner.login, came_from), guesses.key("address", came_from)]
            with stand.database.writing() as session:
                over = session.connection().execute(_OVER, {"keys": keys, "then": clock.now() - timedelta(minutes=1)})
                assert over.rowcount == 2
            yield owner

    @staticmethod
    def _guess(owner: Login, no: object) -> Call:
        said = {"login": owner.login, "password": f"a wrong guess {no}"}
        return Call("guess", "POST", "/api/session", said, headers=address(owner))

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        def sweep() -> int:
            with stand.database.writing() as session:
                return sign_in.forget(session)

        made = [[self._guess(subject, no)] for no in range(GUESSES)] + [[Call("sweep", "-", "-", deed=sweep)] for _ in range(4)]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Login) -> Any:
        return stand.ask(self._guess(subject, "afterwards")).status

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        looked_at = sum(each.status == 401 for each in told)
        if not 1 <= looked_at <= 5:
            yield f"not counted: {looked_at} guesses of {GUESSES} were looked at"
        if found != 429:
            yield f"not paused: the next guess was answered {found}"


RULES: tuple[Rule, ...] = (LeasedOnce(), PlannedOnce(), RevokeAgainstGather(), GuessNotForgotten())
