"""The firm at the door: signing in, its road, its consents, its credit file and who read it."""

from __future__ import annotations

from datetime import date

from backend.kit.words import Words
from backend.portal.pages import firm
from backend.portal.pages import shared as s
from tests.portal.examples.shared import FACTS, FIRM, HARBOUR, ORCHARD, TODAY, TOWER, WAIT, Case, at

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

CASES: dict[str, Case] = {
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
}
