"""Find who changed a card, share or package, from CloudTrail's events.

Sources: CloudTrail user guide, "CloudTrail record contents" (eventTime, eventName, userIdentity, awsRegion,
recipientAccountId, requestParameters, responseElements); the LookupEvents API, whose events carry the record as JSON
text; EventBridge, whose events carry it as `detail`.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cardops.model.errors import UsageError
from cardops.model.partitions import partition_of

SOURCES = frozenset({"sagemaker.amazonaws.com", "ram.amazonaws.com"})
CARD_WRITES = frozenset({"CreateModelCard", "UpdateModelCard", "DeleteModelCard"})
TAG_WRITES = frozenset({"AddTags", "DeleteTags"})
PACKAGE_WRITES = frozenset({"CreateModelPackage", "UpdateModelPackage", "DeleteModelPackage"})

CLOCKS = timedelta(seconds=5)
"""A resource's last change may be this much older than the event's time, which has whole seconds."""

MAX_BYTES = 512 << 20
"""Longest unpacked file. CloudTrail's own files have at most 50 MB."""

SUFFIXES = (".json", ".json.gz", ".jsonl")
HINT = "pass a file or folder of the trail, EventBridge events, or the output of `aws cloudtrail lookup-events`"


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One successful mutating call: its time (ISO 8601, UTC), name, the caller's ARN, and the ARNs that it wrote."""

    time: str
    name: str
    who: str
    written: frozenset[str]


def load_events(paths: Iterable[Path]) -> tuple[TrailEvent, ...]:
    """Read files and folders of events, oldest event first. Raises UsageError for a file without events."""
    events = [event for path in paths for file in _files(path) for event in parse(_read(file), str(file))]
    return tuple(sorted(events, key=lambda event: event.time))


def parse(text: str, name: str = "the file") -> tuple[TrailEvent, ...]:
    """Parse the mutating events of one file, oldest first. Raises UsageError for text without events."""
    try:
        records = [record for document in _documents(text) for record in _records(document)]
        events = [_event(record) for record in records if _counts(record)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UsageError(f"{name} does not contain CloudTrail events", HINT) from problem
    return tuple(sorted(events, key=lambda event: event.time))


def last_write(
    events: Iterable[TrailEvent], arn: str, names: frozenset[str] | None = None, until: str = ""
) -> TrailEvent | None:
    """Return the last event that wrote a resource, or None.

    `names` limits the kinds of calls. `until` is when the resource last changed (ISO 8601): a later event cannot be
    the one.
    """
    limit = _moment(until) if until else None
    found = None
    for event in events:
        if arn in event.written and (names is None or event.name in names):
            moment = _moment(event.time)
            if limit is None or moment is None or moment <= limit + CLOCKS:
                found = event
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        one for one in path.rglob("*") if one.is_file() and one.name.endswith((".json", ".json.gz", ".jsonl"))
    )
    if not found:
        raise UsageError(f"the folder {path} does not contain files of events", HINT)
    return found


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as unpacked:
                data = unpacked.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UsageError(f"{path} has more than {MAX_BYTES >> 20} MiB", "pass smaller files, or their folder")
        return data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read as text or gzip", HINT) from problem


def _documents(text: str) -> list[Any]:
    """Parse one JSON document, or one in each line."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        if not text.strip():
            raise
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _records(document: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, list):
        for one in document:
            yield from _records(one)
    elif "Records" in document:
        yield from document["Records"]
    elif "Events" in document:
        yield from _records(document["Events"])
    elif "CloudTrailEvent" in document:
        yield json.loads(document["CloudTrailEvent"])
    elif "detail" in document:
        yield document["detail"]
    else:
        yield {"eventName": document["eventName"], "eventTime": document["eventTime"]} | document


def _counts(record: Mapping[str, Any]) -> bool:
    return record.get("eventSource") in SOURCES and not record.get("readOnly") and not record.get("errorCode")


def _event(record: Mapping[str, Any]) -> TrailEvent:
    identity = record.get("userIdentity") or {}
    who = str(identity.get("arn") or identity.get("principalId") or identity.get("type") or "")
    return TrailEvent(str(record["eventTime"]), str(record["eventName"]), who, frozenset(_written(record)))


def _written(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ARNs that a call wrote. A name counts only in the call's own account, Region and kind of resource."""
    name = record["eventName"]
    request = _mapping(record.get("requestParameters"))
    answer = _mapping(record.get("responseElements"))
    if record["eventSource"] == "ram.amazonaws.com":
        share = _mapping(answer.get("resourceShare"))
        yield from _texts(request.get("resourceShareArn"), share.get("resourceShareArn"))
    elif name in CARD_WRITES:
        yield from _arns(record, "model-card", request.get("modelCardName"), answer.get("modelCardArn"))
    elif name in PACKAGE_WRITES:
        named = request.get("modelPackageArn") or request.get("modelPackageName")
        yield from _arns(record, "model-package", named, answer.get("modelPackageArn"))
    elif name in TAG_WRITES:
        yield from _texts(request.get("resourceArn"))


def _arns(record: Mapping[str, Any], kind: str, name: Any, answer: Any) -> Iterator[str]:
    yield from _texts(answer)
    if isinstance(name, str) and name.startswith("arn:"):
        yield name
    elif isinstance(name, str):
        region, account = str(record.get("awsRegion") or ""), str(record.get("recipientAccountId") or "")
        yield f"arn:{partition_of(region)}:sagemaker:{region}:{account}:{kind}/{name}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(*values: Any) -> Iterator[str]:
    yield from (value for value in values if isinstance(value, str))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
