"""What regulators see: one dated snapshot with its digest, and the rows behind a cell, with a purpose.

Enters: the rooms' tables, read only; a step every ten minutes.
Leaves: a SQLite file with figures by day, written aside and renamed, and its manifest; live totals.
Always holds: figures follow the definitions of domain §9; no name of a firm or person; cells of fewer than five firms are hidden.
"""
