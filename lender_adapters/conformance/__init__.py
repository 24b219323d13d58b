"""What every bank must pass: suites written once per verb, chosen by the bank's manifest.

`pytest --pyargs lender_adapters.conformance` runs them on every registered bank's sandbox; add `-k my_bank` for one. An engineer
with a test system of the bank's own makes a `Trial` for it (see `trial`) and calls the same `suites.CASES`.
"""
