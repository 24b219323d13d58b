"""Any message and any submission, for properties; and shorthands for asking a bank's sandbox."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from lender_adapters import port

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
FEN = st.integers(0, 10**13)
RATES = st.integers(0, 9_999)
REFERENCES = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
# What XML can carry; among it the traps: pipes, backslashes, a character whose second byte in GBK is a pipe, some of four bytes.
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc", "Co"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("|\\\n\t\r<&>\"'亅𠮷㐀𬭎€\u2028 "),
    ),
    max_size=20,
)
WAYS = st.sampled_from(["equal_instalments", "equal_principal", "interest_first", "revolving", "bullet"])
DAY_COUNTS = st.sampled_from(["30/360", "act/360", "act/365"])

FEES = st.builds(port.OfferFee, title=TEXTS, payer=st.sampled_from(["firm", "bank"]), amount_fen=FEN, due=st.just("at_draw"))
OFFERS = st.builds(
    port.OfferTerms,
    offer_no=REFERENCES,
    amount_fen=FEN,
    rate_bp=RATES,
    months=st.integers(1, 120),
    way=WAYS,
    day_count=DAY_COUNTS,
    fees=st.lists(FEES, max_size=2).map(tuple),
    valid_until=DAYS,
    conditions=st.lists(TEXTS, max_size=2).map(tuple),
)
_LINES = st.lists(
    st.builds(port.DueLine, no=st.integers(1, 400), due_on=DAYS, principal_fen=st.integers(1, 10**12), interest_fen=FEN),
    min_size=1,
    max_size=3,
).map(tuple)
_HEAD: dict[str, Any] = {"message_id": REFERENCES, "reference": REFERENCES, "on": DAYS}


@st.composite
def _drawn(draw: Any) -> port.Drawn:
    lines = draw(_LINES)
    return draw(
        st.builds(
            port.Drawn,
            **_HEAD,
            contract_no=REFERENCES,
            draw_no=REFERENCES,
            amount_fen=st.just(sum(line.principal_fen for line in lines)),
            value_date=DAYS,
            matures_on=DAYS,
            rate_bp=RATES,
            penalty_bp=RATES,
            way=WAYS,
            day_count=DAY_COUNTS,
            schedule=st.just(lines),
            first_loan=st.sampled_from([True, False, None]),
        )
    )


@st.composite
def _repaid(draw: Any) -> port.Repaid:
    parts = draw(st.tuples(FEN, FEN, FEN, FEN))
    return draw(
        st.builds(
            port.Repaid,
            **_HEAD,
            draw_no=REFERENCES,
            payment_no=REFERENCES,
            paid_on=DAYS,
            amount_fen=st.just(sum(parts)),
            expenses_fen=st.just(parts[0]),
            penalty_fen=st.just(parts[1]),
            interest_fen=st.just(parts[2]),
            principal_fen=st.just(parts[3]),
            source=st.sampled_from(["borrower", "guarantor", "recovery"]),
        )
    )


_REASONS = st.lists(TEXTS, max_size=2).map(tuple)
MESSAGES: st.SearchStrategy[port.Message] = st.one_of(
    st.builds(port.Received, **_HEAD, bank_reference=REFERENCES),
    st.builds(port.DocumentsAsked, **_HEAD, documents=_REASONS, words=TEXTS, answer_by=DAYS),
    st.builds(port.Decided, **_HEAD, approved=st.just(True), words=TEXTS, reasons=_REASONS, offer=st.none() | OFFERS),
    st.builds(port.Decided, **_HEAD, approved=st.just(False), words=TEXTS, reasons=_REASONS, offer=st.none()),
    st.builds(
        port.ContractSigned, **_HEAD, contract_no=REFERENCES, limit_fen=FEN, signed_on=DAYS, expires_on=DAYS, rate_bp=RATES
    ),
    _drawn(),
    _repaid(),
    st.builds(port.Closed, **_HEAD, state=st.sampled_from(["withdrawn", "expired"]), words=TEXTS),
)

_VALUES = st.one_of(
    st.integers(-(10**15), 10**15).map(lambda value: (value, "times")),
    st.integers(-(10**13), 10**13).map(lambda value: (value, "fen")),
    st.booleans().map(lambda value: (value, "")),
    DAYS.map(lambda value: (value, "")),
    st.decimals(-(10**9), 10**9, places=4).map(lambda value: (value, "")),
    TEXTS.map(lambda value: (value, "")),
    st.lists(st.dictionaries(TEXTS, TEXTS | st.integers(-(10**9), 10**9), max_size=2), max_size=2).map(lambda value: (value, "")),
)
FACTS = st.builds(
    lambda code, value, day, source: port.HandedFact(code, value[0], value[1], day, source), REFERENCES, _VALUES, DAYS, TEXTS
)
CONSENTS = st.builds(
    port.ConsentProof,
    consent_id=REFERENCES,
    kind=st.sampled_from(["firm", "person", "bank_query"]),
    text=TEXTS,
    digest=REFERENCES,
    signature=REFERENCES,
    signer=TEXTS,
)
FIRMS = st.builds(
    port.FirmCard,
    uscc=REFERENCES,
    name=TEXTS,
    subject_type=st.sampled_from(["enterprise", "sole_trader", "cooperative"]),
    legal_rep=TEXTS,
    region=REFERENCES,
    industry=REFERENCES,
)
SUBMISSIONS = st.builds(
    port.Submission,
    reference=REFERENCES,
    product=REFERENCES,
    firm=FIRMS,
    amount_fen=FEN,
    months=st.integers(1, 120),
    way=WAYS,
    purpose=TEXTS,
    facts=st.lists(FACTS, max_size=3).map(tuple),
    consents=st.lists(CONSENTS, max_size=2).map(tuple),
    listing=st.none() | st.tuples(TEXTS, TEXTS),
)
