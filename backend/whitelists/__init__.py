"""Recognition lists: who was recognised under which published programme, in which batch and grade, until when.

Enters: programmes as dated files with objective criteria (`programmes/*.yaml`), batches and removals from the programme's issuer.
Leaves: a firm's listing on a day; a removal with its notice.
Always holds: a programme names measurable criteria, never firms (domain §0.6); a batch number is published once; a removal
stops new draws only; being listed opens a product, and the bank still decides.
A removed firm may appeal in writing and is answered in the published days; one that is upheld is listed again. A bank's promise
to a programme is a floor whose progress is told, never a cap.
"""
