"""A branch that edits cards where they stand: its base is not read as a whole, and nothing of what is found differs."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cardops.cli.app import app
from cardops.model.errors import UnreadableFileError
from cardops.validation import proposal as proposed
from support.edited_repository import RULES, EditedRepository
from support.generated_repository import commit, git, write_repository

pytestmark = pytest.mark.usefixtures("unmeasured")

CHANGES = """\
rules:
- id: OWN-201
  title: What changes is told
  on: change
  hint: none
  require: size(change.paths) > 20
  message: >-
    change.kind + " " + change.paths.join(" ") + (before == null ? "" : " from " + before.name)
  tests:
    pass: [{change: {kind: added, paths: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u]}}]
    fail: [{change: {kind: added, paths: []}}]
"""

SEEDS = 24 if os.environ.get("FAULTS") == "full" else 2


class Branch(EditedRepository):
    """A branch whose cards are edited where they stand, or nearly."""

    def at(self, number: int) -> Path:
        return sorted((self.root / "cards").iterdir())[number]

    def rename_card(self) -> None:
        card = self.card()
        self.replace(card, f"name: {card.stem}", f"name: other-{self.chance.randint(0, 3)}")

    def take_a_name(self) -> None:
        """The name of another card: both contradict each other."""
        card, other = self.chance.sample(sorted((self.root / "cards").iterdir()), 2)
        self.replace(card, f"name: {card.stem}", f"name: {other.stem}")

    def package(self) -> None:
        text = f"model_package: {{group: customer-churn, version: {self.chance.randint(1, 2)}}}\ncontent:"
        self.replace(self.card(), "\ncontent:", f"\n{text}")

    def rate_wrongly(self) -> None:
        self.replace(self.card(), "risk_rating: Medium", "risk_rating: Huge")

    def copy_of(self) -> None:
        card = self.card()
        head = card.read_text("utf-8").partition("\ncontent:")[0]
        card.write_text(f"{head}\naggregate_from: {{account: ml-dev, card: {self.card().stem}}}\n", "utf-8")

    def ignored(self) -> None:
        (self.root / ".gitignore").write_text("/cards/ignored-*\n/.gitignore\n", "utf-8")
        shutil.copy(self.card(), self.root / f"cards/ignored-{self.chance.randint(0, 2)}.yaml")

    def hidden(self) -> None:
        """git was told not to look at a card, which is edited then."""
        card = self.card()
        if git_knows(self.root, card):
            flag = self.chance.choice(["--assume-unchanged", "--skip-worktree"])
            git(self.root, "update-index", flag, str(card.relative_to(self.root)))
        self.replace(card, "owner: team-", "owner: nobody-")

    def staged_and_taken_back(self) -> None:
        card = self.card()
        text = card.read_text("utf-8")
        self.word()
        git(self.root, "add", "-A")
        card.write_text(text, "utf-8")

    def executable(self) -> None:
        self.card().chmod(0o755)

    def link(self) -> None:
        card = self.card()
        card.unlink()
        card.symlink_to(self.card().name)

    def converted(self) -> None:
        git(self.root, "config", "filter.upper.clean", "sed s/nobody-/team-/")
        git(self.root, "config", "filter.upper.smudge", "cat")
        (self.root / ".gitattributes").write_text("cards/*.yaml filter=upper\n", "utf-8")
        self.replace(self.card(), "owner: team-", "owner: nobody-")

    def folder(self) -> None:
        (self.root / f"cards/{self.chance.choice(['a.yaml', 'b'])}").mkdir(exist_ok=True)

    def other_files(self) -> None:
        (self.root / "cards/notes.md").write_text(str(self.chance.random()), "utf-8")
        (self.root / "policies/notes.txt").write_text(str(self.chance.random()), "utf-8")

    def move_share_away(self) -> None:
        git(self.root, "mv", "shares/family-0000.yaml", "policies/schemas/family-0000.yaml")
        commit(self.root, "no share any more")

    def move_card(self) -> None:
        git(self.root, "mv", str(self.at(3)), "cards/moved.yaml")
        commit(self.root, "another file")

    def mend(self) -> None:
        git(self.root, "checkout", "-q", "main", "--", "cards")

    def edit(self) -> str:
        often = [self.word, self.rate, self.move_on, self.spoil, self.nothing]
        seldom: list[Callable[[], None]] = [
            self.rename_card, self.take_a_name, self.package, self.copy_of, self.executable, self.mend,
            self.staged_and_taken_back, self.tomorrow,
        ]  # fmt: skip
        rare: list[Callable[[], None]] = [
            self.ignored, self.hidden, self.link, self.converted, self.folder, self.other_files, self.remove,
            self.copy, self.rename, self.another_share, self.grant, self.rule, self.mend_rule, self.approvers,
        ]  # fmt: skip
        [kind] = self.chance.choices([often, seldom, rare], [6, 4, 1])
        chosen = self.chance.choice(kind)
        chosen()
        return chosen.__name__


def git_knows(root: Path, card: Path) -> bool:
    import subprocess

    command = ["git", "ls-files", "--error-unmatch", str(card)]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "repository"
    write_repository(root, 6)
    (root / "policies/own.yaml").write_text(RULES + CHANGES.removeprefix("rules:\n"), "utf-8")
    commit(root, "rules of our own")
    return root


@pytest.fixture
def branch(made: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Branch:
    shutil.copytree(made, tmp_path / "repository")
    git(tmp_path / "repository", "checkout", "-q", "-b", "change")
    return Branch(tmp_path / "repository", getattr(request, "param", 0))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each run that remembers something has left the rest of the base alone."""
    took: list[bool] = []
    real = proposed.edited_in_place

    def counting(*given: Any) -> Any:
        found = real(*given)
        took.append(found is not None)
        return found

    monkeypatch.setattr(proposed, "edited_in_place", counting)
    return took


@pytest.mark.parametrize("branch", range(SEEDS), indirect=True)
def test_any_sequence_of_edits(branch: Branch, taken: list[bool]) -> None:
    done = []
    for _ in range(12):
        done.append(branch.edit())
        if branch.chance.random() < 0.5:
            git(branch.root, "add", "-A")
            git(branch.root, "commit", "-q", "--allow-empty", "-m", done[-1])
        base = branch.chance.choice(["main", "main", "HEAD~1"])
        assert branch.validate("--base", base) == branch.validate("--base", base, "--no-cache"), (done, base)


def same(branch: Branch) -> dict[str, Any]:
    """What is found beside `main`, if a run that remembers nothing finds the same."""
    branch.validate("--base", "main")
    found: dict[str, Any] = branch.validate("--base", "main")
    assert found == branch.validate("--base", "main", "--no-cache")
    return found


def told(found: dict[str, Any]) -> list[str]:
    return [f"{Path(one['path']).stem}: {one['message']}" for one in found["findings"] if one["rule"] == "OWN-201"]


def test_an_edit_and_a_move_are_told_committed_or_not(branch: Branch, taken: list[bool]) -> None:
    branch.replace(branch.at(1), "one customer in seven", "one customer in six")
    card = branch.at(2)
    branch.replace(card, "owner: team-", "owner: nobody-")
    expected = told(same(branch))
    assert len(expected) == 2
    assert "owner" in expected[1]
    commit(branch.root, "edits")
    assert told(same(branch)) == expected
    assert all(taken)


def test_what_was_wrong_before_still_only_warns(branch: Branch, taken: list[bool]) -> None:
    git(branch.root, "checkout", "-q", "main")
    branch.replace(branch.at(0), "risk_rating: Medium", "risk_rating: Huge")
    commit(branch.root, "wrong at the base")
    git(branch.root, "checkout", "-q", "change")
    git(branch.root, "merge", "-q", "main")
    branch.replace(branch.at(1), "one customer in seven", "one customer in six")
    found = same(branch)
    assert [one["level"] for one in found["findings"] if one["rule"] == "schema/enum"] == ["warn"]
    assert all(taken)


EDITS = """\
rename_card take_a_name package copy_of spoil remove copy rename link ignored hidden converted grant approvers move_card
move_share_away"""


@pytest.mark.parametrize("edit", EDITS.split())
def test_what_may_touch_others_is_held_against_the_whole_base(branch: Branch, taken: list[bool], edit: str) -> None:
    branch.replace(branch.at(1), "one customer in seven", "one customer in six")
    getattr(branch, edit)()
    same(branch)
    assert not any(taken)


@pytest.mark.parametrize("edit", ["take_a_name", "package", "copy_of", "spoil", "link", "rate_wrongly"])
def test_what_the_base_had_wrong_is_held_against_the_whole_base(branch: Branch, taken: list[bool], edit: str) -> None:
    git(branch.root, "checkout", "-q", "main")
    card = branch.at(2)
    text = card.read_text("utf-8")
    while card.is_file() and not card.is_symlink() and card.read_text("utf-8") == text:
        getattr(branch, edit)()  # of any card; this one is mended on the branch
    commit(branch.root, "at the base")
    git(branch.root, "checkout", "-q", "-B", "change")
    card.unlink()
    card.write_text(text, "utf-8")
    same(branch)
    assert not any(taken)


def test_a_link_among_the_policies_is_not_taken_for_the_same_on_both_sides(branch: Branch) -> None:
    git(branch.root, "checkout", "-q", "main")
    (branch.root / "policies/link.yaml").symlink_to("own.yaml")
    commit(branch.root, "a link")
    git(branch.root, "checkout", "-q", "-B", "change")
    for more in ((), ("--no-cache",)):
        done = CliRunner().invoke(
            app, ["validate", "-C", str(branch.root), "--base", "main", *more], standalone_mode=False
        )
        assert isinstance(done.exception, UnreadableFileError)
