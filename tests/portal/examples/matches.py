"""The firm's matches: reasons, the way to a yes and the list of costs."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from backend.kit.words import Words
from backend.portal.pages import costs, firm
from backend.portal.pages import shared as s
from tests.portal.examples.shared import CALL, COSTS, HARBOUR, ORCHARD, TODAY, TOWER, WAYS, Case

REASONS_YES = (
    s.Reason(
        "yes",
        Words("近 12 个月有 12 个月开票，要求至少 9 个月。", "Invoices in 12 of the last 12 months; at least 9 are needed."),
    ),
    s.Reason("yes", Words("最长开票间隔 21 天，要求不超过 180 天。", "Longest gap between invoices 21 days; at most 180.")),
    s.Reason("unknown", Words("法定代表人征信无当前逾期。", "No current overdue on the owner's bureau record."), knows="bank"),
)
REASONS_UNKNOWN = (
    s.Reason(
        "unknown",
        Words("还不知道社保参保人数，要求至少 3 人。", "We do not know how many people are insured; at least 3 are needed."),
        way=Words("授权“参保人数”这一项", "authorise “insured headcount”"),
        way_href="/authorise/new/firm?item=SOC01",
    ),
)
REASONS_NO = (
    s.Reason(
        "no",
        Words(
            "法定代表人在 2024年11月20日 变更，不足 6 个月。",
            "The legal representative changed on 20 Nov 2024, less than 6 months ago.",
        ),
        way=Words("满 6 个月后再看", "Wait until six months have passed"),
        way_from=date(2025, 5, 20),
    ),
    s.Reason(
        "no",
        Words("不在“专精特新”白名单上。", "Not on the “specialised and innovative” whitelist."),
        way=Words("向经信局申请认定，下一批六月受理", "Apply to the industry bureau; the next batch opens in June"),
    ),
)
SHORT_WAY = firm.WayToYes(
    (
        firm.WayStep("ask", Words("申请不超过 30.00 万元", "Ask for at most 30.00 万元"), href="/matches?amount=30#need"),
        firm.WayStep(
            "authorise",
            Words("授权 2 项记录", "Authorise 2 kinds of records"),
            (
                (
                    Words("社保参保人数", "Insured headcount"),
                    Words("记录须显示：参保人数不少于 3 人", "the record must show: 3 or more"),
                ),
                (Words("用电", "Electricity"), None),
            ),
            "/authorise/new/firm?items=SOC01,ELE01",
        ),
        firm.WayStep(
            "arrive", Words("等部门的公开记录到达", "Wait for public records"), ((Words("登记信息", "Registration"), None),)
        ),
    ),
    short=True,
)
LONG_WAY = firm.WayToYes(
    (
        firm.WayStep(
            "wait", Words("等到 2025年5月20日，届时已满要求", "Wait until 20 May 2025; by then it has been long enough")
        ),
        firm.WayStep(
            "repair",
            Words("修复记录“行政处罚”：向处罚机关申请", "Repair the record (penalties): ask the authority"),
            (),
            "/credit-file",
        ),
        firm.WayStep(
            "recognise", Words("向经信局申请认定，下一批六月受理", "Apply to the industry bureau; the next batch opens in June")
        ),
    )
)
FIXED = Words("所属行业不能由企业改变", "a firm cannot change this: industry")
ASK_THEM = firm.WayToYes(call=True)
CARDS = (
    firm.MatchCard(
        "harbour-invoice",
        Words("开票贷", "Invoice loan"),
        HARBOUR,
        "yes",
        REASONS_YES,
        80_000_000,
        96_800_000,
        365,
        Decimal("388.1"),
        3,
        monthly=Words("每月 82,269.12 元", "82,269.12 元 each month"),
        wanted_fen=120_000_000,
        measured_days=4,
        chance=firm.Chance(
            Words("该银行对该产品的60笔历史申请中批准75.00%", "of 60 past applications the bank approved 75.00%"), 7500, 60
        ),
        score=firm.Score(
            8022,
            (
                firm.ScorePart(Words("综合年化成本", "All-in cost"), 7000, 8383, 5868),
                firm.ScorePart(Words("审批时间", "Time to a decision"), 2000, 8666, 1733),
                firm.ScorePart(Words("历史通过率", "Past approvals"), 1000, 4210, 421),
            ),
        ),
    ),
    firm.MatchCard(
        "tower-tax", Words("税易贷", "Tax loan"), TOWER, "yes", REASONS_YES, 60_000_000, 60_000_000, 420, Decimal("428.2"), 5
    ),
    firm.MatchCard(
        "orchard-staff",
        Words("稳岗贷", "Payroll loan"),
        ORCHARD,
        "unknown",
        REASONS_UNKNOWN,
        50_000_000,
        50_000_000,
        395,
        Decimal("402.6"),
        7,
        path=SHORT_WAY,
    ),
    firm.MatchCard("harbour-list", Words("专精特新贷", "Specialised firm loan"), HARBOUR, "no", REASONS_NO, path=LONG_WAY),
    firm.MatchCard(
        "kiln", Words("陶瓷贷", "Kiln loan"), ORCHARD, "no", REASONS_NO[:1], path=firm.WayToYes((), FIXED), at_the_bank=True
    ),
    firm.MatchCard("tower-own", Words("云税贷", "Cloud tax loan"), TOWER, "no", REASONS_NO[:1], path=ASK_THEM, contact=CALL),
)
ORDER = Words("综合年化成本占70%，审批时间占20%，历史通过率占10%", "cost counts 70%, time 20%, past approvals 10%")
ELSEWHERE = (
    firm.Elsewhere(Words("惠企通", "Benefit loan"), TOWER, Words("所在地区须为天津", "the region must be Tianjin")),
    firm.Elsewhere(Words("退税盈", "Refund loan"), ORCHARD, Words("所在地区须为宁波", "the region must be Ningbo")),
)
UNKNOWN_PAGE = firm.MatchPage(CARDS[2], None, None, (), 0, None, None, (), None, None, None, None, None, None, (), (), CALL)
COST_LIST = costs.CostPage(
    Words("开票贷", "Invoice loan"), HARBOUR, "/matches/harbour-invoice", "/matches/harbour-invoice/costs", False, TODAY,
    100_000_000, 3, "equal_instalments", 360, Decimal("912.3"), Decimal("951.4"), Decimal("951.2"),
    Words("每月 335,334.66 元", "335,334.66 元 each month"),
    (
        costs.CostItem(COSTS[0].title, COSTS[0].payer, HARBOUR, Words("每月", "each month"), 600_600, Decimal("366.0")),
        costs.CostItem(
            COSTS[1].title, COSTS[1].payer, Words("担保机构", "The guarantor"), Words("每年年初", "at the start of each year"),
            1_000_000, Decimal("585.4"), True, ((TODAY, 600_000), (date(2026, 3, 1), 400_000)),
        ),
        costs.CostItem(COSTS[2].title, COSTS[2].payer, ORCHARD, Words("放款时一次", "once, at the draw"), 55_000, None, False),
    ),
    (
        costs.PlanRow(1, date(2025, 4, 1), 33_233_466, 300_000, 66_766_534),
        costs.PlanRow(2, date(2025, 5, 1), 33_333_166, 200_300, 33_433_368),
        costs.PlanRow(3, date(2025, 6, 1), 33_433_368, 100_300, 0),
    ),
    Words("除不尽的余数归入第 3 期，该期多还 2.02 元。", "What does not divide goes to instalment 3, which is 2.02 元 more."),
    None, (s.Choice("3", Words("3 个月", "3 months"), ticked=True),), WAYS, 10_000_000, 100_000_000,
)  # fmt: skip

CASES: dict[str, Case] = {
    "matches": ("firm/matches.html", "/matches", firm.Matches(TODAY, CARDS, ELSEWHERE, 120_000_000, ORDER), "firm_owner"),
    "match_unknown": ("firm/match.html", "/matches/orchard-staff", UNKNOWN_PAGE, "firm_owner"),
    "costs": ("firm/costs.html", "/matches/harbour-invoice/costs", COST_LIST, "firm_owner"),
    "costs_of_offer": (
        "firm/costs.html",
        "/offers/offer_1/costs",
        dataclasses.replace(COST_LIST, binding=True, valid_until=date(2025, 3, 15), back="/offers"),
        "firm_owner",
    ),
    "matches_empty": ("firm/matches.html", "/matches", firm.Matches(TODAY), "firm_owner"),
    "match_yes": (
        "firm/match.html",
        "/matches/harbour-invoice",
        firm.MatchPage(
            CARDS[0],
            Words(
                "一年期 LPR 3.10% 加 55 个基点；名单内 A 级减 20 个基点。",
                "One-year LPR 3.10 % plus 55 basis points; 20 less for list grade A.",
            ),
            None,
            (
                s.UpliftLine(
                    Words("数据产权登记证 2 份", "2 data rights certificates"),
                    8_800_000,
                    Words("有效证书，本人持有", "valid, held by the firm"),
                ),
                s.UpliftLine(Words("数据交易", "Data trades"), 8_000_000, Words("已结算、非关联", "settled, at arm's length")),
            ),
            2100,
            None,
            Words("近 12 个月销售额的 8%，最高 100 万元。", "8 % of sales in the last 12 months, at most 100 万元."),
            COSTS,
            50_000_000,
            12,
            "equal_instalments",
            Decimal("381.3"),
            2_012_345,
            500_000,
            ("firm", "owner"),
            (Words("近 12 个月销售额", "Sales, last 12 months"), Words("最长开票间隔", "Longest gap between invoices")),
            Words("港湾银行小微企业部 027-5555-0101", "Harbour Bank small firms desk 027-5555-0101"),
            firm.AskedBank(
                HARBOUR,
                "answered",
                50_000_000,
                12,
                45_000_000,
                415,
                "参考额度与利率仅供比较，未查询征信，最终以审批为准。",
                TODAY,
                (s.Choice("6", Words("6 个月", "6 months")), s.Choice("12", Words("12 个月", "12 months"), ticked=True)),
            ),
        ),
        "firm_owner",
    ),
    "match_no": (
        "firm/match.html",
        "/matches/harbour-list",
        firm.MatchPage(
            CARDS[3],
            None,
            None,
            (),
            0,
            None,
            None,
            (),
            None,
            None,
            None,
            None,
            None,
            None,
            (),
            (),
            Words("港湾银行小微企业部 027-5555-0101", "Harbour Bank small firms desk 027-5555-0101"),
        ),
        "firm_owner",
    ),
}
