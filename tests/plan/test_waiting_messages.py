"""What a plan says of cards that wait, whole."""

from cardops.model import canonical
from cardops.model.desired import AccountRegion
from support.builders import (
    APPROVED,
    DEV,
    PENDING,
    READ,
    REGION,
    THEIRS,
    card,
    desired,
    foreign,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    told,
    words,
)
from support.replacing import replace

CARD = card()
KEY = CARD.key


def test_a_card_that_is_being_deleted_waits() -> None:
    found = planned(desired(card(content=words("new"))), observed(live(CARD, processing="DeleteInProgress")))
    finding = told("card/being-deleted", "churn: the live card is being deleted", "wait until it is gone")
    assert (found.steps, found.findings) == ((), (finding,))


def test_an_approval_waits_while_a_share_of_somebody_else_lets_others_write() -> None:
    approved = card(status=APPROVED)
    seen = observed(live(card(status=PENDING)), shares=[THEIRS])
    found = planned(desired(approved), seen)
    message = "churn: the share 'their share', which cardops does not own, lets others write it"
    finding = told("access/foreign-writer", message, "remove the card from that share")
    assert (found.steps, found.findings) == ((), (finding,))
    gone = replace(THEIRS, resources={KEY.arn: "DISASSOCIATED"})
    for harmless in (gone, replace(THEIRS, actions=READ.actions)):
        found = planned(desired(approved), observed(live(card(status=PENDING)), shares=[harmless]))
        assert kinds(found) == ["promote"]


def test_a_card_whose_file_declares_another_one_now_is_held_with_that_one() -> None:
    new = card("newer")
    found = planned(desired(new), observed(live(CARD)), renamed={KEY: new.key})
    message = f"churn: its file now declares {new.key}; a card's name, account and region never change"
    hint = "undo it and run `cardops move churn`, which declares a new card and archives this one"
    assert found.steps == ()
    assert found.findings == (told("card/renamed", message, hint, at=new.location),)
    assert found.held == {KEY: message, new.key: message}


def test_cards_whose_files_are_not_valid_and_places_that_are_not_read_say_why_they_wait() -> None:
    other = card("other", place=AccountRegion(DEV, REGION))
    found = planned(desired(other), observed(live(CARD), unknown={AccountRegion(DEV, REGION): "denied"}), broken={KEY})
    assert found.held == {KEY: "its file is not valid", other.key: "denied"}
    assert (found.steps, found.findings) == ((), ())


def test_what_is_on_hold_waits_with_the_reason_and_what_narrows_goes_on() -> None:
    after = card(content=words("second"))
    found = planned(
        desired(after, shares=[]), observed(live(CARD), shares=[ram_share()]), bases=[CARD], on_hold="a rule denies all"
    )
    assert kinds(found) == ["unshare"]
    assert found.held == {KEY: "a rule denies all"}


def test_what_is_on_hold_does_not_hide_why_other_cards_wait() -> None:
    other = card("other", content=words("second"))
    found = planned(
        desired(card(content=words("second")), other),
        observed(live(CARD), live(card("other"))),
        bases=[CARD, card("other")],
        blocked={other.key: "a rule denies it"},
        on_hold="a rule denies all",
    )
    assert found.held == {KEY: "a rule denies all", other.key: "a rule denies it"}


def test_cards_that_wait_or_rest_do_not_keep_the_others_from_their_steps_and_what_rests_is_counted() -> None:
    elsewhere = AccountRegion(DEV, REGION)
    again = card("d", content=words("second"))
    cards = [
        card("a", place=elsewhere),
        card("b"),
        card("c"),
        again,
        card("e", adopt=True),
        card("f"),
        card("g", content=words("second")),
        card("h"),
    ]
    lives = [
        live(card("b")),
        foreign("c"),
        live(card("d"), content=words("second"), version=2),
        replace(foreign("e"), content=card("e").content),
        live(card("f")),
        live(card("g")),
    ]
    found = planned(
        desired(*cards),
        observed(*lives, unknown={elsewhere: "denied"}),
        bases=[card("d"), card("g")],
        blocked={card("f").key: "a rule denies it"},
    )
    assert sorted((step.resource, step.kind) for step in found.steps) == [
        ("d", "record"),
        ("e", "adopt"),
        ("g", "update"),
        ("h", "create"),
    ]
    assert found.unchanged == 2
    assert found.held.keys() == {cards[0].key, card("c").key, card("f").key}


def test_what_an_interrupted_write_did_not_merge_back_is_live_as_well() -> None:
    lost = canonical.to_bytes(words("first", risk_rating="Low"))
    after = card(content=words("first", intended_uses="more"))
    found = planned(desired(after), observed(live(CARD)), bases=[CARD], unmerged={KEY: lost})
    merged = words("first", intended_uses="more", risk_rating="Low")
    assert only(found, "update").action.content == canonical.to_bytes(merged)
