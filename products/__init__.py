"""Loan products as dated data: who may have one, up to what amount, at what price, and what it truly costs.

Enters: product files written by people who do not program, plain fact values, a day.
Leaves: yes / no / unknown with a sentence for each criterion, a base limit, a price, an all-in annual rate, a schedule.
Always holds: imports `backend.kit` only; knows no firm, bank connection or database; a missing fact is never a no;
a limit, a rate and a schedule follow from the file, the facts and the day alone.
"""
