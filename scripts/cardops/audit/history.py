"""A card's life: the versions that SageMaker keeps, joined with the commits that declared them. Pure.

A version that holds exactly what a commit declared came from that commit. Where contributions were merged into
it the digests differ, and only the record of the run that wrote it can say so; without one, the version counts
as written through the API.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from cardops.merge.diff import diff
from cardops.model import canonical
from cardops.model.desired import Status
from cardops.model.observed import CardVersion

Origin = Literal["git", "merged", "api", "commit"]


@dataclass(frozen=True, slots=True)
class DeclaredVersion:
    """A commit that changed what git declares of the card; `when` is ISO 8601, `author` a name with its address.

    `envelope` is what the file declares beside status and content, by its keys.
    """

    commit: str
    when: str
    author: str
    subject: str
    status: Status
    content: bytes
    signed_off: tuple[str, ...] = ()
    envelope: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppliedVersion:
    """A version as the record of a run describes it."""

    commit: str
    signed_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One row. `origin`: git (holds what the commit declared), merged (with contributions), api (somebody wrote it),
    commit (a commit that made no version of its own: a status, or one that is not applied).

    `version` is 0 for those; `changes` are the fields that differ from the version, or the declaration, before.
    """

    version: int
    when: str
    status: Status
    origin: Origin
    commit: str = ""
    author: str = ""
    subject: str = ""
    signed_off: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def join(
    versions: Sequence[tuple[CardVersion, bytes]],
    declared: Sequence[DeclaredVersion],
    applied: Mapping[int, AppliedVersion] | None = None,
) -> list[HistoryEntry]:
    """All versions and commits, oldest first. `versions` come with their content; both are oldest first."""
    by_commit = {one.commit: one for one in declared}
    envelopes = _envelope_changes(declared)
    recorded = applied or {}
    entries, used, at = [], set(), 0
    before = b"{}"
    for version, content in versions:
        found, at = _commit_of(content, declared, at)
        record = recorded.get(version.version)
        commit = record.commit if record else found.commit if found else ""
        entry = HistoryEntry(version.version, version.created, version.status, "api", changes=_paths(before, content))
        if commit:
            origin: Origin = "git" if found and found.commit == commit else "merged"
            more = tuple(envelopes.get(commit, ()))
            entry = replace(entry, origin=origin, commit=commit, changes=entry.changes + more)
            entry = _with_commit(entry, by_commit.get(commit), record)
            used.add(commit)
        entries.append(entry)
        before = content
    entries += _without_version(declared, used, envelopes)
    return sorted(entries, key=_moment)


def _moment(entry: HistoryEntry) -> tuple[str, bool, str, int]:
    """git counts whole seconds and SageMaker parts of them: within one second a version was there before a commit."""
    return entry.when[:19], entry.origin == "commit", entry.when, entry.version


def _commit_of(content: bytes, declared: Sequence[DeclaredVersion], start: int) -> tuple[DeclaredVersion | None, int]:
    """The first commit, not before `start`, that declared just this; and where to look for the next version's."""
    for index in range(start, len(declared)):
        if declared[index].content == content:
            return declared[index], index + 1
    return None, start


def _with_commit(entry: HistoryEntry, declared: DeclaredVersion | None, record: AppliedVersion | None) -> HistoryEntry:
    signed_off = (record.signed_off if record else ()) or (declared.signed_off if declared else ())
    if declared is None:
        return replace(entry, signed_off=signed_off)
    return replace(entry, author=declared.author, subject=declared.subject, signed_off=signed_off)


def _envelope_changes(declared: Sequence[DeclaredVersion]) -> dict[str, tuple[str, ...]]:
    """The fields beside status and content that each commit changed, but for the first: it declares all of them."""
    return {now.commit: tuple(one.path for one in diff(was.envelope, now.envelope)) for was, now in pairwise(declared)}


def _without_version(
    declared: Iterable[DeclaredVersion], used: set[str], envelopes: Mapping[str, tuple[str, ...]]
) -> list[HistoryEntry]:
    entries = []
    status: Status | None = None
    content = b"{}"
    for one in declared:
        changes = (() if one.status is status else ("status",)) + _paths(content, one.content)
        changes += tuple(envelopes.get(one.commit, ()))
        status, content = one.status, one.content
        if one.commit not in used and changes:
            entries.append(
                HistoryEntry(
                    0, one.when, one.status, "commit", one.commit, one.author, one.subject, one.signed_off, changes
                )
            )
    return entries


def _paths(before: bytes, after: bytes) -> tuple[str, ...]:
    if before == after:
        return ()
    changes = diff(canonical.from_bytes(before), canonical.from_bytes(after), "content")
    return tuple(change.path for change in changes)
