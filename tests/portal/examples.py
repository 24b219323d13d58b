"""One made-up view-model for each page, full and empty: what the page tests render and the gallery photographs."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.kit.clock import SHANGHAI
from backend.kit.words import Words
from backend.portal.pages import claims, costs, desk, firm, lending, listing, watching
from backend.portal.pages import shared as s

TODAY = date(2025, 3, 1)
HARBOUR = Words("港湾银行", "Harbour Bank")
TOWER = Words("钟楼银行", "Bell Tower Bank")
ORCHARD = Words("果园农商银行", "Orchard Rural Bank")
FIRM = "襄阳云梯精密机械有限公司"
CALL = Words("港湾银行小微企业部 027-5555-0101", "Harbour Bank small firms desk, 027-5555-0101")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type]


WAIT = s.Wait(Words("港湾银行正在审核您的申请。", "Harbour Bank is looking at your application."), date(2025, 3, 7), CALL)

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
COSTS = (
    s.CostLine(Words("贷款利息", "Loan interest"), Words("企业", "Your firm"), 2_012_345, Words("每月", "monthly")),
    s.CostLine(
        Words("担保费（1%）", "Guarantee fee (1%)"), Words("企业", "Your firm"), 500_000, Words("放款时一次", "once, at payout")
    ),
    s.CostLine(Words("抵押评估费", "Appraisal"), Words("银行承担", "The bank"), 0),
)
SCHEDULE = tuple(
    s.DueRow(
        n,
        date(2025 + (2 + n) // 13, (2 + n - 1) % 12 + 1, 15),
        4_091_000,
        152_000,
        "paid" if n < 2 else "late" if n == 2 else "due" if n == 3 else "later",
        date(2025, 3, 15) if n < 2 else None,
    )
    for n in range(1, 7)
)
TIMELINE = (
    s.Happening(at(2025, 2, 24, 10, 5), Words("您提交了申请", "You applied")),
    s.Happening(at(2025, 2, 24, 10, 6), Words("银行已收到", "The bank received it"), HARBOUR),
    s.Happening(
        at(2025, 2, 26, 15, 40),
        Words("银行要求补充材料", "The bank asked for documents"),
        HARBOUR,
        "请补充 2024 年最大三笔购销合同，用于核实贷款用途。",
        "now",
    ),
)
CONSENT = firm.ConsentCard(
    "consent_1",
    "firm",
    "active",
    (
        Words("增值税开票", "VAT invoices"),
        Words("纳税申报", "Tax returns"),
        Words("参保人数", "Insured headcount"),
        Words("用电", "Electricity"),
        Words("数据产权登记", "Data rights certificates"),
    ),
    "pre_loan",
    (Words("信桥平台", "CreditBridge"), HARBOUR),
    date(2025, 3, 1),
    date(2026, 2, 28),
    None,
    "李文静",
    "legal_representative",
)
PERSON = firm.ConsentCard(
    "consent_2",
    "person",
    "draft",
    (Words("个人不动产", "Private property"),),
    "pre_loan",
    (Words("信桥平台", "CreditBridge"),),
    date(2025, 3, 1),
    date(2025, 8, 31),
    "李文静",
)
ENDED = firm.ConsentCard(
    "consent_3",
    "bank_query",
    "revoked",
    (),
    "pre_loan",
    (TOWER,),
    date(2024, 3, 1),
    date(2025, 2, 28),
    "李文静",
    "李文静",
    "self",
    date(2024, 9, 9),
)
POWER = firm.Power("power_1", "王磊", date(2025, 1, 1), date(2025, 12, 31))
FACTS = (
    firm.FactGroup(
        Words("发票", "Invoices"),
        (
            firm.FactLine(
                Words("近 12 个月销售额", "Sales, last 12 months"),
                "1,234.56 万元",
                date(2025, 2, 28),
                Words("税务局", "Tax authority"),
            ),
            firm.FactLine(
                Words("最大客户占比", "Share of the largest customer"),
                "38.20%",
                date(2025, 2, 28),
                Words("税务局", "Tax authority"),
                doubts=(Words("两份记录不一致，采用较新的一份", "Two records differ; the newer is used"),),
            ),
        ),
    ),
    firm.FactGroup(
        Words("数据资产", "Data assets"),
        (
            firm.FactLine(
                Words("数据产权登记证", "Data rights certificates"),
                "2",
                date(2025, 2, 20),
                Words("数据登记平台", "Data registry"),
                explain=Words("有效证书才计入增信", "Only valid certificates count"),
                lines=("机床运行数据集 · 有效至 2027年6月1日", "刀具磨损数据集 · 有效至 2026年9月1日"),
            ),
        ),
    ),
)
GRADE = firm.GradeView(
    "B",
    (
        firm.GradeReason(Words("开票连续，12 个月没有中断", "Invoices without a break in 12 months"), True),
        firm.GradeReason(Words("成立超过 6 年", "More than six years old"), True),
        firm.GradeReason(Words("最大客户占 38%，较集中", "The largest customer takes 38 %, rather concentrated"), False),
    ),
    180_000_000,
    Words("按年销售额和毛利估计，已扣除现有贷款。", "From yearly sales and margin, less present loans."),
    Words("小微企业评分卡 2025 年版", "the small firm scorecard, 2025"),
    date(2025, 2, 28),
)
OFFER = lending.OfferCard(
    "offer_1",
    HARBOUR,
    Words("开票贷", "Invoice loan"),
    90_000_000,
    365,
    Decimal("388.1"),
    12,
    "equal_instalments",
    1_789_012,
    450_000,
    Words("每月 76,491.00 元", "76,491.00 元 each month"),
    7_649_100,
    COSTS,
    date(2025, 3, 15),
    CALL,
    ("放款前开立结算账户",),
    True,
    True,
    ("cheapest", "largest"),
)
OFFER_2 = lending.OfferCard(
    "offer_2",
    TOWER,
    Words("税易贷", "Tax loan"),
    60_000_000,
    420,
    Decimal("428.2"),
    12,
    "interest_first",
    2_520_000,
    0,
    Words(
        "每月利息最多 2,170.00 元，到期还 602,100.00 元", "at most 2,170.00 元 of interest each month, 602,100.00 元 at maturity"
    ),
    217_000,
    COSTS[:1],
    date(2025, 3, 12),
    CALL,
    first_in=("least_monthly",),
)
DRAW = lending.DrawCard(
    "draw_1",
    date(2025, 1, 15),
    date(2026, 1, 15),
    50_000_000,
    45_909_000,
    365,
    "equal_instalments",
    "late",
    "normal",
    3,
    date(2025, 3, 15),
    4_243_000,
    "registered",
)
FACILITY = lending.FacilityCard(
    "facility_1", HARBOUR, Words("开票贷", "Invoice loan"), 90_000_000, 40_000_000, date(2026, 1, 10), (DRAW,), CALL
)
ROWS = (
    lending.ApplicationRow("application_1", HARBOUR, Words("开票贷", "Invoice loan"), 90_000_000, "documents_asked", WAIT),
    lending.ApplicationRow("application_2", TOWER, Words("税易贷", "Tax loan"), 60_000_000, "approved"),
    lending.ApplicationRow("application_3", ORCHARD, Words("稳岗贷", "Payroll loan"), 50_000_000, "declined"),
)
RECIPIENTS = (
    s.Choice("platform", Words("信桥平台（评估与匹配）", "CreditBridge, to assess and match"), ticked=True),
    s.Choice("harbour", HARBOUR),
    s.Choice("tower", TOWER),
    s.Choice("orchard", ORCHARD),
)
PURPOSES = (
    s.Choice("pre_loan", Words("贷前：评估与匹配", "Before a loan")),
    s.Choice("post_loan", Words("贷后管理", "After payout")),
)
GROUPS = (
    firm.ItemGroup(
        Words("纳税与发票", "Tax and invoices"),
        (
            s.Choice(
                "TAX04",
                Words("增值税开票与销售额", "VAT invoices and sales"),
                Words("月度合计、客户集中度；不含发票明细", "Monthly totals and concentration; no single invoice"),
                ticked=True,
            ),
            s.Choice("TAX03", Words("申报与入库税额", "Tax declared and paid"), ticked=True),
        ),
    ),
    firm.ItemGroup(
        Words("用工", "Staff"),
        (
            s.Choice(
                "SOC01",
                Words("社保参保人数", "Insured headcount"),
                Words("只有人数，没有姓名", "Numbers only, no names"),
                ticked=True,
            ),
        ),
    ),
)
WAYS = tuple(
    s.Choice(way, Words(zh, en))
    for way, zh, en in (("equal_instalments", "等额本息", "Equal instalments"), ("interest_first", "先息后本", "Interest first"))
)
STEPS = (
    firm.RoadStep("authorise", "done", "/authorise", Words("2 份授权生效中", "2 authorisations in force")),
    firm.RoadStep("credit_file", "done", "/credit-file", Words("23 条记录", "23 records")),
    firm.RoadStep("matches", "now", "/matches", Words("2 个产品可以申请", "2 products you can apply for")),
    firm.RoadStep("apply", "later", "/apply"),
    firm.RoadStep("offers", "later", "/offers"),
    firm.RoadStep("loan", "later", "/loans"),
)
WRONG = s.Form(
    {"uscc": "91420600MA4K", "name": FIRM},
    Words("统一社会信用代码应为 18 位，您填了 12 位。", "A credit code has 18 characters; you gave 12."),
    "uscc",
)
CASE = desk.Case(
    "application_1", FIRM, Words("开票贷", "Invoice loan"), 90_000_000, 12, "submitted", date(2025, 2, 24), date(2025, 3, 7)
)
G_CASE = desk.GuaranteeCase(
    "guarantee_1", FIRM, HARBOUR, Words("担保贷", "Guaranteed loan"), 100_000_000, 12, "waiting", date(2025, 3, 8)
)
G_LATE = desk.GuaranteeCase(
    "guarantee_2",
    "宁波海星渔具有限公司",
    HARBOUR,
    Words("担保贷", "Guaranteed loan"),
    100_000_000,
    12,
    "defaulted",
    date(2025, 4, 1),
    62_000_000,
    62_000_000,
    94,
)
CLAIM = desk.ClaimRow(
    "claim_1",
    "宁波海星渔具有限公司",
    HARBOUR,
    Words("信达担保", "Xinda Guarantee"),
    100_000_000,
    40_000_000,
    "claim_submitted",
    date(2025, 2, 20),
    date(2025, 3, 6),
)
POOL = desk.PoolCard(
    "pool_1",
    Words("宁波融资担保代偿基金", "Ningbo guarantee compensation fund"),
    "open",
    5_000_000_000,
    12_000_000_000,
    300_000_000,
    37_700_000_000,
    40_000_000,
    11_200_000,
)
MEMBER = desk.Member("member_1", FIRM, "91420600MA4K2XNB7C", "A", "2025 年第一批", date(2027, 12, 31))

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

BANK_OFFER = desk.OfferSaid(50_000_000, 480, Decimal("541.2"), 12, date(2025, 3, 16), "accepted", COSTS[1:])

CASES: dict[str, tuple[str, str, Any, str | None]] = {
    # name: template, path, view-model, role
    "sign_in": (
        "firm/sign_in.html",
        "/sign-in",
        firm.SignIn(samples=(("企业 · Firm", "owner1"), ("银行 · Bank", "officer1"))),
        None,
    ),
    "sign_in_wrong": (
        "firm/sign_in.html",
        "/sign-in",
        firm.SignIn(s.Form({"login": "li"}, Words("用户名或密码不对。", "User name or password is wrong."))),
        None,
    ),
    "sign_up_wrong": (
        "firm/sign_up.html",
        "/sign-up",
        firm.SignUp(
            WRONG,
            (s.Choice("420600", Words("湖北襄阳", "Xiangyang, Hubei")),),
            (s.Choice("C", Words("制造业", "Manufacturing")),),
        ),
        None,
    ),
    "home": (
        "firm/home.html",
        "/",
        firm.Home(
            FIRM,
            STEPS,
            (WAIT,),
            ((Words("港湾银行需要补充材料", "Harbour Bank needs documents"), date(2025, 3, 5), "/applications/application_1"),),
        ),
        "firm_owner",
    ),
    "home_new": (
        "firm/home.html",
        "/",
        firm.Home(
            FIRM,
            (
                firm.RoadStep("authorise", "now", "/authorise"),
                *(firm.RoadStep(k, "later", "/") for k in ("credit_file", "matches", "apply", "offers", "loan")),
            ),
        ),
        "firm_owner",
    ),
    "authorise": ("firm/authorise.html", "/authorise", firm.Authorise((CONSENT,), (PERSON,), (ENDED,), (POWER,)), "firm_owner"),
    "authorise_empty": ("firm/authorise.html", "/authorise", firm.Authorise(), "firm_owner"),
    "authorise_draft": (
        "firm/authorise_draft.html",
        "/authorise/new/firm",
        firm.AuthoriseDraft("firm", GROUPS, PURPOSES, RECIPIENTS, TODAY, date(2026, 2, 28), date(2026, 2, 28)),
        "firm_owner",
    ),
    "authorise_draft_person": (
        "firm/authorise_draft.html",
        "/authorise/new/person",
        firm.AuthoriseDraft("person", GROUPS[1:], PURPOSES, RECIPIENTS, TODAY, date(2026, 2, 28), date(2026, 2, 28), ("李文静",)),
        "firm_owner",
    ),
    "authorise_draft_query": (
        "firm/authorise_draft.html",
        "/authorise/new/bank_query",
        firm.AuthoriseDraft("bank_query", (), PURPOSES, RECIPIENTS[1:], TODAY, date(2026, 2, 28), date(2026, 2, 28)),
        "firm_owner",
    ),
    "authorise_sign": (
        "firm/authorise_sign.html",
        "/authorise/sign/consent_1",
        firm.AuthoriseSign(
            CONSENT,
            (
                Words("企业数据授权书", "Firm data document"),
                Words("授权信桥平台读取下列记录", "CreditBridge may read these records"),
            ),
            '{"zh": "…"}',
            "李文静",
            (POWER,),
        ),
        "firm_owner",
    ),
    "credit_file": (
        "firm/credit_file.html",
        "/credit-file",
        firm.CreditFilePage(
            FACTS,
            (
                firm.MissingFacts(
                    Words("社保参保人数", "Insured headcount"),
                    "withheld",
                    (Words("参保人数变化", "Change in headcount"),),
                    "/authorise/new/firm",
                ),
                firm.MissingFacts(Words("不动产", "Property"), "absent", (Words("房产价值", "Property value"),)),
            ),
            GRADE,
            ((Words("专精特新白名单", "Specialised firm whitelist"), "A", date(2027, 12, 31)),),
        ),
        "firm_owner",
    ),
    "credit_file_empty": ("firm/credit_file.html", "/credit-file", firm.CreditFilePage(authorised=False), "firm_owner"),
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
    "apply": (
        "firm/apply.html",
        "/apply",
        firm.Apply(
            (
                firm.ProductChoice(
                    "a",
                    Words("开票贷", "Invoice loan"),
                    HARBOUR,
                    "yes",
                    96_800_000,
                    Decimal("388.1"),
                    ("firm", "owner"),
                    ("interest_first", "revolving"),
                    10_000_000,
                    100_000_000,
                    3,
                ),
                firm.ProductChoice(
                    "b",
                    Words("税易贷", "Tax loan"),
                    TOWER,
                    "yes",
                    60_000_000,
                    Decimal("428.2"),
                    ("firm",),
                    ("equal_instalments",),
                    10_000_000,
                    80_000_000,
                    5,
                    (
                        (
                            Words("给钟楼银行的征信查询授权书", "bureau query document for Bell Tower Bank"),
                            "/authorise/new/bank_query",
                        ),
                    ),
                ),
                firm.ProductChoice(
                    "c", Words("稳岗贷", "Payroll loan"), ORCHARD, "unknown", None, None, (), ("bullet",), 5_000_000, 50_000_000
                ),
            ),
            (
                s.Choice("working_capital", Words("采购原材料", "Buying materials")),
                s.Choice("equipment", Words("购置设备", "Equipment")),
            ),
            form=s.Form({"amount": "abc", "months": "12"}, Words("“abc”不是金额", "“abc” is not an amount of money"), "amount"),
        ),
        "firm_owner",
    ),
    "apply_empty": ("firm/apply.html", "/apply", firm.Apply((), ()), "firm_owner"),
    "applications": (
        "firm/applications.html",
        "/applications",
        lending.Applications(
            (lending.NeedCard("need_1", 90_000_000, 12, Words("采购原材料", "Buying materials"), date(2025, 2, 24), ROWS, True),)
        ),
        "firm_owner",
    ),
    "applications_empty": ("firm/applications.html", "/applications", lending.Applications(), "firm_owner"),
    "application": (
        "firm/application.html",
        "/applications/application_1",
        lending.ApplicationPage(
            ROWS[0],
            12,
            Words("采购原材料", "Buying materials"),
            TIMELINE,
            CALL,
            ("2024 年购销合同", "近三月对账单"),
            "请补充 2024 年最大三笔购销合同，用于核实贷款用途。",
            date(2025, 3, 5),
            (),
            True,
        ),
        "firm_owner",
    ),
    "application_declined": (
        "firm/application.html",
        "/applications/application_3",
        lending.ApplicationPage(
            ROWS[2],
            12,
            Words("采购原材料", "Buying materials"),
            TIMELINE[:2],
            CALL,
            reasons=REASONS_NO,
            refused_by="bank",
            refusal="本次未能批准，抱歉。",
        ),
        "firm_owner",
    ),
    "offers": ("firm/offers.html", "/offers", lending.Offers(90_000_000, 12, (OFFER, OFFER_2), (WAIT,)), "firm_owner"),
    "offers_empty": ("firm/offers.html", "/offers", lending.Offers(pending=(WAIT,)), "firm_owner"),
    "accept": ("firm/accept.html", "/offers/offer_1", lending.Accept(OFFER, (TOWER, ORCHARD)), "firm_owner"),
    "loans": ("firm/loans.html", "/loans", lending.Loans((FACILITY,)), "firm_owner"),
    "loans_empty": ("firm/loans.html", "/loans", lending.Loans(), "firm_owner"),
    "loan": (
        "firm/loan.html",
        "/loans/draw_1",
        lending.LoanPage(
            FACILITY,
            DRAW,
            SCHEDULE,
            (lending.PaymentRow(date(2025, 3, 15), 4_243_000, 4_091_000, 152_000, 0, 0, "borrower"),),
            1_234,
        ),
        "firm_owner",
    ),
    "readers": (
        "firm/readers.html",
        "/readers",
        firm.Readers(
            (
                firm.Reading(
                    at(2025, 3, 1, 9, 12),
                    HARBOUR,
                    Words("读取了产品所列的记录", "read the records its product lists"),
                    (Words("近 12 个月销售额", "Sales, last 12 months"), Words("最长开票间隔", "Longest gap")),
                    "pre_loan",
                    False,
                    date(2025, 3, 1),
                ),
                firm.Reading(at(2025, 2, 28, 17, 3), TOWER, Words("想读取记录", "wanted to read records"), (), "pre_loan", True),
            )
        ),
        "firm_owner",
    ),
    "readers_empty": ("firm/readers.html", "/readers", firm.Readers(), "firm_owner"),
    "message": (
        "message.html",
        "/none",
        s.Message(
            Words("没有找到", "Not found"),
            Words("这个页面不存在，或不属于您。", "This page does not exist, or is not yours."),
            404,
        ),
        "firm_owner",
    ),
    "bank": (
        "desk/bank.html",
        "/desk/bank",
        desk.BankDesk(
            HARBOUR,
            (
                CASE,
                desk.Case(
                    "a2",
                    "武汉江城食品有限公司",
                    Words("开票贷", "Invoice loan"),
                    30_000_000,
                    6,
                    "documents_asked",
                    date(2025, 2, 1),
                    date(2025, 2, 28),
                    True,
                ),
            ),
            (),
            (
                desk.LateDraw("draw_9", FIRM, 62_000_000, 94, "substandard"),
                desk.LateDraw("draw_8", FIRM, 62_000_000, 94, "substandard", date(2025, 2, 1)),
            ),
        ),
        "bank_officer",
    ),
    "bank_empty": ("desk/bank.html", "/desk/bank", desk.BankDesk(HARBOUR), "bank_officer"),
    "bank_case": (
        "desk/bank_case.html",
        "/desk/bank/application_1",
        desk.BankCase(
            CASE,
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            FACTS[:1],
            TIMELINE,
            (Words("企业征信", "firm's bureau record"),),
            (("2024 年购销合同", "/desk/bank/application_1/documents/1"),),
            (Words("专精特新白名单", "Specialised firm whitelist"), "A"),
            loan=desk.BankLoan(),
            forms={
                "decide": s.Form({"outcome": "approve", "fee_title_0": "担保费"}, Words("请填写金额", "Give an amount"), "amount")
            },
        ),
        "bank_officer",
    ),
    "bank_case_contract": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="accepted", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(BANK_OFFER, may_contract=True, may_close=True, today=TODAY),
        ),
        "bank_officer",
    ),
    "bank_case_drawn": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="drawn", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(
                BANK_OFFER,
                desk.ContractSaid("HT-2025-017", 50_000_000, date(2025, 2, 20), date(2026, 2, 20), 480, 30_000_000),
                (
                    desk.DrawSaid(
                        "JJ-2025-017-1",
                        30_000_000,
                        27_500_000,
                        date(2025, 2, 21),
                        date(2026, 2, 21),
                        3,
                        "late",
                        ((date(2025, 2, 28), 2_620_000, "borrower"),),
                    ),
                ),
                "waiting",
                may_draw=True,
                may_repay=True,
                sources=(s.Choice("borrower", Words("企业", "The firm")),),
                today=TODAY,
            ),
            forms={"repaid": s.Form({"principal": "100"}, Words("各项合计不符", "The parts do not add up"), "principal")},
        ),
        "bank_officer",
    ),
    "bank_case_declined": (
        "desk/bank_case.html",
        "/desk/bank/application_2",
        desk.BankCase(
            dataclasses.replace(CASE, state="declined", answer_by=None),
            "李文静",
            "湖北襄阳",
            "通用设备制造业",
            "equal_instalments",
            Words("采购原材料", "Buying materials"),
            (),
            TIMELINE,
            may_decide=False,
            loan=desk.BankLoan(),
            refusal=("本次未能批准，抱歉。", ("成立以来流水不连续",)),
        ),
        "bank_officer",
    ),
    "guarantor": (
        "desk/guarantor.html",
        "/desk/guarantor",
        desk.GuarantorDesk(Words("信达担保", "Xinda Guarantee"), (G_CASE,), (G_LATE,)),
        "guarantor_officer",
    ),
    "guarantee_decide": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_1",
        desk.GuaranteePage(G_CASE, "decide", FACTS[:1], TIMELINE, 37_700_000_000),
        "guarantor_officer",
    ),
    "guarantee_pay": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(G_LATE, "pay", (), TIMELINE),
        "guarantor_officer",
    ),
    "guarantee_claim": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(
            G_LATE,
            "claim",
            (),
            TIMELINE,
            documents=(
                s.Choice("judgment", Words("生效判决书", "Final judgment")),
                s.Choice("contract", Words("借款合同", "Loan contract")),
            ),
        ),
        "guarantor_officer",
    ),
    "guarantee_nothing": (
        "desk/guarantee.html",
        "/desk/guarantor/guarantee_2",
        desk.GuaranteePage(G_LATE, "nothing", (), ()),
        "guarantor_officer",
    ),
    "fund_maker": ("desk/fund.html", "/desk/fund", desk.FundDesk("maker", (POOL,), (CLAIM,), (CLAIM,)), "fund_maker"),
    "fund_checker": ("desk/fund.html", "/desk/fund", desk.FundDesk("checker", (POOL,)), "fund_checker"),
    **{
        f"claim_{act}": (
            "desk/claim.html",
            "/desk/fund/claims/claim_1",
            claims.ClaimPage(
                dataclasses.replace(CLAIM, late_days=3 if act == "review" else 0),
                act,
                "（2025）浙0203民初812号",
                date(2025, 2, 10),
                (
                    desk.Check(Words("放款前已登记", "registered before the draw"), True),
                    desk.Check(Words("六个月内提交", "filed within six months"), True),
                    desk.Check(Words("缺少催收记录", "collection records are missing"), False),
                ),
                (desk.Check(Words("没有资金挪用记录", "no misuse is on record"), True),),
                (
                    (Words("担保机构 40%", "Guarantor 40 %"), 40_000_000),
                    (Words("基金 40%", "Fund 40 %"), 40_000_000),
                    (Words("银行 20%", "Bank 20 %"), 20_000_000),
                ),
                (
                    claims.PaperLine(Words("生效判决书", "court judgment"), True, True),
                    claims.PaperLine(Words("三次以上催收记录", "three or more collection records"), True, False),
                    claims.PaperLine(Words("其他担保处置情况", "realisation of other security"), False, False),
                ),
                (
                    claims.EvidenceDraw(
                        "JJ-1", 100_000_000, date(2024, 6, 1), 188, "substandard", ((date(2024, 7, 20), 300_000, "borrower"),)
                    ),
                ),
                claims.ClockLine(Words("代偿基金", "The fund"), Words("初审", "review"), date(2025, 2, 20)),
                claims.SignedList(
                    (Words("放款前已入库", "the loan entered before its draw"),),
                    date(2024, 5, 28) if act != "pay" else None,
                    "代偿基金",
                    act != "instruct",
                ),
                (s.Choice("misuse", Words("贷款资金被挪用", "the money was used for something else")),),
                TIMELINE[:1],
                later={"nothing": "propose", "write_off": "claw_back"}.get(act, ""),
            ),
            "fund_maker",
        )
        for act in ("review", "approve", "instruct", "pay", "write_off", "nothing")
    },
    "pool": (
        "desk/pool.html",
        "/desk/fund/pool",
        desk.PoolPage(
            POOL,
            TODAY,
            (
                desk.BookLine(
                    date(2025, 2, 28),
                    Words("宁波海星渔具：代偿支付", "Haixing: compensation paid"),
                    Words("应收追偿", "Receivable from recovery"),
                    Words("专户现金", "Cash"),
                    40_000_000,
                ),
            ),
            ((Words("市财政局", "City treasury"), 5_000_000_000),),
            (s.Choice("", Words("整个资金池", "The whole pool")), s.Choice("harbour", HARBOUR)),
            (
                desk.PoolStop(
                    Words("信达担保", "Xinda Guarantee"),
                    "xinda",
                    "paused",
                    date(2025, 2, 28),
                    Words("净代偿率 6.00% 达到 5.00%", "the ratio of 6.00% reached 5.00%"),
                    Words("已追偿三笔，建议恢复", "Three recovered; let it go on"),
                    "reopen",
                ),
                desk.PoolStop(ORCHARD, "orchard", "warn", date(2025, 2, 28), Words("净代偿率 3.20%", "the ratio is 3.20%")),
            ),
        ),
        "fund_checker",
    ),
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
    "operator": (
        "desk/operator.html",
        "/desk/operator",
        desk.OperatorDesk(
            (
                desk.BankHealth(HARBOUR, "up", at(2025, 3, 1, 9, 0), 0, 0),
                desk.BankHealth(TOWER, "down", at(2025, 2, 28, 22, 0), 4, 7),
                desk.BankHealth(ORCHARD, "never", None, 0, 0),
            ),
            3,
            1,
            (
                desk.StepRow(
                    "step_1", Words("把申请送往钟楼银行", "Send an application to Bell Tower Bank"), 8, None, "连接超时", True
                ),
                desk.StepRow(
                    "step_2",
                    Words("取钟楼银行的进度", "Ask Bell Tower Bank for progress"),
                    2,
                    at(2025, 3, 1, 9, 30),
                    "连接超时",
                    False,
                ),
            ),
            ("钟楼银行的一条应答无法解析，已原样保存",),
            at(2025, 3, 1, 9, 15),
            True,
        ),
        "operator",
    ),
}
WARNED = watching.WarningCard(
    Words("近三个月开票销售额同比", "Invoiced sales of three months over a year"),
    "YELLOW",
    date(2025, 2, 21),
    Words(
        "-35.0%，阈值 -30.0%；2025年2月20日，来源：税务部门（发票）", "-35.0%, threshold -30.0%; 20 Feb 2025, source: tax office"
    ),
    Words("如实开具已实现的销售发票", "Invoice the sales you made"),
    told=(HARBOUR, ORCHARD),
)
TIED = dataclasses.replace(WARNED, title=Words("关联企业风险", "Trouble at a tied firm"), rests_on=None, told=(), firm=FIRM)
TASK = watching.WarningRow("task_1", FIRM, "RED", date(2025, 2, 24), True, WARNED)
OUTCOMES = (s.Choice("false_alarm", Words("误报", "a false alarm")), s.Choice("resolved", Words("已化解", "settled")))
CASES |= {
    "warnings": ("firm/warnings.html", "/warnings", watching.FirmWarnings((WARNED, TIED)), "firm_owner"),
    "warnings_none": ("firm/warnings.html", "/warnings", watching.FirmWarnings(), "firm_owner"),
    "warning_desk": (
        "desk/warnings.html",
        "/desk/warnings",
        watching.WarningDesk((TASK, dataclasses.replace(TASK, card=None, late=False, answered=OUTCOMES[0].label))),  # type: ignore[arg-type]
        "bank_officer",
    ),
    "warning_desk_none": ("desk/warnings.html", "/desk/warnings", watching.WarningDesk(), "bank_officer"),
    "warning_guarantor": ("desk/warnings.html", "/desk/warnings", watching.WarningDesk(seen=(TIED,)), "guarantor_officer"),
    "warning_task": (
        "desk/warning.html",
        "/desk/warnings/task_1",
        watching.WarningTaskPage(
            TASK, OUTCOMES, None, s.Form({"words": "ok"}, Words("请写明核查情况", "write down what you found"), "words")
        ),
        "bank_officer",
    ),
    "warning_task_hidden": (
        "desk/warning.html",
        "/desk/warnings/task_1",
        watching.WarningTaskPage(dataclasses.replace(TASK, card=None), OUTCOMES, "已电话核实"),
        "bank_officer",
    ),
}
CONDITIONS = (
    claims.ConditionLine("yes", Words("本笔贷款无逾期（现逾期 0 天）", "nothing overdue on this loan (now 0 days)"), "platform"),
    claims.ConditionLine("unknown", Words("无欠税、欠缴社保", "no tax and no social insurance in arrears"), "platform"),
    claims.ConditionLine("unknown", Words("符合新发放贷款的标准", "meets the standards of a new loan"), "bank"),
    claims.ConditionLine("no", Words("贷款分类为正常", "the loan is classed normal"), "platform"),
)
RENEWAL = claims.RenewalCard(
    "draw_1", HARBOUR, 100_000_000, 100_000_000, date(2025, 4, 20), date(2025, 4, 19), "asked", "wish", CONDITIONS
)
DECIDED = dataclasses.replace(RENEWAL, id="draw_2", firm_words="订单稳定，申请续贷。", bank_words="经核查符合续贷条件。")
CASES |= {
    "renewals": (
        "firm/renewals.html",
        "/renewals",
        claims.Renewals(
            (
                RENEWAL,
                dataclasses.replace(DECIDED, state="renewed", act="nothing", cohort=date(2024, 4, 20)),
            ),
            "draw_1",
            s.Form({}, Words("请选择结论", "please choose an outcome"), ""),
        ),
        "firm_owner",
    ),
    "renewals_none": ("firm/renewals.html", "/renewals", claims.Renewals(), "firm_owner"),
    "renewal_desk": (
        "desk/renewals.html",
        "/desk/renewals",
        claims.Renewals(
            (
                dataclasses.replace(RENEWAL, who=FIRM, state="wanted", act="decide", firm_words="订单稳定，申请续贷。"),
                dataclasses.replace(DECIDED, who=FIRM, state="agreed", act="name"),
            ),
            "draw_1",
            s.Form({}, Words("请写明理由", "please give the reason"), "words"),
        ),
        "bank_officer",
    ),
    "renewal_desk_none": ("desk/renewals.html", "/desk/renewals", claims.Renewals(), "bank_officer"),
}
WHO = {
    "firm_owner": FIRM,
    "bank_officer": "港湾银行 · 陈信贷员",
    "guarantor_officer": "信达担保",
    "fund_maker": "代偿基金 · 经办",
    "fund_checker": "代偿基金 · 复核",
    "whitelist_issuer": "市经信局",
    "operator": "信桥运营",
}
