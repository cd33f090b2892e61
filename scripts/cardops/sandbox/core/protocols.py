"""AWS wire protocols from the server's side: JSON 1.1 (SageMaker, KMS), REST JSON (RAM), query and XML (STS)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

from cardops.sandbox.core.service_models import ServiceModel, service_model
from cardops.sandbox.errors import AwsError

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_CONTENT_TYPES = {
    "sagemaker": "application/x-amz-json-1.1",
    "kms": "application/x-amz-json-1.1",
    "ram": "application/json",
    "sts": "text/xml",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed call; ``key`` and ``token`` are the access key id and session token it was signed with."""

    key: str
    token: str | None
    region: str
    service: str
    operation: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def scope(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Access key id, region and service of a Signature Version 4 header; the signature is not verified."""
    found = _CREDENTIAL.search(headers.get("authorization") or "")
    if not found:
        raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)
    return found[1], found[2], found[3]


def service_of(headers: Mapping[str, str]) -> str:
    """The service that a request is signed for, or an empty text; an error is answered in its protocol."""
    found = _CREDENTIAL.search(headers.get("authorization") or "")
    return found[3] if found else ""


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Parse an HTTP request (header names in lower case); raises AwsError for an unknown operation."""
    key, region, service = scope(headers)
    model = service_model(service)
    url = urlsplit(target)
    if service in ("sagemaker", "kms"):
        operation, params = (headers.get("x-amz-target") or "").rpartition(".")[2], _json(body)
    elif service == "ram":
        operation = model.routes.get((method, url.path), f"{method} {url.path}")
        params = _json(body)
        if operation in model.operations:
            params |= _typed(model, operation, dict(parse_qsl(url.query, keep_blank_values=True)))
    else:
        pairs = dict(parse_qsl(body.decode(), keep_blank_values=True)) | dict(parse_qsl(url.query))
        operation = pairs.pop("Action", "")
        params = _query(model, operation, pairs)
    if operation not in model.operations:
        code = "InvalidAction" if service == "sts" else "UnknownOperationException"
        raise AwsError(code, f"{service} has no operation {operation!r}", 400)
    return Request(key, headers.get("x-amz-security-token"), region, service, operation, params)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", "The request body is not JSON") from error
    if not isinstance(value, dict):
        raise AwsError("SerializationException", "The request body is not a JSON object")
    return value


def _typed(model: ServiceModel, operation: str, pairs: dict[str, str]) -> dict[str, Any]:
    """Give query-string parameters the types of the input shape."""
    name = model.input_shape(operation)
    members = model.shapes[name]["members"] if name else {}
    by_location = {item.get("locationName", name): (name, item["shape"]) for name, item in members.items()}
    typed = {}
    for key, text in pairs.items():
        name, shape = by_location.get(key, (key, None))
        typed[name] = _scalar(model.shapes[shape]["type"], text) if shape else text
    return typed


def _scalar(kind: str, text: str) -> Any:
    if kind == "boolean":
        return text == "true"
    if kind in ("integer", "long") and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def _query(model: ServiceModel, operation: str, pairs: dict[str, str]) -> dict[str, Any]:
    """Unflatten ``Tags.member.1.Key=a`` by the operation's input shape."""
    shape = model.input_shape(operation) if operation in model.operations else None
    if shape is None:
        return {}
    value: dict[str, Any] = _unflatten(model, shape, pairs, "")
    return value


def _unflatten(model: ServiceModel, name: str, pairs: dict[str, str], prefix: str) -> Any:
    shape = model.shapes[name]
    if shape["type"] == "structure":
        given = {key[len(prefix) :].split(".")[0] for key in pairs if key.startswith(prefix)}
        return {
            member: _unflatten(model, item["shape"], pairs, f"{prefix}{member}.")
            for member, item in shape["members"].items()
            if member in given
        }
    if shape["type"] == "list":
        start = f"{prefix}member."
        numbers = sorted({int(key[len(start) :].split(".")[0]) for key in pairs if key.startswith(start)})
        return [_unflatten(model, shape["member"]["shape"], pairs, f"{start}{number}.") for number in numbers]
    return _scalar(shape["type"], pairs[prefix.rstrip(".")])


def answer(service: str, operation: str, result: dict[str, Any]) -> Reply:
    """Serialise a result. Times are epoch seconds: JSON sends them as they are, XML as ISO 8601."""
    if service != "sts":
        return _reply(service, 200, json.dumps(result).encode())
    model = service_model(service)
    inner = _xml(model, f"{operation}Response", result)
    text = (
        f'<{operation}Response xmlns="{model.namespace}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return _reply(service, 200, text.encode())


def _xml(model: ServiceModel, name: str, value: Any) -> str:
    shape = model.shapes[name]
    if shape["type"] == "structure":
        names = {key: shape["members"][key]["shape"] for key in value}
        return "".join(f"<{key}>{_xml(model, names[key], item)}</{key}>" for key, item in value.items())
    if shape["type"] == "timestamp":
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


def refusal(service: str, error: AwsError) -> Reply:
    """Serialise an error as the service does."""
    try:
        model = service_model(service)
    except AwsError:
        model = service_model("sagemaker")
    status = error.status or model.status_of(error.code)
    if service == "sts":
        text = (
            f'<ErrorResponse xmlns="{model.namespace}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
            f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid4()}</RequestId></ErrorResponse>"
        )
        return _reply(service, status, text.encode())
    body = {"__type": error.code, model.message_key(error.code): error.message}
    return _reply(service, status, json.dumps(body).encode(), {"x-amzn-ErrorType": error.code})


def _reply(service: str, status: int, body: bytes, more: dict[str, str] | None = None) -> Reply:
    kind = _CONTENT_TYPES.get(service, "application/x-amz-json-1.1")
    return Reply(status, {"Content-Type": kind, "x-amzn-RequestId": str(uuid4()), **(more or {})}, body)
