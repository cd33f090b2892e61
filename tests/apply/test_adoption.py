"""Adopting looks before it tags: what changed, or changed hands, since the plan stays as it is."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from cardops.apply.cards import adopt as adopt_card
from cardops.apply.shares import adopt as adopt_share
from cardops.model.desired import REPOSITORY
from cardops.model.errors import StaleResourceError
from cardops.model.observed import ObservedCard
from cardops.model.ports import Cards, Sharing
from cardops.plan.actions import AdoptShare
from cardops.plan.steps import AdoptCard
from support.builders import APPROVED, DRAFT, REPO, card, foreign, key
from support.replacing import replace

TAGS = {REPOSITORY: REPO}
LIVE = replace(foreign(), content=card().content, version=3)
ACTION = AdoptCard(TAGS, 3, DRAFT, card().digest)


class Port:
    """What a card or share is, and the tags that were written to it."""

    def __init__(self, live: ObservedCard = LIVE, tags: Mapping[str, str] | None = None) -> None:
        self.live = live
        self.current = dict(tags or {})
        self.written: list[Mapping[str, str]] = []

    def describe(self, name: str) -> ObservedCard:
        assert name == key().name
        return self.live

    def tags(self, arn: str) -> dict[str, str]:
        assert arn in (key().arn, "arn")
        return self.current

    share_tags = tags

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        self.written.append(tags)

    tag_share = add_tags


def test_a_card_that_is_as_it_was_planned_is_tagged() -> None:
    port = Port()
    assert adopt_card(cast(Cards, port), key(), ACTION) == "adopted at version 3, Draft"
    assert port.written == [TAGS]


@pytest.mark.parametrize(
    "change", [{"version": 4}, {"status": APPROVED}, {"content": b'{"model_overview":{}}'}], ids=lambda c: next(iter(c))
)
def test_a_card_that_changed_is_not_tagged(change: dict[str, Any]) -> None:
    port = Port(replace(LIVE, **change))
    with pytest.raises(StaleResourceError, match=r"churn changed since it was planned.*plan again"):
        adopt_card(cast(Cards, port), key(), ACTION)
    assert port.written == []


def test_a_card_that_somebody_took_meanwhile_is_not_tagged() -> None:
    port = Port(tags={REPOSITORY: "other-9f9f"})
    with pytest.raises(StaleResourceError, match=r"the repository other-9f9f manages churn by now.*plan again"):
        adopt_card(cast(Cards, port), key(), ACTION)
    assert port.written == []


def test_a_share_is_tagged_unless_somebody_took_it_meanwhile() -> None:
    free, taken = Port(), Port(tags={REPOSITORY: "other-9f9f"})
    assert adopt_share(cast(Sharing, free), AdoptShare("arn", TAGS)) == "adopted"
    assert free.written == [TAGS]
    with pytest.raises(StaleResourceError, match=r"the repository other-9f9f manages arn by now.*plan again"):
        adopt_share(cast(Sharing, taken), AdoptShare("arn", TAGS))
    assert taken.written == []
