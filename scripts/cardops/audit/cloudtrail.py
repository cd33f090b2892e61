"""Who did it: CloudTrail's events, as files of its S3 trail or as `aws cloudtrail lookup-events` prints them.

Sources: CloudTrail's "record contents" (eventTime, eventName, userIdentity, requestParameters) and the
LookupEvents API, whose events carry the record as a JSON string.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cardops.model.errors import UsageError

SOURCES = frozenset({"sagemaker.amazonaws.com", "ram.amazonaws.com"})


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One mutating call: its time (ISO 8601, UTC), name, the caller's ARN, and the names and ARNs it names."""

    time: str
    name: str
    who: str
    names: frozenset[str]


def parse(text: str, name: str = "the events") -> tuple[TrailEvent, ...]:
    """The mutating events, oldest first. Raises UsageError for what holds no events."""
    try:
        document = json.loads(text)
        records = list(_records(document))
        events = [_event(record) for record in records if _counts(record)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        hint = "give a file of the trail, or the output of `aws cloudtrail lookup-events`"
        raise UsageError(f"{name} holds no CloudTrail events", hint) from problem
    return tuple(sorted(events, key=lambda event: event.time))


def last_events(events: tuple[TrailEvent, ...], names: frozenset[str]) -> TrailEvent | None:
    """The last event that names one of these resources."""
    return next((event for event in reversed(events) if event.names & names), None)


def _records(document: Any) -> Iterator[dict[str, Any]]:
    if "Records" in document:
        yield from document["Records"]
        return
    for event in document["Events"]:
        yield json.loads(event["CloudTrailEvent"])


def _counts(record: dict[str, Any]) -> bool:
    return record.get("eventSource") in SOURCES and not record.get("readOnly") and not record.get("errorCode")


def _event(record: dict[str, Any]) -> TrailEvent:
    identity = record.get("userIdentity") or {}
    who = str(identity.get("arn") or identity.get("principalId") or identity.get("type") or "")
    return TrailEvent(str(record["eventTime"]), str(record["eventName"]), who, frozenset(_strings(record)))


def _strings(record: dict[str, Any]) -> Iterator[str]:
    """Every short text of the request and the answer: names and ARNs stand there under many keys."""
    pending: list[Any] = [record.get("requestParameters"), record.get("responseElements")]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str) and len(value) <= 2048:
            yield value
