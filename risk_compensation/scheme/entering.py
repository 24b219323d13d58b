"""Why a loan may not enter a scheme: a closed list. Written in: domain §6.1 (caps, scopes, published stop rules), §6.3-§6.4.

>>> WHY_NOT["headroom"].en
'the pool’s money carries no more'
"""

from __future__ import annotations

from backend.kit.words import Words

WHY_NOT: dict[str, Words] = {
    "not_in_force": Words("方案在放款日无效", "the scheme was not in force on the day of the draw"),
    "mode": Words("不属于方案支持的业务模式", "the scheme is not for this kind of loan"),
    "industry": Words("行业不在支持范围内或未知", "the industry is outside the scope, or unknown"),
    "size": Words("企业规模不在支持范围内", "the firm’s size is outside the scope"),
    "tag": Words("不具备方案要求的条件", "the loan lacks what the scheme asks for"),
    "revenue": Words("营业收入超过上限或未知", "the firm’s revenue is above the limit, or unknown"),
    "term": Words("期限超过上限", "the term is too long"),
    "cap_loan": Words("单笔金额超过上限", "the loan is too large"),
    "cap_firm": Words("同一企业合计超过上限", "the firm’s loans together are too large"),
    "one_bank": Words("同一企业一年内只能由一家银行申报", "the firm has a loan of another bank in this year"),
    "headroom": Words("资金池额度不足", "the pool’s money carries no more"),
    "stopped_pool": Words("资金池已暂停新增", "the pool is stopped"),
    "stopped_bank": Words("该银行已暂停新增", "the bank is stopped"),
    "stopped_guarantor": Words("该担保机构已暂停新增", "the guarantor is stopped"),
}
