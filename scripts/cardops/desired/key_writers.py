"""Decide whether a KMS key lets a consumer encrypt, which writing an encrypted card needs.

Errs towards "may": conditions are taken to hold and denials are not looked at, so that only a policy which plainly
leaves a principal out counts as keeping it out. Source: SageMaker Developer Guide, cross-account support for model
cards (readers need kms:Decrypt, writers kms:GenerateDataKey too).
"""

import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from cardops.model.ports import KeyGrant

ENCRYPTING = ("kms:GenerateDataKey", "kms:CreateGrant")


def may_encrypt(policy: str, grants: Iterable[KeyGrant], principal: str) -> str:
    """Return why a principal (account id or ARN) may encrypt with the key; an empty string if it may not."""
    account = principal.split(":")[4] if principal.startswith("arn:") else principal
    for grant in grants:
        if "GenerateDataKey" in grant.operations and _is_of(grant.grantee, principal, account):
            return f"a grant on its key lets {grant.grantee} encrypt"
    try:
        document = json.loads(policy)
    except ValueError:
        return "its key's policy cannot be read"
    for statement in _statements(document):
        if _encrypts(statement) and _names(statement, principal, account):
            return f"the statement {statement.get('Sid', '(without a Sid)')!r} of its key's policy lets it encrypt"
    return ""


def _statements(document: Any) -> Iterator[dict[str, Any]]:
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            yield statement


def _encrypts(statement: dict[str, Any]) -> bool:
    if "NotAction" in statement:
        left_out = [one.lower() for one in _listed(statement["NotAction"])]
        return not all(any(fnmatchcase(one.lower(), out) for out in left_out) for one in ENCRYPTING)
    patterns = [one.lower() for one in _listed(statement.get("Action"))]
    return any(fnmatchcase(one.lower(), pattern) for one in ENCRYPTING for pattern in patterns)


def _names(statement: dict[str, Any], principal: str, account: str) -> bool:
    if "Principal" not in statement:
        return True
    named = statement["Principal"]
    if isinstance(named, dict):
        return any(_is_of(one, principal, account) for one in _listed(named.get("AWS", [])))
    return any(_is_of(one, principal, account) for one in _listed(named))


def _is_of(named: str, principal: str, account: str) -> bool:
    """Tell whether a named principal is this one, its account, or any; for an account any principal within it."""
    if named == "*" or named == principal or named in (account, f"arn:aws:iam::{account}:root"):
        return True
    in_account = named.startswith("arn:") and named.split(":")[4:5] == [account]
    return in_account and not principal.startswith("arn:")


def _listed(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
