"""A rule against history: what it finds today, and would have found at every merge."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cardops.commands.declared_state import NOTHING, DeclaredState, SubjectsByKey, state_of
from cardops.desired.sources import WorkTree
from cardops.git.log import Merge
from cardops.git.repository import Repository
from cardops.merge.diff import diff
from cardops.model.errors import UsageError
from cardops.model.findings import Finding
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Change, Facts, Subjects
from cardops.policy.loader import PolicySet
from cardops.policy.rules import Rule

PEOPLE = re.compile(r"change\.\??(approvers|authors|contributors_known)").search


@dataclass(frozen=True, slots=True)
class Replayed:
    """The findings of a rule in the tree of `merge`, or in the work tree if that is None."""

    merge: Merge | None
    findings: tuple[Finding, ...]


def replay(
    rule: Rule, policies: PolicySet, revisions: Repository, since: str, today: str, log: Callable[[str], None]
) -> list[Replayed]:
    """The work tree first, then each merge after `since` (empty: all), the newest first.

    A merge is a commit of the first-parent history of HEAD that changed a card, a share or cardops.yaml. It is judged
    by today's rule and parameters, on its own day. Waivers are of today, so they count for the work tree only.
    A rule on a change is asked what each merge changed, and what the work tree changes since HEAD.
    Raises UsageError for a rule that asks who approved or wrote: git's history does not know it.
    """
    if rule.on == "change" and (named := PEOPLE(" ".join(rule.expressions().values()))):
        raise UsageError(f"{rule.id} asks for {named[0]}, which is not in git's history", "it cannot be replayed")
    waivers = tuple(waiver for waiver in policies.waivers if waiver.rule == rule.id)
    alone = policies._replace(rules={rule.id: rule}, waivers=waivers, packs={}, findings=(), enforcement_file=None)
    head, trees = revisions.head(), _Trees(revisions)
    before = trees.state(head) if rule.on == "change" else None
    found = [Replayed(None, _findings(alone, state_of(WorkTree(revisions.root), ""), before, today))]
    past = alone._replace(waivers=())
    for merge in revisions.merges(since, head):
        log(f"{merge.commit[:7]} of {merge.day}")
        now = trees.state(merge.commit)
        parent = revisions.first_parent(merge.commit) if rule.on == "change" else ""
        before = None if rule.on != "change" else trees.state(parent) if parent else NOTHING
        found.append(Replayed(merge, _findings(past, now, before, merge.day)))
    return found


class _Trees:
    """The states of commits. Only the last ones are kept: the commit before a merge is often the next merge."""

    def __init__(self, revisions: Repository) -> None:
        self._revisions = revisions
        self._kept: dict[str, DeclaredState] = {}

    def state(self, commit: str) -> DeclaredState:
        """The state of a commit's tree."""
        if commit not in self._kept:
            self._kept = dict(list(self._kept.items())[-1:])
            self._kept[commit] = state_of(self._revisions.tree(commit), commit)
        return self._kept[commit]


def _findings(policies: PolicySet, now: DeclaredState, before: DeclaredState | None, today: str) -> tuple[Finding, ...]:
    """`before` is None where changes are not asked for."""
    changes = None if before is None else tuple(_changes(now.subjects, before.subjects))
    return tuple(evaluate(policies, Facts(Subjects(now.subjects.values()), today, changes, now.repository)))


def _changes(now: SubjectsByKey, before: SubjectsByKey) -> Iterator[Change]:
    for key, subject in now.items():
        was = before.get(key)
        paths = tuple(one.path for one in diff(was.value if was else {}, subject.value))
        if was is None:
            yield Change("added", subject, None, paths)
        elif paths:
            yield Change("modified", subject, was.value, paths)
        elif was.path != subject.path:
            yield Change("renamed", subject, was.value)
    for key in before.keys() - now.keys():
        yield Change("removed", before[key], before[key].value)
