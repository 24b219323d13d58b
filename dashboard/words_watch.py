"""Words of what is watched: a pool's strength, early warning, honesty of the uplifts, the cards."""

from __future__ import annotations

from backend.kit.words import Words as W
from dashboard.words import DIMENSIONS

# ---------------------------------------------------------------- strength

STRENGTH = W("压力测试：未来一年要赔多少", "Stress: what the next year may cost")
STRENGTH_LEAD = W(
    "按现有在保贷款模拟一年内扣除追偿后的净代偿；竖线为所需资金。",
    "What the live book may cost within a year after recoveries; the upright lines are the money needed.",
)
FEW = W(
    "目前在保企业 {firms} 家。少于 5 家时只公布资金，不公布由其贷款推算的数字。",
    "Firms carried now: {firms}. Of fewer than five only the money is said, and nothing that is drawn from their loans.",
)
NOT_CARRYING = W("目前没有在保贷款，还谈不上压力。", "The pool carries no loan yet, so there is nothing to stress.")
CARDS = {
    "expected_fen": W("一年预期净代偿", "expected in a year"),
    "need95_fen": W("95 % 情形所需", "enough in 95 %"),
    "need999_fen": W("99.9 % 情形所需", "enough in 99.9 %"),
    "cover": W("现金可支撑", "cash covers"),
    "short_bp": W("现金不足的可能", "chance it runs short"),
}
MARKS = {
    "need95": W("95 %", "95 %"),
    "need999": W("99.9 %", "99.9 %"),
    "cash": W("专户现金", "cash"),
    "bars": W("模拟情形", "drawn cases"),
}
PAID = W("净代偿(万元)", "net payments (万元)")
CASES = W("占情形的 %", "% of cases")
NOTHING = W("一年内没有净代偿的情形占 {share}，未画出。", "In {share} of cases nothing is lost; they are not drawn.")
CASH_BEYOND = W(
    "专户现金 {cash} 万元，在图右侧之外，是 99.9 % 所需的 {times} 倍。",
    "Cash, {cash} 万元, lies beyond the right edge: {times} times what 99.9 % need.",
)
ASSUMED = W(
    "{loans} 笔贷款，{firms} 家企业，其中 {assessed} 家用其评价的违约概率，其余假定为 {pd}；相关系数 {correlation}，"
    "损失率 {lgd}；模拟 {draws} 次。金额为约数。",
    "{loans} loans of {firms} firms; {assessed} with the probability of their assessment, the others assumed at {pd}; "
    "correlation {correlation}, loss rate {lgd}; {draws} cases drawn. Money is rounded.",
)
FAILED = W("已有 {failed} 笔贷款视为违约。", "Loans that count as failed already: {failed}.")
NEEDS = W("所需资金与解析解", "Money needed, beside the closed form")
NEEDS_LEAD = W(
    "单位：万元。解析解假定贷款无限分散；两者之差即集中度的代价。",
    "In 万元. The closed form takes the book for infinitely granular; what lies between is the price of concentration.",
)
NEEDS_HEAD = {
    "level": W("够用的比例", "enough in"),
    "need": W("所需", "needed"),
    "error": W("模拟误差 ±", "error ±"),
    "granular": W("解析解", "closed form"),
    "before": W("追偿到账前", "before recoveries"),
    "left": W("现金余缺", "cash less need"),
}
CONCENTRATION = W(
    "集中度相当于 {equal} 家同等大小的企业；最大十家占 {largest}。",
    "As concentrated as {equal} equal firms; the ten largest carry {largest}.",
)
BREAKER = W("熔断会怎样", "What the breaker would do")
BREAKER_LEAD = W(
    "若一年净代偿都计入窗口，各情形出现的可能。",
    "How often each would happen if the year's net payments all fell into the window.",
)
BREAKER_ROWS = {
    "nothing_bp": W("没有净代偿", "nothing lost"),
    "warn_bp": W("达到预警线", "warning line reached"),
    "pause_bp": W("达到暂停线", "pause line reached"),
    "short_bp": W("现金不足", "cash not enough"),
}
WORLDS = W("如果……", "What if")
WORLDS_LEAD = W(
    "责任份额、杠杆(同样的现金担更多贷款)或违约概率变化时所需的资金。",
    "Money needed if the share, the leverage (more book on the same cash) or the probabilities were others.",
)
WORLDS_HEAD = {
    "world": W("情形", "world"),
    "expected": W("预期净代偿", "expected"),
    "need95": W("95 % 所需", "95 % need"),
    "need999": W("99.9 % 所需", "99.9 % need"),
    "missing999": W("99.9 % 缺口", "missing at 99.9 %"),
}
AS_IT_IS = W("现状", "as it is")
TIMES = {
    "share_times": W("份额 ×{times}", "share ×{times}"),
    "leverage_times": W("杠杆 ×{times}", "leverage ×{times}"),
    "pd_times": W("违约概率 ×{times}", "probabilities ×{times}"),
}
MONTHS = W("{n} 个月", "{n} months")
YEARS = W("{n} 年", "{n} years")
CENTURY = W("100 年以上", "100+ years")

# ---------------------------------------------------------------- early warning

WARNINGS = W("风险预警", "Early warning")
WARNINGS_LEAD = W(
    "每月检查尚有欠款的企业；柱为处于关注、立即处理的户数。",
    "Every firm that owes something is looked at monthly; bars are firms on watch and to act on.",
)
COLOURS = {"yellow": W("关注", "watch"), "red": W("立即处理", "act now")}
NOW = {
    "firms": W("检查企业", "firms looked at"),
    "yellow": W("关注", "on watch"),
    "red": W("立即处理", "act now"),
    "tasks": W("本月新派任务", "new tasks this month"),
    "nothing_opened": W("未开放非公开数据", "opened no private record"),
}
INDICATORS = W("按指标", "By indicator")
INDICATORS_LEAD = W("累计预警(按最高一级)与银行反馈。", "Alerts so far at their highest, and what banks answered.")
INDICATORS_HEAD = {
    "indicator": W("指标", "indicator"),
    "yellow": W("关注", "watch"),
    "red": W("立即处理", "act now"),
    "confirmed": W("属实", "confirmed"),
    "false_alarm": W("误报", "false alarm"),
    "resolved": W("已化解", "resolved"),
}
REGIONS = W("未结预警分布", "Open alerts by place")
REGIONS_LEAD = W("少于 5 家的不列示。", "Fewer than five firms are left out.")
REGIONS_HEAD = {"region": DIMENSIONS["region"], "colour": W("级别", "colour"), "firms": W("企业", "firms")}
NO_SWEEPS = W("还没有做过预警检查。", "No sweep has been made yet.")
NO_ALERTS = W("还没有预警。", "No alert has been raised yet.")
NO_REGIONS = W("目前没有一个地区的未结预警达到 5 家。", "No place has open alerts on five firms or more yet.")

# ---------------------------------------------------------------- honesty

HONESTY = W("增信企业是否更易违约", "Do lifted firms default more")
HONESTY_LEAD = W(
    "按增信幅度分档的 12 个月违约率，点为比率，线为 95 % 区间。",
    "Default within 12 months by band of uplift; dots are rates, lines their 95 % intervals.",
)
BAND = W("增信幅度", "uplift")
NONE_LIFTED = W("未增信", "none")
BANDS_HEAD = {
    "band": W("增信幅度", "uplift"),
    "loans": W("授信", "facilities"),
    "firms": W("企业", "firms"),
    "rate": W("违约率(95 % 区间)", "default (95 % interval)"),
    "difference": W("与对照之差", "less matched partners"),
    "left_out": W("无对照", "no partner"),
}
DEFAULT_RATE = W("违约率 %", "default %")
FINDINGS = W("系数是否需要复核", "Does a coefficient need a second look")
FINDINGS_LEAD = W(
    "e 值达到界限即报警，可随时查看而不增加误报；由两人决定，只影响新授信。",
    "An alert when the e-value reaches its line, however often one looks; two persons decide, and only new facilities change.",
)
FINDINGS_HEAD = {
    "programme": W("增信方案与系数", "programme and coefficient"),
    "lifted": W("增信：违约 / 授信", "lifted: defaults / facilities"),
    "others": W("同类：违约 / 授信", "like them: defaults / facilities"),
    "e_value": W("e 值 / 界限", "e-value / line"),
    "state": W("状态", "state"),
}
COEFFICIENTS = {
    "all": W("全部", "all"),
    "rights": W("数据产权", "data rights"),
    "trades": W("数据交易", "data trades"),
    "booked": W("数据资产入表", "data on the balance sheet"),
}
QUIET = W("未报警", "no alert")
ALERT = W("报警", "alert")
ALERT_SINCE = W("报警，{day} 起待决定", "alert, undecided since {day}")
NO_BANDS = W(
    "还没有授信满 12 个月，增信的结果尚不可知。", "No facility is twelve months old yet, so what uplifts did is not known."
)
NO_FINDINGS = W(
    "满 12 个月的授信中还没有增信的，尚无可比。",
    "None of the facilities that are twelve months old was lifted yet: nothing to compare.",
)

# ---------------------------------------------------------------- cards

CARDS_TITLE = W("评分卡监测", "Monitoring of the cards")
CARDS_LEAD = W("当前月份的区分能力、校准与分布变化。", "How the card sorts, whether it is calibrated, how its mix moved, now.")
WHICH_CARD = W("评分卡", "card")
CARD_NOW = {
    "assessed": W("评价次数", "assessments"),
    "outcomes": W("已有结果", "outcomes known"),
    "bad": W("其中违约", "of them failed"),
    "psi": W("等级分布 PSI", "PSI of the grades"),
    "auc": W("AUC", "AUC"),
    "slope": W("校准斜率", "calibration slope"),
    "expected": W("预期违约率", "failures expected"),
    "observed": W("实际违约率", "failures seen"),
}
PSI = W("等级分布偏移(PSI)", "Shift of the grades (PSI)")
PSI_LEAD = W(
    "与公布评分卡时的等级分布比较；虚线为关注线与处理线。",
    "Against the mix the card was validated on; dashed, the lines for watching and for acting.",
)
PSI_KEYS = {"psi": W("PSI", "PSI"), "watch": W("关注线", "watch"), "act": W("处理线", "act")}
TOO_FEW = W(
    "结果少于 30 笔或违约少于 10 笔时不计算 AUC 与校准；少于 10 家企业时不公布 PSI。",
    "AUC and calibration are not said below 30 outcomes or 10 failures, nor PSI below ten firms.",
)
NO_PSI = W("还没有一个月份达到 10 家企业，PSI 暂不公布。", "No month has ten firms yet, so no PSI is said.")
GROUPS = W("各组是否被同等对待", "Are groups treated alike")
GROUPS_LEAD = W(
    "与最好一组之比及 95 % 区间；区间整体低于 0.80 即提示。少于 10 家的组不列示。",
    "As a ratio to the best group with its 95 % interval; flagged where the whole interval lies below 0.80. No group under ten.",
)
GROUPS_HEAD = {
    "group": W("组", "group"),
    "n": W("企业", "firms"),
    "favoured": W("A–C 级", "grades A–C"),
    "favoured_ratio": W("A–C 级与最好组之比", "grades A–C to the best"),
    "drew": W("获得用信", "drew"),
    "drew_ratio": W("用信与最好组之比", "drew to the best"),
}
CARD_DIMENSIONS = {
    "region": DIMENSIONS["region"],
    "industry": DIMENSIONS["industry"],
    "size": W("规模", "size"),
    "ownership": DIMENSIONS["subject_type"],
}
CARD_ALERTS = W("提示", "Alerts")
ALERTS_HEAD = {
    "what": W("内容", "what"),
    "colour": W("级别", "colour"),
    "value": W("目前", "now"),
    "validated": W("应在", "should be"),
}
ALERT_COLOURS = {"watch": W("关注", "watch"), "act": W("立即处理", "act now")}
NO_CARDS = W("还没有做过评分卡监测。", "No card has been looked at yet.")
NO_GROUPS = W("还没有一组达到 10 家企业。", "No group has ten firms yet.")
NO_CARD_ALERTS = W("本月没有提示。", "No alert this month.")
NOT_SAID = W("暂不计算", "not said yet")
INTERVAL = W("95 % 区间 {low}–{high}", "95 %: {low}–{high}")
