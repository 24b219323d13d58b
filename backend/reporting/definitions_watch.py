"""What the watching figures count: a pool's strength, honesty of the uplifts, early warning, the cards."""

from __future__ import annotations

from backend.reporting.definition import S6
from backend.reporting.definition import defined as _d

WATCHED = (
    _d(
        "stress",
        "单因子模型：同一企业的贷款同时违约，已可申请或已申请代偿的视为已违约；企业违约概率取最近一次评价，未评价的取假定值；"
        "所需资金为相应比例的情形下扣除追偿后净代偿的上限；可支撑时间 = 现金 ÷ 一年预期净代偿；在保企业不足五家的不公布；"
        "自有评价或逾期的企业不足五家时一律按假定值；金额取两位有效数字（满三十家三位）",
        "one common factor; loans of a firm fail together, a loan under claim has failed; a firm's probability is that of its "
        "newest assessment, else assumed; money needed suffices in so many cases after recoveries; cover = cash over a year's "
        "expected net payments; held back for fewer than five firms, where fewer than five are assessed or past due the assumed "
        "value stands for them; money to two significant digits (three from thirty firms)",
        S6,
    ),
    _d(
        "honesty",
        "首笔用信所在季度整季满 12 个月的授信；违约 = 12 个月内曾逾期超过 90 天；"
        "对照为同等级、同额度档、同产品、同季度且未增信的授信；区间 95 %",
        "facilities whose quarter of first draw is twelve months old; default: ever 90+ within 12 months; matched on grade, "
        "size, product and quarter with facilities that were not lifted; 95 % intervals",
    ),
    _d(
        "warnings",
        "对尚有欠款的企业逐月检查；关注、立即处理两级；同一预警取其最高一级；反馈由银行填写",
        "every firm that owes something, month by month; watch and act now, each alert at its highest; feedback is the bank's",
        "domain §8",
    ),
    _d(
        "cards",
        "区分能力与校准只看已有结果的贷款，结果或违约太少则不计算；PSI 与公布时的等级分布比较；"
        "各组取与最好一组之比，不足十家的组不列示",
        "sorting and calibration from loans that have told, not said for too few of them or of their failures; PSI against the "
        "mix of grades at validation; groups as a ratio to the best, none of fewer than ten firms",
    ),
)
