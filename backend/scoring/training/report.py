"""The validation report: one page of HTML that needs nothing beside itself, headings in Chinese and English."""

from __future__ import annotations

from html import escape

import numpy as np

from backend.scoring.card import Card, Interval
from backend.scoring.training import plots
from backend.scoring.training.outside import Trained
from backend.scoring.validation import psi

STYLE = """
body{font:14px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1f2a37;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1rem;margin:1.2rem 0 .3rem}.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
figure{margin:0}figcaption{font-weight:600}svg{max-width:100%;height:auto}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;border-bottom:1px solid #dde3ea}
p{margin:.3rem 0}.small{color:#5b6775;font-size:.9em}
@media print{body{margin:0;font-size:11px}}
"""  # noqa: E501 - a style sheet is not prose


def page(trained: Trained) -> str:
    """The whole page."""
    card, figures = trained.card, trained.card.validation
    edges = [float(edge) for edge in np.unique(np.quantile(trained.scores_before, np.linspace(0.1, 0.9, 9)))]
    moved = psi(trained.scores_before, trained.scores_after, edges, trained.weights_before_after)
    seen = (trained.pd, trained.bad, trained.weight)
    shown = [
        ("ROC 曲线", "ROC", plots.roc(*seen)),
        ("KS 曲线", "Kolmogorov-Smirnov", plots.gap(*seen)),
        ("校准", "Calibration", plots.calibration(*seen)),
        ("按结果的评分分布", "Score distribution by outcome", plots.distribution(*seen, card)),
        (
            f"人群稳定性 PSI {moved:.3f}：训练样本与{trained.after.zh}",
            f"Population stability: trained on, against {trained.after.en}",
            plots.populations(trained.scores_before, trained.scores_after, trained.weights_before_after, edges),
        ),
        ("各等级违约率", "Bad rate by band", plots.bands(card)),
    ]
    drawn = "".join(f"<figure><figcaption>{escape(zh)} · {escape(en)}</figcaption>{svg}</figure>" for zh, en, svg in shown)
    rows = [("AUC", figures.auc), ("KS", figures.ks), ("Brier", figures.brier), ("校准斜率 calibration slope", figures.slope)]
    beside = [(f"AUC, {rival.name}", rival.auc) for rival in figures.rivals]
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(card.title.zh)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(card.title.zh)} · {escape(card.title.en)}</h1>"
        f"<p>评分卡验证报告 · Scorecard validation report</p>{_about(card)}"
        f"<h2>指标 · Figures</h2><table><tr><th></th><th>值 value</th><th>95% 区间 interval</th></tr>"
        f"{''.join(_row(name, each) for name, each in [*rows, *beside])}</table>"
        f'<p class="small">{escape(figures.how.zh)}<br>{escape(figures.how.en)}</p>'
        f'<div class="plots">{drawn}</div>{_points(card)}</body></html>'
    )


def _about(card: Card) -> str:
    figures = card.validation
    lines = [
        ("人群", "population", card.population.words),
        ("结果定义", "outcome", card.outcome),
        ("训练样本", "trained on", card.trained_on),
        ("批准", "approval", card.approved_by),
    ]
    told = "".join(f"<p><b>{zh} {en}</b> {escape(said.zh)} · {escape(said.en)}</p>" for zh, en, said in lines)
    rate = figures.bad_rate_bp / 100
    return f"{told}<p><b>验证样本 validated on</b> {figures.n}，违约 {figures.bad} failed, {rate:.2f} %</p>"


def _row(name: str, each: Interval) -> str:
    return f"<tr><td>{escape(name)}</td><td>{each.value}</td><td>{each.low} … {each.high}</td></tr>"


def _points(card: Card) -> str:
    """The card itself: every bin and its points."""
    rows = []
    for one in card.characteristics:
        parts = [
            (f"&lt; {b.below}" if b.below is not None else escape("、".join(b.is_in)[:60]) or "其余 rest", b) for b in one.bins
        ]
        parts += [(f"= {escape('、'.join(s.values))}", s) for s in one.special]  # type: ignore[misc]
        told = "; ".join(f"{where}: {each.points:+d}" for where, each in [*parts, ("缺失 missing", one.missing)])
        rows.append(f"<tr><td>{escape(one.title.zh)} · {escape(one.title.en)}</td><td>{told}</td></tr>")
    return f"<h2>分箱与分值 · Bins and points</h2><table>{''.join(rows)}</table>"
