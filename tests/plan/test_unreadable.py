"""A card that cannot be read, or whose words have a shape that nobody expected, costs that card and no other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.desired.hub_copies import carried_content
from cardops.model import canonical
from cardops.model.desired import AccountRegion, CardKey, HubOrigin, Status
from cardops.model.observed import ObservedCard
from support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    PENDING,
    REGION,
    card,
    desired,
    grant,
    key,
    kinds,
    live,
    observed,
    planned,
    ram_share,
    share,
)
from support.replacing import replace

WHY = "AccessDeniedException"
CHURN, OTHER = key("churn"), key("other")


def unreadable(found: ObservedCard) -> dict[str, Any]:
    return {"unreadable": {found.key: WHY}}


def test_a_card_that_cannot_be_read_waits_and_the_others_go_on() -> None:
    one, other = card("churn", content={"a": "second"}), card("other", content={"a": "second"})
    seen = [replace(live(card(name)), content=None) for name in ("churn", "other")]
    plan = planned(desired(one, other), observed(seen[0], live(card("other")), unreadable={CHURN: WHY}))
    assert [(step.kind, step.resource) for step in plan.steps] == [("update", "other")]
    assert plan.held == {CHURN: f"it cannot be read: {WHY}"}
    (finding,) = plan.findings
    assert (finding.rule, finding.level, finding.card) == ("card/unreadable", "deny", str(CHURN))
    assert finding.message == f"churn cannot be read: {WHY}"


def test_a_card_that_nobody_can_read_and_no_index_knows_is_not_made_anew() -> None:
    plan = planned(desired(card("churn")), observed(unreadable={CHURN: WHY}))
    assert (kinds(plan), list(plan.held)) == ([], [CHURN])


def test_access_to_it_ends_and_its_approval_does_too_and_nothing_is_given() -> None:
    approved = replace(live(card("churn", APPROVED)), content=None)
    held = ram_share("222222222222", holds=["churn", "other"])
    plan = planned(
        desired(card("churn"), card("other"), shares=[share(grant("ml-test", "read", DRAFT), cards=["churn"])]),
        observed(approved, live(card("other")), shares=[held], **unreadable(approved)),
    )
    assert [(step.kind, step.resource) for step in plan.steps if "permission" not in step.kind] == [
        ("unshare", held.name),
        ("demote", "churn"),
    ]


def test_a_card_that_left_git_is_not_archived_unseen() -> None:
    left = replace(live(card("churn")), content=None)
    plan = planned(desired(), observed(left, **unreadable(left)))
    assert (kinds(plan), plan.held) == ([], {CHURN: f"it cannot be read: {WHY}"})


def test_a_card_that_cannot_be_read_is_not_adopted() -> None:
    found = replace(live(card("churn")), content=None, tags={})
    plan = planned(desired(card("churn", adopt=True)), observed(found, **unreadable(found)))
    assert (kinds(plan), list(plan.held)) == ([], [CHURN])


# Any shape: what AWS's own schema would refuse may still come, and costs at most the card.

leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "name"])
shapes: Any = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "name", "additional_information", "custom_details"]), inner, max_size=3)
    ),
    max_leaves=10,
)
contents: Any = st.dictionaries(
    st.sampled_from(["a", "name", "intended_uses", "evaluation_details", "additional_information"]), shapes, max_size=4
)
SPOKE = CardKey(*AccountRegion(DEV, REGION), "spoke")


@given(contents, contents, contents, st.sampled_from([DRAFT, PENDING, APPROVED]), st.sampled_from([DRAFT, APPROVED]))
def test_any_shape_of_a_live_card_is_planned(
    base: Any, declared: Any, found: Any, status: Status, seen: Status
) -> None:
    one = card("churn", status, content=declared)
    plan = planned(
        desired(one, card("other", content={"a": 1})),
        observed(live(one, seen, content=found, version=2), live(card("other"))),
        bases=[card("churn", content=base)],
    )
    assert ("update", "other") in [(step.kind, step.resource) for step in plan.steps]


@given(contents, contents, contents)
def test_any_shape_of_a_spokes_card_is_copied_or_its_copy_waits(origin: Any, base: Any, copy: Any) -> None:
    hub = card("hub", content={})._replace(origin=HubOrigin("ml-dev", "spoke"))
    spoke = ObservedCard(SPOKE, DRAFT, 3, canonical.to_bytes(origin))
    plan = planned(
        desired(hub, card("other", content={"a": 1})),
        observed(live(hub, content=copy, version=2), live(card("other")), origins={SPOKE: spoke}),
        bases=[card("hub", content=base)],
    )
    assert ("update", "other") in [(step.kind, step.resource) for step in plan.steps]


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ({"additional_information": None}, "its additional_information is not a group of fields"),
        ({"additional_information": []}, "its additional_information is not a group of fields"),
        ({"additional_information": "x"}, "its additional_information is not a group of fields"),
        ({"additional_information": {"custom_details": []}}, "custom_details is not a group of fields"),
        ({"additional_information": {"custom_details": None}}, "custom_details is not a group of fields"),
    ],
)
def test_a_copy_of_an_odd_shape_waits_and_says_so(origin: Any, why: str) -> None:
    hub = card("hub", content={})._replace(origin=HubOrigin("ml-dev", "spoke"))
    spoke = ObservedCard(SPOKE, DRAFT, 3, canonical.to_bytes(origin))
    plan = planned(desired(hub), observed(origins={SPOKE: spoke}))
    assert [one.rule for one in plan.findings] == ["hub/unreadable-origin"]
    assert why in plan.findings[0].message
    assert kinds(plan) == []


def test_a_copy_of_an_origin_that_cannot_be_read_waits_and_its_own_account_goes_on() -> None:
    hub = card("hub", content={})._replace(origin=HubOrigin("ml-dev", "spoke"))
    plan = planned(desired(hub, card("other")), observed(unreadable={SPOKE: WHY}))
    assert [(step.kind, step.resource) for step in plan.steps] == [("create", "other")]
    assert plan.held[hub.key] == f"its origin ml-dev/spoke cannot be read: {WHY}"


def test_what_a_copy_carries_is_written_over_whatever_stood_in_its_place() -> None:
    spoke = ObservedCard(SPOKE, DRAFT, 3, b'{"a":1}')
    before = canonical.to_bytes({"additional_information": {"custom_details": ["x"]}})
    assert canonical.from_bytes(carried_content(spoke, before))["a"] == 1
