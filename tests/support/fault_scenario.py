"""A team's year in six merges: every kind of step there is, with what pipelines and people write in between."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from support.killable_workspace import KillableWorkspace
from support.oracle import Declaration, declared
from support.profiles import NIGHTLY
from support.workspace import DEV, OWNER, PROD, REGION, TEST, Workspace, arn

PARTNER = "555555555555"
ALL = ("Draft", "PendingReview", "Approved")
TRAINING = {"training_observations": "from the pipeline"}


def config(read: str = "[sagemaker:DescribeModelCard, sagemaker:ListModelCardVersions]") -> str:
    """cardops.yaml with five accounts, one of them outside the organization."""
    return f"""\
version: 1
repository: gov-test-1a2b
region: {REGION}
home: shared-services
accounts:
  shared-services: {{id: "{OWNER}", role: cardops-apply, plan_role: cardops-plan}}
  ml-dev: {{read_only: [permission], id: "{DEV}", role: cardops-consumer, plan_role: cardops-plan}}
  ml-test: {{read_only: [permission], id: "{TEST}", role: cardops-consumer}}
  ml-prod: {{read_only: [permission], id: "{PROD}", role: cardops-consumer}}
  partner: {{read_only: [permission], id: "{PARTNER}", role: cardops-consumer, external: true}}
access:
  read: {{actions: {read}}}
  contribute: {{managed: AWSRAMPermissionSageMakerModelCards}}
signoff: none
safety: {{floor: 1000}}
"""


def share(name: str, cards: list[str], *grants: tuple[str, str, tuple[str, ...]]) -> str:
    """A share's file, as JSON, which is YAML."""
    listed = [{"to": to, "access": access, "while": list(during)} for to, access, during in grants]
    return json.dumps({"name": name, "cards": cards, "grants": listed})


LIFECYCLE = share(
    "lifecycle",
    ["*"],
    ("ml-dev", "contribute", ALL[:2]),
    ("ml-test", "read", ALL[1:]),
    ("ml-prod", "read", ALL[2:]),
)
PARTNERS = share("partners", ["risk"], ("partner", "read", ALL[2:]))


@dataclass(frozen=True, slots=True)
class Stage:
    """What happens to the live cards first, and what is merged then."""

    name: str
    merge: Callable[[KillableWorkspace], None]
    before: Callable[[KillableWorkspace], frozenset[str]] = lambda _: frozenset()
    """Answers which sections of the card churn somebody contributed to."""


def _create(stack: KillableWorkspace) -> None:
    stack.write("cardops.yaml", config())
    stack.write("shares/lifecycle.yaml", LIFECYCLE)
    stack.write("shares/partners.yaml", PARTNERS)
    _churn(stack, "Draft", "first", {"cost": "1"})
    stack.card("risk", "PendingReview")
    stack.card("old")
    _copy(stack, "Draft")


def _outside(stack: KillableWorkspace) -> frozenset[str]:
    """What is there without cardops: a spoke's card, and a registry entry."""
    _spoke(stack, "first", create=True)
    stack.client(OWNER).create_model_package_group(ModelPackageGroupName="churn")
    stack.client(OWNER).create_model_package(ModelPackageGroupName="churn")
    return frozenset()


def _contribute(stack: KillableWorkspace) -> frozenset[str]:
    """ml-dev's pipeline writes into the live card, and the spoke moves on."""
    _spoke(stack, "second", status="PendingReview")
    return contribute(stack, {"training_details": TRAINING, "business_details": {"line_of_business": "retail"}})


def contribute(stack: KillableWorkspace, sections: Mapping[str, Any]) -> frozenset[str]:
    """ml-dev writes these sections of the card churn, if it is there and ml-dev may; the sections written."""
    client = stack.client(DEV)
    try:
        live = client.describe_model_card(ModelCardName=arn("churn"))
        content = json.loads(live["Content"]) | sections
        client.update_model_card(ModelCardName=arn("churn"), Content=json.dumps(content))
    except ClientError as problem:
        if problem.response["Error"]["Code"] not in ("AccessDeniedException", "ResourceNotFound"):
            raise
        return frozenset()
    return frozenset(sections)


def _edit(stack: KillableWorkspace) -> None:
    _churn(stack, "PendingReview", "second", {"cost": "2", "team": "a"})
    stack.card("risk", "Approved")
    _copy(stack, "PendingReview")


def _approve(stack: KillableWorkspace) -> None:
    """Git takes the contribution, takes its own edit back, and approves."""
    _churn(stack, "Approved", "first", {"team": "a"}, whole=True)
    (stack.root / "cards/old.yaml").unlink()


def _rework(stack: KillableWorkspace) -> None:
    _churn(stack, "Draft", "third", {"team": "a"}, whole=True)
    stack.card("risk", "Archived")
    stack.write("cardops.yaml", config("[sagemaker:DescribeModelCard]"))


def _contribute_again(stack: KillableWorkspace) -> frozenset[str]:
    _spoke(stack, "third")
    return contribute(stack, {"evaluation_details": [{"name": "holdout"}]})


def _reshare(stack: KillableWorkspace) -> None:
    """Less for one, more for another, nothing for a third; a new card goes straight to Approved."""
    _churn(stack, "PendingReview", "third", {"team": "b"}, whole=True)
    stack.card("next", "Approved")
    (stack.root / "shares/partners.yaml").unlink()
    changed = share(
        "lifecycle",
        ["churn", "risk", "hub-*", "next"],
        ("ml-dev", "read", ALL[:2]),
        ("ml-test", "contribute", ALL[:2]),
        ("ml-test", "read", ALL[2:]),
    )
    stack.write("shares/lifecycle.yaml", changed)


def _end(stack: KillableWorkspace) -> None:
    """The way back: an earlier declaration comes again."""
    _churn(stack, "PendingReview", "second", {"cost": "1"}, whole=True)
    stack.write("shares/lifecycle.yaml", LIFECYCLE)


STAGES = (
    Stage("create", _create, _outside),
    Stage("edit", _edit, _contribute),
    Stage("approve", _approve),
    Stage("rework", _rework),
    Stage("reshare", _reshare, _contribute_again),
    Stage("return", _end),
)


def _churn(stack: KillableWorkspace, status: str, purpose: str, tags: Mapping[str, str], whole: bool = False) -> None:
    content: dict[str, Any] = {"intended_uses": {"purpose_of_model": purpose}}
    if whole:
        content |= {"training_details": TRAINING, "business_details": {"line_of_business": "retail"}}
    card = {
        "name": "churn",
        "status": status,
        "owner": "team-a",
        "tags": dict(tags),
        "live_sections": ["training_details"],
        "model_package": {"group": "churn", "version": 1},
        "content": content,
    }
    stack.write("cards/churn.yaml", json.dumps(card))


def _copy(stack: KillableWorkspace, status: str) -> None:
    origin = {"account": "ml-dev", "card": "fraud"}
    card = {"name": "hub-fraud", "status": status, "owner": "team-a", "aggregate_from": origin}
    stack.write("cards/hub-fraud.yaml", json.dumps(card))


def _spoke(stack: KillableWorkspace, purpose: str, create: bool = False, status: str = "") -> None:
    client, content = stack.client(DEV), json.dumps({"intended_uses": {"purpose_of_model": purpose}})
    if create:
        client.create_model_card(ModelCardName="fraud", Content=content, ModelCardStatus="Draft")
    else:
        client.update_model_card(ModelCardName="fraud", Content=content)
    if status:
        client.update_model_card(ModelCardName="fraud", ModelCardStatus=status)


def declaration(stack: KillableWorkspace, commit: str) -> Declaration:
    """What git says at a commit."""
    paths = stack.git("ls-tree", "-r", "--name-only", commit).splitlines()
    return declared({path: stack.git("show", f"{commit}:{path}") for path in paths})


def end_state(stack: KillableWorkspace) -> dict[str, Any]:
    """All that the owner has, without what differs from one way here to another: times, commits, version numbers."""
    client = stack.client(OWNER)
    permissions = listed(stack, "list_permissions", "permissions", owner={"permissionType": "CUSTOMER_MANAGED"})
    names = [row["ModelCardName"] for row in client.list_model_cards(MaxResults=100)["ModelCardSummaries"]]
    package = client.describe_model_package(
        ModelPackageName=f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn/1"
    )
    return {
        "cards": {name: comparable(stack.live(name)) for name in sorted(names)},
        "package": package["ModelApprovalStatus"],
        "shares": live_shares(stack),
        "permissions": sorted(row["name"] for row in permissions),
    }


def differences(expected: Any, found: Any, at: str = "") -> list[str]:
    """Where two states differ, one line each."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = sorted(expected.keys() | found.keys())
        return [line for key in keys for line in differences(expected.get(key), found.get(key), f"{at}/{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for place, pair in pairs for line in differences(*pair, f"{at}/{place}")]
    return [] if expected == found else [f"{at}: expected {expected}, found {found}"]


def comparable(live: dict[str, Any]) -> dict[str, Any]:
    """A live card but for what differs from one history to another.

    The version tag is checked against the version here: neither says anything in another history.
    """
    tags, content = dict(live["tags"]), dict(live["content"])
    tags.pop("cardops:commit")
    version = tags.pop("cardops:version")
    details = content.get("additional_information", {}).get("custom_details", {})
    if "cardops_origin_time" in details:
        content["additional_information"] = sorted(details.keys())
        tags.pop("cardops:digest")
    return {
        "status": live["status"],
        "content": content,
        "tags": tags,
        "left at": "the live version" if version == str(live["version"]) else "an earlier one",
    }


def shares(stack: Workspace, account: str = OWNER) -> list[dict[str, Any]]:
    """All shares of an owner, oldest first, with those that were deleted a moment ago."""
    found = listed(stack, "get_resource_shares", "resourceShares", account=account)
    return sorted(found, key=lambda row: (row["creationTime"], row["resourceShareArn"]))


def associated(stack: Workspace, account: str = OWNER) -> dict[str, dict[str, dict[str, str]]]:
    """By share and kind: which entities RAM associates, or tried to, and the state of each."""
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: {"RESOURCE": {}, "PRINCIPAL": {}})
    for kind in ("RESOURCE", "PRINCIPAL"):
        rows = listed(
            stack,
            "get_resource_share_associations",
            "resourceShareAssociations",
            owner={},
            account=account,
            associationType=kind,
        )
        for row in rows:
            if row["status"] != "DISASSOCIATED":
                found[row["resourceShareArn"]][kind][row["associatedEntity"]] = row["status"]
    return found


def listed(
    stack: Workspace,
    operation: str,
    key: str,
    owner: Mapping[str, str] | None = None,
    account: str = OWNER,
    **request: Any,
) -> list[Any]:
    """All pages of one of RAM's lists."""
    who = {"resourceOwner": "SELF"} if owner is None else owner
    rows: list[Any] = []
    call = getattr(stack.client(account, "ram"), operation)
    token: dict[str, str] = {}
    while True:
        page = call(**who, **request, **token)
        rows += page[key]
        if not page.get("nextToken"):
            return rows
        token = {"nextToken": page["nextToken"]}


def live_shares(stack: Workspace, account: str = OWNER) -> list[dict[str, Any]]:
    """An owner's shares with what they hold and allow."""
    held = associated(stack, account)
    attached = defaultdict(list)
    for row in listed(stack, "list_permission_associations", "permissions", owner={}, account=account):
        attached[row["resourceShareArn"]].append((row["arn"], row["permissionVersion"]))
    found = [
        {
            "name": row["name"],
            "tags": sorted((tag["key"], tag["value"]) for tag in row["tags"] if tag["key"] != "cardops:commit"),
            "external": row["allowExternalPrincipals"],
            "held": held[row["resourceShareArn"]],
            "permissions": sorted(attached[row["resourceShareArn"]]),
        }
        for row in shares(stack, account)
        if row["status"] == "ACTIVE"
    ]
    return sorted(found, key=str)


NAMES = [stage.name for stage in STAGES]
POINTS = 1 if NIGHTLY else 6
"""Every so many calls a contribution comes between the runs."""
