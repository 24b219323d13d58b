"""A bank's manifest: what its dialect offers, and a reason for every gap. The claims are proved by `conformance`.

Verbs and faults are claimed or gapped, never passed over in silence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, model_validator

from backend.kit.policy import Source, Strict, cached
from backend.kit.words import Words
from lender_adapters.terms import DayCount, Verb, Way


class Gap(Strict):
    """What this bank does not offer, and why."""

    verb: Verb
    reason: str = Field(min_length=12)


class Manifest(Strict):
    """`<bank>/manifest.yaml`."""

    code: str
    title: Words
    dialect: Words
    source: Source
    verbs: tuple[Verb, ...]
    gaps: tuple[Gap, ...] = ()
    answers: Literal["callback", "polling", "daily_file"]
    """How decisions and money reach us: pushed, asked for per application, or once a day for all."""
    secrets: tuple[str, ...]
    """Names that `registry.build(secrets=…)` must hold."""
    deadline_seconds: int = Field(gt=0, le=60)
    largest_answer_bytes: int = Field(gt=0)
    ways: tuple[Way, ...]
    day_counts: tuple[DayCount, ...]

    @model_validator(mode="after")
    def _every_verb_is_claimed_or_gapped(self) -> Manifest:
        claimed, gapped = set(self.verbs), {gap.verb for gap in self.gaps}
        if both := claimed & gapped:
            raise ValueError(f"{sorted(both)} are both claimed and gaps")
        if silent := set(get_args(Verb)) - claimed - gapped:
            raise ValueError(f"{sorted(silent)} are neither claimed nor given as gaps with a reason")
        return self

    def offers(self, verb: str) -> bool:
        return verb in self.verbs

    def reason(self, verb: str) -> str:
        """Why a verb is not offered; empty if it is."""
        return next((gap.reason for gap in self.gaps if gap.verb == verb), "")


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a bank's folder; all faults at once if it has any."""
    manifest: Manifest = cached(folder / "manifest.yaml", Manifest)
    return manifest
