"""One product as it stands on a day, ready for `rules`, `pricing` and `repayment`. `block` and `parts` hold what a file may say.

>>> from datetime import date
>>> from products.catalogue import load
>>> terms = load().get("invoice_credit_loan", date(2025, 6, 1))
>>> terms.channel, terms.bank_title.en, len(terms.digest)
('platform', 'Harbour Bank', 64)
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from products import directory
from products.block import Block, Product
from products.parts import Clock, Example, LimitTerm
from products.vocabulary import items_of

__all__ = ["Block", "Example", "LimitTerm", "Product", "ProductTerms"]


@dataclass(frozen=True, eq=False)
class ProductTerms:
    """One product as it stands on a day. `body` is the canonical dated block and `digest` its SHA-256: what a match cites.

    `channel` is `platform` where it is applied for here (by adapter, by the bank's own system or at its desk), `at_the_bank`
    where the firm goes to the bank itself: then `documents` says what to bring.
    """

    code: str
    bank: str
    bank_title: Words
    title: Words
    family: str
    families: tuple[str, ...]
    block: Block
    summary: Words
    channel: str
    subject_types: tuple[str, ...]
    purposes: tuple[str, ...]
    min_fen: int
    max_fen: int
    months: tuple[int, ...]
    ways: tuple[str, ...]
    cycle_months: int | None
    day_count: str
    late_surcharge_bp: int
    facts_handed: tuple[str, ...]
    facts_used: tuple[str, ...]
    items_needed: tuple[str, ...]
    """Items the platform must read so that every criterion and limit can be told."""
    items_handed: tuple[str, ...]
    """Items the firm must sign for the bank: what an application, or a question for an indication, hands over."""
    whitelist_programme: str | None
    uplift_programme: str | None
    scheme: str | None
    scheme_tags: tuple[str, ...]
    guarantor_required: bool
    insurer_required: bool
    decision_days: int
    clock: Clock | None
    bureau_queries: tuple[str, ...]
    contact: Words
    documents: tuple[Words, ...]
    body: bytes
    digest: str

    @property
    def at_the_bank(self) -> bool:
        """Whether the firm applies at the bank itself."""
        return self.channel == "at_the_bank"

    @classmethod
    def of(cls, product: Product, block: Block) -> ProductTerms:
        """The terms that one block of a product file sets."""
        used = [criterion.fact for criterion in block.criteria if criterion.fact is not None]
        used += [term.fact for term in block.limit.terms] + [item.fact for item in block.price.adjustments]
        needed = {criterion.fact for criterion in block.criteria if criterion.fact is not None and criterion.knows == "platform"}
        needed |= {term.fact for term in block.limit.terms} | set(block.facts_handed)
        head = {"code": product.code, "bank": product.bank, "title": product.title, "family": product.family}
        if product.families:
            head["families"] = product.families
        body = canonical(head | {"block": block})
        return cls(
            code=product.code, bank=product.bank, bank_title=directory.bank(product.bank) or Words(product.bank, product.bank),
            title=product.title, family=product.family, families=(product.family, *product.families), block=block,
            summary=block.summary, channel=block.channel, subject_types=block.subject_types, purposes=block.purposes,
            min_fen=block.amount.min, max_fen=block.amount.max, months=block.months, ways=block.ways,
            cycle_months=block.cycle_months, day_count=block.day_count, late_surcharge_bp=block.late_surcharge,
            facts_handed=block.facts_handed, facts_used=tuple(dict.fromkeys(used)), items_needed=items_of(needed),
            items_handed=items_of(block.facts_handed),
            whitelist_programme=block.whitelist.programme if block.whitelist else None,
            uplift_programme=block.uplift_programme, scheme=block.scheme,
            scheme_tags=block.scheme_tags, guarantor_required=block.guarantor_required,
            insurer_required=block.insurer_required, decision_days=block.decision_days, clock=block.clock,
            bureau_queries=block.bureau_queries, contact=block.contact,
            documents=block.documents, body=body, digest=digest(body),
        )  # fmt: skip
