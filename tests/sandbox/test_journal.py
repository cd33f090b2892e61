"""The journal and the clock."""

import threading
import urllib.error
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OWNER, REGION, SandboxClient


def test_a_call_is_journaled_with_who_what_and_outcome(world: SandboxClient) -> None:
    world.card()
    (entry,) = world.get("journal")
    moment = entry.pop("time")
    assert datetime.fromisoformat(moment).tzinfo is not None
    assert entry == {
        "n": 1,
        "account": OWNER,
        "role": None,
        "region": REGION,
        "service": "sagemaker",
        "operation": "CreateModelCard",
        "parameters": {"ModelCardName": "churn", "Content": '{"n":1}', "ModelCardStatus": "Draft"},
        "status": 200,
        "error": None,
    }


def test_refused_calls_are_journaled_with_their_error(world: SandboxClient) -> None:
    with pytest.raises(ClientError):
        world.cards().describe_model_card(ModelCardName="none")
    with pytest.raises(ClientError):
        world.cards(key="AKIAIOSFODNN7EXAMPLE").list_model_cards()
    rows = [(row["account"], row["operation"], row["status"], row["error"]) for row in world.get("journal")]
    assert rows == [
        (OWNER, "DescribeModelCard", 400, "ResourceNotFound"),
        (None, "ListModelCards", 400, "UnrecognizedClientException"),
    ]


def test_a_role_is_journaled_by_name(world: SandboxClient) -> None:
    world.as_role(f"arn:aws:iam::{CONSUMER}:role/team/reader", "ram").list_resource_types()
    entry = world.get("journal")[-1]
    assert (entry["account"], entry["role"], entry["operation"]) == (CONSUMER, "reader", "ListResourceTypes")


def test_only_mutating_calls_can_be_asked_for(world: SandboxClient) -> None:
    arn = world.card()
    world.cards().list_model_cards()
    world.cards().search(Resource="ModelCard")
    world.ram().get_resource_shares(resourceOwner="SELF")
    world.as_role(f"arn:aws:iam::{OWNER}:role/a", "sagemaker").describe_model_card(ModelCardName="churn")
    world.cards().add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    rows = world.get("journal?mutating=1")
    assert [(row["n"], row["operation"]) for row in rows] == [(1, "CreateModelCard"), (7, "AddTags")]
    assert len(world.get("journal")) == 7


def test_later_entries_can_be_asked_for(world: SandboxClient) -> None:
    for name in ("a", "b", "c"):
        world.card(name)
    assert [row["n"] for row in world.get("journal?since=1")] == [2, 3]
    assert world.get("journal?since=3&mutating=1") == []


def test_entries_are_in_the_order_of_effects(world: SandboxClient) -> None:
    world.card()
    clients = [world.cards(), world.cards(key=f"AKIA{OWNER}0001")]

    def write(client: object, first: int) -> None:
        for number in range(first, first + 20):
            client.update_model_card(ModelCardName="churn", Content=str(number))  # type: ignore[attr-defined]

    threads = [threading.Thread(target=write, args=(client, 100 * place)) for place, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = [row["parameters"]["Content"] for row in world.get("journal?mutating=1&since=1")]
    versions = range(2, 42)
    kept = [
        world.cards().describe_model_card(ModelCardName="churn", ModelCardVersion=number)["Content"]
        for number in versions
    ]
    assert written == kept


def test_a_reset_forgets_state_journal_faults_and_clock(world: SandboxClient) -> None:
    world.card()
    world.post("faults", {"calls": [{"fault": "throttle"}]})
    world.advance(1e6)
    world.post("reset")
    assert world.get("journal") == []
    assert world.cards().list_model_cards()["ModelCardSummaries"] == []
    assert world.cards().search(Resource="ModelCard")["Results"] == []
    assert world.get("faults")["calls"] == []
    assert world.post("clock", {"advance_seconds": 0})["now"] < datetime.now().timestamp() + 60


def test_the_clock_stamps_cards(world: SandboxClient) -> None:
    world.card()
    before = world.cards().describe_model_card(ModelCardName="churn")
    world.advance(86400)
    world.cards().update_model_card(ModelCardName="churn", Content="{}")
    after = world.cards().describe_model_card(ModelCardName="churn")
    assert after["CreationTime"] == before["CreationTime"]
    assert (after["LastModifiedTime"] - before["LastModifiedTime"]).days >= 1


def test_options_are_shown(world: SandboxClient) -> None:
    options = world.get("options")
    assert options["archived_frozen"] is True
    assert options["empty_pages"] == ["GetResourceShareAssociations", "GetResourceShareInvitations"]


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        ("nope", {}, 404),
        ("clock", {"advance_seconds": -1}, 400),
        ("clock", {}, 400),
        ("faults", {"nope": 1}, 400),
        ("faults", {"calls": [{"fault": "nope"}]}, 400),
        ("faults", {"calls": [{"fault": "error", "status": 404}]}, 400),
        ("faults", {"associations": [{"on": "nope"}]}, 400),
        ("faults", [], 400),
    ],
)
def test_control_requests_that_are_not_understood(
    world: SandboxClient, path: str, document: object, status: int
) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        world.post(path, document)
    assert error.value.code == status
    error.value.close()
