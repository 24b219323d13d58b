"""`score train` and `score apply` as an outsider types them: what they write, and one clear sentence for what is wrong."""

import csv
from pathlib import Path

import pytest

from backend.cli import main as command
from tests.scoring.test_sources import FIRMS, ledgers, loans


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code, and everything said."""
    monkeypatch.setattr("sys.argv", ["creditbridge", *(str(word) for word in words)])
    code = 0
    try:
        command()
    except SystemExit as left:
        code = int(left.code or 0)
    found = capsys.readouterr()
    return code, " ".join((found.out + found.err).split())


def test_a_card_is_trained_reported_and_applied_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, card, page, scores = ledgers(tmp_path / "a"), tmp_path / "card.yaml", tmp_path / "r.html", tmp_path / "scores.csv"
    words = ("score", "train", "--source", "cumcm", folder, "--out", card, "--report", page, "--repeats", 2, "--no-challengers")
    code, said = told(monkeypatch, capsys, *words)
    assert (code, "AUC" in said) == (0, True)
    assert "评分卡验证报告" in page.read_text(encoding="utf-8")
    assert told(monkeypatch, capsys, "score", "apply", card, folder, "--out", scores)[0] == 0
    with scores.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["企业代号", "pd", "grade", "score"]
    assert len(rows) == FIRMS
    weak = [float(row["pd"]) for row in rows if int(row["企业代号"][1:]) % 4 == 0]
    strong = [float(row["pd"]) for row in rows if int(row["企业代号"][1:]) % 4]
    assert sum(weak) / len(weak) > 3 * sum(strong) / len(strong)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("train", "--source", "elsewhere", ".", "--out", "x.yaml"), "is no source"),
        (("train", "--source", "cumcm", "nowhere", "--out", "x.yaml"), "no such file or folder"),
        (("train", "--source", "sba", ".", "--out", "x.yaml"), "holds no sba_sample30k.parquet"),
        (("train", "--source", "german", ".", "--out", "x.yaml"), "holds no germancredit.csv.xz"),
        (("train", "--source", "cumcm", ".", "--out", "x.yaml", "--on", "yesterday"), "is not a day"),
        (("train", "--source", "cumcm", ".", "--out", "x.yaml"), "holds no enterprises_"),
        (("train", "nowhere.csv", "--out", "x"), "is not a readable sample"),
        (("apply", "nowhere.yaml", ".", "--out", "x.csv"), "there is no such card"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = told(monkeypatch, capsys, "score", *words)
    assert code == 2
    assert says in said
    assert "Traceback" not in said


def test_too_few_outcomes_or_years_are_said_to_be_too_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ledgers(tmp_path / "a", firms=12)
    code, said = told(monkeypatch, capsys, "score", "train", "--source", "cumcm", folder, "--out", tmp_path / "x.yaml")
    assert (code, "too few" in said) == (2, True)
    loans(tmp_path / "sba_sample30k.parquet", rows=900)
    words = ("score", "train", "--source", "sba", tmp_path, "--out", tmp_path / "x.yaml", "--until", 2014)
    code, said = told(monkeypatch, capsys, *words)
    assert (code, "outcomes after 2014" in said) == (2, True)
