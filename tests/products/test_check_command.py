"""`creditbridge products check`: the catalogue by kind, or every fault of every file."""

from pathlib import Path

from typer.testing import CliRunner

from backend.cli import app
from products import catalogue

BAD = Path(__file__).parents[1] / "bad_files" / "products"


def said(*words):
    done = CliRunner().invoke(app, ["products", *words])
    return done.exit_code, done.output


def test_the_catalogue_is_shown_by_kind_and_counted():
    code, text = said("check", "--on", "2025-06-01")
    assert code == 0
    assert "38 product files read, 38 products, 38 in force on 2025-06-01, 12 banks, 23 families" in " ".join(text.split())
    assert all(product.code in text for product in catalogue.load().products)


def test_thirty_and_more_bad_files_are_all_named_at_once():
    files = sorted(path.name for path in BAD.glob("*.yaml"))
    code, text = said("check", "--folder", str(BAD))
    assert code == 1
    assert len(files) >= 30
    assert [name for name in files if f"{name}:" not in text] == []
    assert f"in {len(files)} of {len(files)} product files" in " ".join(text.split())
