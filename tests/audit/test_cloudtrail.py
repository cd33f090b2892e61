"""CloudTrail: which events wrote a resource, and every form in which events come."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cardops.audit.cloudtrail import CARD_WRITES, TAG_WRITES, last_write, load_events, parse
from cardops.model.errors import UsageError

CARD = "arn:aws:sagemaker:eu-west-1:111111111111:model-card/pipe"
SHARE = "arn:aws:ram:eu-west-1:111111111111:resource-share/one"
RIGHT, WRONG = "arn:aws:iam::111111111111:user/right", "arn:aws:iam::111111111111:user/wrong"


def record(who: str = RIGHT, **more: Any) -> dict[str, Any]:
    """The record of an UpdateModelCard of the card `pipe`, unless said otherwise."""
    return {
        "eventTime": "2026-11-30T22:42:12Z",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "UpdateModelCard",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111111111111",
        "userIdentity": {"arn": who},
        "requestParameters": {"modelCardName": "pipe"},
        "readOnly": False,
    } | more


LATER = {"eventTime": "2026-11-30T22:49:00Z"}
OTHERS = {
    "another kind of resource": {"eventName": "CreateModel", "requestParameters": {"modelName": "pipe"}},
    "another account": {"recipientAccountId": "999999999999"},
    "another Region": {"awsRegion": "us-east-1"},
    "another partition": {"awsRegion": "us-gov-west-1"},
    "an export": {"eventName": "CreateModelCardExportJob"},
    "tags": {"eventName": "AddTags", "requestParameters": {"resourceArn": CARD}},
    "the name in a text": {"eventName": "CreateEndpoint", "requestParameters": {"tags": [{"value": "pipe"}]}},
    "another card's ARN": {"requestParameters": {"modelCardName": CARD.replace("pipe", "pipe-2")}},
    "a failed call": {"errorCode": "AccessDenied"},
    "a read": {"readOnly": True},
    "another service": {"eventSource": "s3.amazonaws.com"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_an_event_that_did_not_write_the_card_names_nobody(other: dict[str, Any]) -> None:
    events = parse(json.dumps({"Records": [record(), record(WRONG, **LATER, **other)]}))
    event = last_write(events, CARD, CARD_WRITES)
    assert event is not None
    assert event.who == RIGHT


@pytest.mark.parametrize(
    "named",
    [
        {"requestParameters": {"modelCardName": CARD}},
        {"responseElements": {"modelCardArn": CARD}, "requestParameters": None},
        {"eventName": "DeleteModelCard"},
    ],
)
def test_a_later_write_of_the_card_counts(named: dict[str, Any]) -> None:
    events = parse(json.dumps({"Records": [record(WRONG, **LATER, **named), record()]}))
    event = last_write(events, CARD, CARD_WRITES)
    assert event is not None
    assert event.who == WRONG


@pytest.mark.parametrize(
    ("until", "who"),
    [
        ("", WRONG),
        ("2026-11-30T22:42:13Z", RIGHT),
        ("2026-11-30T23:42:13+01:00", RIGHT),
        ("2026-11-30T22:48:58Z", WRONG),
    ],
)
def test_an_event_after_the_last_change_is_not_the_one(until: str, who: str) -> None:
    events = parse(json.dumps({"Records": [record(), record(WRONG, **LATER)]}))
    event = last_write(events, CARD, CARD_WRITES, until)
    assert event is not None
    assert event.who == who


def test_tags_are_looked_up_by_their_own_calls() -> None:
    tagged = record(WRONG, **LATER, eventName="AddTags", requestParameters={"resourceArn": CARD})
    events = parse(json.dumps({"Records": [record(), tagged]}))
    event = last_write(events, CARD, TAG_WRITES)
    assert event is not None
    assert event.who == WRONG


def test_a_share_is_known_by_its_arn_not_by_its_name() -> None:
    made = {"eventSource": "ram.amazonaws.com", "eventName": "CreateResourceShare"}
    answer = {"resourceShare": {"resourceShareArn": SHARE, "name": "team"}}
    events = parse(
        json.dumps(
            {
                "Records": [
                    record(**made, responseElements=answer, requestParameters={"name": "team"}),
                    record(WRONG, **LATER, **made, requestParameters={"name": "team"}, responseElements=None),
                ]
            }
        )
    )
    event = last_write(events, SHARE)
    assert event is not None
    assert event.who == RIGHT


LOOKUP = [{"EventId": "x", "CloudTrailEvent": json.dumps(record())}]
FORMS = {
    "a file of the trail": {"Records": [record()]},
    "lookup-events": {"Events": LOOKUP},
    "lookup-events --query Events": LOOKUP,
    "one looked up": LOOKUP[0],
    "EventBridge": {"detail-type": "AWS API Call via CloudTrail", "detail": record()},
    "several of EventBridge": [{"detail": record()}],
    "one record": record(),
    "records": [record()],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_read_plain_packed_and_by_line(form: Any, tmp_path: Path) -> None:
    text = json.dumps(form)
    (tmp_path / "plain.json").write_text(text)
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "lines.jsonl").write_text(f"{text}\n\n{text}\n")
    (tmp_path / "with-bom.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "digest.txt").write_text("not an event")
    assert len(load_events([tmp_path])) == 5
    assert len(load_events([tmp_path / "plain.json", tmp_path / "packed.json.gz"])) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[7]",
        b"no json",
        b'{"Records": [7]}',
        b'{"Events": [{"CloudTrailEvent": "{"}]}',
        b"\x1f\x8bbroken",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"detail": null}',
    ],
)
def test_a_file_without_events_is_wrong_usage_that_names_it(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_bytes(data)
    with pytest.raises(UsageError) as refused:
        load_events([file])
    assert str(file) in refused.value.message


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not contain files of events"):
        load_events([tmp_path])
