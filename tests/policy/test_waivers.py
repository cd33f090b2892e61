"""Waivers suppress and never hide; they end on their day, and one that matches nothing is an error."""

from typing import Any

import pytest

from cardops.model.findings import exit_code_for
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Change, Facts, Subjects
from support.policies import CHURN, NOBODY, SHARED, facts, found, policies, rule, subject, waiver
from support.replacing import replace


def test_what_is_waived_is_shown_with_its_reason_and_does_not_deny() -> None:
    (finding,) = evaluate(policies(rule(), waivers=[waiver()]), facts(NOBODY))
    assert (finding.rule, finding.level, finding.suppressed) == ("TEST-001", "deny", "the team is being formed")
    assert exit_code_for([finding]) == 0


@pytest.mark.parametrize("name", ["churn", "home/churn"])
def test_a_waiver_names_a_card_with_or_without_its_account(name: str) -> None:
    (finding,) = evaluate(policies(rule(), waivers=[waiver(card=name)]), facts(NOBODY))
    assert finding.suppressed


def test_only_the_card_and_the_rule_that_it_names_are_waived() -> None:
    other = subject({**CHURN, "owner": "nobody", "name": "other"})
    given = policies(rule(), rule(id="TEST-002"), waivers=[waiver()])
    findings = evaluate(given, facts(NOBODY, other))
    assert [(one.rule, one.location.path) for one in findings if one.suppressed] == [("TEST-001", "cards/churn.yaml")]
    assert len(findings) == 4


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2026-12-16", []),
        ("2026-12-17", ["waiver/expiring warn: the waiver of TEST-001 for churn ends after 2026-12-31"]),
        ("2026-12-31", ["waiver/expiring warn: the waiver of TEST-001 for churn ends after 2026-12-31"]),
        ("2027-01-01", ["waiver/expired deny: the waiver of TEST-001 for churn ended on 2026-12-31"]),
    ],
)
def test_a_waiver_warns_from_14_days_before_its_last_day_and_is_an_error_after_it(today: str, said: list[str]) -> None:
    lines = found(policies(rule(), waivers=[waiver()]), replace(facts(NOBODY), today=today))
    about = [line.partition(" (hint")[0] for line in lines if "waiver" in line.split(": ")[1]]
    assert about == [f"policies/waivers/one.yaml:6:12: {one}" for one in said]


def test_after_its_end_a_waiver_suppresses_nothing() -> None:
    findings = evaluate(policies(rule(), waivers=[waiver(expires="2026-06-14")]), facts(NOBODY))
    assert [(one.rule, one.suppressed) for one in findings] == [("TEST-001", ""), ("waiver/expired", "")]
    assert findings[1].card == NOBODY.key


def test_a_waiver_for_a_card_that_keeps_the_rule_is_an_error() -> None:
    (line,) = found(policies(rule(), waivers=[waiver()]))
    assert line == (
        "policies/waivers/one.yaml:2:3: waiver/unused deny: the waiver matches nothing: churn does not break TEST-001 "
        "(hint: remove the waiver, or add `granted: DAY` if it was granted lately: it may wait for 30 days)"
    )


@pytest.mark.parametrize(
    ("granted", "level"),
    [("2026-06-15", "warn"), ("2026-05-16", "warn"), ("2026-05-15", "deny"), ("2026-06-16", "deny")],
)
def test_a_waiver_may_wait_for_30_days_after_it_was_granted(granted: str, level: str) -> None:
    unused, missing = waiver(granted=granted), waiver(granted=granted, card="later")
    findings = evaluate(policies(rule(), waivers=[unused, missing]), facts())
    assert [(one.rule, one.level) for one in findings] == [("waiver/unused", level), ("waiver/no-match", level)]


def test_rules_see_how_often_a_waiver_was_renewed() -> None:
    twice = rule(
        id="TEST-009", on="repository", **{"for": "w in repository.waivers"}, require="w.renewals < params.most",
        params={"most": 2},
    )  # fmt: skip
    renewed = waiver(renewed=["2026-03-31", "2026-06-01"])
    assert [one.rule for one in evaluate(policies(rule(), twice, waivers=[renewed]), facts(NOBODY))] == [
        "TEST-001",
        "TEST-009",
    ]


def test_a_waiver_for_a_card_that_is_not_there_is_an_error() -> None:
    (line,) = found(policies(rule(), waivers=[waiver(card="chrun")]))
    assert line.startswith("policies/waivers/one.yaml:3:9: waiver/no-match deny: there is no card chrun")


def test_a_name_that_two_cards_have_is_not_enough() -> None:
    other = replace(NOBODY, account="ml-dev", key="222222222222/eu-west-1/churn", path="cards/other.yaml")
    findings = evaluate(policies(rule(), waivers=[waiver()]), facts(NOBODY, other))
    assert [(one.rule, one.suppressed) for one in findings] == [
        ("TEST-001", ""),
        ("TEST-001", ""),
        ("waiver/ambiguous", ""),
    ]


def test_a_waiver_for_a_share_does_not_waive_for_a_card_of_that_name() -> None:
    given = policies(
        rule(),
        rule(id="TEST-002", on="share", require="false"),
        waivers=[waiver(card=None, share="churn", rule="TEST-002")],
    )
    findings = evaluate(given, facts(NOBODY, subject(SHARED, kind="share")))
    assert [(one.rule, bool(one.suppressed)) for one in findings] == [("TEST-001", False), ("TEST-002", True)]


def test_a_waiver_of_a_rule_on_a_change_may_wait_for_the_next_change() -> None:
    given = policies(rule(on="change", require="false"), waivers=[waiver()])
    assert found(given, facts(NOBODY)) == []
    assert found(given, Facts(Subjects((NOBODY,)), "2026-06-15", ())) == []
    changed = Facts(Subjects((NOBODY,)), "2026-06-15", (Change("modified", NOBODY, CHURN),))
    assert [one.suppressed for one in evaluate(given, changed)] == ["the team is being formed"]


def test_an_evaluation_that_fails_is_not_waived() -> None:
    findings = evaluate(policies(rule(require="card.nothing == 1"), waivers=[waiver()]), facts(NOBODY))
    assert [(one.rule, one.suppressed) for one in findings] == [("policy/evaluation", ""), ("waiver/unused", "")]


def test_who_may_grant_a_waiver_can_be_a_rule() -> None:
    who = rule(
        id="TEST-009",
        on="repository",
        **{"for": "w in repository.waivers"},
        require="w.approved_by in repository.approvers['model-risk']",
        message="w.approved_by + ' may not grant waivers'",
    )
    given = policies(rule(), who, waivers=[waiver()])
    assert len(evaluate(given, facts(NOBODY, approvers={"model-risk": ["risk-lead"]}))) == 1
    lines = found(given, facts(NOBODY, approvers={"model-risk": ["other"]}))
    assert lines[1].startswith("policies/waivers/one.yaml:2:3: TEST-009 deny: risk-lead may not grant waivers")


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"reason": None}, "2:3: policy/missing-key deny: a waiver has no 'reason'"),
        ({"reason": " "}, "4:11: policy/value deny: reason must be a text"),
        ({"expires": "2026-02-30"}, "6:12: policy/value deny: expires must be a day in the calendar"),
        ({"expires": None}, "2:3: policy/missing-key deny: a waiver has no 'expires'"),
        ({"approved_by": None}, "2:3: policy/missing-key deny: a waiver has no 'approved_by'"),
        ({"share": "churn"}, "2:3: policy/value deny: a waiver is for a card or for a share"),
        ({"card": None}, "2:3: policy/value deny: a waiver is for a card or for a share"),
        ({"rule": "TEST-003"}, "2:9: policy/unknown-rule deny: there is no rule TEST-003"),
        ({"until": "x"}, "7:3: policy/unknown-key deny: a waiver has no key 'until'"),
    ],
)
def test_a_wrong_waiver_is_refused_at_its_place_and_waives_nothing(changed: dict[str, Any], line: str) -> None:
    findings = evaluate(policies(rule(), waivers=[waiver(**changed)]), facts(NOBODY))
    assert [one.suppressed for one in findings] == ["", ""]
    assert str(findings[1]).startswith(f"policies/waivers/one.yaml:{line}")
