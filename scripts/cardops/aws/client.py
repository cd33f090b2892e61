"""The calls of one client, with failures explained and pages followed to the end."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from botocore import xform_name
from botocore.utils import parse_timestamp

from cardops.aws.errors import Where, explained
from cardops.iam.operations import require_listed
from cardops.model.errors import CloudError

Item = TypeVar("Item")


class Pages(NamedTuple):
    """How a service spells the page token and the size of a page, and the largest size that it takes."""

    token: str
    size: str
    most: int
    next: str = ""
    """How a request spells the token where that differs from the answer."""


class Calls:
    """`service` is IAM's prefix of the actions."""

    def __init__(self, client: Any, service: str, pages: Pages, where: Where) -> None:
        self._client = client
        self._service = service
        self._pages = pages
        self.where = where

    def call(self, operation: str, resource: str = "", **request: Any) -> dict[str, Any]:
        """One request and its answer. Raises LookupError for an operation that no policy would allow."""
        require_listed(f"{self._service}:{operation}")
        with explained(f"{self._service}:{operation}", resource, self.where):
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**request)
        if answer.get("returnValue") is False:  # RAM: "false indicates that the request failed"
            raise self.unusable(operation, resource, "AWS answered that it was not done")
        return answer

    def items(self, operation: str, key: str, resource: str = "", **request: Any) -> Iterator[dict[str, Any]]:
        """The items under `key` of all pages.

        A page may be empty and still have a token; only a missing token ends the list (RAM's API reference).
        """
        seen = set()
        request[self._pages.size] = self._pages.most
        while True:
            answer = self.call(operation, resource, **request)
            yield from answer.get(key) or ()
            token = answer.get(self._pages.token)
            if not token:
                return
            if token in seen:
                raise self.unusable(operation, resource, "AWS gave the same page token twice")
            seen.add(token)
            request[self._pages.next or self._pages.token] = token

    @contextmanager
    def reading(self, operation: str, resource: str = "") -> Iterator[None]:
        """Around the reading of an answer: botocore does not check that it has what the model promises."""
        try:
            yield
        except KeyError as error:
            raise self.unusable(operation, resource, f"the answer lacks {error.args[0]}") from None
        except (TypeError, ValueError):
            raise self.unusable(operation, resource, "the answer has a value of another kind") from None

    def unusable(self, operation: str, resource: str, why: str) -> CloudError:
        """The error for an answer that cannot be worked with; `why` must not quote the answer."""
        on = f" on {resource}" if resource else ""
        return CloudError(f"{self._service}:{operation}{on} in {self.where}: {why}")


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Consecutive parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def chunk_token(token: str, index: int) -> str:
    """The idempotency token for the part `index` of one change: the same for the same change.

    Written as a UUID, which is what RAM recommends and never too long.
    """
    return token if index == 0 else str(UUID(hashlib.sha256(f"{token}:{index}".encode()).hexdigest()[:32]))


def time_of(value: Any) -> datetime:
    """A time as AWS sends it: SageMaker and RAM send seconds since 1970, STS sends ISO 8601.

    botocore looks up the machine's time zone for each, a third of what reading ten thousand cards takes.
    Raises ValueError for what is no time.
    """
    if isinstance(value, int | float):
        with suppress(OverflowError, OSError):
            return datetime.fromtimestamp(value, UTC)
    found: datetime = parse_timestamp(value)
    return found


def utc(when: datetime | None) -> str:
    """A time as AWS gives it, in ISO 8601 and UTC, which sorts; empty where AWS gives none."""
    return when.astimezone(UTC).isoformat() if when else ""
