"""Keep every shareholding that is public, and say who stands within two hops of a firm.

The book of links follows the facts `equity_links` of all firms on the platform; what two firms outside it hold of each other
stays unknown, and the README says so.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, bindparam, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from backend.audit.model import SYSTEM
from backend.credit_data import public
from backend.kit import locks
from backend.parties.actions import hold_firm
from backend.uplifts.links import Link, links_of, near
from backend.uplifts.tables import UpliftLink

NOBODY, CODE = "", "equity_links"
# Asked for every match: made once.
_READ_UNTIL = select(func.max(UpliftLink.fact_seq))
_NAMES: BindParameter[list[str]] = bindparam("names", expanding=True)
_NEAR = select(UpliftLink.uscc, UpliftLink.other, UpliftLink.share_bp).where(
    UpliftLink.share_bp >= bindparam("least"),
    UpliftLink.other != NOBODY,
    or_(UpliftLink.uscc.in_(_NAMES), UpliftLink.other.in_(_NAMES)),
)


def refresh(session: Session, *, at: datetime, firm_id: str | None = None) -> int:
    """Take in what the register has said since the last time: each firm's newest entry stands. How many firms changed.

    Only where there is something to take in is the book of links held: after `firm_id`, which whoever asks may hold later.
    """
    if not public.is_newer(session, code=CODE, seq=_read_until(session)):
        return 0
    if firm_id is not None:
        hold_firm(session, firm_id)
    locks.hold_name(session, "pool", "~uplift links")
    # Somebody else may have taken it in meanwhile.
    newest = {row.uscc: row for row in public.since(session, SYSTEM, code=CODE, seq=_read_until(session), at=at)}
    if newest:
        session.execute(delete(UpliftLink).where(UpliftLink.uscc.in_(sorted(newest))))
    rows = []
    for uscc, row in newest.items():
        # Who holds nobody leaves a line too: it says how far the register was read.
        shares = {link.b[:220]: link.share_bp for link in links_of(uscc, row.value or ())} or {NOBODY: 0}
        rows += [{"uscc": uscc, "other": other, "share_bp": bp, "fact_seq": row.seq} for other, bp in sorted(shares.items())]
    if rows:
        session.execute(insert(UpliftLink), rows)
    return len(newest)


def _read_until(session: Session) -> int:
    session.flush()
    return session.connection().execute(_READ_UNTIL).scalar() or 0


def related(session: Session, uscc: str, *, hops: int, least_share_bp: int) -> frozenset[str]:
    """Credit codes and names within so many hops of `uscc`; one statement per hop."""
    session.flush()
    links: set[Link] = set()
    edge = {uscc}
    seen = {uscc}
    for _ in range(hops):
        names = sorted(edge)
        found = [Link(*row) for row in session.connection().execute(_NEAR, {"least": least_share_bp, "names": names})]
        links.update(found)
        edge = {node for link in found for node in (link.a, link.b)} - seen
        seen |= edge
        if not edge:
            break
    return frozenset(near(uscc, links, hops=hops, least_share_bp=least_share_bp))
