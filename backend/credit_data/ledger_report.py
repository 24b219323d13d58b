"""What an import of ledgers found, counted as the source's publisher counts: every figure can be held against the published one.

>>> Sheet("302", "input", 3, 1, 0, 0, 0, 0, 0, 0, 2, 12_345).rows
3
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backend.credit_data.ledger_files import Part
from backend.kit.money import yuan_text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One direction of one part, counted as the source publishes it. Repeats stand in every figure; money is fen."""

    part: str
    side: str
    rows: int
    void: int
    void_with_space: int
    negative: int
    zero_net: int
    zero_vat: int
    repeated: int
    unequal: int
    partners: int
    valid_net_fen: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and what it changed."""

    sheets: tuple[Sheet, ...]
    firms: int
    new_ledgers: int
    facts: int
    facts_on: date
    digests: dict[str, str]

    def lines(self) -> list[str]:
        """For a person at a terminal."""
        found = []
        for sheet in self.sheets:
            void = f"{sheet.void:,} void ({sheet.void_with_space:,} of these written with a space)"
            odd = f"{sheet.negative:,} negative, {sheet.zero_net:,} of net 0, {sheet.zero_vat:,} without VAT"
            found.append(f"part {sheet.part} {sheet.side}: {sheet.rows:,} invoices, {void}, {odd}, {sheet.partners:,} partners")
            found.append(f"  net of the valid ones: {yuan_text(sheet.valid_net_fen)} yuan")
            found.append(
                f"  kept and flagged: {sheet.repeated:,} repeated rows, {sheet.unequal:,} whose net + VAT is not the gross"
            )
        found.append(
            f"{self.firms} firms, {self.new_ledgers} with a ledger that is new; {self.facts:,} facts as of {self.facts_on}"
        )
        found.append(
            "the firms' credit codes are fictional (division 000000), made from the source's codes; their consents reach no bank"
        )
        return found


def sheets(part: Part) -> Iterator[Sheet]:
    """Both directions of one part."""
    for side, out in (("input", False), ("output", True)):
        rows = part.rows[part.rows["out"] == out]
        valid = rows["valid"].to_numpy()
        yield Sheet(
            part=part.name,
            side=side,
            rows=len(rows),
            void=int((~valid).sum()),
            void_with_space=int((~valid & (rows["state"] != rows["state"].str.strip()).to_numpy()).sum()),
            negative=int((rows["net"] < 0).sum()),
            zero_net=int((rows["net"] == 0).sum()),
            zero_vat=int((rows["vat"] == 0).sum()),
            repeated=int(rows["repeated"].sum()),
            unequal=int(rows["unequal"].sum()),
            partners=int(rows["partner"].nunique()),
            valid_net_fen=int(rows["net"].to_numpy()[valid].sum()),
        )
