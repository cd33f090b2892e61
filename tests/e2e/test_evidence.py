"""`cardops evidence add`: reports into files, without AWS."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.world import World

REPORTS = Path(__file__).parents[1] / "fixtures" / "reports"


@pytest.fixture
def churn(world: World) -> World:
    """The world with one card that has comments and CRLF line ends."""
    text = (
        "# ours\nname: churn\nstatus: Draft  # for now\nowner: team-a\ncontent:\n  intended_uses: {risk_rating: Low}\n"
    )
    (world.root / "cards").mkdir()
    (world.root / "cards/churn.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    world.commit()
    return world


def card(world: World) -> Any:
    return yaml.safe_load((world.root / "cards/churn.yaml").read_bytes())["content"]


def test_a_report_only_adds_lines_and_the_card_stays_valid(churn: World) -> None:
    before = (churn.root / "cards/churn.yaml").read_bytes()
    report, uri = str(REPORTS / "binary.json"), "s3://data/holdout.csv"
    done = churn.cardops("evidence", "add", "churn", report, "--evaluation", "holdout", "--dataset", uri)
    assert done.code == 0
    assert done.out.splitlines()[-1] == "cards/churn.yaml: 5 metrics in 1 group under the evaluation 'holdout'"
    assert "not mapped: dataset: it is no part of a report that cardops knows" in done.out
    after = (churn.root / "cards/churn.yaml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert card(churn)["evaluation_details"][0]["datasets"] == [uri]
    assert churn.cardops("validate").code == 0
    again = churn.cardops("evidence", "add", "churn", report, "--evaluation", "holdout")
    assert again.code == 0
    assert again.out.splitlines()[-1] == "cards/churn.yaml: holds this report already; nothing was changed"
    assert (churn.root / "cards/churn.yaml").read_bytes() == after
    assert churn.journal() == []


def test_the_evaluation_is_named_like_the_report(churn: World, tmp_path: Path) -> None:
    report = tmp_path / f"{'n' * 70}.json"
    shutil.copy(REPORTS / "regression.json", report)
    assert churn.cardops("evidence", "add", "churn", str(report)).code == 0
    assert card(churn)["evaluation_details"][0]["name"] == "n" * 63


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"scores": 1}',
            "report.json:1:1: evidence/unknown-report deny: this is no evaluation report: it has none of",
        ),
        ('{\n "a": }', "report.json:2:7: file/not-json deny: this is no JSON"),
        (
            '{"regression_metrics": {"mae": "secret"}}',
            "evidence/nothing-mapped deny: no metric could be mapped: regression_m",
        ),
    ],
)
def test_a_report_that_gives_nothing_is_a_finding_and_nothing_is_written(
    churn: World, tmp_path: Path, text: str, said: str
) -> None:
    report = tmp_path / "report.json"
    report.write_text(text)
    done = churn.cardops("evidence", "add", "churn", str(report))
    assert done.code == 1
    assert said in done.err
    assert "secret" not in done.out + done.err
    assert "evaluation_details" not in card(churn)


def test_what_would_not_be_valid_is_not_written(churn: World, tmp_path: Path) -> None:
    rows = [{"name": f"m{n}", "type": "string", "value": "x" * 60} for n in range(1500)]
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"metric_groups": [{"name": "all", "metric_data": rows}]}))
    done = churn.cardops("evidence", "add", "churn", str(report))
    assert done.code == 1
    assert "content/too-long deny" in done.err
    assert "cards/churn.yaml: nothing was written, since it would not be valid" in done.err
    assert "evaluation_details" not in card(churn)


@pytest.mark.parametrize(
    ("name", "report", "more", "said"),
    [
        ("chrun", "binary", (), "no valid card 'chrun' is declared (hint: did you mean 'churn'?)"),
        ("churn", "absent", (), "absent.json cannot be read: No such file or directory"),
        ("churn", "binary", ("--evaluation", "e" * 64), "an evaluation's name has 1 to 63 characters"),
        ("churn", "binary", ("--evaluation", ""), "an evaluation's name has 1 to 63 characters"),
        ("*", "binary", (), "no valid card '*' is declared"),
    ],
)
def test_wrong_usage_exits_64(churn: World, name: str, report: str, more: tuple[str, ...], said: str) -> None:
    done = churn.cardops("evidence", "add", name, str(REPORTS / f"{report}.json"), *more)
    assert done.code == 64
    assert said in done.err
