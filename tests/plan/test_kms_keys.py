"""KMS keys are compared as what they resolve to; a mismatch or a closed key is a finding, never a step."""

import json

import pytest

from cardops.desired.key_consumers import key_policy
from cardops.model.desired import Card
from cardops.model.observed import ObservedKey
from cardops.plan.steps import Plan
from support.builders import APPROVED, HOME, card, desired, foreign, grant, kinds, live, observed, planned, rules, share

ALIAS, ID = "alias/model-cards", "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:eu-west-1:111111111111:key/{ID}"
OTHER = f"arn:aws:kms:eu-west-1:111111111111:key/{ID[::-1]}"
KEYS = {(HOME, ALIAS): ObservedKey(ARN), (HOME, ID): ObservedKey(ARN), (HOME, ARN): ObservedKey(ARN)}
KEYS |= {(HOME, OTHER): ObservedKey(OTHER)}


def plan_of(wanted: Card, has: str, keys: dict[tuple[object, str], ObservedKey] | None = None) -> Plan:
    world = observed(live(wanted, kms_key_id=has), keys=KEYS if keys is None else keys)
    return planned(desired(wanted), world)


@pytest.mark.parametrize("declared", [ALIAS, ID, ARN])
@pytest.mark.parametrize("has", [ALIAS, ID, ARN])
def test_one_key_by_three_names_is_one_key(declared: str, has: str) -> None:
    found = plan_of(card(kms_key_id=declared), has)
    assert (found.steps, found.findings, found.unchanged) == ((), (), 1)


@pytest.mark.parametrize(("declared", "has"), [(ALIAS, OTHER), (ARN, OTHER), (ALIAS, ""), ("", ARN)])
def test_another_key_is_a_finding_even_where_nothing_else_moved(declared: str, has: str) -> None:
    found = plan_of(card(kms_key_id=declared), has)
    assert (kinds(found), rules(found)) == ([], ["card/other-key"])
    assert found.held.keys() == {card().key}


def test_a_key_that_cannot_be_resolved_warns_and_holds_nobody() -> None:
    unread = {(HOME, ALIAS): ObservedKey(why="AccessDeniedException"), (HOME, OTHER): ObservedKey(OTHER)}
    found = plan_of(card(kms_key_id=ALIAS), OTHER, unread)
    assert (rules(found), found.held) == (["kms/unresolved"], {})
    assert found.findings[0].level == "warn"
    assert "AccessDeniedException" in found.findings[0].message


def test_a_foreign_card_is_foreign_first() -> None:
    found = planned(desired(card(kms_key_id=ALIAS)), observed(foreign(kms_key_id=OTHER), keys=KEYS))
    assert rules(found) == ["ownership/foreign-card"]


def shared(policy: str, why: str = "") -> Plan:
    wanted = card(status=APPROVED, kms_key_id=ALIAS)
    lives = share(grant("ml-prod", "read", APPROVED), grant("ml-test", "read", APPROVED))
    keys = {(HOME, ALIAS): ObservedKey(ARN, policy, why)}
    return planned(desired(wanted, shares=[lives]), observed(live(wanted), keys=keys))


def test_a_consumer_to_whom_the_key_is_closed_is_named() -> None:
    lives = share(grant("ml-test", "read", APPROVED))
    (half,) = key_policy(desired(card(kms_key_id=ALIAS), shares=[lives])).values()
    found = shared(json.dumps(half))
    assert rules(found) == ["kms/consumer-lacks-key"]
    assert f"ml-prod may read churn, and the key {ALIAS} is closed to it" in found.findings[0].message
    assert (found.findings[0].level, found.held) == ("warn", {})
    assert kinds(found) == ["share", "share"]


def test_a_policy_that_cannot_be_read_is_said_to_be_unknown() -> None:
    found = shared("", "AccessDeniedException")
    assert rules(found) == ["kms/policy-unknown"]
    assert "kms:GetKeyPolicy" in found.findings[0].hint
    assert "AccessDeniedException" in found.findings[0].message
