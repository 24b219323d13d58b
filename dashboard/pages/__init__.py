"""The pages: 概览 overview, 审批 approvals, 违约 defaults, 资金池 pool. Each is one function `draw(view)`."""
