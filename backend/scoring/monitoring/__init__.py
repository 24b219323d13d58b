"""Monitoring of cards: do they still sort firms as they did when they were validated, and alike for every kind of firm?

Enters: assessments, what banks told of the loans that followed (BNK facts), the card's own validation block; dated limits.
Leaves: per card and month AUC, KS, Brier score, calibration (slope and intercept), PSI by month and by region, industry, size and
kind of firm, favourable shares as ratios to the best group; alerts where a card has left its validated range.
Always holds: outcomes come through BNK facts alone; a group of fewer than ten firms is not shown; a stored month is not edited.
"""
