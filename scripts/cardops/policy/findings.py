"""Outcomes as findings: their rule, level, place and words."""

import re
from typing import Any

from cardops.model.findings import Finding, Location
from cardops.policy.cases import Case
from cardops.policy.enforcement import Scope, level_of
from cardops.policy.facts import Facts, Subject
from cardops.policy.files import Where
from cardops.policy.loader import PolicySet
from cardops.policy.outcomes import Element, RuleOutcome
from cardops.policy.rules import Rule
from cardops.policy.runner import RuleResult
from cardops.policy.summary import params_name
from cardops.policy.waivers import Hit

CONFIG = Location("cardops.yaml")
CHANGED = r"\[([^\]]*)\]|([^.\[\]]+)"
DOTTED = r"\s*([a-z]+(?:\.\??[a-z_][a-z0-9_]*)+)(?:\.orValue\((?:\[\]|\{\})\))?\s*"


class FindingReporter:
    """Findings about one set of facts."""

    def __init__(self, policies: PolicySet, facts: Facts) -> None:
        self._policies = policies
        self._facts = facts

    def hit(self, told: RuleResult) -> Hit:
        """The finding, and the card or share that it is about."""
        rule, case, outcome = told
        subject = case.subject if case else None
        if rule and outcome.cause == "expression":
            return rule_fault(rule, outcome), None
        if rule is None or case is None:
            return stopped(rule, outcome, subject), subject
        if outcome.kind == "fail":
            return self._finding(rule, case, outcome, rule.id, outcome.message or rule.title, rule.hint)
        if outcome.cause == "evaluation":
            message = f"{rule.id} cannot be decided: {outcome.key}: {outcome.message}"
            return self._finding(rule, case, outcome, "policy/evaluation", message, _mend(rule))
        message = f"{rule.id} cannot be decided: {outcome.message}"
        return self._finding(rule, case, outcome, "policy/stopped", message, _mend(rule))

    def _finding(self, rule: Rule, case: Case, outcome: RuleOutcome, name: str, message: str, hint: str) -> Hit:
        subject = case.subject
        place, path = self._place(rule, case, outcome.element)
        if subject is None:
            return Finding(
                name,
                place,
                message,
                hint,
                level_of(rule, self._policies.enforcement, Scope(path=path), self._facts.today),
            ), None
        level = level_of(rule, self._policies.enforcement, subject.scope, self._facts.today)
        return Finding(name, place, message, hint, level, subject.card, subject.share), subject

    def _place(self, rule: Rule, case: Case, element: Element) -> tuple[Location, str]:
        """Return the location that a finding points to, and the path of that file."""
        if rule.loop and rule.loop.over.strip() == "repository.waivers" and isinstance(element, int):
            waiver = self._policies.waivers[element]
            return waiver.file.place((*waiver.where, *rule.at.path)), waiver.file.path
        subject, where = case.subject, rule.at.path
        if rule.loop and element is not None:
            looped = self._of_element(rule, case, element)
            if looped and looped[0]:
                subject, found = looped
                where = (*found, *rule.at.path) if rule.at.of_element or case.subject is None else rule.at.path
        if subject is None:
            return (self._facts.config(where, False) if self._facts.config else CONFIG), CONFIG.path
        return subject.place(where, False), subject.path

    def _of_element(self, rule: Rule, case: Case, element: Element) -> tuple[Subject | None, Where] | None:
        """Return the subject of a loop's element and the path in it; None if that is unknown."""
        listed = re.fullmatch(DOTTED, rule.loop.over) if rule.loop else None
        if not listed or element is None:
            return None
        steps: Where = (*listed[1].replace("?", "").split("."), element)
        if steps[0] in ("model", "params"):
            return case.subject, _pointed_at(_of_variable(rule, case.variables, steps))
        if steps[0] in ("card", "share"):
            return case.subject, steps[1:]
        value = _of_variable(rule, case.variables, steps)
        if steps[:2] == ("change", "paths") and isinstance(value, str):
            return case.subject, _resolved(value, case.subject)
        if steps[0] == "repository" and isinstance(value, dict):
            return self._facts.subjects.at(str(value.get("path"))), ()
        return None


def rule_fault(rule: Rule, outcome: RuleOutcome) -> Finding:
    """An expression that is refused, at its place among the policies."""
    where = f"{outcome.key}, line {outcome.line}, column {outcome.column}: {outcome.message}"
    return Finding("policy/expression", rule.place(outcome.key), f"{rule.id}: {where}", outcome.hint)


def stopped(rule: Rule | None, outcome: RuleOutcome, subject: Subject | None = None) -> Finding:
    """Report a failure that is not about one rule and one case. Its level is deny, because findings may be missing."""
    name = "policy/stopped"
    if rule:
        return Finding(name, rule.place("id"), f"{rule.id}: {outcome.message}", _mend(rule))
    if subject:
        place, hint = subject.place((), False), "make the file smaller and less deeply nested"
        return Finding(name, place, outcome.message, hint, "deny", subject.card, subject.share)
    return Finding(name, CONFIG, outcome.message, "mend what the other findings name")


def _of_variable(rule: Rule, variables: Any, steps: Where) -> Any:
    """The value that a dotted name stands for; the repository's parts are variables of their own, as parameters are."""
    if steps[0] == "params":
        return _dig(variables, (params_name(rule.id), *steps[1:]))
    return _dig(variables, (f"repository.{steps[1]}", *steps[2:]) if steps[0] == "repository" else steps)


def _pointed_at(element: Any) -> Where:
    """The place in the card that an element names: as its `at`, or because it is a path itself."""
    path = element.get("at") if isinstance(element, dict) else element
    steps = str(path or "").split("/") if "/" in str(path) else re.split(r"[./]", str(path or ""))
    return tuple(int(step) if step.isdecimal() else step for step in steps if step)


def _dig(value: Any, steps: Where) -> Any:
    """The value at a path; None where there is none."""
    for step in steps:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def _resolved(path: str, subject: Subject | None) -> Where:
    """A changed path as steps: it names a list's items by their name where they have one."""
    value: Any = subject.value if subject else None
    steps: list[str | int] = []
    for item, key in re.findall(CHANGED, path):
        step: str | int = key
        if isinstance(value, list):
            names = [
                str(one.get("name", number)) if isinstance(one, dict) else str(number)
                for number, one in enumerate(value)
            ]
            step = names.index(item) if item in names else item
        steps.append(step)
        value = _dig(value, (step,)) if value is not None else None
    return tuple(steps)


def _mend(rule: Rule) -> str:
    return f"`cardops policy explain {rule.id}` says what it wants; it is at {rule.place('id')}"
