"""The model registry follows the card's status, and a decision of somebody else's stays."""

from typing import Any

from support.workspace import OWNER, Workspace, operations


def package(world: Workspace) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-package/churn/1"
    return dict(world.client(OWNER).describe_model_package(ModelPackageName=arn))


def approval(world: Workspace) -> str:
    return str(package(world)["ModelApprovalStatus"])


def test_a_package_is_approved_last_withdrawn_first_and_never_against_somebody(world: Workspace) -> None:
    world.client(OWNER).create_model_package_group(ModelPackageGroupName="churn")
    world.client(OWNER).create_model_package(ModelPackageGroupName="churn")
    link = {"model_package": {"group": "churn", "version": 1}}
    world.card("churn", "PendingReview", **link)
    world.commit()
    assert world.apply().code == 0
    assert approval(world) == "PendingManualApproval"

    world.card("churn", "Approved", **link)
    commit = world.commit()
    start = world.now()
    assert world.apply().code == 0
    assert operations(world.journal(start, mutating=True))[-1] == "UpdateModelPackage"
    assert approval(world) == "Approved"
    assert package(world)["ApprovalDescription"] == f"churn is Approved, by commit {commit} of gov-test-1a2b"
    start = world.now()
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    asked = operations(world.journal(start))
    assert (asked.count("ListModelPackages"), asked.count("DescribeModelPackage")) == (1, 0)

    world.client(OWNER).update_model_package(
        ModelPackageArn=package(world)["ModelPackageArn"], ModelApprovalStatus="Rejected"
    )
    done = world.apply()
    assert (done.code, approval(world)) == (3, "Rejected")
    assert "cards/churn.yaml:1:1: registry/moved-by-hand deny: churn: the model package churn/1 is Rejected" in done.out
    world.client(OWNER).update_model_package(
        ModelPackageArn=package(world)["ModelPackageArn"], ModelApprovalStatus="Approved"
    )
    assert world.cardops("plan", "--detailed-exitcode").code == 0

    world.card("churn", "Archived", **link)
    world.commit()
    start = world.now()
    assert world.apply().code == 0
    calls = [call for call in operations(world.journal(start, mutating=True)) if call.startswith("Update")]
    assert calls == ["UpdateModelPackage", "UpdateModelCard"]
    assert approval(world) == "Rejected"


def test_a_package_ends_when_its_card_drops_or_repoints_it(world: Workspace) -> None:
    world.client(OWNER).create_model_package_group(ModelPackageGroupName="churn")
    for _ in range(2):
        world.client(OWNER).create_model_package(ModelPackageGroupName="churn")

    def approvals() -> list[str]:
        arn = f"arn:aws:sagemaker:eu-west-1:{OWNER}:model-package/churn"
        found = [world.client(OWNER).describe_model_package(ModelPackageName=f"{arn}/{number}") for number in (1, 2)]
        return [str(one["ModelApprovalStatus"]) for one in found]

    pending = "PendingManualApproval"
    for package_, expected in (
        ({"group": "churn", "version": 1}, ["Approved", pending]),
        ({"group": "churn", "version": 2}, [pending, "Approved"]),
        (None, [pending, pending]),
    ):
        world.card("churn", "Approved", **({"model_package": package_} if package_ else {}))
        world.commit()
        done = world.apply()
        assert (done.code, approvals()) == (0, expected), done
        assert world.cardops("plan", "--detailed-exitcode").code == 0
