"""Small desired and observed states for tests of what is pure. Every builder has a sensible default."""

from collections.abc import Iterable, Mapping
from typing import Any

from cardops.desired.grants import grant_id, permission_arn, permission_name
from cardops.desired.parser import DEFAULT_ACCESS
from cardops.model import canonical
from cardops.model.desired import (
    APPROVED_BY,
    COMMIT,
    DIGEST,
    GRANT,
    LOCKED,
    LOCKED_STATUSES,
    REPOSITORY,
    SIGNED,
    VERSION,
    AccessLevel,
    Account,
    AccountRegion,
    Card,
    CardKey,
    Config,
    Desired,
    Grant,
    Means,
    Safety,
    Share,
    Status,
)
from cardops.model.findings import Finding, Level, Location
from cardops.model.observed import Observed, ObservedCard, ObservedPermission, ObservedShare
from cardops.plan.builder import make_plan
from cardops.plan.inputs import PlanInputs
from cardops.plan.steps import Phase, Plan, Step
from support.replacing import replace

OWNER, DEV, TEST, PROD = "111111111111", "222222222222", "333333333333", "444444444444"
REGION = "eu-west-1"
HOME = AccountRegion(OWNER, REGION)
REPO = "gov-test-1a2b"
TODAY = "2026-06-01"
OLD, NEW = "a" * 40, "b" * 40
DRAFT, PENDING, APPROVED, ARCHIVED = Status
BY_PERMISSION = (Means.PERMISSION,)
READ, CONTRIBUTE = DEFAULT_ACCESS["read"], DEFAULT_ACCESS["contribute"]


def config(**changes: Any) -> Config:
    """The four accounts of the story, with limits that never apply."""
    accounts = {
        "shared-services": Account("shared-services", OWNER, "cardops-apply", "cardops-plan"),
        "ml-dev": Account("ml-dev", DEV, read_only=BY_PERMISSION),
        "ml-test": Account("ml-test", TEST, read_only=BY_PERMISSION),
        "ml-prod": Account("ml-prod", PROD, read_only=BY_PERMISSION),
    }
    made = Config(
        REPO, REGION, "shared-services", accounts, dict(DEFAULT_ACCESS), safety=Safety(floor=1_000_000), lock="scp"
    )
    return replace(made, **changes)


def key(name: str = "churn", place: AccountRegion = HOME) -> CardKey:
    """A card's key."""
    return CardKey(*place, name)


def words(purpose: str = "first", **more: Any) -> dict[str, Any]:
    """A card's content with one field, and whatever else stands beside it."""
    return {"intended_uses": {"purpose_of_model": purpose} | more}


def card(name: str = "churn", status: Status = DRAFT, content: Any = None, **more: Any) -> Card:
    """A declared card."""
    text = canonical.to_bytes(words() if content is None else content)
    place = more.pop("place", HOME)
    location = Location(f"cards/{name}.yaml")
    return Card(key(name, place), status, "team-a", text, canonical.digest(text), location, **more)


def live(declared: Card, status: Status | None = None, content: Any = None, **more: Any) -> ObservedCard:
    """The card as an apply of `declared` left it, unless said otherwise; `tags` are added, None removes one."""
    text = declared.content if content is None else canonical.to_bytes(content)
    state = declared.status if status is None else status
    version = more.pop("version", 1)
    tags: dict[str, str | None] = {REPOSITORY: REPO, COMMIT: OLD, DIGEST: declared.digest, VERSION: "1"}
    tags |= (
        dict(declared.tags)
        | ({LOCKED: "true"} if state in LOCKED_STATUSES else {})
        | _locked(declared._replace(status=state))
        | more.pop("tags", {})
    )
    kept = {name: value for name, value in tags.items() if value is not None}
    return ObservedCard(declared.key, state, version, text, kept, more.pop("kms_key_id", declared.kms_key_id), **more)


def _locked(left: Card) -> dict[str, str]:
    locked = {LOCKED: "true"} if left.status in LOCKED_STATUSES else {}
    return locked | ({APPROVED_BY: "risk-lead", SIGNED: left.declared} if left.status is APPROVED else {})


def foreign(name: str = "churn", **more: Any) -> ObservedCard:
    """A live card without any tag of ours."""
    text = canonical.to_bytes(words("theirs"))
    return ObservedCard(key(name), DRAFT, 1, text, more.pop("tags", {}), **more)


def grant(to: str = "ml-dev", access: str = "contribute", *during: Status) -> Grant:
    """A declared grant; by default while Draft or PendingReview."""
    return Grant(to, access, frozenset(during or (DRAFT, PENDING)))


def share(*grants: Grant, name: str = "team", cards: Iterable[str] = ("*",), **more: Any) -> Share:
    """A declared share of every card."""
    return Share(name, tuple(cards), grants or (grant(),), Location(f"shares/{name}.yaml"), **more)


def ram_share(
    to: str = DEV, level: AccessLevel = CONTRIBUTE, holds: Iterable[str] = ("churn",), **more: Any
) -> ObservedShare:
    """The live RAM share of one grant of the share `team`."""
    place: AccountRegion = more.pop("place", HOME)
    identity = grant_id("team", to, level.name)
    made = ObservedShare(
        arn=f"arn:aws:ram:{place.region}:{place.account}:resource-share/{identity}",
        place=place,
        name=f"team {level.name} {to}",
        tags={REPOSITORY: REPO, GRANT: identity},
        resources={key(name, place).arn: "ASSOCIATED" for name in holds},
        principals={to: "ASSOCIATED"},
        permission=permission_arn(config(), level, place),
        permission_version=1,
        actions=level.actions,
    )
    return replace(made, **more)


THEIRS = replace(
    ram_share(), arn="arn:aws:ram:eu-west-1:111111111111:resource-share/theirs", name="their share", tags={"team": "a"}
)
"""Somebody else's share."""


def permission(level: AccessLevel = READ, **more: Any) -> dict[AccountRegion, dict[str, ObservedPermission]]:
    """Our customer managed permission for a level, as `Observed.permissions`."""
    name = permission_name(config(), level.name)
    arn = permission_arn(config(), level, HOME)
    made = ObservedPermission(arn, name, 1, level.actions, {REPOSITORY: REPO})
    return {HOME: {name: replace(made, **more)}}


def observed(*cards: ObservedCard, shares: Iterable[ObservedShare] = (), **more: Any) -> Observed:
    """What AWS says."""
    permissions = more.pop("permissions", None)
    found = permission() if permissions is None else permissions
    return Observed({one.key: one for one in cards}, tuple(shares), found, **more)


def desired(*cards: Card, shares: Iterable[Share] = (), settings: Config | None = None, commit: str = NEW) -> Desired:
    """What git says."""
    return Desired(settings or config(), {one.key: one for one in cards}, tuple(shares), commit)


def given(wanted: Desired, found: Observed, **more: Any) -> PlanInputs:
    """What a plan is made from; `bases` are given as cards."""
    bases = {one.key: one for one in more.pop("bases", ())}
    return PlanInputs(wanted, found, more.pop("today", TODAY), bases, **more)


def planned(wanted: Desired, found: Observed, **more: Any) -> Plan:
    """The plan for them."""
    return make_plan(given(wanted, found, **more))


def kinds(plan: Plan) -> list[str]:
    """The kinds of its steps, in order."""
    return [step.kind for step in plan.steps]


FILE = Location("cards/churn.yaml")


def told(
    rule: str,
    message: str,
    hint: str,
    level: Level = "deny",
    card: str = "111111111111/eu-west-1/churn",
    at: Location = FILE,
) -> Finding:
    """What is said of a card, at its file."""
    return Finding(rule, at, message, hint, level, card)


def rules(plan: Plan) -> list[str]:
    """The rules of its findings."""
    return [finding.rule for finding in plan.findings]


def only(plan: Plan, kind: str) -> Step:
    """The one step of a kind."""
    (step,) = [step for step in plan.steps if step.kind == kind]
    return step


def phases(plan: Plan) -> list[Phase]:
    """The phases of its steps, in order."""
    return [step.phase for step in plan.steps]


def with_tags(card: ObservedCard, changes: Mapping[str, str]) -> ObservedCard:
    """The live card with these tags added."""
    return replace(card, tags=dict(card.tags) | dict(changes))
