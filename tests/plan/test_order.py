"""Access narrows first and widens last, and every step says where it belongs."""

from cardops.plan.steps import Phase, SetStatus
from support.builders import (
    APPROVED,
    ARCHIVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    PENDING,
    PROD,
    READ,
    card,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    phases,
    planned,
    ram_share,
    share,
    words,
)

LIFE = share(grant(), grant("ml-prod", "read", APPROVED))


def test_a_new_card_is_created_before_it_is_shared() -> None:
    found = planned(desired(card(), shares=[LIFE]), observed())
    assert kinds(found) == ["create", "share"]
    assert phases(found) == [Phase.CONTENT, Phase.SHARE]


def test_a_new_card_starts_as_draft_and_is_promoted_from_there() -> None:
    found = planned(desired(card(status=APPROVED), shares=[LIFE]), observed())
    assert kinds(found) == ["create", "promote", "share"]
    assert only(found, "create").changes[0].after == "Draft"
    promotion = only(found, "promote").action
    assert isinstance(promotion, SetStatus)
    assert promotion.reviewed == card().digest


def test_an_approval_revokes_writers_then_writes_then_promotes_then_shares() -> None:
    before = card()
    after = card(status=APPROVED, content=words("final"))
    found = planned(
        desired(after, shares=[LIFE]),
        observed(live(before), shares=[ram_share(DEV, CONTRIBUTE)]),
        bases=[before],
    )
    assert kinds(found) == ["revoke", "update", "promote", "share"]
    assert phases(found) == sorted(phases(found))


def test_a_withdrawn_approval_revokes_and_demotes_before_any_content() -> None:
    before = card(status=APPROVED)
    after = card(status=DRAFT, content=words("reworked"))
    found = planned(
        desired(after, shares=[LIFE]),
        observed(live(before), shares=[ram_share(PROD, READ)]),
        bases=[before],
    )
    assert kinds(found) == ["revoke", "demote", "update", "share"]


def test_archiving_ends_access_first() -> None:
    before = card(status=APPROVED)
    found = planned(
        desired(card(status=ARCHIVED), shares=[LIFE]),
        observed(live(before), shares=[ram_share(PROD, READ)]),
        bases=[before],
    )
    assert kinds(found) == ["revoke", "archive"]
    assert only(found, "archive").narrowing


def test_a_missing_lock_comes_before_everything() -> None:
    before = card(status=APPROVED)
    found = planned(
        desired(card(status=APPROVED, content=words("signed off")), shares=[LIFE]),
        observed(live(before, tags={"cardops:locked": None}), shares=[ram_share(PROD, READ)]),
        bases=[before],
    )
    assert kinds(found) == ["lock", "update"]


def test_equal_phases_of_several_cards_stand_together() -> None:
    cards = [card(name, PENDING, words("second")) for name in ("a", "b")]
    before = [card(name) for name in ("a", "b")]
    found = planned(desired(*cards), observed(*map(live, before)), bases=before)
    assert [(step.kind, step.resource) for step in found.steps] == [
        ("update", "a"),
        ("update", "b"),
        ("promote", "a"),
        ("promote", "b"),
    ]


def test_steps_do_not_depend_on_the_order_of_declaration() -> None:
    cards = [card(name) for name in ("c", "a", "b")]
    one = planned(desired(*cards, shares=[LIFE]), observed())
    other = planned(desired(*reversed(cards), shares=[LIFE]), observed())
    assert one.steps == other.steps


def test_a_card_that_is_as_declared_needs_nothing() -> None:
    found = planned(desired(card(), shares=[LIFE]), observed(live(card()), shares=[ram_share(DEV, CONTRIBUTE)]))
    assert found.steps == ()
    assert found.unchanged == 1
    assert found.held == {}


def test_more_cards_than_one_call_takes_are_several_steps() -> None:
    cards = [card(f"card-{number:03}") for number in range(250)]
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards)))
    assert [len(step.cards) for step in found.steps] == [100, 100, 50]
    assert {step.kind for step in found.steps} == {"share"}


def test_a_new_card_that_git_archived_meanwhile_is_made_before_it_is_archived() -> None:
    found = planned(desired(card(status=ARCHIVED), shares=[share()]), observed())
    assert kinds(found) == ["create", "archive"]
    assert phases(found) == [Phase.CONTENT, Phase.PROMOTE]
