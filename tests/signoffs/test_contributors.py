"""Nobody approves their own words, under whatever name, path or commit they come."""

from collections.abc import Callable
from typing import Any

import pytest

from cardops.signoffs.reviews import WEB_FLOW
from support.git_repository import USERS, TeamRepository, platform_commits, review, reviewed
from support.merge_gate import KEY, approve, gate, said

LEAD = "risk-lead"
WORDS = "the lead's words"
Write = Callable[[TeamRepository], None]
Tell = Callable[[dict[str, Any]], None]


@pytest.fixture
def repo(tmp_path: Any) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


def answer(repo: TeamRepository, how: str = "squash", approver: str = LEAD, **more: Any) -> str:
    """What is said of the branch `change`, merged, with one approval; empty where it is signed off."""
    head = repo.git("rev-parse", "change")
    found = gate(repo, reviewed(head, repo.merge(how), review(approver, head)) | more)
    return said(found) if found.findings else ""


def own_words(repo: TeamRepository) -> None:
    repo.branch()
    repo.card("PendingReview", WORDS)
    repo.commit("words", LEAD)
    repo.card("Approved", WORDS)
    repo.commit("approve")


def at_another_path_of_the_branch(repo: TeamRepository) -> None:
    repo.branch()
    repo.card("Approved", WORDS, path="drafts/churn.txt")
    repo.commit("words, where no card is declared", LEAD)
    (repo.root / "drafts/churn.txt").replace(repo.root / "cards/churn.yaml")
    repo.commit("into place")


def renamed_and_back(repo: TeamRepository) -> None:
    repo.branch()
    repo.git("mv", "cards/churn.yaml", "cards/other.yaml")
    repo.card("PendingReview", WORDS, path="cards/other.yaml")
    repo.commit("words under another name", LEAD)
    repo.git("mv", "cards/other.yaml", "cards/churn.yaml")
    repo.card("Approved", WORDS)
    repo.commit("back, and approved")


def as_the_committer_alone(repo: TeamRepository) -> None:
    repo.branch()
    repo.card("Approved", WORDS)
    repo.commit("words", LEAD, "--author", "ada <ada@example.org>")


def as_a_co_author(repo: TeamRepository) -> None:
    approve(repo, WORDS, "ada", "--trailer", "Co-authored-by: The Lead <risk-lead@example.org>")


def under_anothers_name(repo: TeamRepository) -> None:
    repo.branch()
    repo.card("Approved", WORDS)
    repo.commit("words", LEAD, "--author", "Ada <risk-lead@example.org>")


def behind_a_mailmap(repo: TeamRepository) -> None:
    repo.write(".mailmap", "ada <ada@example.org> <risk-lead@example.org>\n")
    repo.commit("the lead is ada now")
    own_words(repo)


def in_an_earlier_pull_request(repo: TeamRepository) -> None:
    repo.card("PendingReview", WORDS)
    repo.commit("words", LEAD)
    approve(repo, WORDS)


def in_a_file_that_was_renamed_since(repo: TeamRepository) -> None:
    (repo.root / "cards/churn.yaml").unlink()
    repo.card("PendingReview", WORDS, path="cards/first-name.yaml")
    repo.commit("words", LEAD)
    repo.git("mv", "cards/first-name.yaml", "cards/churn.yaml")
    repo.commit("another path")
    approve(repo, WORDS)


def moved_to_another_card(repo: TeamRepository) -> None:
    """As `cardops move` does it: the new card is a Draft, the old one Archived, in one commit."""
    repo.git("rm", "-q", "cards/churn.yaml")
    repo.card("Draft", WORDS, name="churn-v1")
    repo.commit("words", LEAD)
    repo.card("Archived", WORDS, name="churn-v1")
    repo.card("Draft", WORDS)
    repo.commit("move")
    approve(repo, WORDS)


def moved_twice(repo: TeamRepository) -> None:
    repo.git("rm", "-q", "cards/churn.yaml")
    repo.card("Draft", WORDS, name="churn-v0")
    repo.commit("words", LEAD)
    for old, new in (("churn-v0", "churn-v1"), ("churn-v1", "churn")):
        repo.card("Archived", WORDS, name=old)
        repo.card("Draft", WORDS, name=new)
        repo.commit("move")
    approve(repo, WORDS)


def copied_first_and_archived_later(repo: TeamRepository) -> None:
    long = WORDS * 20
    repo.git("rm", "-q", "cards/churn.yaml")
    repo.card("Draft", long, name="churn-v1")
    repo.commit("words", LEAD)
    repo.card("Draft", long)
    repo.commit("a copy")
    repo.card("Archived", long, name="churn-v1")
    repo.commit("archive the first one")
    approve(repo, long)


WAYS_OF_WRITING = [
    own_words,
    at_another_path_of_the_branch,
    renamed_and_back,
    as_the_committer_alone,
    as_a_co_author,
    under_anothers_name,
    behind_a_mailmap,
    in_an_earlier_pull_request,
    in_a_file_that_was_renamed_since,
    moved_to_another_card,
    moved_twice,
    copied_first_and_archived_later,
]


@pytest.mark.parametrize("write", WAYS_OF_WRITING, ids=lambda write: write.__name__)
@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_whoever_wrote_it_cannot_approve_it(
    repo: TeamRepository, how: str, write: Callable[[TeamRepository], None]
) -> None:
    write(repo)
    assert f"{LEAD}: wrote or proposed it, and cannot approve it" in answer(repo, how)


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_who_only_merges_or_updates_a_branch_has_written_nothing(repo: TeamRepository, how: str) -> None:
    approve(repo)
    repo.git("checkout", "-q", "main")
    repo.write("cards/note.md", "meanwhile")
    repo.commit("meanwhile", "bob")
    repo.git("checkout", "-q", "change")
    repo.git("merge", "-q", "--no-edit", "main", who=LEAD)
    if how == "rebase":
        repo.git("reset", "-q", "--hard", "HEAD^")
    repo.git("checkout", "-q", "main")
    assert answer(repo, how) == ""


def test_who_pushed_it_cannot_approve_it(repo: TeamRepository) -> None:
    head = approve(repo)
    document = reviewed(head, repo.merge("squash"), review(LEAD, head))
    assert gate(repo, document).findings == ()
    document["pull_request"]["pushers"] = ["ada", {"login": "Risk-Lead"}]
    assert f"{LEAD}: wrote or proposed it" in said(gate(repo, document))


def nobody(commit: dict[str, Any]) -> None:
    commit["author"] = commit["committer"] = None


def empty(commit: dict[str, Any]) -> None:
    commit["author"] = commit["committer"] = {}


def a_bot(commit: dict[str, Any]) -> None:
    commit["author"] = commit["committer"] = {"login": "helper[bot]"}


def a_committer_whom_nobody_knows(commit: dict[str, Any]) -> None:
    commit["committer"] = None


def an_unsigned_commit_of_the_platform(commit: dict[str, Any]) -> None:
    commit["committer"] = {"login": WEB_FLOW}
    commit["commit"]["verification"] = {"verified": False}


@pytest.mark.parametrize(
    "told", [nobody, empty, a_bot, a_committer_whom_nobody_knows, an_unsigned_commit_of_the_platform]
)
def test_one_unknown_contributor_costs_one_approver_more(
    repo: TeamRepository, told: Callable[[dict[str, Any]], None]
) -> None:
    head = approve(repo)
    commits = platform_commits(repo)
    told(next(one for one in commits if one["sha"] == head))
    merged = repo.merge("squash")
    one = reviewed(head, merged, review(LEAD, head), commits=commits)
    assert "by two people who did not contribute (an author of it is unknown)" in said(gate(repo, one))
    two = reviewed(head, merged, review(LEAD, head), review("risk-deputy", head), commits=commits)
    assert gate(repo, two).approvals[KEY].by == (LEAD, "risk-deputy")


def test_a_commit_that_the_platform_made_and_signed_is_its_authors(repo: TeamRepository) -> None:
    head = approve(repo)
    commits = platform_commits(repo)
    told = next(one for one in commits if one["sha"] == head)
    told["committer"] = {"login": WEB_FLOW}
    told["commit"]["verification"] = {"verified": True}
    assert gate(repo, reviewed(head, repo.merge("squash"), review(LEAD, head), commits=commits)).findings == ()


def test_the_name_in_a_commit_makes_nobody_known(repo: TeamRepository) -> None:
    """`bob` is a login and an approver could be called so; the address belongs to nobody."""
    repo.branch()
    repo.card("Approved")
    repo.commit("approve", "ada", "--author", "bob <bob@home.example>")
    assert "an author of it is unknown" in answer(repo)


def test_a_commit_that_the_platform_does_not_list_is_unknown(repo: TeamRepository) -> None:
    """A pull request lists 250 commits at most."""
    head = approve(repo)
    commits = [one for one in platform_commits(repo, users=USERS) if one["sha"] == repo.first]
    merged = repo.merge("squash")
    assert "an author of it is unknown" in said(gate(repo, reviewed(head, merged, review(LEAD, head), commits=commits)))


def test_an_address_of_two_people_is_nobodys(repo: TeamRepository) -> None:
    repo.card("PendingReview", "more")
    repo.commit("words", "bob")
    head = approve(repo, "more")
    commits = platform_commits(repo, head, f"^{head}^")
    shared = [
        {"sha": letter * 40, "commit": {"author": {"email": "bob@example.org"}}, "author": {"login": login}}
        for letter, login in (("a", "bob"), ("b", "carol"))
    ]
    merged = repo.merge("squash")
    one = reviewed(head, merged, review(LEAD, head), commits=[*commits, shared[0]])
    assert gate(repo, one).findings == ()
    both = reviewed(head, merged, review(LEAD, head), commits=[*commits, *shared])
    assert "an author of it is unknown" in said(gate(repo, both))


@pytest.mark.parametrize("approver", ["bob", LEAD])
def test_a_group_counts_though_no_rule_names_it(repo: TeamRepository, approver: str) -> None:
    approve(repo)
    found = answer(repo, approver=approver)
    assert ("it is not signed off by a member of model-risk: bob approves" in found) is (approver == "bob")
