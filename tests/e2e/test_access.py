"""Who can see what: the seed's story with the matrix after each merge, and what `cardops access` finds and says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.json_schemas import fits
from support.workspace import (
    CONFIG,
    CONSUMERS,
    DEV,
    OWNER,
    PLANNED,
    PROD,
    REGION,
    TEST,
    Workspace,
    arn,
    operations,
    outside,
)

pytestmark = pytest.mark.usefixtures("unmeasured")

Row = tuple[str, str, str]


@pytest.fixture(params=[True, False], ids=["organization", "invitations"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """With sharing in the organization, and with invitations that cardops accepts as the consumer."""
    with Sandbox(options=Options(customer_permissions=True, organization_sharing=request.param)) as sandbox:
        world = Workspace(tmp_path / "repository", sandbox.url)
        world.write("cardops.yaml", PLANNED if request.param else outside(PLANNED))
        yield world
        world.close()


def matrix(world: Workspace, *arguments: str, code: int = 0) -> dict[str, dict[str, Row]]:
    """(declared, granted, observed) by card and account; `code` is the exit code."""
    done = world.cardops("access", "--format", "json", *arguments)
    assert done.code == code, done
    found: dict[str, dict[str, Row]] = {}
    for cell in fits("access", done.out)["cells"]:
        row = (cell["declared"], cell["granted"], cell["observed"])
        found.setdefault(cell["card"]["name"], {})[cell["alias"] or cell["account"]] = row
    return found


def same(**levels: str) -> dict[str, Row]:
    """Declared, granted and (tried with a write) observed alike."""
    return {alias: (levels.get(alias[3:], ""),) * 3 for alias in CONSUMERS}


def test_the_story_with_the_matrix_after_each_merge(anywhere: Workspace) -> None:
    for status, levels in (
        ("Draft", {"dev": "write"}),
        ("PendingReview", {"dev": "write", "test": "read"}),
        ("Approved", {"test": "read", "prod": "read"}),
        ("Archived", {}),
    ):
        anywhere.card("churn", status)
        anywhere.commit(status)
        done = anywhere.apply()
        assert done.code == 0, done
        assert matrix(anywhere, "churn", "--verify", "--probe-write") == {"churn": same(**levels)}
    cli_as_production(anywhere)


def cli_as_production(world: Workspace) -> None:
    """What production finds with the AWS CLI: the card by its ARN, and no way to write it."""
    world.card("shown", "Approved")
    world.commit()
    assert world.apply().code == 0
    listed = aws(world, "ram", "list-resources", "--resource-owner", "OTHER-ACCOUNTS")
    assert [one["arn"] for one in json.loads(listed.stdout)["resources"]] == [arn("shown")]
    name = ("--model-card-name", arn("shown"))
    assert json.loads(aws(world, "sagemaker", "describe-model-card", *name).stdout)["ModelCardStatus"] == "Approved"
    refused = aws(world, "sagemaker", "update-model-card", *name, "--model-card-status", "Draft")
    assert refused.returncode != 0
    assert "AccessDeniedException" in refused.stderr


def aws(world: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("aws"))
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    secret = {"AWS_ACCESS_KEY_ID": f"AKIA{PROD}0000", "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": ""}
    command = [program, *words, "--endpoint-url", world.url, "--region", REGION, "--output", "json"]
    return subprocess.run(command, env=kept | secret, capture_output=True, text=True, check=False)


def test_the_story_of_a_hub(anywhere: Workspace) -> None:
    """ml-dev owns the card; the hub's copy is what the others read."""
    anywhere.client(DEV).create_model_card(
        ModelCardName="churn", Content='{"intended_uses":{"purpose_of_model":"x"}}', ModelCardStatus="Draft"
    )
    origin = "owner: team-a\naggregate_from: {account: ml-dev, card: churn}\n"
    for status, levels in (
        ("Draft", {"dev": "write"}),
        ("PendingReview", {"dev": "write", "test": "read"}),
        ("Approved", {"test": "read", "prod": "read"}),
    ):
        anywhere.client(DEV).update_model_card(ModelCardName="churn", ModelCardStatus=status)
        anywhere.write("cards/hub-churn.yaml", f"name: hub-churn\nstatus: {status}\n{origin}")
        anywhere.commit(status)
        assert anywhere.apply().code == 0
        assert matrix(anywhere, "--verify", "--probe-write") == {"hub-churn": same(**levels)}


def test_reading_makes_no_mutating_call_and_few_others(world: Workspace) -> None:
    world.write("cardops.yaml", PLANNED)
    world.card("churn")
    world.card("risk", "Approved")
    world.commit()
    assert world.apply().code == 0
    start = world.now()
    done = world.cardops("access", "churn")
    assert done.code == 0
    assert f"churn  ml-dev ({DEV})  write     write    ?" in done.out
    assert "Access: 1 of 3 cards and accounts have to do with each other; no findings." in done.out
    asked = world.journal(start)
    assert {call["role"] for call in asked} == {None, "cardops-plan"}
    assert "Search" not in operations(asked)
    start = world.now()
    assert matrix(world, "--verify")["risk"] == {
        "ml-dev": ("", "", ""),
        "ml-test": ("read",) * 3,
        "ml-prod": ("read",) * 3,
    }
    assert world.journal(start, mutating=True) == []
    start = world.now()
    assert matrix(world, "ml-dev", "--verify", "--probe-write") == {
        "churn": {"ml-dev": ("write",) * 3},
        "risk": {"ml-dev": ("", "", "")},
    }
    calls = world.journal(start, mutating=True)
    assert [(call["role"], call["parameters"]) for call in calls] == [
        ("cardops-consumer", {"ModelCardName": arn("churn"), "ModelCardStatus": "Draft"})
    ]
    assert world.cardops("plan", "--detailed-exitcode").code == 0


def test_what_differs_is_found_where_it_belongs(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.client(OWNER, "ram").create_resource_share(name="theirs", resourceArns=[arn("churn")], principals=[PROD])
    done = world.cardops("access", "churn", "--verify")
    assert done.code == 1
    assert (
        f"cards/churn.yaml:1:1: access/more-than-declared deny: churn: git declares nothing for ml-prod ({PROD}) "
        "and RAM grants write through the foreign share 'theirs'"
    ) in done.out
    assert world.cardops("access", "ml-test").code == 0
    assert "access/" not in world.cardops("access", "ml-test").out


def test_who_cannot_be_asked_is_unknown(world: Workspace) -> None:
    world.write("cardops.yaml", CONFIG.replace(f'"{TEST}", role: cardops-consumer', f'"{TEST}"'))
    world.card("churn", "PendingReview")
    world.commit()
    done = world.apply()
    assert (done.code, "not verified for ml-test (333333333333): account ml-test" in done.err) == (0, True)
    done = world.cardops("access", "churn", "--verify")
    assert done.code == 3
    assert f"unknown: ml-test ({TEST}) could not be asked: account ml-test ({TEST}) has no role" in done.err
    world.write("cardops.yaml", CONFIG.replace(", plan_role: cardops-plan", ""))
    done = world.cardops("access", "churn")
    assert done.code == 3
    assert (
        f"unknown: {OWNER}/{REGION} could not be asked: account shared-services ({OWNER}) has no plan_role" in done.err
    )


def test_the_past_is_answered_from_git_and_from_the_ledger(world: Workspace) -> None:
    world.card("churn")
    draft = world.commit()
    done = world.cardops("access", "--at", "2099-01-01")
    assert (done.code, "the ledger has nothing up to 2099-01-01" in done.err) == (3, True)
    assert world.apply("--ledger").code == 0
    world.card("churn", "Approved")
    world.commit()
    start = world.now()
    assert matrix(world, "--at", draft)["churn"]["ml-dev"] == ("write", None, None)
    assert matrix(world, "--at", "HEAD")["churn"]["ml-prod"] == ("read", None, None)
    assert matrix(world, "--at", "2099-01-01") == {
        "churn": {"ml-dev": ("write", "write", None), "ml-test": ("", "", None), "ml-prod": ("", "", None)}
    }
    assert matrix(world, "ml-dev", "--at", "2099-01-01")["churn"] == {"ml-dev": ("write", "write", None)}
    assert world.now() == start
    assert world.cardops("access", "--at", "HEAD", "--verify").code == 64
    assert world.cardops("access", "--probe-write").code == 64
    done = world.cardops("access", "nobody")
    assert (done.code, "no account and no card is called 'nobody'" in done.err) == (64, True)


def test_apply_tries_what_it_changed_and_nothing_else(world: Workspace) -> None:
    world.card("churn")
    world.card("other")
    world.commit()
    assert world.apply().code == 0
    world.card("churn", "PendingReview")
    world.commit()
    start = world.now()
    assert world.apply().code == 0
    tried = [call for call in world.journal(start) if call["role"] == "cardops-consumer"]
    assert [(call["account"], call["operation"]) for call in tried] == [
        (TEST, "DescribeModelCard"),
        (TEST, "ListModelCardVersions"),
    ]
    last = world.journal(start)[-1]
    assert last["account"] == TEST
    start = world.now()
    assert world.apply().code == 0
    world.card("churn", "Approved")
    world.commit()
    assert world.apply("--no-verify").code == 0
    assert not [call for call in world.journal(start) if call["role"] == "cardops-consumer"]


def test_what_is_otherwise_than_apply_left_it_is_told(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.client(OWNER, "ram").create_resource_share(name="theirs", resourceArns=[arn("churn")], principals=[TEST])
    world.card("churn", "PendingReview")
    world.commit()
    done = world.apply()
    assert done.code == 3
    assert f"git declares read for ml-test ({TEST}) and RAM grants write through the" in done.out
