"""Parts of a plan, as a job matrix asks for them."""

import json

from e2e.world import World, operations

OWNER = "111111111111/eu-west-1"


def test_partitions_with_changes_and_the_plan_of_one(world: World) -> None:
    world.card("churn")
    world.commit()
    listed = world.cardops("plan", "--partitions")
    assert listed.code == 0
    found = json.loads(listed.out.strip().splitlines()[-1])
    assert [(one["account"], one["region"]) for one in found["partitions"]] == [tuple(OWNER.split("/"))]
    here = world.cardops("plan", "--partition", OWNER, "--detailed-exitcode")
    assert here.code == 2
    assert "churn" in here.out
    start = world.now()
    there = world.cardops("plan", "--partition", "222222222222/eu-west-1", "--detailed-exitcode")
    assert there.code == 0
    assert "nothing to do" in there.out
    assert operations(world.journal(start)) == []
    assert world.cardops("plan", "--partition", "ml-dev").code == 64
