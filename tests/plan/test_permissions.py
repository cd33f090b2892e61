"""A permission of ours is there before it is needed, in as few versions as RAM takes; others stay as they are."""

from typing import Any

from cardops.desired.grants import permission_arn, permission_name
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import REPOSITORY
from cardops.model.findings import Finding, Location
from cardops.plan.actions import (
    AddPermissionVersion,
    CreatePermission,
)
from cardops.plan.steps import Action, Phase, Step
from support.builders import (
    DEV,
    DRAFT,
    HOME,
    OWNER,
    READ,
    REGION,
    card,
    config,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    permission,
    planned,
    ram_share,
    share,
)
from support.replacing import replace

CARD = card()
SHARE = ram_share()

READING = desired(CARD, shares=[share(grant("ml-dev", "read", DRAFT))])
OWN = permission_name(config(), "read")
AT_CONFIG = Location("cardops.yaml")


def prepared(kind: str, action: Action, before: Any, sees: str) -> Step:
    change = Change("actions", before, sorted(READ.actions))
    key = f"{OWNER}/{REGION}/permission/{OWN}"
    return Step(Phase.PREPARE, kind, HOME, OWN, key, "access level read of cardops.yaml", action, (change,), sees)


def test_a_permission_of_ours_is_made_before_it_is_needed() -> None:
    found = planned(READING, observed(live(CARD), permissions={}))
    action = CreatePermission(OWN, tuple(sorted(READ.actions)))
    assert found.steps[0] == prepared("create-permission", action, ABSENT, "absent")
    assert kinds(found) == ["create-permission", "share"]
    assert kinds(planned(desired(shares=READING.shares), observed(permissions={}))) == []


def test_other_actions_are_another_version_of_the_permission() -> None:
    arn = permission_arn(config(), READ, HOME)
    old = permission(actions=frozenset({"sagemaker:DescribeModelCard"}), version=3, versions=(2, 3))
    found = planned(READING, observed(live(CARD), permissions=old))
    action = AddPermissionVersion(arn, tuple(sorted(READ.actions)))
    assert found.steps[0] == prepared("permission-version", action, ["sagemaker:DescribeModelCard"], "3")


def test_the_oldest_version_that_nobody_uses_makes_room() -> None:
    arn = permission_arn(config(), READ, HOME)
    old = permission(actions=frozenset({"sagemaker:X"}), version=2, versions=(5, 4, 3, 2, 1))
    using = replace(ram_share(DEV, READ), permission=arn, permission_version=1)
    found = planned(READING, observed(live(CARD), shares=[using], permissions=old))
    assert only(found, "permission-version").action == AddPermissionVersion(arn, tuple(sorted(READ.actions)), 3)
    four = permission(actions=frozenset({"sagemaker:X"}), version=2, versions=(4, 3, 2, 1))
    found = planned(READING, observed(live(CARD), shares=[using], permissions=four))
    assert only(found, "permission-version").action == AddPermissionVersion(arn, tuple(sorted(READ.actions)))


def test_where_all_versions_are_in_use_the_shares_are_named() -> None:
    arn = permission_arn(config(), READ, HOME)
    old = permission(actions=frozenset({"sagemaker:X"}), version=5, versions=(1, 2, 3, 4, 5))
    using = [
        replace(
            ram_share(DEV, READ), arn=f"{SHARE.arn}{version}", name=f"s{version}", permission_version=version, tags={}
        )
        for version in (4, 3, 2, 1)
    ]
    other = replace(using[0], permission="arn:other", permission_version=9)
    found = planned(READING, observed(live(CARD), shares=[*using, other], permissions=old))
    message = f"the permission {OWN} in {HOME} has 5 versions and shares use them all (s1, s2, s3, s4)"
    hint = "bring one of these shares to the default version in RAM"
    assert [one for one in found.findings if one.rule == "access/no-version-left"] == [
        Finding("access/no-version-left", AT_CONFIG, message, hint)
    ]
    assert arn in {one.permission for one in using}


def test_somebody_elses_permission_of_that_name_is_not_touched_and_nothing_is_shared_with_it() -> None:
    theirs = permission(tags={REPOSITORY: "other-9f9f"})
    found = planned(READING, observed(live(CARD), permissions=theirs))
    message = f"a permission named {OWN} exists in {HOME} and cardops does not own it: no read"
    hint = "change `repository` in cardops.yaml, or remove the other permission"
    assert found.steps == ()
    assert found.findings == (Finding("ownership/foreign-permission", AT_CONFIG, message, hint),)
