"""The products as files: sound, dated, with examples that hold; bad files named by file, line and remedy."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from backend.kit.dated import holds_on
from backend.kit.errors import NotFound
from backend.kit.policy import PolicyError
from products import catalogue, directory, pricing
from products.schema import ProductTerms

COUNT = 38
BAD = Path(__file__).parents[1] / "bad_files" / "products"
EXAMPLES = [
    pytest.param(ProductTerms.of(product, block), example, id=f"{product.code}: {example.name}")
    for product in catalogue.load().products
    for block in product.blocks
    for example in block.examples
]


@pytest.mark.parametrize(("terms", "example"), EXAMPLES)
def test_every_example_of_every_product_file_holds(terms, example):
    assert catalogue.run_example(terms, example) == []


def test_the_published_catalogue_has_no_fault():
    assert catalogue.check() == []


def test_no_product_file_is_dropped():
    files = sorted(path.stem for path in catalogue.FOLDER.rglob("*.yaml"))
    assert sorted(product.code for product in catalogue.load().products) == files
    assert len(files) == COUNT
    day = date(2025, 6, 1)
    assert len(catalogue.load().on(day)) == COUNT
    assert len({terms.bank for terms in catalogue.load().on(day)}) >= 8


def test_seven_products_of_three_banks_are_applied_for_here_and_the_others_at_the_bank():
    on = catalogue.load().on(date(2025, 6, 1))
    assert sorted((terms.bank, terms.code) for terms in on if not terms.at_the_bank) == [
        ("bell_tower_bank", "sole_trader_loan"),
        ("bell_tower_bank", "tax_credit_loan"),
        ("harbour_bank", "data_easy_loan"),
        ("harbour_bank", "invoice_credit_loan"),
        ("orchard_bank", "guaranteed_micro_loan"),
        ("orchard_bank", "pooled_sales_loan"),
        ("orchard_bank", "utility_credit_loan"),
    ]
    for terms in on:
        if terms.at_the_bank:
            assert terms.documents
            assert terms.contact.zh
            assert terms.facts_handed == ()


@pytest.mark.parametrize("family", sorted(code for code, kind in directory.families().items() if kind.asked))
def test_every_kind_of_product_that_the_field_names_is_in_the_catalogue(family):
    assert [terms.code for terms in catalogue.load().on(date(2025, 6, 1)) if family in terms.families]


def test_every_bank_is_called_by_a_name():
    assert {product.bank for product in catalogue.load().products} == set(directory.banks())


def test_terms_that_are_not_published_say_so():
    for product in catalogue.load().products:
        for block in product.blocks:
            assert "assumed: " in block.source, product.code


def test_what_is_left_unsaid_keeps_the_digest_that_matches_cite():
    terms = catalogue.load().get("tax_credit_loan", date(2025, 6, 1))
    assert terms.digest == "e5a076616c468cb5114f51789e3e8025cc9a7b6bcccaa8575eda0fe81f59c2e5"
    assert b"regions" not in terms.body
    assert b"regions" in catalogue.load().get("kiln_cycle_loan", date(2025, 6, 1)).body


def test_a_medium_firm_may_renew_until_the_published_day():
    sizes = [catalogue.load().get("lake_renewal_loan", day).block.sizes for day in (date(2027, 9, 30), date(2027, 10, 1))]
    assert ["medium" in one for one in sizes] == [True, False]


def test_the_data_loan_is_not_there_before_its_first_day():
    with pytest.raises(NotFound):
        catalogue.load().get("data_easy_loan", date(2025, 4, 16))
    assert catalogue.load().get("data_easy_loan", date(2025, 4, 17)).uplift_programme == "hubei_shuyidai"


def test_nothing_is_offered_before_the_first_block():
    assert catalogue.load().on(date(2020, 2, 21)) == []


def test_terms_are_cited_by_the_digest_of_their_block():
    digests = [terms.digest for terms in catalogue.load().terms]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 64 for digest in digests)


def test_what_a_bank_receives_is_never_more_than_firm_items_and_public_records():
    for terms in catalogue.load().terms:
        assert not {"data_trades", "equity_links", "guarantee_links"} & set(terms.facts_handed)
        if not terms.at_the_bank:
            assert set(terms.items_needed) <= {"TAX01", "TAX03", "TAX04", "SOC01", "SOC02", "ELE01", "DAT01", "DAT03", "HPF01"}


def test_no_product_passes_the_ceiling_on_any_of_its_ways_on_any_known_day():
    for terms in catalogue.load().terms:
        for day in (date(2025, 1, 1), date(2025, 5, 20), date(2026, 6, 1)):
            if holds_on(terms.block, day):
                asked = pricing.price(terms, {}, day=day)
                for way in terms.ways:
                    for months in terms.months:
                        loan = (terms.max_fen, asked.high_bp, months, way, terms.day_count, asked.fees, day)
                        cost = pricing.all_in(*loan, cycle_months=terms.cycle_months)
                        assert asked.high_bp * 0.99 <= cost.by_days_bp < 2400


@pytest.mark.parametrize("bad", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_is_named_with_its_line_and_its_remedy(bad, tmp_path):
    (tmp_path / "harbour_bank").mkdir()
    shutil.copy(bad, tmp_path / "harbour_bank" / bad.name)
    expected = bad.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expects: ")
    assert [str(fault) for fault in catalogue.check(tmp_path)] == [expected]


def test_a_folder_with_a_fault_is_not_loaded_at_all(tmp_path):
    (tmp_path / "harbour_bank").mkdir()
    shutil.copy(BAD / "unknown_fact.yaml", tmp_path / "harbour_bank")
    with pytest.raises(PolicyError, match="not a fact the platform knows"):
        catalogue.load(tmp_path)


def test_file_and_folder_name_the_product_and_its_bank(tmp_path):
    (tmp_path / "some_bank").mkdir()
    good = catalogue.FOLDER / "harbour_bank" / "invoice_credit_loan.yaml"
    shutil.copy(good, tmp_path / "some_bank" / "another.yaml")
    shutil.copy(good, tmp_path / "some_bank" / "invoice_credit_loan.yaml")
    whats = [fault.what for fault in catalogue.check(tmp_path)]
    assert sum("let code and file name agree" in what for what in whats) == 1
    assert sum("let bank and folder agree" in what for what in whats) == 2
    assert sum("already has the code invoice_credit_loan" in what for what in whats) == 1


def test_an_empty_folder_is_a_fault_not_an_empty_catalogue(tmp_path):
    assert "no product file" in str(catalogue.check(tmp_path)[0])
