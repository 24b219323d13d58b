"""The words every room shares: money, rates, dated values, policy files, clocks, errors, the database, seals.

Enters: nothing of ours. Leaves: small types without business meaning.
Always holds: nothing here knows what a firm, a bank or a loan is.
"""
