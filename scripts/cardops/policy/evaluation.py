"""Evaluate a PolicySet against facts and return findings. Nothing in a rule or a card can end the run."""

import json
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cardops.cache.store import Cache, key_of
from cardops.model.findings import EvaluatedCards, Finding, sort_findings
from cardops.policy.cases import REPOSITORY, Case, cases_of
from cardops.policy.facts import Facts
from cardops.policy.findings import FindingReporter
from cardops.policy.loader import PolicySet
from cardops.policy.outcomes import RuleOutcome
from cardops.policy.rules import Rule
from cardops.policy.runner import RuleResult, evaluate_cases
from cardops.policy.summary import DECLARED, PARTS, parameters
from cardops.policy.waivers import Hit, apply_waivers, check_overrides


def evaluate(
    policies: PolicySet, facts: Facts, known: EvaluatedCards | None = None, kept: Cache | None = None
) -> list[Finding]:
    """Return what the policies find in `facts`, in order of place, and `policies.findings`.

    - A rule that fails: a finding with the rule's id, at the place that its `at` names or the deepest existing
      ancestor, with the level in force. It names the `card` or `share`; a rule on the repository names neither.
    - `policy/evaluation`: an expression gave no value. `policy/stopped`: a rule took too much time or memory, or
      crashed. Both have the level in force for that rule, and name the card or share.
    - `policy/expression`: an expression is refused. It is at the rule's place, of level deny, and names no card.
    - `waiver/expiring` (warn), `waiver/expired`, `waiver/unused`, `waiver/no-match`, `waiver/ambiguous` (deny);
      `override/expiring` (warn), `override/expired` (deny).

    Rules that are `known` are not evaluated for cards again. `kept` has the results of earlier runs for shares and the
    repository, which are used if all the facts are the same.

    A finding that a waiver covers has the waiver's reason in `suppressed`. Give only subjects that their schema
    accepted, and call it before threads are started: rules are evaluated in forked processes.
    """
    asked = facts._replace(repository=ChainMap(policies.register(), facts.repository))  # type: ignore[arg-type] # it is only read
    results = _rest(policies, asked, known, kept) if known else _all(policies, asked)
    hits = [*_hits(known, facts), *map(FindingReporter(policies, asked).hit, results)]
    judged = apply_waivers(policies.waivers, hits, asked, policies.rules)
    overrides = check_overrides(policies.enforcement, policies.enforcement_file, facts.today)
    return sort_findings([*policies.findings, *judged, *overrides])


def _all(policies: PolicySet, facts: Facts) -> list[RuleResult]:
    rules = tuple(policies.rules.values())
    return evaluate_cases(
        rules, list(cases_of(rules, facts, parameters(rules, policies.enforcement), vocabulary=policies.vocabulary))
    )


def _rest(policies: PolicySet, facts: Facts, known: EvaluatedCards, kept: Cache | None) -> list[RuleResult]:
    """Evaluate the rules that are not known."""
    rules = [rule for rule in policies.rules.values() if rule.id not in known.asked]
    given = parameters(rules, policies.enforcement)
    if kept is None or known.faults:
        return evaluate_cases((), list(cases_of(rules, facts, given, vocabulary=policies.vocabulary)))
    names = _cache_names(rules, facts, [policies.digest, given])
    earlier = {path: found for path, name in names.items() if (found := kept.get(name)) is not None}
    passed = {path for path, found in earlier.items() if not found}
    cases = list(cases_of(rules, facts, given, passed, policies.vocabulary))
    new = evaluate_cases((), [case for case in cases if not _is_known(case, earlier)])
    if not any(result.outcome.cause == "stopped" for result in new):  # another try may come to an end
        _keep(kept, {path: name for path, name in names.items() if path not in earlier}, new)
    return [*_recalled(rules, cases, earlier), *new]


def _cache_names(rules: Sequence[Rule], facts: Facts, given: object) -> dict[str, str]:
    """Return a name for each share, and for the repository, over everything that `rules` may see of it.

    `given` is what all rules see besides the repository's summary, as JSON. The repository is left out if some rule on
    it looks at cards or shares.
    """
    common = {part: facts.repository[part] for part in PARTS if part not in DECLARED and part in facts.repository}
    start = key_of(facts.today, json.dumps([given, common]))
    shares = ((share.path, facts.subjects.identity(share)) for share in facts.subjects.of("share"))
    identities = {path: identity for path, identity in shares if identity}
    if not any(rule.names(part) for rule in rules if rule.on == "repository" for part in DECLARED):
        identities[REPOSITORY] = REPOSITORY
    return {path: key_of(start, path, identity) for path, identity in identities.items()}


def _is_known(case: Case, earlier: Mapping[str, Any]) -> bool:
    return case.change is None and case.path in earlier


def _recalled(rules: Iterable[Rule], cases: Iterable[Case], earlier: Mapping[str, Any]) -> list[RuleResult]:
    by_id = {rule.id: rule for rule in rules}
    return [
        RuleResult(by_id[one["rule"]], case, RuleOutcome(**one["outcome"]))
        for case in cases
        if _is_known(case, earlier)
        for one in earlier[case.path]
    ]


def _keep(kept: Cache, names: Mapping[str, str], results: Iterable[RuleResult]) -> None:
    found: dict[str, list[dict[str, Any]]] = {path: [] for path in names}
    for rule, case, outcome in results:
        if rule is not None and case is not None and case.change is None and case.path in found:
            found[case.path].append({"rule": rule.id, "outcome": outcome._asdict()})
    for path, some in found.items():
        kept.put(names[path], some)
    kept.save()


def _hits(known: EvaluatedCards | None, facts: Facts) -> Iterator[Hit]:
    if known is None:
        return
    yield from ((finding, None) for finding in known.faults)
    for path, found in known.found.items():
        subject = facts.subjects.at(path)
        yield from ((finding, subject) for finding in found if subject)
