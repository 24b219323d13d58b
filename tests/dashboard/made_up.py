"""A made-up snapshot with the agreed tables, small enough to check by hand: two banks, one pool, eight months."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import sqlite_utils

from backend.vocabulary.figures import TITLES
from tests.dashboard import made_up_watch

WAN = 1_000_000  # fen in 万元
MONTHS = [f"2025-{month:02d}" for month in range(1, 9)]


def tables() -> dict[str, list[dict[str, Any]]]:
    """Every table of the snapshot. Change a copy, then publish it."""
    kpis = [
        ("firms", 120, "count", 120),
        ("consents_live", 310, "count", 310),
        ("needs", 80, "count", 80),
        ("need_approval_bp", 6250, "bp", 72),
        ("bank_approval_bp", 5100, "bp", 140),
        ("decision_p50_days", 3, "days", 140),
        ("decision_p90_days", 8, "days", 140),
        ("drawn_fen", 4321 * WAN + 560_000, "fen", 45),
        ("draws", 45, "count", 45),
        ("outstanding_fen", 3210 * WAN, "fen", 40),
        ("weighted_rate_bp", 412.5, "bp", 45),
        ("weighted_all_in_bp", 455, "bp", 45),
        ("first_loan_bp", 3000, "bp", 45),
        ("credit_loan_bp", 7000, "bp", 45),
        ("overdue30_bp", 310, "bp", 40),
        ("overdue90_bp", 180, "bp", 40),
        ("npl_bp", 180, "bp", 40),
        ("default12_bp", None, "bp", 0),
        ("uplift_fen", 250 * WAN, "fen", 12),
        ("unauthorised_reads", 0, "count", 900),
    ]
    banks = [
        ("harbour_bank", "港湾银行", "Harbour Bank", 410, 450),
        ("orchard_bank", "果园农商银行", "Orchard Rural Bank", 435, 470),
    ]
    return {
        "meta": [{"key": "day", "value": "2025-08-31"}, {"key": "lpr_1y_bp", "value": "300"}],
        "definitions": [
            {
                "code": code,
                "title_zh": TITLES[code].zh,
                "title_en": TITLES[code].en,
                "formula_zh": f"口径{i}",
                "formula_en": f"definition {i}",
                "source": "domain §9",
            }
            for i, (code, *_) in enumerate(kpis)
        ],
        "kpis": [dict(zip(("code", "value", "unit", "n"), row, strict=True)) for row in kpis],
        "needs_monthly": [
            {"month": m, "submitted": 10, "approved": 6, "declined": 2, "withdrawn": 1, "pending": 1, "amount_fen": 900 * WAN}
            for m in MONTHS
        ],
        "applications_monthly": [
            {
                "month": m,
                "bank": bank,
                "submitted": 9,
                "approved": 5,
                "declined": 2,
                "withdrawn": 1,
                "expired": 0,
                "pending": 1,
                "p50_days": 2 + i % 3,
                "p90_days": 6 + i % 4,
            }
            for i, m in enumerate(MONTHS)
            for bank, *_ in banks
        ],
        "banks": [
            {
                "bank": bank,
                "name_zh": zh,
                "name_en": en,
                "submitted": 72,
                "approved": 40,
                "declined": 16,
                "withdrawn": 8,
                "expired": 0,
                "pending": 8,
                "p50_days": 3,
                "p90_days": 8,
                "drawn_fen": 2000 * WAN,
                "weighted_rate_bp": rate,
                "weighted_all_in_bp": all_in,
            }
            for bank, zh, en, rate, all_in in banks
        ],
        "products": [
            {
                "product": f"{bank}_tax",
                "bank": bank,
                "title_zh": "税信贷",
                "title_en": "Tax credit loan",
                "submitted": 72,
                "approved": 40,
                "declined": 16,
                "drawn_fen": 2000 * WAN,
            }
            for bank, *_ in banks
        ],
        "rates": [
            {
                "bank": bank,
                "month": m,
                "n": 5,
                "amount_fen": (100 if bank == "harbour_bank" else 300) * WAN,
                "weighted_rate_bp": rate,
                "weighted_all_in_bp": all_in,
                "all_in_fen": (100 if bank == "harbour_bank" else 300) * WAN,
                "lpr_bp": 310 if m < "2025-05" else 300,
            }
            for m in MONTHS
            for bank, _, _, rate, all_in in banks
        ],
        "rate_bands": [
            {"from_bp": 350 + 50 * i, "to_bp": 400 + 50 * i, "draws": n, "amount_fen": n * 90 * WAN}
            for i, n in enumerate((8, 22, 11, 4))
        ],
        "declines": [
            {"reason": "近期对外担保余额过高,超过本行准入标准", "n": 14},
            {"reason": "开票连续性不足", "n": 9},
            {"reason": "other", "n": 6},
        ],
        "book_monthly": [
            {
                "month": m,
                "drawn_fen": 540 * WAN,
                "repaid_fen": 40 * WAN * i,
                "outstanding_fen": (540 + 440 * i) * WAN,
                "overdue_fen": 9 * WAN * i,
            }
            for i, m in enumerate(MONTHS)
        ],
        "classes": [
            {"cls": c, "draws": n, "outstanding_fen": n * 80 * WAN}
            for c, n in (("normal", 35), ("watch", 3), ("substandard", 1), ("doubtful", 1), ("loss", 0))
        ],
        "dpd_buckets": [
            {"bucket": b, "draws": n, "outstanding_fen": n * 80 * WAN}
            for b, n in (("0", 35), ("1-30", 2), ("31-60", 1), ("61-90", 0), ("91-180", 1), ("181+", 1))
        ],
        "vintages": [
            {
                "cohort": m,
                "mob": mob,
                "drawn_fen": 500 * WAN,
                "ever30_fen": 2 * mob * WAN,
                "ever90_fen": mob * WAN,
                "draws": 6,
                "mature": int(mob < 8 - i),
            }
            for i, m in enumerate(MONTHS)
            for mob in range(1, 10 - i)
        ],
        "cells": [
            {
                "dimension": d,
                "cell": c,
                "label_zh": zh,
                "label_en": en,
                "firms": n,
                "needs": None if n < 5 else n,
                "need_approval_bp": None if n < 5 else 6000,
                "draws": None if n < 5 else n,
                "drawn_fen": None if n < 5 else n * 50 * WAN,
                "outstanding_fen": None if n < 5 else n * 40 * WAN,
                "weighted_rate_bp": None if n < 5 else 420,
                "overdue90_fen": None if n < 5 else 2 * WAN,
                "hidden": int(n < 5),
            }
            for d, c, zh, en, n in (
                ("region", "330102", "上城区", "Shangcheng", 60),
                ("region", "330106", "西湖区", "Xihu", 57),
                ("region", "330127", "淳安县", "Chun'an", 3),
                ("industry", "C", "制造业", "manufacturing", 70),
                ("industry", "F", "批发和零售业", "wholesale and retail", 50),
                ("subject_type", "enterprise", "企业", "enterprise", 100),
                ("subject_type", "sole_trader", "个体工商户", "sole trader", 20),
                ("firm_age", "0-2", "不满 3 年", "under 3 years", 40),
                ("firm_age", "3+", "3 年以上", "3 years and more", 80),
            )
        ],
        "pools": [
            {
                "pool": "city_pool",
                "scheme": "city_4_4_2",
                "title_zh": "市级风险补偿资金池",
                "title_en": "City risk-compensation pool",
                "state": "open",
                "cash_fen": 1980 * WAN,
                "commitments_fen": 700 * WAN,
                "reserved_fen": 120 * WAN,
                "available_fen": 1160 * WAN,
                "ratio_bp": 95,
                "warn_bp": 300,
                "pause_bp": 500,
                "loans": 24,
                "breaker_loans": 12,
                "minimum_loans": 20,
                "ratio": "net_paid_over_entered",
                "parties_zh": "担保机构 40 %、基金 40 %、银行 20 %；由担保机构申请代偿",
                "parties_en": "guarantor 40 %, fund 40 %, bank 20 %; the guarantor claims",
            }
        ],
        "pool_monthly": [
            {
                "pool": "city_pool",
                "month": m,
                "paid_in_fen": 2000 * WAN if i == 0 else 0,
                "registered_fen": 100 * WAN,
                "released_fen": 10 * WAN,
                "paid_fen": 12 * WAN if i in (5, 6) else 0,
                "recovered_fen": 4 * WAN if i == 7 else 0,
                "cash_end_fen": (2000 - 12 * (i >= 5) - 12 * (i >= 6) + 4 * (i == 7)) * WAN,
            }
            for i, m in enumerate(MONTHS)
        ],
        "pool_ratios": [
            {
                "pool": "city_pool",
                "code": "net_paid_over_entered",
                "value_bp": 100,
                "numerator_fen": 20 * WAN,
                "denominator_fen": 2000 * WAN,
            },
            {"pool": "city_pool", "code": "recovered_over_paid", "value_bp": None, "numerator_fen": 0, "denominator_fen": 0},
        ],
        "pool_accounts": [
            {
                "pool": "city_pool",
                "account": "pool_cash",
                "title_zh": "专户资金：池内的钱",
                "title_en": "cash: the money",
                "balance_fen": 1980 * WAN,
            },
            {
                "pool": "city_pool",
                "account": "capital",
                "title_zh": "缴存资本",
                "title_en": "paid-in capital",
                "balance_fen": 1980 * WAN,
            },
        ],
        "claims": [
            {
                "pool": "city_pool",
                "month": m,
                "filed": 1,
                "approved": 1,
                "rejected": 0,
                "paid": 1,
                "payout_fen": 12 * WAN,
                "p50_days": 18,
            }
            for m in MONTHS[5:7]
        ],
        "consents_monthly": [{"month": m, "signed": 40, "revoked": 2, "readings": 120, "refusals": 3} for m in MONTHS],
        **made_up_watch.tables(),
    }


def publish(folder: Path, content: dict[str, list[dict[str, Any]]] | None = None, *, day: str = "2025-08-31") -> str:
    """Write the file aside, rename it, replace the manifest last: as the platform does. Returns the digest."""
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / ".building-test.db"
    building.unlink(missing_ok=True)
    database = sqlite_utils.Database(building)
    for name, rows in (tables() if content is None else content).items():
        if rows:
            database.table(name).insert_all(rows)
        else:
            database.table(name).create({"nothing": str})
    database.conn.execute("create table published (day text)")
    database.conn.execute("insert into published values (?)", (day,))
    database.conn.commit()
    database.close()
    digest = hashlib.sha256(building.read_bytes()).hexdigest()
    name = f"snapshot-{day.replace('-', '')}-{digest[:12]}.db"
    os.replace(building, folder / name)
    manifest = {"file": name, "sha256": digest, "day": day, "built_at": f"{day}T20:00:00+08:00", "definitions_version": "2025-01"}
    aside = folder / ".manifest.json"
    aside.write_text(json.dumps(manifest), encoding="utf-8")
    os.replace(aside, folder / "manifest.json")
    return digest
