"""Each step about a RAM share, whole: what it does, what it sees, and who it says gains or loses what."""

from typing import Any

import pytest

from cardops.desired.grants import grant_id
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import GRANT, CardKey
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedShare
from cardops.model.permissions import managed_arn
from cardops.plan.actions import (
    AllowExternal,
    Associate,
    CreateShare,
    DeleteShare,
    Disassociate,
)
from cardops.plan.steps import Action, Phase, Plan, Step
from support.builders import (
    APPROVED,
    CONTRIBUTE,
    DEV,
    DRAFT,
    HOME,
    OWNER,
    PENDING,
    REGION,
    TEST,
    card,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    share,
)
from support.replacing import replace

CARD = card()
AT = Location("shares/team.yaml")
GIT = desired(CARD, shares=[share()])
ID = grant_id("team", DEV, "contribute")
NAME = "team contribute ml-dev"
MANAGED = managed_arn(CONTRIBUTE.managed)
WHILE = "team: contribute for ml-dev while Draft or PendingReview"
SHARE = replace(ram_share(), updated="2026-05-01T00:00:00+00:00")
ACTIONS = Change("actions", ABSENT, sorted(CONTRIBUTE.actions))
ASSOCIATED = SHARE.resources[CARD.key.arn]


def step(
    phase: Phase, kind: str, reason: str, action: Action, changes: Any, seen: ObservedShare | None = SHARE
) -> Step:
    """A step about the share of the card `churn` with ml-dev."""
    key, cards = f"{OWNER}/{REGION}/{ID}", frozenset({CARD.key})
    sees = (seen.arn, cards, seen.updated) if seen else ("absent", cards, "")
    return Step(phase, kind, HOME, NAME, key, reason, action, tuple(changes), *sees)


def with_share(**changes: Any) -> Plan:
    """The plan where the live share differs from what git declares by this."""
    return planned(GIT, observed(live(CARD), shares=[replace(SHARE, **changes)]))


def lost(*names: str, who: str = "ml-dev", level: str = "contribute") -> list[Change]:
    return [Change(f"access[{who}].{name}", level, ABSENT) for name in names]


def gained(*names: str) -> list[Change]:
    return [Change(f"access[ml-dev].{name}", ABSENT, "contribute") for name in names]


def test_a_new_share_says_who_may_do_what_with_which_card() -> None:
    action = CreateShare(NAME, DEV, (CARD.key.arn,), MANAGED, False, ID)
    found = planned(GIT, observed(live(CARD)))
    assert found.steps == (step(Phase.SHARE, "share", WHILE, action, [*gained("churn"), ACTIONS], None),)
    assert found.findings == ()


@pytest.mark.parametrize("name", [NAME, "team"])
def test_a_share_of_somebody_else_with_that_name_stands_in_the_way(name: str) -> None:
    theirs = replace(SHARE, name=name, tags={}, resources={})
    found = planned(GIT, observed(live(CARD), shares=[theirs]))
    message = f"a share named {name!r} exists in {HOME} and cardops does not own it"
    hint = "rename the declared share, or remove the other one; nothing was changed"
    assert found.steps == ()
    assert found.findings == (Finding("ownership/foreign-share", AT, message, hint),)


def test_a_card_that_left_the_grants_statuses_is_revoked() -> None:
    approved = card(status=APPROVED)
    found = planned(desired(approved, shares=[share()]), observed(live(approved), shares=[SHARE]))
    action = Disassociate(SHARE.arn, (CARD.key.arn,))
    assert found.steps == (step(Phase.REVOKE, "revoke", "churn is Approved", action, lost("churn")),)


def test_a_card_that_the_share_no_longer_names_is_revoked() -> None:
    found = planned(desired(CARD, shares=[share(cards=["other"])]), observed(live(CARD), shares=[SHARE]))
    assert only(found, "revoke").reason == "git declares no contribute for ml-dev on it"


def test_several_cards_that_end_for_different_reasons_are_one_call_with_both() -> None:
    gone, approved = card("gone"), card("a", APPROVED)
    found = planned(
        desired(CARD, approved, shares=[share()]),
        observed(live(CARD), live(gone), live(approved), shares=[replace(ram_share(holds=["a", "churn", "gone"]))]),
    )
    revoke = only(found, "revoke")
    assert revoke.reason == "a is Approved; gone is no longer declared"
    assert revoke.action == Disassociate(SHARE.arn, (approved.key.arn, gone.key.arn))
    assert revoke.changes == tuple(lost("a", "gone"))
    assert revoke.cards == {approved.key, gone.key}


def test_access_that_lapsed_says_on_which_day() -> None:
    lapsed = replace(grant("ml-dev", "contribute", DRAFT), expires="2026-05-31")
    git = desired(CARD, shares=[share(lapsed, grant("ml-dev", "contribute", PENDING))])
    found = planned(git, observed(live(CARD), shares=[SHARE]))
    reason = "team: contribute for ml-dev while Draft expired on 2026-05-31"
    action = Disassociate(SHARE.arn, (CARD.key.arn,))
    assert found.steps == (step(Phase.REVOKE, "expire", reason, action, lost("churn")),)


def test_what_ram_suspended_is_ended_and_shared_anew() -> None:
    found = with_share(resources={CARD.key.arn: "SUSPENDED"}, messages={CARD.key.arn: "a quota"})
    reason = "RAM suspended it, so it is shared anew (RAM said: a quota)"
    end = Disassociate(SHARE.arn, (CARD.key.arn,))
    again = Associate(SHARE.arn, (CARD.key.arn,), ending=(CARD.key.arn,))
    assert found.steps == (
        step(Phase.REVOKE, "revoke", reason, end, lost("churn")),
        step(Phase.SHARE, "share", f"{WHILE} (RAM said: a quota)", again, gained("churn")),
    )


def test_a_principal_that_ram_suspended_is_ended_and_connected_anew() -> None:
    found = with_share(principals={DEV: "SUSPENDED"}, messages={DEV: "closed"})
    reason = "RAM suspended ml-dev, so it is shared anew (RAM said: closed)"
    end = Disassociate(SHARE.arn, (), (DEV,))
    again = Associate(SHARE.arn, (), (DEV,), (DEV,))
    assert found.steps == (
        step(Phase.REVOKE, "revoke", reason, end, ()),
        step(Phase.SHARE, "reconnect", "ml-dev is SUSPENDED in the share (RAM said: closed)", again, ()),
    )


def test_strangers_in_a_share_lose_it_by_name() -> None:
    found = with_share(principals={DEV: "ASSOCIATED", TEST: "ASSOCIATED", "5" * 12: "ASSOCIATED", "6" * 12: "FAILED"})
    changes = [Change(f"access[{who}]", "contribute", ABSENT) for who in (TEST, "5" * 12)]
    action = Disassociate(SHARE.arn, (), (TEST, "5" * 12))
    reason = "git declares no access for them in this share"
    assert found.steps == (step(Phase.REVOKE, "revoke", reason, action, changes),)


def test_a_share_that_is_open_to_the_outside_without_need_is_closed() -> None:
    reason, change = "ml-dev is not declared as `external: true`", Change("external principals", "allowed", "refused")
    closing = step(Phase.NARROW, "external", reason, AllowExternal(SHARE.arn, False), [change])
    assert with_share(external=True).steps == (closing,)


def test_a_lost_principal_is_connected_again() -> None:
    action = Associate(SHARE.arn, (), (DEV,))
    reason = "ml-dev is not associated in the share"
    assert with_share(principals={}).steps == (step(Phase.SHARE, "reconnect", reason, action, ()),)
    ending = with_share(principals={DEV: "DISASSOCIATING"})
    assert only(ending, "reconnect").action == Associate(SHARE.arn, (), (DEV,), (DEV,))
    failed = with_share(principals={DEV: "FAILED"})
    assert only(failed, "reconnect").action == action


def test_a_principal_is_not_connected_to_a_share_that_holds_nothing() -> None:
    empty = replace(SHARE, resources={}, principals={})
    assert kinds(planned(desired(shares=[share()]), observed(shares=[empty]))) == []


@pytest.mark.parametrize(
    ("state", "way_out"),
    [
        ("ASSOCIATING", "RAM is still at it; plan again in a minute"),
        ("RESTORING", "RAM is bringing it back; plan again in a minute"),
        ("SUSPENDING", "RAM is suspending it; apply again when it is SUSPENDED, then it is shared anew"),
    ],
)
def test_what_ram_is_still_changing_is_told_and_left_alone(state: str, way_out: str) -> None:
    found = with_share(resources={CARD.key.arn: state}, principals={DEV: state})
    assert found.steps == ()
    assert found.findings == tuple(
        Finding("share/in-transit", AT, f"team: contribute for ml-dev: {what}", way_out, "warn")
        for what in (f"1 card(s) are {state}", f"ml-dev is {state}")
    )


def test_a_share_that_is_no_standard_one_or_not_made_yet_stays_as_it_is() -> None:
    found = with_share(feature_set="CREATED_FROM_POLICY", resources={})
    message = (
        f"team: contribute for ml-dev: the RAM share {SHARE.name!r} has the feature set CREATED_FROM_POLICY, "
        "so it stays as it is"
    )
    hint = "promote it to a STANDARD share in RAM, or remove its tags"
    assert (found.steps, found.findings) == ((), (Finding("share/not-standard", AT, message, hint),))
    found = with_share(status="PENDING")
    message = f"team: contribute for ml-dev: the RAM share {SHARE.name!r} is PENDING"
    hint = "RAM is still making it; plan again in a minute"
    assert (found.steps, found.findings) == ((), (Finding("share/in-transit", AT, message, hint, "warn"),))


def test_a_share_that_ram_failed_to_make_is_ended_and_another_comes_in_its_place() -> None:
    found = with_share(status="FAILED", resources={CARD.key.arn: "FAILED"}, messages={SHARE.arn: "no"})
    end = step(
        Phase.REVOKE,
        "unshare",
        "RAM failed to make it (RAM said: no)",
        DeleteShare(SHARE.arn),
        [Change(f"access[{DEV}]", MANAGED.rsplit("/", 1)[-1], ABSENT)],
    )
    action = CreateShare(NAME, DEV, (CARD.key.arn,), MANAGED, False, ID)
    assert found.steps == (
        replace(end, resource=SHARE.name, cards=frozenset()),
        step(Phase.SHARE, "share", WHILE, action, [*gained("churn"), ACTIONS]),
    )


def test_a_share_that_nothing_declares_ends_for_everybody_and_each_card() -> None:
    both = replace(SHARE, resources=ram_share(holds=["b", "churn"]).resources, principals={DEV: "ASSOCIATED"})
    found = planned(desired(CARD, card("b")), observed(live(CARD), live(card("b")), shares=[both]))
    key, name = card("b").key, SHARE.name
    changes = lost("b", "churn", who=DEV, level=MANAGED.rsplit("/", 1)[-1])
    action = DeleteShare(SHARE.arn, (key.arn, CARD.key.arn))
    ended = step(Phase.REVOKE, "unshare", "git no longer declares this grant", action, changes)
    assert found.steps == (replace(ended, resource=name, cards=frozenset({key, CARD.key})),)
    nameless = replace(SHARE, permission="", resources={})
    (ended,) = planned(desired(CARD), observed(live(CARD), shares=[nameless])).steps
    assert ended.changes == (Change(f"access[{DEV}]", "granted", ABSENT),)


def test_a_share_whose_last_day_is_over_ends_as_planned() -> None:
    found = planned(desired(CARD, shares=[share(expires="2026-05-31")]), observed(live(CARD), shares=[SHARE]))
    changes = lost("churn", who=DEV, level=MANAGED.rsplit("/", 1)[-1])
    ended = step(Phase.REVOKE, "expire", "the share expired on 2026-05-31", DeleteShare(SHARE.arn), changes)
    assert found.steps == (replace(ended, resource=SHARE.name),)


def test_of_two_shares_for_one_grant_the_emptier_one_ends() -> None:
    other = replace(SHARE, arn=f"{SHARE.arn}-2", resources={}, name="second")
    found = planned(GIT, observed(live(CARD), shares=[other, SHARE]))
    (ended,) = found.steps
    assert (ended.kind, ended.resource) == ("unshare", "second")
    assert ended.reason == "another share stands for this grant already"


def test_a_share_with_a_part_number_in_its_tag_is_that_part() -> None:
    second = replace(
        SHARE, arn=f"{SHARE.arn}-2", tags=dict(SHARE.tags) | {GRANT: f"{ID}.1"}, resources={}, name="second"
    )
    git = desired(CARD, card("new"), shares=[share()])
    found = planned(git, observed(live(CARD), live(card("new")), shares=[SHARE, second]))
    joins = only(found, "share")
    assert (joins.key, joins.sees) == (f"{OWNER}/{REGION}/{ID}", SHARE.arn)
    assert joins.cards == {CardKey(OWNER, REGION, "new")}


def test_what_ram_suspended_is_not_ended_while_its_card_is_held_since_nothing_would_share_it_anew() -> None:
    found = planned(
        GIT,
        observed(live(CARD), shares=[replace(SHARE, resources={CARD.key.arn: "SUSPENDED"})]),
        blocked={CARD.key: "a rule denies it"},
    )
    assert found.steps == ()


def test_what_ram_said_about_several_cards_is_told_once_each() -> None:
    cards = [card(name) for name in "abc"]
    failed = dict.fromkeys((one.key.arn for one in cards), "SUSPENDED")
    messages = {cards[0].key.arn: "two", cards[1].key.arn: "one", cards[2].key.arn: "two"}
    seen = replace(SHARE, resources=failed, messages=messages)
    found = planned(desired(*cards, shares=[share()]), observed(*map(live, cards), shares=[seen]))
    assert only(found, "revoke").reason == "RAM suspended it, so it is shared anew (RAM said: one; two)"
