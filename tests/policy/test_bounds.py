"""No rule and no card can hang, exhaust or end the run; what would is named, and the others are asked all the same."""

import time
from typing import Any

import pytest

from cardops.model.findings import Location
from cardops.policy import runner as run
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Facts, Subject, Subjects
from support.policies import CHURN, TODAY, facts, found, policies, rule, subject

DOUBLING = "cel.bind(a, 'xxxxxxxxxxxxxxxx', " + "cel.bind(a, a + a, " * 26 + "a" + ")" * 27 + " == 'x'"
NESTED = "lists.range(9999).all(a, lists.range(9999).all(b, lists.range(9999).all(c, a + b + c >= 0)))"
BOMBS = {
    "doubling": DOUBLING,
    "replacing": "'" + "x" * 3000 + "'.replace('x', '" + "y" * 3000 + "').replace('y', '" + "z" * 900 + "') == 'x'",
    "a huge range": "lists.range(1000000000).size() == 1",
    "nested loops": NESTED,
    "a regular expression": "('" + "a" * 2000 + "').matches('((((a{1,500}){1,2}){1,2}){1,2})*b')",
    "deep brackets": "(" * 4900 + "true" + ")" * 4900,
    "a slow loop": "cel.bind(s, 'x'.replace('x', '" + "x" * 4000 + "').replace('x', '" + "x" * 900 + "'),"
    " lists.range(4500).all(n, !s.matches('x.*y.*[^x]')))",
    "deep lists": "[" * 4900 + "]" * 4900 + " == []",
    "a long chain": "card" + ".a" * 4900 + " == 1",
    "many macros": "[1].all(a, " * 800 + "true" + ")" * 800,
}


def _cpu(work: Any) -> Any:
    """The result, and the CPU seconds that it took here and in children: wall time depends on who else is running."""
    before = time.process_time() + _children()
    result = work()
    return result, time.process_time() + _children() - before


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_two_seconds_with_a_finding_and_the_next_rule_is_asked(name: str) -> None:
    given = policies(rule(require=BOMBS[name]), rule(id="TEST-002", require="card.owner == 'x'"))
    findings, seconds = _cpu(lambda: evaluate(given, facts()))
    about_bomb = [finding for finding in findings if finding.rule != "TEST-002"]
    assert len(findings) - len(about_bomb) == 1
    assert about_bomb
    assert {finding.rule for finding in about_bomb} <= {"policy/expression", "policy/evaluation", "policy/stopped"}
    assert all("TEST-001" in finding.message and finding.level == "deny" for finding in about_bomb)
    assert seconds < 2


def test_an_expression_of_a_megabyte_is_refused_with_its_place() -> None:
    given = policies(rule(require="true || " * 125_000 + "true"))
    (line,) = found(given)
    assert line.startswith("policies/rules.yaml:1:1: yaml/too-large deny: ")
    given = policies(rule(require="true || " * 2_000 + "true"))
    (line,) = found(given)
    assert line == (
        "policies/rules.yaml:5:12: policy/too-long deny: require has 16,004 characters; "
        "at most 10,000 are allowed (hint: split the rule)"
    )


def test_a_loop_over_a_huge_list_is_stopped() -> None:
    given = policies(rule(**{"for": "e in lists.range(2000000)"}, require="e >= 0 && [1, 2, 3].all(n, n < e + 9)"))
    (line,) = found(given)
    assert "policy/stopped deny: TEST-001 cannot be decided: it took more than 1 s" in line


def test_a_card_too_deep_to_convert_is_named_and_no_rule_is_blamed() -> None:
    deep: Any = "x"
    for _ in range(60_000):
        deep = {"a": deep}
    bad = Subject(
        "card", "1/r/deep", "cards/deep.yaml", {"name": "deep", "content": deep}, lambda *_: Location("cards/deep.yaml")
    )
    findings = evaluate(
        policies(rule(), rule(id="TEST-002")), Facts(Subjects((bad, subject({**CHURN, "owner": "nobody"}))), TODAY)
    )
    assert [(finding.rule, finding.card) for finding in findings] == [
        ("TEST-001", "111111111111/eu-west-1/churn"),
        ("TEST-002", "111111111111/eu-west-1/churn"),
        ("policy/stopped", "1/r/deep"),
    ]
    assert "TEST" not in findings[2].message


def test_a_rule_that_always_dies_is_given_up_after_two_cards_and_that_is_told() -> None:
    many = facts(*(subject({**CHURN, "name": f"card-{n}"}) for n in range(40)))
    findings = evaluate(policies(rule(require=DOUBLING), rule(id="TEST-002", require="false")), many)
    stopped = [finding for finding in findings if finding.rule == "policy/stopped"]
    assert [bool(finding.card) for finding in stopped] == [True, True, False]
    assert stopped[2].message == f"TEST-001: {run.STOPPED}"
    assert stopped[2].level == "deny"
    assert len([finding for finding in findings if finding.rule == "TEST-002"]) == 40


def test_when_everything_dies_the_run_ends_and_says_what_was_not_checked() -> None:
    bombs = [rule(id=f"TEST-{n:03}", require=DOUBLING) for n in range(40)]
    findings, seconds = _cpu(
        lambda: evaluate(policies(*bombs), facts(*(subject({**CHURN, "name": f"c{n}"}) for n in range(9))))
    )
    (last,) = [finding for finding in findings if finding.location.path == "cardops.yaml"]
    assert (last.message, last.level, last.card) == (run.STOPPED, "deny", "")
    assert seconds < 2 * run.MAX_DEATHS_IN_ALL
