"""Playing with books of loans: what a scheme would have done, what a pool's book needs, what public outcomes would have cost.

`book` reads a CSV of loans, `course` plays a scheme on it in memory, `compare` plays all of them, `checking` plays the examples
of a scheme file, `stress` draws what a book may cost, `replay` takes public outcomes through a real book. Nothing here touches
a live pool.
"""
