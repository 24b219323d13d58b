"""One bit of a signed paper changed, and it does not verify; a row that says more than the paper is found."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, update

from backend.consents import proof, views
from backend.consents.model import SandboxSigner, Signature, lines_of
from backend.consents.tables import Consent, ConsentItem, ConsentRecipient
from backend.kit.database import Database
from backend.kit.policy import canonical, digest
from backend.kit.words import Words
from tests.consents.helpers import OWNER, PORT, a_bank, a_firm, a_signed

# What papers of the earlier notice did not have.
NEW = ("lines", "item_titles", "recipient_names")


def test_a_paper_names_what_was_signed_in_both_languages(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm, recipients=["platform", "harbour_bank"])
        said = json.loads(consent.text)
        assert said["items"] == ["TAX03", "TAX04"]
        assert said["recipients"] == ["harbour_bank", "platform"]
        assert said["notice"]
        for language in ("zh", "en"):
            assert all(word in said[language] for word in ("TAX03", "harbour_bank", firm.name))
        assert proof.faults(session, consent, PORT) == []


def test_what_a_person_reads_stands_in_the_paper_with_names_beside_codes(database: Database) -> None:
    with database.writing() as session:
        a_bank(session)
        firm, owner = a_firm(session)
        titles = {"TAX03": Words("纳税申报", "tax filings"), "TAX04": Words("增值税发票", "VAT invoices")}
        consent = a_signed(session, owner, firm, recipients=["platform", "harbour_bank"], titles=titles)
        query = a_signed(session, owner, firm, kind="bank_query", items=[], recipients=["harbour_bank"])
    read = "\n".join(line.zh for line in lines_of(consent.text))
    for said in (
        "纳税申报(TAX03)",
        "增值税发票(TAX04)",
        "港湾银行(harbour_bank)",
        "信桥平台(platform)",
        firm.name,
        firm.uscc,
        "贷前评估",
    ):
        assert said in read
    assert json.loads(consent.text)["item_titles"]["TAX04"] == {"zh": "增值税发票", "en": "VAT invoices"}
    assert "征信报告" in lines_of(query.text)[1].zh
    assert "VAT invoices (TAX04)" in "\n".join(line.en for line in lines_of(consent.text))


def test_a_paper_of_an_earlier_notice_still_verifies_and_can_be_read(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = session.get_one(Consent, a_signed(session, owner, firm).id)
        old = {key: value for key, value in json.loads(consent.text).items() if key not in NEW} | {"notice": "2025-01"}
        consent.text = canonical(old).decode()
        consent.digest = digest(consent.text.encode())
        consent.signature = PORT.sign(consent.text.encode(), OWNER).value
        session.flush()
        assert proof.faults(session, views.of_consent(consent), PORT) == []
        (line,) = lines_of(consent.text)
        assert "TAX03" in line.zh


def test_every_single_bit_counts(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm)
    paper, signature = consent.text.encode(), Signature(consent.signature, "", consent.signer)
    assert PORT.verify(paper, signature)
    for place in range(0, len(paper) * 8, 7):
        altered = bytearray(paper)
        altered[place // 8] ^= 1 << (place % 8)
        assert not PORT.verify(bytes(altered), signature), f"bit {place} does not count"


def test_another_signer_or_another_key_does_not_verify(database: Database) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        consent = a_signed(session, owner, firm)
    paper = consent.text.encode()
    assert not PORT.verify(paper, Signature(consent.signature, "", "别人"))
    assert not SandboxSigner(bytes(32)).verify(paper, Signature(consent.signature, "", consent.signer))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda name: update(Consent).values(text=Consent.text + " ").where(Consent.id == name), "the text was altered"),
        (lambda name: update(Consent).values(signer="别人").where(Consent.id == name), "not of this text by this signer"),
        (lambda name: update(Consent).values(signature="zz").where(Consent.id == name), "not of this text by this signer"),
        (lambda name: update(Consent).values(purpose="post_loan").where(Consent.id == name), "purpose: the rows say post_loan"),
        (lambda name: delete(ConsentItem).where(ConsentItem.item == "TAX03"), "items: the rows say ['TAX04']"),
        (
            lambda name: update(ConsentRecipient).values(recipient="harbour_bank").where(ConsentRecipient.consent_id == name),
            "recipients: the rows say ['harbour_bank']",
        ),
    ],
    ids=["text", "signer", "signature", "purpose", "an item gone", "a recipient swapped"],
)
def test_whoever_edits_a_stored_consent_is_found(database: Database, change: object, named: str) -> None:
    with database.writing() as session:
        firm, owner = a_firm(session)
        name = a_signed(session, owner, firm).id
    with database.writing() as session:
        session.execute(change(name))  # type: ignore[operator]  # a table of statements
    with database.reading() as session:
        found = proof.every_fault(session, PORT)
    assert any(fault.startswith(name) and named in fault for fault in found), found
