"""The headline figures, each with how many things it was counted over. A share of nothing is None, not zero. domain §9."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.loans.model import BAD
from backend.matching.tables import MatchRun, StoredMatch
from backend.reporting.book import Book
from backend.reporting.figures_applications import decision_days
from backend.reporting.figures_consents import consents_live, unauthorised_reads
from backend.reporting.figures_loans import all_in_of, default12, rate_of
from backend.reporting.reckon import Row, percentile, share_bp


def kpis(book: Book) -> list[Row]:
    decided = [each for each in book.applications if each.outcome in ("approved", "declined")]
    yes = sum(1 for each in decided if each.outcome == "approved")
    met = sum(1 for each in book.needs if each.outcome == "approved")
    days, live, draws = decision_days(book.applications), book.live, book.draws
    owed = sum(each.outstanding_fen for each in live)
    told = [each for each in draws if each.first_loan is not None]
    priced = [each for each in draws if each.all_in_bp is not None]
    default, old = default12(book)
    uplift, lifted = _uplift(book)
    consents, (shut, readings) = consents_live(book), unauthorised_reads(book)

    def part(*chosen: bool) -> int | None:
        return share_bp(sum(each.outstanding_fen for each, yes in zip(live, chosen, strict=True) if yes), owed)

    found: list[tuple[str, int | float | None, str, int]] = [
        ("firms", len(book.firms), "count", len(book.firms)),
        ("consents_live", consents, "count", consents),
        ("needs", len(book.needs), "count", len(book.needs)),
        ("need_approval_bp", share_bp(met, len(book.needs)), "bp", len(book.needs)),
        ("bank_approval_bp", share_bp(yes, len(decided)), "bp", len(decided)),
        ("decision_p50_days", percentile(days, 50), "days", len(days)),
        ("decision_p90_days", percentile(days, 90), "days", len(days)),
        ("drawn_fen", sum(each.amount_fen for each in draws), "fen", len(draws)),
        ("draws", len(draws), "count", len(draws)),
        ("outstanding_fen", owed, "fen", len(live)),
        ("weighted_rate_bp", rate_of(draws), "bp", len(draws)),
        ("weighted_all_in_bp", all_in_of(draws), "bp", len(priced)),
        ("first_loan_bp", share_bp(sum(1 for each in told if each.first_loan), len(told)), "bp", len(told)),
        ("credit_loan_bp", part(*(not each.guaranteed for each in live)), "bp", len(live)),
        ("overdue30_bp", part(*(each.dpd > 30 for each in live)), "bp", len(live)),
        ("overdue90_bp", part(*(each.dpd > 90 for each in live)), "bp", len(live)),
        ("npl_bp", part(*(each.cls in BAD for each in live)), "bp", len(live)),
        ("default12_bp", default, "bp", old),
        ("uplift_fen", uplift, "fen", lifted),
        ("unauthorised_reads", shut, "count", readings),
    ]
    return [{"code": code, "value": value, "unit": unit, "n": n} for code, value, unit, n in found]


def _uplift(book: Book) -> tuple[int, int]:
    """Of each firm's newest matching, its largest effective uplift: fen, and how many firms have one."""
    newest = select(func.max(MatchRun.id)).group_by(MatchRun.firm_id)
    query = select(func.max(StoredMatch.effective_uplift_fen)).where(StoredMatch.run_id.in_(newest)).group_by(StoredMatch.run_id)
    found = [fen for fen in book.session.scalars(query) if fen]
    return sum(found), len(found)
