"""Read-only production: permissions of our own in step with cardops.yaml, and what happens where RAM refuses them."""

from typing import Any

import boto3
import pytest

from cardops.apply.results import StepOutcome, exit_code
from cardops.model.desired import AccessLevel, Config, Means
from cardops.model.errors import ExitCode
from cardops.model.permissions import EXPORT_ACTIONS, READ_ACTIONS
from support.apply_sandbox import ApplySandbox, MakeApplySandbox, outcomes, settings, wanted
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    PROD,
    REGION,
    REPO,
    card,
    grant,
    kinds,
    rules,
    share,
)
from support.replacing import replace
from support.workspace import allowed

PRODUCTION = share(grant("ml-prod", "read", DRAFT, APPROVED))
DENIED = settings(ml_prod={"read_only": (Means.SCP,), "trust": (Means.SCP,)})


def means(*actions: str, base: Config | None = None) -> Config:
    """`read` with these actions."""
    level = AccessLevel("read", frozenset(actions))
    return replace(base or settings(), access={"read": level, "contribute": CONTRIBUTE})


def cards_of(lab: ApplySandbox, account: str) -> Any:
    """SageMaker as an account's administrator."""
    return boto3.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=lab.url,
        aws_access_key_id=f"AKIA{account}0000",
        aws_secret_access_key="any",
    )


def can_write(lab: ApplySandbox, account: str, name: str = "churn") -> bool:
    """Tries it."""
    arn = card(name).key.arn
    client = cards_of(lab, account)
    assert client.describe_model_card(ModelCardName=arn)["ModelCardArn"] == arn
    content = '{"intended_uses":{"purpose_of_model":"theirs"}}'
    return allowed(client.update_model_card, ModelCardName=arn, Content=content) is not None


def versions(lab: ApplySandbox) -> list[int]:
    """The versions of our permission."""
    arn = f"arn:aws:ram:{REGION}:111111111111:permission/{REPO}.read"
    return [int(row["version"]) for row in lab.ram().list_permission_versions(permissionArn=arn)["permissions"]]


def test_production_reads_and_is_refused_to_write(lab: ApplySandbox) -> None:
    lab.apply(wanted(card(), shares=[PRODUCTION]))
    assert can_write(lab, PROD) is False


def test_other_actions_are_a_new_version_that_shares_take_up_in_place(lab: ApplySandbox) -> None:
    git = wanted(card(), shares=[PRODUCTION])
    lab.apply(git)
    before = lab.shares()
    more = replace(git, config=means(*READ_ACTIONS, *EXPORT_ACTIONS))
    plan = lab.plan(more)
    assert [(step.phase.name, step.kind) for step in plan.steps] == [
        ("PREPARE", "permission-version"),
        ("WIDEN", "permission"),
    ]
    lab.apply(more)
    assert lab.shares() == before
    assert lab.plan(more).steps == ()
    assert [(step.phase.name, step.kind) for step in lab.plan(git).steps] == [
        ("PREPARE", "permission-version"),
        ("NARROW", "permission"),
    ]
    lab.apply(git)
    assert lab.plan(git).steps == ()
    (page,) = [lab.ram().list_permission_associations()["permissions"]]
    assert [(row["permissionVersion"], row["defaultVersion"]) for row in page] == [("3", True)]


def test_versions_are_pruned_within_five(lab: ApplySandbox) -> None:
    git = wanted(card(), shares=[PRODUCTION])
    wide = replace(git, config=means(*READ_ACTIONS, *EXPORT_ACTIONS))
    for _ in range(4):
        lab.apply(git)
        lab.apply(wide)
    assert versions(lab) == [4, 5, 6, 7, 8]
    assert lab.plan(wide).steps == ()


def test_five_versions_that_are_all_in_use_are_reported(lab: ApplySandbox) -> None:
    ram = lab.ram()
    git = wanted(card(), shares=[PRODUCTION])
    wide = replace(git, config=means(*READ_ACTIONS, *EXPORT_ACTIONS))
    arn = f"arn:aws:ram:{REGION}:111111111111:permission/{REPO}.read"
    for number in range(5):
        lab.apply(wide if number % 2 else git)
        ram.create_resource_share(name=f"theirs {number}", permissionArns=[arn])
    plan = lab.plan(wide)
    assert "permission-version" not in kinds(plan)
    (finding,) = [finding for finding in plan.findings if finding.rule == "access/no-version-left"]
    assert "theirs 0, theirs 1" in finding.message


def test_where_ram_refuses_a_read_only_permission_nothing_is_shared(make_lab: MakeApplySandbox) -> None:
    lab = make_lab(customer_permissions=False)
    git = wanted(card(), shares=[share(grant("ml-prod", "read", DRAFT), grant())])
    results = lab.apply(git)
    assert outcomes(results)[:2] == [("create-permission", StepOutcome.UNCHANGED), ("create", StepOutcome.CREATED)]
    (held,) = [result for result in results if result.outcome is StepOutcome.HELD]
    assert "nothing is shared, because RAM refuses the customer managed permission" in held.detail
    assert "declare another means under `read_only`" in held.detail
    assert exit_code(results, lab.plan(git)) is ExitCode.INCOMPLETE
    assert lab.states() == {DEV: "ASSOCIATED"}


def test_by_a_policy_of_the_organization_the_account_gets_the_managed_permission(make_lab: MakeApplySandbox) -> None:
    lab = make_lab(customer_permissions=False)
    git = wanted(card(), shares=[PRODUCTION], settings_=DENIED)
    (sharing,) = [step for step in lab.plan(git).steps if step.kind == "share"]
    said = {change.path: change.after for change in sharing.changes}
    assert said["read-only"] == "kept by scp; the organization's administrators can change that"
    assert said["actions"] == sorted(CONTRIBUTE.actions)
    results = lab.apply(git)
    assert {result.outcome for result in results} <= {StepOutcome.CREATED, StepOutcome.UPDATED}
    assert lab.plan(git).steps == ()


def test_moving_between_means_keeps_the_share_and_narrows_at_once(lab: ApplySandbox) -> None:
    """From a policy of the organization to a permission of our own the share stays, and its permission narrows."""
    lab.apply(wanted(card(), shares=[PRODUCTION], settings_=DENIED))
    before = lab.shares()
    by_permission = wanted(card(), shares=[PRODUCTION])
    plan = lab.plan(by_permission)
    assert [(step.phase.name, step.kind) for step in plan.steps] == [
        ("PREPARE", "create-permission"),
        ("NARROW", "permission"),
    ]
    lab.apply(by_permission)
    assert lab.shares() == before
    assert can_write(lab, PROD) is False
    assert [
        (step.phase.name, step.kind) for step in lab.plan(wanted(card(), shares=[PRODUCTION], settings_=DENIED)).steps
    ] == [("WIDEN", "permission")]


def test_what_is_declared_to_be_trusted_does_not_keep_a_card_from_being_approved(make_lab: MakeApplySandbox) -> None:
    """RAM says that production may write; the declared policy of its organization says that it may not."""
    lab = make_lab(customer_permissions=False)
    lab.apply(wanted(card(), shares=[PRODUCTION], settings_=DENIED))
    results = lab.apply(wanted(card(status=APPROVED), shares=[PRODUCTION], settings_=DENIED))
    assert outcomes(results) == [("promote", StepOutcome.UPDATED)]


def test_what_is_neither_verified_nor_trusted_keeps_a_card_from_being_approved(make_lab: MakeApplySandbox) -> None:
    lab = make_lab(customer_permissions=False)
    only_declared = settings(ml_prod={"read_only": (Means.SCP,)})
    lab.apply(wanted(card(), shares=[PRODUCTION], settings_=only_declared))
    results = lab.apply(wanted(card(status=APPROVED), shares=[PRODUCTION], settings_=only_declared))
    assert outcomes(results) == [("promote", StepOutcome.HELD)]
    assert "still lets others write it" in results[-1].detail


def test_a_consumer_without_means_gets_nothing_and_loses_what_it_had(lab: ApplySandbox) -> None:
    nothing = settings(ml_prod={"read_only": ()})
    git = wanted(card(), shares=[PRODUCTION], settings_=nothing)
    plan = lab.plan(git)
    assert kinds(plan) == ["create"]
    (finding,) = plan.findings
    assert (finding.rule, finding.level) == ("read-only/no-means", "deny")
    assert "ml-prod declares no means" in finding.message
    assert "accounts.ml-prod.read_only" in finding.hint
    lab.apply(wanted(card(), shares=[PRODUCTION]))
    assert kinds(lab.plan(git)) == ["unshare"]


def test_an_organization_needs_a_policy_everywhere(make_lab: MakeApplySandbox) -> None:
    lab = make_lab(customer_permissions=False)
    everybody = "arn:aws:organizations::999999999999:organization/o-abcdefghij"
    git = wanted(card(), shares=[share(grant(everybody, "read", DRAFT))], settings_=DENIED)
    assert kinds(lab.plan(git)) == ["create"]
    by_policy = {"read_only": (Means.SCP,), "trust": (Means.SCP,)}
    all_denied = settings(**dict.fromkeys(("ml_dev", "ml_test", "ml_prod"), by_policy))
    assert lab.apply(replace(git, config=all_denied))[-1].outcome is StepOutcome.UPDATED


def test_somebody_elses_permission_of_our_name_is_not_used(lab: ApplySandbox) -> None:
    template = '{"Effect": "Allow", "Action": ["sagemaker:UpdateModelCard"]}'
    lab.ram().create_permission(name=f"{REPO}.read", resourceType="sagemaker:ModelCard", policyTemplate=template)
    plan = lab.plan(wanted(card(), shares=[PRODUCTION]))
    assert kinds(plan) == ["create"]
    assert rules(plan) == ["ownership/foreign-permission"]


@pytest.mark.parametrize("where", ["ours", "foreign", "organization", "deleted"])
def test_promotion_waits_until_every_writer_is_disassociated(lab: ApplySandbox, where: str) -> None:
    """DISASSOCIATING may still let a consumer write, so it counts as a writer until it has ended."""
    everybody = "arn:aws:organizations::999999999999:organization/o-abcdefghij"
    to = everybody if where == "organization" else "ml-dev"
    declared = [] if where == "foreign" else [share(grant(to, "contribute", DRAFT))]
    lab.apply(wanted(card(), shares=declared))
    if where == "foreign":
        lab.ram().create_resource_share(name="theirs", resourceArns=[card().key.arn], principals=[DEV])
    lab.faults(associations=[{"on": "disassociate", "seconds": 40}])
    if where == "foreign":
        (arn,) = lab.shares()
        lab.ram().disassociate_resource_share(resourceShareArn=arn, resourceArns=[card().key.arn])
    start = lab.now()
    results = lab.apply(wanted(card(status=APPROVED), shares=[] if where == "deleted" else declared))
    assert results[-1].step.kind == "promote"
    assert results[-1].outcome is StepOutcome.UPDATED
    assert "waiting for RAM to end access to 1 card(s), 0 s so far" in lab.told
    asked = [call["operation"] for call in lab.calls(start)]
    assert asked.index("UpdateModelCard") > max(i for i, name in enumerate(asked) if name == "GetResourceShares")


def test_promotion_is_held_while_a_writer_does_not_end(lab: ApplySandbox) -> None:
    declared = [share(grant("ml-dev", "contribute", DRAFT))]
    lab.apply(wanted(card(), shares=declared))
    lab.faults(associations=[{"on": "disassociate", "seconds": 3600}])
    results = lab.apply(wanted(card(status=APPROVED), shares=declared), longest=60)
    assert results[-1].outcome is StepOutcome.HELD
    assert "the share 'team contribute ml-dev' still lets others write it" in results[-1].detail


def test_a_failed_end_of_a_share_keeps_the_content_as_it_was(lab: ApplySandbox) -> None:
    """Production could still read what git moved back to Draft, so its content does not change yet."""
    declared = share(grant("ml-prod", "read", APPROVED))
    lab.apply(wanted(card(status=APPROVED), shares=[declared]))
    lab.faults(calls=[{"fault": "error", "operation": "DeleteResourceShare"}])
    start = lab.now()
    reworked = card(content={"intended_uses": {"purpose_of_model": "reworked"}})
    plan = lab.plan(wanted(reworked, shares=[]), bases=[card(status=APPROVED)])
    assert plan.steps[0].cards == {card().key}
    _impatient(lab)
    results = lab.run(plan)
    assert results[0].outcome is StepOutcome.FAILED
    assert ("update", StepOutcome.SKIPPED) in outcomes(results)
    calls = [call for call in lab.calls(start, mutating=True) if call["operation"] == "UpdateModelCard"]
    assert not [call for call in calls if "Content" in call["parameters"]]


def _impatient(lab: ApplySandbox) -> None:
    """A client that does not retry: the fault stays on."""
    assert lab.cloud
    lab.cloud._client_config = lab.cloud._client_config.merge(
        type(lab.cloud._client_config)(retries={"total_max_attempts": 1})
    )
    lab.cloud._clients.clear()
    lab.cloud._sharing.clear()
