"""Who wrote what is to be signed off, as far as git and the platform tell, in lower case so that spellings compare."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cardops.git.log import Person
from cardops.git.repository import Repository
from cardops.signoffs.sources import SignoffRequest, SignoffSource

_NO_REPLY = re.compile(r"(?:\d+\+)?([^@]+)@users\.noreply\.[^@]+", re.IGNORECASE).fullmatch
_BOT = "[bot]"


class Contributors(NamedTuple):
    """`names` are logins where they are known, else what git says; `known` is False where somebody may be missing."""

    names: tuple[str, ...]
    known: bool


def contributors(
    question: SignoffRequest, source: SignoffSource, revisions: Repository, logins: Iterable[str]
) -> Contributors:
    """Everybody who ever wrote in the file, and who proposed the state.

    `logins` are names that are known besides the source's own: members of approver groups and owners of keys.
    """
    tips = [question.introduced or question.tip, *(branch.head for branch in source.branches(question))]
    written = revisions.commits(question.parent, tips, question.paths)
    found = {person: None for commit in written for person in commit.people}
    author = source.author(question).casefold()
    known = {login.casefold() for login in (*source.logins(), *logins, author) if login}
    resolved = {person: _login(person, source, known) for person in found}
    strangers = [person for person, login in resolved.items() if not login]
    names = {author, *resolved.values()} - {""}
    if strangers and author and author not in resolved.values() and len({p.email.casefold() for p in strangers}) == 1:
        strangers = []  # one person whom the platform calls otherwise: the author, who answers for these commits
    bots = any(name.endswith(_BOT) for name in names)
    spelled = {text.casefold() for person in strangers for text in _spellings(person)}
    return Contributors(tuple(sorted(names | spelled)), not strangers and not bots)


def _login(person: Person, source: SignoffSource, known: set[str]) -> str:
    """The login behind a name and an address; empty where nothing says whose it is."""
    said = source.login(person).casefold()
    if said:
        return said
    return next((text.casefold() for text in _spellings(person) if text.casefold() in known), "")


def _spellings(person: Person) -> Iterator[str]:
    if no_reply := _NO_REPLY(person.email):
        yield no_reply[1]
    yield person.name
    yield person.email
    yield person.email.partition("@")[0]
