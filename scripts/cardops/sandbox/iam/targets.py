"""The resources and condition keys of IAM operations (Service Authorization Reference, "AWS IAM")."""

from collections.abc import Sequence

from cardops.sandbox.core.operations import Call
from cardops.sandbox.iam.authorization import Target, targets
from cardops.sandbox.iam.roles import entities, kind_of

_OWN_USER = ("GetUser", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "ListAccessKeys")


def _tags(rows: list[dict[str, str]]) -> dict[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {f"aws:RequestTag/{row['Key']}": row.get("Value", "") for row in rows}
    return found | ({"aws:TagKeys": [row["Key"] for row in rows]} if rows else {})


def _on_entity(call: Call) -> list[Target]:
    kind, action = kind_of(call), f"iam:{call.operation}"
    name = call.get("RoleName" if kind == "role" else "UserName")
    if name is None and call.operation in _OWN_USER:
        name = (call.caller.user or "administrator").rpartition("/")[2]
    known = entities(call, kind).get(name or "")
    arn = known.arn if known else f"arn:{call.partition}:iam::{call.caller.account}:{kind}{call.get('Path', '/')}{name}"
    keys = _tags(call.get("Tags", []))
    if known:
        keys |= {f"aws:ResourceTag/{tag}": value for tag, value in known.tags.items()}
    boundary = call.get("PermissionsBoundary") or (known.boundary if known else None)
    if boundary:
        keys["iam:PermissionsBoundary"] = boundary
    if call.get("PolicyArn"):
        keys["iam:PolicyARN"] = call.params["PolicyArn"]
    return [Target(action, arn, keys)]


def _on_policy(call: Call) -> list[Target]:
    own = f"arn:{call.partition}:iam::{call.caller.account}:policy{call.get('Path', '/')}{call.get('PolicyName')}"
    return [
        Target(f"iam:{call.operation}", call.get("PolicyArn", own), _tags(call.get("Tags", [])), call.caller.account)
    ]


def _on_source(call: Call) -> list[Target]:
    return [Target(f"iam:{call.operation}", call.params["PolicySourceArn"], {}, call.caller.account)]


@targets("iam", "*")
def _iam(call: Call) -> list[Target]:
    """Choose the resource by what the parameters name."""
    if call.get("PolicySourceArn"):
        return _on_source(call)
    if call.get("RoleName") or call.get("UserName") or call.operation in _OWN_USER:
        return _on_entity(call)
    if call.get("PolicyArn") or call.get("PolicyName"):
        return _on_policy(call)
    return [Target(f"iam:{call.operation}", call.get("OpenIDConnectProviderArn", "*"))]
