"""The due-diligence file in words: acts, offices, states, and what was written with an act; 简体中文 and English.

An act without words of its own is still listed, as another act with its code: nothing of the log is left out of the file.

>>> act("claim.paid").en, act("something.new").zh, office("bank_officer").zh
('the fund paid', '其他操作(something.new)', '银行经办')
>>> said({"amount_fen": 155_000_000, "state": "approved"}, {}).zh
'金额 1,550,000.00 元'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend.kit.errors import CreditBridgeError
from backend.kit.words import Words

W = Words
ACTS: Mapping[str, Words] = {
    "application.firm_applied": W("企业提交申请", "the firm applied"),
    "application.firm_answered": W("企业补充材料", "the firm sent documents"),
    "application.firm_accepted": W("企业接受报价", "the firm accepted the offer"),
    "application.firm_withdrew": W("企业撤回申请", "the firm withdrew"),
    "application.bank_received": W("银行收件", "the bank received it"),
    "application.bank_asked": W("银行要求补充材料", "the bank asked for documents"),
    "application.bank_approved": W("银行批准并报价", "the bank approved and offered"),
    "application.bank_declined": W("银行未批准", "the bank declined"),
    "application.bank_contracted": W("银行签约", "the bank signed"),
    "application.bank_drew": W("银行放款", "the bank paid out"),
    "application.bank_withdrew": W("银行确认撤回", "the bank confirmed the withdrawal"),
    "application.bank_expired": W("银行报告失效", "the bank reported it expired"),
    "application.consent_gone": W("授权失效，停止办理", "stopped: the consent ended"),
    "application.guarantee_granted": W("担保机构同意担保", "the guarantor agreed"),
    "application.guarantee_declined": W("担保机构不同意担保", "the guarantor declined"),
    "application.pool_registered": W("进入风险补偿资金池", "entered the pool"),
    "guarantee.granted": W("作出担保决定：同意", "guarantee granted"),
    "guarantee.declined": W("作出担保决定：不同意", "guarantee declined"),
    "guarantor.demanded": W("银行要求担保机构代偿", "the bank demanded payment of the guarantor"),
    "guarantor.paid": W("担保机构代偿", "the guarantor paid"),
    "loan.contract": W("登记授信合同", "contract recorded"),
    "loan.draw": W("登记放款", "draw recorded"),
    "loan.repayment": W("登记还款", "repayment recorded"),
    "loan.registered": W("入库登记", "registered at the pool"),
    "loan.conditions_signed": W("基金签署已确认的条件", "the fund signed what it had checked"),
    "loan.freeze": W("冻结未用额度", "unused limit frozen"),
    "loan.recovered": W("追偿回款分配", "recovery shared out"),
    "loan.recovery_proposed": W("登记追偿回款，待基金确认", "recovery entered, for the fund to confirm"),
    "loan.recovery_declined": W("追偿回款未获确认", "recovery not confirmed"),
    "loan.recovery_withdrawn": W("撤回追偿回款登记", "recovery taken back"),
    "loan.signal_raised": W("登记风险事件", "sign of trouble recorded"),
    "loan.signal_lifted": W("解除风险事件", "sign of trouble lifted"),
    "claim.filed": W("申请代偿", "claim filed"),
    "claim.reviewed_approve": W("初审：建议核准", "reviewed: approve"),
    "claim.reviewed_reject": W("初审：建议驳回", "reviewed: reject"),
    "claim.reviewed_supplement": W("初审：要求补充", "reviewed: documents asked"),
    "claim.supplied": W("补充代偿材料", "documents supplied"),
    "claim.approved": W("复核核准", "approved by the checker"),
    "claim.rejected": W("驳回代偿申请", "claim rejected"),
    "claim.withdrawn": W("撤回代偿申请", "claim withdrawn"),
    "claim.instructed": W("发出拨付指令", "payment instructed"),
    "claim.paid": W("基金拨付", "the fund paid"),
    "claim.payment_proposed": W("登记付款回单，待复核", "receipt of the payment entered, to be confirmed"),
    "claim.payment_declined": W("付款回单被退回", "receipt of the payment declined"),
    "claim.payment_withdrawn": W("撤回付款回单登记", "receipt of the payment taken back"),
    "claim.claw_back_proposed": W("提出追回，待复核", "claw-back proposed"),
    "claim.claw_back_declined": W("追回被退回", "claw-back declined"),
    "claim.claw_back_withdrawn": W("撤回追回", "claw-back taken back"),
    "claim.write_off_proposed": W("申请核销", "write-off proposed"),
    "claim.written_off": W("核销", "written off"),
    "claim.clawed_back": W("追回已拨付资金", "paid money clawed back"),
    "renewal.asked": W("询问是否续贷", "asked about renewal"),
    "renewal.wanted": W("企业申请续贷", "the firm asked to renew"),
    "renewal.unwanted": W("企业不续贷", "the firm does not renew"),
    "renewal.agreed": W("银行同意续贷", "the bank agreed to renew"),
    "renewal.declined": W("银行不同意续贷", "the bank declined to renew"),
    "renewal.renewed": W("完成续贷", "renewed"),
    "facts.read": W("查阅信用事实", "credit facts read"),
    "document.read": W("查阅材料", "a document read"),
}
OFFICES: Mapping[str, Words] = {
    "firm_owner": W("企业负责人", "firm, owner"),
    "firm_staff": W("企业经办", "firm, staff"),
    "bank_system": W("银行系统", "bank's system"),
    "bank_officer": W("银行经办", "bank officer"),
    "guarantor_officer": W("担保机构经办", "guarantor's officer"),
    "fund_maker": W("基金初审", "fund, first hand"),
    "fund_checker": W("基金复核", "fund, second hand"),
    "whitelist_issuer": W("名单认定部门", "list issuer"),
    "regulator": W("监管部门", "regulator"),
    "operator": W("平台运营", "operator"),
    "system": W("平台自动", "the platform itself"),
}
CAUSES: Mapping[str, Words] = {
    "days": W("逾期天数", "days past due"),
    "observation": W("仍在观察期", "still under observation"),
    "misuse": W("改变资金用途", "money put to another use"),
    "repaid_by_new_debt": W("借新还旧", "repaid by new debt"),
    "bad_elsewhere": W("在其他机构逾期或不良", "bad at another lender"),
    "restructured": W("已重组", "restructured"),
    "credit_impaired": W("已发生信用减值", "credit-impaired"),
    "mostly_overdue": W("多数债务逾期", "most of its debt overdue"),
    "evasion": W("逃废债务", "evades its debts"),
    "credit_loss_half": W("信用减值逾半", "over half impaired"),
    "credit_loss_ninety": W("信用减值逾九成", "over nine tenths impaired"),
    "bankruptcy": W("破产", "bankrupt"),
}
POOL_STATES: Mapping[str, Words] = {
    "registered": W("已入库", "registered"),
    "active": W("正常", "active"),
    "overdue": W("逾期", "overdue"),
    "claimable": W("可申请代偿", "claimable"),
    "released": W("责任解除", "released"),
    "claim_submitted": W("待初审", "claim submitted"),
    "under_review": W("待复核", "under review"),
    "supplement": W("待补充", "documents asked"),
    "rejected": W("已驳回", "rejected"),
    "withdrawn": W("已撤回", "withdrawn"),
    "approved": W("已核准", "approved"),
    "instructed": W("已指令拨付", "payment instructed"),
    "paid": W("已拨付", "paid"),
    "recovering": W("追偿中", "recovering"),
    "part_recovered": W("部分收回", "partly recovered"),
    "recovered": W("已收回", "recovered"),
    "write_off_applied": W("申请核销", "write-off applied"),
    "written_off": W("已核销", "written off"),
    "clawback": W("已追回", "clawed back"),
}
PURPOSES: Mapping[str, Words] = {
    "pre_loan": W("贷前", "before the loan"),
    "in_loan": W("贷中", "deciding on the loan"),
    "post_loan": W("贷后", "after the loan"),
    "compensation": W("风险补偿", "risk compensation"),
}
PAYERS: Mapping[str, Words] = {
    "borrower": W("企业", "the firm"),
    "guarantor": W("担保机构", "the guarantor"),
    "recovery": W("追偿", "recovery"),
    "fund": W("基金", "the fund"),
    "bank": W("银行", "the bank"),
}
COVERAGE: Mapping[str, Words] = {
    "none": W("无需入库", "no pool"),
    "uncovered": W("未入库", "not covered by the pool"),
    "registered": W("已入库", "covered by the pool"),
}
# What is written with an act, in the order in which it is said. What is not here (the state that the act itself tells, digests of
# rows, internal keys) is not evidence of an officer's care and stays in the log.
_NAMES: Mapping[str, Words] = {
    "contract_no": W("合同", "contract"),
    "draw_no": W("借据", "draw"),
    "claim_no": W("代偿申请", "claim"),
    "amount_fen": W("金额", "amount"),
    "limit_fen": W("授信额度", "limit"),
    "payout_fen": W("拨付额", "payout"),
    "gross_fen": W("回款", "recovered"),
    "costs_fen": W("费用", "costs"),
    "parts": W("分配", "shared"),
    "source": W("付款方", "paid by"),
    "coverage": W("风险补偿", "pool cover"),
    "purpose": W("目的", "purpose"),
    "recipient": W("接收方", "for"),
    "items": W("数据项", "items"),
    "withheld": W("未授权的数据项", "items without consent"),
    "signer": W("签署", "signed by"),
    "matures_on": W("到期日", "matures on"),
    "receipt_no": W("回单", "receipt"),
    "words": W("意见", "words"),
    "reasons": W("理由", "reasons"),
}
_VALUES: Mapping[str, Mapping[str, Words]] = {
    "source": PAYERS,
    "coverage": COVERAGE,
    "purpose": PURPOSES,
}


def act(code: str) -> Words:
    """What was done."""
    return ACTS.get(code, W(f"其他操作({code})", f"another act ({code})"))


def office(role: str) -> Words:
    """In which office."""
    return OFFICES.get(role, W(role, role))


def change(names: Mapping[str, Words], was: str, became: str) -> Words:
    """From one state to another.

    >>> change(OFFICES, "fund_maker", "fund_checker").en
    'fund, first hand → fund, second hand'
    """
    one, other = (names.get(code, W(code, code)) for code in (was, became))
    return W(f"{one.zh} → {other.zh}", f"{one.en} → {other.en}")


def listed(names: Mapping[str, Words], codes: Any) -> Words:
    """Several, with commas."""
    found = [names.get(str(code), W(str(code), str(code))) for code in codes]
    return W("、".join(each.zh for each in found), ", ".join(each.en for each in found))


def yuan(fen: int) -> Words:
    """An amount in full."""
    text = f"{fen // 100:,}.{fen % 100:02d}"
    return W(f"{text} 元", f"{text} yuan")


def said(details: Mapping[str, Any], parties: Mapping[str, str], title: Callable[[str], Words] | None = None) -> Words:
    """What was written with an act. `parties`: names by code; `title`: an item's name."""
    found = []
    for key, name in _NAMES.items():
        if details.get(key) not in (None, "", [], {}):
            value = _value(key, details[key], parties, title)
            found.append(W(f"{name.zh} {value.zh}", f"{name.en} {value.en}"))
    return W("；".join(each.zh for each in found), "; ".join(each.en for each in found))


def _value(key: str, value: Any, parties: Mapping[str, str], title: Callable[[str], Words] | None) -> Words:
    if key.endswith("_fen"):
        return yuan(int(value))
    if key == "parts":
        pairs = [(PAYERS.get(who, W(who, who)), yuan(fen)) for who, fen in value.items()]
        return W("、".join(f"{a.zh} {b.zh}" for a, b in pairs), ", ".join(f"{a.en} {b.en}" for a, b in pairs))
    if key in ("items", "withheld"):
        return listed({code: _titled(title, code) for code in value}, value)
    if key == "recipient":
        name = parties.get(str(value), "")
        return W(name or "本平台", name or "the platform")
    if isinstance(value, dict) and "zh" in value:
        return Words.of(value)
    if isinstance(value, list):
        return listed({}, value)
    return _VALUES.get(key, {}).get(str(value), W(str(value), str(value)))


def _titled(title: Callable[[str], Words] | None, code: str) -> Words:
    try:
        return title(code) if title else W(code, code)
    except (KeyError, CreditBridgeError):
        return W(code, code)
