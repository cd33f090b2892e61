"""Who needs the keys of encrypted cards: the key policy that shares need, and what a live policy lacks of it.

A consumer of an encrypted card needs kms:Decrypt and kms:GenerateDataKey through SageMaker, with the card's ARN as
encryption context, in the key's policy and in its own. Source: SageMaker Developer Guide, cross-account support for
model cards.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cardops.desired.grants import cards_of
from cardops.desired.selectors import CardIndex
from cardops.model.desired import AccountRegion, Card, Config, Desired

ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
VIA = "kms:ViaService"
CONTEXT = "kms:EncryptionContext:aws:sagemaker:model-card-arn"
ORGANIZATION = "aws:PrincipalOrgID"
UNIT = "aws:PrincipalOrgPaths"


class KeyUse(NamedTuple):
    """A key, as cards at one place declare it."""

    place: AccountRegion
    key_id: str


def consumers(desired: Desired) -> dict[KeyUse, dict[str, set[str]]]:
    """Every principal (account id or ARN) that is declared for an encrypted card, with those cards' ARNs.

    In whatever status a grant holds: a key's policy is changed by people, and rarely.
    """
    found: dict[KeyUse, dict[str, set[str]]] = {}
    encrypted = {key: card for key, card in desired.cards.items() if card.kms_key_id}
    by_name: dict[str, list[Card]] = {}
    for card in encrypted.values():
        by_name.setdefault(card.key.name, []).append(card)
    few, keys = desired._replace(cards=encrypted), CardIndex(encrypted)
    for share in desired.shares if encrypted else ():
        for card in cards_of(share, few, by_name, keys):
            for grant in share.grants:
                principal = _principal(desired.config, grant.to)
                if principal != card.key.account:
                    used = found.setdefault(KeyUse(card.key.place, card.kms_key_id), {})
                    used.setdefault(principal, set()).add(card.key.arn)
    return found


def key_policy(desired: Desired) -> dict[str, dict[str, Any]]:
    """The statements that each key's policy needs for the declared consumers, by `account/region/key as declared`."""
    return {
        f"{use.place}/{use.key_id}": {
            "Version": "2012-10-17",
            "Statement": [_statement(use.place, who, sorted(arns)) for who, arns in sorted(used.items())],
        }
        for use, used in sorted(consumers(desired).items())
    }


def missing_statements(policy: str, place: AccountRegion, used: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The principals that a live key policy (JSON text) does not let use the key, with the cards concerned.

    It errs on that side: a statement with a condition that is not understood counts for nobody, and denials in
    the policy are not looked at.
    """
    statements = list(_statements(policy))
    missing: dict[str, set[str]] = {}
    for principal, arns in used.items():
        wanted = _statement(place, principal, [])
        for arn in sorted(arns):
            values = {VIA: f"sagemaker.{place.region}.amazonaws.com", CONTEXT: arn} | _membership(principal)
            who = wanted["Principal"]["AWS"]
            if not all(any(_allows(one, action, who, values) for one in statements) for action in ACTIONS):
                missing.setdefault(principal, set()).add(arn)
    return missing


def _principal(config: Config, to: str) -> str:
    return config.accounts[to].id if to in config.accounts else to


def _statement(place: AccountRegion, principal: str, arns: list[str]) -> dict[str, Any]:
    membership = _membership(principal)
    who = "*" if membership else principal if principal.startswith("arn:") else f"arn:aws:iam::{principal}:root"
    conditions: dict[str, dict[str, Any]] = {
        "StringEquals": {VIA: f"sagemaker.{place.region}.amazonaws.com", CONTEXT: arns}
    }
    if ORGANIZATION in membership:
        conditions["StringEquals"][ORGANIZATION] = membership[ORGANIZATION]
    elif UNIT in membership:
        conditions["ForAnyValue:StringLike"] = {UNIT: membership[UNIT]}
    return {
        "Sid": "Cardops" + "".join(part for part in principal.rsplit(":", 1)[-1] if part.isalnum()),
        "Effect": "Allow",
        "Principal": {"AWS": who},
        "Action": list(ACTIONS),
        "Resource": "*",
        "Condition": conditions,
    }


def _membership(principal: str) -> dict[str, str]:
    """How an organization (`…:organization/o-1`) or a unit (`…:ou/o-1/ou-2`) is told in a condition; else nothing."""
    kind, _, path = principal.rsplit(":", 1)[-1].partition("/")
    if kind == "organization":
        return {ORGANIZATION: path}
    if kind == "ou":
        organization, _, unit = path.partition("/")
        return {UNIT: f"{organization}/*/{unit}/*"}
    return {}


def _statements(policy: str) -> Iterator[Mapping[str, Any]]:
    try:
        document = json.loads(policy)
    except ValueError:
        return
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield statement


def _allows(statement: Mapping[str, Any], action: str, who: str, values: Mapping[str, str]) -> bool:
    actions = _listed(statement.get("Action"))
    principals = statement.get("Principal")
    named = _listed(principals.get("AWS")) if isinstance(principals, dict) else _listed(principals)
    account = who.split(":")[4] if who.startswith("arn:") else who
    return (
        any(fnmatchcase(action.lower(), one.lower()) for one in actions)
        and any(one in (who, "*", account, f"arn:aws:iam::{account}:root") for one in named)
        and _holds(statement.get("Condition", {}), values)
    )


def _holds(conditions: Any, values: Mapping[str, str]) -> bool:
    if not isinstance(conditions, dict):
        return False
    for operator, keys in conditions.items():
        plain = operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:")
        if plain not in ("StringEquals", "StringLike") or not isinstance(keys, dict):
            return False
        for key, allowed in keys.items():
            value = {name.lower(): one for name, one in values.items()}.get(key.lower())
            if value is None or not any(_matches(plain, one, value) for one in _listed(allowed)):
                return False
    return True


def _matches(operator: str, allowed: str, value: str) -> bool:
    return allowed == value or (operator == "StringLike" and fnmatchcase(value, allowed.replace("[", "[[]")))


def _listed(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
