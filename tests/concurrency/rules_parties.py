"""Who may enter: one firm a credit code, one login, guesses counted, parties and their systems admitted once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.concurrency.callers import NOBODY, Call, Login, Told
from tests.concurrency.people import LEGAL_REP, PASSWORD
from tests.concurrency.play import Rule
from tests.concurrency.stand import Stand

FORM = replace(NOBODY, csrf="a-token-of-a-form-that-nobody-signed-in-for")


def sign_up(what: str, uscc: str, login: str, *, form: bool, about: Any = None) -> Call:
    """A firm signs up, by program or on the page."""
    said = {"uscc": uscc, "name": "临江精工", "legal_rep": LEGAL_REP, "person": LEGAL_REP, "login": login, "password": PASSWORD}
    if form:
        return Call(what, "POST", "/sign-up", form=said | {"region": "330200", "industry": "C"}, who=FORM, about=about)
    return Call(what, "POST", "/api/firms", said | {"region": "330299", "industry": "C34"}, about=about)


@dataclass(frozen=True)
class Code:
    uscc: str
    logins: tuple[str, ...]


class OneFirmPerCode(Rule):
    name = "one firm per credit code"
    says = "A credit code is one firm; who was refused has left no login behind."
    about = ("backend.parties", "firms", "parties")

    def subjects(self, stand: Stand, many: int) -> Sequence[Code]:
        made = []
        for _ in range(many):
            number = stand.town.number()
            made.append(Code(stand.town.fresh_code(), tuple(f"same-code-{number}-{n}" for n in range(6))))
        return made

    def calls(self, stand: Stand, subject: Code, chance: Random) -> list[list[Call]]:
        return [[sign_up("sign up", subject.uscc, login, form=n % 3 == 2, about=login)] for n, login in enumerate(subject.logins)]

    def found(self, stand: Stand, subject: Code) -> Any:
        firms = stand.one("SELECT count(*) FROM firms WHERE uscc = :code", code=subject.uscc)
        parties = stand.one("SELECT count(*) FROM parties WHERE code = :code", code=subject.uscc)
        users = [row[0] for row in stand.read("SELECT login FROM users WHERE login LIKE :l", l=subject.logins[0][:-1] + "%")]
        return {"firms": firms, "parties": parties, "users": users}

    def broken(self, subject: Code, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = {each.about for each in told if each.yes}
        if (found["firms"], found["parties"]) != (1, 1):
            yield f"not one firm: {found['firms']} firms, {found['parties']} parties"
        if len(yes) != 1:
            yield f"not one yes: {sorted(yes)} were told yes"
        if set(found["users"]) != yes:
            yield f"not who was told yes: logins {found['users']}"


@dataclass(frozen=True)
class Wanted:
    login: str
    codes: tuple[str, ...]


class OneLogin(Rule):
    name = "one login"
    says = "A login belongs to one person; who was refused has left no firm behind."
    about = ("backend.parties", "users")

    def subjects(self, stand: Stand, many: int) -> Sequence[Wanted]:
        return [Wanted(f"wanted-{stand.town.number()}", tuple(stand.town.fresh_code() for _ in range(5))) for _ in range(many)]

    def calls(self, stand: Stand, subject: Wanted, chance: Random) -> list[list[Call]]:
        return [[sign_up("sign up", code, subject.login, form=n == 4, about=code)] for n, code in enumerate(subject.codes)]

    def found(self, stand: Stand, subject: Wanted) -> Any:
        users = stand.one("SELECT count(*) FROM users WHERE login = :login", login=subject.login)
        firms = [code for code in subject.codes if stand.one("SELECT count(*) FROM firms WHERE uscc = :c", c=code)]
        return {"users": users, "firms": firms}

    def broken(self, subject: Wanted, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = {each.about for each in told if each.yes}
        if found["users"] != 1 or len(yes) != 1:
            yield f"not one login: {found['users']} users, {len(yes)} were told yes"
        if set(found["firms"]) != yes:
            yield f"what was refused left something: firms {found['firms']}"


class StaffPairs(Rule):
    name = "staff let in once"
    says = "The same login let in twice at once is one person."
    about = ("backend.parties", "users")
    only = {"let in": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[tuple[Login, str]]:
        return [(owner, f"staff-{stand.town.number()}") for owner in stand.town.firms(many)]

    def calls(self, stand: Stand, subject: tuple[Login, str], chance: Random) -> list[list[Call]]:
        owner, login = subject
        body = {"login": login, "password": PASSWORD, "name": "陈一"}
        return [[Call("let in", "POST", "/api/me/staff", body, who=owner)] for _ in range(4)]

    def found(self, stand: Stand, subject: tuple[Login, str]) -> Any:
        return stand.one("SELECT count(*) FROM users WHERE login = :login", login=subject[1])

    def broken(self, subject: Any, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != 1 or sum(each.yes for each in told) != 1:
            yield f"not one person: {found} users, {sum(each.yes for each in told)} were told yes"


GUESSES = 24


def address(who: Login) -> dict[str, str]:
    """Each person comes from an address of its own, as a proxy in front of the servers would say."""
    number = int(who.login.rsplit("-", 1)[1])
    return {"x-forwarded-for": f"198.18.{number // 250}.{number % 250 + 1}"}


class GuessesCounted(Rule):
    name = "wrong passwords counted"
    says = "Twenty-four wrong passwords at once count as so many: at most five are looked at, and then the right one waits too."
    about = ("backend.parties", "sign_in_attempts")
    only = {"guess": {401, 429}, "afterwards": {429}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Login]:
        return stand.town.firms(many)

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        def guess(no: int) -> Call:
            said = {"login": subject.login, "password": f"a wrong guess {no}"}
            return Call("guess", "POST", "/api/session", said, headers=address(subject))

        return [[guess(no)] for no in range(GUESSES)]

    def found(self, stand: Stand, subject: Login) -> Any:
        said = {"login": subject.login, "password": PASSWORD}
        return stand.ask(Call("afterwards", "POST", "/api/session", said, headers=address(subject))).status

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        looked_at = sum(each.status == 401 for each in told)
        if not 1 <= looked_at <= 5:
            yield f"not counted: {looked_at} guesses of {len(told)} were looked at"
        if found != 429:
            yield f"not paused: the right password was then answered {found}"


class PartyAdmittedOnce(Rule):
    name = "party admitted once"
    says = "A code belongs to one party of one kind, whoever adds it at once."
    about = ("backend.parties", "parties")

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        return [f"party_{stand.town.number()}" for _ in range(many)]

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        made = []
        for n in range(4):
            kind = ("bank", "fund")[n % 2]
            role = {"bank": "bank_officer", "fund": "fund_maker"}[kind]
            person = {"login": f"{subject}-{n}", "password": PASSWORD, "role": role, "name": "陈一"}
            body = {"kind": kind, "code": subject, "name": f"机构{n}", "people": [person]}
            who = stand.town[f"operator/{('first', 'second')[n // 2]}"]
            made.append([Call("add", "POST", "/api/operator/parties", body, who=who, about=(kind, f"{subject}-{n}"))])
        return made

    def found(self, stand: Stand, subject: str) -> Any:
        kinds = [row[0] for row in stand.read("SELECT kind FROM parties WHERE code = :code", code=subject)]
        rows = stand.read(
            "SELECT u.login, u.role, p.kind FROM users u JOIN parties p ON p.id = u.party_id WHERE p.code = :code", code=subject
        )
        return {"kinds": kinds, "people": sorted(tuple(row) for row in rows)}

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.about for each in told if each.yes]
        if len(found["kinds"]) != 1:
            yield f"not one party: {found['kinds']}"
        if any(kind not in found["kinds"] for kind, _ in yes):
            yield f"told yes for another kind: {yes} but it is {found['kinds']}"
        if {login for login, *_ in found["people"]} != {login for _, login in yes}:
            yield f"not those who were told yes: {found['people']}"


class SecretRenewed(Rule):
    name = "one secret a bank's system"
    says = "However many renew it at once, one secret opens, and it is one that somebody was shown."
    about = ("backend.parties", "api_clients")

    def subjects(self, stand: Stand, many: int) -> Sequence[str]:
        codes = [f"renewing_{stand.town.number()}" for _ in range(many)]
        for code in codes:
            body = {"kind": "bank", "code": code, "name": "换钥银行"}
            stand.do("POST", "/api/operator/parties", stand.town["operator/first"], body)
        return codes

    def calls(self, stand: Stand, subject: str, chance: Random) -> list[list[Call]]:
        path = f"/api/operator/banks/{subject}/secret"
        return [[Call("renew", "POST", path, who=stand.town[f"operator/{('first', 'second')[n % 2]}"])] for n in range(4)]

    def found(self, stand: Stand, subject: str) -> Any:
        return stand.read("SELECT secret_digest, active FROM api_clients WHERE id = :code", code=subject)

    def broken(self, subject: str, told: Sequence[Told], found: Any) -> Iterator[str]:
        shown = {hashlib.sha256(each.body["secret"].encode()).hexdigest() for each in told if each.yes}
        if len(found) != 1 or found[0][0] not in shown or not found[0][1]:
            yield f"not one secret: {len(found)} rows, {len(shown)} shown, none of which opens"


RULES: tuple[Rule, ...] = (
    OneFirmPerCode(),
    OneLogin(),
    StaffPairs(),
    GuessesCounted(),
    PartyAdmittedOnce(),
    SecretRenewed(),
)
