"""Faults: what each one does to a call, and which calls it strikes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

import cardops
from cardops.sandbox.faults import CRASH_STATUS, BadFaults, read
from support.sandbox_client import CONSUMER, OWNER, REGION, SESSION, SandboxClient, code, key_of

SCRIPTS = Path(cardops.__file__).parents[1]
SERVE = """
import sys
from pathlib import Path
from cardops.sandbox.core.server import Sandbox
sandbox = Sandbox(data=Path(sys.argv[1]))
print(sandbox.url, flush=True)
sandbox.serve_forever()
"""


def calls(world: SandboxClient, *rules: dict[str, Any], **more: Any) -> None:
    world.post("faults", {"calls": list(rules), **more})


def outcomes(world: SandboxClient, number: int) -> list[str]:
    """What that many describes of a card lead to."""
    seen = []
    for _ in range(number):
        try:
            world.cards().describe_model_card(ModelCardName="churn")
            seen.append("ok")
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])
    return seen


@pytest.mark.parametrize(
    ("service", "method", "given", "expected", "status"),
    [
        ("sagemaker", "list_model_cards", {}, "ThrottlingException", 400),
        ("ram", "list_resource_types", {}, "ThrottlingException", 429),
        ("sts", "get_caller_identity", {}, "Throttling", 400),
    ],
)
def test_throttling_is_the_services_own_error(
    world: SandboxClient, service: str, method: str, given: dict[str, Any], expected: str, status: int
) -> None:
    calls(world, {"fault": "throttle"})
    with pytest.raises(ClientError) as error:
        getattr(world.client(service), method)(**given)
    assert code(error) == expected
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("status", "expected"), [(500, "ServerInternalException"), (503, "ServiceUnavailableException")]
)
def test_an_error_comes_instead_of_the_effect(world: SandboxClient, status: int, expected: str) -> None:
    calls(world, {"fault": "error", "status": status, "times": 1})
    with pytest.raises(ClientError) as error:
        world.share([], [])
    assert code(error) == expected
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert world.ram().get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


def test_an_error_can_come_after_the_effect(world: SandboxClient) -> None:
    calls(world, {"fault": "error_after", "times": 1})
    with pytest.raises(ClientError) as error:
        world.card()
    assert code(error) == "InternalFailure"
    assert outcomes(world, 1) == ["ok"]


def test_a_connection_dropped_before_the_effect(world: SandboxClient) -> None:
    calls(world, {"fault": "drop_before", "times": 1})
    with pytest.raises(ConnectionClosedError):
        world.card()
    assert outcomes(world, 1) == ["ResourceNotFound"]
    assert (world.get("journal")[0]["status"], world.get("journal")[0]["error"]) == (0, "ConnectionDroppedBefore")


def test_a_connection_dropped_after_the_effect(world: SandboxClient) -> None:
    calls(world, {"fault": "drop_after", "times": 1})
    with pytest.raises(ConnectionClosedError):
        world.card()
    assert outcomes(world, 1) == ["ok"]
    assert (world.get("journal")[0]["status"], world.get("journal")[0]["error"]) == (200, "ConnectionDroppedAfter")


def test_a_client_that_retries_meets_its_own_effect(world: SandboxClient) -> None:
    calls(world, {"fault": "drop_after", "operation": "CreateModelCard", "nth": 1})
    patient = Config(retries={"mode": "standard", "total_max_attempts": 2})
    with pytest.raises(ClientError) as error:
        world.cards(config=patient).create_model_card(ModelCardName="churn", Content="{}", ModelCardStatus="Draft")
    assert code(error) == "ConflictException"


def test_a_rate_is_reproducible_by_its_seed(world: SandboxClient) -> None:
    world.card()
    seen = []
    for seed in (1, 1, 2):
        calls(world, {"fault": "throttle", "rate": 0.5}, seed=seed)
        seen.append(outcomes(world, 20))
    assert seen[0] == seen[1] != seen[2]
    assert 0 < seen[0].count("ok") < 20


def test_only_the_nth_matching_call_is_struck(world: SandboxClient) -> None:
    world.card()
    calls(world, {"fault": "throttle", "operation": "Describe*", "nth": 2})
    world.cards().list_model_cards()
    assert outcomes(world, 3) == ["ok", "ThrottlingException", "ok"]
    assert (world.get("faults")["calls"][0]["matched"], world.get("faults")["calls"][0]["struck"]) == (3, 1)


def listed(world: SandboxClient, number: int, account: str = OWNER, region: str = REGION) -> str:
    """Of that many lists of cards: a dot for each that was answered, an x for each that was throttled."""
    seen = ""
    for _ in range(number):
        try:
            world.cards(account, region=region).list_model_cards()
            seen += "."
        except ClientError as error:
            seen += "x" if error.response["Error"]["Code"] == "ThrottlingException" else "?"
    return seen


def test_each_account_and_region_has_a_bucket_that_fills_up_with_time(world: SandboxClient) -> None:
    calls(world, {"fault": "throttle", "service": "sagemaker", "per_second": 0.001, "burst": 2})
    assert listed(world, 4) == "..xx"
    assert (listed(world, 3, CONSUMER), listed(world, 3, region="eu-west-1")) == ("..x", "..x")
    world.ram().list_resource_types()
    world.post("clock", {"advance_seconds": 1_500})
    assert listed(world, 3) == ".xx"
    world.post("clock", {"advance_seconds": 500})
    assert listed(world, 2) == ".x"
    world.post("clock", {"advance_seconds": 1_000_000})
    assert listed(world, 4) == "..xx", "it never holds more than its burst"
    shown = world.get("faults")["calls"][0]
    assert (shown["matched"], shown["struck"]) == (19, 9)


def test_a_bucket_without_a_burst_holds_what_comes_in_a_second(world: SandboxClient) -> None:
    calls(world, {"fault": "throttle", "operation": "ListModelCards", "per_second": 3})
    world.post("clock", {"advance_seconds": 100})
    assert listed(world, 3) == "..."
    calls(world, {"fault": "throttle", "operation": "Describe*", "per_second": 0.001, "burst": 1})
    assert listed(world, 3) == "..."


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"fault": "error", "per_second": 1}, "per_second and burst go with throttle, not with error"),
        ({"fault": "throttle", "burst": 1}, "burst goes with per_second"),
    ],
)
def test_a_bucket_is_for_throttling_and_needs_a_rate(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(BadFaults, match=said):
        read({"calls": [rule]})


def test_rules_match_by_service_account_and_mutation(world: SandboxClient) -> None:
    calls(world, {"fault": "throttle", "service": "sagemaker", "account": CONSUMER, "mutating": True})
    world.card()
    world.cards(CONSUMER).list_model_cards()
    world.ram(CONSUMER).create_resource_share(name="x")
    with pytest.raises(ClientError) as error:
        world.card(account=CONSUMER)
    assert code(error) == "ThrottlingException"


def test_associations_can_be_slow(world: SandboxClient) -> None:
    arn = world.card()
    world.post("faults", {"associations": [{"kind": "PRINCIPAL", "seconds": 60}]})
    world.share([arn], [CONSUMER])
    assert world.states("RESOURCE") == {arn: "ASSOCIATED"}
    assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATING"}
    world.advance(60)
    assert world.states("PRINCIPAL") == {CONSUMER: "ASSOCIATED"}


def test_disassociations_can_be_slow(world: SandboxClient) -> None:
    share = world.share([world.card()], [CONSUMER])
    world.post("faults", {"associations": [{"on": "disassociate", "seconds": 60}]})
    world.ram().disassociate_resource_share(resourceShareArn=share, principals=[CONSUMER])
    assert world.states("PRINCIPAL") == {CONSUMER: "DISASSOCIATING"}
    world.advance(60)
    assert world.states("PRINCIPAL") == {CONSUMER: "DISASSOCIATED"}


def test_associations_can_fail_and_be_tried_again(world: SandboxClient) -> None:
    arn = world.card()
    world.post("faults", {"associations": [{"entity": "arn:*", "fail": "Not now", "times": 1}]})
    share = world.share([arn], [CONSUMER])
    world.ram().get_resource_share_associations(associationType="RESOURCE")
    pages = world.ram().get_paginator("get_resource_share_associations").paginate(associationType="RESOURCE")
    (row,) = [row for page in pages for row in page["resourceShareAssociations"]]
    assert (row["status"], row["statusMessage"]) == ("FAILED", "Not now")
    with pytest.raises(ClientError):
        world.cards(CONSUMER).describe_model_card(ModelCardName=arn)
    world.ram().associate_resource_share(resourceShareArn=share, resourceArns=[arn])
    assert world.states("RESOURCE") == {arn: "ASSOCIATED"}


def test_search_can_lag(world: SandboxClient) -> None:
    world.card("old")
    world.post("faults", {"search_lag_seconds": 60})
    world.card("new")
    names = lambda: {row["ModelCard"]["ModelCardName"] for row in world.cards().search(Resource="ModelCard")["Results"]}  # noqa: E731
    assert names() == {"old"}
    assert len(world.cards().list_model_cards()["ModelCardSummaries"]) == 2
    world.advance(60)
    assert names() == {"old", "new"}


@pytest.mark.parametrize(("fault", "kept"), [("crash_before", ["a"]), ("crash_after", ["a", "b"])])
def test_a_crash_ends_the_process_at_the_nth_mutating_call(tmp_path: Path, fault: str, kept: list[str]) -> None:
    data = tmp_path / "state.json"
    command = [sys.executable, "-c", SERVE, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(SCRIPTS)}) as process:
        assert process.stdout is not None
        world = SandboxClient(process.stdout.readline().strip())
        world.post("faults", {"calls": [{"fault": fault, "nth": 2}]})
        world.card("a")
        world.cards().list_model_cards()
        with pytest.raises(ConnectionClosedError):
            world.card("b")
        world.close()
        assert process.wait(10) == CRASH_STATUS
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(SCRIPTS)}) as process:
        assert process.stdout is not None
        client = SESSION.client(
            "sagemaker",
            region_name=REGION,
            endpoint_url=process.stdout.readline().strip(),
            aws_access_key_id=key_of("111111111111"),
            aws_secret_access_key="any",
        )
        rows = client.list_model_cards(SortBy="Name", SortOrder="Ascending")["ModelCardSummaries"]
        client.close()
        process.terminate()
    assert [row["ModelCardName"] for row in rows] == kept
