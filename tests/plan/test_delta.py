"""A change answers for what its plan adds to the plan of main, change by change."""

from cardops.merge.diff import ABSENT, Change
from cardops.plan.approvals import SignatureRequest, signature_requests
from cardops.plan.delta import delta
from cardops.plan.steps import Plan
from support.builders import APPROVED, DRAFT, PENDING, card, desired, grant, key, live, observed, planned, share, words
from support.replacing import replace


def plan(*cards: object, found: object = None, **more: object) -> Plan:
    wanted = desired(*cards, shares=[share(grant("ml-dev", "contribute", DRAFT, PENDING))])  # type: ignore[arg-type]
    return planned(wanted, found or observed(), **more)  # type: ignore[arg-type]


def shown(steps: object) -> list[tuple[str, list[str]]]:
    return [(step.kind, [change.path for change in step.changes]) for step in steps]  # type: ignore[attr-defined]


def test_a_plan_minus_itself_is_all_left_over() -> None:
    both = plan(card("a"))
    found = delta(both, both)
    assert found.own == found.averted == ()
    assert found.leftovers == tuple(both.differences())
    assert found.digests(both) == {}


def test_a_plan_minus_an_empty_one_is_all_its_own() -> None:
    whole, nothing = plan(card("a")), plan()
    found = delta(whole, nothing)
    assert found.own == tuple(whole.differences())
    assert found.digests(whole) == whole.digests()
    assert delta(nothing, whole).averted == tuple(whole.differences())


def test_one_share_step_is_split_into_what_each_added() -> None:
    found = delta(plan(card("a"), card("b")), plan(card("a")))
    assert shown(step for step in found.own if step.kind == "share") == [("share", ["access[ml-dev].b"])]
    assert shown(step for step in found.leftovers if step.kind == "share") == [
        ("share", ["access[ml-dev].a", "actions"])
    ]
    assert found.averted == ()


def test_one_update_is_split_by_field_and_what_is_reverted_is_averted() -> None:
    was = card("a")
    world = observed(live(was))
    main = plan(card("a", content=words("second")), found=world, bases=[was])
    more = plan(card("a", content=words("second", risk_rating="Low")), found=world, bases=[was])
    other = plan(card("a", content=words("third")), found=world, bases=[was])
    both = delta(more, main)
    purpose, risk = "content.intended_uses.purpose_of_model", "content.intended_uses.risk_rating"
    assert shown(step for step in both.own if step.kind == "update") == [("update", [risk])]
    assert shown(step for step in both.leftovers if step.kind == "update") == [("update", [purpose])]
    changed = delta(other, main)
    assert shown(step for step in changed.own if step.kind == "update") == [("update", [purpose])]
    assert shown(step for step in changed.averted if step.kind == "update") == [("update", [purpose])]


def test_digests_are_those_of_the_whole_plan() -> None:
    whole = plan(card("a"), card("b"))
    digests = delta(whole, plan(card("a"))).digests(whole)
    assert digests.items() <= whole.digests().items()
    assert str(key("b")) in digests
    assert str(key("a")) not in digests


def test_a_card_that_main_holds_too_is_not_held_by_the_change() -> None:
    held = {key("a"): "a conflict"}
    main = plan(card("a"), blocked=held)
    both = plan(card("a"), card("b"), blocked=held | {key("b"): "no sign-off"})
    assert delta(both, main).held == {key("b"): "no sign-off"}


def test_bookkeeping_is_nothing_to_answer_for() -> None:
    was = card("a")
    anew = replace(card("a", content=words("second")))
    world = observed(live(was, content=words("second"), version=2))
    recorded = plan(anew, found=world, bases=[was])
    assert "record" in [step.kind for step in recorded.steps]
    assert "record" not in [step.kind for step in delta(recorded, plan()).own]


def test_what_is_approved_is_what_a_signature_covers() -> None:
    pending = card("a", PENDING)
    wanted = {one.key: one for one in (card("a", APPROVED), card("b"), card("c", APPROVED))}
    steps = planned(desired(*wanted.values()), observed(live(pending), live(wanted[key("c")])), bases=[pending]).steps
    assert [one.key.name for one in signature_requests(steps, wanted)] == ["a"]


def test_a_signature_covers_what_differs_from_the_last_approved_card_or_all_there_is() -> None:
    signed = card("a", APPROVED, words("second", risk_rating="Low"))
    changed = SignatureRequest(signed, card("a", APPROVED, words("first", risk_rating="Low")), "c" * 40).changes()
    assert changed == [Change("content.intended_uses.purpose_of_model", "first", "second")]
    whole = {"purpose_of_model": "second", "risk_rating": "Low"}
    assert SignatureRequest(signed, None).changes() == [Change("content.intended_uses", ABSENT, whole)]


def test_a_remainder_names_the_commit_of_its_base_and_tells_one_value_before_from_another() -> None:
    befores = [card("a", content=words(before)) for before in ("first", "second")]
    wanted = card("a", content=words("new"))
    one, other = (plan(wanted, found=observed(live(before)), bases=[before]) for before in befores)
    remainder = delta(one, other)
    assert remainder.base == other.commit
    assert [change.before for step in remainder.own for change in step.changes] == ["first"]
