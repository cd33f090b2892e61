"""Tag rules common to SageMaker and RAM."""

from cardops.sandbox.errors import AwsError

MAX_TAGS = 50
RESERVED = "aws:"


def from_list(rows: list[dict[str, str]] | None, key: str, value: str, code: str) -> dict[str, str]:
    """Return tags as a dict; duplicate keys and keys that start with ``aws:`` raise AwsError(code)."""
    tags: dict[str, str] = {}
    for row in rows or []:
        name = row.get(key, "")
        if not name or name.lower().startswith(RESERVED):
            raise AwsError(code, f"Tag key {name!r} is not allowed: empty, or the prefix aws: is reserved for AWS")
        if name in tags:
            raise AwsError(code, f"Duplicate tag key {name!r}")
        tags[name] = row.get(value, "")
    return tags


def to_list(tags: dict[str, str], key: str, value: str) -> list[dict[str, str]]:
    """Return tags as the service's list of pairs, in the order in which they were set."""
    return [{key: name, value: text} for name, text in tags.items()]


def add(tags: dict[str, str], more: dict[str, str], code: str) -> None:
    """Add or overwrite tags; more than MAX_TAGS together raise AwsError(code) and change nothing."""
    total = len(tags.keys() | more.keys())
    if total > MAX_TAGS:
        raise AwsError(code, f"The resource would have {total} tags; the limit is {MAX_TAGS}")
    tags.update(more)


def from_aws(rows: list[dict[str, str]] | None) -> dict[str, str]:
    """SageMaker's spelling: Key and Value."""
    return from_list(rows, "Key", "Value", "ValidationException")


def from_ram(rows: list[dict[str, str]] | None) -> dict[str, str]:
    """RAM's spelling: key and value."""
    tags = from_list(rows, "key", "value", "InvalidParameterException")
    if len(tags) > MAX_TAGS:
        raise AwsError("TagLimitExceededException", f"A resource has at most {MAX_TAGS} tags")
    return tags


def to_aws(tags: dict[str, str]) -> list[dict[str, str]]:
    """SageMaker's spelling: Key and Value."""
    return to_list(tags, "Key", "Value")


def to_ram(tags: dict[str, str]) -> list[dict[str, str]]:
    """RAM's spelling: key and value."""
    return to_list(tags, "key", "value")
