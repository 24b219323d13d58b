"""What the dashboard says, in 简体中文 and English. Figures are called and defined by the snapshot; these are labels and notes.

>>> PAGES["pool"].say("zh"), OUTCOMES["declined"].say("en")
('资金池', 'declined')
"""

from __future__ import annotations

from backend.kit.words import Words as W
from backend.vocabulary.codes import LOAN_CLASSES
from backend.vocabulary.facts import definitions

TITLE = W("信桥监管看板", "CreditBridge oversight")
SUBTITLE = W("监管看板", "Oversight")
SIGN_IN = W("请先在平台登录，再打开看板。", "Please sign in on the platform first, then open the dashboard.")
WRONG_ROLE = W(
    "看板只对监管、运营和基金管理人员开放。", "The dashboard is open to regulators, the operator and the fund's staff only."
)
API_AWAY = W(
    "平台暂时没有应答，无法确认您的身份。请稍后刷新。",
    "The platform does not answer, so your session cannot be confirmed. Please reload in a moment.",
)
TO_SIGN_IN = W("前往登录", "to the sign-in")
LANGUAGE = W("语言", "Language")
STAMP = W(
    "数据截至 {day} · 生成于 {built} · 快照 {digest} · 口径版本 {version}",
    "as of {day} · built at {built} · snapshot {digest} · definitions {version}",
)
UNIT_NOTE = W(
    "金额单位：万元(1 万元 = 10,000 元)。n 为计算所用的笔数或户数。少于 5 户、或可由相减推知的金额、利率和时长不公布。",
    "Money in 万元 (1 万元 = CNY 10,000). n is the number of cases behind a figure. "
    "Amounts, rates and times of fewer than five firms, or that would tell them by subtraction, are held back.",
)
HOW = W("怎么算的", "how this is counted")
SOURCE = W("依据", "source")
NO_FIGURE = W("暂无", "none yet")
NO_SNAPSHOT = W("这里还没有数字", "No figures here yet")
BROKEN = W("快照未通过核对", "The snapshot did not pass its check")
TELL = W(
    "请告知平台运营方；看板会在下一份快照发布后自动恢复。",
    "Please tell the platform's operator; the dashboard recovers by itself with the next snapshot.",
)
TABLE = W("查看数字表", "show as a table")
ALL_BANKS = W("全部银行", "all banks")
TOTAL = W("合计", "total")
WAN = W("万元", "万元")
DAYS = W("天", "days")
CASES = W("笔", "")

PAGES = {
    "overview": W("概览", "Overview"),
    "approvals": W("审批", "Approvals"),
    "defaults": W("违约", "Defaults"),
    "pool": W("资金池", "Pool"),
    "monitoring": W("监测", "Monitoring"),
}
LEADS = {
    "overview": W("企业授权、申请、获批和用信的全貌。", "Firms, consents, needs, approvals and draws at a glance."),
    "approvals": W(
        "各银行批了多少、批得多快、价格多高、为何不批。",
        "How much each bank approves, how fast, at what price, and why it declines.",
    ),
    "defaults": W(
        "逾期、五级分类与按放款月份的违约走势。", "Days past due, five-category class, and default by month of drawing."
    ),
    "pool": W(
        "风险补偿资金池：钱在哪里、担着多少、还能担多少。",
        "The risk-compensation pool: where the money is, what it carries, what it can still carry.",
    ),
    "monitoring": W(
        "风险预警、增信是否可靠、评分卡是否仍然有效。",
        "Early warning, whether uplifts are honest, whether the cards still hold.",
    ),
}
OUTCOMES = {
    "approved": W("通过", "approved"),
    "declined": W("拒绝", "declined"),
    "withdrawn": W("撤回", "withdrawn"),
    "expired": W("过期", "expired"),
    "pending": W("办理中", "pending"),
}
CLASSES = {code: LOAN_CLASSES[code] for code in ("normal", "watch", "substandard", "doubtful", "loss")}
BUCKETS = {
    "0": W("未逾期", "not past due"),
    "1-30": W("1–30 天", "1–30 days"),
    "31-60": W("31–60 天", "31–60 days"),
    "61-90": W("61–90 天", "61–90 days"),
    "91-180": W("91–180 天", "91–180 days"),
    "181+": W("180 天以上", "over 180 days"),
}
DIMENSIONS = {
    **{code: definitions()[code].title for code in ("region", "industry", "subject_type")},
    "firm_age": W("成立年限", "age of the firm"),
}
# The lines of the price chart are figures, called as the snapshot calls them; the LPR is a quote.
PRICES = {"rate": "weighted_rate_bp", "all_in": "weighted_all_in_bp"}
LPR = W("一年期 LPR", "1-year LPR")
CONSENTS = {
    "signed": W("签署", "signed"),
    "revoked": W("撤销", "revoked"),
    "readings": W("读取", "readings"),
    "refusals": W("拒绝读取", "readings refused"),
}
BOOK = {
    "drawn": W("当月用信", "drawn"),
    "repaid": W("当月还本", "repaid"),
    "outstanding": W("月末余额", "outstanding"),
    "overdue": W("其中逾期", "of it past due"),
}
FLOWS = {"paid_in": W("缴存", "paid in"), "recovered": W("追回", "recovered"), "paid": W("代偿拨付", "paid out")}
HOLD = {"reserved": W("已预留", "reserved"), "commitments": W("已承担", "committed"), "available": W("可用额度", "headroom")}
STATES = {
    "open": W("正常", "open"),
    "active": W("正常", "open"),
    "warn": W("预警", "warned"),
    "warned": W("预警", "warned"),
    "warning": W("预警", "warned"),
    "paused": W("暂停", "paused"),
    "closed": W("关闭", "closed"),
}
CLAIMS = {
    "month": W("月份", "month"),
    "filed": W("申请", "filed"),
    "approved": W("核准", "approved"),
    "rejected": W("驳回", "rejected"),
    "paid": W("拨付", "paid"),
    "payout_fen": W("拨付金额(万元)", "paid out (万元)"),
    "p50_days": W("中位天数", "median days"),
}
COLUMNS = {
    "bank": W("银行", "bank"),
    "product": W("产品", "product"),
    "submitted": W("申请", "submitted"),
    "approval": W("通过率", "approved"),
    "p50": W("P50 天", "P50 days"),
    "p90": W("P90 天", "P90 days"),
    "drawn": W("用信(万元)", "drawn (万元)"),
    "rate": W("利率", "rate"),
    "all_in": W("综合成本", "all-in"),
    "account": W("科目", "account"),
    "balance": W("余额(万元)", "balance (万元)"),
    "ratio": W("比率", "ratio"),
    "numerator": W("分子", "part"),
    "denominator": W("分母(万元)", "whole (万元)"),
    "month": W("月份", "month"),
}
HIDDEN = W(
    "另有 {n} 个分组少于 5 户(或可由相减推知)，数字不公布：",
    "{n} more groups have fewer than five firms (or would be told by subtraction); their figures are not published:",
)
OTHER = W("其他(每类少于 5 户)", "other reasons (fewer than five firms each)")
BALANCED = W("借贷两栏相等：账是平的。", "Debits equal credits: the book balances.")
UNBALANCED = W(
    "借贷两栏相差 {total} 万元：账不平，请查账。",
    "Debits and credits differ by {total} 万元: the book does not balance; please look into it.",
)
IMMATURE = W(
    "每一点都已由该批全部贷款走到；灰色虚线：该批放款未满 12 个月，12 个月违约率尚不可知。",
    "Every point has been reached by all loans of its cohort. Grey and dashed: a cohort younger than twelve months, whose "
    "twelve-month default is not known yet.",
)
# of fewer than five firms, or it would betray them: a page cannot tell which, and must not
FEWER = W("不公布", "held back")
FEWER_LEFT_OUT = W(
    "{n} 处少于 5 户(或可由相减推知)，只计笔数，不公布金额、利率和时长。",
    "In {n} places fewer than five firms stand behind (or would be betrayed): counted; no amounts, rates or times.",
)
NOT_ACTING = W(
    "窗口内入库 {n} 笔，不足 {least} 笔时熔断不启动。",
    "{n} loans entered in the window; below {least} the breaker does not act.",
)
# What cells are measured by is a figure of the snapshot, but for this amount, which only cells have.
OVERDUE90 = W("逾期 90 天以上余额", "90+ days past due")
BY = W("按什么分组", "grouped by")
SHOW = W("显示什么", "show")
WHICH_POOL = W("资金池", "pool")
LINES = {
    "now": W("目前 {value}", "now {value}"),
    "warn": W("预警线 {value}", "warning line {value}"),
    "pause": W("暂停线 {value}", "pause line {value}"),
}
EVER = {"ever30_fen": W("曾逾期 30 天以上", "ever 30+ days"), "ever90_fen": W("曾逾期 90 天以上", "ever 90+ days")}
COHORT = W("放款月份", "month of drawing")
MOB = W("放款后第几个月", "months on book")
