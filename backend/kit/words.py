"""A sentence in the two languages the platform speaks, 简体中文 first.

>>> Words("未授权", "not authorised").say("en")
'not authorised'
>>> Words("额度 {limit} 万元", "limit {limit} 万元").fill(limit="30.00").zh
'额度 30.00 万元'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence, said in Chinese and in English."""

    # A policy file or a body holds these two keys and no third: pydantic takes the class as it is.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    zh: str
    en: str

    def say(self, language: str) -> str:
        return self.en if language == "en" else self.zh

    def fill(self, **values: Any) -> Words:
        return Words(self.zh.format(**values), self.en.format(**values))

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, value: dict[str, str] | Words) -> Words:
        return value if isinstance(value, Words) else cls(value["zh"], value["en"])
