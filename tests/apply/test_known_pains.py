"""What users of other tools complain about, and that we do not have it."""

import pytest

from cardops.apply.results import StepOutcome
from cardops.aws.cloud import Boto3Cloud
from cardops.model.desired import AccessLevel
from cardops.model.permissions import EXPORT_ACTIONS, READ_ACTIONS
from support.apply_sandbox import ApplySandbox, MakeApplySandbox, settings, wanted
from support.builders import CONTRIBUTE, DEV, DRAFT, PROD, card, grant, kinds, share
from support.replacing import replace

READING = share(grant("ml-prod", "read", DRAFT))
OUTSIDE = settings(ml_prod={"external": True})
EXPORTING = AccessLevel("read", READ_ACTIONS | EXPORT_ACTIONS)


@pytest.mark.parametrize(
    "level", [AccessLevel("read", CONTRIBUTE.actions, CONTRIBUTE.managed), EXPORTING], ids=["other", "version"]
)
def test_another_permission_does_not_recreate_the_share(lab: ApplySandbox, level: AccessLevel) -> None:
    """Terraform: "aws_ram_resource_share forces replacement when permission_arns changes" (#42009, #25156)."""
    git = wanted(card(), shares=[READING])
    lab.apply(git)
    before, start = lab.shares(), lab.now()
    changed = replace(git, config=replace(settings(), access={"read": level, "contribute": CONTRIBUTE}))
    lab.apply(changed)
    assert lab.shares() == before
    assert not {"CreateResourceShare", "DeleteResourceShare", "DisassociateResourceShare"} & set(lab.mutating(start))
    assert lab.plan(changed).steps == ()


def test_no_share_stays_on_an_old_version_of_its_permission(lab: ApplySandbox) -> None:
    """Terraform: a share is stuck on the version of the permission that it was made with (#46219)."""
    git = wanted(card(), shares=[READING])
    lab.apply(git)
    arn = "arn:aws:ram:eu-west-1:111111111111:permission/gov-test-1a2b.read"
    template = '{"Effect": "Allow", "Action": ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]}'
    lab.ram().create_permission_version(permissionArn=arn, policyTemplate=template)
    assert kinds(lab.plan(git)) == ["permission"]
    lab.apply(git)
    (row,) = lab.ram().list_permission_associations()["permissions"]
    assert (row["permissionVersion"], row["defaultVersion"]) == ("2", True)
    assert lab.plan(git).steps == ()


def test_an_accepted_invitation_whose_record_is_gone_is_not_accepted_again(make_lab: MakeApplySandbox) -> None:
    """Terraform: the accepter is created again, or fails with "no invitation found" (#10064, #11785, #20894).

    RAM forgets an invitation after seven days; that the share reaches the consumer is what counts.
    """
    lab = make_lab(outside_accounts=frozenset({PROD}))
    git = wanted(card(), shares=[READING], settings_=OUTSIDE)
    lab.apply(git)
    lab.advance(8 * 24 * 3600)
    start = lab.now()
    assert lab.plan(git).steps == ()
    lab.apply(wanted(card(), card("risk"), shares=[READING], settings_=OUTSIDE))
    assert "AcceptResourceShareInvitation" not in lab.mutating(start)
    assert lab.states() == {PROD: "ASSOCIATED"}


def test_accepting_where_there_is_no_invitation_is_held_and_named(make_lab: MakeApplySandbox) -> None:
    """Terraform: "no RAM Resource Share invitation found" ends the whole run (#11785); here it is one held step."""
    lab = make_lab(outside_accounts=frozenset({PROD}))
    left = share(grant("ml-prod", "read", DRAFT), invitations="leave")
    lab.apply(wanted(card(), shares=[left], settings_=OUTSIDE))
    plan = lab.plan(wanted(card(), shares=[READING], settings_=OUTSIDE))
    lab.advance(13 * 3600)
    lab.cloud = Boto3Cloud(OUTSIDE, "role")  # the credentials of the plan have expired, too
    (result,) = lab.run(plan, longest=10)
    assert result.outcome is StepOutcome.HELD
    assert f"account {PROD} has no invitation to team read ml-prod" in result.detail
    assert lab.told[0] == "waiting for the invitation to team read ml-prod, 0 s so far"


def test_a_disassociated_principal_does_not_break_the_plan(lab: ApplySandbox) -> None:
    """Terraform: an association that somebody ended outside breaks every plan until the state is edited (#35296)."""
    git = wanted(card(), shares=[share()])
    lab.apply(git)
    (arn,) = lab.shares()
    lab.ram().disassociate_resource_share(resourceShareArn=arn, principals=[DEV], resourceArns=[card().key.arn])
    assert kinds(lab.plan(git)) == ["reconnect", "share"]
    lab.apply(git)
    assert (lab.states(), lab.states("RESOURCE")) == ({DEV: "ASSOCIATED"}, {"churn": "ASSOCIATED"})
    assert lab.plan(git).steps == ()


def test_the_permission_is_always_named_and_nothing_loops(lab: ApplySandbox) -> None:
    """AWS Controllers for Kubernetes: a share whose permission is left out is updated forever (community#2991)."""
    git = wanted(card(), shares=[share(grant("ml-dev", "contribute", DRAFT), grant("ml-prod", "read", DRAFT))])
    lab.apply(git)
    made = [call["parameters"] for call in lab.calls() if call["operation"] == "CreateResourceShare"]
    assert [len(request["permissionArns"]) for request in made] == [1, 1]
    start = lab.now()
    assert lab.apply(git) == []
    assert lab.mutating(start) == []


def test_what_others_own_is_never_touched_even_when_all_of_ours_goes(lab: ApplySandbox) -> None:
    """AWS Controllers for Kubernetes: a role that the controller did not own was deleted (community#2102)."""
    ram = lab.ram()
    lab.apply(wanted(card(), shares=[]))
    template = '{"Effect": "Allow", "Action": ["sagemaker:DescribeModelCard"]}'
    theirs = ram.create_permission(name="theirs", resourceType="sagemaker:ModelCard", policyTemplate=template)
    stranger = ram.create_resource_share(
        name="theirs",
        permissionArns=[theirs["permission"]["arn"]],
        resourceArns=[card().key.arn],
        principals=[DEV],
        tags=[{"key": "cardops:repository", "value": "gov-other-9z9z"}, {"key": "cardops:grant", "value": "0" * 24}],
    )["resourceShare"]["resourceShareArn"]
    start = lab.now()
    lab.apply(wanted(card(), shares=[share(), READING]))
    lab.apply(wanted(card(), shares=[]))
    assert lab.shares() == [stranger]
    touched = [str(call["parameters"]) for call in lab.calls(start, mutating=True)]
    assert not [text for text in touched if stranger in text or "permission/theirs" in text]
