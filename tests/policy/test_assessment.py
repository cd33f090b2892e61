"""Passes, failures, waivers and what does not apply, for every rule and subject."""

import pytest

from cardops.model.findings import Location
from cardops.policy.assessment import assess
from support.policies import CHURN, SHARED, facts, policies, rule, subject

GIVEN = {"pass": [{"card": {"status": "Draft"}}], "fail": [{"card": {"status": "x"}}]}
WAIVER = {"rule": "TEST-001", "card": "churn", "reason": "the owner is found in March", "approved_by": "bob"}


def states(*rules: object, today: str = "2026-06-15", **files: object) -> dict[str, list[str]]:
    given = policies(*rules, **files)  # type: ignore[arg-type]
    about = facts(subject(CHURN), subject(SHARED, kind="share"))._replace(today=today)
    found: dict[str, list[str]] = {}
    for one in assess(given, about):
        found.setdefault(one.rule.id, []).append(one.state)
    return found


def test_each_state_that_a_rule_can_come_to() -> None:
    assert states(
        rule(id="TEST-001"),
        rule(id="TEST-002", require="card.owner == 'nobody'"),
        rule(id="TEST-003", when="card.status == 'Approved'"),
        rule(id="TEST-004", require="card.nothing == 1"),
        rule(id="TEST-005", on="change", require="true"),
        rule(id="TEST-006", on="repository", require="true"),
        rule(id="TEST-007", on="share", require="false"),
        rule(id="TEST-008", require="card.owner =="),
    ) == {
        "TEST-001": ["satisfied"],
        "TEST-002": ["not satisfied"],
        "TEST-003": ["not applicable"],
        "TEST-004": ["undecided"],
        "TEST-005": ["at each change"],
        "TEST-006": ["satisfied"],
        "TEST-007": ["not satisfied"],
        "TEST-008": ["undecided"],
    }


@pytest.mark.parametrize(
    ("expires", "state"), [("2026-06-15", "waived"), ("2026-06-14", "not satisfied"), ("2027-01-01", "waived")]
)
def test_a_waiver_counts_until_it_ends_and_is_named(expires: str, state: str) -> None:
    broken = rule(require="card.owner == 'nobody'")
    waivers = [{**WAIVER, "expires": expires}]
    assert states(broken, waivers=waivers) == {"TEST-001": [state]}
    (one,) = assess(policies(broken, waivers=waivers), facts(subject(CHURN)))
    assert (one.waiver.approved_by if one.waiver else "") == ("bob" if state == "waived" else "")


def test_a_waiver_that_nothing_needs_makes_no_difference() -> None:
    assert states(rule(), waivers=[{**WAIVER, "expires": "2026-12-31"}]) == {"TEST-001": ["satisfied"]}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"at": "owner"}, 3),
        ({"at": "owner", "require": "card.owner == 'nobody'"}, 3),
        ({"for": "one in card.content.evaluation_details", "at": "one", "require": "true"}, 6),
        ({"for": "one in card.content.evaluation_details", "at": "one.datasets", "require": "has(one.datasets)"}, 6),
        (
            {
                "for": "field in params.fields",
                "at": "field",
                "require": "true",
                "params": {"fields": ["status", "owner"]},
            },
            2,
        ),
    ],
)
def test_where_the_evidence_is(changed: dict[str, object], line: int) -> None:
    (one,) = assess(policies(rule(**changed)), facts(subject(CHURN)))
    assert (one.evidence().path, one.evidence().line) == ("cards/churn.yaml", line)


def test_the_evidence_for_the_repository_is_its_configuration() -> None:
    (one,) = assess(policies(rule(on="repository", require="true")), facts(subject(CHURN)))
    assert one.evidence() == Location("cardops.yaml")
