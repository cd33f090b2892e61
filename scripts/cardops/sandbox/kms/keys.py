"""KMS keys that model cards need: symmetric keys with aliases, policies and grants. Nothing is encrypted.

Sources: KMS Developer Guide, "Key policies", "Grants" and "AWS KMS condition keys": a key's own policy has to allow
every access, directly or by deferring to IAM; a grant allows its operations without any policy.
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.authorization import GRANT, Target, resource_policy, targets
from cardops.sandbox.iam.entities import Grant, Key
from cardops.sandbox.iam.evaluator import Document
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, check
from cardops.sandbox.state import Region

_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(key|alias)/(.+)")
_CONTEXT = "kms:EncryptionContext:"
_OWN_ONLY = ("CreateAlias", "GetKeyPolicy", "PutKeyPolicy")


def _default_policy(call: Call) -> str:
    root = {"AWS": f"arn:{call.partition}:iam::{call.caller.account}:root"}
    statement = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": root}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Action": "kms:*", "Resource": "*"}]})


def _checked(policy: str) -> str:
    try:
        check(policy, Kind.RESOURCE)
    except MalformedPolicy as error:
        raise AwsError("MalformedPolicyDocumentException", str(error)) from error
    return policy


def find_key(call: Call, home: Region, reference: str | None) -> Key | None:
    """Return a key by id, alias, or the ARN of either (in any account of the region); None if the sandbox lacks it."""
    found = _ARN.fullmatch(reference or "")
    if found and (found[2], found[1]) != (home.account, home.name):
        region = call.state.regions.get(f"{found[2]}/{found[1]}")
    else:
        region = home
    name = (f"{'alias/' if found[3] == 'alias' else ''}{found[4]}" if found else reference) or ""
    keys = region.keys.values() if region else ()
    return next((key for key in keys if name == key.id or name in key.aliases), None)


def the_key(call: Call, reference: str) -> Key:
    """Return the key that an operation names; raises NotFoundException. The caller is authorized already."""
    found = _ARN.fullmatch(reference)
    if reference.startswith("arn:") and not found:
        raise AwsError("InvalidArnException", f"{reference} is not the ARN of a key")
    key = find_key(call, call.home, reference)
    if key is None:
        raise AwsError("NotFoundException", f"Invalid keyId {reference}")
    return key


def key_target(call: Call, action: str, key: Key, card: str) -> Target:
    """Return SageMaker's use of a key on behalf of the caller, for a model card."""
    via = f"sagemaker.{call.region}.amazonaws.com"
    return Target(action, key.arn, context_keys(call, {"aws:sagemaker:model-card-arn": card}) | {"kms:ViaService": via})


def context_keys(call: Call, context: dict[str, str]) -> dict[str, str | Sequence[str]]:
    """Return the condition keys about a cryptographic request."""
    found: dict[str, str | Sequence[str]] = {f"{_CONTEXT}{name}": value for name, value in context.items()}
    found["kms:CallerAccount"] = call.caller.account
    return found | ({"kms:EncryptionContextKeys": list(context)} if context else {})


@resource_policy("kms")
def _key_policy(call: Call, target: Target) -> Document | None:
    key = find_key(call, call.home, target.resource)
    if key is None:
        return None
    document = json.loads(key.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    granted = [_granted(call, grant) for grant in key.grants.values() if _fits(call, grant, target)]
    return json.dumps({**document, "Statement": [*statements, *granted]}) if granted else key.policy


def _fits(call: Call, grant: Grant, target: Target) -> bool:
    """Return True if a grant covers an action of the caller, under its encryption context constraints."""
    grantees = (call.caller.arn, call.caller.role_arn)
    if grant.grantee not in grantees or target.action.removeprefix("kms:") not in grant.operations:
        return False
    given = {key.removeprefix(_CONTEXT): value for key, value in target.context.items() if key.startswith(_CONTEXT)}
    equal = grant.constraints.get("EncryptionContextEquals")
    subset = grant.constraints.get("EncryptionContextSubset", {})
    return equal in (None, given) and subset.items() <= given.items()


def _granted(call: Call, grant: Grant) -> dict[str, Any]:
    """Return a grant that fits the caller as a statement of the key policy."""
    actions = [f"kms:{name}" for name in grant.operations]
    return {"Sid": GRANT, "Effect": "Allow", "Principal": {"AWS": call.caller.arn}, "Action": actions, "Resource": "*"}


@targets("kms", "DescribeKey", *_OWN_ONLY)
def _on_key(call: Call) -> list[Target]:
    reference = call.get("KeyId", call.get("TargetKeyId"))
    if call.operation == "DescribeKey" or not reference.startswith("alias/"):
        return key_targets(call, reference, {})
    return []


def key_targets(call: Call, reference: str, context: dict[str, str]) -> list[Target]:
    """Return the target of an operation on a key; for a key that is missing, only what its own account would need."""
    key = find_key(call, call.home, reference)
    found = _ARN.fullmatch(reference)
    if key is None and not (found and found[2] != call.caller.account):
        return []
    return [Target(f"kms:{call.operation}", key.arn if key else reference, context_keys(call, context))]


def _metadata(key: Key) -> dict[str, Any]:
    return {
        "AWSAccountId": key.arn.split(":")[4],
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": True,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }


@operation("kms", "CreateKey")
def create_key(call: Call) -> dict[str, Any]:
    """Create a key; the default policy defers to the account's IAM policies."""
    identity = str(uuid4())
    policy = _checked(call.get("Policy") or _default_policy(call))
    arn = f"{call.arn_prefix('kms')}key/{identity}"
    call.home.keys[arn] = Key(arn, identity, call.now, policy, call.get("Description", ""))
    return {"KeyMetadata": _metadata(call.home.keys[arn])}


@operation("kms", "CreateAlias")
def create_alias(call: Call) -> dict[str, Any]:
    """Create an alias of a key."""
    name = call.params["AliasName"]
    if not name.startswith("alias/") or name.startswith("alias/aws/"):
        raise AwsError("InvalidAliasNameException", "Alias must start with the prefix alias/, and not with alias/aws/")
    if any(name in key.aliases for key in call.home.keys.values()):
        raise AwsError("AlreadyExistsException", f"An alias with the name {name} already exists")
    the_key(call, call.params["TargetKeyId"]).aliases.append(name)
    return {}


@operation("kms", "DescribeKey")
def describe_key(call: Call) -> dict[str, Any]:
    """Describe a key by id, alias, or the ARN of either."""
    return {"KeyMetadata": _metadata(the_key(call, call.params["KeyId"]))}


def _by_id(call: Call) -> Key:
    reference = call.params["KeyId"]
    if "alias/" in reference:
        raise AwsError("NotFoundException", f"Invalid keyId {reference}")
    return the_key(call, reference)


@operation("kms", "GetKeyPolicy")
def get_key_policy(call: Call) -> dict[str, Any]:
    """Return the key policy, by key id or ARN."""
    return {"Policy": _by_id(call).policy, "PolicyName": "default"}


@operation("kms", "PutKeyPolicy")
def put_key_policy(call: Call) -> dict[str, Any]:
    """Replace a key's policy."""
    _by_id(call).policy = _checked(call.params["Policy"])
    return {}
