"""The key policies that shares of encrypted cards need, and the statements that a live policy lacks.

A consumer of an encrypted card needs kms:Decrypt through SageMaker, with the card's ARN as encryption context, in the
key's policy and in its own; writers and exporters need kms:GenerateDataKey too. Source: SageMaker Developer Guide,
cross-account support for model cards. Its sample condition `kms:GrantIsForAWSResource` is left out: the key exists only
for CreateGrant, ListGrants and RevokeGrant (KMS Developer Guide), so the statement would never match.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cardops.desired.grants import cards_of
from cardops.desired.read_only import recipients
from cardops.desired.selectors import CardIndex
from cardops.model.desired import AccountRegion, Card, Config, Desired, Means, Share
from cardops.model.permissions import EXPORT_ACTIONS, may_write

READING = ("kms:Decrypt",)
WRITING = ("kms:Decrypt", "kms:GenerateDataKey")
ENCRYPTING = ("kms:CreateGrant", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
VIA = "kms:ViaService"
CONTEXT = "kms:EncryptionContext:aws:sagemaker:model-card-arn"
ORGANIZATION = "aws:PrincipalOrgID"
UNIT = "aws:PrincipalOrgPaths"


class KeyUser(NamedTuple):
    """A principal (account id or ARN), and whether some access level of it writes or exports."""

    principal: str
    encrypts: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that the key's policy has to allow."""
        return WRITING if self.encrypts else READING


class KeyUse(NamedTuple):
    """A key, as cards at one place declare it."""

    place: AccountRegion
    key_id: str


def consumers(desired: Desired) -> dict[KeyUse, dict[KeyUser, set[str]]]:
    """Return every principal that is declared for an encrypted card, with those cards' ARNs.

    In whatever status a grant holds: a key's policy is changed by people, and rarely.
    """
    found: dict[KeyUse, dict[str, tuple[bool, set[str]]]] = {}
    encrypted = {key: card for key, card in desired.cards.items() if card.kms_key_id}
    by_name: dict[str, list[Card]] = {}
    for card in encrypted.values():
        by_name.setdefault(card.key.name, []).append(card)
    few, keys = desired._replace(cards=encrypted), CardIndex(encrypted)
    for share in desired.shares if encrypted else ():
        users = list(_users(desired.config, share))
        for card in cards_of(share, few, by_name, keys):
            for to, user in users:
                if user.principal != card.key.account and to != card.key.account:
                    used = found.setdefault(KeyUse(card.key.place, card.kms_key_id), {})
                    encrypts, arns = used.get(user.principal, (False, set()))
                    used[user.principal] = (encrypts or user.encrypts, arns | {card.key.arn})
    return {
        use: {KeyUser(who, encrypts): arns for who, (encrypts, arns) in used.items()} for use, used in found.items()
    }


def _users(config: Config, share: Share) -> Iterator[tuple[str, KeyUser]]:
    """The principals of a share's grants, each with the account id that the grant names (or its ARN)."""
    for grant in share.grants:
        account = config.accounts.get(grant.to)
        level = config.access[grant.access]
        encrypts = bool(level.actions & EXPORT_ACTIONS) or may_write(level.actions)
        for one in recipients(config, grant.to, level):
            if not one.refused and Means.COPY not in one.means:
                yield (account.id if account else grant.to), KeyUser(one.principal, encrypts)


def key_policy(desired: Desired) -> dict[str, dict[str, Any]]:
    """The statements that each key's policy needs for the declared consumers, by `account/region/key as declared`."""
    return {
        f"{use.place}/{use.key_id}": {
            "Version": "2012-10-17",
            "Statement": [
                *(_statement(use.place, who, sorted(arns)) for who, arns in sorted(used.items())),
                *_denial(use.place, used),
            ],
        }
        for use, used in sorted(consumers(desired).items())
    }


def _denial(place: AccountRegion, used: Iterable[KeyUser]) -> Iterator[dict[str, Any]]:
    """Nobody outside but those who write encrypts cards; it holds against grants on the key too.

    None for organizations, whose accounts are not known.
    """
    if any(_membership(one.principal) for one in used):
        return
    writers = sorted(_pattern(one.principal) for one in used if one.encrypts)
    conditions: dict[str, Any] = {"StringNotEquals": {"aws:PrincipalAccount": place.account}}
    yield {
        "Sid": "NobodyElseEncryptsCards",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(ENCRYPTING),
        "Resource": "*",
        "Condition": conditions | ({"ArnNotLike": {"aws:PrincipalArn": writers}} if writers else {}),
    }


def _pattern(principal: str) -> str:
    return principal if principal.startswith("arn:") else f"arn:aws:iam::{principal}:*"


def missing_statements(policy: str, place: AccountRegion, used: Mapping[KeyUser, set[str]]) -> dict[KeyUser, set[str]]:
    """Return the principals that a live key policy (JSON text) does not let use the key, with the cards concerned.

    It errs on that side: a statement with a condition that is not understood counts for nobody, and denials in
    the policy are not looked at.
    """
    statements = list(_statements(policy))
    missing: dict[KeyUser, set[str]] = {}
    for user, arns in used.items():
        wanted = _statement(place, user, [])
        for arn in sorted(arns):
            values = {VIA: f"sagemaker.{place.region}.amazonaws.com", CONTEXT: arn} | _membership(user.principal)
            who = wanted["Principal"]["AWS"]
            if not all(any(_allows(one, action, who, values) for one in statements) for action in user.actions):
                missing.setdefault(user, set()).add(arn)
    return missing


def _statement(place: AccountRegion, user: KeyUser, arns: list[str]) -> dict[str, Any]:
    principal = user.principal
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
        "Action": list(user.actions),
        "Resource": "*",
        "Condition": conditions,
    }


def _membership(principal: str) -> dict[str, str]:
    """Return the condition that identifies an organization (`…:organization/o-1`) or a unit (`…:ou/o-1/ou-2`)."""
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
