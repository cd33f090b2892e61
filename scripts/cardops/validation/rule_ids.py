"""A rule's id is never reused for another rule: waivers, records and people go by it."""

from collections.abc import Iterator

from cardops.desired.history import DeclarationHistory
from cardops.model.findings import Finding
from cardops.policy.files import FOLDER
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.rules import Rule


def reused_ids(declarations: DeclarationHistory, now: PolicySet, base: PolicySet, ref: str) -> Iterator[Finding]:
    """Ids that stand for another rule at the base, or that an earlier revision had for another one."""
    for rule in now.rules.values():
        known = base.rules.get(rule.id)
        if known is rule:
            continue
        if known is not None:
            if known.on != rule.on and known.title != rule.title:
                yield _finding(rule, "stands for another rule before this change")
        elif (earlier := _earlier(declarations, rule, ref)) is not None and earlier.title != rule.title:
            yield _finding(rule, "stood for another rule once")


def _earlier(declarations: DeclarationHistory, rule: Rule, ref: str) -> Rule | None:
    """The last rule of that id in the history of `ref`."""
    for commit in declarations.revisions.touching(rule.id, FOLDER, ref):
        for at in (commit, *declarations.revisions.parents(commit)):
            found = load_policies(declarations.revisions.tree(at, [FOLDER])).rules.get(rule.id)
            if found is not None:
                return found
    return None


def _finding(rule: Rule, why: str) -> Finding:
    message = f"the id {rule.id} {why}"
    return Finding("policy/reused-id", rule.place("id"), message, "give this rule an id that was never used")
