"""Training cards: a sample enters, a published card with honest figures leaves. Nothing that serves a firm imports this.

python -m backend.scoring.training var/sample.csv.gz
creditbridge score train --source cumcm FOLDER --out card.yaml --report card.html
"""

from backend.scoring.training.sample import Sample, of_frame, read_sample
from backend.scoring.training.town import publish, train
from backend.scoring.training.writing import written

__all__ = ["Sample", "of_frame", "publish", "read_sample", "train", "written"]
