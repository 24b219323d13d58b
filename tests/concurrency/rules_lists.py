"""Lists, warnings, renewals and steps: published once, answered once, decided once, revived once."""

from __future__ import annotations

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
from backend.whitelists.tables import WhitelistAppeal, WhitelistBatch, WhitelistMember, WhitelistRemoval
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.stand import DAY, Stand

BANK, PROGRAMME, ISSUER = next(iter(BANKS)), "data_enterprises", "data_bureau"
NOTICE = {"notice_zh": "证书注销", "notice_en": "certificate cancelled"}
WORDS = ({"words_zh": "证书有效", "words_en": "it is valid"}, {"words_zh": "证书无效", "words_en": "it is not"})


class BatchOnce(Rule):
    name = "a batch published once"
    says = "A batch number is one batch; another content under it at once is refused and leaves no member."
    about = ("backend.whitelists", "whitelist_batches", "whitelist_members")
    only = {"publish": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[tuple[str, str, str]]:
        return [(f"batch-{stand.town.number()}", stand.town.fresh_code(), stand.town.fresh_code()) for _ in range(many)]

    def calls(self, stand: Stand, subject: tuple[str, str, str], chance: Random) -> list[list[Call]]:
        made = []
        for n in range(4):
            code = subject[1 + n % 2]
            ends = (DAY + timedelta(days=300)).isoformat()
            body = {"programme": PROGRAMME, "batch": subject[0], "issued_on": DAY.isoformat(), "expires_on": ends}
            who = stand.town[f"{ISSUER}/{('officer', 'second')[n // 2]}"]
            members = {"members": [{"uscc": code, "grade": "B"}]}
            made.append([Call("publish", "POST", "/api/issuer/batches", body | members, who=who, about=code)])
        return made

    def found(self, stand: Stand, subject: tuple[str, str, str]) -> Any:
        rows = stand.read(
            "SELECT b.id, m.uscc FROM whitelist_batches b LEFT JOIN whitelist_members m ON m.batch_id = b.id WHERE b.number = :n",
            n=subject[0],
        )
        return [tuple(row) for row in rows]

    def broken(self, subject: Any, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found) != 1:
            yield f"not one batch: {found}"
        if {each.about for each in told if each.yes} != {code for _, code in found}:
            yield f"not as it was told: {found}"


@dataclass(frozen=True)
class Listed:
    owner: Login
    uscc: str
    batch: str
    appeal: str = ""


def listed(stand: Stand, many: int, *, appeal: bool) -> list[Listed]:
    found = []
    with stand.database.writing() as session:
        at = clock.business_now(session)
        for _ in range(many):
            owner = stand.town.firm(session)
            code = session.connection().exec_driver_sql(f"SELECT uscc FROM firms WHERE id = '{owner.firm}'").scalar_one()
            batch = WhitelistBatch(
                id=new_id("batch"), programme=PROGRAMME, number=f"listed-{stand.town.number()}",
                issued_on=DAY - timedelta(days=30),
                expires_on=DAY + timedelta(days=300), published_at=at, published_by="issuer", content_digest="-", members=1,
                policy_digest="-",
            )  # fmt: skip
            session.add(batch)
            session.flush()
            session.add(WhitelistMember(id=new_id("member"), batch_id=batch.id, programme=PROGRAMME, uscc=code, grade="B"))
            name = ""
            if appeal:
                removal = WhitelistRemoval(
                    id=new_id("removal"), programme=PROGRAMME, uscc=code, batch_id=batch.id, removed_on=DAY - timedelta(days=5),
                    removed_at=at - timedelta(days=5), removed_by="issuer", notice_zh="注销", notice_en="gone",
                )  # fmt: skip
                session.add(removal)
                session.flush()
                made = WhitelistAppeal(
                    id=new_id("appeal"), removal_id=removal.id, programme=PROGRAMME, uscc=code, firm_id=owner.firm,
                    filed_at=at - timedelta(days=1), filed_on=DAY - timedelta(days=1), filed_by=owner.user, words="有效",
                    answer_by=DAY + timedelta(days=20),
                )  # fmt: skip
                session.add(made)
                session.flush()
                name = made.id
            found.append(Listed(owner, str(code), batch.id, name))
    return found


class RemovedOnce(Rule):
    name = "taken off a list once"
    says = "A firm taken off by two at once is taken off once, and may then appeal once."
    about = ("backend.whitelists", "whitelist_removals", "whitelist_appeals")
    only = {"remove": {201}, "appeal": {201, 404}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Listed]:
        return listed(stand, many, appeal=False)

    def calls(self, stand: Stand, subject: Listed, chance: Random) -> list[list[Call]]:
        body = {"programme": PROGRAMME, "uscc": subject.uscc} | NOTICE
        appeal = Call("appeal", "POST", f"/api/me/listings/{PROGRAMME}/appeal", {"words": "证书没有注销"}, who=subject.owner)
        people = [stand.town[f"{ISSUER}/{('officer', 'second')[n % 2]}"] for n in range(4)]
        return [[Call("remove", "POST", "/api/issuer/removals", body, who=who), appeal] for who in people]

    def found(self, stand: Stand, subject: Listed) -> Any:
        return {
            table: stand.one(f"SELECT count(*) FROM whitelist_{table} WHERE uscc = :u", u=subject.uscc)
            for table in ("removals", "appeals")
        }

    def broken(self, subject: Listed, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != {"removals": 1, "appeals": 1}:
            yield f"not once: {found}"
        for what in ("remove", "appeal"):
            if len({each.body["id"] for each in told if each.what == what and each.yes}) != 1:
                yield f"not one answer: several were told of another {what}"


class AppealAnsweredOnce(Rule):
    name = "an appeal answered once"
    says = "An appeal that two answer at once, one yes and one no, has one answer."
    about = ("backend.whitelists", "whitelist_appeal_answers")
    only = {"answer": {200, 201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Listed]:
        return listed(stand, many, appeal=True)

    def calls(self, stand: Stand, subject: Listed, chance: Random) -> list[list[Call]]:
        path = f"/api/issuer/appeals/{subject.appeal}"
        return [
            [
                Call(
                    "answer",
                    "POST",
                    path,
                    {"upheld": n % 2 == 0} | WORDS[n % 2],
                    who=stand.town[f"{ISSUER}/{who}"],
                    about=n % 2 == 0,
                )
            ]
            for n, who in enumerate(("officer", "second", "second", "officer"))
        ]

    def found(self, stand: Stand, subject: Listed) -> Any:
        return [
            bool(r[0]) for r in stand.read("SELECT upheld FROM whitelist_appeal_answers WHERE appeal_id = :a", a=subject.appeal)
        ]

    def broken(self, subject: Listed, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = {each.about for each in told if each.yes}
        if len(found) != 1 or yes != set(found):
            yield f"not one answer: {found}, told yes for {yes}"


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


RULES: tuple[Rule, ...] = (
    BatchOnce(),
    RemovedOnce(),
    AppealAnsweredOnce(),
    TaskAnsweredOnce(),
    RenewalDecidedOnce(),
    RevivedOnce(),
)
