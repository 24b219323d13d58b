"""The tables of the snapshot and their columns: what the dashboard may rely on, also where a table is empty."""

from __future__ import annotations

from typing import Any


def _columns(text: str) -> dict[str, Any]:
    """`name` is a whole number, `name:text` and `name:real` what they say.

    >>> _columns("month:text n")
    {'month': <class 'str'>, 'n': <class 'int'>}
    """
    kinds = {"": int, "text": str, "real": float}
    return {name: kinds[kind] for name, _, kind in (each.partition(":") for each in text.split())}


COLUMNS: dict[str, dict[str, Any]] = {
    name: _columns(text)
    for name, text in {
        "meta": "key:text value:text",
        "definitions": "code:text title_zh:text title_en:text formula_zh:text formula_en:text source:text",
        "kpis": "code:text value unit:text n",
        "needs_monthly": "month:text submitted approved declined withdrawn expired pending amount_fen",
        "applications_monthly": "month:text bank:text submitted approved declined withdrawn expired pending p50_days p90_days",
        "banks": "bank:text name_zh:text name_en:text submitted approved declined withdrawn expired pending p50_days p90_days "
        "drawn_fen weighted_rate_bp:real weighted_all_in_bp:real",
        "products": "product:text bank:text title_zh:text title_en:text submitted approved declined drawn_fen",
        "rates": "bank:text month:text n amount_fen weighted_rate_bp:real weighted_all_in_bp:real all_in_fen lpr_bp:real",
        "rate_bands": "from_bp to_bp draws amount_fen",
        "declines": "reason:text n",
        "book_monthly": "month:text drawn_fen repaid_fen outstanding_fen overdue_fen",
        "classes": "cls:text draws outstanding_fen",
        "dpd_buckets": "bucket:text draws outstanding_fen",
        "vintages": "cohort:text mob drawn_fen ever30_fen ever90_fen draws mature",
        "cells": "dimension:text cell:text label_zh:text label_en:text firms needs need_approval_bp draws drawn_fen "
        "outstanding_fen weighted_rate_bp:real overdue90_fen hidden",
        "pools": "pool:text scheme:text title_zh:text title_en:text state:text cash_fen commitments_fen reserved_fen "
        "available_fen ratio_bp warn_bp pause_bp loans breaker_loans minimum_loans",
        "pool_monthly": "pool:text month:text paid_in_fen registered_fen released_fen paid_fen recovered_fen cash_end_fen",
        "pool_ratios": "pool:text code:text value_bp numerator_fen denominator_fen",
        "pool_accounts": "pool:text account:text title_zh:text title_en:text balance_fen",
        "claims": "pool:text month:text filed approved rejected paid payout_fen p50_days",
        "consents_monthly": "month:text signed revoked readings refusals",
    }.items()
}
