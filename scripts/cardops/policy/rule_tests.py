"""The tests that every rule brings along: what has to pass passes, what has to fail fails, for the right reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from cardops.model.findings import Finding, sort_findings
from cardops.policy.cases import Case
from cardops.policy.findings import rule_fault, stopped
from cardops.policy.model_view import view
from cardops.policy.outcomes import RuleOutcome
from cardops.policy.rules import Rule, Test
from cardops.policy.runner import RuleResult, evaluate_cases
from cardops.policy.summary import params_name, repository_variables
from cardops.policy.vocabulary import NOTHING, Vocabulary

TODAY = "2026-01-01"
CHANGE: Mapping[str, Any] = {
    "kind": "modified",
    "paths": [],
    "authors": [],
    "approvers": [],
    "contributors_known": True,
    "commit": "",
}
REPOSITORY: Mapping[str, Any] = {
    "cards": {},
    "shares": {},
    "accounts": {},
    "approvers": {},
    "home": "",
    "region": "",
    "signoff": "reviews",
    "waivers": [],
    "overrides": [],
    "policy_changes": [],
}


class RuleTestResult(NamedTuple):
    """`findings` are empty when all is well; `red` are the ids of rules that have any."""

    rules: int
    tests: int
    findings: list[Finding]
    red: frozenset[str]


def run_tests(rules: Iterable[Rule], vocabulary: Vocabulary = NOTHING) -> RuleTestResult:
    """Run the tests of some rules.

    What a test does not say has a default: no card, share or before; a change that modifies something; an empty
    repository; the rule's own parameters; today is 2026-01-01.

    - `policy/expression`: an expression is refused. `policy/stopped`: a rule takes too much time or memory, or crashes.
    - `policy/test`: a test did not come out as it should, at the test.
    - `policy/when`: no failing or no passing test meets the rule's `when`, at the `when`.
    """
    asked = list(rules)
    cases = {(rule.id, test.where): _case(rule, test, vocabulary) for rule in asked for test in rule.tests()}
    told: dict[int, list[RuleOutcome]] = defaultdict(list)
    findings: list[tuple[str, Finding]] = []
    for one in evaluate_cases(asked, list(cases.values()), everything=True):
        if one.case is not None and one.rule is not None:
            told[id(one.case)].append(one.outcome)
        else:
            findings.append(_of_rule(one))
    refused = {name for name, _ in findings}
    for rule in asked:
        if rule.id not in refused:
            outcomes = [(test, told[id(cases[rule.id, test.where])]) for test in rule.tests()]
            findings += [(rule.id, finding) for finding in _judge(rule, outcomes)]
    red = frozenset(name for name, _ in findings)
    return RuleTestResult(len(asked), len(cases), sort_findings(finding for _, finding in findings), red)


def _case(rule: Rule, test: Test, vocabulary: Vocabulary) -> Case:
    given = test.given
    variables = {
        "card": given.get("card"),
        "share": given.get("share"),
        "before": given.get("before"),
        "change": {**CHANGE, **given.get("change", {})},
        "today": given.get("today", TODAY),
        params_name(rule.id): {**rule.params, **given.get("params", {})},
        **repository_variables({**REPOSITORY, **given.get("repository", {})}),
    }
    if rule.names_model:
        variables["model"] = view(variables["card"], variables["today"], vocabulary)
    return Case(rule.on, (rule,), partial(dict, variables))


def _of_rule(told: RuleResult) -> tuple[str, Finding]:
    if told.rule is None:
        return "", stopped(None, told.outcome)
    return told.rule.id, rule_fault(told.rule, told.outcome) if told.outcome.cause == "expression" else stopped(
        told.rule, told.outcome
    )


def _judge(rule: Rule, outcomes: list[tuple[Test, list[RuleOutcome]]]) -> Iterable[Finding]:
    for test, found in outcomes:
        if problem := _problem(rule, test, {outcome.kind: outcome for outcome in found}):
            name = f" '{test.name}'" if test.name else ""
            hint = "mend the rule, or the test"
            yield Finding("policy/test", rule.file.place(test.where), f"{rule.id}: the test{name} {problem}", hint)
    for passes, kind in ((True, "passing"), (False, "failing")):
        if all(any(one.kind == "skip" for one in found) for test, found in outcomes if test.passes is passes):
            message = f"{rule.id}: its when holds in none of its {kind} tests"
            yield Finding("policy/when", rule.place("when"), message, "add a test that it holds in, or mend it")


def _problem(rule: Rule, test: Test, found: Mapping[str, RuleOutcome]) -> str:
    """Return the problem of a test's result; empty if the result is as expected."""
    if "error" in found:
        key = f"{found['error'].key}: " if found["error"].key else ""
        return f"cannot be decided: {key}{found['error'].message}"
    if test.passes and "fail" in found:
        said = found["fail"].message or rule.title
        return f"must pass, and is found: {said}"
    if not test.passes and "skip" in found:
        return "must fail, and the rule's when does not hold in it"
    if not test.passes and "fail" not in found:
        return "must fail, and passes"
    return ""
