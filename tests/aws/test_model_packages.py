"""The registry adapter against the sandbox, and its use by observe and apply."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cardops.apply import model_packages as apply_registry
from cardops.apply.results import StepOutcome
from cardops.apply.runner import ApplyRunner
from cardops.aws.errors import Where
from cardops.aws.model_packages import Boto3Registry
from cardops.model.desired import AccountRegion, ModelPackage, Status
from cardops.model.errors import CloudError, NotFoundError, StaleResourceError
from cardops.model.observed import Observed, ObservedCard
from cardops.model.registry import MARK_APPROVAL, MARK_COMMIT, MARK_REPOSITORY, Approval, ObservedPackage, PackageKey
from cardops.observed.references import observe_packages
from cardops.plan.model_packages import steps
from cardops.plan.steps import Plan, Step
from cardops.sandbox.core.server import Sandbox
from support.builders import APPROVED, HOME, OWNER, REGION, REPO, card, desired, observed
from support.builders import live as live_card
from support.replacing import replace

MARKS = {MARK_REPOSITORY: REPO, MARK_COMMIT: "c" * 40, MARK_APPROVAL: "Approved"}
CARD = card(status=APPROVED, model_package=ModelPackage("churn", 2))


class World:
    """A sandbox with the group `churn` of three versions; `calls` lists the operations since it was last asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.client = self.client_in(REGION)
        self.port = Boto3Registry(self.client, Where(HOME))
        self.client.create_model_package_group(ModelPackageGroupName="churn")
        for _ in range(3):
            self.client.create_model_package(ModelPackageGroupName="churn")
        self.asked: list[str] = []
        self.client.meta.events.register("before-call.sagemaker", lambda model, **_: self.asked.append(model.name))

    def client_in(self, region: str) -> Any:
        return boto3.client(
            "sagemaker",
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=f"AKIA{OWNER}0000",
            aws_secret_access_key="any",
        )

    def live(self, version: int) -> dict[str, Any]:
        arn = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn/{version}"
        return dict(self.client.describe_model_package(ModelPackageName=arn))


class OneRegistry:
    """A cloud whose every place has the sandbox's registry, and the card as it shows at each look."""

    def __init__(self, port: Boto3Registry, *statuses: Status) -> None:
        self.port = port
        self.statuses = list(statuses or (Status.APPROVED,))

    def registry(self, place: AccountRegion) -> Boto3Registry:
        return self.port

    def cards(self, place: AccountRegion) -> "OneRegistry":
        return self

    def describe(self, name: str) -> ObservedCard:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return replace(live_card(CARD), status=status)

    def tags(self, arn: str) -> dict[str, str]:
        return dict(live_card(CARD).tags)


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        made = World(sandbox)
        yield made
        made.client.close()


def planned(world: World) -> Step:
    packages = observe_packages(world.port, HOME, desired(CARD))
    (step,) = steps(desired(CARD), observed(packages=packages), {})
    assert isinstance(step, Step)
    return step


def test_one_list_tells_the_approvals_of_a_group(world: World) -> None:
    world.port.set_approval("churn", 2, Approval.APPROVED, "because", MARKS)
    world.asked.clear()
    assert world.port.approvals("churn") == {1: Approval.PENDING, 2: Approval.APPROVED, 3: Approval.PENDING}
    assert world.asked == ["ListModelPackages"]


def test_one_call_sets_approval_description_and_marks(world: World) -> None:
    world.asked.clear()
    world.port.set_approval("churn", 2, Approval.APPROVED, "because", MARKS)
    assert world.asked == ["UpdateModelPackage"]
    live = world.live(2)
    assert (live["ModelApprovalStatus"], live["ApprovalDescription"]) == ("Approved", "because")
    key = PackageKey(*HOME, "churn", 2)
    assert world.port.describe("churn", 2) == ObservedPackage(key, Approval.APPROVED, MARKS)


def test_metadata_of_others_is_kept(world: World) -> None:
    arn = world.live(1)["ModelPackageArn"]
    world.client.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"team": "churn"})
    world.port.set_approval("churn", 1, Approval.REJECTED, "because", MARKS)
    assert world.port.describe("churn", 1).marks == {"team": "churn", **MARKS}


def test_a_missing_group_or_version_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.port.approvals("none")
    with pytest.raises(NotFoundError):
        world.port.describe("churn", 9)


def test_another_refusal_is_not_taken_for_absence(world: World) -> None:
    with pytest.raises(CloudError) as refused:
        world.port.describe("churn", 0x7FFFFFFFFF)
    assert not isinstance(refused.value, NotFoundError)


def test_only_packages_that_differ_are_described(world: World) -> None:
    both = [
        CARD,
        card("risk", model_package=ModelPackage("churn", 3)),
        card("none", model_package=ModelPackage("x", 1)),
    ]
    world.asked.clear()
    found = observe_packages(world.port, HOME, desired(*both))
    assert world.asked == ["ListModelPackages", "DescribeModelPackage", "ListModelPackages"]
    assert {key.version: one.approval for key, one in found.found.items()} == {2: Approval.PENDING, 3: Approval.PENDING}
    assert found.unknown == {}


def test_only_the_places_own_cards_are_looked_up(world: World) -> None:
    world.asked.clear()
    assert observe_packages(world.port, AccountRegion(OWNER, "us-east-1"), desired(CARD)).found == {}
    assert world.asked == []


def test_a_registry_that_refuses_is_unknown_with_its_reason(world: World) -> None:
    elsewhere = Boto3Registry(world.client, Where(AccountRegion("222222222222", REGION)))

    class Refusing(Boto3Registry):
        def approvals(self, group: str) -> dict[int, Approval]:
            raise CloudError(f"sagemaker:ListModelPackages on {group}: AccessDeniedException")

    refusing = Refusing(world.client, elsewhere._calls.where)
    found = observe_packages(refusing, HOME, desired(CARD))
    assert "AccessDeniedException" in found.unknown[(*HOME, "churn")]


def test_an_apply_sets_it_with_commit_card_and_marks(world: World) -> None:
    plan = Plan(REPO, "d" * 40, (planned(world),))
    (result,) = ApplyRunner(plan, OneRegistry(world.port)).apply()
    assert (result.outcome, result.detail) == (StepOutcome.UPDATED, "Approved")
    live = world.live(2)
    assert live["ApprovalDescription"] == f"churn is Approved, by commit {'d' * 40} of {REPO}"
    assert live["CustomerMetadataProperties"] == {**MARKS, MARK_COMMIT: "d" * 40}
    assert list(steps(desired(CARD), seen(world), {})) == []


def seen(world: World) -> Observed:
    return observed(packages=observe_packages(world.port, HOME, desired(CARD)))


def test_a_package_that_moved_since_the_plan_is_not_written(world: World) -> None:
    step = planned(world)
    arn = world.live(2)["ModelPackageArn"]
    world.client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    with pytest.raises(StaleResourceError, match="churn/2 is Rejected now, the plan saw PendingManualApproval"):
        apply_registry.run(OneRegistry(world.port), step, step.action, REPO, "d" * 40)
    assert world.live(2)["ModelApprovalStatus"] == "Rejected"


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        ((Status.DRAFT,), "churn: it is Draft now, and git gives this access while Approved; plan again"),
        ((Status.APPROVED, Status.DRAFT), "churn/2 was not approved: churn is Draft now"),
    ],
)
def test_no_package_is_approved_without_its_card(world: World, statuses: tuple[Status, ...], why: str) -> None:
    """A newer run may have demoted the card before the call, or while it was made, and found nothing to withdraw."""
    plan = Plan(REPO, "d" * 40, (planned(world),))
    (result,) = ApplyRunner(plan, OneRegistry(world.port, *statuses)).apply()
    assert result.outcome is StepOutcome.HELD
    assert why in result.detail
    assert world.live(2)["ModelApprovalStatus"] == "PendingManualApproval"
