"""Parse policy documents and check them against IAM's grammar.

Sources: IAM User Guide, "Grammar of the IAM JSON policy language"; Organizations User Guide, "SCP syntax" (2026: an
Allow takes conditions, but only Resource ``*``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from cardops.sandbox.iam.conditions import Condition, condition

VERSIONS = ("2012-10-17", "2008-10-17")
_ELEMENTS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
}


class Kind(StrEnum):
    """The kinds of policy that the grammar treats differently."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"


class MalformedPolicy(ValueError):
    """A policy document that IAM refuses."""


Principals = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``principals`` has pairs of type (AWS, Service, Federated) and name; None without the element."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    except_actions: bool
    resources: tuple[str, ...] | None
    except_resources: bool
    principals: Principals | None
    except_principals: bool
    conditions: tuple[Condition, ...]
    variables: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy document. ``id`` and ``type`` name it in the answers of a simulation."""

    statements: tuple[Statement, ...]
    id: str = ""
    type: str = "none"


def policy(document: str | Mapping[str, Any] | Policy) -> Policy:
    """Parse a document (JSON text or decoded); raises MalformedPolicy."""
    if isinstance(document, Policy):
        return document
    return _parse(document if isinstance(document, str) else json.dumps(document, sort_keys=True))


@lru_cache(4096)
def _parse(text: str) -> Policy:
    document = _object(text)
    version = document.get("Version", VERSIONS[1])
    if version not in VERSIONS or not document.keys() <= {"Version", "Id", "Statement"}:
        raise MalformedPolicy("Syntax errors in policy.")
    statements = document.get("Statement", [])
    rows = statements if isinstance(statements, list) else [statements]
    return Policy(tuple(_statement(row, version == VERSIONS[0]) for row in rows))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedPolicy("Syntax errors in policy: a key occurs twice.")
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_unique)
    except MalformedPolicy:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedPolicy("Syntax errors in policy.") from error
    if not isinstance(document, dict):
        raise MalformedPolicy("Syntax errors in policy.")
    return document


def _texts(value: Any, what: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise MalformedPolicy(f"Syntax errors in policy: {what} must be a string or a list of strings.")
    return tuple(items)


def _statement(row: Any, variables: bool) -> Statement:
    if not isinstance(row, dict) or not row.keys() <= _ELEMENTS or row.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy("Syntax errors in policy.")
    for plain in ("Action", "Resource", "Principal"):
        if plain in row and f"Not{plain}" in row:
            raise MalformedPolicy(f"Syntax errors in policy: {plain} and Not{plain} exclude each other.")
    if "Action" not in row and "NotAction" not in row:
        raise MalformedPolicy("Policy statement must contain actions.")
    if "NotPrincipal" in row and row["Effect"] == "Allow":
        raise MalformedPolicy("Allow with NotPrincipal is not allowed.")
    return Statement(
        sid=str(row.get("Sid", "")),
        allows=row["Effect"] == "Allow",
        actions=tuple(_action(text) for text in _texts(row.get("Action", row.get("NotAction")), "Action")),
        except_actions="NotAction" in row,
        resources=_resources(row),
        except_resources="NotResource" in row,
        principals=_principals(row.get("Principal", row.get("NotPrincipal"))),
        except_principals="NotPrincipal" in row,
        conditions=_conditions(row.get("Condition", {})),
        variables=variables,
    )


def _action(text: str) -> str:
    if text != "*" and (":" not in text or text.startswith(":")):
        raise MalformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    return text.lower()


def _resources(row: dict[str, Any]) -> tuple[str, ...] | None:
    given = row.get("Resource", row.get("NotResource"))
    if given is None:
        return None
    texts = _texts(given, "Resource")
    if any(text != "*" and not text.startswith(("arn:", "*", "${")) for text in texts):
        raise MalformedPolicy('Resource must be in ARN format or "*".')
    return texts


def _principals(given: Any) -> Principals | None:
    if given is None:
        return None
    if given == "*":
        return (("AWS", "*"),)
    if not isinstance(given, dict) or not given.keys() <= {"AWS", "Service", "Federated", "CanonicalUser"}:
        raise MalformedPolicy("Invalid principal in policy.")
    return tuple((kind, name) for kind, names in given.items() for name in _texts(names, "Principal"))


def _conditions(given: Any) -> tuple[Condition, ...]:
    if not isinstance(given, dict) or not all(isinstance(keys, dict) for keys in given.values()):
        raise MalformedPolicy("Syntax errors in policy: Condition must be an object of operators.")
    try:
        return tuple(
            condition(operator, key, _values(values))
            for operator, keys in given.items()
            for key, values in keys.items()
        )
    except ValueError as error:
        raise MalformedPolicy(f"Syntax errors in policy: {error}.") from error


def _values(given: Any) -> tuple[str, ...]:
    items = given if isinstance(given, list) else [given]
    if not all(isinstance(item, str | bool | int | float) for item in items):
        raise MalformedPolicy("Syntax errors in policy: a condition's values must be strings.")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def check(text: str, kind: Kind) -> Policy:
    """Parse a document and check what its kind of policy allows; raises MalformedPolicy."""
    parsed = policy(text)
    if not parsed.statements and kind is not Kind.RESOURCE:
        raise MalformedPolicy("Syntax error in policy: a policy has at least one statement.")
    for statement in parsed.statements:
        _check_statement(statement, kind)
    return parsed


def _check_statement(statement: Statement, kind: Kind) -> None:
    named = statement.principals is not None
    if kind in (Kind.IDENTITY, Kind.SCP) and named:
        raise MalformedPolicy("Policy document should not specify a principal.")
    if kind in (Kind.RESOURCE, Kind.TRUST) and not named:
        raise MalformedPolicy("Policy statement must contain a principal.")
    if kind is Kind.TRUST and (statement.resources is not None or statement.except_principals):
        raise MalformedPolicy("Has prohibited field Resource or NotPrincipal")
    if kind in (Kind.IDENTITY, Kind.SCP) and statement.resources is None:
        raise MalformedPolicy("Policy statement must contain resources.")
    if kind is Kind.SCP and statement.allows and statement.resources != ("*",):
        raise MalformedPolicy("The Resource of an Allow statement of an SCP must be *.")
