"""Which products could this firm have, up to what amount, at what true cost, and what is the way to the others?

Enters: facts on a day (through credit_data alone), products, uplift programmes and rates in force on a day; from the door: pool
headroom, what the firm has at each bank, what banks answered before.
Leaves: one match per product: yes / no / unknown with reasons and ways, indicative limit and price, what capped it, what falls
due a month, days to a decision, the chance where a bank agreed to tell it, and the score with its parts.
Always holds: a match binds nobody and asks no bank and no bureau; an uplift never turns a no into a yes and never changes a
grade; a limit is never above any of its caps; products stand by answer, then by the published score of `ranking.yaml`, which sees
cost, time and chance and nothing of a bank: nobody can pay for a place.
Not yet: reasons are kept with the values they name, for as long as the match is kept.
"""
