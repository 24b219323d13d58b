"""After the offer: one is accepted, a withdrawal is one, and accepting races with withdrawing and with the bank's word."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.stand import DAY, Stand

ABOUT = ("backend.applications", "backend.loans.clearance", "offers", "applications")


@dataclass(frozen=True)
class Offered:
    """A need with an application at each bank, and its offer if there is one."""

    owner: Login
    applications: tuple[str, ...]
    offers: tuple[str, ...] = ()


def offered(stand: Stand, many: int, banks: int, *, state: str = "approved", offers: bool = True) -> list[Offered]:
    chosen, found = list(BANKS.items())[:banks], []
    with stand.database.writing() as session:
        for _ in range(many):
            owner = stand.town.firm(session)
            _, made = stand.town.need(session, owner, chosen, state=state)
            given = tuple(stand.town.offer(session, each).id for each in made) if offers else ()
            found.append(Offered(owner, tuple(each.id for each in made), given))
    return found


def accept(owner: Login, offer: str, *, form: bool = False) -> Call:
    if form:
        return Call("accept", "POST", f"/offers/{offer}/accept", form={"sure": "yes"}, who=owner, about=offer)
    return Call("accept", "POST", f"/api/me/offers/{offer}/accept", who=owner, about=offer)


def withdraw(owner: Login, application: str, *, form: bool = False) -> Call:
    if form:
        return Call("withdraw", "POST", f"/applications/{application}/withdraw", form={}, who=owner, about=application)
    return Call("withdraw", "POST", f"/api/me/applications/{application}/withdraw", who=owner, about=application)


def says(stand: Stand, bank: str, kind: str, reference: str, message_id: str, **more: Any) -> Call:
    """The bank's own system reports."""
    body = {"kind": kind, "message_id": message_id, "reference": reference, "on": DAY.isoformat()} | more
    return Call(kind, "POST", "/api/bank/messages", body, who=stand.town[f"{bank}/system"], about=reference)


def timeline(stand: Stand, applications: Sequence[str]) -> dict[str, Any]:
    """State, events and offers of each application."""
    found = {}
    for each in applications:
        events = stand.read("SELECT event FROM application_events WHERE application_id = :a ORDER BY id", a=each)
        offers = stand.read("SELECT id, state FROM offers WHERE application_id = :a", a=each)
        found[each] = {
            "state": stand.one("SELECT state FROM applications WHERE id = :a", a=each),
            "events": [row[0] for row in events],
            "offers": {row[0]: row[1] for row in offers},
            "accepts": stand.one(
                "SELECT count(*) FROM steps s JOIN offers o ON o.id = s.key"
                " WHERE s.kind = 'lender.accept' AND o.application_id = :a",
                a=each,
            ),
        }
    return found


class OneAcceptedOffer(Rule):
    name = "one accepted offer a need"
    says = "Of several offers accepted at once one is accepted; the other applications are left."
    about = ABOUT
    only = {"accept": {200, 303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 3)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        calls = [[accept(subject.owner, each)] for each in subject.offers for _ in range(2)]
        chance.shuffle(calls)
        return calls

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        accepted = {name for each in found.values() for name, state in each["offers"].items() if state == "accepted"}
        yes = {each.about for each in told if each.yes}
        if len(accepted) != 1:
            yield f"not one accepted offer: {len(accepted)}"
        if yes != accepted:
            yield f"not as it was told: yes to {len(yes)} offers, accepted {len(accepted)}"
        for name, each in found.items():
            taken = any(state == "accepted" for state in each["offers"].values())
            if (
                taken != (each["state"] == "accepted")
                or each["events"].count("firm_accepted") != taken
                or each["accepts"] != taken
            ):
                yield f"half done: {name} stands as {each}"
            if not taken and (each["state"] not in ("withdrawing", "withdrawn") or each["events"].count("firm_withdrew") != 1):
                yield f"not left once: {name} stands as {each}"


class SameOfferTwice(Rule):
    name = "the same offer accepted once"
    says = "One offer accepted several times at once, by program and on the page, is accepted once."
    about = ABOUT
    only = {"accept": {200, 303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        return [[accept(subject.owner, subject.offers[0], form=n == 3)] for n in range(5)]

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)[subject.applications[0]]

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["state"] != "accepted" or found["events"].count("firm_accepted") != 1 or found["accepts"] != 1:
            yield f"not accepted once: {found}"
        if not any(each.yes for each in told):
            yield "nobody was told yes: and it is accepted"


class WithdrawnOnce(Rule):
    name = "withdrawn once"
    says = "However often a firm withdraws at once, its timeline says so once."
    about = ABOUT
    only = {"withdraw": {200, 303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1, state="submitted", offers=False)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        return [[withdraw(subject.owner, subject.applications[0], form=n == 4)] for n in range(5)]

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)[subject.applications[0]]

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found["events"].count("firm_withdrew") != 1 or found["state"] != "withdrawing":
            yield f"not withdrawn once: {found['events'].count('firm_withdrew')} times, {found['state']}"
        if not any(each.yes for each in told):
            yield "nobody was told yes: and it is withdrawn"


class AcceptAgainstWithdraw(Rule):
    name = "accept against withdraw"
    says = "A withdrawal that was answered stands, and an acceptance only where it came before."
    about = ABOUT
    only = {"accept": {200, 409}, "withdraw": {200, 303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        mine = subject.applications[0]
        return [[accept(subject.owner, subject.offers[0])]] * 2 + [
            [withdraw(subject.owner, mine)],
            [withdraw(subject.owner, mine, form=True)],
        ]

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)[subject.applications[0]]

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        accepted = any(each.yes for each in told if each.what == "accept")
        withdrew = any(each.yes for each in told if each.what == "withdraw")
        events = [each for each in found["events"] if each in ("firm_accepted", "firm_withdrew")]
        if not withdrew or found["state"] != "withdrawing":
            yield f"not withdrawn: it stands as {found['state']}"
        if events != (["firm_accepted"] if accepted else []) + ["firm_withdrew"]:
            yield f"no order in which this can have happened: {events}, accept told yes: {accepted}"
        if found["accepts"] != accepted:
            yield f"not as it was told: {found['accepts']} acceptances on their way to the bank"


class AcceptAgainstClose(Rule):
    name = "accept against the bank's close"
    says = "What the bank closed is closed; an offer is accepted only before that."
    about = ABOUT
    only = {"accept": {200, 409}, "Closed": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        mine, bank = subject.applications[0], next(iter(BANKS))
        close = says(stand, bank, "Closed", mine, f"close-{mine}", state="expired", words="已失效")
        return [[accept(subject.owner, subject.offers[0])]] * 3 + [[close], [close]]

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)[subject.applications[0]]

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        accepted = any(each.yes for each in told if each.what == "accept")
        closed = [each.ended for each in told if each.what == "Closed" and each.yes]
        events = [each for each in found["events"] if each in ("firm_accepted", "bank_expired")]
        if not closed or found["state"] != "expired":
            yield f"not closed: it stands as {found['state']}"
        elif (
            any(each.yes and each.began >= min(closed) for each in told if each.what == "accept")
            and "firm_accepted" not in events
        ):
            yield "accepted after it was closed"
        if events != (["firm_accepted"] if accepted else []) + ["bank_expired"]:
            yield f"no order in which this can have happened: {events}, accept told yes: {accepted}"


class DocumentsOnce(Rule):
    name = "documents answered once"
    says = "What a bank asked for is handed in once, and nothing of a refused try is left."
    about = ABOUT
    only = {"answer": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1, state="documents_asked", offers=False)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        path = f"/api/me/applications/{subject.applications[0]}/documents"
        file = {"kind": "bank_statement", "name": "流水.pdf", "body_base64": base64.b64encode(b"%PDF-1.7").decode()}
        return [[Call("answer", "POST", path, {"files": [file]}, who=subject.owner)] for _ in range(5)]

    def found(self, stand: Stand, subject: Offered) -> Any:
        mine = subject.applications[0]
        papers = stand.one("SELECT count(*) FROM application_documents WHERE application_id = :a", a=mine)
        return timeline(stand, [mine])[mine] | {"papers": papers}

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = sum(each.yes for each in told)
        if (yes, found["papers"], found["events"].count("firm_answered")) != (1, 1, 1):
            yield f"not once: {yes} told yes, {found['papers']} papers, {found['events']}"


RULES: tuple[Rule, ...] = (
    OneAcceptedOffer(),
    SameOfferTwice(),
    WithdrawnOnce(),
    AcceptAgainstWithdraw(),
    AcceptAgainstClose(),
    DocumentsOnce(),
)
