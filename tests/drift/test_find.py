"""What counts as drift, and as which kind: one plan against one observation, no calls."""

import pytest

from cardops.drift.find import find_drift
from cardops.drift.model import Drift, Kind
from cardops.model.desired import LOCKED, REPOSITORY, VERSION, Account, Card, Config, Status
from cardops.model.observed import Observed
from support.builders import (
    ARCHIVED,
    DRAFT,
    OWNER,
    PENDING,
    card,
    config,
    desired,
    foreign,
    given,
    kinds,
    live,
    observed,
    planned,
    ram_share,
    share,
)
from support.replacing import replace


def drift(*cards: Card, found: Observed, settings: Config | None = None, applied: bool = False) -> Drift:
    """Drift from one declaration. `applied`: some live card carries its commit."""
    wanted = desired(*cards, shares=[share()], settings=settings)
    seen = given(wanted, found, bases=cards)
    plan = planned(wanted, found, bases=cards)
    return find_drift(seen, plan, wanted if applied else None, plan)


def told(found: Drift) -> list[tuple[Kind, str, str]]:
    """(kind, what, message) of each difference."""
    return [(one.kind, one.what, one.message) for one in found.differences]


def leaving() -> Config:
    """The cards' own account is on its way out."""
    settings = config()
    return replace(settings, accounts=dict(settings.accounts) | {"gone": Account("gone", OWNER, leaving=True)})


def test_a_card_that_its_accounts_leaving_archived_is_no_drift() -> None:
    retired = observed(live(card(), ARCHIVED))
    assert drift(card(), found=retired, settings=leaving(), applied=True).differences == ()
    archived_by_hand = drift(card(), found=retired, applied=True)
    assert (Kind.TAMPERED, "status", "git declared Draft, and the card is Archived") in told(archived_by_hand)


def test_the_last_card_of_a_repository_is_missed_because_a_share_of_ours_held_it() -> None:
    gone = drift(card(), found=observed(shares=[ram_share()]))
    assert (Kind.MISSING, "card", "the card was applied and is gone") in told(gone)


def test_what_was_never_applied_is_no_drift() -> None:
    assert drift(card(), found=observed()).differences == ()


def test_a_card_that_was_made_anew_by_hand_is_tampering() -> None:
    anew = drift(card(), found=observed(foreign(), shares=[ram_share()]))
    assert (Kind.TAMPERED, "tags", "its ownership tag is gone, or the card is another one") in told(anew)


@pytest.mark.parametrize(
    ("tags", "by"), [({}, "nobody manages it"), ({REPOSITORY: "other"}, "the repository other manages it")]
)
def test_somebody_elses_card_of_a_declared_name_is_shown(tags: dict[str, str], by: str) -> None:
    found = drift(card(), found=observed(foreign(tags=tags)))
    assert told(found) == [(Kind.UNMANAGED, "card", f"git declares a card of this name, and {by}")]
    assert not found.differs


@pytest.mark.parametrize(("status", "kind"), [(DRAFT, Kind.TAMPERED), (PENDING, Kind.TAMPERED), (ARCHIVED, None)])
def test_a_retired_card_that_came_back_is_tampering(status: Status, kind: Kind | None) -> None:
    found = drift(found=observed(live(card("old"), status, tags={LOCKED: "true"})))
    assert told(found) == ([(kind, "card", f"it was retired, and is {status} again")] if kind else [])


@pytest.mark.parametrize("left", ["99", "0", "x", None])
def test_a_version_tag_that_cardops_did_not_leave_is_tampering_and_the_next_apply_ends_it(left: str | None) -> None:
    found = observed(live(card(), tags={VERSION: left}, version=3), shares=[ram_share()])
    assert told(drift(card(), found=found, applied=True)) == [
        (Kind.TAMPERED, "tags", "the tag cardops:version is not what cardops wrote")
    ]
    plan = planned(desired(card(), shares=[share()]), found, bases=[card()])
    assert (kinds(plan), plan.differences()) == (["record"], [])
