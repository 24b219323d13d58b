"""Who takes part: firms, banks, guarantors, funds, issuers, regulators, operators; their people and their API clients.

Enters: sign-ups, sign-ins, client credentials.
Leaves: an `Actor` in a role; a firm's register entry.
Always holds: a password is kept only as an argon2id hash, a session or client token only as its SHA-256;
one credit code is one firm; another's object and a missing one look the same.
"""
