"""Ends are announced two weeks ahead, at the line that plans them."""

from pathlib import Path

import pytest

from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree

CONFIG = """\
version: 1
repository: gov-test-1a2b
region: eu-west-1
home: hub
accounts:
  hub: {id: "111111111111"}
  ml-dev: {id: "222222222222", read_only: [role]}
access:
  read: {actions: [sagemaker:DescribeModelCard]}
"""
SHARE = """\
name: team
cards: ["*"]
grants:
  - to: ml-dev
    access: read
    while: [Draft]
    expires: 2026-06-30
expires: 2026-12-31
"""
CARD = "name: churn\nstatus: Draft\nowner: team\ncontent: {}\n"


def found(root: Path, today: str, share: str = SHARE) -> list[str]:
    for path, text in (("cardops.yaml", CONFIG), ("shares/team.yaml", share), ("cards/churn.yaml", CARD)):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    return [str(finding) for finding in load_repository(WorkTree(root), today=today).findings]


@pytest.mark.parametrize(
    ("today", "message"),
    [
        ("2026-06-15", ""),
        ("2026-06-16", "ends in 14 days"),
        ("2026-06-29", "ends tomorrow"),
        ("2026-06-30", "ends today"),
    ],
)
def test_a_grant_that_ends_is_named_two_weeks_ahead(tmp_path: Path, today: str, message: str) -> None:
    hint = "(hint: an extension is a change of this date; without one the access ends by itself)"
    where = "shares/team.yaml:7:14: share/expires-soon warn: the grant of read to ml-dev"
    assert found(tmp_path, today) == ([f"{where} {message}, after 2026-06-30 (UTC) {hint}"] if message else [])


def test_what_has_ended_is_named_too(tmp_path: Path) -> None:
    (ended,) = found(tmp_path, "2026-07-01")
    assert ended.startswith(
        "shares/team.yaml:7:14: share/expired warn: the grant of read to ml-dev expired on 2026-06-30"
    )
    both = found(tmp_path, "2027-01-01")
    assert [text.split(":")[1] for text in both] == ["7", "8"]


def test_the_earlier_end_of_share_and_grant_is_the_one_that_counts(tmp_path: Path) -> None:
    (only,) = found(tmp_path, "2026-12-20", SHARE.replace("2026-06-30", "2027-06-30"))
    assert only.startswith("shares/team.yaml:8:10: share/expires-soon warn: the share ends in 11 days")


def test_without_a_day_nothing_is_said(tmp_path: Path) -> None:
    assert found(tmp_path, "") == []
