"""A plan in parts: each step, each held card and each finding is in one of them, or about all."""

import pytest

from cardops.model.desired import AccountRegion, CardKey
from cardops.model.findings import Finding, Location
from cardops.model.observed import OTHER_PARTITION
from cardops.plan.actions import AcceptInvitation
from cardops.plan.partitions import (
    distribute,
    findings_about,
    only,
    partition_of,
    steps_by_place,
)
from cardops.plan.steps import Plan
from support.builders import (
    DEV,
    DRAFT,
    HOME,
    PROD,
    REGION,
    TEST,
    card,
    config,
    desired,
    grant,
    observed,
    planned,
    share,
)
from support.replacing import replace

HERE = card().key.place
THERE = AccountRegion("999999999999", "us-east-1")


def whole() -> Plan:
    """A step here and the same there; a held card and a finding in each, and a finding about all."""
    made = planned(desired(card()), observed())
    steps = (*made.steps, *(replace(step, place=THERE) for step in made.steps))
    held = {CardKey(*place, "held"): "why" for place in (HERE, THERE)}
    said = ("", str(card().key), f"{THERE}/other")
    findings = tuple(Finding("a/rule", Location("x.yaml"), "wrong", card=key) for key in said)
    return replace(made, steps=steps, held=held, findings=findings)


def test_only_one_place_is_left() -> None:
    plan = only(whole(), {THERE})
    assert {step.place for step in plan.steps} == {THERE}
    assert len(plan.steps) == len(whole().steps) // 2
    assert plan.held == {CardKey(*THERE, "held"): "why"}
    assert [one.card for one in plan.findings] == ["", f"{THERE}/other"]


def test_places_without_steps_are_not_listed() -> None:
    assert steps_by_place(whole()) == {HERE: 1, THERE: 1}
    assert steps_by_place(only(whole(), {HERE})) == {HERE: 1}
    assert steps_by_place(planned(desired(), observed())) == {}


def test_an_invitation_is_part_of_what_its_owner_does() -> None:
    accounts = config().accounts
    outside = config(accounts={**accounts, "ml-prod": replace(accounts["ml-prod"], external=True)})
    to_prod = share(grant("ml-prod", "read", DRAFT))
    made = planned(desired(card(), shares=[to_prod], settings=outside), observed())
    (accept,) = (step for step in made.steps if isinstance(step.action, AcceptInvitation))
    assert (accept.place, partition_of(accept)) == (AccountRegion(PROD, REGION), HERE)
    assert steps_by_place(made) == {HERE: len(made.steps)}
    assert accept in only(made, {HERE}).steps
    assert only(made, {AccountRegion(PROD, REGION)}).steps == ()


def test_a_place_whose_name_begins_alike_is_another_one() -> None:
    near = Finding("a/rule", Location("x.yaml"), "wrong", card="999999999999/us-east-10/name")
    assert findings_about([near], {THERE}) == []


PLACES = [AccountRegion(f"{number:012}", "eu-west-1") for number in range(5)]


def test_a_job_for_each_place_while_there_are_enough() -> None:
    steps = dict(zip(PLACES, (5, 1, 1, 1, 4), strict=True))
    assert distribute(steps, 256) == [(place,) for place in PLACES]
    assert distribute({}, 256) == []


def test_fewer_jobs_than_places_have_about_as_much_to_do_each() -> None:
    steps = dict(zip(PLACES, (5, 1, 1, 1, 4), strict=True))
    shared = distribute(steps, 2)
    assert sorted(place for job in shared for place in job) == PLACES
    assert [sum(steps[place] for place in job) for job in shared] == [6, 6]


@pytest.mark.parametrize(
    "text", ["", "111111111111", "111111111111/", "ml-dev/eu-west-1", "1111/eu-west-1", "/eu-west-1"]
)
def test_what_names_no_place(text: str) -> None:
    assert AccountRegion.parse(text) is None


def test_what_names_a_place() -> None:
    assert AccountRegion.parse("999999999999/us-east-1") == THERE


def test_a_place_that_was_not_asked_for_is_elsewhere_and_one_that_could_not_be_read_is_not() -> None:
    seen = observed(unknown={HOME: OTHER_PARTITION, AccountRegion(DEV, REGION): "denied"})
    assert seen.in_other_partition(HOME)
    assert not seen.in_other_partition(AccountRegion(DEV, REGION))
    assert not seen.in_other_partition(AccountRegion(TEST, REGION))
