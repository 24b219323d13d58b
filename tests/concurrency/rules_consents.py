"""Withdrawing a consent, against signing, superseding, reading and applying: what was told as withdrawn is never live again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from products.catalogue import load
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.people import LEGAL_REP
from tests.concurrency.play import Rule
from tests.concurrency.stand import DAY, Stand

BANK, PRODUCT = "lantern_bank", "desk_loan"
STORIES = Path(__file__).parents[1] / "stories" / "products"
ITEMS = load(STORIES).get(PRODUCT, DAY).items_needed


@dataclass(frozen=True)
class Paper:
    owner: Login
    consent: str
    other: str = ""
    application: str = ""


def revoke(paper: Paper, consent: str, *, form: bool = False) -> Call:
    if form:
        return Call("revoke", "POST", f"/authorise/revoke/{consent}", form={}, who=paper.owner, about=consent)
    return Call("revoke", "DELETE", f"/api/me/consents/{consent}", who=paper.owner, about=consent)


def sign(paper: Paper, consent: str) -> Call:
    return Call("sign", "POST", f"/api/me/consents/{consent}/sign", {"name": LEGAL_REP}, who=paper.owner, about=consent)


def withdrawn_at(told: Sequence[Told], consent: str) -> float | None:
    """When somebody was first told that this consent is withdrawn; None: nobody was."""
    ends = [
        each.ended
        for each in told
        if each.what == "revoke" and each.about == consent and each.yes
        and (each.status == 303 or each.body.get("state") == "revoked")
    ]  # fmt: skip
    return min(ends, default=None)


def state(stand: Stand, consent: str) -> str:
    return str(stand.one("SELECT state FROM consents WHERE id = :id", id=consent))


class RevokeAgainstSign(Rule):
    name = "revoked is never live: sign"
    says = "A consent that was answered as withdrawn is never live again, whoever signs it at once."
    about = ("backend.consents", "consents")
    only = {"sign": {200, 409}, "revoke": {200, 303}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Paper]:
        found = []
        for owner in stand.town.firms(many):
            with stand.database.writing() as session:
                found.append(Paper(owner, stand.town.consent(session, owner, ["platform"], ITEMS, sign=False).id))
        return found

    def calls(self, stand: Stand, subject: Paper, chance: Random) -> list[list[Call]]:
        again = [sign(subject, subject.consent), sign(subject, subject.consent)]
        return [again, again, [revoke(subject, subject.consent)], [revoke(subject, subject.consent, form=True)]]

    def found(self, stand: Stand, subject: Paper) -> Any:
        lines = stand.read("SELECT action FROM audit_lines WHERE object_id = :c ORDER BY seq", c=subject.consent)
        return {"state": state(stand, subject.consent), "log": [row[0] for row in lines]}

    def broken(self, subject: Paper, told: Sequence[Told], found: Any) -> Iterator[str]:
        since, log = withdrawn_at(told, subject.consent), found["log"]
        if log.count("consent.revoked") > 1 or log.count("consent.signed") > 1:
            yield f"not once in the log: {log}"
        if since is not None and found["state"] != "revoked":
            yield f"withdrawn and still live: it stands as {found['state']}"
        late = [each for each in told if each.what == "sign" and each.yes and since is not None and each.began >= since]
        if late:
            yield "signed after it was withdrawn"


class RevokeAgainstSupersede(Rule):
    name = "revoked is never live: supersede"
    says = "A consent that was answered as withdrawn stays withdrawn, also when a wider one takes its place at once."
    about = ("backend.consents", "consents")
    only = {"sign": {200, 409}, "revoke": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Paper]:
        found = []
        for owner in stand.town.firms(many):
            with stand.database.writing() as session:
                first = stand.town.consent(session, owner, ["platform"], ITEMS, days=100)
                wider = stand.town.consent(session, owner, ["platform"], ITEMS, days=300, sign=False)
                found.append(Paper(owner, first.id, wider.id))
        return found

    def calls(self, stand: Stand, subject: Paper, chance: Random) -> list[list[Call]]:
        return [[sign(subject, subject.other)], [sign(subject, subject.other)]] + [[revoke(subject, subject.consent)]] * 2

    def found(self, stand: Stand, subject: Paper) -> Any:
        return {"first": state(stand, subject.consent), "wider": state(stand, subject.other)}

    def broken(self, subject: Paper, told: Sequence[Told], found: Any) -> Iterator[str]:
        if withdrawn_at(told, subject.consent) is not None and found["first"] != "revoked":
            yield f"withdrawn and no longer so: it stands as {found['first']}"
        said = {each.body["state"] for each in told if each.what == "revoke" and each.status == 200}
        if said - {found["first"]}:
            yield f"not as it was told: {sorted(said)} but {found['first']}"
        if any(each.yes for each in told if each.what == "sign") != (found["wider"] == "signed"):
            yield f"not as it was told: signing, but the wider one stands as {found['wider']}"


def authorised(stand: Stand, owner: Login) -> str:
    """What the desk loan needs: its facts for the bank (the consent that will be withdrawn), and the bureau query."""
    with stand.database.writing() as session:
        made = stand.town.consent(session, owner, [BANK], ITEMS)
        stand.town.consent(session, owner, [BANK], ["BUREAU"], kind="bank_query")
        return str(made.id)


class RevokeAgainstRead(Rule):
    name = "revoked is never read"
    says = "A reading that begins after a withdrawal was answered is refused."
    about = ("backend.consents", "backend.applications", "consents")
    only = {"read": {200, 403}, "revoke": {200}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Paper]:
        found = []
        for owner in stand.town.firms(many):
            consent = authorised(stand, owner)
            with stand.database.writing() as session:
                _, (application,) = stand.town.need(session, owner, [(BANK, PRODUCT)])
            found.append(Paper(owner, consent, application=application.id))
        return found

    def calls(self, stand: Stand, subject: Paper, chance: Random) -> list[list[Call]]:
        read = Call("read", "GET", f"/api/bank/applications/{subject.application}", who=stand.town[f"{BANK}/system"])
        return [[read] * 3, [read] * 3, [read] * 3, [revoke(subject, subject.consent)]]

    def found(self, stand: Stand, subject: Paper) -> Any:
        read = Call("read", "GET", f"/api/bank/applications/{subject.application}", who=stand.town[f"{BANK}/system"])
        return {"state": state(stand, subject.consent), "read": stand.ask(read).status}

    def broken(self, subject: Paper, told: Sequence[Told], found: Any) -> Iterator[str]:
        since = withdrawn_at(told, subject.consent)
        if since is None:
            yield "not withdrawn: nobody was told so"
            return
        if found != {"state": "revoked", "read": 403}:
            yield f"withdrawn and still live: {found}"
        late = [each for each in told if each.what == "read" and each.yes and each.began >= since]
        if late:
            yield f"read after it was withdrawn: {late[0]}"


class RevokeAgainstApply(Rule):
    name = "revoked is never handed on"
    says = "Who applies after a withdrawal was answered is refused; what was applied for before hands nothing on."
    about = ("backend.consents", "backend.applications", "consents")
    only = {"apply": {201, 403, 409}, "revoke": {200, 303}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Paper]:
        return [Paper(owner, authorised(stand, owner)) for owner in stand.town.firms(many)]

    def calls(self, stand: Stand, subject: Paper, chance: Random) -> list[list[Call]]:
        body = {
            "amount_fen": 30_000_000,
            "months": 12,
            "purpose": "stock",
            "choices": [{"product": PRODUCT, "way": "interest_first"}],
        }
        apply = Call("apply", "POST", "/api/me/needs", body, who=subject.owner)
        return [[apply, apply], [apply, apply], [revoke(subject, subject.consent)], [revoke(subject, subject.consent, form=True)]]

    def found(self, stand: Stand, subject: Paper) -> Any:
        made = [row[0] for row in stand.read("SELECT id FROM applications WHERE firm_id = :f", f=subject.owner.firm)]
        system = stand.town[f"{BANK}/system"]
        reads = [stand.ask(Call("read", "GET", f"/api/bank/applications/{each}", who=system)).status for each in made]
        return {"state": state(stand, subject.consent), "applications": len(made), "reads": reads}

    def broken(self, subject: Paper, told: Sequence[Told], found: Any) -> Iterator[str]:
        since = withdrawn_at(told, subject.consent)
        yes = [each for each in told if each.what == "apply" and each.yes]
        if found["state"] != "revoked" or since is None:
            yield f"withdrawn and still live: it stands as {found['state']}"
        elif any(each.began >= since for each in yes):
            yield "applied for after it was withdrawn"
        if found["applications"] > 1 or found["applications"] != len(yes):
            yield f"not one application: {found['applications']} in the book, {len(yes)} told yes"
        if set(found["reads"]) - {403}:
            yield f"read after it was withdrawn: {found['reads']}"


RULES: tuple[Rule, ...] = (RevokeAgainstSign(), RevokeAgainstSupersede(), RevokeAgainstRead(), RevokeAgainstApply())
