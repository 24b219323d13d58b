"""An uplift programme as dated data: `programmes/<code>.yaml` (domain §4.4).

What is published and what is proposed stand in blocks of their own, each with its source, so that a reader sees which numbers
an authority has said and which are ours until it does. Each file carries worked examples; they are tests.

>>> programme = load("hubei_shuyidai")
>>> terms = programme.on(date(2025, 4, 17))
>>> terms.bounds.floor_bp, terms.bounds.ceiling_bp
(1000, 3000)
>>> programme.on(date(2025, 4, 16)) is None
True
>>> lowered = programme.with_coefficient("trades", 5000, date(2026, 1, 1), "assumed: decided by two persons, see the log")
>>> [lowered.on(day).trades.coefficient_bp for day in (date(2025, 12, 31), date(2026, 1, 1))]
[10000, 5000]
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import Field, model_validator

from backend.kit import policy
from backend.kit.dated import DatedBlock, DatedFile
from backend.kit.errors import Invalid, NotFound
from backend.kit.words import Words

FOLDER = Path(__file__).parent / "programmes"
INDICATORS = ("rights", "trades", "booked")


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


class Indicator(policy.Strict):
    """One indicator: its share of the score, the count at which it is full, and a coefficient that two persons may lower."""

    source: policy.Source
    weight_bp: int = Field(ge=0)
    coefficient_bp: int = Field(default=10_000, ge=0, le=10_000)
    full_at: int = Field(gt=0)


class Rights(Indicator):
    """数据确权: certificates in force, up to `full_at`; only of `counting_kinds` where the programme names any."""

    counting_status: tuple[str, ...]
    counting_kinds: tuple[str, ...] = ()


class Trades(Indicator):
    """流通交易: arm's-length settled sales of the last `window_months`, each losing half its weight every `half_life_months`."""

    window_months: int = Field(gt=0)
    half_life_months: int = Field(gt=0)
    least_age_days: int = Field(ge=0)
    per_counterparty: int = Field(gt=0)
    outlier_times: int = Field(gt=1)
    outlier_needs: int = Field(gt=1)
    counting_status: tuple[str, ...]


class Booked(Indicator):
    """数据资源入表: audited items at cost, up to `full_at`; where `full_cost_fen` is given the audited cost must be there too."""

    full_cost_fen: int | None = Field(default=None, gt=0)


class Screens(policy.Strict):
    """Where a pattern of trades, certificates or owners stops being chance. Days, counts and shares in bp."""

    source: policy.Source
    equity_hops: int = Field(ge=1)
    least_share_bp: int = Field(ge=0)
    cycle_length: int = Field(ge=2)
    cycle_days: int = Field(gt=0)
    cycle_times: int = Field(gt=1)
    mirror_days: int = Field(gt=0)
    mirror_bp: int = Field(gt=0)
    mirror_needs: int = Field(gt=0)
    mirror_share_bp: int = Field(gt=0)
    least_price_fen: int = Field(ge=0)
    price_times: int = Field(gt=1)
    price_deviations: int = Field(gt=0)
    refund_bp: int = Field(gt=0)
    ticket_days: int = Field(gt=0)
    burst_days: int = Field(gt=0)
    burst_before_days: int = Field(gt=0)
    burst_needs: int = Field(gt=1)
    burst_share_bp: int = Field(gt=0)
    young_days: int = Field(gt=0)
    young_needs: int = Field(gt=0)
    young_share_bp: int = Field(gt=0)
    ring_days: int = Field(gt=0)
    ring_needs: int = Field(gt=1)
    transfer_days: int = Field(ge=0)
    slice_days: int = Field(gt=0)
    slice_most: int = Field(gt=0)


class Threshold(policy.Strict):
    """Below `least_score` there is no uplift; above it the rate rises in whole steps."""

    source: policy.Source
    least_score: Decimal = Field(ge=0, lt=1)
    step_bp: int = Field(gt=0)


class Terms(DatedBlock):
    """What holds from `valid_from` to `valid_to`."""

    bounds: Bounds
    threshold: Threshold
    rights: Rights
    trades: Trades
    booked: Booked
    screens: Screens

    @model_validator(mode="after")
    def _weights(self) -> Terms:
        if self.rights.weight_bp + self.trades.weight_bp + self.booked.weight_bp != 10_000:
            raise ValueError("the weights of rights, trades and booked must add up to 10000 bp")
        return self


class Example(policy.Strict):
    """One worked example: evidence, a base limit, and what must come out. `trades` are ages in days of sales to strangers."""

    title: Words
    on: date
    certificates: int = Field(default=0, ge=0)
    trades: tuple[int, ...] = ()
    booked_items: int = Field(default=0, ge=0)
    booked_cost_fen: int = Field(default=0, ge=0)
    base_fen: int = Field(gt=0)
    product_max_fen: int | None = None
    rate_bp: int
    effective_fen: int


class Programme(DatedFile[Terms]):
    """One programme, its dated terms, whom a firm may ask, and its worked examples."""

    code: str
    title: Words
    issuer: Words
    contact: Words
    examples: tuple[Example, ...] = ()

    def with_coefficient(self, indicator: str, coefficient_bp: int, valid_from: date, source: str) -> Programme:
        """The programme with another coefficient from a day on: new dated blocks, the past stays. Invalid: not in force then."""
        if indicator not in INDICATORS:
            raise Invalid("indicator", Words("没有这个指标", f"an indicator is one of {', '.join(INDICATORS)}"))
        if self.on(valid_from) is None:
            raise Invalid("valid_from", Words("该日方案未生效", "the programme is not in force on that day"))
        blocks = []
        for block in self.blocks:
            if block.valid_to is not None and block.valid_to < valid_from:
                blocks.append(block)
                continue
            if block.valid_from < valid_from:
                blocks.append(block.model_copy(update={"valid_to": valid_from - timedelta(days=1)}))
            changed = getattr(block, indicator).model_copy(update={"coefficient_bp": coefficient_bp, "source": source})
            first = max(block.valid_from, valid_from)
            blocks.append(block.model_copy(update={"valid_from": first, indicator: changed}))
        return self.model_copy(update={"blocks": tuple(blocks)})


def load(code: str, folder: Path = FOLDER) -> Programme:
    """The programme of that code; NotFound when no file carries it."""
    path = folder / f"{code}.yaml"
    if path.parent != folder or not path.exists():
        raise NotFound(Words(f"没有增信方案 {code}", f"there is no uplift programme {code}"))
    return policy.cached(path, Programme)


def codes(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every programme there is a file of."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))
