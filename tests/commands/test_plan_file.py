"""plan.json as apply reads it: what is none, or was changed by hand, is said and runs nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.commands.plan_file import PlanGate, PlanMismatch, SavedPlan, read, read_gate
from cardops.model.errors import ExitCode, UsageError
from cardops.plan.steps import Plan, digest_of

DIGESTS = {"card a": "1", "card b": "2"}


def document(**changed: Any) -> dict[str, Any]:
    """A plan of two resources, with changes."""
    good = {"version": 1, "repository": "gov", "digest": digest_of("gov", DIGESTS), "digests": DIGESTS}
    return good | changed


def written(folder: Path, name: str = "plan.json", **changed: Any) -> Path:
    """The plan as a file."""
    path = folder / name
    path.write_text(json.dumps(document(**changed)))
    return path


def test_a_plan_is_answerable_for_its_own_resources(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert read(path) == SavedPlan(path, "gov", DIGESTS, DIGESTS)
    path = written(tmp_path, against={"digests": {"card a": "1"}})
    assert read(path).own == {"card a": "1"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": 2}, "has version 2, this cardops reads 1"),
        ({"digests": {"card a": "1"}}, "was changed after it was written: its digests do not add up"),
        ({"repository": "other"}, "was changed after it was written: its digests do not add up"),
        ({"against": {"digests": {"card c": "3"}}}, "was changed after it was written: its digests do not add up"),
        ({"digests": []}, "is no plan"),
        ({"against": None}, "is no plan"),
        ({"repository": "\ud800"}, "is no plan"),
        ({"digests": {"\ud800": "1"}}, "is no plan"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    path = written(tmp_path, **changed)
    with pytest.raises(UsageError) as told:
        read(path)
    assert told.value.message == f"{path} {said}"
    assert told.value.hint
    assert told.value.exit_code is ExitCode.USAGE


def test_a_plan_that_is_not_there_is_told_with_the_systems_word(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json cannot be read: No such file or directory"):
        read(tmp_path / "none.json")


def test_a_plan_of_another_repository_gates_nothing(tmp_path: Path) -> None:
    gate = read_gate(written(tmp_path), ())
    with pytest.raises(UsageError, match="is a plan of gov, this is mine"):
        gate.over(Plan("mine", "", ()))


def test_another_digest_is_refused() -> None:
    plan = Plan("gov", "", ())
    assert PlanGate(digest=plan.digest()).over(plan) is None
    with pytest.raises(PlanMismatch, match=f"the plan's digest is {plan.digest()} now, not abc; nothing was written"):
        PlanGate(digest="abc").over(plan)


def test_a_folder_is_all_plans_in_it_and_the_newest_name_counts_last(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    written(folder, "1.json", digests={"card a": "1"}, digest=digest_of("gov", {"card a": "1"}))
    written(folder, "2.json", digests={"card a": "9"}, digest=digest_of("gov", {"card a": "9"}))
    (folder / "notes.txt").write_text("no plan")
    gate = read_gate(None, (f"@{folder}",))
    assert gate.over(Plan("gov", "", ())) == {"card a": "9"}


def test_two_digests_are_refused() -> None:
    with pytest.raises(UsageError, match="--expect names one digest"):
        read_gate(None, ("abc", "def"))
