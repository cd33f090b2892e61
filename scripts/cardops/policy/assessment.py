"""Every rule held against everything that it is about, passes included: what a report for auditors is made of."""

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from cardops.model.findings import Finding, Level, Location
from cardops.policy.cases import cases_of
from cardops.policy.enforcement import level_of
from cardops.policy.facts import Facts, Subject
from cardops.policy.findings import FindingReporter
from cardops.policy.loader import PolicySet
from cardops.policy.rules import Rule
from cardops.policy.runner import RuleResult, evaluate_cases
from cardops.policy.summary import parameters
from cardops.policy.waivers import Waiver

State = Literal["satisfied", "not satisfied", "waived", "not applicable", "undecided", "at each change"]

STATES: tuple[State, ...] = ("satisfied", "not satisfied", "waived", "not applicable", "undecided", "at each change")
LOOKED_AT = {
    "model.metrics": "content.evaluation_details",
    "model.evaluations": "content.evaluation_details",
    "model.images": "content.model_overview.inference_environment",
    "model.locations": "content.training_details.training_job_details.training_datasets",
    "model.unfinished": "content",
    "model.hollow": "content",
    "model.suspects": "content",
}
"""Where in a card stands what a loop over a part of `model` looks at."""


class Assessed(NamedTuple):
    """How one rule comes out for one card or share, or for the repository, where `subject` is None.

    `state`: satisfied; not satisfied; waived, by `waiver`; not applicable, since the rule's `when` does not hold;
    undecided, since its evaluation gave no answer; at each change, for rules on a change, which are judged when there
    is one. `findings` are those of a rule that is not satisfied or undecided.
    """

    rule: Rule
    subject: Subject | None
    state: State
    level: Level
    findings: tuple[Finding, ...] = ()
    waiver: Waiver | None = None

    def evidence(self) -> Location:
        """Where the evidence is: at what was found wrong, or else at what the rule looks at."""
        if self.findings:
            return self.findings[0].location
        if self.subject is None:
            return Location("cardops.yaml")
        return self.subject.place(_looked_at(self.rule), False)


def assess(policies: PolicySet, facts: Facts) -> list[Assessed]:
    """Hold every rule against every card and share of its kind, and the repository.

    Call it before threads are started: rules are evaluated in forked processes.
    """
    rules = [rule for rule in policies.rules.values() if rule.on != "change"]
    asked = facts._replace(repository=ChainMap(policies.register(), facts.repository))  # type: ignore[arg-type] # it is only read
    given = parameters(rules, policies.enforcement)
    cases = list(cases_of(rules, asked, given, vocabulary=policies.vocabulary))
    reporter = FindingReporter(policies, asked)
    found: dict[tuple[str, str], list[RuleResult]] = defaultdict(list)
    lost: list[RuleResult] = []
    for result in evaluate_cases(rules, cases, everything=True):
        if result.rule is None or result.case is None:
            lost.append(result)
        else:
            found[result.rule.id, result.case.path].append(result)
    assessed = [
        _one(policies, rule, case.subject, found[rule.id, case.path], lost, reporter, facts.today)
        for case in cases
        for rule in case.rules
    ]
    return [*assessed, *_on_changes(policies, facts)]


def _one(
    policies: PolicySet,
    rule: Rule,
    subject: Subject | None,
    results: Iterable[RuleResult],
    lost: Iterable[RuleResult],
    reporter: FindingReporter,
    today: str,
) -> Assessed:
    level = _level(policies, rule, subject, today)
    own = list(results)
    if _is_lost(rule, subject, lost) or not own or any(one.outcome.kind == "error" for one in own):
        return Assessed(rule, subject, "undecided", level, tuple(reporter.hit(one)[0] for one in own if _says(one)))
    if any(one.outcome.kind == "skip" for one in own):
        return Assessed(rule, subject, "not applicable", level)
    broken = tuple(reporter.hit(one)[0] for one in own if one.outcome.kind == "fail")
    if not broken:
        return Assessed(rule, subject, "satisfied", level)
    waiver = next((one for one in policies.waivers if _waives(one, rule, subject, today)), None)
    return Assessed(rule, subject, "waived" if waiver else "not satisfied", level, broken, waiver)


def _says(result: RuleResult) -> bool:
    return result.outcome.kind in ("error", "fail")


def _is_lost(rule: Rule, subject: Subject | None, lost: Iterable[RuleResult]) -> bool:
    """Whether the rule, the card or everything that was left could not be evaluated."""
    for one in lost:
        about_rule = one.rule is None or one.rule.id == rule.id
        about_case = one.case is None or (subject is not None and one.case.path == subject.path)
        if about_rule and about_case:
            return True
    return False


def _waives(waiver: Waiver, rule: Rule, subject: Subject | None, today: str) -> bool:
    return waiver.rule == rule.id and subject is not None and waiver.covers(subject) and today <= waiver.expires


def _on_changes(policies: PolicySet, facts: Facts) -> Iterator[Assessed]:
    for rule in policies.rules.values():
        if rule.on == "change":
            for subject in facts.subjects.of("card"):
                yield Assessed(rule, subject, "at each change", _level(policies, rule, subject, facts.today))


def _level(policies: PolicySet, rule: Rule, subject: Subject | None, today: str) -> Level:
    return level_of(rule, policies.enforcement, subject.scope if subject else None, today)


def _looked_at(rule: Rule) -> tuple[str | int, ...]:
    if not rule.loop or not rule.at.of_element:
        return rule.at.path
    over = rule.loop.over.strip()
    if over.startswith("params."):
        listed: Any = rule.params.get(over.removeprefix("params."))
        first = next(iter(listed), "") if isinstance(listed, list | Mapping) else ""
        return tuple(str(first).split("."))
    return tuple(LOOKED_AT.get(over, over.partition(".")[2] if over.startswith(("card.", "share.")) else "").split("."))
