"""Desks: a task answered once, a renewal decided once, a step revived once, a question asked once, a callback kept once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from backend.kit import clock
from backend.kit.ids import new_id
from backend.loans.tables import Draw, Facility, Renewal
from backend.scoring.warnings.tables import WarningAlert, WarningTask
from backend.steps.tables import Step
from lender_adapters import port, registry
from lender_adapters.harbour_bank import wire
from products.catalogue import FOLDER, load
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.stand import DAY, Stand

BANK, SPEAKS = next(iter(BANKS)), "harbour_bank"
ASKED = "invoice_credit_loan"
ASKED_ITEMS = load(FOLDER / SPEAKS).get(ASKED, DAY).items_needed


class TaskAnsweredOnce(Rule):
    name = "a warning task answered once"
    says = "A task that two officers answer at once ends with one answer, which lifts the warning once."
    about = ("backend.scoring", "warning_tasks", "warning_alerts")
    only = {"answer": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[tuple[str, str]]:
        found = []
        with stand.database.writing() as session:
            for _ in range(many):
                owner = stand.town.firm(session)
                alert = WarningAlert(
                    id=new_id("alert"), firm_id=owner.firm, indicator="sales_fall", item="TAX03", colour="yellow",
                    highest="yellow",
                    opened_on=DAY - timedelta(days=2), policy_digest="-", sealed=b"-", state="open", closed_on=None,
                    closed_by=None,
                )  # fmt: skip
                session.add(alert)
                session.flush()
                task = WarningTask(
                    id=new_id("task"), alert_id=alert.id, firm_id=owner.firm, party=BANK, opened_on=DAY - timedelta(days=2),
                    due_on=DAY + timedelta(days=8), state="open", outcome=None, words=None, answered_on=None, answered_by=None,
                )  # fmt: skip
                session.add(task)
                session.flush()
                found.append((alert.id, task.id))
        return found

    def calls(self, stand: Stand, subject: tuple[str, str], chance: Random) -> list[list[Call]]:
        path = f"/api/desk/warnings/{subject[1]}"

        def answer(who: str, outcome: str) -> Call:
            said = {"outcome": outcome, "words": "已经上门核实"}
            return Call("answer", "POST", path, said, who=stand.town[f"{BANK}/{who}"], about=outcome)

        pair = [[answer("officer", "false_alarm")], [answer("second", "resolved")]]
        return [*pair, *pair]

    def found(self, stand: Stand, subject: tuple[str, str]) -> Any:
        alert, task = subject
        events = [row[0] for row in stand.read("SELECT what FROM warning_events WHERE alert_id = :a ORDER BY seq", a=alert)]
        state = stand.one("SELECT state FROM warning_alerts WHERE id = :a", a=alert)
        return {"outcome": stand.one("SELECT outcome FROM warning_tasks WHERE id = :t", t=task), "events": events, "state": state}

    def broken(self, subject: Any, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.about for each in told if each.yes]
        if found["events"].count("answered") != 1 or found["events"].count("lifted") != 1 or found["state"] != "closed":
            yield f"not once: {found['events']}, {found['state']}"
        if yes != [found["outcome"]]:
            yield f"not as it was told: yes to {yes}, it stands as {found['outcome']}"


@dataclass(frozen=True)
class Maturing:
    owner: Login
    draw: str


class RenewalDecidedOnce(Rule):
    name = "a renewal decided once"
    says = "The firm's no and the bank's yes or no, said at once, have an order: what came first stands."
    about = ("backend.loans", "renewals")
    only = {"unwanted": {200, 403, 409}, "agreed": {200, 403, 409}, "declined": {200, 403, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Maturing]:
        found = []
        with stand.database.writing() as session:
            for _ in range(many):
                owner, number = stand.town.firm(session), stand.town.number()
                facility = Facility(
                    id=new_id("fac"), application_id=f"app-{number}", firm_id=owner.firm, bank=BANK, product="plain_lantern",
                    contract_no=f"HT-{number}", limit_fen=10**8, signed_on=DAY - timedelta(days=330),
                    expires_on=DAY + timedelta(days=35), rate_bp=360,
                )  # fmt: skip
                session.add(facility)
                session.flush()
                draw = Draw(
                    id=new_id("draw"), facility_id=facility.id, firm_id=owner.firm, bank=BANK, draw_no=f"JJ-{number}",
                    amount_fen=10**8, value_date=DAY - timedelta(days=330), matures_on=DAY + timedelta(days=35), rate_bp=360,
                    penalty_bp=540, way="interest_first", day_count="act/360", first_loan=None, coverage="none",
                    told_on=DAY - timedelta(days=330), outstanding_fen=10**8,
                )  # fmt: skip
                session.add(draw)
                session.flush()
                session.add(
                    Renewal(
                        draw_id=draw.id,
                        firm_id=owner.firm,
                        bank=BANK,
                        cohort=draw.value_date,
                        asked_on=DAY - timedelta(days=20),
                        answer_by=DAY + timedelta(days=34),
                        state="wanted",
                        conditions=[],
                    )
                )
                session.flush()
                found.append(Maturing(owner, draw.id))
        return found

    def calls(self, stand: Stand, subject: Maturing, chance: Random) -> list[list[Call]]:
        firm, bank = f"/api/me/renewals/{subject.draw}", f"/api/desk/renewals/{subject.draw}"
        unwanted = Call("unwanted", "POST", firm, {"wanted": False, "words": "不续了"}, who=subject.owner)
        agreed = Call("agreed", "POST", bank, {"agreed": True, "words": "同意续贷"}, who=stand.town[f"{BANK}/officer"])
        declined = Call("declined", "POST", bank, {"agreed": False, "words": "不同意"}, who=stand.town[f"{BANK}/second"])
        return [[unwanted], [unwanted], [agreed], [declined], [agreed]]

    def found(self, stand: Stand, subject: Maturing) -> Any:
        lines = stand.read("SELECT action FROM audit_lines WHERE object_id = :d ORDER BY seq", d=subject.draw)
        state = stand.one("SELECT state FROM renewals WHERE draw_id = :d", d=subject.draw)
        return {"state": state, "log": [row[0].removeprefix("renewal.") for row in lines]}

    def broken(self, subject: Maturing, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = {each.what for each in told if each.yes}
        if yes != {found["state"]} or found["log"] != [found["state"]]:
            yield f"not one decision: yes to {sorted(yes)}, it stands as {found['state']}, the log says {found['log']}"


class RevivedOnce(Rule):
    name = "a step revived once"
    says = "A step that was set aside and is revived by two at once is revived once."
    about = ("backend.steps", "steps")
    only = {"revive": {200, 404, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        found = []
        with stand.database.writing() as session:
            at = clock.business_now(session)
            for _ in range(many):
                name = new_id("step")
                session.add(
                    Step(
                        id=name,
                        kind="gather",
                        key=f"dead-{name}",
                        payload={},
                        due=at,
                        state="dead",
                        attempts=7,
                        not_before=None,
                        lease_until=None,
                        lease_token=None,
                        answer=None,
                        last_error="garbled",
                        created_at=at,
                        done_at=None,
                    )
                )
                found.append(name)
        return found

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        path = f"/api/operator/steps/{subject}/revive"
        return [[Call("revive", "POST", path, who=stand.town[f"operator/{('first', 'second')[n % 2]}"])] for n in range(4)]

    def found(self, stand: Stand, subject: str) -> Any:
        lines = stand.one("SELECT count(*) FROM audit_lines WHERE object_id = :s AND action = 'step.revived'", s=subject)
        return {"log": lines, "state": stand.one("SELECT state FROM steps WHERE id = :s", s=subject)}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = sum(each.yes for each in told)
        if (yes, found["log"], found["state"]) != (1, 1, "waiting"):
            yield f"not once: {yes} told yes, {found}"


class AskedOnceADay(Rule):
    name = "an indication asked once a day"
    says = "The same question to a bank, put several times at once, goes out once; everybody is told of the same one."
    about = ("backend.applications.indications", "bank_indications")
    only = {"ask": {202, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Login]:
        found = stand.town.firms(many)
        for owner in found:
            with stand.database.writing() as session:
                stand.town.consent(session, owner, [SPEAKS], ASKED_ITEMS)
        return found

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        body = {"product": ASKED, "amount_fen": 30_000_000, "months": 12}
        return [[Call("ask", "POST", "/api/me/indications", body, who=subject)] for _ in range(5)]

    def found(self, stand: Stand, subject: Login) -> Any:
        return [
            row[0]
            for row in stand.read(
                "SELECT i.id FROM bank_indications i JOIN steps s ON s.key = i.id WHERE i.firm_id = :f", f=subject.firm
            )
        ]

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found) != 1 or {each.body["id"] for each in told if each.yes} != set(found):
            yield f"not once: {found}"


class CallbackOnce(Rule):
    name = "a callback kept once"
    says = "What a bank pushes several times at once, each time signed anew, lies in the inbox once and is acted on once."
    about = ("backend.steps", "backend.api", "inbox_messages", "steps")
    only = {"push": {200, 409}}  # 409: another is taking it in at this moment; a bank pushes again

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        found = []
        with stand.database.writing() as session:
            for _ in range(many):
                owner = stand.town.firm(session)
                _, (application,) = stand.town.need(session, owner, [(SPEAKS, ASKED)])
                found.append(str(application.id))
        return found

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        said = port.Received(message_id=f"got-{subject}", reference=subject, on=DAY, bank_reference="GW-1")
        body = wire.reports((said,))
        key = registry.sandbox_secrets(SPEAKS, bytes.fromhex(stand.settings.signing_key)).bank["bank_private_key"]
        made = []
        for _ in range(5):
            created, nonce = int(clock.now().timestamp()), secrets.token_urlsafe(16)
            headers = wire.signed_headers(key, "CALLBACK", SPEAKS, body, created, nonce, wire.BANK_KEY)
            made.append([Call("push", "POST", f"/api/banks/{SPEAKS}/callbacks", body, headers=headers)])
        return made

    def found(self, stand: Stand, subject: str) -> Any:
        kept = [row[0] for row in stand.read("SELECT id FROM inbox_messages WHERE reference = :r", r=subject)]
        steps = sum(stand.one("SELECT count(*) FROM steps WHERE kind = 'lender.callback' AND key = :k", k=each) for each in kept)
        return {"kept": len(kept), "steps": steps}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != {"kept": 1, "steps": 1}:
            yield f"not once: {found}"


RULES: tuple[Rule, ...] = (TaskAnsweredOnce(), RenewalDecidedOnce(), RevivedOnce(), AskedOnceADay(), CallbackOnce())
