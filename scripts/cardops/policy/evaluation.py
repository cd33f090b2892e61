"""Rules held against facts. Facts in, findings out; nothing that a rule or a card contains can end the run."""

from collections import ChainMap
from collections.abc import Iterator
from typing import Any

from cardops.cache.store import Cache
from cardops.model.findings import EvaluatedCards, Finding, sort_findings
from cardops.policy.cases import cases_of
from cardops.policy.facts import Facts
from cardops.policy.findings import FindingReporter
from cardops.policy.loader import PolicySet
from cardops.policy.result_cache import ResultCache
from cardops.policy.runner import RuleResult, evaluate_cases
from cardops.policy.variables import parameters
from cardops.policy.waivers import Hit, apply_waivers


def evaluate(
    policies: PolicySet, facts: Facts, known: EvaluatedCards | None = None, kept: Cache | None = None
) -> list[Finding]:
    """What the policies find in `facts`, in order of place; `policies.findings` are among it.

    - A broken rule: a finding with the rule's id, at the place that its `at` names or the deepest existing
      ancestor, with the level in force. It names the `card` or `share`; a rule on the repository names neither.
    - `policy/evaluation`: an expression gave no value. `policy/stopped`: a rule took too much time or memory, or
      crashed. Both have the level in force for that rule, and name the card or share.
    - `policy/expression`: an expression is refused. It is at the rule's place, of level deny, and names no card.
    - `waiver/expiring` (warn), `waiver/expired`, `waiver/unused`, `waiver/no-match`, `waiver/ambiguous` (deny).

    `known` rules are not asked about cards again, and no rule is compiled only to see whether it can be. `kept` has
    what earlier runs found in shares, where they were told the same.

    What a waiver covers has its reason in `suppressed`. Give only subjects that their schema accepted. Call it
    before threads are started: rules are asked in forked processes.
    """
    waivers: dict[str, Any] = {"waivers": [waiver.as_data() for waiver in policies.waivers]}
    asked = facts._replace(repository=ChainMap(waivers, facts.repository))  # type: ignore[arg-type] # it is only read
    reporting = FindingReporter(policies, asked)
    told = _ask(policies, asked, known, kept) if known else _ask_all(policies, asked)
    hits = [*_hits(known, facts), *map(reporting.hit, told)]
    judged = apply_waivers(policies.waivers, hits, asked, policies.rules)
    return sort_findings([*policies.findings, *judged])


def _ask_all(policies: PolicySet, facts: Facts) -> list[RuleResult]:
    rules = tuple(policies.rules.values())
    return evaluate_cases(rules, list(cases_of(rules, facts, parameters(rules, policies.enforcement))))


def _ask(policies: PolicySet, facts: Facts, known: EvaluatedCards, kept: Cache | None) -> list[RuleResult]:
    rules = [rule for rule in policies.rules.values() if rule.id not in known.asked]
    given = parameters(rules, policies.enforcement)
    if kept is None or known.faults:
        return evaluate_cases((), list(cases_of(rules, facts, given)), compiled=known.compiled)
    recollection = ResultCache(kept, rules, facts, [policies.digest, given])
    cases = list(cases_of(rules, facts, given, recollection.silent))
    told = evaluate_cases((), [case for case in cases if not recollection.has(case)], compiled=known.compiled)
    recollection.keep(told)
    return [*recollection.told(cases), *told]


def _hits(known: EvaluatedCards | None, facts: Facts) -> Iterator[Hit]:
    if known is None:
        return
    yield from ((finding, None) for finding in known.faults)
    for path, found in known.found.items():
        subject = facts.subjects.at(path)
        yield from ((finding, subject) for finding in found if subject)
