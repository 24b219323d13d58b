"""What each page shows, as plain values: one dataclass per template.

Enters: what rooms' views answered, already spoken (Words), counted (fen, bp) and dated. Leaves: the templates' only source.
Always holds: no identifier stands in a field that is printed; ids live in `id` or `href` and only in addresses.
"""
