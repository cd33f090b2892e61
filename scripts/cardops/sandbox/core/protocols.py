"""AWS protocols, server side, as botocore's models name them: json, rest-json (RAM), query with XML (IAM, STS)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

from cardops.sandbox.core.service_models import ServiceModel, service_model
from cardops.sandbox.errors import AwsError

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_UNSIGNED = ("AssumeRoleWithWebIdentity",)
_CONTENT_TYPES = {"json": "application/x-amz-json-1.1", "rest-json": "application/json", "query": "text/xml"}


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
    """The service that a request is signed for; an error is answered in its protocol. Unsigned ones may be for STS."""
    found = _CREDENTIAL.search(headers.get("authorization") or "")
    if found is None:
        return "sts" if is_query(headers) else ""
    return found[3]


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Parse an HTTP request (header names in lower case); raises AwsError for an unknown operation."""
    url = urlsplit(target)
    key, region, service = _unsigned(headers, url.query, body) or scope(headers)
    model = service_model(service)
    if model.protocol == "json":
        operation, params = (headers.get("x-amz-target") or "").rpartition(".")[2], _json(body)
    elif model.protocol == "rest-json":
        operation = model.routes.get((method, url.path), f"{method} {url.path}")
        params = _json(body)
        if operation in model.operations:
            params |= _typed(model, operation, dict(parse_qsl(url.query, keep_blank_values=True)))
    else:
        pairs = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)) | dict(parse_qsl(url.query))
        operation = pairs.pop("Action", "")
        params = _query(model, operation, pairs)
    if operation not in model.operations:
        code = "InvalidAction" if model.protocol == "query" else "UnknownOperationException"
        raise AwsError(code, f"{service} has no operation {operation!r}", 400)
    return Request(key, headers.get("x-amz-security-token"), region, service, operation, params)


def _unsigned(headers: Mapping[str, str], query: str, body: bytes) -> tuple[str, str, str] | None:
    """Return an empty key with region and service for the calls of STS that need no signature."""
    if "authorization" in headers or not is_query(headers):
        return None
    action = (parse_qs(body.decode(errors="replace")) | parse_qs(query)).get("Action", [""])[0]
    return ("", "us-east-1", "sts") if action in _UNSIGNED else None


def is_query(headers: Mapping[str, str]) -> bool:
    """Return True for a request in the query protocol, whose errors are XML."""
    return "x-www-form-urlencoded" in (headers.get("content-type") or "")


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
        places = {key[len(start) :].split(".")[0] for key in pairs if key.startswith(start)}
        numbers = sorted(int(place) for place in places if place.isdecimal())
        return [_unflatten(model, shape["member"]["shape"], pairs, f"{start}{number}.") for number in numbers]
    return _scalar(shape["type"], pairs.get(prefix.rstrip("."), ""))


def answer(service: str, operation: str, result: dict[str, Any]) -> Reply:
    """Serialise a result. Times are epoch seconds: JSON sends them as they are, XML as ISO 8601."""
    model = service_model(service)
    if model.protocol != "query":
        return _reply(model, 200, json.dumps(result).encode())
    output = model.operations[operation].get("output", {})
    inner = _xml(model, output["shape"], result) if output else ""
    if wrapper := output.get("resultWrapper"):
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    text = (
        f'<{operation}Response xmlns="{model.namespace}">{inner}'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return _reply(model, 200, text.encode())


def _xml(model: ServiceModel, name: str, value: Any) -> str:
    shape = model.shapes[name]
    if shape["type"] == "structure":
        names = {key: shape["members"][key]["shape"] for key in value}
        return "".join(f"<{key}>{_xml(model, names[key], item)}</{key}>" for key, item in value.items())
    if shape["type"] == "list":
        return "".join(f"<member>{_xml(model, shape['member']['shape'], item)}</member>" for item in value)
    if shape["type"] == "map":
        pairs = [(escape(str(key)), _xml(model, shape["value"]["shape"], item)) for key, item in value.items()]
        return "".join(f"<entry><key>{key}</key><value>{item}</value></entry>" for key, item in pairs)
    if shape["type"] == "timestamp":
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).lower() if isinstance(value, bool) else escape(_printable(str(value)))


def _printable(text: str) -> str:
    """Drop the control characters that XML 1.0 cannot carry."""
    return "".join(character for character in text if character >= " " or character in "\t\n\r")


def refusal(service: str, error: AwsError) -> Reply:
    """Serialise an error as the service does."""
    try:
        model = service_model(service)
    except AwsError:
        model = service_model("sagemaker")
    status = error.status or model.status_of(error.code)
    if model.protocol == "query":
        text = (
            f'<ErrorResponse xmlns="{model.namespace}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
            f"<Message>{escape(_printable(error.message))}</Message></Error>"
            f"<RequestId>{uuid4()}</RequestId></ErrorResponse>"
        )
        return _reply(model, status, text.encode())
    body = {"__type": error.code, model.message_key(error.code): error.message}
    return _reply(model, status, json.dumps(body).encode(), {"x-amzn-ErrorType": error.code})


def _reply(model: ServiceModel, status: int, body: bytes, more: dict[str, str] | None = None) -> Reply:
    kind = _CONTENT_TYPES[model.protocol]
    return Reply(status, {"Content-Type": kind, "x-amzn-RequestId": str(uuid4()), **(more or {})}, body)
