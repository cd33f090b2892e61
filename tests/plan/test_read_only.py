"""Read-only grants: whom they reach in RAM, and what becomes of them when a means fails or cannot be verified."""

from typing import Any

import pytest

from cardops.desired.grants import grant_id
from cardops.desired.read_only import recipients
from cardops.model.desired import GRANT, PRINCIPAL_ID, Config, Desired, Means
from cardops.model.observed import ObservedShare
from cardops.model.read_only import CheckResult, MeansCheck, PrincipalCard, ReadOnlyChecks
from cardops.plan.actions import Associate, CreateShare, Disassociate
from cardops.plan.sharing.read_only import to_verify
from cardops.plan.steps import Phase
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    HOME,
    OWNER,
    PENDING,
    PROD,
    READ,
    REPO,
    TODAY,
    card,
    config,
    desired,
    grant,
    key,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
)
from support.replacing import replace

READER = f"arn:aws:iam::{PROD}:role/cardops-card-reader"
SECOND = f"arn:aws:iam::{PROD}:role/audit/second-reader"
UNIT = "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-abcd-12345678"
SSO = f"arn:aws:iam::{PROD}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Reader_0123456789abcdef"
MANAGED = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCards"


def settings(*means: Means, **more: Any) -> Config:
    """ml-prod with these means."""
    account = replace(config().accounts["ml-prod"], read_only=means, **more)
    return config(accounts={**config().accounts, "ml-prod": account})


def declared(*means: Means, status: Any = DRAFT, **more: Any) -> Desired:
    """churn, which ml-prod may read in every status but Archived."""
    wanted = share(grant("ml-prod", "read", DRAFT, PENDING, APPROVED))
    return desired(card(status=status), shares=[wanted], settings=settings(*means, **more))


def shared_with(principal: str, **more: Any) -> ObservedShare:
    """The live share of that grant, with the managed permission."""
    identity = grant_id("team", principal, "read")
    tags = {"cardops:repository": REPO, GRANT: identity, **more.pop("tags", {})}
    made = replace(ram_share(principal, CONTRIBUTE), name="team read ml-prod", tags=tags)
    return replace(made, permission=MANAGED, **more)


def checks(result: CheckResult, *principals: str, why: str = "", **more: Any) -> ReadOnlyChecks:
    """The same result for these principals and churn."""
    found = {PrincipalCard(who, key().arn): (MeansCheck(Means.ROLE, result, why),) for who in principals}
    return ReadOnlyChecks(found, **more)


HOLDS = checks(CheckResult.HOLDS, READER, PROD)


def test_with_a_role_only_the_reader_role_gets_access() -> None:
    step = only(planned(declared(Means.ROLE), observed(live(card())), read_only=HOLDS), "share")
    assert isinstance(step.action, CreateShare)
    assert (step.action.principal, step.action.permission) == (READER, MANAGED)
    said = {change.path: change.after for change in step.changes}
    assert said["read-only"].startswith("kept by role; ml-prod's administrators can change that role unless")


def test_every_reader_role_gets_a_share_of_its_own() -> None:
    git = declared(Means.ROLE, readers=("cardops-card-reader", "audit/second-reader"))
    found = planned(git, observed(live(card())), read_only=HOLDS)
    assert {step.action.principal for step in found.steps} == {READER, SECOND}


@pytest.mark.parametrize("means", [(Means.SCP,), (Means.KEY,), (Means.SCP, Means.KEY)])
def test_by_a_policy_or_a_key_the_account_gets_access(means: tuple[Means, ...]) -> None:
    step = only(planned(declared(*means), observed(live(card())), read_only=HOLDS), "share")
    assert (step.action.principal, step.action.permission) == (PROD, MANAGED)


def test_a_copy_shares_nothing_and_ends_what_was_shared() -> None:
    git = declared(Means.COPY)
    assert planned(git, observed(live(card()))).steps == ()
    there = ram_share(PROD, READ)
    step = only(planned(git, observed(live(card()), shares=[there])), "unshare")
    assert step.reason == "the account gets a copy instead"


def test_another_means_beside_it_changes_nothing() -> None:
    """What can stay is not made anew."""
    there = observed(live(card()), shares=[shared_with(READER)])
    assert planned(declared(Means.ROLE, Means.SCP), there, read_only=HOLDS).steps == ()


def test_moving_from_an_account_to_its_role_ends_the_one_before_the_other_begins() -> None:
    found = planned(declared(Means.ROLE), observed(live(card()), shares=[shared_with(PROD)]), read_only=HOLDS)
    assert [(step.phase, step.kind) for step in found.steps] == [(Phase.REVOKE, "unshare"), (Phase.SHARE, "share")]


def test_a_permission_sets_role_is_never_a_principal() -> None:
    git = desired(card(), shares=[share(grant(SSO, "read", DRAFT))], settings=settings(Means.ROLE))
    found = planned(git, observed(live(card())))
    assert (found.steps, rules(found)) == ((), ["read-only/no-means"])
    assert "whose ARN changes" in found.findings[0].message


@pytest.mark.parametrize(
    ("lock", "means", "reason"),
    [
        ("", (Means.SCP,), "may contain the owner"),
        ("scp", (Means.ROLE,), "reaches ml-prod, which no service control policy is declared to keep from writing"),
        ("scp", (Means.SCP,), ""),
    ],
)
def test_an_organization_needs_the_lock_and_a_policy_everywhere(
    lock: Any, means: tuple[Means, ...], reason: str
) -> None:
    accounts = {name: replace(one, read_only=(Means.SCP,)) for name, one in config().accounts.items()}
    accounts["ml-prod"] = replace(accounts["ml-prod"], read_only=means)
    (found,) = recipients(config(accounts=accounts, lock=lock), UNIT, READ)
    assert reason in found.refused
    assert bool(found.refused) is bool(reason)
    assert found.level.managed == ("" if reason else "AWSRAMPermissionSageMakerModelCards")


def test_an_organization_that_may_contain_the_owner_may_not_write_either() -> None:
    assert recipients(config(lock=""), UNIT, CONTRIBUTE)[0].refused
    assert not recipients(config(lock="scp"), UNIT, CONTRIBUTE)[0].refused


def test_contributor_roles_get_what_writes_in_place_of_the_account() -> None:
    git = settings(Means.ROLE, contributors=("cardops-card-contributor",))
    (found,) = recipients(git, "ml-prod", CONTRIBUTE)
    assert found.principal == f"arn:aws:iam::{PROD}:role/cardops-card-contributor"


def test_a_means_that_fails_ends_the_access_and_says_why() -> None:
    failing = checks(CheckResult.FAILS, READER, why="its own policies let it write")
    there = observed(live(card()), shares=[shared_with(READER)])
    found = planned(declared(Means.ROLE), there, read_only=failing)
    step = only(found, "unshare")
    assert (step.phase, step.narrowing) == (Phase.REVOKE, True)
    assert step.reason == "ml-prod can write it: role: its own policies let it write"
    (finding,) = found.findings
    assert (finding.rule, finding.level) == ("read-only/fails", "deny")
    assert "churn: read-only access is not kept any more (role: its own policies let it write)" in finding.message


def test_a_means_that_fails_for_one_card_leaves_the_others() -> None:
    other = card("other")
    wanted = replace(declared(Means.ROLE), cards={one.key: one for one in (card(), other)})
    found = {
        PrincipalCard(READER, key().arn): (MeansCheck(Means.ROLE, CheckResult.FAILS, "w"),),
        PrincipalCard(READER, other.key.arn): (MeansCheck(Means.ROLE, CheckResult.HOLDS),),
    }
    resources = {key().arn: "ASSOCIATED", other.key.arn: "ASSOCIATED"}
    there = observed(live(card()), live(other), shares=[shared_with(READER, resources=resources)])
    step = only(planned(wanted, there, read_only=ReadOnlyChecks(found)), "revoke")
    assert step.action == Disassociate(there.shares[0].arn, (key().arn,))


@pytest.mark.parametrize("status", [DRAFT, PENDING])
def test_what_is_not_verified_may_still_read_a_card_that_others_may_write(status: Any) -> None:
    unknown = checks(CheckResult.UNKNOWN, READER, why="not allowed to ask")
    found = planned(declared(Means.ROLE, status=status), observed(live(card(status=status))), read_only=unknown)
    assert (kinds(found), rules(found)) == (["share"], [])


def test_what_is_not_verified_does_not_get_an_approved_card_and_keeps_what_it_has() -> None:
    unknown = checks(CheckResult.UNKNOWN, READER, why="not allowed to ask")
    git, there = declared(Means.ROLE, status=APPROVED), live(card(status=APPROVED))
    for shares in ([], [shared_with(READER)]):
        found = planned(git, observed(there, shares=shares), read_only=unknown)
        assert (found.steps, rules(found)) == ((), ["read-only/not-verified"])
    trusted = planned(git, observed(there), read_only=replace(unknown, trusted=frozenset({READER})))
    assert (kinds(trusted), rules(trusted)) == (["share"], [])


def test_a_wider_permission_waits_while_nothing_is_verified() -> None:
    """From a permission of our own to a policy of the organization the share stays, and widens only when that holds."""
    there = observed(live(card(status=APPROVED)), shares=[ram_share(PROD, READ)])
    git = declared(Means.SCP, status=APPROVED)
    found = planned(git, there, read_only=checks(CheckResult.UNKNOWN, PROD))
    assert (found.steps, rules(found)) == ((), ["read-only/not-verified", "share/waits"])
    assert [(step.phase, step.kind) for step in planned(git, there, read_only=HOLDS).steps] == [
        (Phase.WIDEN, "permission")
    ]


def test_a_role_that_was_made_anew_loses_its_access_and_gets_it_again() -> None:
    there = observed(live(card()), shares=[shared_with(READER, tags={PRINCIPAL_ID: "AROA1"})])
    now = checks(CheckResult.HOLDS, READER, role_ids={READER: "AROA2"})
    found = planned(declared(Means.ROLE), there, read_only=now)
    ends, begins = found.steps
    arn = there.shares[0].arn
    assert (ends.phase, ends.action) == (Phase.REVOKE, Disassociate(arn, (), (READER,)))
    assert begins.action == Associate(arn, (), (READER,), (READER,), {PRINCIPAL_ID: "AROA2"})
    assert rules(found) == ["read-only/role-replaced"]
    same = checks(CheckResult.HOLDS, READER, role_ids={READER: "AROA1"})
    assert planned(declared(Means.ROLE), there, read_only=same).steps == ()


def test_the_role_that_a_share_is_made_for_is_recorded_on_it() -> None:
    known = checks(CheckResult.HOLDS, READER, role_ids={READER: "AROA1"})
    step = only(planned(declared(Means.ROLE), observed(live(card())), read_only=known), "share")
    assert step.action.marks == {PRINCIPAL_ID: "AROA1"}


def test_a_foreign_share_whose_principal_is_kept_does_not_hold_an_approval() -> None:
    theirs = replace(shared_with(READER), tags={"team": "a"})
    git = declared(Means.ROLE, status=APPROVED)
    waiting = live(card(status=PENDING))
    for known, held in ((HOLDS, False), (checks(CheckResult.UNKNOWN, READER), True)):
        found = planned(git, observed(waiting, shares=[theirs]), read_only=known)
        assert (key() in found.held) is held


def test_who_has_to_be_verified_is_who_reads_and_who_reaches_our_cards() -> None:
    theirs = replace(shared_with(SECOND), tags={"team": "a"})
    stranger = replace(shared_with(PROD), resources={key("not-ours").arn: "ASSOCIATED"}, tags={"team": "a"})
    contributing = ram_share(DEV)
    seen = observed(live(card()), shares=[theirs, stranger, contributing])
    assert to_verify(declared(Means.ROLE), seen, TODAY) == {READER: {key()}, SECOND: {key()}}
    assert to_verify(declared(Means.PERMISSION), seen, TODAY) == {}
    assert to_verify(declared(Means.ROLE), replace(seen, unknown={HOME: "denied"}), TODAY) == {SECOND: {key()}}


def test_an_owner_gets_no_share_of_its_own_cards_through_a_reader_role() -> None:
    accounts = {**config().accounts}
    accounts["shared-services"] = replace(accounts["shared-services"], read_only=(Means.ROLE,))
    git = desired(card(), shares=[share(grant("shared-services", "read", DRAFT))], settings=config(accounts=accounts))
    assert accounts["shared-services"].id == OWNER
    assert planned(git, observed(live(card()))).steps == ()
