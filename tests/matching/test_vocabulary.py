"""Products speak of facts by their own words; the two lists must say the same."""

import pytest

from backend.credit_data.model import definitions, items
from products.vocabulary import vocabulary


@pytest.mark.parametrize("code", sorted(set(vocabulary().facts) & set(definitions())))
def test_a_products_fact_is_the_platforms_fact(code: str) -> None:
    ours, theirs = vocabulary().facts[code], definitions()[code]
    kind = "bp" if theirs.unit == "bp" else theirs.kind
    assert (ours.kind, ours.item, ours.consent) == (kind, theirs.item, theirs.consent)


def test_products_know_every_fact_but_our_own_and_the_links() -> None:
    assert set(vocabulary().facts) - set(definitions()) <= {"subject_type"}
    missing = {code for code in definitions() if code not in vocabulary().facts}
    assert all(code.startswith("bnk_") or code.endswith("_links") for code in missing)


def test_an_item_is_called_the_same_everywhere() -> None:
    for code, title in vocabulary().items.items():
        assert title.words == items()[code].title
