"""Nobody's words are lost: live writes survive applies, and conflicts wait for people."""

import pytest

from support.workspace import DEV, Workspace, operations

pytestmark = pytest.mark.usefixtures("unmeasured")

FIRST = {"intended_uses": {"purpose_of_model": "first"}}
THEIRS = {"intended_uses": {"purpose_of_model": "first", "explanations_for_risk_rating": "written in dev"}}


def started(world: Workspace, **more: object) -> None:
    """A Draft card that ml-dev contributed to."""
    world.card("churn", **more)
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", THEIRS, DEV)


def test_a_contribution_survives_any_number_of_applies(world: Workspace) -> None:
    started(world)
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    for purpose in ("second", "third"):
        world.card("churn", purpose=purpose)
        world.commit()
        assert world.apply().code == 0
        assert world.live("churn")["content"]["intended_uses"] == {
            "purpose_of_model": purpose,
            "explanations_for_risk_rating": "written in dev",
        }
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_conflict_holds_that_card_only_and_shows_all_three(world: Workspace) -> None:
    world.card("risk")
    started(world)
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "live words"}}, DEV)
    world.card("churn", purpose="git words")
    world.card("risk", purpose="second")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "git and the live card changed one field: content.intended_uses.purpose_of_model (hint" in done.out
    assert "words" not in done.out + done.err
    shown = world.cardops("plan").out
    assert 'content.intended_uses.purpose_of_model (base "first", git "git words", live "live words")' in shown
    assert world.live("churn")["content"]["intended_uses"]["purpose_of_model"] == "live words"
    assert world.live("risk")["content"]["intended_uses"]["purpose_of_model"] == "second"


def test_an_approval_waits_for_what_git_lacks_and_writers_go_first(world: Workspace) -> None:
    started(world)
    world.card("churn", "Approved")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "content that nobody reviewed in git (content.intended_uses.explanations_for_risk_rating)" in done.out
    assert world.live("churn")["status"] == "Draft"
    assert world.access("churn") == {"ml-dev": "", "ml-test": "", "ml-prod": ""}
    world.write(
        "cards/churn.yaml",
        "name: churn\nstatus: Approved\nowner: team-a\ncontent:\n  intended_uses:\n"
        "    purpose_of_model: first\n    explanations_for_risk_rating: written in dev\n",
    )
    world.commit()
    assert world.apply().code == 0
    assert world.live("churn")["status"] == "Approved"


def test_live_sections_belong_to_the_live_card(world: Workspace) -> None:
    started(world, live_sections=["intended_uses"])
    world.card("churn", purpose="git words", live_sections=["intended_uses"])
    world.commit()
    assert world.apply().code == 0
    assert world.live("churn")["content"] == THEIRS
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_reverted_field_is_reverted(world: Workspace) -> None:
    started(world)
    for purpose in ("second", "first"):
        world.card("churn", purpose=purpose)
        world.commit()
        assert world.apply().code == 0
    assert world.live("churn")["content"] == THEIRS


def test_a_field_reverted_in_git_after_a_crash_is_reverted(world: Workspace) -> None:
    """The write took effect, its tags did not; the next commit takes the change back."""
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.card("churn", purpose="second")
    second = world.commit()
    from cardops.model import canonical

    sent = canonical.digest(canonical.to_bytes({"intended_uses": {"purpose_of_model": "second"}}))
    card = "arn:aws:sagemaker:eu-west-1:111111111111:model-card/churn"
    tag = {"Key": "cardops:applying", "Value": f"{second}/{sent}"}
    world.client("111111111111").add_tags(ResourceArn=card, Tags=[tag])
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "second"}})
    world.card("churn", purpose="first")
    world.commit()
    assert world.apply().code == 0
    assert world.live("churn")["content"] == FIRST
    assert "cardops:applying" not in world.live("churn")["tags"]
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_a_change_made_on_both_sides_is_recorded_but_not_counted(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "second"}})
    world.card("churn", purpose="second")
    commit = world.commit()
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    start = world.now()
    assert world.apply().code == 0
    assert operations(world.journal(start, mutating=True)) == ["AddTags"]
    assert world.live("churn")["tags"]["cardops:commit"] == commit
