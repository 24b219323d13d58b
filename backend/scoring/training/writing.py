"""A card as the file that is published: YAML that reads back to the same card."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from backend.scoring.card import Card


class _Dumper(yaml.SafeDumper):
    """Decimals as plain numbers; short mappings in one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    whole = value == value.to_integral_value()
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if whole else 'float'}", str(int(value)) if whole else str(value))


_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(tuple, lambda dumper, value: dumper.represent_list(list(value)))


def written(card: Card) -> str:
    """The card's file, ready to be published."""
    head = "# Written by training (backend/scoring/training) from blueprints/{code}.yaml; a change is a new dated block.\n"
    said = card.model_dump(exclude_defaults=True)
    named = {name: said[name] for name in ("code", "title", "vocabulary") if name in said}  # a reader looks for them first
    body = yaml.dump(
        {"blocks": [named | said]},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=160,
        default_flow_style=None,
    )
    return head.format(code=card.code) + body
