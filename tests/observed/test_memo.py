"""A memory of AWS asks each question once, refusals included, and never writes."""

from collections.abc import Iterator

import pytest

from cardops.model.errors import AccessDeniedError
from cardops.observed.memo import MemoizedCloud
from support.builders import HOME


class Port:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def names(self) -> Iterator[str]:
        self.calls.append("names")
        yield from ("a", "b")

    def describe(self, name: str, version: int | None = None) -> str:
        self.calls.append(f"describe {name} {version}")
        if name == "denied":
            raise AccessDeniedError("no")
        return f"{name}{version or ''}"

    def delete(self, name: str) -> None:
        self.calls.append(f"delete {name}")


class Cloud:
    """One port for everything."""

    def __init__(self) -> None:
        self.port = Port()

    def cards(self, place: object) -> Port:
        return self.port

    sharing = registry = invitations = cards


def test_each_question_is_asked_once() -> None:
    cloud = Cloud()
    cards = MemoizedCloud(cloud).cards(HOME)  # type: ignore[arg-type]
    assert list(cards.names()) == list(cards.names()) == ["a", "b"]
    assert (cards.describe("a"), cards.describe("a", 2), cards.describe("a", version=2), cards.describe("a")) == (
        "a",
        "a2",
        "a2",
        "a",
    )
    assert cloud.port.calls == ["names", "describe a None", "describe a 2", "describe a 2"]


def test_a_refusal_is_the_same_again() -> None:
    cloud = Cloud()
    cards = MemoizedCloud(cloud).cards(HOME)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(AccessDeniedError, match="no"):
            cards.describe("denied")
    assert cloud.port.calls == ["describe denied None"]


def test_what_writes_is_refused() -> None:
    cloud = Cloud()
    with pytest.raises(AttributeError, match="delete is no read"):
        MemoizedCloud(cloud).cards(HOME).delete("a")  # type: ignore[arg-type]
    assert cloud.port.calls == []
