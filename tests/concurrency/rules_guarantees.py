"""A guarantor's word and the loan it lets into the pool: decided once, registered once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from backend.kit import clock
from backend.loans import clearance
from tests.concurrency import lending
from tests.concurrency.callers import Call, Told
from tests.concurrency.lending import BANK, GUARANTOR, WAN, Lent
from tests.concurrency.play import Rule
from tests.concurrency.rules_offers import says
from tests.concurrency.stand import DAY, Stand

ABOUT = ("risk_compensation", "backend.loans", "pool_claims", "pool_journal", "pool_registrations", "guarantees")


class GuaranteeDecidedOnce(Rule):
    name = "a guarantee decided once"
    says = "A guarantor's yes and no at once are one decision; headroom is held by a yes and given back by a no."
    about = ABOUT
    heavy = 2
    only = {"grant": {200, 409}, "decline": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        lending.a_pool(stand, 1_000 * WAN)
        return [lending.asked(stand) for _ in range(many)]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        path = f"/api/guarantor/cases/{subject.guarantee}/decision"
        one, two = stand.town[f"{GUARANTOR}/officer"], stand.town[f"{GUARANTOR}/second"]
        grant = Call("grant", "POST", path, {"granted": True, "words": "同意担保"}, who=one)
        decline = Call("decline", "POST", path, {"granted": False, "words": "未能同意"}, who=two)
        return [[grant], [decline], [grant], [decline]]

    def found(self, stand: Stand, subject: Lent) -> Any:
        return {
            "state": stand.one("SELECT state FROM guarantees WHERE id = :g", g=subject.guarantee),
            "letters": stand.one(
                "SELECT count(*) FROM application_documents WHERE application_id = :a AND kind = 'guarantee'",
                a=subject.application,
            ),
            "events": [
                row[0]
                for row in stand.read(
                    "SELECT event FROM application_events WHERE application_id = :a AND event LIKE 'guarantee%'",
                    a=subject.application,
                )
            ],
        }

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        granted = found["state"] == "granted"
        if found["letters"] != granted:
            yield f"not one decision: {found}"
        if set(found["events"]) != {f"guarantee_{found['state']}"} or len(found["events"]) != 1:
            yield f"not told once: {found}"
        if {each.what for each in told if each.yes} != {"grant" if granted else "decline"}:
            yield f"not as it was told: {found['state']}"


class OneRegistration(Rule):
    name = "one registration a loan"
    says = "The guarantor's yes, the bank's contract and the step that asks the pool, at once, register the loan once."
    about = (*ABOUT, "facilities")
    heavy = 2
    only = {"grant": {200}, "ContractSigned": {201, 409}, "register": {200, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Lent]:
        lending.a_pool(stand, 1_000 * WAN)
        return [lending.asked(stand) for _ in range(many)]

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        path = f"/api/guarantor/cases/{subject.guarantee}/decision"
        officer = stand.town[f"{GUARANTOR}/officer"]
        grant = Call("grant", "POST", path, {"granted": True, "words": "同意担保"}, who=officer)
        signed = says(stand, BANK, "ContractSigned", subject.application, f"c-{subject.number}", **lending.contract(subject, DAY))
        register = Call("register", "-", "-", deed=lambda: self._register(stand, subject.application))
        return [[grant], [signed, register], [grant, register], [signed]]

    @staticmethod
    def _register(stand: Stand, application: str) -> None:
        """What the step does that asks the pool after the contract."""
        assert stand.database.sealer is not None
        with stand.database.writing() as session:
            clearance.clear_to_draw(session, application, sealer=stand.database.sealer, at=clock.business_now(session))

    def found(self, stand: Stand, subject: Lent) -> Any:
        mine = subject.application
        self._register(stand, mine)
        return {
            "facilities": stand.one("SELECT count(*) FROM facilities WHERE application_id = :a", a=mine),
            "registrations": stand.one(
                "SELECT count(*) FROM pool_registrations r JOIN facilities f ON f.id = r.reference WHERE f.application_id = :a",
                a=mine,
            ),
            "certificates": stand.one(
                "SELECT count(*) FROM application_documents WHERE application_id = :a AND kind = 'pool_registration'", a=mine
            ),
            "state": stand.one("SELECT state FROM applications WHERE id = :a", a=mine),
            "refusals": [
                row[0] for row in stand.read("SELECT pool_refusal FROM facilities WHERE application_id = :a", a=mine) if row[0]
            ],
        }

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if found != {"facilities": 1, "registrations": 1, "certificates": 1, "state": "contracted", "refusals": []}:
            yield f"not once: {found}"
        if not {"grant", "ContractSigned"} <= {each.what for each in told if each.yes}:
            yield "not both: somebody was told no"


RULES: tuple[Rule, ...] = (GuaranteeDecidedOnce(), OneRegistration())
