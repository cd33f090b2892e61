"""An `ignore` ends: its last day still counts, and an approved card has none."""

from pathlib import Path

import pytest

from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree

CONFIG = """\
version: 1
repository: gov-test-1a2b
region: eu-west-1
home: home
accounts: {home: {id: "111111111111"}}
"""
CARD = """\
name: churn
status: {}
owner: team-a
ignore:
  - {{path: intended_uses.risk_rating, reason: the console rewrites it, expires: 2026-06-30}}
content:
  intended_uses: {{risk_rating: Low}}
"""


@pytest.mark.parametrize(
    ("status", "today", "found"),
    [("Draft", "2026-06-30", []), ("Draft", "2026-07-01", ["cards/churn.yaml:5:81"]), ("Approved", "2026-07-01", [])],
)
def test_an_ignore_is_reported_from_the_day_after_its_last(
    status: str, today: str, found: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cardops.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "cards/churn.yaml").write_text(CARD.format(status), encoding="utf-8")
    assert load_repository(WorkTree(tmp_path)).findings == []
    findings = load_repository(WorkTree(tmp_path), today=today).findings
    assert [str(finding.location) for finding in findings] == found
    assert all(finding.rule == "ignore/expired" and "2026-06-30" in finding.message for finding in findings)


def test_a_field_is_located_in_its_file_and_a_missing_one_at_what_it_would_stand_in(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cardops.yaml").write_text(CONFIG, encoding="utf-8")
    text = CARD.format("Draft") + "  evaluation_details:\n    - name: a.b\n      datasets: [x]\n"
    (tmp_path / "cards/churn.yaml").write_text(text, encoding="utf-8")
    loaded = load_repository(WorkTree(tmp_path))
    assert loaded.desired is not None
    (card,) = loaded.desired.cards.values()
    fields = {
        "content.intended_uses.risk_rating": "cards/churn.yaml:7:32",
        "content.evaluation_details[a.b].datasets": "cards/churn.yaml:10:17",
        "content.evaluation_details[a.b].evaluation_observation": "cards/churn.yaml:9:7",
        "content.evaluation_details[other]": "cards/churn.yaml:9:5",
        "elsewhere": "cards/churn.yaml:1:1",
    }
    assert {field: str(loaded.locate(card, field)) for field in fields} == fields
