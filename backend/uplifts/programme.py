"""An uplift programme as dated data: `programmes/<code>.yaml` (domain §4.4).

What is published and what is proposed stand in blocks of their own, each with its source, so that a reader sees which numbers
an authority has said and which are ours until it does.

>>> programme = load("hubei_shuyidai")
>>> terms = programme.on(date(2025, 4, 17))
>>> terms.bounds.floor_bp, terms.bounds.ceiling_bp
(1000, 3000)
>>> programme.on(date(2025, 4, 16)) is None
True
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import in_force, overlaps
from backend.kit.errors import NotFound
from backend.kit.words import Words

FOLDER = Path(__file__).parent / "programmes"


class Said(policy.Strict):
    """One sentence in both languages, as a policy file holds it."""

    zh: str
    en: str

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)


class Bounds(policy.Strict):
    """Least and most uplift of a base limit, in bp."""

    source: policy.Source
    floor_bp: int = Field(ge=0)
    ceiling_bp: int = Field(le=10_000)

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.floor_bp > self.ceiling_bp:
            raise ValueError("floor_bp is above ceiling_bp")
        return self


class Rights(policy.Strict):
    """数据确权: certificates in force, up to `full_at`."""

    source: policy.Source
    weight_bp: int = Field(ge=0)
    full_at: int = Field(gt=0)
    counting_status: tuple[str, ...]


class Trades(policy.Strict):
    """流通交易: arm's-length settled sales of the last `window_months`, each losing half its weight every `half_life_months`."""

    source: policy.Source
    weight_bp: int = Field(ge=0)
    full_at: int = Field(gt=0)
    window_months: int = Field(gt=0)
    half_life_months: int = Field(gt=0)
    least_age_days: int = Field(ge=0)
    per_counterparty: int = Field(gt=0)
    outlier_times: int = Field(gt=1)
    outlier_needs: int = Field(gt=1)
    counting_status: tuple[str, ...]


class Booked(policy.Strict):
    """数据资源入表: audited items at cost, up to `full_at`."""

    source: policy.Source
    weight_bp: int = Field(ge=0)
    full_at: int = Field(gt=0)


class Threshold(policy.Strict):
    """Below `least_score` there is no uplift; above it the rate rises in whole steps."""

    source: policy.Source
    least_score: Decimal = Field(ge=0, lt=1)
    step_bp: int = Field(gt=0)


class Terms(policy.Strict):
    """What holds from `valid_from` to `valid_to`."""

    valid_from: date
    valid_to: date | None = None
    source: policy.Source
    bounds: Bounds
    threshold: Threshold
    rights: Rights
    trades: Trades
    booked: Booked

    @model_validator(mode="after")
    def _weights(self) -> Terms:
        if self.rights.weight_bp + self.trades.weight_bp + self.booked.weight_bp != 10_000:
            raise ValueError("the weights of rights, trades and booked must add up to 10000 bp")
        return self

    @property
    def body(self) -> bytes:
        return policy.canonical(self)

    @property
    def digest(self) -> str:
        return policy.digest(self.body)


class Programme(policy.Strict):
    """One programme and its dated terms."""

    code: str
    title: Said
    issuer: Said
    blocks: tuple[Terms, ...]

    @model_validator(mode="after")
    def _apart(self) -> Programme:
        for earlier, later in overlaps(self.blocks):
            raise ValueError(f"the block from {later.valid_from} begins while that from {earlier.valid_from} is in force")
        return self

    def on(self, day: date) -> Terms | None:
        """The terms in force that day, or None."""
        return in_force(self.blocks, day)


def load(code: str, folder: Path = FOLDER) -> Programme:
    """The programme of that code; NotFound when no file carries it."""
    path = folder / f"{code}.yaml"
    if path.parent != folder or not path.exists():
        raise NotFound(Words(f"没有增信方案 {code}", f"there is no uplift programme {code}"))
    return policy.cached(path, Programme)
