"""Read a file of pull request reviews, as the platform's API prints them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cardops.model.errors import UsageError
from cardops.signoffs.sources import CommitLogins

DECISIVE = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
STATES = DECISIVE | {"COMMENTED", "PENDING"}
WRITERS = frozenset({"", "OWNER", "MEMBER", "COLLABORATOR"})
"""GitHub's author_association of people who can be given write access; empty where the file does not say."""
WEB_FLOW = "web-flow"
"""The account that GitHub commits as for people who write or merge on its pages, and whose commits it signs."""
HINT = (
    "write {pull_request: {number, author, head_sha, merge_commit_sha}, reviews: [...], commits: [...]}, the reviews "
    "and commits as `gh api --paginate --slurp repos/OWNER/NAME/pulls/NUMBER/reviews` and `…/commits` print them, or "
    "pass the output of `gh pr view --json number,author,headRefOid,mergeCommit,reviews`"
)


class ReviewState(NamedTuple):
    """The last word of one person; `refusal` is empty for an approval of the head commit."""

    login: str
    refusal: str
    stranger: bool
    bot: bool = False


class Review(NamedTuple):
    """One review; `at` is its time in UTC (ISO 8601) and `commit` the hash that it is of, empty if there is none."""

    login: str
    state: str
    commit: str
    at: str
    stranger: bool
    bot: bool = False


class PullRequest(NamedTuple):
    """`merge` is empty while it is open. `commits` are the logins behind commits by their hash, `emails` those behind
    the addresses in them; `pushers` pushed the branch.
    """

    number: int
    author: str
    head: str
    merge: str
    reviews: tuple[Review, ...]
    emails: Mapping[str, str]
    commits: Mapping[str, CommitLogins] = {}
    pushers: tuple[str, ...] = ()

    def opinions(self) -> list[ReviewState]:
        """Each person's latest decisive review: a comment does not take an approval back, asking for changes does."""
        latest: dict[str, Review] = {}
        for review in sorted(self.reviews, key=lambda review: review.at):
            if review.state in DECISIVE:
                latest[review.login.casefold()] = review
        return [ReviewState(one.login, self._refusal(one), one.stranger, one.bot) for one in latest.values()]

    def _refusal(self, review: Review) -> str:
        if review.state == "DISMISSED":
            return "the review was dismissed"
        if review.state == "CHANGES_REQUESTED":
            return "changes were requested"
        if review.commit != self.head:
            return f"the approval is stale: it is of {review.commit[:12] or 'no commit'}, not of {self.head[:12]}"
        if review.login.casefold() == self.author.casefold():
            return "the author of a pull request cannot approve it"
        return ""


def read_reviews(path: Path) -> list[PullRequest]:
    """The pull requests of a file: one, or a list of them. Raises UsageError that says where it is malformed."""
    document = _parse(path)
    several = isinstance(document, list)
    reader = _Reader(path)
    return [
        reader.pull_request(one, f"[{at}]." if several else "")
        for at, one in enumerate(document if several else [document])
    ]


def _parse(path: Path) -> Any:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return json.loads(text)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, json.JSONDecodeError) and problem.msg == "Extra data":
            raise UsageError(
                f"{path} contains several JSON documents, one for each page", f"use --slurp: {HINT}"
            ) from None
        raise UsageError(f"{path} is not valid JSON", HINT) from problem


def _as_printed_by_the_api(value: Any) -> Any:
    """Convert the output of `gh pr view --json` to the form of the platform's API; leave anything else alone."""
    if not isinstance(value, dict) or "headRefOid" not in value or "pull_request" in value:
        return value
    pull = {"number": value.get("number"), "author": value.get("author"), "head_sha": value["headRefOid"]}
    merge = value.get("mergeCommit")
    pull |= {"merge_commit_sha": merge.get("oid")} if isinstance(merge, dict) else {}
    rows = value.get("reviews")
    reviews = [_review_of_view(row) for row in rows] if isinstance(rows, list) else rows
    return {"pull_request": pull, "reviews": reviews}


def _review_of_view(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    commit = row.get("commit")
    return {
        "user": row.get("author"),
        "state": row.get("state"),
        "submitted_at": row.get("submittedAt"),
        "commit_id": commit.get("oid") if isinstance(commit, dict) else None,
        "author_association": row.get("authorAssociation"),
    }


class _Reader:
    """Reads the parts of one file; knows the file for its complaints."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pull_request(self, value: Any, at: str) -> PullRequest:
        value = _as_printed_by_the_api(value)
        pull = self._get(value, "pull_request", dict, at)
        inside = f"{at}pull_request."
        number = self._get(pull, "number", int, inside)
        author = pull.get("author")
        login = self._get(author, "login", str, f"{inside}author.") if isinstance(author, dict) else author
        if not isinstance(login, str) or not login:
            raise self._wrong(f"{inside}author", "the author's login")
        reviews = _flat(self._get(value, "reviews", list, at))
        commits = _flat(self._get(value, "commits", list, at) if value.get("commits") is not None else [])
        return PullRequest(
            number,
            login,
            self._hash(pull, "head_sha", inside),
            self._hash(pull, "merge_commit_sha", inside, optional=True),
            tuple(review for i, one in enumerate(reviews) if (review := self._review(one, f"{at}reviews[{i}]."))),
            _unambiguous(pair for i, one in enumerate(commits) for pair in self._emails(one, f"{at}commits[{i}].")),
            {one["sha"]: self._logins(one) for one in commits},
            tuple(self._login(one, f"{inside}pushers[{i}]") for i, one in enumerate(pull.get("pushers") or [])),
        )

    def _review(self, value: Any, at: str) -> Review | None:
        state = self._get(value, "state", str, at).upper()
        if state not in STATES:
            raise self._wrong(f"{at}state", f"one of {', '.join(sorted(STATES))}")
        if value.get("user", ...) is None:
            return None
        user = self._get(value, "user", dict, at)
        login = self._get(user, "login", str, f"{at}user.")
        stranger = str(value.get("author_association") or "").upper() not in WRITERS
        bot = user.get("type") == "Bot" or login.endswith("[bot]")
        submitted = "" if state == "PENDING" else self._time(value, "submitted_at", at)
        return Review(login, state, self._hash(value, "commit_id", at, optional=True), submitted, stranger, bot)

    def _time(self, value: Any, key: str, at: str) -> str:
        """Return a time in UTC, so that times with different offsets compare as texts."""
        try:
            moment = datetime.fromisoformat(self._get(value, key, str, at))
        except ValueError:
            moment = datetime.min
        if moment.tzinfo is None:
            raise self._wrong(f"{at}{key}", "a time with an offset, such as 2026-11-20T10:00:00Z")
        return moment.astimezone(UTC).isoformat(timespec="microseconds")

    def _emails(self, value: Any, at: str) -> list[tuple[str, str]]:
        """The addresses of a commit with the logins that the platform has for them."""
        self._hash(value, "sha", at)
        commit = self._get(value, "commit", dict, at)
        self._get(commit, "author", dict, f"{at}commit.")
        pairs = ((commit.get(role), _login_of(value.get(role))) for role in ("author", "committer"))
        known = [(person, login) for person, login in pairs if isinstance(person, dict) and login]
        return [(str(person.get("email", "")).casefold(), login) for person, login in known if login != WEB_FLOW]

    def _logins(self, value: Any) -> CommitLogins:
        committer: str | None = _login_of(value.get("committer")) if "committer" in value else None
        if committer == WEB_FLOW:
            verification = value["commit"].get("verification")
            committer = None if isinstance(verification, dict) and verification.get("verified") is True else ""
        return CommitLogins(_login_of(value.get("author")), committer)

    def _login(self, value: Any, at: str) -> str:
        login = _login_of(value) or value
        if not isinstance(login, str) or not login:
            raise self._wrong(at, "a login")
        return login

    def _hash(self, value: Any, key: str, at: str, optional: bool = False) -> str:
        if optional and (not isinstance(value, dict) or value.get(key) is None):
            return ""
        text: str = self._get(value, key, str, at)
        if len(text) not in (40, 64) or not set(text) <= set("0123456789abcdef"):
            raise self._wrong(f"{at}{key}", "a full commit hash")
        return text

    def _get(self, value: Any, key: str, kind: type, at: str) -> Any:
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, kind) or isinstance(found, bool) or found == "":
            words: Mapping[type, str] = {dict: "an object", list: "a list", str: "a text", int: "a number"}
            raise self._wrong(f"{at}{key}", words[kind])
        return found

    def _wrong(self, at: str, wanted: str) -> UsageError:
        return UsageError(f"{self._path}: {at} must be {wanted}", HINT)


def _flat(pages: Iterable[Any]) -> list[Any]:
    """The items of a list, or of the list of pages that `gh api --paginate --slurp` prints."""
    return [one for page in pages for one in (page if isinstance(page, list) else [page])]


def _login_of(account: Any) -> str:
    """An account's login; empty for what the platform prints for a person whom it does not know (null, {})."""
    login = account.get("login") if isinstance(account, dict) else None
    return login if isinstance(login, str) else ""


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Without addresses that belong to two people, and without empty ones."""
    found: dict[str, set[str]] = {}
    for address, login in pairs:
        found.setdefault(address, set()).add(login)
    return {address: logins.pop() for address, logins in found.items() if address and len(logins) == 1}
