"""A process that has imported everybody else's modules and divides itself for each run of pytest: `python -m tests.mutants.warm`.

Importing takes longer than most tests, and a change is in our own files only. Each line asked is JSON,
`{"words": […], "log": PATH}`; two lines answer it: the number of the process that runs pytest, in a group of its own, and how it
ended. With `"module"` instead of `"words"` that module is imported and nothing played.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any


def run(asked: dict[str, Any]) -> None:
    """What is asked, in this process, what it says in the log; never returns."""
    os.setpgrp()
    sink = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(sink, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 3
    try:
        if "module" in asked:
            code = 1
            importlib.import_module(asked["module"])
            code = 0
        else:
            import pytest

            code = int(pytest.main(asked["words"]))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def main() -> None:
    """Import what the list names, then answer until nobody asks."""
    answers = os.fdopen(os.dup(1), "w")  # no module's own words come in between
    os.dup2(2, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in json.loads(Path(sys.argv[1]).read_text()):
            try:
                importlib.import_module(name)
            except Exception:  # somebody's inner module that does not like to come first: pytest imports it in time
                continue
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            run(asked)
        answers.write(f"{child}\n")
        answers.flush()
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    main()
