"""A file of reviews is read strictly: what is malformed is said with its place, and never guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.model.errors import ExitCode, UsageError
from cardops.signoffs.contributors import Contributors
from cardops.signoffs.decision import SignoffDecision
from cardops.signoffs.reviews import read_reviews
from support.git_repository import review, reviewed

HEAD, OLD = "a" * 40, "b" * 40


def read(path: Path, document: Any) -> Any:
    path.write_text(json.dumps(document))
    return read_reviews(path)


def changed(where: str, value: Any) -> Any:
    document = reviewed(HEAD, None, review("bob", HEAD))
    *parents, last = where.split(".")
    inner: Any = document
    for step in parents:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    inner[last] = value
    return document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], None),
        ({}, "pull_request must be an object"),
        ("text", "pull_request must be an object"),
        ([reviewed(HEAD, None), {}], "[1].pull_request must be an object"),
        (changed("reviews", {}), "reviews must be a list"),
        (changed("pull_request.number", "7"), "pull_request.number must be a number"),
        (changed("pull_request.number", True), "pull_request.number must be a number"),
        (changed("pull_request.author", ""), "pull_request.author must be the author's login"),
        (changed("pull_request.author", {"id": 1}), "pull_request.author.login must be a text"),
        (changed("pull_request.head_sha", "abc"), "pull_request.head_sha must be a full commit hash"),
        (changed("pull_request.head_sha", "a" * 65), "pull_request.head_sha must be a full commit hash"),
        (changed("pull_request.head_sha", "A" * 40), "pull_request.head_sha must be a full commit hash"),
        (changed("pull_request.head_sha", None), "pull_request.head_sha must be a text"),
        (changed("pull_request.merge_commit_sha", 1), "pull_request.merge_commit_sha must be a text"),
        (changed("reviews.0.state", "SHRUGGED"), "reviews[0].state must be one of APPROVED, CHANGES_REQUESTED"),
        (changed("reviews.0.state", 1), "reviews[0].state must be a text"),
        (changed("reviews.0.user", "bob"), "reviews[0].user must be an object"),
        (changed("reviews.0.user", {"id": 1}), "reviews[0].user.login must be a text"),
        (changed("reviews.0.commit_id", "abc"), "reviews[0].commit_id must be a full commit hash"),
        (changed("reviews.0.submitted_at", None), "reviews[0].submitted_at must be a text"),
        (changed("commits", 5), "commits must be a list"),
        (changed("commits", {}), "commits must be a list"),
        (changed("commits", [{"sha": HEAD}]), "commits[0].commit must be an object"),
        (changed("commits", [{"commit": {}}]), "commits[0].sha must be a text"),
        (changed("commits", [{"sha": HEAD, "commit": {}}]), "commits[0].commit.author must be an object"),
        (changed("pull_request.pushers", [1]), "pull_request.pushers[0] must be a login"),
    ],
)
def test_what_is_malformed_is_named(tmp_path: Path, document: Any, said: str | None) -> None:
    file = tmp_path / "reviews.json"
    if said is None:
        assert read(file, document) == []
        return
    with pytest.raises(UsageError) as told:
        read(file, document)
    assert f"{file}: {said}" in told.value.message
    assert told.value.exit_code is ExitCode.USAGE
    assert told.value.hint.startswith("write {pull_request:")


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "reviews.json"
    file.write_text("{")
    with pytest.raises(UsageError, match="is no JSON"):
        read_reviews(file)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_reviews(tmp_path / "none.json")


def test_pages_of_reviews_are_read_as_one_list_and_the_latest_word_counts(tmp_path: Path) -> None:
    early, late = review("bob", HEAD, "CHANGES_REQUESTED", "2026-01-01"), review("Bob", HEAD, at="2026-01-02")
    gone = {"user": None, "state": "APPROVED", "commit_id": HEAD, "submitted_at": "2026-01-01"}
    document = reviewed(HEAD, None) | {"reviews": [[late], [early, gone]]}
    (pull,) = read(tmp_path / "reviews.json", document)
    assert pull.opinions() == [("Bob", "", False)]
    (pull,) = read(tmp_path / "reviews.json", reviewed(HEAD, None, review("bob", OLD)))
    assert pull.opinions()[0].refusal.startswith("the approval is stale")


def test_commits_tell_whose_an_address_is_where_the_platform_knows(tmp_path: Path) -> None:
    def commit(email: str, author: Any) -> Any:
        sha = (email[0] * 40).lower()
        return {"sha": sha, "commit": {"author": {"name": "anybody", "email": email}}, "author": author}

    known = [commit("Bob@Example.org", {"login": "bob"}), commit("d@example.org", {"login": "dora"})]
    unknown = [commit("c@example.org", None), commit("e@example.org", {}), commit("f@example.org", "f")]
    (pull,) = read(tmp_path / "reviews.json", reviewed(HEAD, None, commits=[known, unknown]))
    assert pull.emails == {"bob@example.org": "bob", "d@example.org": "dora"}


@pytest.mark.parametrize(
    ("association", "stranger"),
    [("OWNER", False), ("MEMBER", False), ("collaborator", False), ("", False), (None, False), ("CONTRIBUTOR", True)],
)
def test_who_may_not_write_is_a_stranger(tmp_path: Path, association: str | None, stranger: bool) -> None:
    document = reviewed(HEAD, None, review("bob", HEAD, author_association=association))
    (pull,) = read(tmp_path / "reviews.json", document)
    assert pull.opinions() == [("bob", "", stranger)]


def test_each_word_that_does_not_count_says_why(tmp_path: Path) -> None:
    words = [
        review("ada", HEAD),
        review("bob", HEAD, "DISMISSED"),
        review("carl", HEAD, "CHANGES_REQUESTED"),
        review("dora", OLD),
        {"user": {"login": "eve"}, "state": "approved", "commit_id": None, "submitted_at": "2026-01-01"},
        {"user": {"login": "fred"}, "state": "PENDING", "commit_id": HEAD, "submitted_at": None},
    ]
    document = reviewed(HEAD, None, *words) | {
        "pull_request": {"number": 7, "author": {"login": "Ada"}, "head_sha": HEAD}
    }
    (pull,) = read(tmp_path / "reviews.json", document)
    assert (pull.author, pull.merge) == ("Ada", "")
    assert {one.login: one.refusal for one in pull.opinions()} == {
        "ada": "the author of a pull request cannot approve it",
        "bob": "the review was dismissed",
        "carl": "changes were requested",
        "dora": "the approval is stale: it is of bbbbbbbbbbbb, not of aaaaaaaaaaaa",
        "eve": "the approval is stale: it is of no commit, not of aaaaaaaaaaaa",
    }


def test_a_repository_with_longer_hashes_is_read_too(tmp_path: Path) -> None:
    (pull,) = read(tmp_path / "reviews.json", reviewed("c" * 64, "d" * 64))
    assert (pull.head, pull.merge) == ("c" * 64, "d" * 64)


@pytest.mark.parametrize(
    ("known", "refused", "approvers", "said"),
    [
        (True, (), (), "nobody signed it off"),
        (
            True,
            ("bob: why", "eve: why"),
            (),
            "it is not signed off by somebody who did not contribute: bob: why; eve: why",
        ),
        (
            False,
            (),
            ("dora",),
            "it is not signed off by two people who did not contribute (an author of it is unknown): dora approves",
        ),
    ],
)
def test_what_is_missing_is_said(known: bool, refused: tuple[str, ...], approvers: tuple[str, ...], said: str) -> None:
    found = SignoffDecision(dict.fromkeys(approvers, ()), refused, Contributors((), known))
    assert not found.enough
    assert found.lack() == said
