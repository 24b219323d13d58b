"""All product files, checked and put in order of date: what may be offered on a day.

`load` refuses a folder with any fault; `check` lists every fault with file, line and remedy (`creditbridge products check`),
running each file's own examples too.

>>> [terms.code for terms in load().on(date(2025, 3, 1)) if terms.code.startswith("invoice")]
['invoice_credit_loan']
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from backend.kit.dated import holds_on
from backend.kit.errors import CreditBridgeError, NotFound
from backend.kit.money import wan
from backend.kit.policy import PolicyError, PolicyFault, line_of
from backend.kit.policy import load as read
from backend.kit.rates import percent
from backend.kit.words import Words
from products import pricing, rules
from products.schema import Example, Product, ProductTerms

FOLDER = Path(__file__).parent / "loans"


@dataclass(frozen=True)
class Catalogue:
    """Every block of every product, as terms."""

    products: tuple[Product, ...]
    terms: tuple[ProductTerms, ...]

    def on(self, day: date) -> list[ProductTerms]:
        """What is in force on that day, by code."""
        return [terms for terms in self.terms if holds_on(terms.block, day)]

    def get(self, code: str, day: date) -> ProductTerms:
        """One product's terms on a day; NotFound if there is none then."""
        for terms in self.on(day):
            if terms.code == code:
                return terms
        raise NotFound(Words(f"{day} 没有产品 {code}", f"there is no product {code} on {day}"), code="product_not_found")

    def versions(self, code: str) -> list[ProductTerms]:
        """Every dated version of a product, oldest first."""
        return [terms for terms in self.terms if terms.code == code]


def _placed(path: Path, product: Product) -> list[PolicyFault]:
    """Faults that only the file as a whole can have."""
    faults = []

    def add(place: tuple[str | int, ...], what: str) -> None:
        faults.append(PolicyFault(path.name, line_of(path, place), what))

    if product.code != path.stem:
        add(("code",), f"code: the file is called {path.stem}; let code and file name agree")
    if product.bank != path.parent.name:
        add(("bank",), f"bank: the folder is called {path.parent.name}; let bank and folder agree")
    for index, (before, after) in enumerate(pairwise(product.blocks), 1):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            add(
                ("blocks", index),
                f"blocks.{index}: the block before it still holds on {after.valid_from}; give that one an earlier valid_to",
            )
    return faults


def run_example(terms: ProductTerms, example: Example) -> list[str]:
    """What an example expected and did not get, one sentence each."""
    firm = rules.FirmView(example.firm.subject_type, example.firm.region, example.firm.industry)
    verdict = rules.evaluate(terms, example.facts, day=example.day, firm=firm, listing_grade=example.listing_grade)
    expect, wrong = example.expect, []
    first = verdict.reasons[0]
    if verdict.answer != expect.answer:
        wrong.append(f"expected {expect.answer}, got {verdict.answer} ({first.criterion}: {first.words.en})")
    if expect.because is not None and first.criterion != expect.because:
        wrong.append(f"expected because of {expect.because}, got {first.criterion}")
    got = verdict.base_limit.amount_fen
    if expect.limit is not None and got != expect.limit:
        wrong.append(f"expected a limit of {wan(expect.limit)} 万元, got {wan(got) + ' 万元' if got is not None else 'none'}")
    if expect.rate is not None:
        rate = pricing.price(terms, example.facts, day=example.day, listing_grade=example.listing_grade).rate_bp
        if rate != expect.rate:
            wrong.append(f"expected a rate of {percent(expect.rate)}, got {percent(rate)}")
    return wrong


def _examples(path: Path, product: Product) -> list[PolicyFault]:
    faults = []
    for number, block in enumerate(product.blocks):
        terms = ProductTerms.of(product, block)
        for index, example in enumerate(block.examples):
            place = ("blocks", number, "examples", index)
            if not holds_on(block, example.day):
                wrong = [f"its day {example.day} lies outside the block"]
            else:
                try:
                    wrong = run_example(terms, example)
                except CreditBridgeError as error:
                    wrong = [error.words.en]
            faults += [PolicyFault(path.name, line_of(path, place), f"example “{example.name}”: {what}") for what in wrong]
    return faults


def _costs(path: Path, product: Product) -> list[PolicyFault]:
    """A block whose dearest price breaks the all-in ceiling is a fault of the file."""
    faults = []
    for number, block in enumerate(product.blocks):
        terms = ProductTerms.of(product, block)
        try:
            asked = pricing.price(terms, {}, day=block.valid_from)
            for way in block.ways:
                for months in block.months:
                    loan = (terms.min_fen, asked.high_bp, months, way, terms.day_count, asked.fees, block.valid_from)
                    pricing.all_in(*loan, cycle_months=terms.cycle_months)
        except CreditBridgeError as error:
            faults.append(PolicyFault(path.name, line_of(path, ("blocks", number, "price")), f"price: {error.words.en}"))
    return faults


def _read_all(folder: Path, *, deep: bool) -> tuple[list[Product], list[PolicyFault]]:
    products: list[Product] = []
    faults: list[PolicyFault] = []
    where: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        try:
            product = read(path, Product)
        except PolicyError as error:
            faults += error.faults
            continue
        found = _placed(path, product)
        if product.code in where:
            found.append(
                PolicyFault(
                    path.name, line_of(path, ("code",)), f"code: {where[product.code]} already has the code {product.code}"
                )
            )
        where.setdefault(product.code, f"{path.parent.name}/{path.name}")
        if deep and not found:
            found = _costs(path, product) + _examples(path, product)
        faults += found
        products.append(product)
    return products, faults


def check(folder: Path = FOLDER) -> list[PolicyFault]:
    """Every fault of every product file, none if all may be published. Examples are run and the all-in ceiling tried."""
    products, faults = _read_all(folder, deep=True)
    if not products and not faults:
        faults.append(
            PolicyFault(folder.name, 1, "there is no product file here; give the folder that holds <bank>/<product>.yaml")
        )
    return faults


@cache
def load(folder: Path = FOLDER) -> Catalogue:
    """Every product below the folder, read once per process; PolicyError with all faults."""
    products, faults = _read_all(folder, deep=False)
    if faults:
        raise PolicyError(faults)
    terms = [ProductTerms.of(product, block) for product in products for block in product.blocks]
    return Catalogue(tuple(products), tuple(sorted(terms, key=lambda one: (one.code, one.block.valid_from))))
