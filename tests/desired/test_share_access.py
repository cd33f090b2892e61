"""Which of two declarations gives a card more access."""

import pytest

from cardops.desired.share_access import access_to, is_sensitive, widened
from support.builders import APPROVED, ARCHIVED, DRAFT, PENDING, card, desired, grant, key, share

ONE = share(grant("ml-dev", "read", DRAFT))


def more(*shares: object, before: object = ONE) -> bool:
    config = desired().config
    had = access_to(key(), [before], config)  # type: ignore[list-item]
    return bool(widened(had, access_to(key(), shares, config)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "now",
    [
        share(grant("ml-test", "read", DRAFT)),
        share(grant("ml-dev", "contribute", DRAFT)),
        share(grant("ml-dev", "read", DRAFT, APPROVED)),
        share(grant("ml-dev", "read", DRAFT), grant("arn:aws:iam::999999999999:role/x", "read", DRAFT)),
    ],
    ids=["principal", "action", "status", "one more principal"],
)
def test_more_of_anything_is_wider(now: object) -> None:
    assert more(now)


@pytest.mark.parametrize(
    "now",
    [
        ONE,
        share(grant("ml-dev", "read", DRAFT), name="renamed"),
        share(grant("ml-dev", "read", DRAFT))._replace(cards=("chu*",)),
        share(grant("ml-dev", "read", DRAFT))._replace(cards=("other",)),
        ONE._replace(expires="2026-12-31"),
    ],
    ids=["the same", "another name", "a glob for a name", "other cards", "an end"],
)
def test_the_same_or_less_is_not_wider(now: object) -> None:
    assert not more(now)


def test_a_later_end_is_wider() -> None:
    ends = ONE._replace(expires="2026-12-31")
    assert more(ONE._replace(expires="2027-12-31"), before=ends)
    assert more(ONE, before=ends)
    assert not more(ONE._replace(expires="2026-11-30"), before=ends)


def test_an_approved_card_and_one_of_high_risk_are_sensitive() -> None:
    assert [status for status in (DRAFT, PENDING, APPROVED, ARCHIVED) if is_sensitive(card(status=status))] == [
        APPROVED
    ]
    assert is_sensitive(card()._replace(risk_rating="High"))
    assert not is_sensitive(card()._replace(risk_rating="Medium"))
