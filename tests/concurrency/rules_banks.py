"""A bank's word: each report has its effect once, a decision is made once, and its doors cross the firm's without a deadlock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from tests.concurrency.callers import Call, Told
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.rules_offers import Offered, accept, offered, says, timeline, withdraw
from tests.concurrency.stand import DAY, Stand

ABOUT = ("backend.applications", "backend.steps", "inbox_messages", "taken_messages", "offers")
BANK = next(iter(BANKS))


def terms(number: str, amount_fen: int = 20_000_000) -> dict[str, Any]:
    until = (DAY + timedelta(days=15)).isoformat()
    return {
        "offer_no": number, "amount_fen": amount_fen, "rate_bp": 480, "months": 12, "way": "interest_first",
        "day_count": "act/360", "fees": [], "valid_until": until, "conditions": [],
    }  # fmt: skip


class MessageOnce(Rule):
    name = "a bank's message once"
    says = "The same report under the same number has its effect once; the number with other words is refused."
    about = ABOUT
    only = {"Decided": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1, state="submitted", offers=False)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        mine = subject.applications[0]
        same = says(stand, BANK, "Decided", mine, f"same-{mine}", approved=True, words="同意", offer=terms("1"))
        other = says(stand, BANK, "Decided", mine, f"same-{mine}", approved=True, words="同意一半", offer=terms("1", 10_000_000))
        return [[same], [same], [same], [other], [other]]

    def found(self, stand: Stand, subject: Offered) -> Any:
        mine = subject.applications[0]
        kept = stand.one("SELECT count(*) FROM inbox_messages WHERE message_id = :m", m=f"report.same-{mine}")
        taken = stand.one("SELECT count(*) FROM taken_messages WHERE message_id = :m", m=f"same-{mine}")
        amounts = [row[0] for row in stand.read("SELECT amount_fen FROM offers WHERE application_id = :a", a=mine)]
        return timeline(stand, [mine])[mine] | {"kept": kept, "taken": taken, "amounts": amounts}

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        once = (found["kept"], found["taken"], len(found["amounts"]), found["events"].count("bank_approved"))
        if once != (1, 1, 1, 1):
            yield f"not once: kept, taken, offers, events {once}"
        first = [each for each in told if each.yes and each.body["taken"]]
        if len(first) != 1:
            yield f"not once: {len(first)} were told that theirs was taken"
        amounts = {each.call.body["offer"]["amount_fen"] for each in told if each.yes}
        if amounts - set(found["amounts"]):
            yield f"not as it was told: yes to {sorted(amounts)}, in the book {found['amounts']}"


class DecidedOnce(Rule):
    name = "the desk decides once"
    says = "Two officers who approve and decline at once have decided once; the firm sees one decision."
    about = ABOUT
    only = {"approve": {200, 409}, "decline": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 1, state="submitted", offers=False)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        path = f"/api/desk/applications/{subject.applications[0]}/decide"
        yes = {"approved": True, "words": "同意", "amount_fen": 20_000_000, "rate_bp": 480}
        no = {"approved": False, "words": "未能批准", "reasons": ["流水不连续"]}
        one, two = stand.town[f"{BANK}/officer"], stand.town[f"{BANK}/second"]
        approve, decline = Call("approve", "POST", path, yes, who=one), Call("decline", "POST", path, no, who=two)
        return [[approve], [decline], [approve], [decline]]

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)[subject.applications[0]]

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = [each.what for each in told if each.yes]
        decisions = [each for each in found["events"] if each in ("bank_approved", "bank_declined")]
        approved = found["state"] == "approved"
        if len(decisions) != 1 or len(found["offers"]) != approved:
            yield f"not one decision: {decisions}, {len(found['offers'])} offers, {found['state']}"
        if set(yes) != {"approve" if approved else "decline"} or len(yes) != 1:
            yield f"not as it was told: yes to {yes}, it stands as {found['state']}"


class NoDeadlock(Rule):
    name = "opposite orders, no deadlock"
    says = "Accepting, withdrawing and two banks' words about the same need, in opposite orders, never lock each other up."
    about = ("backend.applications", "backend.steps", "backend.audit", "backend.kit", "applications")
    only = {
        "accept": {200, 409}, "withdraw": {200, 409}, "Closed": {201, 409}, "DocumentsAsked": {201, 409}, "visit": {200, 409}
    }  # fmt: skip

    def subjects(self, stand: Stand, many: int) -> Sequence[Offered]:
        return offered(stand, many, 3)

    def calls(self, stand: Stand, subject: Offered, chance: Random) -> list[list[Call]]:
        one, two, three = subject.applications
        banks = list(BANKS)
        visit = Call(
            "visit", "POST", f"/api/desk/applications/{two}/visit", {"words": "机器在转"}, who=stand.town[f"{banks[1]}/officer"]
        )
        close = says(stand, banks[2], "Closed", three, f"close-{three}", state="expired", words="已失效")
        made = [
            [accept(subject.owner, subject.offers[0]), withdraw(subject.owner, three)],
            [accept(subject.owner, subject.offers[2]), withdraw(subject.owner, one)],
            [withdraw(subject.owner, two), accept(subject.owner, subject.offers[1])],
            [visit, visit],
            [close],
            [withdraw(subject.owner, three), withdraw(subject.owner, two), withdraw(subject.owner, one)],
        ]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Offered) -> Any:
        return timeline(stand, subject.applications)

    def broken(self, subject: Offered, told: Sequence[Told], found: Any) -> Iterator[str]:
        accepted = [name for each in found.values() for name, state in each["offers"].items() if state == "accepted"]
        yes = [each.about for each in told if each.what == "accept" and each.yes]
        if len(accepted) > 1 or set(yes) != set(accepted):
            yield f"not one accepted offer: {len(accepted)}, yes to {len(set(yes))}"
        for name, each in found.items():
            if each["events"].count("firm_withdrew") > 1 or each["events"].count("firm_accepted") > 1:
                yield f"twice in one timeline: {name} {each['events']}"


RULES: tuple[Rule, ...] = (MessageOnce(), DecidedOnce(), NoDeadlock())
