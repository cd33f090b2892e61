"""What a plan says of the keys of encrypted cards, whole."""

import json
from typing import Any

import pytest

from cardops.model.desired import AccountRegion
from cardops.model.findings import Location
from cardops.model.observed import ObservedKey
from cardops.plan.steps import Plan
from support.builders import (
    DRAFT,
    HOME,
    card,
    desired,
    grant,
    live,
    observed,
    planned,
    share,
    told,
)

CARD = card()
KEY = CARD.key


ALIAS, ARN = "alias/cards", "arn:aws:kms:eu-west-1:111111111111:key/1"


def keyed(declared: str, has: str, keys: dict[str, ObservedKey]) -> Plan:
    wanted = card(kms_key_id=declared)
    read = {(HOME, name): key for name, key in keys.items()}
    return planned(desired(wanted), observed(live(wanted, kms_key_id=has), keys=read))


@pytest.mark.parametrize(("declared", "has", "said"), [(ALIAS, "", "no KMS key"), ("", ALIAS, "another KMS key")])
def test_another_key_is_told_whole_and_holds_the_card(declared: str, has: str, said: str) -> None:
    found = keyed(declared, has, {ALIAS: ObservedKey(ARN)})
    message = f"churn: the live card has {said}, and AWS cannot change it"
    assert found.findings == (told("card/other-key", message, "declare its key, or declare a new card"),)
    assert found.held == {KEY: message.removeprefix("churn: ")}


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({}, "it was not read"),
        ({ALIAS: ObservedKey(why="no alias"), ARN: ObservedKey(ARN)}, "no alias"),
        ({ALIAS: ObservedKey(ARN), ARN: ObservedKey(why="denied")}, "denied"),
    ],
)
def test_keys_that_cannot_be_compared_are_told_with_the_reason(keys: dict[str, ObservedKey], why: str) -> None:
    found = keyed(ALIAS, ARN, keys)
    message = f"churn: whether its live key is the declared one cannot be told: {why}"
    hint = "allow kms:DescribeKey, or declare the key by its ARN"
    assert found.findings == (told("kms/unresolved", message, hint, "warn"),)
    assert (found.held, found.steps) == ({}, ())


def encrypted(key: ObservedKey | None, **more: Any) -> Plan:
    cards = [card(name, kms_key_id=ALIAS) for name in ("b", "churn")]
    readers = share(grant("ml-test", "read", DRAFT), grant("arn:aws:iam::444444444444:role/x", "read", DRAFT))
    keys = {(HOME, ALIAS): key} if key else {}
    return planned(desired(*cards, shares=[readers]), observed(*map(live, cards), keys=keys, **more))


def test_consumers_to_whom_a_key_is_closed_are_told_by_name() -> None:
    found = encrypted(ObservedKey(ARN, json.dumps({"Statement": []})))
    hint = "add to the key's policy what `cardops iam key-policy` prints"
    first = card("b")
    assert found.findings == tuple(
        told(
            "kms/consumer-lacks-key",
            f"{who} may read b and 1 more, and the key {ALIAS} is closed to it",
            hint,
            "warn",
            str(first.key),
            first.location,
        )
        for who in ("arn:aws:iam::444444444444:role/x", "ml-test")
    )


@pytest.mark.parametrize(("key", "why"), [(None, "it was not read"), (ObservedKey(ARN, "", "denied"), "denied")])
def test_a_key_whose_policy_is_not_known_is_told_once(key: ObservedKey | None, why: str) -> None:
    message = f"whether the key {ALIAS} is open to the consumers of b cannot be told: {why}"
    hint = "check the key's name, and allow kms:DescribeKey and kms:GetKeyPolicy"
    at = Location("cards/b.yaml")
    assert encrypted(key).findings == (told("kms/policy-unknown", message, hint, "warn", "", at),)


def test_of_a_place_that_was_not_read_no_key_is_told() -> None:
    assert encrypted(None, unknown={HOME: "denied"}).findings == ()


def test_one_key_that_is_not_known_does_not_keep_the_others_from_being_told() -> None:
    elsewhere = AccountRegion("0" * 12, HOME.region)
    cards = [
        card("a", kms_key_id=ALIAS, place=elsewhere),
        card("b", kms_key_id="alias/b"),
        card("c", kms_key_id="alias/c"),
    ]
    readers = share(grant("ml-test", "read", DRAFT))
    keys = {(HOME, "alias/c"): ObservedKey(ARN, json.dumps({"Statement": []}))}
    seen = observed(*map(live, cards[1:]), keys=keys, unknown={elsewhere: "denied"})
    found = planned(desired(*cards, shares=[readers]), seen)
    told_about = [(finding.rule, finding.location.path) for finding in found.findings]
    assert told_about == [("kms/policy-unknown", "cards/b.yaml"), ("kms/consumer-lacks-key", "cards/c.yaml")]
