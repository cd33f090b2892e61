"""IAM roles and users: create, describe, list, delete, tags, trust policies and permissions boundaries.

Source: IAM API Reference. Names are unique regardless of case; an entity is deleted only without its policies.
"""

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import marked_page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import attached_policy
from cardops.sandbox.iam.entities import Entity
from cardops.sandbox.iam.errors import checked, exists, invalid, no_such
from cardops.sandbox.iam.grammar import Kind

PAGE = 100
MAX_KEYS = 2
_ID = {"role": "AROA", "user": "AIDA", "policy": "ANPA"}


def new_id(kind: str) -> str:
    """Return a new unique id, such as IAM gives to each role, user and policy."""
    return _ID[kind] + uuid4().hex[:17].upper()


def entities(call: Call, kind: str) -> dict[str, Entity]:
    """Return the roles or users of the caller's account by name."""
    iam = call.state.iam_of(call.caller.account)
    return iam.roles if kind == "role" else iam.users


def kind_of(call: Call) -> str:
    """Return what an operation is about: role or user."""
    return "role" if "Role" in call.operation or "RoleName" in call.params else "user"


def the_entity(call: Call) -> Entity:
    """Return the role or user that an operation names."""
    kind = kind_of(call)
    name = call.get("RoleName" if kind == "role" else "UserName")
    if name is None and call.caller.user:
        name = call.caller.user.rpartition("/")[2]
    entity = entities(call, kind).get(name or "")
    if entity is None:
        raise no_such(kind, str(name))
    return entity


def describe(call: Call, entity: Entity) -> dict[str, Any]:
    """Return Role or User of botocore's model."""
    word = entity.kind.title()
    row: dict[str, Any] = {
        "Path": entity.path,
        f"{word}Name": entity.name,
        f"{word}Id": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.created,
    }
    if entity.kind == "role":
        row["AssumeRolePolicyDocument"] = quote(entity.trust)
        row |= {"Description": entity.description} if entity.description else {}
        row["MaxSessionDuration"] = entity.max_session
    if entity.boundary:
        row["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": entity.boundary,
        }
    return row | ({"Tags": tagging.to_aws(entity.tags)} if entity.tags else {})


def _boundary(call: Call, arn: str | None) -> str | None:
    if arn is not None and attached_policy(call.state.iam_of(call.caller.account), arn) is None:
        raise no_such("policy", arn)
    return arn


def _create(call: Call, kind: str, name: str, trust: str = "") -> Entity:
    held, path = entities(call, kind), call.get("Path", "/")
    if name.lower() in {known.lower() for known in held}:
        raise exists(kind.title(), name)
    if not path.startswith("/") or not path.endswith("/"):
        raise AwsError("ValidationError", "The specified value for path is invalid.", 400)
    arn = f"arn:{call.partition}:iam::{call.caller.account}:{kind}{path}{name}"
    entity = Entity(kind, arn, name, path, new_id(kind), call.now, trust)
    entity.boundary = _boundary(call, call.get("PermissionsBoundary"))
    entity.tags = tagging.from_aws(call.get("Tags"))
    held[name] = entity
    return entity


@operation("iam", "CreateRole")
def create_role(call: Call) -> dict[str, Any]:
    """Create a role with its trust policy."""
    trust = checked(call.params["AssumeRolePolicyDocument"], Kind.TRUST)
    entity = _create(call, "role", call.params["RoleName"], trust)
    entity.description = call.get("Description", "")
    entity.max_session = call.get("MaxSessionDuration", entity.max_session)
    return {"Role": describe(call, entity)}


@operation("iam", "CreateUser")
def create_user(call: Call) -> dict[str, Any]:
    """Create a user."""
    return {"User": describe(call, _create(call, "user", call.params["UserName"]))}


@operation("iam", "GetRole")
@operation("iam", "GetUser")
def get_entity(call: Call) -> dict[str, Any]:
    """Describe a role, or a user (by default the one that calls)."""
    entity = the_entity(call)
    return {entity.kind.title(): describe(call, entity)}


@operation("iam", "ListRoles")
@operation("iam", "ListUsers")
def list_entities(call: Call) -> dict[str, Any]:
    """List the roles or users of the account by name."""
    kind = kind_of(call)
    kept = [item for item in entities(call, kind).values() if item.path.startswith(call.get("PathPrefix", "/"))]
    kept.sort(key=lambda item: item.name)
    return listed(call, f"{kind.title()}s", kept, lambda item: describe(call, item))


def listed(call: Call, name: str, items: list[Any], row: Any) -> dict[str, Any]:
    """Return a page of a list, as IAM answers it."""
    rows, marker = marked_page(call, items, call.get("MaxItems", PAGE), lambda item: getattr(item, "arn", str(item)))
    answer: dict[str, Any] = {name: [row(item) for item in rows], "IsTruncated": marker is not None}
    return answer if marker is None else {**answer, "Marker": marker}


@operation("iam", "DeleteRole")
@operation("iam", "DeleteUser")
def delete_entity(call: Call) -> dict[str, Any]:
    """Delete a role or user that has no policies and no access keys."""
    entity = the_entity(call)
    if entity.inline or entity.attached or entity.keys:
        message = "Cannot delete entity, must detach all policies and delete all access keys first."
        raise AwsError("DeleteConflict", message, 409)
    del entities(call, entity.kind)[entity.name]
    return {}


@operation("iam", "UpdateRole")
def update_role(call: Call) -> dict[str, Any]:
    """Change a role's description or longest session."""
    entity = the_entity(call)
    entity.description = call.get("Description", entity.description)
    entity.max_session = call.get("MaxSessionDuration", entity.max_session)
    return {}


@operation("iam", "UpdateAssumeRolePolicy")
def update_assume_role_policy(call: Call) -> dict[str, Any]:
    """Replace a role's trust policy."""
    the_entity(call).trust = checked(call.params["PolicyDocument"], Kind.TRUST)
    return {}


@operation("iam", "PutRolePermissionsBoundary")
@operation("iam", "PutUserPermissionsBoundary")
def put_permissions_boundary(call: Call) -> dict[str, Any]:
    """Set the permissions boundary: a managed policy that exists."""
    the_entity(call).boundary = _boundary(call, call.params["PermissionsBoundary"])
    return {}


@operation("iam", "DeleteRolePermissionsBoundary")
@operation("iam", "DeleteUserPermissionsBoundary")
def delete_permissions_boundary(call: Call) -> dict[str, Any]:
    """Remove the permissions boundary."""
    entity = the_entity(call)
    if entity.boundary is None:
        raise no_such("permissions boundary of", entity.name)
    entity.boundary = None
    return {}


@operation("iam", "TagRole")
@operation("iam", "TagUser")
def tag_entity(call: Call) -> dict[str, Any]:
    """Add or overwrite tags."""
    tagging.add(the_entity(call).tags, tagging.from_aws(call.params["Tags"]), "LimitExceeded")
    return {}


@operation("iam", "UntagRole")
@operation("iam", "UntagUser")
def untag_entity(call: Call) -> dict[str, Any]:
    """Remove tags; absent ones are ignored."""
    tags = the_entity(call).tags
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


@operation("iam", "CreateAccessKey")
def create_access_key(call: Call) -> dict[str, Any]:
    """Create an access key of a user; two at most."""
    user = the_entity(call)
    if len(user.keys) >= MAX_KEYS:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}", 409)
    key = f"AKIAX{uuid4().hex[:15].upper()}"
    user.keys[key] = "Active"
    secret = hashlib.sha256(key.encode()).hexdigest()[:40]
    row = {"UserName": user.name, "AccessKeyId": key, "Status": "Active", "SecretAccessKey": secret}
    return {"AccessKey": {**row, "CreateDate": call.now}}


@operation("iam", "DeleteAccessKey")
def delete_access_key(call: Call) -> dict[str, Any]:
    """Delete an access key of a user."""
    if the_entity(call).keys.pop(call.params["AccessKeyId"], None) is None:
        raise no_such("Access Key", call.params["AccessKeyId"])
    return {}


@operation("iam", "UpdateAccessKey")
def update_access_key(call: Call) -> dict[str, Any]:
    """Activate or deactivate an access key."""
    keys = the_entity(call).keys
    if call.params["AccessKeyId"] not in keys:
        raise no_such("Access Key", call.params["AccessKeyId"])
    keys[call.params["AccessKeyId"]] = call.params["Status"]
    return {}


@operation("iam", "ListAccessKeys")
def list_access_keys(call: Call) -> dict[str, Any]:
    """List a user's access keys."""
    user = the_entity(call)
    rows = [{"UserName": user.name, "AccessKeyId": key, "Status": status} for key, status in user.keys.items()]
    return {"AccessKeyMetadata": rows, "IsTruncated": False}


def invalid_source(arn: str) -> AwsError:
    """Return the error for an ARN that is not a user, group or role."""
    return invalid(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
