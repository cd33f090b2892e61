"""`cardops evidence add`: reports into files, without AWS."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.workspace import Workspace

REPORTS = Path(__file__).parents[1] / "fixtures" / "reports"


@pytest.fixture
def churn(world: Workspace) -> Workspace:
    """The world with one card that has comments and CRLF line ends."""
    text = (
        "# ours\nname: churn\nstatus: Draft  # for now\nowner: team-a\ncontent:\n  intended_uses: {risk_rating: Low}\n"
    )
    (world.root / "cards").mkdir()
    (world.root / "cards/churn.yaml").write_bytes(text.replace("\n", "\r\n").encode())
    world.commit()
    return world


def card(world: Workspace) -> Any:
    return yaml.safe_load((world.root / "cards/churn.yaml").read_bytes())["content"]


def test_a_report_only_adds_lines_and_the_card_stays_valid(churn: Workspace) -> None:
    before = (churn.root / "cards/churn.yaml").read_bytes()
    report, uri = str(REPORTS / "binary.json"), "s3://data/holdout.csv"
    done = churn.cardops("evidence", "add", "churn", report, "--evaluation", "holdout", "--dataset", uri)
    assert done.code == 0
    assert done.out.splitlines()[-1] == "cards/churn.yaml: 5 metrics in 1 group under the evaluation 'holdout'"
    assert "not mapped: dataset: cardops does not know this part of a report" in done.out
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


def test_the_evaluation_is_named_like_the_report(churn: Workspace, tmp_path: Path) -> None:
    report = tmp_path / f"{'n' * 70}.json"
    shutil.copy(REPORTS / "regression.json", report)
    assert churn.cardops("evidence", "add", "churn", str(report)).code == 0
    assert card(churn)["evaluation_details"][0]["name"] == "n" * 63
