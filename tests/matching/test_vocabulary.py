"""Which of the platform's facts a product may ask about. What they are called is one list for all (tests/house)."""

from backend.vocabulary.facts import definitions
from products.vocabulary import askable


def test_products_may_ask_about_every_fact_but_banks_reports_and_ties_to_other_firms() -> None:
    missing = set(definitions()) - set(askable())
    assert missing == {code for code in definitions() if code.startswith("bnk_") or code.endswith("_links")}


def test_a_share_is_written_as_one_in_a_product_file() -> None:
    shares = {code for code, word in askable().items() if word.kind == "bp"}
    assert (
        shares == {code for code in askable() if code.endswith("_bp")} == {c for c in askable() if definitions()[c].unit == "bp"}
    )
