"""An encrypted card: its key is compared as what it resolves to, and consumers to whom it is closed are named."""

import json

from cardops.desired.key_consumers import key_policy
from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from support.workspace import OWNER, Workspace, operations


def test_a_key_by_its_alias_and_the_consumers_that_it_must_let_in(world: Workspace) -> None:
    kms = world.client(OWNER, "kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/cards", TargetKeyId=arn)
    world.card("churn", kms_key_id=arn)
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "access/not-observed deny: churn: RAM grants ml-dev (222222222222) write, and trying it gave" in done.out
    assert f"kms/consumer-lacks-key warn: ml-dev may read churn, and the key {arn} is closed to it" in done.out
    assert done.out.count("kms/consumer-lacks-key") == 3

    desired = load_repository(WorkTree(world.root)).desired
    assert desired is not None
    (policy,) = key_policy(desired).values()
    policy["Statement"] += json.loads(kms.get_key_policy(KeyId=arn)["Policy"])["Statement"]
    kms.put_key_policy(KeyId=arn, Policy=json.dumps(policy))
    world.card("churn", kms_key_id="alias/cards")
    world.commit()
    start = world.now()
    done = world.cardops("plan", "--detailed-exitcode")
    assert (done.code, "kms/" in done.out) == (0, False)
    asked = [name for name in operations(world.journal(start)) if "Key" in name]
    assert asked == ["DescribeKey", "GetKeyPolicy"]

    world.card("churn", kms_key_id=kms.create_key()["KeyMetadata"]["Arn"])
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert "card/other-key deny: churn: the live card has another KMS key, and AWS cannot change it" in done.out
    assert world.journal(start, mutating=True) == []
