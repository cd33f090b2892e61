"""IAM policies: managed ones with versions, and the inline and attached policies of roles and users."""

from typing import Any
from urllib.parse import quote

from cardops.sandbox import tagging
from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.applicable import attached_policy
from cardops.sandbox.iam.entities import AccountIam, ManagedPolicy
from cardops.sandbox.iam.errors import checked, exists, invalid, no_such
from cardops.sandbox.iam.grammar import Kind
from cardops.sandbox.iam.managed import DOCUMENTS, managed_document
from cardops.sandbox.iam.roles import listed, new_id, the_entity

VERSIONS = 5
ATTACHED = 20
INLINE_SIZE = {"role": 10_240, "user": 2_048}
MANAGED_SIZE = 6_144


def _own(call: Call) -> AccountIam:
    return call.state.iam_of(call.caller.account)


def _sized(text: str, limit: int, what: str) -> str:
    """Return a text within a size limit, which does not count white space."""
    if len("".join(text.split())) > limit:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for {what}: {limit}", 409)
    return text


def _managed(call: Call, arn: str) -> ManagedPolicy:
    """Return a managed policy of AWS or of the account."""
    text = managed_document(arn)
    if text is not None:
        return ManagedPolicy(arn, arn.rpartition("/")[2], "/", "ANPAAWSMANAGED", 0.0, 0.0, {"v1": text})
    found = _own(call).policies.get(arn)
    if found is None:
        raise no_such("policy", arn)
    return found


def _changeable(call: Call) -> ManagedPolicy:
    found = _managed(call, call.params["PolicyArn"])
    if managed_document(found.arn) is not None:
        raise invalid("Cannot perform the operation on an AWS managed policy.")
    return found


def _uses(call: Call, arn: str) -> tuple[int, int]:
    held = [*_own(call).roles.values(), *_own(call).users.values()]
    return sum(arn in item.attached for item in held), sum(item.boundary == arn for item in held)


def describe(call: Call, policy: ManagedPolicy) -> dict[str, Any]:
    """Return Policy of botocore's model."""
    attached, boundaries = _uses(call, policy.arn)
    row = {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }
    row |= {"Description": policy.description} if policy.description else {}
    return row | ({"Tags": tagging.to_aws(policy.tags)} if policy.tags else {})


def _version(policy: ManagedPolicy, number: str, with_document: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"VersionId": number, "IsDefaultVersion": number == policy.default}
    row["CreateDate"] = policy.updated
    return row | ({"Document": quote(policy.versions[number])} if with_document else {})


@operation("iam", "CreatePolicy")
def create_policy(call: Call) -> dict[str, Any]:
    """Create a managed policy."""
    held, name, path = _own(call).policies, call.params["PolicyName"], call.get("Path", "/")
    text = _sized(checked(call.params["PolicyDocument"], Kind.IDENTITY), MANAGED_SIZE, "PolicySize")
    if name.lower() in {known.name.lower() for known in held.values()}:
        raise exists("Policy", name)
    arn = f"arn:{call.partition}:iam::{call.caller.account}:policy{path}{name}"
    policy = held[arn] = ManagedPolicy(arn, name, path, new_id("policy"), call.now, call.now, {"v1": text})
    policy.description, policy.tags = call.get("Description", ""), tagging.from_aws(call.get("Tags"))
    return {"Policy": describe(call, policy)}


@operation("iam", "CreatePolicyVersion")
def create_policy_version(call: Call) -> dict[str, Any]:
    """Add a version; five at most, and only the default one counts."""
    policy = _changeable(call)
    text = _sized(checked(call.params["PolicyDocument"], Kind.IDENTITY), MANAGED_SIZE, "PolicySize")
    if len(policy.versions) >= VERSIONS:
        raise AwsError("LimitExceeded", f"A managed policy can have up to {VERSIONS} versions.", 409)
    policy.last, policy.updated = policy.last + 1, call.now
    number = f"v{policy.last}"
    policy.versions[number] = text
    policy.default = number if call.get("SetAsDefault") else policy.default
    return {"PolicyVersion": _version(policy, number, False)}


@operation("iam", "SetDefaultPolicyVersion")
def set_default_policy_version(call: Call) -> dict[str, Any]:
    """Choose the version that counts."""
    policy = _changeable(call)
    if call.params["VersionId"] not in policy.versions:
        raise no_such("policy version", call.params["VersionId"])
    policy.default = call.params["VersionId"]
    return {}


@operation("iam", "DeletePolicyVersion")
def delete_policy_version(call: Call) -> dict[str, Any]:
    """Delete a version other than the default one."""
    policy, number = _changeable(call), call.params["VersionId"]
    if number == policy.default:
        raise AwsError("DeleteConflict", "Cannot delete the default version of a policy.", 409)
    if policy.versions.pop(number, None) is None:
        raise no_such("policy version", number)
    return {}


@operation("iam", "GetPolicy")
def get_policy(call: Call) -> dict[str, Any]:
    """Describe a managed policy."""
    return {"Policy": describe(call, _managed(call, call.params["PolicyArn"]))}


@operation("iam", "GetPolicyVersion")
def get_policy_version(call: Call) -> dict[str, Any]:
    """Return a version with its document."""
    policy, number = _managed(call, call.params["PolicyArn"]), call.params["VersionId"]
    if number not in policy.versions:
        raise no_such("policy version", number)
    return {"PolicyVersion": _version(policy, number, True)}


@operation("iam", "ListPolicyVersions")
def list_policy_versions(call: Call) -> dict[str, Any]:
    """List the versions of a managed policy."""
    policy = _managed(call, call.params["PolicyArn"])
    return listed(call, "Versions", list(policy.versions), lambda number: _version(policy, number, False))


@operation("iam", "ListPolicies")
def list_policies(call: Call) -> dict[str, Any]:
    """List managed policies: the account's own (Local), AWS's, or both."""
    scope = call.get("Scope", "All")
    own = list(_own(call).policies.values()) if scope != "AWS" else []
    names = [f"arn:{call.partition}:iam::aws:policy/{name}" for name in DOCUMENTS] if scope != "Local" else []
    found = [*own, *(_managed(call, arn) for arn in names)]
    if call.get("OnlyAttached"):
        found = [item for item in found if any(_uses(call, item.arn))]
    return listed(call, "Policies", found, lambda item: describe(call, item))


@operation("iam", "DeletePolicy")
def delete_policy(call: Call) -> dict[str, Any]:
    """Delete a managed policy that nothing uses."""
    policy = _changeable(call)
    if any(_uses(call, policy.arn)):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    del _own(call).policies[policy.arn]
    return {}


@operation("iam", "PutRolePolicy")
@operation("iam", "PutUserPolicy")
def put_inline_policy(call: Call) -> dict[str, Any]:
    """Add or replace an inline policy."""
    entity, name = the_entity(call), call.params["PolicyName"]
    text = checked(call.params["PolicyDocument"], Kind.IDENTITY)
    others = "".join(held for known, held in entity.inline.items() if known != name)
    _sized(others + text, INLINE_SIZE[entity.kind], f"{entity.kind.title()}PolicySize")
    entity.inline[name] = text
    return {}


def _inline(call: Call) -> str:
    entity, name = the_entity(call), call.params["PolicyName"]
    if name not in entity.inline:
        raise no_such("policy", name)
    return entity.inline[name]


@operation("iam", "GetRolePolicy")
@operation("iam", "GetUserPolicy")
def get_inline_policy(call: Call) -> dict[str, Any]:
    """Return an inline policy."""
    text, entity = _inline(call), the_entity(call)
    name = {f"{entity.kind.title()}Name": entity.name, "PolicyName": call.params["PolicyName"]}
    return {**name, "PolicyDocument": quote(text)}


@operation("iam", "DeleteRolePolicy")
@operation("iam", "DeleteUserPolicy")
def delete_inline_policy(call: Call) -> dict[str, Any]:
    """Delete an inline policy."""
    _inline(call)
    del the_entity(call).inline[call.params["PolicyName"]]
    return {}


@operation("iam", "ListRolePolicies")
@operation("iam", "ListUserPolicies")
def list_inline_policies(call: Call) -> dict[str, Any]:
    """List the names of inline policies."""
    return listed(call, "PolicyNames", sorted(the_entity(call).inline), str)


@operation("iam", "AttachRolePolicy")
@operation("iam", "AttachUserPolicy")
def attach_policy(call: Call) -> dict[str, Any]:
    """Attach a managed policy; attaching it again changes nothing."""
    entity, arn = the_entity(call), call.params["PolicyArn"]
    if attached_policy(_own(call), arn) is None:
        raise no_such("policy", arn)
    if arn not in entity.attached:
        if len(entity.attached) >= ATTACHED:
            raise AwsError(
                "LimitExceeded", f"Cannot exceed quota for PoliciesPer{entity.kind.title()}: {ATTACHED}", 409
            )
        entity.attached.append(arn)
    return {}


@operation("iam", "DetachRolePolicy")
@operation("iam", "DetachUserPolicy")
def detach_policy(call: Call) -> dict[str, Any]:
    """Detach a managed policy."""
    entity, arn = the_entity(call), call.params["PolicyArn"]
    if arn not in entity.attached:
        raise no_such("policy", arn)
    entity.attached.remove(arn)
    return {}


@operation("iam", "ListAttachedRolePolicies")
@operation("iam", "ListAttachedUserPolicies")
def list_attached_policies(call: Call) -> dict[str, Any]:
    """List the attached managed policies."""
    rows = list(the_entity(call).attached)
    return listed(call, "AttachedPolicies", rows, lambda arn: {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn})
