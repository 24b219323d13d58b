"""Credit repair 信用修复: whether a negative record can be repaired, from when, until when, and what is still missing.

Enters: one negative record (kind, class, day of its document, whether its duties are done), today, dated rules (`rules/*.yaml`).
Leaves: 可修复, 待条件, 暂不可修复 or 已到期解禁 with its days and a sentence; the channel a failed criterion points to.
Always holds: repair is free of charge and decided by the authority that made the record; 信用修复 is not 征信修复: a bank's true
bureau entry cannot be repaired, and we say so.
Not yet: a sector's own classification tables, bankruptcy shields, pre-checking of papers, applying on the firm's behalf,
following an application, purging a repaired record from what was read (credit_data reads the source anew), first-offence waivers.
"""
