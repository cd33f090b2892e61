"""What a step that gives access demands of each card at that moment, whatever the plan or the index said before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cardops.apply.card_look import refused_cards, without_cards
from cardops.apply.results import StepOutcome
from cardops.model.desired import REPOSITORY, CardKey, Status
from cardops.model.errors import CloudError
from cardops.model.observed import ObservedCard
from cardops.plan.actions import Associate
from cardops.plan.steps import Phase, Plan, Step
from support.apply_sandbox import HOME, ApplySandbox, settings, wanted
from support.builders import APPROVED, DRAFT, PENDING, REPO, card, grant, key, live, observed, planned, share
from support.builders import desired as declared
from support.fake_cards import FakeCards
from support.replacing import replace

READ = share(grant("ml-test", "read", PENDING, APPROVED))
NAMES = ("churn", "other")


class Here:
    """A cloud of one place."""

    def __init__(self, port: Any) -> None:
        self.port = port

    def cards(self, _: object) -> Any:
        return self.port


class Closed(FakeCards):
    """Cards of which one, once it is named, cannot be described."""

    name = ""

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        if name == self.name:
            raise CloudError("AccessDeniedException")
        return super().describe(name, version)


def started(status: Status = APPROVED) -> FakeCards:
    """Both cards live as an apply left them."""
    port = Closed(HOME)
    for name in NAMES:
        left = live(card(name, status))
        port.versions[name] = [left]
        port.tagged[name] = dict(left.tags)
    return port


def sharing(status: Status = APPROVED) -> Step:
    """The step that shares both cards with ml-test."""
    cards = [card(name, status) for name in NAMES]
    plan = planned(declared(*cards, shares=[READ]), observed(*map(live, cards)))
    return next(step for step in plan.steps if step.phase is Phase.SHARE)


def refused(port: Any, step: Step) -> dict[CardKey, str]:
    with ThreadPoolExecutor(2) as pool:
        return refused_cards(Here(port), step, REPO, pool)  # type: ignore[arg-type]


def another_status(port: FakeCards) -> None:
    port.set_status("churn", DRAFT)


def other_words(port: FakeCards) -> None:
    port.contribute("churn", b'{"intended_uses":{"purpose_of_model":"unreviewed"}}')


def gone(port: FakeCards) -> None:
    del port.versions["churn"]


def closed(port: FakeCards) -> None:
    assert isinstance(port, Closed)
    port.name = "churn"


def leaving(port: FakeCards) -> None:
    port.versions["churn"] = [replace(port.versions["churn"][0], processing="DeletePending")]


def somebody_elses(port: FakeCards) -> None:
    del port.tagged["churn"][REPOSITORY]


@pytest.mark.parametrize(
    ("what_happened", "why"),
    [
        (another_status, "it is Draft now, and git gives this access while PendingReview or Approved; plan again"),
        (other_words, "its content (version 2) is not the content that git declares; plan again"),
        (gone, "it does not exist any more; plan again"),
        (closed, "it could not be looked at: AccessDeniedException"),
        (leaving, "it is being deleted"),
        (somebody_elses, "this repository does not manage it any more; plan again"),
    ],
)
def test_access_is_not_given_to_a_card_that_is_not_what_the_plan_saw(
    what_happened: Callable[[FakeCards], None], why: str
) -> None:
    port = started()
    assert refused(port, sharing()) == {}
    what_happened(port)
    assert refused(port, sharing()) == {key("churn"): why}


def test_the_words_of_a_card_that_is_not_approved_may_move() -> None:
    port = started(PENDING)
    other_words(port)
    assert refused(port, sharing(PENDING)) == {}


def test_a_step_for_some_cards_goes_on_without_the_others_and_one_for_a_whole_share_does_not() -> None:
    step = sharing()
    kept = without_cards(step, {key("churn"): "why"})
    assert (kept.cards, kept.action.resources) == ({key("other")}, (key("other").arn,))  # type: ignore[union-attr]
    assert (
        without_cards(replace(step, action=Associate("share", (), ("333333333333",))), {key("churn"): "why"}).cards
        == frozenset()
    )


def test_a_card_that_moved_is_held_alone_and_every_card_is_described_at_most_once_a_step(lab: ApplySandbox) -> None:
    """Between the plan and the step an administrator of the owning account makes one card a draft again."""
    cards = [card(name, APPROVED) for name in NAMES]
    lab.apply(wanted(*cards, shares=(), settings_=settings()))
    plan: Plan = lab.plan(wanted(*cards, shares=[READ], settings_=settings()))
    assert lab.cloud
    lab.cloud.cards(HOME).set_status("churn", DRAFT)
    since = lab.now()
    results = [one for one in lab.run(plan) if one.step.phase is Phase.SHARE]
    assert [(sorted(key.name for key in one.step.cards), one.outcome) for one in results] == [
        (["churn"], StepOutcome.HELD),
        (["other"], StepOutcome.UPDATED),
    ]
    assert "it is Draft now" in results[0].detail
    assert set(lab.states("RESOURCE")) == {"other"}
    described = [call for call in lab.calls(since) if call["operation"] == "DescribeModelCard"]
    assert len(described) == len(NAMES)
