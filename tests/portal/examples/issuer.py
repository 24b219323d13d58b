"""Whitelists: the firm's listings and appeals, and the issuer's desk."""

from __future__ import annotations

import dataclasses
from datetime import date

from backend.kit.words import Words
from backend.portal.pages import desk, listing
from backend.portal.pages import shared as s
from tests.portal.examples.shared import CALL, FIRM, TODAY, Case

MEMBER = desk.Member("member_1", FIRM, "91420600MA4K2XNB7C", "A", "2025 年第一批", date(2027, 12, 31))
LIST = Words("专精特新中小企业", "Specialised and innovative firms")
APPEAL = listing.AppealCard(
    "appeal_1", "waiting", "上年研发占比 4.1%，审计报告已附。", date(2025, 2, 20), date(2025, 3, 12), firm=FIRM, programme=LIST
)
ANSWERED = dataclasses.replace(
    APPEAL, id="appeal_2", state="upheld", answer=Words("复核属实，予以恢复。", "Verified; restored."), answered_on=TODAY
)
ON_LIST = listing.ListCard("data", Words("数据企业认定", "Recognised data enterprises"), CALL, "A", date(2026, 12, 31))
OFF_LIST = listing.ListCard(
    "new", LIST, CALL, removed_on=date(2025, 2, 1), notice=Words("年度复核未通过", "The yearly review was not passed"),
    effect=Words("不再发放新的用款", "no new draws"), appeal_until=date(2025, 4, 2), may_appeal=True,
)  # fmt: skip
APPEALED = dataclasses.replace(OFF_LIST, code="old", appeals=(APPEAL, ANSWERED), may_appeal=False)

CASES: dict[str, Case] = {
    "listings": ("firm/listings.html", "/listings", listing.Listings((ON_LIST, OFF_LIST, APPEALED)), "firm_owner"),
    "listings_none": ("firm/listings.html", "/listings", listing.Listings(), "firm_owner"),
    "appeal": ("desk/appeal.html", "/desk/issuer/appeals/appeal_1", listing.AnswerAppeal(APPEAL, True), "whitelist_issuer"),
    "appeal_answered": ("desk/appeal.html", "/desk/issuer/appeals/appeal_1", listing.AnswerAppeal(ANSWERED), "whitelist_issuer"),
    "issuer_appeals": (
        "desk/issuer.html",
        "/desk/issuer",
        desk.IssuerDesk((), (MEMBER,), today=TODAY, appeals=(APPEAL, ANSWERED)),
        "whitelist_issuer",
    ),
    "issuer": (
        "desk/issuer.html",
        "/desk/issuer",
        desk.IssuerDesk(
            (s.Choice("p", Words("专精特新中小企业", "Specialised and innovative firms")),),
            (MEMBER,),
            s.Form(
                {"members": "9142 A"},
                Words("第 1 行：统一社会信用代码应为 18 位", "Line 1: a credit code has 18 characters"),
                "members",
            ),
            TODAY,
        ),
        "whitelist_issuer",
    ),
    "removal": (
        "desk/removal.html",
        "/desk/issuer/remove/member_1",
        desk.Removal(MEMBER, Words("专精特新中小企业", "Specialised and innovative firms")),
        "whitelist_issuer",
    ),
}
