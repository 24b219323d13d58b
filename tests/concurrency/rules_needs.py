"""Applying once: one open need a firm, one need a key, a double tap is one application."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.play import Rule
from tests.concurrency.stand import Stand

PRODUCTS = ("plain_lantern", "plain_willow", "plain_cedar")
ABOUT = ("backend.applications", "needs", "applications")


def need(amount_fen: int, *products: str) -> dict[str, Any]:
    choices = [{"product": each, "way": "interest_first"} for each in products]
    return {"amount_fen": amount_fen, "months": 12, "purpose": "stock", "choices": choices}


def on_the_page(who: Login, wan: int, product: str) -> Call:
    """The same on the page, amounts in 万元."""
    form = {
        "amount": str(wan), "months": "12", "purpose": "stock", "products": [product], f"way_{product}": "interest_first",
        "told": "yes",
    }  # fmt: skip
    return Call("apply on the page", "POST", "/apply", form=form, who=who, about=wan * 1_000_000)


def in_the_book(stand: Stand, firm: str) -> dict[str, Any]:
    needs = stand.read("SELECT id, amount_fen FROM needs WHERE firm_id = :f", f=firm)
    applications = stand.one("SELECT count(*) FROM applications WHERE firm_id = :f", f=firm)
    steps = stand.one(
        "SELECT count(*) FROM steps s JOIN applications a ON a.id = s.key WHERE s.kind = 'lender.submit' AND a.firm_id = :f",
        f=firm,
    )
    return {"needs": [tuple(row) for row in needs], "applications": applications, "steps": steps}


class OneOpenNeed(Rule):
    name = "one open need a firm"
    says = "A firm has one open need, however many are submitted at once by program and on the page."
    about = ABOUT
    only = {"apply": {201, 409}, "apply on the page": {303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Login]:
        return stand.town.firms(many)

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        made = []
        for n in range(6):
            wan, product = 10 + n, PRODUCTS[0] if n < 4 else chance.choice(PRODUCTS)
            if n % 3 == 2:
                made.append([on_the_page(subject, wan, product)])
            else:
                body = need(wan * 1_000_000, product)
                made.append([Call("apply", "POST", "/api/me/needs", body, who=subject, about=wan * 1_000_000)])
        return made

    def found(self, stand: Stand, subject: Login) -> Any:
        return in_the_book(stand, subject.firm)

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        yes = sorted(each.about for each in told if each.yes)
        if len(found["needs"]) != 1 or found["applications"] != 1 or found["steps"] != 1:
            yield f"not one need: {len(found['needs'])} needs, {found['applications']} applications, {found['steps']} steps"
        if yes != sorted(amount for _, amount in found["needs"]):
            yield f"not as it was told: yes to {yes}, in the book {found['needs']}"


class DoubleTap(Rule):
    name = "a double tap is one application"
    says = "The same form sent several times at once is one application, and nobody is shown an error of ours."
    about = ABOUT
    only = {"apply on the page": {303, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Login]:
        return stand.town.firms(many)

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        return [[on_the_page(subject, 30, PRODUCTS[0])] for _ in range(4)]

    def found(self, stand: Stand, subject: Login) -> Any:
        return in_the_book(stand, subject.firm)

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found["needs"]) != 1 or found["applications"] != 1 or found["steps"] != 1:
            yield f"not one application: {len(found['needs'])} needs, {found['applications']} applications"
        if not any(each.yes for each in told):
            yield "nobody was told yes: and it stands in the book"


class SameKeyInFlight(Rule):
    name = "same key in flight"
    says = "The same idempotency key at once: the same answer or 409, never two; with another body it is refused."
    about = ABOUT
    only = {"apply": {201, 409, 422}, "apply otherwise": {201, 409, 422}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Login]:
        return stand.town.firms(many)

    def calls(self, stand: Stand, subject: Login, chance: Random) -> list[list[Call]]:
        key = {"idempotency-key": f"key-{subject.login}"}
        same = Call("apply", "POST", "/api/me/needs", need(30_000_000, *PRODUCTS[:2]), who=subject, headers=key, about=30_000_000)
        other = Call(
            "apply otherwise", "POST", "/api/me/needs", need(20_000_000, PRODUCTS[0]), who=subject, headers=key, about=20_000_000
        )
        return [[same], [same], [same], [same], [same], [other] if chance.random() < 0.3 else [same]]

    def found(self, stand: Stand, subject: Login) -> Any:
        return in_the_book(stand, subject.firm)

    def broken(self, subject: Login, told: Sequence[Told], found: Any) -> Iterator[str]:
        ids = {each.body["id"] for each in told if each.yes}
        amounts = {each.about for each in told if each.yes}
        if len(found["needs"]) != 1 or ids != {name for name, _ in found["needs"]}:
            yield f"not one need: {found['needs']}, told {sorted(ids)}"
        kept = {amount for _, amount in found["needs"]}
        if any(each.status == 422 and each.about in kept for each in told):
            yield "the same was refused: a key that came with this very need"
        if amounts != kept:
            yield f"not as it was told: yes to {sorted(amounts)}, in the book {found['needs']}"


RULES: tuple[Rule, ...] = (OneOpenNeed(), DoubleTap(), SameKeyInFlight())
