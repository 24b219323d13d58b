"""The other side of the counter: made-up banks that decide, sign, lend and collect by their own book.

Enters: requests in the bank's dialect, and the town's orders on `/_sandbox/…` (the day, a firm's fate, money from outside).
Leaves: answers and reports in the dialect, and the book for an audit on `/_sandbox/book`.
Always holds: a sandbox bank is a callable `httpx.Request -> httpx.Response` over its own SQLite file; it survives a restart;
one reference is one application however often it arrives; its interest is worked out here, from no other folder's code.
"""
