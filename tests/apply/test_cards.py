"""Writing while others write: nobody's words are lost, and none that git changed too is overwritten unseen."""

from typing import Any

import pytest

from cardops.apply import card_content, cards
from cardops.model import canonical
from cardops.model.desired import APPLYING, APPROVED_BY, COMMIT, DIGEST, LOCKED, PULL_REQUEST, VERSION, Status
from cardops.model.errors import StaleResourceError
from cardops.plan.steps import DeleteCard, SetStatus, SetTags, WriteContent
from support.builders import HOME, NEW, OLD, key
from support.fake_cards import Crash, FakeCards
from support.replacing import replace

BASE = {"git": 1, "live": 1, "both": 1}


def text(**fields: Any) -> bytes:
    """BASE with some fields changed, as canonical JSON."""
    return canonical.to_bytes(BASE | fields)


def started() -> FakeCards:
    """The card at version 1, as the commit OLD left it."""
    port = FakeCards(HOME)
    port.create("churn", text(), Status.DRAFT, {COMMIT: OLD, DIGEST: "d", VERSION: "1", "team": "a"}, "")
    return port


def action(port: FakeCards, **more: Any) -> WriteContent:
    """Git changes `git`."""
    live = port.describe("churn")
    return WriteContent(text(git=2), live.version, canonical.digest(live.content or b""), "new", **more)


def between(port: FakeCards, *contents: bytes, call: str = "write_content") -> None:
    """Each next call of ours finds that one of these was written just before."""
    pending = list(contents)

    def before(made: str) -> None:
        if made == call and pending:
            port.contribute("churn", pending.pop(0))

    port.before = before


def live(port: FakeCards) -> Any:
    """The live content."""
    return canonical.from_bytes(port.describe("churn").content or b"")


def test_what_was_written_between_the_look_and_the_write_is_merged_back() -> None:
    port = started()
    between(port, text(live=2), text(live=3))
    assert card_content.write_content(port, key(), action(port), NEW) == "version 6, merged with another writer's"
    assert live(port) == BASE | {"git": 2, "live": 3}
    assert port.tagged["churn"] == {COMMIT: NEW, DIGEST: "new", VERSION: "6", "team": "a"}


def test_what_was_written_over_ours_by_somebody_who_never_saw_it_is_merged_too() -> None:
    port = started()
    pending = [text(live=2)]

    def after(call: str) -> None:
        if call == "write_content" and pending:
            port.contribute("churn", pending.pop())

    port.after = after
    assert "merged" in card_content.write_content(port, key(), action(port), NEW)
    assert live(port) == BASE | {"git": 2, "live": 2}


def test_a_field_that_both_changed_stays_the_others_and_the_declaration_does_not_count_as_applied() -> None:
    port = started()
    between(port, text(git=3, live=3))
    with pytest.raises(StaleResourceError, match=r"differs in content\.git, which were left as they are"):
        card_content.write_content(port, key(), action(port), NEW)
    assert live(port) == BASE | {"git": 3, "live": 3}
    assert port.tagged["churn"] == {COMMIT: OLD, DIGEST: "d", VERSION: "1", "team": "a"}


def test_somebody_who_does_not_stop_writing_is_left_alone_after_a_while() -> None:
    port = started()
    between(port, *(text(live=n) for n in range(2, 9)))
    with pytest.raises(StaleResourceError, match="is being written by somebody else"):
        card_content.write_content(port, key(), action(port), NEW)


def test_tags_that_git_took_back_go_before_the_declaration_counts_as_applied() -> None:
    port = started()
    calls: list[str] = []
    port.before = calls.append
    card_content.write_content(port, key(), action(port, tags={"cost": "1"}, untag=("team",)), NEW)
    assert calls == ["add_tags", "write_content", "remove_tags", "add_tags", "remove_tags"]
    assert port.tagged["churn"] == {COMMIT: NEW, DIGEST: "new", VERSION: "2", "cost": "1"}


def test_an_interrupted_write_is_forgotten_only_after_it_counts_as_applied() -> None:
    port = started()
    port.add_tags(key().arn, {APPLYING: "x/y"})
    calls: list[str] = []

    def before(call: str) -> None:
        calls.append(call)
        if len(calls) == 3:
            raise Crash

    port.before = before
    with pytest.raises(Crash):
        cards.set_tags(port, key(), SetTags({COMMIT: NEW}, ("team", APPLYING), 1))
    assert calls == ["remove_tags", "add_tags", "remove_tags"]
    assert port.tagged["churn"] == {COMMIT: NEW, DIGEST: "d", VERSION: "1", APPLYING: "x/y"}


@pytest.mark.parametrize("status", list(Status)[:3])
@pytest.mark.parametrize("becomes", list(Status)[:3])
def test_whatever_status_a_new_version_gets_the_card_keeps_its_own(status: Status, becomes: Status) -> None:
    port = started()
    port.set_status("churn", status)

    def after(call: str) -> None:
        if call == "write_content":
            port.versions["churn"][-1] = replace(port.versions["churn"][-1], status=becomes)

    port.after = after
    assert card_content.write_content(port, key(), action(port), NEW) == "version 2"
    assert port.describe("churn").status is status
    assert port.tagged["churn"][VERSION] == "2"


def contents(port: FakeCards) -> list[Any]:
    """The content of every version."""
    return [canonical.from_bytes(one.content or b"") for one in port.versions["churn"]]


SIGNED = {LOCKED: "true", APPROVED_BY: "ada", PULL_REQUEST: "7"}


def approved() -> FakeCards:
    """The card as it was approved."""
    port = started()
    port.set_status("churn", Status.APPROVED)
    port.add_tags(key().arn, SIGNED)
    return port


def interloper(port: FakeCards, *moments: str) -> list[bytes]:
    """Somebody writes at each of these moments: before or after a write of ours. What they wrote, in order."""
    pending, wrote = list(moments), list[bytes]()

    def at(moment: str) -> None:
        if pending and pending[0] == moment:
            pending.pop(0)
            wrote.append(text(git=9, live=len(wrote) + 2))
            port.contribute("churn", wrote[-1])

    port.before = lambda call: at("before") if call == "write_content" else None
    port.after = lambda call: at("after") if call == "write_content" else None
    return wrote


@pytest.mark.parametrize(
    "moments", [("before",), ("after",), ("before", "after"), ("after", "after"), ("before", "before", "after")]
)
def test_nobody_elses_words_ever_come_into_what_cardops_writes_to_an_approved_card(moments: tuple[str, ...]) -> None:
    port = approved()
    wrote = interloper(port, *moments)
    signed = action(port, tags={APPROVED_BY: "grace"})
    said = card_content.write_content(port, key(), signed, NEW)
    assert live(port) == canonical.from_bytes(signed.content)
    assert port.describe("churn").status is Status.APPROVED
    ours, theirs = canonical.from_bytes(signed.content), [canonical.from_bytes(one) for one in wrote]
    assert all(one in (BASE, ours, *theirs) for one in contents(port)), "nothing is a mixture"
    assert all(one in contents(port) for one in theirs), "their words stay in the history"
    assert "is only in the history now" in said
    assert port.tagged["churn"][APPROVED_BY] == "grace"
    assert (port.tagged["churn"][COMMIT], APPLYING in port.tagged["churn"]) == (NEW, False)


def test_a_card_that_somebody_goes_on_writing_does_not_stay_approved() -> None:
    port = approved()
    interloper(port, "after", "after", "after")
    with pytest.raises(StaleResourceError, match=r"while it was Approved, so it was demoted to PendingReview"):
        card_content.write_content(port, key(), action(port), NEW)
    assert port.describe("churn").status is Status.PENDING_REVIEW
    assert port.tagged["churn"].keys().isdisjoint({*SIGNED, APPLYING})
    assert port.tagged["churn"][COMMIT] == OLD


@pytest.mark.parametrize(
    ("seen", "now", "wanted"),
    [
        (Status.DRAFT, Status.ARCHIVED, Status.PENDING_REVIEW),
        (Status.DRAFT, Status.PENDING_REVIEW, Status.ARCHIVED),
        (Status.APPROVED, Status.ARCHIVED, Status.DRAFT),
        (Status.PENDING_REVIEW, Status.DRAFT, Status.APPROVED),
    ],
)
def test_a_status_that_somebody_set_since_the_plan_is_not_overwritten(
    seen: Status, now: Status, wanted: Status
) -> None:
    port = started()
    port.set_status("churn", now)
    with pytest.raises(StaleResourceError, match=f"churn is {now} now, the plan saw {seen}.*plan again"):
        cards.set_status(port, key(), SetStatus(wanted, seen), NEW)
    assert port.describe("churn").status is now


def test_a_demotion_does_not_wait_for_another_plan() -> None:
    port = started()
    port.set_status("churn", Status.APPROVED)
    assert cards.set_status(port, key(), SetStatus(Status.DRAFT, Status.PENDING_REVIEW), NEW) == "Draft"
    assert port.describe("churn").status is Status.DRAFT


def test_what_somebody_wrote_since_the_plan_is_not_deleted() -> None:
    port = started()
    port.contribute("churn", text(live=2))
    with pytest.raises(StaleResourceError, match=r"changed since it was planned \(version 2, Draft\).*plan again"):
        cards.delete(port, key(), DeleteCard(1, Status.DRAFT))
    assert cards.delete(port, key(), DeleteCard(2, Status.DRAFT)) == "deletion started"
    assert list(port.names()) == []


@pytest.mark.parametrize(
    ("written", "version"),
    [((text(live=2), text()), 3), ((text(live=2),), 2)],
    ids=["and it reads as before", "and it differs"],
)
def test_nothing_is_written_over_a_version_that_the_plan_did_not_see(written: tuple[bytes, ...], version: int) -> None:
    port = started()
    planned = action(port)
    for one in written:
        port.contribute("churn", one)
    with pytest.raises(StaleResourceError, match=f"churn is at version {version} now, the plan saw 1.*plan again"):
        card_content.write_content(port, key(), planned, NEW)
    assert port.describe("churn").version == version


def test_nothing_is_written_over_content_that_the_plan_did_not_see() -> None:
    """A version has one content only; where it has another one all the same, nobody knows what that is."""
    port = started()
    with pytest.raises(StaleResourceError, match="churn is at version 1 now, the plan saw 1"):
        card_content.write_content(port, key(), replace(action(port), seen="another"), NEW)
    assert port.describe("churn").version == 1


def test_tags_claim_no_version_that_is_not_live() -> None:
    port = started()
    port.contribute("churn", text(live=2))
    with pytest.raises(StaleResourceError, match=r"churn is at version 2, the plan saw 1.*plan again"):
        cards.set_tags(port, key(), SetTags({COMMIT: NEW}, (), 1))
    assert cards.set_tags(port, key(), SetTags({COMMIT: NEW}, (), 2)) == "tags"
    assert port.tagged["churn"][COMMIT] == NEW


LOCKED_TAGS = {LOCKED: "true", APPROVED_BY: "ada", PULL_REQUEST: "7"}


def test_what_was_locked_and_signed_is_free_and_unsigned_once_it_is_demoted() -> None:
    port = started()
    port.set_status("churn", Status.APPROVED)
    port.add_tags(key().arn, LOCKED_TAGS)
    cards.set_status(port, key(), SetStatus(Status.DRAFT, Status.APPROVED), NEW)
    assert port.tagged["churn"].keys().isdisjoint(LOCKED_TAGS)


def test_what_is_approved_is_locked_and_says_who_signed() -> None:
    port = started()
    signed = {APPROVED_BY: "ada", PULL_REQUEST: "7"}
    reviewed = canonical.digest(text())
    approve = SetStatus(Status.APPROVED, Status.DRAFT, reviewed, "new", signed, "signed off by ada")
    assert cards.set_status(port, key(), approve, NEW) == "Approved, signed off by ada"
    assert port.tagged["churn"] == {COMMIT: NEW, DIGEST: "new", VERSION: "1", "team": "a"} | LOCKED_TAGS
    with pytest.raises(
        StaleResourceError, match=r"the live content \(version 1\) is not the reviewed content.*cardops pull"
    ):
        cards.set_status(port, key(), replace(approve, reviewed="another"), NEW)


def test_an_approval_is_taken_back_where_somebody_wrote_just_before_it() -> None:
    port = started()
    between(port, text(live=2), call="set_status")
    approve = SetStatus(Status.APPROVED, Status.DRAFT, canonical.digest(text()), "new", {APPROVED_BY: "ada"})
    with pytest.raises(
        StaleResourceError, match=r"the live content \(version 2\) is not the reviewed content.*cardops pull"
    ):
        cards.set_status(port, key(), approve, NEW)
    assert port.describe("churn").status is Status.DRAFT
    assert port.tagged["churn"].keys().isdisjoint(LOCKED_TAGS)


def test_an_approval_that_comes_back_is_taken_back_where_somebody_wrote_meanwhile() -> None:
    """A new version starts as Draft here; between putting Approved back and the look after it somebody writes."""
    port = started()
    port.set_status("churn", Status.APPROVED)

    def after(call: str) -> None:
        if call == "write_content":
            port.versions["churn"][-1] = replace(port.versions["churn"][-1], status=Status.DRAFT)
        elif call == "set_status" and port.describe("churn").status is Status.APPROVED:
            port.contribute("churn", text(git=2, live=2))

    port.after = after
    card_content.write_content(port, key(), action(port), NEW)
    assert port.describe("churn").status is Status.DRAFT
    assert live(port) == BASE | {"git": 2, "live": 2}
