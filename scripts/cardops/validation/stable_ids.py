"""Ids that must never change meaning: account names and rule ids.

Every key of a card, and every grant, has an account's id in it. Waivers, records and people go by the id of a rule.
"""

from collections.abc import Iterator

from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import locate_problems
from cardops.desired.sources import CONFIG, Source
from cardops.model.desired import Config
from cardops.model.findings import Finding
from cardops.policy.files import FOLDER
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.rules import Rule


def changed_ids(before: Config | None, now: Config, source: Source) -> Iterator[Finding]:
    """Yield a finding of level deny, about no single card, for each name that stood for another account before."""
    for alias, account in now.accounts.items():
        was = before.accounts.get(alias) if before else None
        if was is not None and was.id != account.id:
            yield Finding(
                "account/id-changed",
                locate_problems(source, CONFIG, ("accounts", alias, "id")),
                f"{alias} was account {was.id}, and a name never changes its account",
                f"give {account.id} a name of its own, `cardops move` the cards, and mark {alias} as leaving",
            )


def reused_ids(declarations: DeclarationHistory, now: PolicySet, base: PolicySet, ref: str) -> Iterator[Finding]:
    """Yield a finding for each id that stands for another rule at the base, or that stood for one in its history."""
    for rule in now.rules.values():
        known = base.rules.get(rule.id)
        if known is rule:
            continue
        if known is not None:
            if known.on != rule.on and known.title != rule.title:
                yield _reused(rule, "stands for another rule before this change")
        elif (earlier := _earlier(declarations, rule, ref)) is not None and earlier.title != rule.title:
            yield _reused(rule, "stood for another rule once")


def _earlier(declarations: DeclarationHistory, rule: Rule, ref: str) -> Rule | None:
    """Return the last rule of that id in the history of `ref`."""
    for commit in declarations.revisions.touching(rule.id, FOLDER, ref):
        for at in (commit, *declarations.revisions.parents(commit)):
            found = load_policies(declarations.revisions.tree(at, [FOLDER])).rules.get(rule.id)
            if found is not None:
                return found
    return None


def _reused(rule: Rule, why: str) -> Finding:
    message = f"the id {rule.id} {why}"
    return Finding("policy/reused-id", rule.place("id"), message, "give this rule an id that was never used")
