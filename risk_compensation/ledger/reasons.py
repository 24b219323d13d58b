"""Why an entry was made: a closed list, each with its sentence. Written in: domain §6.3-§6.4 [D].

>>> WHY[Reason.CLAIM_PAID].en
'the custody bank paid the claimant the fund’s share'
>>> sorted(set(Reason) - set(WHY))
[]
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from backend.kit.words import Words


class Reason(StrEnum):
    """The event behind an entry."""

    CONTRIBUTION = "contribution"
    BANK_INTEREST = "bank_interest"
    RESERVED = "reserved"
    RESERVATION_USED = "reservation_used"
    RESERVATION_EXPIRED = "reservation_expired"
    RESERVATION_CANCELLED = "reservation_cancelled"
    REGISTERED = "registered"
    REPAID = "repaid"
    PREMIUM = "premium"
    FEE = "fee"
    MUTUAL_CONTRIBUTION = "mutual_contribution"
    QUOTA_GROWN = "quota_grown"
    QUOTA_LAPSED = "quota_lapsed"
    CLAIM_APPROVED = "claim_approved"
    MONEY_CAME = "money_came"
    COLLECTION_USED = "collection_used"
    COLLECTION_FREED = "collection_freed"
    QUOTA_USED = "quota_used"
    QUOTA_FREED = "quota_freed"
    CLAIM_SHRUNK = "claim_shrunk"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    CLAIM_REJECTED = "claim_rejected"
    CLAIM_PAID = "claim_paid"
    COMMITMENT_MET = "commitment_met"
    LOSS_SHARED = "loss_shared"
    RECOVERY_RECEIVED = "recovery_received"
    RECOVERY_COSTS = "recovery_costs"
    RECOVERY_TO_PARTY = "recovery_to_party"
    RECOVERY_TO_FUND = "recovery_to_fund"
    LOSS_RECOVERED = "loss_recovered"
    CLAWED_BACK = "clawed_back"
    WRITTEN_OFF = "written_off"
    EXCESS_PAID = "excess_paid"
    EXCESS_COVERED = "excess_covered"
    REVERSAL = "reversal"


WHY: Mapping[Reason, Words] = {
    Reason.CONTRIBUTION: Words("出资人向专户缴款", "a funder paid into the special account"),
    Reason.BANK_INTEREST: Words("托管银行向专户结息", "the custody bank credited interest"),
    Reason.RESERVED: Words("企业接受报价，临时预留额度", "an offer was accepted; headroom is held provisionally"),
    Reason.RESERVATION_USED: Words("贷款入库，预留转为或有责任", "the loan was registered; its reservation is used up"),
    Reason.RESERVATION_EXPIRED: Words("预留到期未用，额度释放", "the reservation expired unused"),
    Reason.RESERVATION_CANCELLED: Words("撤回申请，预留取消", "the reservation was given back"),
    Reason.REGISTERED: Words("贷款入库，登记或有责任", "a loan was registered; a contingent commitment is booked"),
    Reason.REPAID: Words("借款人还款，或有责任解除", "the borrower repaid; the commitment is released"),
    Reason.PREMIUM: Words("入库时收取保费", "a premium was collected when the loan entered"),
    Reason.FEE: Words("入库时收取担保费", "a fee was collected when the loan entered"),
    Reason.MUTUAL_CONTRIBUTION: Words("入库时缴纳互助金", "the firm paid into the mutual fund when its loan entered"),
    Reason.QUOTA_GROWN: Words("贷款入库，银行额度增加", "the loan earned its bank a quota for payouts"),
    Reason.QUOTA_LAPSED: Words("额度超过余额上限，超出部分失效", "the quota passed its part of the balance; the rest lapsed"),
    Reason.CLAIM_APPROVED: Words("代偿申请获批，锁定应付款", "a claim was approved; its money is set aside"),
    Reason.MONEY_CAME: Words("资金到位，为待付的代偿锁定", "money came; it is set aside for a claim that waited"),
    Reason.COLLECTION_USED: Words("以已收费用承担损失", "a party bears the loss out of what it had collected"),
    Reason.COLLECTION_FREED: Words(
        "申请减少或撤回，已收费用恢复", "the claim shrank or was withdrawn; the collection is free again"
    ),
    Reason.QUOTA_USED: Words("代偿占用银行额度", "a payout used up its bank’s quota"),
    Reason.QUOTA_FREED: Words("申请减少或撤回，额度恢复", "the claim shrank or was withdrawn; the quota is free again"),
    Reason.CLAIM_SHRUNK: Words("未还本金减少，应付款相应减少", "unpaid principal fell; the payout falls with it"),
    Reason.CLAIM_WITHDRAWN: Words("代偿申请撤回，应付款解锁", "an approved claim was withdrawn; its money is free again"),
    Reason.CLAIM_REJECTED: Words(
        "已批准未付的申请被驳回，应付款解锁", "an approved claim was rejected unpaid; its money is free again"
    ),
    Reason.CLAIM_PAID: Words("托管银行向申请人划付基金应承担的部分", "the custody bank paid the claimant the fund’s share"),
    Reason.COMMITMENT_MET: Words("已代偿，或有责任终止", "the claim was paid; the commitment has been met"),
    Reason.LOSS_SHARED: Words("本金损失按方案比例由各方承担", "a loss of principal was shared as the scheme says"),
    Reason.RECOVERY_RECEIVED: Words("追偿款到账", "recovered money arrived in the special account"),
    Reason.RECOVERY_COSTS: Words("先行扣除追偿费用", "the costs of recovery were paid first"),
    Reason.RECOVERY_TO_PARTY: Words("追偿净额按比例返还担保机构或银行", "a party’s share of a recovery was passed on"),
    Reason.RECOVERY_TO_FUND: Words("追偿净额按比例返还资金池", "the fund’s share of a recovery stays in the pool"),
    Reason.LOSS_RECOVERED: Words("追偿使各方承担的损失减少", "a recovery lowered what a party bears"),
    Reason.CLAWED_BACK: Words("代偿后发现骗取，款项追回", "fraud was found after payment; the money came back"),
    Reason.WRITTEN_OFF: Words("追偿权核销，账销案存", "the right of recovery was written off; the case stays open"),
    Reason.EXCESS_PAID: Words("超赔基金承担保险人当年超额赔付", "the pool took over the insurer’s excess of a year"),
    Reason.EXCESS_COVERED: Words("超赔部分由保险人转由超赔基金承担", "the excess moved from the insurer to the excess-loss fund"),
    Reason.REVERSAL: Words("冲正此前的一笔分录", "an earlier entry was reversed"),
}
