"""The hub's copies of the spokes' cards: they follow, they cost nothing when nothing moved, and they lose nothing."""

import json
from datetime import UTC
from typing import Any

import pytest

from cardops.desired.hub_copies import carried_content
from cardops.model import canonical
from cardops.model.desired import CardKey, Status
from cardops.model.observed import ObservedCard
from support.workspace import CONFIG, DEV, OWNER, REGION, TEST, Workspace, arn, operations

pytestmark = pytest.mark.usefixtures("unmeasured")

HUB_CONFIG = CONFIG.replace("role: cardops-consumer}", "role: cardops-consumer, plan_role: cardops-plan}")
SPOKE = {"intended_uses": {"purpose_of_model": "spoke"}}
ORIGIN = CardKey(DEV, REGION, "churn")


def copy(world: Workspace, name: str = "hub-churn", status: str = "Draft", account: str = "ml-dev") -> None:
    """A hub copy's file."""
    text = f"name: {name}\nstatus: {status}\nowner: team-a\naggregate_from: {{account: {account}, card: churn}}\n"
    world.write(f"cards/{name}.yaml", text)


def write(world: Workspace, content: dict[str, Any], account: str = DEV) -> None:
    """The spoke writes its own card."""
    world.client(account).update_model_card(ModelCardName="churn", Content=json.dumps(content))


def without_provenance(content: dict[str, Any]) -> dict[str, Any]:
    """The copy's content, its custom details left out."""
    return {key: value for key, value in content.items() if key != "additional_information"}


@pytest.fixture
def hub(world: Workspace) -> Workspace:
    """ml-dev has a card of its own, of which no repository knows; the hub has its copy, and a card of its own."""
    world.write("cardops.yaml", HUB_CONFIG)
    world.client(DEV).create_model_card(ModelCardName="churn", Content=json.dumps(SPOKE), ModelCardStatus="Draft")
    copy(world)
    world.card("risk")
    world.commit()
    assert world.apply().code == 0
    return world


def test_a_copy_follows_its_spoke_and_costs_nothing_when_nothing_moved(hub: Workspace) -> None:
    start = hub.now()
    done = hub.cardops("plan", "--detailed-exitcode")
    assert (done.code, "nothing to do, 2 cards unchanged" in done.out) == (0, True)
    calls = [call for call in hub.journal(start) if call["service"] == "sagemaker"]
    assert [(call["account"], call["operation"]) for call in calls] == [(DEV, "Search"), (OWNER, "Search")]

    write(hub, SPOKE | {"business_details": {"line_of_business": "retail"}})
    start = hub.now()
    assert hub.cardops("plan", "--detailed-exitcode").code == 2
    assert hub.journal(start, mutating=True) == []
    assert hub.apply().code == 0
    live = hub.live("hub-churn")
    assert without_provenance(live["content"]) == SPOKE | {"business_details": {"line_of_business": "retail"}}
    spoke = hub.client(DEV).describe_model_card(ModelCardName="churn")
    assert live["content"]["additional_information"]["custom_details"] == {
        "cardops_origin_account": DEV,
        "cardops_origin_card": "churn",
        "cardops_origin_version": "2",
        "cardops_origin_time": spoke["LastModifiedTime"].astimezone(UTC).isoformat(),
        "cardops_origin_digest": canonical.digest(canonical.to_bytes(json.loads(spoke["Content"]))),
    }
    assert hub.cardops("plan", "--detailed-exitcode").code == 0


def test_words_in_the_copy_itself_wait_for_the_spoke(hub: Workspace) -> None:
    edited = hub.live("hub-churn")["content"] | {"business_details": {"line_of_business": "retail"}}
    hub.contribute("hub-churn", edited)
    write(hub, {"intended_uses": {"purpose_of_model": "newer"}})
    hub.card("risk", purpose="second")
    hub.commit()
    done = hub.apply()
    assert done.code == 3
    assert "somebody wrote into the copy itself (content.business_details)" in done.out
    assert hub.live("hub-churn")["content"] == edited
    assert hub.live("risk")["content"]["intended_uses"]["purpose_of_model"] == "second"

    write(hub, {"intended_uses": {"purpose_of_model": "newer"}, "business_details": {"line_of_business": "retail"}})
    assert hub.apply().code == 0
    assert without_provenance(hub.live("hub-churn")["content"]) == {
        "intended_uses": {"purpose_of_model": "newer"},
        "business_details": {"line_of_business": "retail"},
    }


def test_a_spoke_that_cannot_be_reached_is_named_and_the_others_go_on(hub: Workspace) -> None:
    hub.client(TEST).create_model_card(ModelCardName="churn", Content=json.dumps(SPOKE), ModelCardStatus="Draft")
    copy(hub, "hub-test", account="ml-test")
    hub.write(
        "cardops.yaml", HUB_CONFIG.replace(f'"{DEV}", role: cardops-consumer, plan_role: cardops-plan', f'"{DEV}"')
    )
    hub.commit()
    write(hub, {"intended_uses": {"purpose_of_model": "newer"}})
    before = hub.live("hub-churn")
    done = hub.apply()
    assert done.code == 3
    assert f"unknown: {DEV}/{REGION} could not be read" in done.err
    assert "hub-churn: its origin ml-dev/churn could not be read; the copy stays as it is" in done.out
    assert hub.live("hub-churn") == before
    assert without_provenance(hub.live("hub-test")["content"]) == SPOKE
    assert hub.cardops("plan").code == 3


def test_an_interrupted_copy_is_our_own_write(hub: Workspace) -> None:
    """The write took effect, its tags did not; then the spoke moved on."""
    write(hub, {"intended_uses": {"purpose_of_model": "second"}})
    seen = hub.client(DEV).describe_model_card(ModelCardName="churn")
    content = canonical.to_bytes(json.loads(seen["Content"]))
    sent = carried_content(ObservedCard(ORIGIN, Status.DRAFT, 2, content, modified="2026-06-01T10:00:00+00:00"))
    tag = {"Key": "cardops:applying", "Value": f"{hub.git('rev-parse', 'HEAD')}/{canonical.digest(sent)}"}
    hub.client(OWNER).add_tags(ResourceArn=arn("hub-churn"), Tags=[tag])
    hub.contribute("hub-churn", canonical.from_bytes(sent))
    write(hub, {"intended_uses": {"purpose_of_model": "third"}})
    assert hub.apply().code == 0
    live = hub.live("hub-churn")
    assert without_provenance(live["content"]) == {"intended_uses": {"purpose_of_model": "third"}}
    assert "cardops:applying" not in live["tags"]
    assert hub.cardops("plan", "--detailed-exitcode").code == 0


def test_a_spoke_that_git_declares_goes_first_and_the_next_apply_brings_the_copy(world: Workspace) -> None:
    world.write("cardops.yaml", HUB_CONFIG)
    world.card("churn", "PendingReview", account="ml-dev")
    copy(world, status="PendingReview")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert "this plan changes its origin ml-dev/churn; the copy follows with the next apply" in done.out
    done = world.apply()
    assert done.code == 0
    assert world.live("hub-churn")["status"] == "PendingReview"
    assert world.cardops("plan", "--detailed-exitcode").code == 0

    world.card("churn", "Approved", account="ml-dev")
    copy(world, status="Approved")
    world.commit()
    assert world.apply().code == 3
    assert world.live("hub-churn")["status"] == "PendingReview"
    assert world.apply().code == 0
    assert world.live("hub-churn")["status"] == "Approved"
    assert world.access("hub-churn") == {"ml-dev": "", "ml-test": "read", "ml-prod": "read"}
    assert operations(world.journal(mutating=True)).count("CreateModelCard") == 2
    assert world.cardops("drift").code == 0


def test_a_signature_on_a_copy_covers_what_it_carries(hub: Workspace) -> None:
    hub.client(DEV).update_model_card(ModelCardName="churn", ModelCardStatus="Approved")
    copy(hub, status="Approved")
    hub.commit()
    done = hub.cardops("plan", "--write-role", "--format", "markdown")
    digest = canonical.digest(canonical.to_bytes(hub.live("hub-churn")["content"]))
    assert f"**Approving this signs `hub-churn`**, with digest `{digest}`" in done.out
    assert "content: all of it, copied from `ml-dev/churn`; git has none of it" in done.out
    assert "cardops_origin_digest" in done.out
    assert hub.apply().code == 0
    assert hub.live("hub-churn")["status"] == "Approved"
