"""Switches by name: on the command line, in a file of facts, and over HTTP; and what each of some of them changes."""

import dataclasses
import json
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from cardops.cli.sandbox import command
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import BadSwitch, Options, read_facts, read_switch
from support.sandbox_client import CONSUMER, OTHER, OWNER, MakeSandbox, SandboxClient, code, message

OTHER_VALUES: dict[str, Any] = {
    "outside_accounts": [OTHER],
    "management_account": OWNER,
    "undeclared_roles": "refused",
    "role_recreated": "arn",
    "simulate_across_accounts": "refuses",
    "empty_pages": ["ListResources"],
    "edited_status": "Draft",
    "archived_error": "ConflictException",
}


def other(name: str, value: Any) -> Any:
    """Another value than the default of a switch."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else OTHER_VALUES[name]


DEFAULTS = Options().describe()


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_switch_is_set_by_a_fact_and_tells_its_value(name: str) -> None:
    value = other(name, DEFAULTS[name])
    options = Options().switched({name: value})
    assert options.describe() == {**DEFAULTS, name: value}
    assert Options().switched(options.describe()) == options


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_switch_is_set_on_the_command_line(name: str) -> None:
    value = other(name, DEFAULTS[name])
    text = value if isinstance(value, str) else json.dumps(value)
    assert Options().switched(read_switch(f"{name.replace('_', '-')}={text}")).describe()[name] == value


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"no_such": True}, "no_such is not a switch of the sandbox. The switches are archived_error, "),
        ({"unarchive": "yes"}, 'unarchive takes true or false, not "yes".'),
        ({"unarchive": 1}, "unarchive takes true or false, not 1."),
        ({"delete_seconds": -1}, "delete_seconds takes a number of seconds, not -1."),
        ({"delete_seconds": True}, "delete_seconds takes a number of seconds, not true."),
        ({"card_versions": 1.5}, "card_versions takes a whole number, not 1.5."),
        ({"role_recreated": "name"}, 'role_recreated takes one of id, arn, not "name".'),
        ({"empty_pages": "ListResources"}, "empty_pages takes a list of strings."),
    ],
)
def test_a_wrong_switch_is_named(values: dict[str, Any], wanted: str) -> None:
    with pytest.raises(BadSwitch) as error:
        Options().switched(values)
    assert str(error.value).startswith(wanted)


def test_the_documentation_tells_of_every_switch() -> None:
    text = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")
    missing = [item.name for item in dataclasses.fields(Options) if f"| `{item.name}` |" not in text]
    assert missing == []


def test_facts_are_read_as_a_probe_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "aws-facts.json"
    path.write_text('{"version": 1, "facts": {"customer_permissions": false, "role_recreated": "arn"}}')
    options = Options().switched(read_facts(path))
    assert (options.customer_permissions, options.role_recreated) == (False, "arn")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "facts": {}}', '{"facts": []}'])
def test_a_file_that_is_not_one_of_facts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "aws-facts.json"
    path.write_text(text)
    with pytest.raises(BadSwitch, match=r"aws-facts\.json is not"):
        read_facts(path)


def refused(*words: str) -> str:
    """Run the command, which is to refuse its options; return what it says."""
    done = CliRunner().invoke(command, words)
    assert done.exit_code != 0
    return done.output


def test_the_command_refuses_wrong_switches_and_data_files(tmp_path: Path) -> None:
    assert "unarchive takes true or false" in refused("--switch", "unarchive=maybe")
    assert "plain is not NAME=VALUE." in refused("--switch", "plain")
    (tmp_path / "facts.json").write_text("{}")
    assert "is not a file of facts" in refused("--facts", str(tmp_path / "facts.json"))
    (tmp_path / "damaged.json").write_text('{"regions": {"x": {"accou')
    assert "or it is damaged" in refused("--data", str(tmp_path / "damaged.json"))
    (tmp_path / "other.json").write_text('{"unknown": 1}')
    assert "is not a data file of this version of the sandbox" in refused("--data", str(tmp_path / "other.json"))
    assert "does not exist. Create it first." in refused("--data", str(tmp_path / "none/aws.json"))
    with Sandbox(data=tmp_path / "aws.json"):
        for _ in range(2):
            assert "Another sandbox keeps its state in" in refused("--data", str(tmp_path / "aws.json"))
    with Sandbox(data=tmp_path / "aws.json"):
        pass


def test_switches_are_set_over_http(make_world: MakeSandbox) -> None:
    world = make_world()
    world.card(status="Archived")
    given = {"ModelCardName": "churn", "ModelCardStatus": "Draft"}
    with pytest.raises(ClientError):
        world.cards().update_model_card(**given)
    assert world.post("options", {"unarchive": True})["unarchive"] is True
    world.cards().update_model_card(**given)
    with pytest.raises(urllib.error.HTTPError) as error:
        world.post("options", {"unarchive": 3})
    with error.value as reply:
        assert json.load(reply) == {"error": "unarchive takes true or false, not 3."}


def test_content_and_status_in_one_call_make_one_version(make_world: MakeSandbox) -> None:
    world = make_world(one_field_updates=False)
    world.card()
    world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}', ModelCardStatus="Approved")
    rows = world.cards().list_model_card_versions(ModelCardName="churn")["ModelCardVersionSummaryList"]
    assert [(row["ModelCardVersion"], row["ModelCardStatus"]) for row in rows] == [(2, "Approved"), (1, "Draft")]


@pytest.mark.parametrize("answers", [True, False])
def test_describing_a_card_that_is_being_deleted_is_a_switch(make_world: MakeSandbox, answers: bool) -> None:
    world = make_world(describe_while_deleting=answers, delete_seconds=3600.0)
    world.card()
    world.cards().delete_model_card(ModelCardName="churn")
    if answers:
        assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardProcessingStatus"] == "DeletePending"
        return
    with pytest.raises(ClientError) as error:
        world.cards().describe_model_card(ModelCardName="churn")
    assert message(error) == "Model card is being deleted"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"n":1}', "content has the unknown key n"),
        ("[]", "content is not an object"),
        ('{"intended_uses": {"risk_rating": "Severe"}}', "content.intended_uses.risk_rating must be one of High"),
        ('{"evaluation_details": [{"datasets": []}]}', "content.evaluation_details[0] lacks name"),
        ('{"model_overview": {"model_version": "1"}}', "content.model_overview.model_version is not a number"),
        (json.dumps({"model_overview": {"model_id": "x" * 1025}}), "content.model_overview.model_id must have 0 to"),
    ],
)
def test_content_is_checked_as_a_model_card_where_that_is_switched_on(
    make_world: MakeSandbox, content: str, problem: str
) -> None:
    world = make_world(checked_content=True)
    world.card(Content='{"model_overview": {"model_id": "m"}, "intended_uses": {"risk_rating": "High"}}')
    calls = (
        lambda: world.card("other", Content=content),
        lambda: world.cards().update_model_card(ModelCardName="churn", Content=content),
    )
    for call in calls:
        with pytest.raises(ClientError) as error:
            call()
        assert code(error) == "ValidationException"
        assert f"does not match the model card JSON schema: {problem}" in message(error)


def test_a_consumer_leaves_a_share(world: SandboxClient) -> None:
    arn = world.card()
    share = world.share([arn], [CONSUMER, OTHER])
    ram = world.ram(CONSUMER)
    with pytest.raises(ClientError):
        ram.disassociate_resource_share(resourceShareArn=share, principals=[OTHER])
    with pytest.raises(ClientError):
        ram.disassociate_resource_share(resourceShareArn=share, resourceArns=[arn])
    ram.disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL") == {CONSUMER: "DISASSOCIATED", OTHER: "ASSOCIATED"}
    with pytest.raises(ClientError):
        world.cards(CONSUMER).describe_model_card(ModelCardName=arn)


@pytest.mark.parametrize("principal", ["glue.amazonaws.com", f"arn:aws:iam::{CONSUMER}:root"])
def test_services_and_root_users_are_not_principals_of_a_share(world: SandboxClient, principal: str) -> None:
    arn = world.card()
    with pytest.raises(ClientError) as error:
        world.share([arn], [principal])
    assert code(error) == "InvalidParameterException"


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_arns_have_the_partition_of_the_region(world: SandboxClient, region: str) -> None:
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}[region]
    cards = world.client("sagemaker", region=region)
    arn = cards.create_model_card(ModelCardName="churn", Content="{}", ModelCardStatus="Draft")["ModelCardArn"]
    assert arn == f"arn:{partition}:sagemaker:{region}:{OWNER}:model-card/churn"
    share = world.client("ram", region=region).create_resource_share(
        name="cards", resourceArns=[arn], principals=[CONSUMER]
    )["resourceShare"]["resourceShareArn"]
    assert share.startswith(f"arn:{partition}:ram:")
    consumer = world.client("sagemaker", CONSUMER, region=region)
    assert consumer.describe_model_card(ModelCardName=arn)["ModelCardVersion"] == 1
    caller = world.client("sts", region=region).get_caller_identity()["Arn"]
    assert caller == f"arn:{partition}:iam::{OWNER}:user/administrator"
