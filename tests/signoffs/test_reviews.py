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
    with pytest.raises(UsageError, match="is not valid JSON"):
        read_reviews(file)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_reviews(tmp_path / "none.json")


def test_pages_of_reviews_are_read_as_one_list_and_the_latest_word_counts(tmp_path: Path) -> None:
    early, late = (
        review("bob", HEAD, "CHANGES_REQUESTED", "2026-01-01T00:00:00Z"),
        review("Bob", HEAD, at="2026-01-02T00:00:00Z"),
    )
    gone = {"user": None, "state": "APPROVED", "commit_id": HEAD, "submitted_at": "2026-01-01T00:00:00Z"}
    document = reviewed(HEAD, None) | {"reviews": [[late], [early, gone]]}
    (pull,) = read(tmp_path / "reviews.json", document)
    assert pull.opinions() == [("Bob", "", False, False)]
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
    assert pull.opinions() == [("bob", "", stranger, False)]


def test_each_word_that_does_not_count_says_why(tmp_path: Path) -> None:
    words = [
        review("ada", HEAD),
        review("bob", HEAD, "DISMISSED"),
        review("carl", HEAD, "CHANGES_REQUESTED"),
        review("dora", OLD),
        {"user": {"login": "eve"}, "state": "approved", "commit_id": None, "submitted_at": "2026-01-01T00:00:00Z"},
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


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ("2026-11-20T10:30:00Z", "2026-11-20T11:00:00+02:00", "changes were requested"),
        ("2026-11-20T10:30:00+02:00", "2026-11-20T09:00:00Z", ""),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00.001Z", ""),
    ],
)
def test_times_are_compared_as_times(tmp_path: Path, first: str, second: str, refusal: str) -> None:
    document = reviewed(HEAD, None, review("bob", HEAD, "CHANGES_REQUESTED", first), review("bob", HEAD, at=second))
    (pull,) = read(tmp_path / "reviews.json", document)
    assert [one.refusal for one in pull.opinions()] == [refusal]


@pytest.mark.parametrize("time", ["2026-11-20T10:30:00", "yesterday", "2026-11-20"])
def test_a_time_without_an_offset_is_refused(tmp_path: Path, time: str) -> None:
    with pytest.raises(UsageError, match="must be a time with an offset"):
        read(tmp_path / "reviews.json", reviewed(HEAD, None, review("bob", HEAD, at=time)))


@pytest.mark.parametrize(
    ("user", "bot"),
    [({"login": "bob", "type": "User"}, False), ({"login": "bob", "type": "Bot"}, True), ({"login": "x[bot]"}, True)],
)
def test_a_bot_is_known_as_one(tmp_path: Path, user: dict[str, str], bot: bool) -> None:
    (pull,) = read(tmp_path / "reviews.json", reviewed(HEAD, None, review("bob", HEAD) | {"user": user}))
    assert [one.bot for one in pull.opinions()] == [bot]


def test_what_gh_pr_view_prints_is_read(tmp_path: Path) -> None:
    row = {
        "author": {"login": "bob"},
        "authorAssociation": "CONTRIBUTOR",
        "state": "APPROVED",
        "submittedAt": "2026-11-20T10:00:00Z",
        "commit": {"oid": HEAD},
    }
    view = {"number": 7, "author": {"login": "ada"}, "headRefOid": HEAD, "mergeCommit": {"oid": OLD}, "reviews": [row]}
    (pull,) = read(tmp_path / "reviews.json", view)
    assert (pull.number, pull.author, pull.head, pull.merge) == (7, "ada", HEAD, OLD)
    assert pull.opinions() == [("bob", "", True, False)]
    for broken in ({**view, "reviews": None}, {**view, "headRefOid": "abc"}, {**view, "reviews": [7]}):
        with pytest.raises(UsageError):
            read(tmp_path / "reviews.json", broken)


def test_pages_without_slurp_are_named(tmp_path: Path) -> None:
    file = tmp_path / "reviews.json"
    file.write_text("[{}][{}]")
    with pytest.raises(UsageError, match="several JSON documents, one for each page") as told:
        read_reviews(file)
    assert told.value.hint.startswith("use --slurp: ")


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "reviews.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(reviewed(HEAD, None)).encode())
    assert len(read_reviews(file)) == 1
