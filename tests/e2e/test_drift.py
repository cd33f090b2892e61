"""drift: what differs, of which kind, and never a mutating call."""

import json
from typing import Any

from support.workspace import DEV, OWNER, Workspace, arn

MORE = {"intended_uses": {"purpose_of_model": "first", "intended_uses": "theirs"}}


def start(world: Workspace) -> None:
    """A Draft card that ml-dev may write, and one that is Approved."""
    world.card("churn", tags={"team": "a"})
    world.card("risk", "Approved")
    world.commit()
    assert world.apply().code == 0


def differences(world: Workspace, *arguments: str, code: int = 2) -> list[tuple[str, str, str]]:
    """(kind, what, resource) of each difference; the command makes no mutating call."""
    start = world.now()
    done = world.cardops("drift", "--format", "json", *arguments)
    assert done.code == code, done
    assert world.journal(start, mutating=True) == []
    document: dict[str, Any] = json.loads(done.out)
    assert document["differs"] == (code == 2)
    return [(found["kind"], found["what"], found["resource"]) for found in document["differences"]]


def test_nothing_differs_after_an_apply(world: Workspace) -> None:
    start(world)
    assert differences(world, code=0) == []
    assert "Drift: none" in world.cardops("drift").out


def test_what_a_commit_changed_is_no_drift(world: Workspace) -> None:
    start(world)
    world.card("churn", "PendingReview", purpose="second")
    world.card("new")
    world.commit()
    assert differences(world, code=0) == []


def test_a_contribution_is_told_from_tampering(world: Workspace) -> None:
    start(world)
    world.contribute("churn", MORE, DEV)
    world.contribute("risk", MORE)
    assert differences(world) == [("contributed", "content", "churn"), ("tampered", "content", "risk")]
    text = world.cardops("drift").out
    assert '+ content.intended_uses.intended_uses: "theirs"' in text
    assert "the content changed while the card is Approved" in text


def test_a_conflict_shows_all_three_values(world: Workspace) -> None:
    start(world)
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "live"}}, DEV)
    world.card("churn", purpose="git", tags={"team": "a"})
    world.commit()
    assert differences(world) == [("conflicting", "content", "churn")]
    assert '(base "first", git "git", live "live")' in world.cardops("drift").out


def test_status_tags_and_lock_are_tampering(world: Workspace) -> None:
    start(world)
    client = world.client(OWNER)
    client.update_model_card(ModelCardName="churn", ModelCardStatus="PendingReview")
    client.add_tags(ResourceArn=arn("churn"), Tags=[{"Key": "team", "Value": "b"}, {"Key": "other", "Value": "x"}])
    client.delete_tags(ResourceArn=arn("risk"), TagKeys=["cardops:locked"])
    assert differences(world) == [
        ("tampered", "status", "churn"),
        ("tampered", "tags", "churn"),
        ("tampered", "lock", "risk"),
    ]


def test_a_lost_owner_tag_is_tampering(world: Workspace) -> None:
    start(world)
    world.client(OWNER).delete_tags(ResourceArn=arn("churn"), TagKeys=["cardops:repository"])
    assert ("tampered", "tags", "churn") in differences(world)


def test_a_deleted_card_is_missing_and_a_new_one_unmanaged(world: Workspace) -> None:
    start(world)
    client = world.client(OWNER)
    client.delete_model_card(ModelCardName="churn")
    world.control("clock", {"advance_seconds": 60})
    client.create_model_card(ModelCardName="console", Content="{}", ModelCardStatus="Draft")
    found = differences(world)
    assert ("missing", "card", "churn") in found
    assert ("unmanaged", "card", "console") in found


def test_what_git_never_knew_is_shown_and_is_no_difference(world: Workspace) -> None:
    start(world)
    world.client(OWNER).create_model_card(ModelCardName="console", Content="{}", ModelCardStatus="Draft")
    world.client(OWNER, "ram").create_resource_share(name="console share")
    assert differences(world, code=0) == [("unmanaged", "card", "console"), ("unmanaged", "share", "console share")]


def test_access_that_was_taken_or_given_by_hand_is_tampering(world: Workspace) -> None:
    start(world)
    ram = world.client(OWNER, "ram")
    shares = {share["name"]: share for share in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]}
    contribute = shares["lifecycle contribute ml-dev"]["resourceShareArn"]
    ram.associate_resource_share(resourceShareArn=contribute, resourceArns=[arn("risk")])
    ram.delete_resource_share(resourceShareArn=shares["lifecycle read ml-test"]["resourceShareArn"])
    ram.create_resource_share(name="console", resourceArns=[arn("risk")], principals=["555555555555"])
    found = differences(world)
    assert ("tampered", "access", "lifecycle contribute ml-dev") in found
    assert ("tampered", "access", "lifecycle read ml-test") in found
    assert ("tampered", "access", "risk") in found
    assert "the foreign share 'console' lets 555555555555 read and write it" in world.cardops("drift").out


def test_cloudtrail_says_who(world: Workspace) -> None:
    start(world)
    world.contribute("risk", MORE)
    record = {
        "eventTime": "2026-06-01T10:00:00Z",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "UpdateModelCard",
        "userIdentity": {"arn": "arn:aws:sts::111111111111:assumed-role/console/somebody"},
        "requestParameters": {"modelCardName": "risk"},
        "awsRegion": "eu-west-1",
        "recipientAccountId": OWNER,
    }
    world.write("events.json", json.dumps({"Records": [record, record | {"readOnly": True, "eventTime": "2027"}]}))
    text = world.cardops("drift", "--cloudtrail", "events.json").out
    assert "last changed 2026-06-01T10:00:00Z by arn:aws:sts::111111111111:assumed-role/console/somebody" in text
    world.write("none.json", "{}")
    done = world.cardops("drift", "--cloudtrail", "none.json")
    assert done.code == 64
    assert "does not contain CloudTrail events" in done.err


def test_a_package_that_somebody_else_approved_is_tampering(world: Workspace) -> None:
    client = world.client(OWNER)
    client.create_model_package_group(ModelPackageGroupName="churn")
    inference = {"Containers": [{"Image": "image"}], "SupportedContentTypes": [], "SupportedResponseMIMETypes": []}
    made = client.create_model_package(
        ModelPackageGroupName="churn",
        InferenceSpecification=inference,
        ModelApprovalStatus="PendingManualApproval",
    )
    world.card("churn", model_package={"group": "churn", "version": 1})
    world.commit()
    assert world.apply().code == 0
    client.update_model_package(ModelPackageArn=made["ModelPackageArn"], ModelApprovalStatus="Approved")
    assert differences(world) == [("tampered", "registry", "churn")]


def test_a_contribution_stays_drift_until_git_has_it(world: Workspace) -> None:
    """An apply merges it into its own write; that does not bring it to git."""
    start(world)
    world.contribute("churn", MORE, DEV)
    world.card("churn", purpose="second", tags={"team": "a"})
    world.commit()
    assert world.apply().code == 0
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    assert differences(world) == [("contributed", "content", "churn")]
    assert world.cardops("pull").code == 0
    world.commit()
    assert world.apply().code == 0
    assert differences(world, code=0) == []


def test_what_is_written_into_a_live_section_is_to_be_pulled(world: Workspace) -> None:
    world.card("churn", live_sections=["intended_uses"])
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", MORE, DEV)
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    assert differences(world) == [("contributed", "content", "churn")]
