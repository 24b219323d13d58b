"""One training run as a person asks for it: which source, which years or folds, where the card and its report go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from backend.kit.errors import Invalid
from backend.kit.words import Words
from backend.scoring import scorecard, sources
from backend.scoring.blueprint import blueprint
from backend.scoring.card import Card, CardFile
from backend.scoring.sources.table import Telling
from backend.scoring.training import report, rivals, town
from backend.scoring.training.cutter import cutter
from backend.scoring.training.fitting import looked_up
from backend.scoring.training.outside import Trained, by_folds, by_years
from backend.scoring.training.sample import read_sample
from backend.scoring.training.writing import written


@dataclass(frozen=True)
class Asked:
    """What the command was given."""

    path: Path
    source: str | None
    on: date | None = None
    since: int = 1990
    until: int = 2006
    repeats: int = 20
    challengers: bool = True


def train(asked: Asked, progress: Telling) -> list[Trained]:
    """The card of a source, or every card of the platform."""
    if asked.source is None:
        return _towns(asked.path, progress)
    plan = sources.plan(asked.source)
    table = sources.read(asked.source, asked.path, asked.on, progress)
    beside = dict(rivals.CHALLENGERS) if asked.challengers else {}
    if asked.source == "sba":
        if asked.challengers:
            beside = {rivals.LOGIT: rivals.logit, **beside}
        return [by_years(plan, table, cutter(), beside, asked.since, asked.until, progress)]
    if asked.challengers:
        beside = {**rivals.YARDSTICKS, **beside}
    if asked.source == "german" and asked.challengers:
        beside[rivals.REFERENCE] = rivals.reference_card
    if asked.source == "cumcm":
        plan = plan.model_copy(update={"facts_on": table.on[0] if table.on else plan.facts_on})
    # Threads that wait for each other cost more than these few firms do.
    with threadpool_limits(1):
        return [by_folds(plan, table, cutter(), beside, asked.repeats, progress)]


def save(trained: Sequence[Trained], to: Path, page: Path | None) -> list[str]:
    """Write cards and reports; answers what to tell. Several cards go into a folder, a report beside each."""
    lines = []
    for each in trained:
        several = len(trained) > 1 or to.is_dir()
        card_file = to / f"{each.card.code}.yaml" if several else to
        body = written(each.card)
        CardFile.model_validate({"blocks": [each.card.model_dump()]})
        _write(card_file, body)
        lines += [f"wrote {card_file}", *_figures(each.card)]
        if page is not None:
            html = page / f"{each.card.code}.html" if several and page.is_dir() else page
            _write(html, report.page(each))
            lines.append(f"wrote {html}")
    return lines


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(str(path), f"cannot be written: {error.strerror}") from error


def _figures(card: Card) -> list[str]:
    found = card.validation
    rows = [("AUC", found.auc), ("KS", found.ks), ("Brier", found.brier), ("calibration slope", found.slope)]
    rows += [(f"AUC, {rival.name}", rival.auc) for rival in found.rivals]
    head = f"{card.code}: {found.n} firms, {found.bad} failed ({found.bad_rate_bp / 100:.2f} %); {found.how.en}"
    return [head, *(f"  {name:<42} {each.value} [{each.low}, {each.high}]" for name, each in rows)]


def _towns(path: Path, progress: Telling) -> list[Trained]:
    sample, found = read_sample(path), []
    for number, code in enumerate(scorecard.CODES):
        progress(f"training {code}", number, len(scorecard.CODES))
        card, seen, unseen = town.parted(blueprint(code), sample)
        pd, _, after = looked_up(card, unseen)
        judged = np.flatnonzero(~np.isnan(pd))
        before = np.array(looked_up(card, seen)[2], dtype=np.float64)
        scores = np.array(after, dtype=np.float64)[judged]
        ones = (np.ones(len(before)), np.ones(len(scores)))
        said = Words(zh="未参与训练的城镇", en="towns that did not train it")
        found.append(Trained(card, pd[judged], unseen.bad[judged], ones[1], before, scores, ones, said))
    return found
