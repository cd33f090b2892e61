"""An account that nobody manages becomes a repository: files, a plan of adoptions, tags, and then nothing."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from support.workspace import DEV, OWNER, PROD, REGION, TEST, Workspace, arn, operations

CARDS, SHARES = 500, 50
TAGGING = {"AddTags", "TagResource"}
ALLOW_EXPORT = "arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerModelCardsAllowExport"


@pytest.fixture
def bare(world: Workspace) -> Workspace:
    """The world with an empty repository: no cardops.yaml, no shares."""
    (world.root / "cardops.yaml").unlink()
    (world.root / "shares/lifecycle.yaml").unlink()
    return world


def make_card(
    world: Workspace, name: str, status: str = "Draft", tags: Mapping[str, str] | None = None, **content: Any
) -> None:
    client = world.client(OWNER)
    client.create_model_card(
        ModelCardName=name,
        Content=json.dumps(content or {"intended_uses": {"purpose_of_model": f"what {name} is for"}}),
        ModelCardStatus=status,
        Tags=[{"Key": key, "Value": value} for key, value in (tags or {"team": "a"}).items()],
    )


def make_share(world: Workspace, name: str, cards: list[str], principals: list[str], **more: Any) -> str:
    made = world.client(OWNER, "ram").create_resource_share(
        name=name, resourceArns=[arn(card) for card in cards], principals=principals, **more
    )
    return str(made["resourceShare"]["resourceShareArn"])


def start_here(world: Workspace, *more: str) -> Any:
    return world.cardops("import", "--home", OWNER, "--region", REGION, *more)


def read(world: Workspace, path: str) -> Any:
    return yaml.safe_load((world.root / path).read_text())


@pytest.mark.slow
def test_five_hundred_cards_and_fifty_shares_are_adopted_by_tags_alone(bare: Workspace) -> None:
    statuses = ["Draft", "PendingReview", "Approved", "Archived"]
    bare.client(OWNER)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: make_card(bare, f"card-{n}", statuses[n % 4]), range(CARDS)))
        list(
            pool.map(
                lambda n: make_share(bare, f"team {n}", [f"card-{4 * n}"], [DEV if n % 2 else TEST]), range(SHARES)
            )
        )
    start = bare.now()
    done = start_here(bare)
    assert (done.code, done.out.splitlines()[-1]) == (0, "500 cards and 50 shares written, 0 things left out")
    assert bare.journal(start, mutating=True) == []
    assert bare.cardops("validate").code == 0
    bare.commit()
    plan = json.loads(bare.cardops("plan", "--format", "json").out)
    assert plan["counts"] == {"adopt": CARDS + SHARES}
    assert (plan["held"], plan["findings"]) == ([], [])
    before = bare.live("card-2")
    start = bare.now()
    done = bare.apply()
    assert done.code == 0, done.err
    written = bare.journal(start, mutating=True)
    assert set(operations(written)) == TAGGING
    assert len(written) == CARDS + SHARES
    after = bare.live("card-2")
    assert {**after, "tags": None} == {**before, "tags": None}
    assert after["tags"]["cardops:approved-by"] == "before cardops"
    assert after["tags"]["team"] == "a"
    assert json.loads(bare.cardops("plan", "--format", "json").out)["steps"] == []


def test_what_files_cannot_say_is_listed_and_left_alone(bare: Workspace) -> None:
    make_card(bare, "draft", tags={"team": "a", "cardops:version": "9"})
    make_card(bare, "approved", "Approved")
    make_card(bare, "theirs", tags={"cardops:repository": "other-9f9f"})
    make_share(bare, "two", ["draft"], [DEV, TEST])
    make_share(bare, "none", ["draft"], [])
    make_share(bare, "writes approved", ["approved"], [DEV])
    make_share(bare, "other card", ["theirs"], [DEV])
    make_share(bare, "export", ["draft"], [PROD], permissionArns=[ALLOW_EXPORT])
    done = start_here(bare, "--owner", "team-a")
    assert done.code == 0
    left = [line for line in done.out.splitlines() if line.startswith("not imported")]
    one_each = "cardops keeps one RAM share for each; split it in RAM first"
    assert left == [
        "not imported: card draft, tags.cardops:version: tags that begin with `cardops:` belong to cardops",
        "not imported: card theirs: other-9f9f manages it",
        f"not imported: share 'none': it has no principal, and {one_each}",
        "not imported: share 'other card': it holds the card theirs, which no file declares",
        f"not imported: share 'two': it has 2 principals, and {one_each}",
        "not imported: share 'writes approved': it lets others write approved, which is Approved",
    ]
    assert read(bare, "cards/draft.yaml")["owner"] == "team-a"
    assert read(bare, "cards/draft.yaml")["tags"] == {"team": "a"}
    assert read(bare, "shares/export.yaml")["grants"][0]["to"] == f"account-{PROD}"
    assert read(bare, "shares/export.yaml")["grants"][0]["access"] == "export"
    bare.commit()
    plan = json.loads(bare.cardops("plan", "--format", "json").out)
    assert plan["counts"] == {"adopt": 3}


def test_a_second_import_overwrites_nothing_and_takes_only_what_is_new(bare: Workspace) -> None:
    make_card(bare, "first")
    share = make_share(bare, "one", ["first"], [DEV])
    assert start_here(bare).code == 0
    mine = (bare.root / "cards/first.yaml").read_text() + "# mine\n"
    bare.write("cards/first.yaml", mine)
    make_card(bare, "second")
    done = bare.cardops("import")
    assert done.code == 0
    assert "wrote cards/second.yaml" in done.out
    assert "not imported: card first: a file declares it already" in done.out
    assert "not imported: share 'one': a file declares it already" in done.out
    assert (bare.root / "cards/first.yaml").read_text() == mine
    assert read(bare, "shares/one.yaml")["grants"][0]["adopt"] == share


def test_another_region_is_imported_beside_the_first(bare: Workspace) -> None:
    make_card(bare, "first")
    there = boto3.client(
        "sagemaker",
        region_name="us-east-1",
        endpoint_url=bare.url,
        aws_access_key_id=f"AKIA{OWNER}0000",
        aws_secret_access_key="any",
    )
    there.create_model_card(ModelCardName="first", Content="{}", ModelCardStatus="Draft")
    assert start_here(bare).code == 0
    done = bare.cardops("import", "--region", "us-east-1")
    assert (done.code, "wrote cards/us-east-1/first.yaml" in done.out) == (0, True)
    assert read(bare, "cards/us-east-1/first.yaml")["region"] == "us-east-1"
    assert "$schema=../../policies/" in (bare.root / "cards/us-east-1/first.yaml").read_text()
    bare.commit()
    plan = json.loads(bare.cardops("plan", "--format", "json").out)
    assert [(step["kind"], step["region"]) for step in plan["steps"]] == [("adopt", REGION), ("adopt", "us-east-1")]
    there.close()


def test_content_that_breaks_the_schema_is_written_and_named(bare: Workspace) -> None:
    make_card(bare, "odd", intended_uses={"purpose_of_model": "x" * 3000})
    done = start_here(bare)
    assert done.code == 1
    assert "cards/odd.yaml" in done.out
    assert "has 3,000 characters; the limit is 2,048" in done.out
    assert read(bare, "cards/odd.yaml")["content"] == {"intended_uses": {"purpose_of_model": "x" * 3000}}


def test_a_card_that_changed_hands_after_the_plan_is_not_adopted(bare: Workspace) -> None:
    make_card(bare, "churn")
    assert start_here(bare).code == 0
    bare.commit()
    plan = bare.root.parent / "plan.json"
    assert bare.cardops("plan", "--out", str(plan)).code == 0
    bare.client(OWNER).add_tags(ResourceArn=arn("churn"), Tags=[{"Key": "cardops:repository", "Value": "other-9f9f"}])
    start = bare.now()
    assert bare.apply("--plan", str(plan)).code == 3
    assert bare.journal(start, mutating=True) == []
    assert bare.live("churn")["tags"]["cardops:repository"] == "other-9f9f"


def test_a_file_becomes_a_card_in_draft_that_validates(world: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "described.json"
    content = {"model_overview": {"model_name": "churn", "model_owner": 7}}
    described = {"ModelCardName": "churn", "ModelCardStatus": "Approved", "Content": json.dumps(content)}
    file.write_text(json.dumps(described))
    done = world.cardops("import", "--from", str(file), "--owner", "team-a")
    assert done.code == 0
    assert "not imported: ModelCardStatus: the card starts as Draft; a review moves it on" in done.out
    assert "not imported: content.model_overview.model_owner" in done.out
    assert read(world, "cards/churn.yaml") == {
        "name": "churn",
        "status": "Draft",
        "owner": "team-a",
        "content": {"model_overview": {"model_name": "churn"}},
    }
    assert world.cardops("validate").code == 0
    again = world.cardops("import", "--from", str(file))
    assert again.code == 1
    assert "cards/churn.yaml:2:1: import/exists deny" in again.out
    assert world.journal() == []
