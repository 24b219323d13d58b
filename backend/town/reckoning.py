"""At the end of the play: the road in numbers, and our book beside the banks' own, draw by draw and kind by kind.

The banks' books are read at `/_sandbox/book`, not through the adapters: what was lost on the way shows here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from backend.town.authorities import POOLS
from backend.town.hands import Hand
from backend.town.lives import PASSWORD
from backend.town.servers import BANKS

if TYPE_CHECKING:
    from backend.town.play import Play

WHY = quote("年末核对银行账目")
# Our name of each kind of money, and how the banks' books call it.
KINDS = {
    "drawn_fen": "amount_fen",
    "interest_paid_fen": "interest_paid_fen",
    "penalty_paid_fen": "penalty_paid_fen",
    "outstanding_fen": "outstanding_fen",
    "principal_borrower_fen": "by_source.borrower.principal_fen",
    "principal_guarantor_fen": "by_source.guarantor.principal_fen",
    "principal_recovery_fen": "by_source.recovery.principal_fen",
}


@dataclass(frozen=True)
class Reckoning:
    """What is printed, and what could not be explained."""

    rows: list[tuple[str, str]]
    unexplained_fen: int


def reckon(play: Play) -> Reckoning:
    """Ask the regulator's door for totals and book, the banks for theirs, and lay them side by side."""
    regulator = Hand(play.line, "regulator", PASSWORD)
    regulator.sign_in()
    totals = regulator.call("GET", "/api/regulator/totals")
    ours = {(line["bank"], line["draw_no"]): line for line in regulator.call("GET", f"/api/regulator/book?purpose={WHY}")}
    theirs = {
        (bank, draw["draw_no"]): draw for bank in BANKS for draw in play.banks[bank].ask("GET", "/_sandbox/book").body["draws"]
    }
    return Reckoning(_rows(totals, play) + _pools(play), difference(ours, theirs))


def _pools(play: Play) -> list[tuple[str, str]]:
    """What was claimed of each pool, and what the fund has paid."""
    claims = play.authorities.ask("checker", "GET", "/api/fund/claims")
    found = []
    for pool in POOLS:
        own = [each for each in claims if each["pool"] == pool]
        paid = [int(each["paid_fen"]) for each in own if each["paid_on"]]
        found.append((f"pool {pool}", f"{len(own)} claims, {len(paid)} compensated, {_wan(sum(paid))}"))
    return found


def difference(ours: dict[Any, dict[str, Any]], theirs: dict[Any, dict[str, Any]]) -> int:
    """Sum of absolute differences per draw and kind, in fen; a draw that only one side knows counts in full."""
    total = 0
    for name in ours.keys() | theirs.keys():
        for kind, called in KINDS.items():
            here = int(ours.get(name, {}).get(kind, 0))
            total += abs(here - _theirs(theirs.get(name, {}), called))
    return total


def _theirs(draw: dict[str, Any], called: str) -> int:
    """One figure of a bank's book; a dotted name is looked up part by part."""
    found: Any = draw
    for part in called.split("."):
        found = found.get(part, 0) if isinstance(found, dict) else 0
    return int(found)


def _wan(fen: int) -> str:
    return f"{Decimal(fen) / 1_000_000:,.2f} 万元"


def _rows(totals: dict[str, Any], play: Play) -> list[tuple[str, str]]:
    return [
        ("firms 企业", str(totals["firms"])),
        ("consents 授权", str(totals["consents"])),
        ("needs 融资需求", str(totals["needs"])),
        ("applications 申请", str(totals["applications"])),
        ("approved 批准", str(totals["approved"])),
        ("declined 未批准", str(totals["declined"])),
        ("drawn 放款", f"{totals['drawn']}, {_wan(totals['drawn_fen'])}"),
        ("repaid 结清", f"{totals['repaid']}; principal repaid {_wan(totals['repaid_fen'])}"),
        ("defaulted 违约 (90+)", f"{totals['defaulted']}, {_wan(totals['defaulted_fen'])}"),
        ("claimed 申请代偿", f"{totals['claimed']}, {_wan(totals['claimed_fen'])}"),
        ("compensated 已补偿", f"{totals['compensated']}, {_wan(totals['compensated_fen'])}"),
        ("recovered 追偿回款 (bank's part)", _wan(totals["recovered_fen"])),
        ("steps 步骤", ", ".join(f"{state} {count}" for state, count in sorted(totals["steps"].items()))),
        ("log 审计链", str(totals["log"])),
        ("town's own count", ", ".join(f"{name} {count}" for name, count in sorted(play.counts.items()))),
    ]
