"""KMS grants and the operations that use a key. A ciphertext is the request in clear: nothing is encrypted."""

import base64
import json
from typing import Any
from uuid import uuid4

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import marked_page
from cardops.sandbox.errors import AwsError
from cardops.sandbox.iam.authorization import Target, targets
from cardops.sandbox.iam.entities import Grant, Key
from cardops.sandbox.kms.keys import key_targets, the_key

PAGE = 50
_DATA_KEY_BYTES = {"AES_128": 16, "AES_256": 32}


@targets(
    "kms", "CreateGrant", "ListGrants", "RevokeGrant", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"
)
def _on_key(call: Call) -> list[Target]:
    return key_targets(call, call.params["KeyId"], call.get("EncryptionContext", {}))


@targets("kms", "Decrypt")
def _decrypt(call: Call) -> list[Target]:
    return key_targets(call, _opened(call)["key"], call.get("EncryptionContext", {}))


@operation("kms", "CreateGrant")
def create_grant(call: Call) -> dict[str, Any]:
    """Create a grant, which counts at once."""
    key, identity = the_key(call, call.params["KeyId"]), uuid4().hex * 2
    grantee = call.get("GranteePrincipal", call.get("GranteeServicePrincipal", ""))
    key.grants[identity] = Grant(
        identity,
        grantee,
        list(call.params["Operations"]),
        call.now,
        call.get("Constraints", {}),
        f"arn:{call.partition}:iam::{call.caller.account}:root",
        call.get("Name", ""),
        call.get("RetiringPrincipal", ""),
    )
    return {"GrantId": identity, "GrantToken": base64.b64encode(identity.encode()).decode()}


def _row(key: Key, grant: Grant) -> dict[str, Any]:
    row = {
        "KeyId": key.arn,
        "GrantId": grant.id,
        "CreationDate": grant.created,
        "GranteePrincipal": grant.grantee,
        "IssuingAccount": grant.issuer,
        "Operations": grant.operations,
    }
    more = {"Name": grant.name, "RetiringPrincipal": grant.retiring, "Constraints": grant.constraints}
    return row | {name: value for name, value in more.items() if value}


@operation("kms", "ListGrants")
def list_grants(call: Call) -> dict[str, Any]:
    """List a key's grants, all or those of one grantee or id."""
    key = the_key(call, call.params["KeyId"])
    grantee, identity = call.get("GranteePrincipal"), call.get("GrantId")
    kept = [
        _row(key, grant)
        for grant in key.grants.values()
        if grantee in (None, grant.grantee) and identity in (None, grant.id)
    ]
    rows, marker = marked_page(call, kept, call.get("Limit", PAGE), lambda row: row["GrantId"])
    answer: dict[str, Any] = {"Grants": rows, "Truncated": marker is not None}
    return answer if marker is None else {**answer, "NextMarker": marker}


@operation("kms", "RevokeGrant")
def revoke_grant(call: Call) -> dict[str, Any]:
    """End a grant."""
    grants = the_key(call, call.params["KeyId"]).grants
    if grants.pop(call.params["GrantId"], None) is None:
        raise AwsError("NotFoundException", f"Grant {call.params['GrantId']} does not exist")
    return {}


def _sealed(key: Key, plaintext: str, context: dict[str, str]) -> str:
    text = json.dumps({"key": key.arn, "plaintext": plaintext, "context": context}, sort_keys=True)
    return base64.b64encode(text.encode()).decode()


def _opened(call: Call) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(call.params["CiphertextBlob"]))
        return {"key": str(document["key"]), "plaintext": document["plaintext"], "context": document["context"]}
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("InvalidCiphertextException", "The ciphertext was not made by this sandbox") from error


@operation("kms", "Encrypt")
def encrypt(call: Call) -> dict[str, Any]:
    """Seal a plaintext with its encryption context."""
    key = the_key(call, call.params["KeyId"])
    return {
        "CiphertextBlob": _sealed(key, call.params["Plaintext"], call.get("EncryptionContext", {})),
        "KeyId": key.arn,
    }


@operation("kms", "GenerateDataKey")
def generate_data_key(call: Call) -> dict[str, Any]:
    """Return a data key: zeros of the length asked for."""
    key = the_key(call, call.params["KeyId"])
    size = call.get("NumberOfBytes", _DATA_KEY_BYTES.get(call.get("KeySpec", ""), 32))
    plaintext = base64.b64encode(bytes(size)).decode()
    sealed = _sealed(key, plaintext, call.get("EncryptionContext", {}))
    return {"CiphertextBlob": sealed, "Plaintext": plaintext, "KeyId": key.arn}


@operation("kms", "Decrypt")
def decrypt(call: Call) -> dict[str, Any]:
    """Open a ciphertext; its encryption context has to be the same."""
    found = _opened(call)
    if found["context"] != call.get("EncryptionContext", {}):
        raise AwsError("InvalidCiphertextException", "The encryption context is another one")
    return {"Plaintext": found["plaintext"], "KeyId": the_key(call, found["key"]).arn}
