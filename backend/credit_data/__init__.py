"""What we were allowed to learn about a firm: raw records, the facts made of them, and the faults found on the way.

Enters: departments' records under a live consent; ledgers with a stated basis; what banks report back.
Leaves: facts with value, unit, source, day, consent and doubts; never a fact whose item is not open at that moment.
Always holds: a raw record is kept verbatim and sealed; a fact is appended, never changed; a fault is collected, not raised;
every reading leaves a line in the log.
"""
