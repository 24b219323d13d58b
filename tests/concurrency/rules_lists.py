"""Lists: a batch is published once, a firm taken off once, its appeal answered once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from backend.kit import clock
from backend.kit.ids import new_id
from backend.whitelists.tables import WhitelistAppeal, WhitelistBatch, WhitelistMember, WhitelistRemoval
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.play import Rule
from tests.concurrency.stand import DAY, Stand

PROGRAMME, ISSUER = "data_enterprises", "data_bureau"
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
    only = {"remove": {201, 409}, "appeal": {201, 404, 409}}

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


RULES: tuple[Rule, ...] = (BatchOnce(), RemovedOnce(), AppealAnsweredOnce())
