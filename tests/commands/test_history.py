"""A recorded sign-off is shown for the state that was signed, and for no other."""

from typing import Any

import pytest

from cardops.commands.history import signed_by
from cardops.model.desired import Card, ModelPackage
from support.builders import APPROVED, card

CARD = card(status=APPROVED)


def records(signed: Card, **left_out: None) -> list[dict[str, object]]:
    one: dict[str, Any] = {
        "account": signed.key.account,
        "region": signed.key.region,
        "card": signed.key.name,
        "status": signed.status.value,
        "digest": signed.digest,
        "declared": signed.declared,
        "approved_by": ["risk-lead"],
    }
    return [{"signoffs": [{key: value for key, value in one.items() if key not in left_out}]}]


@pytest.mark.parametrize(
    "other",
    [
        CARD._replace(owner="team-b"),
        CARD._replace(model_package=ModelPackage("evil", 2)),
        CARD._replace(digest="0" * 32),
        CARD._replace(key=CARD.key._replace(name="other")),
    ],
    ids=["owner", "model package", "content", "another card"],
)
def test_a_record_names_who_signed_just_this(other: Card) -> None:
    assert signed_by(CARD, records(CARD)) == ("risk-lead",)
    assert signed_by(other, records(CARD)) == ()


def test_a_record_of_an_earlier_release_counts_where_status_or_content_moved() -> None:
    old = records(CARD, declared=None)
    assert signed_by(CARD, old) == ("risk-lead",)
    assert signed_by(CARD._replace(owner="team-b"), old, older=False) == ()
