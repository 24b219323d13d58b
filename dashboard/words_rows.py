"""Words for the rows behind a figure: the drill-down form, its columns and states."""

from __future__ import annotations

from backend.kit.words import Words as W
from dashboard.words import CLASSES, OUTCOMES

DRILL = {
    "title": W("查看明细(需说明目的)", "Rows behind a figure (with a stated purpose)"),
    "lead": W(
        "仅监管部门可查。明细由平台接口返回，每次查询连同目的记入审计日志。少于 5 户、或可由相减推知少于 5 户的分组不提供明细。",
        "For the regulator only. Rows come from the platform's API; query and purpose go into the audit log. Refused where fewer "
        "than five firms stand behind, or would follow by subtraction.",
    ),
    "cell": W("哪一组", "which rows"),
    "purpose": W("查询目的(至少 5 个字)", "purpose (at least 5 characters)"),
    "hint": W("例如：2026 年二季度小微贷款抽查", "e.g. sample check of small loans, 2nd quarter of 2026"),
    "go": W("查询并留痕", "query, and leave a trace"),
    "short": W("请说明查询目的。", "Please state a purpose."),
    "none": W("没有符合的记录。", "No rows match."),
    "away": W("平台没有应答，请稍后再试。", "The platform does not answer; please try again later."),
    "odd": W("平台的答复无法读取，请告知运营方。", "The platform's answer could not be read; please tell the operator."),
    "rows": W("{n} 条记录", "{n} rows"),
}

ROW_COLUMNS = {
    "application": W("申请", "application"),
    "need": W("需求", "need"),
    "draw": W("用信", "draw"),
    "loan": W("贷款", "loan"),
    "kind": W("类型", "kind"),
    "id": W("编号", "reference"),
    "bank": W("银行", "bank"),
    "product": W("产品", "product"),
    "submitted_on": W("提交日", "submitted on"),
    "value_date": W("放款日", "value date"),
    "on": W("日期", "day"),
    "filed_on": W("申请日", "filed on"),
    "paid_on": W("拨付日", "paid on"),
    "amount_fen": W("金额(元)", "amount (yuan)"),
    "outstanding_fen": W("余额(元)", "outstanding (yuan)"),
    "unpaid_principal_fen": W("未偿本金(元)", "unpaid principal (yuan)"),
    "payout_fen": W("应拨付(元)", "to pay (yuan)"),
    "paid_fen": W("已拨付(元)", "paid (yuan)"),
    "rate_bp": W("利率", "rate"),
    "dpd": W("逾期天数", "days past due"),
    "cls": W("五级分类", "class"),
    "state": W("状态", "state"),
    "outcome": W("结果", "outcome"),
    "days": W("审批天数", "days to decide"),
    "claim_no": W("代偿申请号", "claim"),
    "pool": W("资金池", "pool"),
    "entries": W("分录", "book entries"),
}
ROW_WORDS = {
    **OUTCOMES,
    **CLASSES,
    "application": W("申请", "application"),
    "draw": W("用信", "draw"),
    "submitted": W("已提交", "submitted"),
    "received": W("银行已收", "received by the bank"),
    "documents_asked": W("待补材料", "documents asked"),
    "accepted": W("已接受", "accepted"),
    "contracted": W("已签约", "contracted"),
    "drawn": W("已用信", "drawn"),
    "paid": W("已拨付", "paid"),
    "recovering": W("追偿中", "recovering"),
    "recovered": W("已追回", "recovered"),
    "written_off": W("已核销", "written off"),
    "rejected": W("已驳回", "rejected"),
    "claim_submitted": W("已申请", "submitted"),
    "under_review": W("审核中", "under review"),
    "supplement": W("待补充", "supplement asked"),
    "instructed": W("已指示拨付", "payment instructed"),
    "write_off_applied": W("核销申请中", "write-off applied"),
    "part_recovered": W("部分追回", "partly recovered"),
    "clawback": W("退回追缴", "clawed back"),
    "created": W("正在送达银行", "on its way to the bank"),
    "withdrawing": W("正在撤回", "being withdrawn"),
    "stopped": W("已停止", "stopped"),
}
