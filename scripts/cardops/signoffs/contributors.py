"""Find everybody who wrote what is to be signed off, and whether anybody among them is unknown.

A person is known by a login that the platform gives for a commit, or by a key of cardops.yaml that signed it. What a
commit says about its own people is written by whoever made it: such names never make a person known, and only exclude
people from approving.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cardops.git.log import Commit, People, Person
from cardops.git.repository import Repository
from cardops.signoffs.sources import Branch, CommitLogins, SignoffRequest, SignoffSource

_NO_REPLY = re.compile(r"(?:\d+\+)?([^@]+)@users\.noreply\.[^@]+", re.IGNORECASE).fullmatch
_BOT = "[bot]"
PLATFORM = frozenset({"noreply@github.com"})
"""Committers of what people write and merge on the platform's pages: the author is the person."""


class Contributors(NamedTuple):
    """Logins and key names in lower case, and the names that git has for unknown people.

    `known` is False if one of them is a person whom nobody can name, or a bot.
    """

    names: tuple[str, ...]
    known: bool


def contributors(
    request: SignoffRequest, source: SignoffSource, revisions: Repository, keys: Mapping[str, str]
) -> Contributors:
    """Everybody who ever wrote in the card's file or in a file that it was made from, who changed anything on the
    branch that proposes the state, who proposed it and who pushed it.

    `keys` are the signing keys that count: name -> public key.
    """
    branches = source.branches(request)
    listed = {commit.hash for branch in branches for commit in revisions.branch_commits(branch.start, branch.head)}
    commits = {commit.hash: commit for commit in _written(request, branches, revisions)}
    signers = revisions.signers(sorted(commits), keys) if keys else {}
    names = {name.casefold() for name in source.proposers(request)}
    known = True
    for commit in commits.values():
        told = source.logins_of(commit, commit.hash in listed)
        found = _people(commit.people, told, source, signers.get(commit.hash, ""))
        names |= found.keys()
        known &= all(found.values())
    bots = any(name.endswith(_BOT) for name in names)
    return Contributors(tuple(sorted(names - {""})), known and not bots)


def _written(request: SignoffRequest, branches: Iterable[Branch], revisions: Repository) -> Iterator[Commit]:
    tips = [request.introduced or request.tip, *(branch.head for branch in branches)]
    written = revisions.commits(tips, request.paths)
    on_branches: dict[str, Commit] = {}
    for branch in branches:
        own = revisions.branch_commits(branch.start, branch.head)
        on_branches |= {commit.hash: commit for commit in own}
        copies = {(commit.people.author, commit.people.when) for commit in own}
        merged = set(revisions.between(branch.start, branch.merge)) if branch.merge else set()
        # what the platform made of the branch when it was merged: a squash, or its commits once more
        written = [
            commit
            for commit in written
            if commit.hash not in merged
            or commit.hash in on_branches
            or (commit.hash != branch.merge and (commit.people.author, commit.people.when) not in copies)
        ]
    yield from written
    yield from on_branches.values()
    for origin in request.origins():
        yield from revisions.commits([origin.commit], origin.paths)


def _people(people: People, told: CommitLogins, source: SignoffSource, signer: str) -> dict[str, bool]:
    """Return the people of a commit: a login or key name (True), or git's name for an unknown person (False)."""
    found: dict[str, bool] = {}
    committed = told.committer
    if told.committer is None and people.committer.email.casefold() not in PLATFORM:
        same = people.committer.email.casefold() == people.author.email.casefold()
        committed = told.author if same else source.login(people.committer)
    if committed is not None:
        _add(found, people.committer, committed or _signed(people.committer, signer))
    _add(found, people.author, told.author or _signed(people.author, signer))
    for person in people.co_authors:
        _add(found, person, source.login(person))
    return found | ({signer.casefold(): True} if signer else {})


def _add(found: dict[str, bool], person: Person, login: str) -> None:
    if login:
        found[login.casefold()] = True
        return
    for text in _spellings(person):
        found.setdefault(text.casefold(), False)


def _signed(person: Person, signer: str) -> str:
    """The signer, where git calls the person so."""
    return signer if signer and person.name.casefold() == signer.casefold() else ""


def _spellings(person: Person) -> Iterator[str]:
    if no_reply := _NO_REPLY(person.email):
        yield no_reply[1]
    yield person.name
    yield person.email
    yield person.email.partition("@")[0]
