"""What things are called, said once: facts and items, figures, loan classes, kinds of firm, industries, places.

Enters: nothing but the words of the kit. Leaves: codes with their titles in both languages, and of a fact its item, group,
kind, unit, consent and source. Stands below the quiet folders, so that products, lenders and schemes may know it, and the
dashboard too.
Always holds: a code has one title, here; a page, paper, product or card asks for it (`tests/house/test_one_title.py`).
"""
