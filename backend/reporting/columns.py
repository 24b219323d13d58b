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
        "available_fen ratio_bp warn_bp pause_bp loans breaker_loans minimum_loans ratio:text parties_zh:text parties_en:text",
        "pool_monthly": "pool:text month:text paid_in_fen registered_fen released_fen paid_fen recovered_fen cash_end_fen",
        "pool_ratios": "pool:text code:text value_bp numerator_fen denominator_fen",
        "pool_accounts": "pool:text account:text title_zh:text title_en:text balance_fen",
        "claims": "pool:text month:text filed approved rejected paid payout_fen p50_days",
        "consents_monthly": "month:text signed revoked readings refusals",
        "stress": "pool:text loans firms owed_fen cash_fen expected_fen need95_fen error95_fen granular95_fen before95_fen "
        "need999_fen error999_fen granular999_fen before999_fen cover_months:real nothing_bp short_bp warn_bp pause_bp "
        "equal_firms:real largest_bp assessed failed draws correlation_bp pd_bp lgd_bp window_loans minimum_loans hidden",
        "stress_bars": "pool:text from_fen to_fen cases",
        "stress_worlds": "pool:text share_times:real leverage_times:real pd_times:real expected_fen need95_fen need999_fen "
        "missing95_fen missing999_fen",
        "honesty_bands": "band:text loans firms defaults rate_bp low_bp high_bp matched matched_defaults partners_defaults "
        "difference_bp difference_low_bp difference_high_bp left_out hidden",
        "honesty_findings": "programme:text title_zh:text title_en:text coefficient:text e_value:real line:real lifted "
        "lifted_defaults others others_defaults alert open_since:text hidden",
        "warning_sweeps": "day:text firms green yellow red opened worsened improved closed ended tasks stars circles "
        "nothing_opened",
        "warning_indicators": "indicator:text title_zh:text title_en:text yellow red confirmed false_alarm resolved",
        "warning_regions": "region:text label_zh:text label_en:text colour:text firms",
        "card_months": "card:text title_zh:text title_en:text month:text assessed firms outcomes bad expected_bp observed_bp "
        "observed_low_bp observed_high_bp psi:real auc:real auc_low:real auc_high:real ks:real ks_low:real ks_high:real "
        "brier:real brier_low:real brier_high:real slope:real slope_low:real slope_high:real "
        "psi_watch:real psi_act:real alerts hidden",
        "card_groups": "card:text dimension:text cell:text label_zh:text label_en:text n psi:real favoured_bp drew_bp "
        "favoured_ratio:real favoured_ratio_low:real favoured_ratio_high:real drew_ratio:real drew_ratio_low:real "
        "drew_ratio_high:real",
        "card_alerts": "card:text what_zh:text what_en:text colour:text value:real validated:text",
    }.items()
}
