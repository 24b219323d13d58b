"""`creditbridge rules`: what two callers at once cannot break, what holds it, and where it is played."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import typer
from rich.table import Table

from backend.cli.common import out
from backend.kit.rules import Rule

HOUSE = Path(__file__).parents[1]
app = typer.Typer()


def every() -> list[tuple[str, Rule]]:
    """(Room, rule) of every room that has any, the pools among them."""
    rooms = sorted(path.parent.name for path in HOUSE.glob("*/rules.py") if path.parent.name != "kit")
    modules = [(room, f"backend.{room}.rules") for room in rooms] + [("risk_compensation", "risk_compensation.rules")]
    return [(room, rule) for room, module in modules for rule in import_module(module).RULES]


@app.command("rules")
def rules() -> None:
    """Every rule of the form one, at most, not after, only in state: what it says, what holds it, its test."""
    found = every()
    table = Table("房间 room", "规则 rule", "内容 says", "由何保证 held by", "测试 test", title=f"{len(found)} rules")
    for room, rule in found:
        table.add_row(room, rule.name, f"{rule.says.zh}\n{rule.says.en}", "\n".join(rule.held_by), rule.test)
    out.print(table)
