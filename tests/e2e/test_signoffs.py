"""Approving with sign-offs, end to end: what apply writes, refuses and records."""

from support.signed_changes import merge, reviews, start
from support.workspace import Workspace, operations


def test_an_approval_takes_effect_with_a_sign_off_is_recorded_and_never_judged_again(world: Workspace) -> None:
    start(world)
    head, merged = merge(world, "Approved")
    begun = world.now()
    for refused in (world.apply(), world.apply("--reviews", reviews(world, head, merged, "Ada"))):
        assert refused.code == 3
        assert "cards/churn.yaml:1:1: signoff/missing deny: churn is to be Approved, and " in refused.err
        assert world.live("churn")["status"] == "PendingReview"
        assert world.access("churn")["ml-prod"] == ""
    assert "UpdateModelCard" not in operations(
        [call for call in world.journal(begun, mutating=True) if call["role"] == "cardops-apply"]
    )
    done = world.apply("--reviews", reviews(world, head, merged, "lead"))
    assert done.code == 0, done
    live = world.live("churn")
    assert live["status"] == "Approved"
    assert live["tags"]["cardops:approved-by"] == "lead"
    assert live["tags"]["cardops:pull-request"] == "7"
    assert world.access("churn") == {"ml-dev": "", "ml-test": "read", "ml-prod": "read"}
    text = (world.root / "cardops.yaml").read_text()
    world.write("cardops.yaml", text.replace("[lead]", "[someone-else]"))
    world.commit("lead leaves the group")
    again = world.apply()
    assert again.code == 0, again
    assert "1 card unchanged" in again.out


def test_a_status_that_a_contributor_set_is_no_sign_off(world: Workspace) -> None:
    start(world)
    world.client("222222222222").update_model_card(
        ModelCardName="arn:aws:sagemaker:eu-west-1:111111111111:model-card/churn", ModelCardStatus="Approved"
    )
    merge(world, "Approved")
    done = world.apply()
    assert done.code == 3
    assert "nobody signed it off" in done.err
    assert world.access("churn")["ml-prod"] == ""
    assert world.access("churn")["ml-dev"] == ""


def test_an_approval_that_git_takes_back_ends_its_record_too(world: Workspace) -> None:
    start(world)
    head, merged = merge(world, "Approved")
    assert world.apply("--reviews", reviews(world, head, merged, "lead")).code == 0
    merge(world, "Draft")
    assert world.apply().code == 0
    tags = world.live("churn")["tags"]
    assert not {"cardops:approved-by", "cardops:pull-request", "cardops:locked"} & tags.keys()
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_what_needs_no_sign_off_is_shown_as_not_reviewed(world: Workspace) -> None:
    world.card("churn", "Approved")
    world.commit()
    plan = world.cardops("plan")
    assert "because git declares Approved (not reviewed: signoff is none)" in plan.out
    done = world.apply()
    assert done.code == 0
    assert "Approved, not reviewed: signoff is none" in done.out
    assert world.live("churn")["tags"]["cardops:approved-by"] == "not reviewed: signoff is none"


def test_a_malformed_file_of_reviews_is_wrong_usage(world: Workspace) -> None:
    start(world)
    path = world.root.parent / "reviews.json"
    path.write_text('{"pull_request": {"number": 7}}')
    checked = world.cardops("validate", "--base", "HEAD", "--reviews", str(path))
    for done in (world.apply("--reviews", str(path)), checked):
        assert done.code == 64
        assert "pull_request.author must be the author's login" in done.err
    assert world.cardops("validate", "--reviews", str(path)).code == 64
