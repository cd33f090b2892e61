"""KMS operations that model cards need: symmetric keys with aliases and policies. Nothing is encrypted.

Only the key's own account sees it: what key policies allow other accounts is not evaluated.
"""

import json
import re
from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError
from cardops.sandbox.state import Key

_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(key|alias)/(.+)")
_DENIED = "User: {} is not authorized to perform: kms:{} on this resource"


def _default_policy(account: str) -> str:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": root}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Action": "kms:*", "Resource": "*"}]})


def _checked(policy: str) -> str:
    try:
        if isinstance(json.loads(policy), dict):
            return policy
    except ValueError:
        pass
    raise AwsError("MalformedPolicyDocumentException", "The policy is not a JSON object")


def _find(call: Call, reference: str, aliases: bool = False) -> Key:
    """By id or ARN and, where the operation takes them, by alias name or ARN."""
    found = _ARN.fullmatch(reference)
    if reference.startswith("arn:") and not found:
        raise AwsError("InvalidArnException", f"{reference} is not the ARN of a key")
    if found and (found[2], found[1]) != (call.caller.account, call.region):
        raise AwsError("AccessDeniedException", _DENIED.format(call.caller.arn, call.operation))
    name = f"{'alias/' if found[3] == 'alias' else ''}{found[4]}" if found else reference
    keys = call.home.keys
    for key in keys.values():
        if name == key.id or (aliases and name in key.aliases):
            return key
    raise AwsError("NotFoundException", f"Invalid keyId {reference}")


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
    identity, account = str(uuid4()), call.caller.account
    policy = _checked(call.get("Policy") or _default_policy(account))
    arn = f"arn:aws:kms:{call.region}:{account}:key/{identity}"
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
    _find(call, call.params["TargetKeyId"]).aliases.append(name)
    return {}


@operation("kms", "DescribeKey")
def describe_key(call: Call) -> dict[str, Any]:
    """Describe a key by id, alias, or the ARN of either."""
    return {"KeyMetadata": _metadata(_find(call, call.params["KeyId"], aliases=True))}


@operation("kms", "GetKeyPolicy")
def get_key_policy(call: Call) -> dict[str, Any]:
    """Return the key policy, by key id or ARN."""
    return {"Policy": _find(call, call.params["KeyId"]).policy, "PolicyName": "default"}


@operation("kms", "PutKeyPolicy")
def put_key_policy(call: Call) -> dict[str, Any]:
    """Replace a key's policy."""
    _find(call, call.params["KeyId"]).policy = _checked(call.params["Policy"])
    return {}
