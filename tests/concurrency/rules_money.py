"""A bank's numbers: one names one contract, or one payment, and what is paid at once comes off a loan one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.concurrency import lending
from tests.concurrency.callers import Call, Login, Told
from tests.concurrency.lending import LOSS, WAN, Lent
from tests.concurrency.people import BANKS
from tests.concurrency.play import Rule
from tests.concurrency.rules_offers import says
from tests.concurrency.stand import DAY, Stand

BANK, PLAIN = next(iter(BANKS.items()))


@dataclass(frozen=True)
class Two:
    """Two firms whose matters have nothing in common but the bank, and a number that the bank gave to both."""

    owners: tuple[Login, ...]
    applications: tuple[str, ...]
    number: int


class ContractNumberOnce(Rule):
    name = "one contract number at a bank"
    says = "A contract number that a bank tells for two firms at once is one facility; nothing is left of what was refused."
    about = ("backend.loans.bank_reports", "facilities", "uq_facilities_bank_contract_no")
    only = {"ContractSigned": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Sequence[Two]:
        found = []
        with stand.database.writing() as session:
            for _ in range(many):
                owners = tuple(stand.town.firm(session) for _ in range(2))
                made = [stand.town.need(session, each, [(BANK, PLAIN)], state="accepted", amount_fen=LOSS)[1] for each in owners]
                found.append(Two(owners, tuple(each[0].id for each in made), stand.town.number()))
        return found

    def calls(self, stand: Stand, subject: Two, chance: Random) -> list[list[Call]]:
        terms = lending.contract(Lent(subject.owners[0], "", number=subject.number), DAY)
        made = [
            [says(stand, BANK, "ContractSigned", each, f"c-{each}-{n}", **terms)] for each in subject.applications for n in (0, 1)
        ]
        chance.shuffle(made)
        return made

    def found(self, stand: Stand, subject: Two) -> Any:
        rows = stand.read("SELECT application_id FROM facilities WHERE contract_no = :n", n=f"HT-{subject.number}")
        states = {each: stand.one("SELECT state FROM applications WHERE id = :a", a=each) for each in subject.applications}
        kept = {
            each: stand.one("SELECT count(*) FROM inbox_messages WHERE reference = :a", a=each) for each in subject.applications
        }
        return {"facilities": [row[0] for row in rows], "states": states, "kept": kept}

    def broken(self, subject: Two, told: Sequence[Told], found: Any) -> Iterator[str]:
        if len(found["facilities"]) != 1:
            yield f"not one facility: {len(found['facilities'])}"
        if {each.about for each in told if each.yes} != set(found["facilities"]):
            yield f"not as it was told: {found}"
        for name, state in found["states"].items():
            ours = name in found["facilities"]
            if (state == "contracted") != ours or (found["kept"][name] > 0) != ours:
                yield f"half done: {name} stands as {state}, {found['kept'][name]} messages kept"


def repaid(stand: Stand, lent: Lent, message: str, payment: str, principal: int) -> Call:
    """The bank tells a payment on a draw."""
    parts = {"expenses_fen": 0, "penalty_fen": 0, "interest_fen": 0, "principal_fen": principal}
    more = {"draw_no": f"JJ-{lent.number}", "payment_no": payment, "paid_on": DAY.isoformat(), "amount_fen": principal}
    return says(stand, BANK, "Repaid", lent.application, message, **more, **parts, source="borrower")


def account(stand: Stand, draw: str) -> dict[str, Any]:
    """What is still owed on a draw, beside its payments."""
    rows = stand.read(
        "SELECT seq, amount_fen, our_expenses_fen + our_penalty_fen + our_interest_fen + our_principal_fen + unapplied_fen,"
        " our_principal_fen FROM payments WHERE draw_id = :d ORDER BY seq",
        d=draw,
    )
    left = stand.one("SELECT outstanding_fen FROM draws WHERE id = :d", d=draw)
    return {
        "left": int(left), "seqs": [row[0] for row in rows], "paid": [int(row[1]) for row in rows],
        "split": [int(row[2]) for row in rows], "principal": sum(int(row[3]) for row in rows),
    }  # fmt: skip


def lost(each: dict[str, Any]) -> Iterator[str]:
    """What in an account does not follow from its payments, one after the other."""
    if each["seqs"] != list(range(1, len(each["seqs"]) + 1)):
        yield f"not one after the other: {each['seqs']}"
    if each["split"] != each["paid"]:
        yield f"not split whole: {each}"
    if each["left"] != LOSS - each["principal"]:
        yield f"a payment is lost: {LOSS - each['left']} fen came off, {each['principal']} were paid"


class PaymentNumberOnce(Rule):
    name = "one payment number at a bank"
    says = "A payment number told for the draws of several firms at once is booked on one; for each other it is refused or noted."
    about = ("backend.loans.bank_reports", "payments", "pk_payments")
    heavy = 2
    only = {"Repaid": {201, 409}}

    def subjects(self, stand: Stand, many: int) -> Iterator[tuple[Lent, ...]]:
        for _ in range(many):
            yield tuple(lending.drawn(stand, bank=BANK, product=PLAIN, scheme=None) for _ in range(4))

    @staticmethod
    def _numbers(subject: tuple[Lent, ...]) -> list[str]:
        return [f"HK-{subject[0].number}-{n}" for n in range(3)]

    def calls(self, stand: Stand, subject: tuple[Lent, ...], chance: Random) -> list[list[Call]]:
        return [[repaid(stand, lent, f"{no}-{lent.number}", no, WAN) for no in self._numbers(subject)] for lent in subject]

    def found(self, stand: Stand, subject: tuple[Lent, ...]) -> Any:
        asked = {
            "booked": "SELECT draw_id FROM payments WHERE payment_no = :n",
            "noted": "SELECT draw_id FROM discrepancies WHERE kind = 'retold' AND payment_no = :n",
        }
        numbers = {
            no: {what: [row[0] for row in stand.read(said, n=no)] for what, said in asked.items()}
            for no in self._numbers(subject)
        }
        return {"numbers": numbers, "accounts": [account(stand, each.draw) for each in subject]}

    def broken(self, subject: tuple[Lent, ...], told: Sequence[Told], found: Any) -> Iterator[str]:
        draws = {each.application: each.draw for each in subject}
        for no, each in found["numbers"].items():
            if len(each["booked"]) != 1:
                yield f"not booked once: {len(each['booked'])} times"
            yes = {draws[one.about] for one in told if one.yes and one.call.body["payment_no"] == no}
            if not set(each["booked"]) <= yes:
                yield "booked and nobody was told so"
            if yes - {*each["booked"], *each["noted"]}:
                yield "told yes and neither booked nor noted as told before, differently"
        for each in found["accounts"]:
            yield from lost(each)


class PaymentsInTurn(Rule):
    name = "payments one after another"
    says = "Payments with different numbers on one draw at once are all booked, each on what the one before has left."
    about = ("backend.applications.reports", "backend.loans.bank_reports", "payments", "draws")
    heavy = 2
    only = {"Repaid": {201}}

    def subjects(self, stand: Stand, many: int) -> Iterator[Lent]:
        for _ in range(many):
            lent = lending.drawn(stand, bank=BANK, product=PLAIN, scheme=None)
            # The first payment on a loan that is late notes how late, and that row would hold those that come at once with it.
            assert stand.ask(repaid(stand, lent, f"m-first-{lent.number}", f"HK-{lent.number}-first", WAN)).yes
            yield lent

    def calls(self, stand: Stand, subject: Lent, chance: Random) -> list[list[Call]]:
        name = f"HK-{subject.number}"
        return [[repaid(stand, subject, f"m-{name}-{n}", f"{name}-{n}", n * WAN)] for n in (1, 2, 3)]

    def found(self, stand: Stand, subject: Lent) -> Any:
        return account(stand, subject.draw)

    def broken(self, subject: Lent, told: Sequence[Told], found: Any) -> Iterator[str]:
        if sorted(found["paid"]) != [WAN, WAN, 2 * WAN, 3 * WAN]:
            yield f"not once each: {found['paid']}"
        yield from lost(found)


RULES: tuple[Rule, ...] = (ContractNumberOnce(), PaymentNumberOnce(), PaymentsInTurn())
