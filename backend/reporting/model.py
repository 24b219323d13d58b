"""What each figure counts, as data: the snapshot carries it, the dashboard shows it beside the figure. Written in: domain §9.

A change of meaning is a new `VERSION`.

>>> len({each.code for each in DEFINITIONS}) == len(DEFINITIONS)
True
"""

from __future__ import annotations

from backend.kit.policy import canonical, digest
from backend.reporting.definition import S5, S6, Definition
from backend.reporting.definition import defined as _d
from backend.reporting.definitions_watch import WATCHED

DEFINITIONS: tuple[Definition, ...] = (
    _d("firms", "登记在册的企业数", "firms on the register"),
    _d(
        "consents_live",
        "当日终了时已签署、未撤回、未到期的授权书",
        "signed, neither revoked nor expired at the day's end",
    ),
    _d("needs", "一笔需求不论投向几家银行只计一次", "a need counts once, however many banks it went to"),
    _d(
        "need_approval_bp",
        "至少获一家银行批准的需求 ÷ 提交的需求",
        "needs with at least one approval / needs submitted",
    ),
    _d(
        "bank_approval_bp",
        "批准 ÷(批准 + 未批准),按提交月份;撤回、失效、待定另列",
        "approved / (approved + declined), by month of submission; withdrawn, expired and pending stand apart",
    ),
    _d(
        "decision_p50_days",
        "自提交至银行批准或拒绝的自然日,最近秩",
        "calendar days from submission to yes or no; nearest rank",
    ),
    _d("decision_p90_days", "同上,第 90 百分位", "as above, 90th percentile"),
    _d("drawn_fen", "已放款的本金合计;不含未用授信", "principal paid out; limits not counted"),
    _d("draws", "放款笔数", "number of draws"),
    _d("outstanding_fen", "未还本金,不论由谁偿还", "principal not yet repaid by anybody"),
    _d(
        "weighted_rate_bp",
        "Σ(利率×金额)÷Σ金额,按用信",
        "Σ(rate×amount)/Σamount over draws",
    ),
    _d(
        "weighted_all_in_bp",
        "Σ(含费年化成本×金额)÷Σ金额;取自企业接受的报价,按实际天数的内部收益率",
        "Σ(all-in rate×amount)/Σamount; from the accepted offer, IRR by actual days with fees",
    ),
    _d(
        "first_loan_bp",
        "银行报告为首贷的笔数 ÷ 已报告是否首贷的笔数;未知不计入",
        "draws the bank reports as a first loan / draws it reported on; unknown stays unknown",
    ),
    _d(
        "credit_loan_bp",
        "无担保贷款余额 ÷ 全部余额",
        "outstanding without a guarantee / all outstanding",
    ),
    _d(
        "overdue30_bp",
        "逾期超过 30 天的贷款余额 ÷ 余额",
        "outstanding of draws more than 30 days past due / outstanding",
    ),
    _d(
        "overdue90_bp",
        "逾期超过 90 天的贷款余额 ÷ 余额",
        "outstanding of draws more than 90 days past due / outstanding",
    ),
    _d(
        "npl_bp",
        "次级、可疑、损失类余额 ÷ 余额",
        "outstanding classed substandard, doubtful or loss / outstanding",
        S5,
    ),
    _d(
        "default12_bp",
        "放款满 12 个月的用信中,12 个月内曾逾期超过 90 天的原始本金 ÷ 原始本金;续贷的用信按其自身放款日另计",
        "of draws at least 12 months old: original principal ever 90+ within 12 months / original principal; a renewal is a draw "
        "of its own day here",
    ),
    _d(
        "uplift_fen",
        "每家企业最近一次匹配中最高的有效增信额之和",
        "sum over firms of the largest effective uplift in the newest matching",
    ),
    _d(
        "unauthorised_reads",
        "日志中须授权数据项的读取,其所引授权当时不覆盖该项的次数;应为 0",
        "logged readings of an item that no cited consent covered at that moment; must be 0",
    ),
    _d(
        "needs_monthly",
        "每笔需求取其各申请中最好的结果:批准、待定、未批准、失效、撤回",
        "each need by the best of its applications: approved, pending, declined, expired, withdrawn",
    ),
    _d(
        "applications_monthly",
        "按提交月份;各结果互斥且合计等于提交数;已决定的不足五家企业时不列时长",
        "by month of submission; the outcomes exclude each other and add up; no times of fewer than five firms",
    ),
    _d("banks", "同银行批准率与用信的口径", "as bank approval and draws"),
    _d("products", "同银行批准率与用信的口径", "as bank approval and draws"),
    _d(
        "rates",
        "按放款月份加权;LPR 为放款日 1 年期;不足五家企业(及可由相减推知)的只列笔数",
        "weighted, by month of the draw; LPR is the one-year quote of the draw's day; of fewer than five firms, or what would "
        "betray them, only the count",
    ),
    _d(
        "rate_bands",
        "每 50 个基点一档,含下限不含上限;不足五家企业的只列笔数",
        "bands of 50 bp, lower bound included; of fewer than five firms only the count",
    ),
    _d(
        "declines",
        "银行原话;不足五家企业的合并为 other",
        "the banks' own words; met by fewer than five firms: other",
    ),
    _d(
        "book_monthly",
        "月末余额 = 上月余额 + 放款 − 归还本金(不论由谁归还);逾期为月末有逾期的用信余额",
        "month-end outstanding = before + drawn − principal repaid by anybody; overdue: owed on draws past due then",
    ),
    _d("classes", "按当日类别的余额", "outstanding by the class of the day", S5),
    _d(
        "dpd_buckets",
        "自最早未足额偿还的到期日起算",
        "counted from the first due day not fully paid",
        S5,
    ),
    _d(
        "vintages",
        "按首次放款月份;无还本续贷不另计一笔,其逾期计入最初放款的批次;分母为首次放款的原始本金(含提前归还);"
        "整批均达到该账龄方列示;满 12 个月为成熟;不足五家企业的只列笔数",
        "by month of the first draw; a renewal without repayment is no new loan: its arrears count in the cohort in which it was "
        "first lent; over the principal first lent, prepaid or not; shown once all have that age; mature at 12 months; "
        "of fewer than five firms only the count",
    ),
    _d(
        "cells",
        "不足五家企业的分组不列示;可由合计相减推知的,次小的分组一并不列示",
        "figures of fewer than five firms are held back, and the next smallest too where the total would betray them",
    ),
    _d(
        "pools",
        "可用额度 = 放大倍数×资金 − 或有责任 − 预留;在保贷款为仍有或有责任的笔数",
        "available = leverage × cash − commitments − reservations; loans carried are those that a commitment still stands for",
        S6,
    ),
    _d(
        "pool_monthly",
        "按分录生效日;冲正抵减其所冲正的项目;追偿为返还资金池的部分",
        "by the entries' effective days; a reversal counts against what it reverses; recovered is the fund's part",
        S6,
    ),
    _d(
        "net_paid_over_entered",
        "方案窗口内(代偿 − 追回)÷ 入库本金",
        "(paid − recovered) / principal entered in the scheme's window",
        S6,
    ),
    _d(
        "compensated_over_entered",
        "方案窗口内各方分担的损失 ÷ 入库本金",
        "losses borne by all parties / principal entered in the scheme's window",
        S6,
    ),
    _d(
        "overdue_over_balance",
        "已逾期或可申请代偿、代偿在办的入库本金 ÷ 在池本金",
        "principal of loans past due, claimable or claimed / principal of all loans in the pool",
        S6,
    ),
    _d(
        "paid_over_premium",
        "方案窗口内保险公司分担的损失 ÷ 保费",
        "losses borne by the insurer / premiums, in the scheme's window",
        S6,
    ),
    _d(
        "paid_over_money",
        "自设立起(代偿 − 追回)÷ 累计缴存资金",
        "(paid − recovered) / money paid in, since opening",
        S6,
    ),
    _d(
        "paid_over_released",
        "因代偿终止的或有责任 ÷ 全部终止的或有责任,自设立起",
        "commitments ended by a payout / all commitments ended, since opening",
        S6,
    ),
    _d(
        "recovered_over_paid",
        "返还资金池的追偿款 ÷ 已代偿金额,自设立起",
        "recoveries returned to the fund / claims paid, since opening",
        S6,
    ),
    _d("pool_accounts", "试算平衡表", "the trial balance", "domain §6.4"),
    _d(
        "claims",
        "按申请月份;时长为自申请至托管银行划款的自然日中位数",
        "by month of filing; time is the median of calendar days from filing to payment",
        S6,
    ),
    _d(
        "consents_monthly",
        "签署、撤回、读取、因无授权被拒",
        "signed, revoked, readings, refused for want of consent",
    ),
    *WATCHED,
)

VERSION = "1-" + digest(canonical([each.row() for each in DEFINITIONS]))[:8]
