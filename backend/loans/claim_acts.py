"""Who may do what next on a claim: the fund's two hands, and a bank that claims itself. Both doors ask here.

The pool's own table of moves refuses what is not lawful; this says whose turn it is. Pure: no I/O. Written in: domain §6.3-§6.4.
"""

from __future__ import annotations

from datetime import date

from backend.loans.claim_outlook import Outlook
from risk_compensation.live import CLAIM_ENDED, FiledClaim, State, progress

# What each hand does next, by the state of a claim.
_NEXT = {
    ("fund_maker", "claim_submitted"): "review",
    ("fund_checker", "under_review"): "approve",
    ("fund_checker", "approved"): "instruct",
    ("fund_maker", "instructed"): "pay",
    ("fund_checker", "write_off_applied"): "write_off",
}
# What a hand may do besides: before payment fraud may still be found, after it nothing may come back.
_BESIDES: dict[tuple[str, str], tuple[str, ...]] = {
    ("fund_checker", "approved"): ("reject",),
    **{("fund_maker", state): ("propose", "claw_back") for state in ("paid", "recovering", "part_recovered")},
    **{("fund_maker", state): ("claw_back",) for state in ("write_off_applied", "written_off")},
}


def next_of_fund(role: str, claim: FiledClaim, day: date, *, told: bool = False) -> str:
    """What this hand does next: nothing while a rule has put the claim off, or while it waits for money, or (`told`) for the
    confirmation of its receipt."""
    act = _NEXT.get((role, claim.state), "nothing")
    stuck = progress.put_off(claim, day) or progress.waits_for_money(claim)
    return "nothing" if (stuck and act in ("approve", "instruct")) or (told and act == "pay") else act


def besides_of_fund(role: str, claim: FiledClaim, day: date, *, told: bool = False) -> tuple[str, ...]:
    """What it may do besides; nothing more while something of it waits for the fund's other hand (`told`)."""
    if role == "fund_checker" and progress.put_off(claim, day):
        return ("reject",)
    later = _BESIDES.get((role, claim.state), ())
    return () if told or ("reject" in later and claim.paid_fen) else later


def next_of_bank(found: Outlook, last: FiledClaim | None) -> str:
    """What a bank that claims itself does next on a covered loan: wait | claim | supply | recover | nothing."""
    if last is None or last.state in CLAIM_ENDED:
        return "claim" if found.may_file else "wait"
    return next_of_claimant(last)


def next_of_claimant(claim: FiledClaim) -> str:
    """What the claimant does next on a claim that has not ended: supply | recover | nothing."""
    if claim.state == State.SUPPLEMENT:
        return "supply"
    return "recover" if claim.state in progress.COMES_BACK else "nothing"
