"""Banks, each in its own dialect, behind one port.

Enters: submissions and the other verbs of `port.Lender`, in the platform's words. Leaves: `port` messages, in the same words,
and every exchange verbatim to the recorder.
Always holds: nothing here knows a room, a product file or a pool; a bank that is down, slow or talks nonsense raises
`Unreachable`, `Garbled` or `Refused` and nothing else; the same call made twice is one application at the bank.
"""
