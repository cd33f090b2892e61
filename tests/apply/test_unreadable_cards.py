"""Nothing is written into a card that cannot be read, and its approval can end all the same."""

from typing import Any

import pytest

from cardops.apply import card_content, cards
from cardops.model import canonical
from cardops.model.desired import APPROVED_BY, LOCKED, Status
from cardops.model.errors import AccessDeniedError, StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.observed.reader import look_again, observe_cards
from cardops.plan.steps import SetStatus, WriteContent
from support.builders import APPROVED, ARCHIVED, DRAFT, HOME, NEW, PENDING, card, desired, key, live, observed
from support.fake_cards import FakeCards
from support.replacing import replace

FLAW = "its live JSON cannot be trusted: it is not JSON"


class Refusing(FakeCards):
    """Cards of which these cannot be described."""

    closed: tuple[str, ...] = ("churn",)

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        if name.rpartition("/")[2] in self.closed:
            raise AccessDeniedError("the key is disabled")
        return super().describe(name, version)


def started(status: Status = APPROVED, port: type[FakeCards] = Refusing) -> FakeCards:
    found = port(HOME)
    for name in ("churn", "other"):
        left = live(card(name, status))
        found.versions[name], found.tagged[name] = [left], dict(left.tags)
    return found


@pytest.mark.parametrize("status", [DRAFT, PENDING])
def test_an_approval_ends_though_the_card_cannot_be_described(status: Status) -> None:
    port = started()
    said = cards.set_status(port, key(), SetStatus(status, APPROVED), NEW)
    assert said == f"{status}, though the card could not be read"
    assert port.versions["churn"][-1].status is status
    assert not {LOCKED, APPROVED_BY} & port.tagged["churn"].keys()


@pytest.mark.parametrize(
    "action",
    [
        SetStatus(APPROVED, PENDING, reviewed="any"),
        SetStatus(PENDING, DRAFT),
        SetStatus(ARCHIVED, APPROVED),
        SetStatus(APPROVED, APPROVED),
    ],
)
def test_no_other_status_is_set_unseen(action: SetStatus) -> None:
    port = started(action.seen)
    with pytest.raises(AccessDeniedError):
        cards.set_status(port, key(), action, NEW)
    assert port.versions["churn"][-1].status is action.seen


def flawed(port: FakeCards, version: int) -> None:
    versions = port.versions["churn"]
    versions[version - 1] = replace(versions[version - 1], content=None, flaw=FLAW)


def writing(port: FakeCards) -> WriteContent:
    now = port.versions["churn"][-1]
    ours = canonical.to_bytes({"a": "git"})
    return WriteContent(ours, now.version, canonical.digest(now.content or b""), canonical.digest(ours))


def test_nothing_is_written_over_words_that_cannot_be_read() -> None:
    port = started(DRAFT, FakeCards)
    action = writing(port)
    flawed(port, 1)
    with pytest.raises(StaleResourceError, match=FLAW):
        card_content.write_content(port, key(), action, NEW)
    assert len(port.versions["churn"]) == 1


def test_such_words_that_come_between_are_not_merged_as_if_everything_had_been_removed() -> None:
    port = started(DRAFT, FakeCards)
    action = writing(port)

    def interloper(call: str) -> None:
        if call == "write_content" and len(port.versions["churn"]) == 1:
            port.contribute("churn", b"{}")
            flawed(port, 2)

    port.before = interloper
    with pytest.raises(StaleResourceError, match=f"churn: in version 2, {FLAW}"):
        card_content.write_content(port, key(), action, NEW)
    assert [one.content for one in port.versions["churn"]][2:] == [action.content]


def test_a_card_that_cannot_be_described_keeps_what_the_index_says_and_the_others_are_read() -> None:
    port, unreadable = started(), dict[Any, str]()
    git = desired(card("churn", DRAFT), card("other", DRAFT))
    found = observe_cards(port, HOME, git, unreadable=unreadable)
    assert unreadable == {key("churn"): "the key is disabled"}
    assert (found[key("churn")].status, found[key("churn")].content) == (APPROVED, None)
    assert found[key("other")].content is not None


def test_a_second_look_that_is_refused_makes_the_card_unreadable() -> None:
    port = started()
    seen = [replace(port.versions[name][0], content=None) for name in ("churn", "other")]
    before = observed(*seen, indexed=frozenset(one.key for one in seen))

    class Cloud:
        def cards(self, _: object) -> Any:
            return port

    after = look_again(Cloud(), before, before.cards.keys())  # type: ignore[arg-type]
    assert (after.cards, after.indexed) == (before.cards, frozenset())
    assert after.unreadable == {key("churn"): "the key is disabled"}
