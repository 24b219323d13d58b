"""The town 临江 (Linjiang): made up, seeded, whole. Somewhere to try everything on.

Enters: a seed and a number of firms. Leaves: firms with names and fictional valid credit codes, two years of history and months
of play, departments' messy records in an exchange database, data certificates and sales, what each firm will want and do, and
the truth: whether it would pay a given loan back.
Always holds: the same seed gives the same town; no record tells a shock, only what followed from it; nothing imports the town,
and it knows neither scoring nor uplifts, so that it cannot flatter them. No firm, person or code in it is real.
"""
