"""Who read or decided what: an append-only log in which each line holds the digest of the one before.

Enters: an actor, an action, an object, a moment of business time.
Leaves: trails for the firm ("who read my data") and the regulator; a check that names the first broken line.
Always holds: a line is never edited or deleted (the database itself refuses); the policy blocks that an
assessment or a match cites are kept here, named by their content.
"""
