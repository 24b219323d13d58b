"""Train on a town's sample and publish the platform's cards: `make train`."""

from __future__ import annotations

import argparse
from pathlib import Path

from backend.scoring import scorecard
from backend.scoring.training.sample import read_sample
from backend.scoring.training.town import publish


def main() -> None:
    """Train on a sample and publish the cards."""
    parser = argparse.ArgumentParser(description="Train the published scorecards on a sample.")
    parser.add_argument("sample", type=Path)
    parser.add_argument("--folder", type=Path, default=scorecard.FOLDER)
    asked = parser.parse_args()
    publish(read_sample(asked.sample), asked.folder)


if __name__ == "__main__":
    main()
