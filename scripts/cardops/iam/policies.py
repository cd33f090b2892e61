"""Print IAM policies with the least that each of cardops' roles needs."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from cardops.iam.operations import Capability, Condition, Target, required_actions
from cardops.iam.requirements import AccountScope
from cardops.model.desired import REPOSITORY, AccountRegion, Card
from cardops.model.observed import is_key_arn
from cardops.model.permissions import RESOURCE_TYPE

Document = dict[str, Any]


class On(NamedTuple):
    """Resources of one statement, and the conditions that tell them apart further."""

    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def policy(ground: AccountScope, duties: Collection[Capability]) -> Document:
    """One statement for each kind of resource and condition, with the actions that the duties need there."""
    statements: dict[tuple[Target, Condition], list[str]] = {}
    for need in required_actions(duties):
        statements.setdefault((need.target, need.guard), []).append(need.action)
    return _document(
        _statement(ground, target, guard, sorted(set(actions)), on, number)
        for (target, guard), actions in sorted(statements.items())
        for number, on in enumerate(_resources(ground, target, duties))
    )


def role_arn(account: str, role: str) -> str:
    """The ARN of a role that cardops.yaml names, with or without a path."""
    return f"arn:aws:iam::{account}:role/{role}"


def _document(statements: Iterable[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(
    ground: AccountScope, target: Target, guard: Condition, actions: list[str], on: On, number: int
) -> Document:
    name = f"{target.name}_{guard.name}_{number or ''}".title().replace("_", "").replace("None", "")
    conditions: dict[str, dict[str, Any]] = {}
    for operator, key, values in (*_conditions(ground, guard), *on.conditions):
        conditions.setdefault(operator, {})[key] = values[0] if len(values) == 1 else list(values)
    resources = on.resources[0] if len(on.resources) == 1 else list(on.resources)
    made: Document = {"Sid": name, "Effect": "Allow", "Action": actions, "Resource": resources}
    return made | ({"Condition": conditions} if conditions else {})


def _conditions(ground: AccountScope, guard: Condition) -> list[tuple[str, str, tuple[str, ...]]]:
    repository = (ground.config.repository,)
    marking = ("StringEquals", f"aws:RequestTag/{REPOSITORY}", repository)
    regions = sorted({place.region for place in ground.owned | ground.origins | ground.shared})
    match guard:
        case Condition.OURS:
            return [("StringEquals", f"aws:ResourceTag/{REPOSITORY}", repository)]
        case Condition.MARKING:
            return [marking]
        case Condition.CLAIMING:
            return [marking, ("Null", f"aws:ResourceTag/{REPOSITORY}", ("true",))]
        case Condition.SHARING:
            return [marking, ("StringEqualsIfExists", "ram:RequestedResourceType", (RESOURCE_TYPE,))]
        case Condition.OWNERS:
            owners = tuple(sorted({place.account for place in ground.shared}))
            return [("StringEquals", "ram:ShareOwnerAccountId", owners)]
        case Condition.SERVICE:
            services = tuple(f"sagemaker.{region}.amazonaws.com" for region in regions)
            return [("StringEquals", "kms:ViaService", services)]
    return []


def _resources(ground: AccountScope, target: Target, duties: Collection[Capability]) -> list[On]:
    owned = sorted(ground.owned)
    match target:
        case Target.ANY:
            return [On(("*",))]
        case Target.KEY:
            return _keys(_encrypted(ground, duties))
        case Target.CARD:
            found = _cards(ground.owned | ground.origins)
        case Target.SHARED_CARD:
            found = _cards(ground.shared)
        case Target.PACKAGE:
            found = sorted({arn for card in ground.cards for arn in _package(card)})
        case Target.SHARE:
            found = [f"arn:aws:ram:{place.region}:{place.account}:resource-share/*" for place in owned]
        case Target.PERMISSION:
            found = [f"arn:aws:ram:{place.region}:{place.account}:permission/*" for place in owned]
            found.append("arn:aws:ram::aws:permission/*")
        case Target.OWN_PERMISSION:
            found = ground.own_permissions
        case Target.INVITATION:
            shared = sorted(ground.shared)
            found = [f"arn:aws:ram:{place.region}:{place.account}:resource-share-invitation/*" for place in shared]
        case Target.ROLE:
            found = sorted(ground.roles)
        case Target.READER:
            found = ground.asked_about
    return [On(tuple(found))] if found else []


def _cards(places: Collection[AccountRegion]) -> list[str]:
    return [f"arn:aws:sagemaker:{place.region}:{place.account}:model-card/*" for place in sorted(places)]


def _package(card: Card) -> list[str]:
    if card.model_package is None:
        return []
    group, version = card.model_package.group, card.model_package.version
    return [f"arn:aws:sagemaker:{card.key.region}:{card.key.account}:model-package/{group}/{version}"]


def _encrypted(ground: AccountScope, duties: Collection[Capability]) -> list[Card]:
    """The cards whose keys the duties need: own ones for an owner, those of others for a consumer."""
    owns = bool({Capability.READ, Capability.KEY_GRANTS, Capability.WRITE, Capability.ORIGIN} & set(duties))
    consumes = bool({Capability.CONSUME, Capability.PROBE} & set(duties))
    own = ground.account.id
    return [card for card in ground.encrypted if (owns if card.key.account == own else consumes)]


def _keys(cards: Iterable[Card]) -> list[On]:
    """Keys by ARN or id; those that cards call by an alias are any key of the owner that has the alias now."""
    named: set[str] = set()
    called: dict[str, set[str]] = {}
    for card in cards:
        key, there = card.kms_key_id, f"arn:aws:kms:{card.key.region}:{card.key.account}:key/"
        if "alias/" in key:
            called.setdefault(f"{there}*", set()).add(f"alias/{key.rpartition('alias/')[2]}")
        else:
            named.add(key if is_key_arn(key) else f"{there}{key}")
    found = [On(tuple(sorted(named)))] if named else []
    for resource, aliases in sorted(called.items()):
        found.append(On((resource,), (("ForAnyValue:StringEquals", "kms:ResourceAliases", tuple(sorted(aliases))),)))
    return found
