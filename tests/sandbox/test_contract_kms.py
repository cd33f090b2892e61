"""Facts about KMS keys that the sandbox promises."""

import json

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OWNER, REGION, SandboxClient, code


def make(world: SandboxClient) -> str:
    arn = str(world.client("kms").create_key(Description="cards")["KeyMetadata"]["Arn"])
    world.client("kms").create_alias(AliasName="alias/cards", TargetKeyId=arn)
    return arn


def test_an_id_an_alias_and_both_arns_describe_one_key(world: SandboxClient) -> None:
    arn = make(world)
    assert arn.startswith(f"arn:aws:kms:{REGION}:{OWNER}:key/")
    alias = f"arn:aws:kms:{REGION}:{OWNER}:alias/cards"
    for name in (arn, arn.rpartition("/")[2], "alias/cards", alias):
        found = world.client("kms").describe_key(KeyId=name)["KeyMetadata"]
        assert (found["Arn"], found["KeyState"], found["AWSAccountId"]) == (arn, "Enabled", OWNER)


def test_a_policy_is_read_and_replaced_by_id_or_arn_only(world: SandboxClient) -> None:
    arn, kms = make(world), world.client("kms")
    root = json.loads(kms.get_key_policy(KeyId=arn)["Policy"])["Statement"][0]["Principal"]["AWS"]
    assert root == f"arn:aws:iam::{OWNER}:root"
    statement = {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=arn, Policy=policy)
    assert kms.get_key_policy(KeyId=arn.rpartition("/")[2], PolicyName="default")["Policy"] == policy
    with pytest.raises(ClientError) as error:
        kms.get_key_policy(KeyId="alias/cards")
    assert code(error) == "NotFoundException"


def test_what_is_wrong_is_refused_in_kms_own_words(world: SandboxClient) -> None:
    arn, kms = make(world), world.client("kms")
    for call, wanted in (
        (lambda: kms.describe_key(KeyId="alias/none"), "NotFoundException"),
        (lambda: kms.describe_key(KeyId="arn:aws:s3:::x"), "InvalidArnException"),
        (lambda: kms.create_alias(AliasName="alias/cards", TargetKeyId=arn), "AlreadyExistsException"),
        (lambda: kms.create_alias(AliasName="cards", TargetKeyId=arn), "InvalidAliasNameException"),
        (lambda: kms.put_key_policy(KeyId=arn, Policy="no"), "MalformedPolicyDocumentException"),
        (lambda: world.client("kms", CONSUMER).describe_key(KeyId=arn), "AccessDeniedException"),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert code(error) == wanted


def test_reading_a_key_is_not_mutating(world: SandboxClient) -> None:
    arn = make(world)
    world.client("kms").describe_key(KeyId=arn)
    calls = [entry["operation"] for entry in world.get("journal?mutating=1") if entry["service"] == "kms"]
    assert calls == ["CreateKey", "CreateAlias"]


def test_throttling_speaks_as_kms_does(world: SandboxClient) -> None:
    world.post("faults", {"calls": [{"fault": "throttle", "service": "kms"}]})
    with pytest.raises(ClientError) as error:
        world.client("kms").describe_key(KeyId="x")
    world.post("faults", {})
    assert code(error) == "ThrottlingException"
