"""Key policies for the consumers of encrypted cards: what they need, and what a live policy lacks of it."""

import json
from typing import Any

import pytest

from cardops.desired.key_consumers import KeyUse, KeyUser, consumers, key_policy, missing_statements
from cardops.model.desired import Means
from support.builders import APPROVED, DEV, HOME, PROD, card, config, desired, grant, share
from support.replacing import replace

ALIAS = "alias/model-cards"
CHURN, RISK = card("churn", kms_key_id=ALIAS), card("risk", kms_key_id=ALIAS)
OPEN = card("open")
ORGANIZATION = "arn:aws:organizations::999999999999:organization/o-abc"
UNIT = "arn:aws:organizations::999999999999:ou/o-abc/ou-root-1"
ROLE = f"arn:aws:iam::{PROD}:role/reader"
USED = {KeyUser(DEV): {CHURN.key.arn}}
WRITES = {KeyUser(DEV, True): {CHURN.key.arn}}


def declared(*to: str) -> Any:
    grants = [grant(one, "read", APPROVED) for one in to]
    return desired(CHURN, RISK, OPEN, shares=[share(*grants, cards=["churn", "open"])])


def policy(**changes: Any) -> str:
    """A live policy with one statement that lets ml-dev use the key for the card, but for the changes."""
    (found,) = key_policy(declared("ml-dev")).values()
    return json.dumps(found | {"Statement": [found["Statement"][0] | changes]})


def test_consumers_are_those_of_encrypted_cards_in_whatever_status() -> None:
    assert consumers(declared("ml-dev", "ml-prod")) == {
        KeyUse(HOME, ALIAS): {KeyUser(DEV): {CHURN.key.arn}, KeyUser(PROD): {CHURN.key.arn}}
    }
    assert consumers(desired(OPEN, shares=[share()])) == {}


def test_the_policy_is_least_privilege_for_each_consumer() -> None:
    found = key_policy(declared("ml-dev"))
    assert found == {
        f"{HOME}/{ALIAS}": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": f"Cardops{DEV}",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
                    "Action": ["kms:Decrypt"],
                    "Resource": "*",
                    "Condition": {
                        "StringEquals": {
                            "kms:ViaService": "sagemaker.eu-west-1.amazonaws.com",
                            "kms:EncryptionContext:aws:sagemaker:model-card-arn": [CHURN.key.arn],
                        }
                    },
                },
                {
                    "Sid": "NobodyElseEncryptsCards",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["kms:CreateGrant", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": HOME.account}},
                },
            ],
        }
    }


def test_who_writes_may_encrypt_and_who_reads_through_a_role_is_that_role() -> None:
    accounts = dict(config().accounts)
    accounts["ml-prod"] = replace(accounts["ml-prod"], read_only=(Means.ROLE,))
    grants = (grant("ml-dev"), grant("ml-dev", "read", APPROVED), grant("ml-prod", "read", APPROVED))
    git = desired(CHURN, shares=[share(*grants, cards=["churn"])], settings=config(accounts=accounts))
    (used,) = consumers(git).values()
    reader = f"arn:aws:iam::{PROD}:role/cardops-card-reader"
    assert used == {KeyUser(DEV, True): {CHURN.key.arn}, KeyUser(reader): {CHURN.key.arn}}
    (printed,) = key_policy(git).values()
    denied = printed["Statement"][-1]["Condition"]
    assert denied["ArnNotLike"] == {"aws:PrincipalArn": [f"arn:aws:iam::{DEV}:*"]}


def test_nobody_needs_a_key_who_gets_a_copy_or_nothing() -> None:
    accounts = dict(config().accounts)
    accounts["ml-prod"] = replace(accounts["ml-prod"], read_only=(Means.COPY,))
    accounts["ml-dev"] = replace(accounts["ml-dev"], read_only=())
    grants = (grant("ml-dev", "read", APPROVED), grant("ml-prod", "read", APPROVED))
    git = desired(CHURN, shares=[share(*grants, cards=["churn"])], settings=config(accounts=accounts))
    assert consumers(git) == {}


def test_roles_organizations_and_units_are_named_as_iam_wants_them() -> None:
    (found,) = key_policy(declared(ROLE, ORGANIZATION, UNIT)).values()
    by_sid = {one["Sid"]: one for one in found["Statement"]}
    assert by_sid["Cardopsrolereader"]["Principal"] == {"AWS": ROLE}
    whole, unit = by_sid["Cardopsorganizationoabc"], by_sid["Cardopsouoabcouroot1"]
    assert (whole["Principal"], whole["Condition"]["StringEquals"]["aws:PrincipalOrgID"]) == ({"AWS": "*"}, "o-abc")
    assert unit["Condition"]["ForAnyValue:StringLike"] == {"aws:PrincipalOrgPaths": "o-abc/*/ou-root-1/*"}


@pytest.mark.parametrize("to", ["ml-dev", ROLE, ORGANIZATION, UNIT])
def test_what_is_printed_is_enough_and_nothing_less(to: str) -> None:
    (found,) = key_policy(declared(to)).values()
    (used,) = consumers(declared(to)).values()
    assert missing_statements(json.dumps(found), HOME, used) == {}
    assert missing_statements(json.dumps(found | {"Statement": []}), HOME, used) == used


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "kms:GenerateDataKey"},
        {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}},
        {"Principal": {"Service": "sagemaker.amazonaws.com"}},
        {"Condition": {"StringEquals": {"kms:ViaService": "sagemaker.us-east-1.amazonaws.com"}}},
        {"Condition": {"StringEquals": {"kms:EncryptionContext:aws:sagemaker:model-card-arn": RISK.key.arn}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}},
    ],
)
def test_a_statement_that_lets_less_through_does_not_count(changes: dict[str, Any]) -> None:
    assert missing_statements(policy(**changes), HOME, USED) == USED


@pytest.mark.parametrize(
    "changes",
    [
        {"Action": "kms:*", "Condition": {}},
        {"Action": ["KMS:decrypt", "kms:GenerateData*"]},
        {"Principal": "*"},
        {"Principal": {"AWS": [DEV]}},
        {"Condition": {"StringLike": {"kms:encryptioncontext:aws:sagemaker:model-card-arn": "arn:*"}}},
    ],
)
def test_a_statement_that_lets_more_through_counts(changes: dict[str, Any]) -> None:
    assert missing_statements(policy(**changes), HOME, USED) == {}


def test_both_actions_may_stand_in_statements_of_their_own() -> None:
    one, other = json.loads(policy(Action="kms:Decrypt")), json.loads(policy(Action="kms:GenerateDataKey"))
    both = json.dumps({"Statement": one["Statement"] + other["Statement"]})
    assert missing_statements(both, HOME, WRITES) == {}
    assert missing_statements(json.dumps(one), HOME, WRITES) == WRITES
    assert missing_statements(json.dumps(one), HOME, USED) == {}


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"Statement": "x"}', '{"Statement": [1]}'])
def test_a_policy_that_cannot_be_read_lets_nobody_through(text: str) -> None:
    assert missing_statements(text, HOME, USED) == USED
