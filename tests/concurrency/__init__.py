"""Two at once are never two: each rule is played by real parallel callers against real servers, and the history is held to it.

`servers` are processes of their own (`server`), on one PostgreSQL database or one SQLite file; `callers` let go together; in the
server every change waits a seeded moment before it is written (`pauses`). A rule (`rules_*`) says who calls what, and a pure
checker says what in the history breaks it. `removals` takes one lock or constraint away and demands that some rule notices.
"""
