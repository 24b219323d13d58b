"""What is said of a piece of evidence: to the reviewer why it does not count, to the firm never what touches fraud.

The firm's sentences are the same for innocent and other reasons, so that none can be read off them (architecture §3).

>>> NOT_NOW["trade"].zh.startswith("目前未计入")
True
"""

from __future__ import annotations

from backend.kit.words import Words

COUNTS = {
    "rights": Words("数据产权登记证书有效，计入", "the data certificate is in force and counts"),
    "trades": Words("交易真实且已结算，有助于提高额度", "the settled sale counts and raises the limit"),
    "booked": Words("入表数据资源经审计、按成本计量，计入", "booked data resources, audited and at cost, count"),
}
TRADE_COUNTS = COUNTS["trades"]
NOT_NOW = {
    "trade": Words(
        "目前未计入：交易须已结算、满规定天数、在观察期内并完成核验，同一对手只计最近几笔",
        "does not count for now: a sale counts once settled, aged, within the period and verified; of one buyer the latest few",
    ),
    "certificate": Words(
        "目前未单独计入：同一数据已有证书计入、刚办理转移或正在核对",
        "does not count by itself for now: the same data already counts, it was transferred lately, or it is being checked",
    ),
}
DROPPED = {
    "not_valid": Words(
        "证书已过期、注销或有争议，不计入", "the certificate is expired, cancelled or disputed: it counts nothing"
    ),
    "wrong_kind": Words("本方案不计此类证书", "this programme does not count certificates of this kind"),
    "no_cost": Words("入表数据资源没有经审计的成本金额，不计入", "booked items without an audited cost do not count"),
    "unsettled": Words("交易尚未结算，暂不计入", "the sale is not settled yet: it does not count"),
    "too_young": Words("交易满规定天数后方可计入", "the sale is too fresh: it counts once it has aged"),
    "too_old": Words("交易已超出观察期，不再计入", "the sale is too long ago and no longer counts"),
    "same_buyer": Words("同一对手仅计入最近的若干笔", "only the latest few sales to the same buyer count"),
    "related": Words("交易对手为关联方，不计入", "the buyer is a related party: it does not count"),
    "reciprocal": Words("与对手互相买卖，不计入", "the two sides sell to each other: it does not count"),
    "no_price": Words("成交价为零，不计入", "the price is zero: it does not count"),
    "own_money": Words("货款来自本企业或其关联方", "the money came from the firm itself or a related party"),
    "money_back": Words("货款已退回", "the money went back"),
    "circular": Words("款项经他人回到本企业", "about the same money comes back to the firm over others"),
    "mirrored": Words("多数销售附近有金额相近的采购", "most sales have a purchase of nearly the same amount beside them"),
    "outlier": Words("成交价明显偏离", "the price is far from the usual one"),
    "split": Words("同一笔交易拆成多张", "one sale cut into several tickets"),
    "burst": Words("多数交易集中在申请前刚满期限的几周", "most sales fall into a few weeks just old enough to count"),
    "shells": Words("买方多为同批或刚成立的企业", "the buyers were registered in one go or just before they bought"),
    "same_content": Words("同一数据已有另一证书", "the same data stands under another certificate"),
    "transferred": Words("证书为近期受让取得", "the certificate was taken over only lately"),
    "sliced": Words("同一数据拆成多张证书", "one data set cut into many certificates"),
    "reviewed": Words("人工复核后不计入", "a person has looked and decided that it does not count"),
}
# What a person looks at: reasons that may be fraud and are never told to the firm.
FOR_REVIEW = frozenset(DROPPED) - {
    "not_valid",
    "wrong_kind",
    "no_cost",
    "unsettled",
    "too_young",
    "too_old",
    "same_buyer",
    "no_price",
}
