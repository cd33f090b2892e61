"""What is asked of GitHub so that everybody who wrote in a card is known."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.git.process import run_git
from cardops.github import pull_reviews
from cardops.github.client import GitHub, GitHubError
from cardops.github.pull_reviews import MAX_ADDRESSES, gather_reviews
from cardops.signoffs.reviews import read_reviews
from support.git_repository import TeamRepository, platform_commits, review


class Fake(GitHub):
    """GitHub with one pull request, and a note of each commit that was asked about."""

    def __init__(self, repo: TeamRepository, head: str, base: str) -> None:
        super().__init__("example-org/models")
        self._known = {one["sha"]: one for one in platform_commits(repo)}
        self._own = repo.git("rev-list", f"{base}..{head}").split()
        self.head, self.base = head, base
        self.asked: list[str] = []
        self.pushes: list[Any] = []
        self.fork = ""

    def pull_request(self, number: int) -> dict[str, Any]:
        head = {"sha": self.head, "ref": "change", "repo": {"full_name": self.fork or self.repository}}
        pull = {"number": number, "user": {"login": "ada"}, "merged_at": None, "merge_commit_sha": "f" * 40}
        return pull | {"head": head, "base": {"sha": self.base}}

    def all(self, path: str, key: str = "") -> list[dict[str, Any]]:
        return [self._known[sha] for sha in self._own] if path.endswith("commits") else [review("risk-lead", self.head)]

    def commit(self, sha: str) -> dict[str, Any]:
        self.asked.append(sha)
        if sha not in self._known:
            raise GitHubError("HTTP 422")
        return self._known[sha]

    def activity(self, ref: str) -> list[dict[str, Any]]:
        assert ref == "refs%2Fheads%2Fchange"
        if not self.pushes:
            raise GitHubError("HTTP 404")
        return self.pushes

    def forget(self, sha: str) -> None:
        del self._known[sha]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TeamRepository:
    """A card that bob and two others have written in, and a branch of ada's."""
    repo = TeamRepository(tmp_path / "repository")
    for who in ("bob", "risk-deputy", "bob"):
        repo.card("PendingReview", f"by {who}")
        repo.commit("words", who)
    repo.card("Draft", name="other")
    repo.commit("another card", "risk-lead")
    repo.branch()
    repo.card("Approved", "by bob")
    repo.commit("approve")
    real = run_git
    monkeypatch.setattr(
        pull_reviews, "run_git", lambda root, arguments: b"" if "fetch" in arguments else real(root, arguments)
    )
    return repo


def gathered(repo: TeamRepository, github: Fake) -> Any:
    file = repo.root.parent / "gathered.json"
    file.write_text(json.dumps(gather_reviews(github, repo.root, 7)))
    return read_reviews(file)[0]


def github(repo: TeamRepository) -> Fake:
    return Fake(repo, repo.git("rev-parse", "change"), repo.git("rev-parse", "main"))


def test_one_commit_is_asked_about_for_each_older_address(repo: TeamRepository) -> None:
    hub = github(repo)
    pull = gathered(repo, hub)
    assert len(hub.asked) == 2
    assert pull.emails.keys() == {"ada@example.org", "bob@example.org", "risk-deputy@example.org"}
    assert (pull.author, pull.merge, pull.opinions()[0].login) == ("ada", "", "risk-lead")


def test_a_commit_that_github_lacks_leaves_its_author_unknown(repo: TeamRepository) -> None:
    hub = github(repo)
    hub.forget(repo.git("log", "-1", "--format=%H", "--author", "risk-deputy"))
    assert "risk-deputy@example.org" not in gathered(repo, hub).emails


def test_it_asks_about_a_bounded_number_of_addresses(repo: TeamRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_reviews, "MAX_ADDRESSES", 1)
    hub = github(repo)
    gathered(repo, hub)
    assert len(hub.asked) == 1 < MAX_ADDRESSES


def test_who_pushed_the_head_is_named_and_who_pushed_before_is_not(repo: TeamRepository) -> None:
    hub = github(repo)
    hub.pushes = [
        {"after": hub.head, "actor": {"login": "bob"}},
        {"after": "e" * 40, "actor": {"login": "risk-lead"}},
        {"after": hub.head, "actor": None},
    ]
    assert gathered(repo, hub).pushers == ("bob",)
    hub.fork = "someone/models"
    assert gathered(repo, hub).pushers == ()
    hub.fork, hub.pushes = "", []
    assert gathered(repo, hub).pushers == ()


def test_a_change_of_other_files_asks_about_nobody(repo: TeamRepository) -> None:
    repo.git("checkout", "-q", "main")
    repo.git("checkout", "-q", "-b", "docs")
    repo.write("README.md", "words")
    head = repo.commit("docs")
    hub = Fake(repo, head, repo.git("rev-parse", "main"))
    gathered(repo, hub)
    assert hub.asked == []
