"""One card that cannot be read ends nothing for the others: reading, narrowing and the rest of the run go on."""

import json

import pytest

from support.workspace import CONFIG, DEV, OWNER, SHARE, Workspace, arn

DEV_GRANT = "  - {to: ml-dev, access: contribute, while: [Draft, PendingReview]}\n"
POISON = {
    "twice": '{"intended_uses":{"purpose_of_model":"unreviewed"},"intended_uses":{"purpose_of_model":"first"}}',
    "surrogate": '{"intended_uses":{"purpose_of_model":"\\ud800"}}',
    "overflow": '{"additional_information":{"custom_details":{"a":1e400}}}',
    "digits": '{"additional_information":{"custom_details":{"a":%s}}}' % ("9" * 400),
    "deep": '{"additional_information":' + "[" * 400 + "]" * 400 + "}",
}


@pytest.fixture
def poisoned(world: Workspace) -> Workspace:
    """A card for each kind of text that is not what its value says, written by a contributor; and one more card."""
    for name in (*POISON, "other"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    for name, text in POISON.items():
        world.client(DEV).update_model_card(ModelCardName=arn(name), Content=text)
    return world


def test_each_is_held_with_its_place_and_all_else_is_done(poisoned: Workspace) -> None:
    poisoned.write("shares/lifecycle.yaml", SHARE.replace(DEV_GRANT, ""))
    poisoned.card("other", purpose="second")
    poisoned.card("twice", "Approved")
    poisoned.commit("end a grant, and approve what nobody can read")
    done = poisoned.apply()
    assert done.code == 3, done
    assert poisoned.live("other")["content"]["intended_uses"]["purpose_of_model"] == "second"
    assert {name: poisoned.access(name)["ml-dev"] for name in (*POISON, "other")} == dict.fromkeys(
        (*POISON, "other"), ""
    )
    for name in POISON:
        assert f"card/unreadable deny: {name} cannot be read: its live JSON cannot be trusted:" in done.out
    live = poisoned.client(OWNER).describe_model_card(ModelCardName="twice")
    assert (live["ModelCardStatus"], live["Content"]) == ("Draft", POISON["twice"])
    drift = poisoned.cardops("drift")
    assert drift.code == 2
    assert "content has the key intended_uses twice" in drift.out


@pytest.mark.parametrize("shape", [{"additional_information": None}, {"additional_information": {"custom_details": 1}}])
def test_a_spokes_odd_shape_holds_the_copy_alone(world: Workspace, shape: object) -> None:
    world.write(
        "cardops.yaml",
        CONFIG.replace(f'"{DEV}", role: cardops-consumer', f'"{DEV}", role: cardops-consumer, plan_role: cardops-plan'),
    )
    world.client(DEV).create_model_card(ModelCardName="churn", Content=json.dumps(shape), ModelCardStatus="Draft")
    copy = "name: hub\nstatus: Draft\nowner: team-a\naggregate_from: {account: ml-dev, card: churn}\n"
    world.write("cards/hub.yaml", copy)
    world.card("other")
    world.commit()
    done = world.apply()
    assert (done.code, "hub/unreadable-origin" in done.out) == (3, True), done
    assert world.live("other")["status"] == "Draft"


def test_the_contributions_to_other_cards_come_to_git_all_the_same(world: Workspace) -> None:
    for name in ("deep", "other"):
        world.card(name)
    world.commit()
    assert world.apply().code == 0
    world.client(DEV).update_model_card(ModelCardName=arn("deep"), Content=POISON["deep"])
    world.contribute("other", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}}, DEV)
    done = world.cardops("pull")
    assert "pulled  other" in done.out, done
    assert "risk_rating: Low" in (world.root / "cards/other.yaml").read_text()
    assert done.code != 70
