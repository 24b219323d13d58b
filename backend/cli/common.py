"""What every command shares: where it prints, its progress bar, the joined platform."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.doors import Platform
from backend.kit.errors import Invalid
from backend.settings import Settings, load

# A pipe has no width of its own: wide enough there that no column is clipped.
out = Console(width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True)


def progress() -> Progress:
    """A bar on the error stream, so that output can be piped."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors, transient=True
    )


def settings() -> Settings:
    """What the environment says."""
    return load()


def house() -> Platform:
    """The joined platform."""
    from backend.app import create_platform

    return create_platform(load())


def day(text: str | None, name: str) -> date | None:
    """A day as it is typed, or None."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(name, f"“{text}” is not a day; write it like 2025-04-17") from error


def text_of(path: Path) -> str:
    """A text file as people save them: UTF-8, or GB18030 from older spreadsheets."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid(str(path), f"the file cannot be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Invalid(path.name, "the file is neither UTF-8 nor GB18030 text") from error
