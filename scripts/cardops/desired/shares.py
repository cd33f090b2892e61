"""Parse share files and check them against the declared cards and accounts."""

from collections.abc import Sequence
from typing import NamedTuple

from cardops.desired import parser as parse
from cardops.desired.checks import content, expiry, references
from cardops.desired.documents import DeclaredFile
from cardops.desired.problems import Problem
from cardops.desired.selectors import is_glob
from cardops.model.desired import CardKey, Config, Share

MAX_GLOBS = 1_000
"""Globs of all shares: each is held against every card."""


class ShareContext(NamedTuple):
    """The cards and accounts that shares may refer to.

    `hidden` are names that may be in cards' files whose key is not known.

    `today`: the day that planned ends are judged by, or empty.
    """

    config: Config | None
    keys: Sequence[CardKey]
    hidden: frozenset[str]
    today: str = ""


class Shares(NamedTuple):
    """`broken` are names whose files are not usable; `unreadable`: there is one without even a name."""

    good: tuple[Share, ...]
    broken: frozenset[str]
    unreadable: bool


def parse_shares(files: Sequence[DeclaredFile], known: ShareContext) -> Shares:
    """The shares that can be used; findings are added to their files."""
    names = {id(file): _name(file) for file in files}
    named = [(file, names[id(file)]) for file in files if names[id(file)]]
    globs = 0
    for file in files:
        file.report(file.problems)
        if not file.valid:
            continue
        own = sum(map(is_glob, file.value["cards"]))
        if globs + own > MAX_GLOBS:
            message = f"the shares up to this one have {globs + own:,} globs together; the limit is {MAX_GLOBS:,}"
            hint = "name cards so that fewer globs select them"
            file.report([Problem(("cards",), message, "schema/too-long", hint)])
        else:
            globs += own
            _check(file, known)
    for file, finding in list(references.duplicates(named, "reference/duplicate-share", "share")):
        file.findings.append(finding)
    good = {
        names[id(file)]: parse.share(file.value, file.location)
        for file in files
        if file.valid and not any(finding.level == "deny" for finding in file.findings)
    }
    broken = frozenset(name for name in names.values() if name) - frozenset(good)
    return Shares(tuple(good.values()), broken, not all(names.values()))


def _check(file: DeclaredFile, known: ShareContext) -> None:
    value = file.value
    file.report(content.check_date(value, "expires"))
    for index in range(len(value["grants"])):
        file.report(content.check_date(value, "grants", index, "expires"))
    if known.today and not file.findings:
        file.report(expiry.check_expiries(value, known.today), "warn")
    if known.config is None:
        return
    file.report(references.check_cards(value, known.config, known.keys, known.hidden))
    file.report(references.check_grants(value, known.config))
    file.report(references.check_owners(value, known.config, known.keys))
    if not known.hidden:
        file.report(references.unmatched_globs(value, known.config, known.keys), "warn")


def _name(file: DeclaredFile) -> str:
    value = file.value
    if not isinstance(value, dict) or any(problem.path[:1] == ("name",) for problem in file.problems):
        return ""
    name = value.get("name")
    return name if isinstance(name, str) else ""
