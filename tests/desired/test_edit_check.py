"""What an edit of a card's file would break, and not what was broken before."""

from pathlib import Path

from cardops.desired.edit_check import new_problems
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree

CONFIG = "version: 1\nrepository: gov-1\nregion: eu-west-1\nhome: home\naccounts: {home: {id: '111111111111'}}\n"
CARD = "name: churn\nstatus: Draft\nowner: a\ncontent:\n  intended_uses: {risk_rating: Low}\n"


def problems(before: str, after: str, root: Path) -> list[str]:
    """Place and rule of what is new."""
    (root / "cards").mkdir()
    (root / "cardops.yaml").write_text(CONFIG, encoding="utf-8")
    (root / "cards/churn.yaml").write_text(before, encoding="utf-8")
    source = WorkTree(root)
    desired = load_repository(source).desired
    assert desired is not None
    found = new_problems(source, "cards/churn.yaml", after.encode(), desired.config)
    return [f"{finding.location} {finding.rule}" for finding in found]


def test_what_the_edit_breaks_is_found_at_its_place(tmp_path: Path) -> None:
    assert problems(CARD, CARD.replace("Low", "Lowest"), tmp_path) == ["cards/churn.yaml:5:32 schema/enum"]


def test_what_was_wrong_before_is_not_the_edits_fault(tmp_path: Path) -> None:
    broken = CARD.replace("owner: a\n", "owner: a\nunknown: 1\n")
    assert problems(broken, broken + "  training_details: {training_observations: new}\n", tmp_path) == []
    assert (tmp_path / "cards/churn.yaml").read_text() == broken
