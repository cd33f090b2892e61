"""Waivers that a branch adds or changes: which of them count already, and what has to be said about them.

Rules, waivers and levels of the base decide about a branch. One thing of the branch lets something pass: a waiver that
is signed off on this very head by the person whom it names as its approver.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from cardops.model.findings import Finding, Level
from cardops.policy.loader import PolicySet
from cardops.policy.waivers import Waiver
from cardops.signoffs.decision import SignoffDecision

Decide = Callable[[str], SignoffDecision | None]
"""The sign-off of a file on the branch's head; None where nobody has to sign off."""


class BranchWaivers(NamedTuple):
    """The waivers that count for the base's rules, and findings about those of the branch."""

    counting: tuple[Waiver, ...]
    findings: tuple[Finding, ...]


def waivers_of_branch(base: PolicySet, now: PolicySet | None, decide: Decide, is_known: bool) -> BranchWaivers:
    """Return the waivers that count for the rules of the base.

    A waiver of the base counts unless the branch removes it. One that the branch adds or changes counts once it is
    signed off; until then the base's own, if there is one, stays. `is_known` is False where the reviews were not given,
    so that nobody can tell: it counts then, and that is said.
    """
    if now is None:
        return BranchWaivers(base.waivers, ())
    before = {waiver.target: waiver for waiver in base.waivers}
    counting: list[Waiver] = []
    findings: list[Finding] = []
    for waiver in now.waivers:
        was = before.get(waiver.target)
        if was and was.says_the_same(waiver):
            counting.append(waiver)
            continue
        findings += _renewal(was, waiver)
        lack = lack_of_signoff(waiver.approved_by, decide(waiver.file.path), base.governors)
        if lack:
            findings.append(_not_signed(waiver, lack, is_known))
        if not lack or not is_known:
            counting.append(waiver)
        elif was:
            counting.append(was)
    return BranchWaivers(tuple(waiver for waiver in counting if waiver.rule in base.rules), tuple(findings))


def lack_of_signoff(approver: str, decision: SignoffDecision | None, groups: Sequence[str]) -> str:
    """Return what is missing for a waiver to count; nothing if it is signed off by its approver and by the groups."""
    if decision is None:
        return ""
    if not decision.enough:
        return decision.lack()
    mine = {name.casefold(): groups for name, groups in decision.approvers.items()}
    if approver.casefold() not in mine:
        return f"{approver}, whom it names as its approver, has not approved this head"
    if groups and not has_member(groups, decision):
        return f"nobody of {' or '.join(groups)} has approved this head"
    return ""


def has_member(groups: Iterable[str], decision: SignoffDecision) -> bool:
    """Return True if a member of one of the groups approves."""
    return any(set(groups) & set(own) for own in decision.approvers.values())


def _not_signed(waiver: Waiver, lack: str, is_known: bool) -> Finding:
    target = waiver.card or waiver.share
    if not is_known:
        message = f"whether the waiver of {waiver.rule} for {target} is signed off is not known"
        return Finding("waiver/not-signed-off", waiver.place(), message, "give the reviews with --reviews FILE", "warn")
    message = f"the waiver of {waiver.rule} for {target} does not count yet: {lack}"
    return Finding("waiver/not-signed-off", waiver.place(), message, "have its approver review this head", "warn")


def _renewal(was: Waiver | None, waiver: Waiver) -> Iterator[Finding]:
    """A renewal leaves a day in `renewed`, so that they can be counted."""
    if was is None or waiver.expires <= was.expires:
        return
    kept = waiver.renewed[: len(was.renewed)] == was.renewed
    if not kept or len(waiver.renewed) <= len(was.renewed):
        message = (
            f"the waiver of {waiver.rule} for {waiver.card or waiver.share} is renewed, and `renewed` does not say so"
        )
        hint = "add today to the list `renewed`, and keep the days that are there"
        level: Level = "deny"
        yield Finding("waiver/renewal-not-recorded", waiver.place("expires"), message, hint, level)
