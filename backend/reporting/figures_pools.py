"""The pools: headroom, months, ratios, accounts, claims. The pool's own book is asked; nothing is counted a second way.

Written in: domain §6.3 (the ratios to be defined explicitly), §6.4. Money in fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from backend.kit.errors import CreditBridgeError
from backend.kit.words import Words
from backend.parties.tables import Party
from backend.reporting.book import Book
from backend.reporting.reckon import Row, grouped, month_of, months, percentile, share_bp
from risk_compensation.ledger import ACCOUNTS, Account, Reason
from risk_compensation.live import PoolView, State, evening, statements
from risk_compensation.scheme import PARTY_WORDS, scheme, terms_still
from risk_compensation.tables import Entry, Journal, Registration

# What a month shows: the reason of an entry, and the account whose side tells that one and not its memorandum twin.
SHOWN = {
    "paid_in_fen": (Reason.CONTRIBUTION, Account.POOL_CASH),
    "registered_fen": (Reason.REGISTERED, Account.COMMITMENTS),
    "released_fen": (Reason.REPAID, Account.COMMITMENTS),
    "met_fen": (Reason.COMMITMENT_MET, Account.COMMITMENTS),
    "paid_fen": (Reason.CLAIM_PAID, Account.POOL_CASH),
    "recovered_fen": (Reason.RECOVERY_TO_FUND, Account.RECOVERY_CLEARING),
}
MONTHLY = ("paid_in_fen", "registered_fen", "released_fen", "paid_fen", "recovered_fen")


def pools(book: Book) -> list[Row]:
    """Each pool as it stands. Nothing is published while its statement of the day and its balances say two things."""
    evening.insist(book.session, book.day, one_moment=True)
    found = []
    for pool in statements.pools(book.session):
        room = statements.headroom(book.session, pool, book.day)
        breaker = terms_still(pool.scheme, book.day).breaker
        ratio = statements.breaker(book.session, pool, book.day)
        carried = select(func.count(Registration.reference)).where(
            Registration.pool == pool.code, Registration.committed_fen > 0, Registration.registered_on <= book.day
        )
        title, parties = _scheme_title(pool), _parties(book, pool)
        found.append(
            {
                "pool": pool.code,
                "scheme": pool.scheme,
                "title_zh": title[0],
                "title_en": title[1],
                "state": room.state,
                "cash_fen": room.cash_fen,
                "commitments_fen": room.commitments_fen,
                "reserved_fen": room.reserved_fen,
                "available_fen": room.available_fen,
                "ratio_bp": ratio.bp if ratio.whole_fen else None,
                "warn_bp": breaker.warn_bp,
                "pause_bp": breaker.pause_bp,
                "loans": int(book.session.scalar(carried) or 0),
                "breaker_loans": ratio.loans,
                "minimum_loans": breaker.minimum_loans,
                "ratio": breaker.ratio,
                "parties_zh": parties.zh,
                "parties_en": parties.en,
            }
        )
    return found


def _parties(book: Book, pool: PoolView) -> Words:
    """Who bears how much of an ordinary loss under the pool's scheme, by name where the pool names one, and who claims."""
    terms = terms_still(pool.scheme, book.day)
    codes = {"guarantor": pool.guarantor, "fund": pool.fund} | pool.parties
    names = {each.code: each for each in book.session.scalars(select(Party).where(Party.code.in_(codes.values())))}
    whole, zh, en = sum(terms.shares.values()), [], []
    for kind, share in terms.shares.items():
        percent = f"{Decimal(share * 100) / whole:.2f}".rstrip("0").rstrip(".") + " %"
        words, party = PARTY_WORDS[kind], names.get(codes.get(kind, ""))
        zh.append(words.zh + (f"（{party.name}）" if party else " ") + percent)
        en.append(words.en + (f" ({party.name_en or party.name}) " if party else " ") + percent)
    by = PARTY_WORDS[terms.claimant]
    return Words(f"{'、'.join(zh)}；由{by.zh}申请代偿", f"{', '.join(en)}; the {by.en} claims")


def _scheme_title(pool: PoolView) -> tuple[str, str]:
    try:
        title = scheme(pool.scheme).title
    except CreditBridgeError:
        return pool.code, pool.code
    return title.zh, title.en


def _entries(book: Book, pool: str) -> list[tuple[Entry, Reason, int]]:
    """Entries with the reason that counts: a reversal counts against what it reverses."""
    entries = list(book.session.scalars(select(Entry).where(Entry.pool == pool, Entry.on <= book.day).order_by(Entry.id)))
    reversed_by = dict(
        book.session.execute(
            select(Journal.reference, Journal.reverses).where(Journal.pool == pool, Journal.reverses.is_not(None))
        ).all()
    )
    why = {(each.reference, each.debit, each.credit, each.amount_fen, each.loan): Reason(each.reason) for each in entries}
    found = []
    for each in entries:
        first = reversed_by.get(each.reference)
        if first is None:
            found.append((each, Reason(each.reason), 1))
        else:
            key = (first, each.credit, each.debit, each.amount_fen, each.loan)
            found.append((each, why.get(key, Reason.REVERSAL), -1))
    return found


def _sums(entries: Sequence[tuple[Entry, Reason, int]]) -> dict[str, int]:
    found = dict.fromkeys(SHOWN, 0)
    for entry, reason, sign in entries:
        for name, (wanted, account) in SHOWN.items():
            if reason == wanted and account in (entry.debit, entry.credit):
                found[name] += sign * entry.amount_fen
    return found


def pool_monthly(book: Book) -> list[Row]:
    """Each month's movements, and the special account at its end."""
    found = []
    for pool in statements.pools(book.session):
        entries = _entries(book, pool.code)
        by_month = grouped(entries, lambda each: month_of(each[0].on))
        first = min((each[0].on for each in entries), default=pool.opened_on)
        cash = 0
        for end in months(min(first, pool.opened_on, book.day), book.day):
            some = by_month.get(month_of(end), [])
            cash += sum(each.amount_fen for each, _, _ in some if each.debit == Account.POOL_CASH)
            cash -= sum(each.amount_fen for each, _, _ in some if each.credit == Account.POOL_CASH)
            sums = _sums(some)
            found.append(
                {"pool": pool.code, "month": month_of(end)} | {name: sums[name] for name in MONTHLY} | {"cash_end_fen": cash}
            )
    return found


def pool_ratios(book: Book) -> list[Row]:
    """The ratio of the scheme's first stop rule in its window; the other two since the pool was opened."""
    found = []
    for pool in statements.pools(book.session):
        breaker = statements.breaker(book.session, pool, book.day)
        sums = _sums(_entries(book, pool.code))
        for code, part, whole in (
            (terms_still(pool.scheme, book.day).breaker.ratio, breaker.part_fen, breaker.whole_fen),
            ("paid_over_released", sums["met_fen"], sums["met_fen"] + sums["released_fen"]),
            ("recovered_over_paid", sums["recovered_fen"], sums["paid_fen"]),
        ):
            found.append(
                {
                    "pool": pool.code,
                    "code": code,
                    "value_bp": share_bp(part, whole),
                    "numerator_fen": part,
                    "denominator_fen": whole,
                }
            )
    return found


def pool_accounts(book: Book) -> list[Row]:
    return [
        {
            "pool": pool.code,
            "account": str(balance.account),
            "title_zh": ACCOUNTS[balance.account].words.zh,
            "title_en": ACCOUNTS[balance.account].words.en,
            "balance_fen": balance.balance_fen,
        }
        for pool in statements.pools(book.session)
        for balance in statements.trial_balance(book.session, pool.code, book.day)
    ]


def claims(book: Book) -> list[Row]:
    """By pool and month of filing; p50 is days from filing to the custody bank's payment."""

    def by(day: date | None) -> bool:
        return day is not None and day <= book.day

    some = [each for each in statements.claims(book.session) if each.filed_on <= book.day]
    times: dict[str, int] = defaultdict(int)
    for each in some:
        if each.paid_on is not None and by(each.paid_on):
            times[each.claim_no] = (each.paid_on - each.filed_on).days
    return [
        {
            "pool": pool,
            "month": month,
            "filed": len(group),
            "approved": sum(1 for each in group if by(each.approved_on)),
            "rejected": sum(1 for each in group if each.state == State.REJECTED),
            "paid": sum(1 for each in group if by(each.paid_on)),
            "payout_fen": sum(each.paid_fen for each in group if by(each.paid_on)),
            "p50_days": percentile([times[each.claim_no] for each in group if each.claim_no in times], 50),
        }
        for (pool, month), group in grouped(some, lambda each: (each.pool, month_of(each.filed_on))).items()
    ]
