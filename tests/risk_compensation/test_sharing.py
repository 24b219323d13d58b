"""Sharing to the fen: whatever the amounts, the parts add up, and nobody gets back more than it bore."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.errors import NotFound
from backend.kit.policy import PolicyError, load
from risk_compensation import scheme
from risk_compensation.scheme import share_loss, share_recovery
from tests.risk_compensation.pools import DAY

PARTIES = ("bank", "guarantor", "fund", "insurer")


@dataclass(frozen=True)
class Terms:
    shares: dict[str, int]
    odd_fen_order: tuple[str, ...]


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    count = draw(st.integers(2, 4))
    order = draw(st.permutations(PARTIES[:count]))
    return Terms({party: draw(st.integers(1, 97)) for party in PARTIES[:count]}, tuple(order))


@given(terms(), st.integers(0, 10**12))
def test_the_parts_add_up_to_the_loss(scheme_terms: Terms, loss: int) -> None:
    parts = share_loss(scheme_terms, loss)
    assert sum(parts.values()) == loss
    total = sum(scheme_terms.shares.values())
    for party, part in parts.items():
        assert abs(part * total - loss * scheme_terms.shares[party]) < total, "within one fen of the exact share"


@given(terms(), st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(0, 200))
def test_recoveries_in_any_pieces_add_up_and_are_never_above_what_was_borne(
    scheme_terms: Terms, pieces: list[int], kept_lost: int
) -> None:
    loss = sum(pieces) + kept_lost
    borne, got = share_loss(scheme_terms, loss), dict.fromkeys(scheme_terms.shares, 0)
    for piece in pieces:
        parts = share_recovery(borne, net_fen=piece, already=got, odd_fen_order=scheme_terms.odd_fen_order)
        assert sum(parts.values()) == piece
        assert min(parts.values()) >= 0
        got = {party: got[party] + parts[party] for party in got}
        assert all(got[party] <= borne[party] for party in got)
    if kept_lost == 0:
        assert got == borne


def test_ten_recoveries_of_one_fen_do_not_all_go_to_one_party() -> None:
    ningbo = scheme.terms_on("ningbo_442", DAY)
    borne, got = share_loss(ningbo, 10), dict.fromkeys(ningbo.shares, 0)
    for _ in range(10):
        parts = share_recovery(borne, net_fen=1, already=got, odd_fen_order=ningbo.odd_fen_order)
        got = {party: got[party] + parts[party] for party in got}
    assert got == {"guarantor": 4, "fund": 4, "bank": 2}


BOTH = Terms({"bank": 8, "guarantor": 1, "fund": 5}, ("fund", "guarantor", "bank"))


def test_an_odd_fen_once_given_back_is_not_taken_away_again() -> None:
    """Of 3 fen at 1:3:3 the bank gets one by largest remainder; of 4 fen none: its fen stays."""
    borne, to = {"bank": 1, "guarantor": 3, "fund": 3}, []
    got = dict.fromkeys(borne, 0)
    for _ in range(7):
        parts = share_recovery(borne, net_fen=1, already=got, odd_fen_order=("fund", "guarantor", "bank"))
        to += [party for party, fen in parts.items() if fen]
        got = {party: got[party] + parts[party] for party in got}
    assert to == ["fund", "guarantor", "bank", "guarantor", "fund", "fund", "guarantor"]
    assert got == borne


@pytest.mark.parametrize("first", [("fund",), ("bank",), ("fund", "guarantor")])
def test_who_is_first_is_made_whole_before_the_others_get_anything(first: tuple[str, ...]) -> None:
    borne, order = {"bank": 2, "guarantor": 3, "fund": 5}, ("bank", "guarantor", "fund")
    most = sum(borne[party] for party in first)
    for one in range(11):
        got = share_recovery(borne, net_fen=one, already={}, odd_fen_order=order, first=first)
        for two in range(11 - one):
            more = share_recovery(borne, net_fen=two, already=got, odd_fen_order=order, first=first)
            assert sum(got[party] + more[party] for party in first) == min(one + two, most)


@pytest.mark.parametrize(
    ("order", "loss", "already", "net", "parts"),
    [
        # One party holds a fen that the larger total would not give it: the first of the order with a part gives way.
        (("bank", "guarantor", "fund"), 7, (1, 1, 1), 1, (0, 0, 1)),
        (("bank", "fund", "guarantor"), 7, (1, 1, 1), 1, (0, 1, 0)),
        # One party has all that it bore: its odd fen goes to the first of the order that still bears something.
        (("fund", "guarantor", "bank"), 25, (3, 9, 10), 2, (0, 1, 1)),
        (("guarantor", "fund", "bank"), 25, (3, 10, 9), 2, (0, 1, 1)),
        (("bank", "guarantor", "fund"), 25, (3, 9, 10), 2, (0, 2, 0)),
    ],
)
def test_who_gets_the_odd_fen_of_a_recovery_is_the_schemes_order(
    order: tuple[str, ...], loss: int, already: tuple[int, ...], net: int, parts: tuple[int, ...]
) -> None:
    borne = share_loss(Terms({"bank": 1, "guarantor": 3, "fund": 3}, order), loss)
    found = share_recovery(borne, net_fen=net, already=dict(zip(borne, already, strict=True)), odd_fen_order=order)
    assert tuple(found[party] for party in borne) == parts


def test_recoveries_that_cross_a_paradox_add_up_at_every_size() -> None:
    for loss in range(1, 43):
        borne = share_loss(BOTH, loss)
        for first in range(loss + 1):
            got = share_recovery(borne, net_fen=first, already={}, odd_fen_order=BOTH.odd_fen_order)
            for second in range(loss - first + 1):
                parts = share_recovery(borne, net_fen=second, already=got, odd_fen_order=BOTH.odd_fen_order)
                assert sum(parts.values()) == second
                assert all(0 <= parts[party] <= borne[party] - got[party] for party in borne)


def test_more_than_is_lost_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="cannot be shared: 5 fen are still lost"):
        share_recovery({"fund": 8, "bank": 2}, net_fen=6, already={"fund": 5}, odd_fen_order=("bank", "fund"))


def test_every_scheme_in_the_folder_loads_and_its_worked_example_comes_out() -> None:
    assert "ningbo_442" in scheme.codes()
    for code in scheme.codes():
        for block in scheme.scheme(code).terms:
            if block.example is not None:
                assert share_loss(block, block.example.loss_fen) == block.example.shares
    with pytest.raises(NotFound):
        scheme.terms_on("nowhere", DAY)
    with pytest.raises(NotFound):
        scheme.terms_on("ningbo_442", DAY.replace(year=2010))


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("fund_net_fen: 28800000", "fund_net_fen: 28800001", "fund_net_fen is the fund's share"),
        ("shares: {guarantor: 4, fund: 4, bank: 2}", "shares: {guarantor: 5, fund: 4, bank: 2}", "example: the loss is shared"),
        ("order: [bank, guarantor, fund]", "order: [bank, fund]", "odd_fen.order names each party"),
        ("warn_bp: 300", "warn_bp: 500", "warn_bp comes before pause_bp"),
        ("basis: principal", "basis: principle", "basis"),
        ("claimant: guarantor", "claimants: guarantor", "this key is not known here"),
    ],
)
def test_a_faulty_scheme_file_is_refused_by_name_and_line(tmp_path: Path, was: str, becomes: str, named: str) -> None:
    good = (scheme.FOLDER / "ningbo_442.yaml").read_text(encoding="utf-8")
    assert was in good
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.replace(was, becomes), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(bad, scheme.Scheme)
    assert named in str(caught.value)
    assert "bad.yaml:" in str(caught.value)
