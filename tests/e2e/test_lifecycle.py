"""A card's life, from commits to what the accounts can do."""

import pytest

from support.workspace import Workspace, operations

NOBODY = {"ml-dev": "", "ml-test": "", "ml-prod": ""}


def merged(world: Workspace, status: str, name: str = "churn") -> dict[str, str]:
    """The card at a status, committed and applied: who can do what."""
    world.card(name, status)
    world.commit(status)
    done = world.apply()
    assert done.code == 0, done
    assert world.live(name)["status"] == status
    return world.access(name)


def test_access_follows_the_status(world: Workspace) -> None:
    assert merged(world, "Draft") == NOBODY | {"ml-dev": "write"}
    assert merged(world, "PendingReview") == NOBODY | {"ml-dev": "write", "ml-test": "read"}
    assert merged(world, "Approved") == NOBODY | {"ml-test": "read", "ml-prod": "read"}
    assert merged(world, "Archived") == NOBODY


def test_a_card_carries_where_it_comes_from(world: Workspace) -> None:
    world.card("churn", tags={"cost-center": "4711"})
    commit = world.commit()
    assert world.apply().code == 0
    tags = world.live("churn")["tags"]
    assert tags["cardops:repository"] == "gov-test-1a2b"
    assert tags["cardops:commit"] == commit
    assert tags["cardops:version"] == "1"
    assert tags["cost-center"] == "4711"
    assert "cardops:locked" not in tags
    world.card("churn", "Approved", tags={"cost-center": "4712"})
    world.commit()
    assert world.apply().code == 0
    tags = world.live("churn")["tags"]
    assert tags["cardops:locked"] == "true"
    assert tags["cost-center"] == "4712"


def test_a_tag_that_git_drops_is_removed_and_a_foreign_one_stays(world: Workspace) -> None:
    world.card("churn", tags={"ours": "1"})
    world.commit()
    assert world.apply().code == 0
    card = "arn:aws:sagemaker:eu-west-1:111111111111:model-card/churn"
    world.client("111111111111").add_tags(ResourceArn=card, Tags=[{"Key": "theirs", "Value": "1"}])
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    tags = world.live("churn")["tags"]
    assert "ours" not in tags
    assert tags["theirs"] == "1"
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_apply_then_plan_is_empty_and_makes_no_mutating_call(world: Workspace) -> None:
    world.card("churn")
    world.card("risk", "PendingReview")
    world.commit()
    first = world.cardops("plan", "--detailed-exitcode")
    assert first.code == 2
    assert world.journal(mutating=True) == []
    assert world.apply().code == 0
    start = world.now()
    again = world.cardops("plan", "--detailed-exitcode")
    assert again.code == 0, again
    assert "nothing to do, 2 cards unchanged" in again.out
    assert world.journal(start, mutating=True) == []
    assert world.apply().code == 0
    assert world.journal(start, mutating=True) == []


def test_one_changed_card_costs_at_most_five_mutating_calls(world: Workspace) -> None:
    for name in ("a", "b", "c"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    start = world.now()
    world.card("b", purpose="second")
    world.commit()
    done = world.apply()
    assert done.code == 0
    calls = world.journal(start, mutating=True)
    assert operations(calls) == ["AddTags", "UpdateModelCard", "AddTags", "DeleteTags"]
    assert world.live("b")["content"]["intended_uses"]["purpose_of_model"] == "second"
    assert world.live("b")["tags"]["cardops:version"] == "2"


def test_production_loses_access_before_the_content_can_change(world: Workspace) -> None:
    merged(world, "Approved")
    start = world.now()
    world.card("churn", "Draft", purpose="reworked")
    world.commit()
    assert world.apply().code == 0
    calls = operations(world.journal(start, mutating=True))
    last_revoke = max(i for i, name in enumerate(calls) if name == "DisassociateResourceShare")
    updates = [i for i, name in enumerate(calls) if name == "UpdateModelCard"]
    assert len(updates) == 2
    assert last_revoke < min(updates)
    assert calls.index("CreateResourceShare") > max(updates)
    assert world.access("churn") == NOBODY | {"ml-dev": "write"}
    assert "cardops:locked" not in world.live("churn")["tags"]


def test_content_and_status_are_two_calls(world: Workspace) -> None:
    merged(world, "Draft")
    start = world.now()
    world.card("churn", "Approved", purpose="final")
    world.commit()
    assert world.apply().code == 0
    calls = [call for call in world.journal(start, mutating=True) if call["operation"] == "UpdateModelCard"]
    fields = [sorted(call["parameters"]) for call in calls]
    assert fields == [["Content", "ModelCardName"], ["ModelCardName", "ModelCardStatus"]]


def test_a_removed_file_archives_the_card_access_first(world: Workspace) -> None:
    merged(world, "Draft")
    start = world.now()
    (world.root / "cards/churn.yaml").unlink()
    world.card("other")
    world.commit()
    plan = world.cardops("plan")
    assert "retire churn" in plan.out
    assert "churn is no longer declared" in plan.out
    assert world.apply().code == 0
    calls = operations(world.journal(start, mutating=True))
    assert calls.index("DisassociateResourceShare") < calls.index("UpdateModelCard")
    assert world.live("churn")["status"] == "Archived"
    assert world.access("churn") == NOBODY
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_removed_file_of_an_approved_card_is_held(world: Workspace) -> None:
    merged(world, "Approved")
    (world.root / "cards/churn.yaml").unlink()
    world.card("other")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "its file was removed while it is Approved; archive it first by its status" in done.out
    assert world.live("churn")["status"] == "Approved"


def test_a_broken_file_retires_nothing(world: Workspace) -> None:
    merged(world, "Draft")
    world.write("cards/churn.yaml", "name: churn\nstatus: [\n")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "cards/churn.yaml:" in done.err
    assert world.live("churn")["status"] == "Draft"
    assert world.access("churn")["ml-dev"] == "write"


@pytest.mark.parametrize("ended", ["cards: [other]", None], ids=["revoked", "deleted"])
def test_what_is_shared_again_after_it_ended_is_really_shared(world: Workspace, ended: str | None) -> None:
    """RAM answers a client token that it knows without doing anything: no call may reuse one."""
    declared = (world.root / "shares/lifecycle.yaml").read_text().replace('"*"', "churn")
    world.card("other", "Approved")
    for _ in range(3):
        world.write("shares/lifecycle.yaml", declared)
        assert merged(world, "Draft") == NOBODY | {"ml-dev": "write"}
        if ended:
            world.write("shares/lifecycle.yaml", declared.replace("cards: [churn]", ended))
        else:
            (world.root / "shares/lifecycle.yaml").unlink()
        assert merged(world, "Draft") == NOBODY


def test_a_file_that_became_a_link_retires_nothing(world: Workspace) -> None:
    merged(world, "Draft")
    (world.root / "cards/churn.yaml").rename(world.root / "elsewhere.yaml")
    (world.root / "cards/churn.yaml").symlink_to("../elsewhere.yaml")
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert "cards/churn.yaml:1:1: file/unreadable deny: this is a symbolic link or a submodule, not a file" in done.err
    assert operations(world.journal(start, mutating=True)) == []


def test_a_renamed_file_is_no_retirement(world: Workspace) -> None:
    merged(world, "Draft")
    world.git("mv", "cards/churn.yaml", "cards/another.yaml")
    world.commit()
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_renamed_card_is_refused_with_the_way_to_do_it(world: Workspace) -> None:
    merged(world, "Draft")
    text = (world.root / "cards/churn.yaml").read_text()
    world.write("cards/churn.yaml", text.replace("name: churn", "name: churn-2"))
    world.commit()
    start = world.now()
    done = world.apply()
    assert done.code == 3
    assert (
        "cards/churn.yaml:1:1: card/renamed deny: churn: its file now declares 111111111111/eu-west-1/churn-2"
        in done.out
    )
    assert "run `cardops move churn`" in done.out
    assert world.live("churn")["status"] == "Draft"
    assert operations(world.journal(start, mutating=True)) == []
