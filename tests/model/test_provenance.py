"""What tags prove: that a state was signed off already, and that nothing moved."""

from typing import Any

import pytest

from cardops.model.desired import (
    APPROVED_BY,
    DIGEST,
    REPOSITORY,
    SIGNED,
    VERSION,
    Card,
    HubOrigin,
    IgnoreRule,
    ModelPackage,
)
from cardops.model.findings import Location
from cardops.model.provenance import is_proven_equal, records_version, signed_off, signed_off_before_0_2
from support.builders import APPROVED, ARCHIVED, PENDING, REPO, card, live

CARD = card(status=APPROVED)


def test_a_state_is_signed_off_where_status_digest_and_the_names_of_ours_say_so() -> None:
    assert signed_off(CARD, live(CARD), REPO)


@pytest.mark.parametrize(
    "changed",
    [
        {"tags": {REPOSITORY: "other-9f9f"}},
        {"tags": {REPOSITORY: None}},
        {"tags": {SIGNED: "another"}},
        {"tags": {SIGNED: None}},
        {"tags": {APPROVED_BY: None}},
        {"status": PENDING},
    ],
    ids=str,
)
def test_a_state_is_not_signed_off_where_one_of_them_is_missing(changed: dict[str, Any]) -> None:
    assert not signed_off(CARD, live(CARD, **changed), REPO)


COVERED = {
    "key": CARD.key._replace(name="other"),
    "status": PENDING,
    "owner": "team-b",
    "digest": "0" * 32,
    "kms_key_id": "alias/other",
    "tags": {"data-class": "public"},
    "live_sections": ("evaluation_details",),
    "ignore": (IgnoreRule("intended_uses", "theirs", "2027-01-01"),),
    "model_package": ModelPackage("evil", 2),
    "origin": HubOrigin("spoke", "churn"),
}
NOT_COVERED = {
    "location": Location("cards/renamed.yaml"),
    "adopt": True,
    "text": CARD.content,
    "risk_rating": "Low",
    "delivered": "current",
}
"""Where the file is, how the card came under management, what the content's digest says already, and that no file
declares the card."""


def test_every_field_of_a_card_is_covered_by_its_sign_off_or_left_out_on_purpose() -> None:
    assert COVERED.keys() | NOT_COVERED.keys() == set(Card._fields)


@pytest.mark.parametrize("field", COVERED)
def test_a_sign_off_covers_everything_that_the_file_declares(field: str) -> None:
    changed = CARD._replace(**{field: COVERED[field]})
    assert changed.declared != CARD.declared
    assert not signed_off(changed, live(CARD), REPO)
    assert not is_proven_equal(changed, live(CARD), REPO)
    old = live(CARD, tags={SIGNED: None})
    assert not signed_off_before_0_2(CARD, changed, old, REPO)


@pytest.mark.parametrize("field", NOT_COVERED)
def test_what_the_file_does_not_declare_needs_no_sign_off(field: str) -> None:
    assert CARD._replace(**{field: NOT_COVERED[field]}).declared == CARD.declared


def test_a_record_of_who_alone_counts_for_what_git_had_at_its_commit() -> None:
    old = live(CARD, tags={SIGNED: None})
    assert signed_off_before_0_2(CARD, CARD, old, REPO)
    assert not signed_off_before_0_2(None, CARD, old, REPO)
    assert not signed_off_before_0_2(CARD, CARD, live(CARD), REPO)
    assert not signed_off_before_0_2(CARD, CARD, live(CARD, tags={SIGNED: None, APPROVED_BY: None}), REPO)
    assert not signed_off_before_0_2(CARD, CARD, live(CARD, tags={SIGNED: None, DIGEST: "0"}), REPO)


def test_what_is_not_there_or_not_approved_is_not_signed_off() -> None:
    archived = card(status=ARCHIVED)
    assert not signed_off(CARD, None, REPO)
    assert not signed_off(archived, live(archived, tags={APPROVED_BY: "risk-lead"}), REPO)
    assert not signed_off(CARD, live(archived, tags={APPROVED_BY: "risk-lead"}), REPO)


@pytest.mark.parametrize(
    ("tags", "equal"), [({"aws:x": "1"}, True), ({"cardops:x": "1"}, True), ({"awsx": "1"}, False), ({"a": "1"}, False)]
)
def test_tags_of_aws_and_of_ours_are_not_declared_by_anybody(tags: dict[str, str], equal: bool) -> None:
    assert is_proven_equal(card(), live(card(), tags=tags), REPO) is equal


@pytest.mark.parametrize(
    ("version", "said"), [("1", True), ("2", True), ("3", False), ("0", False), ("x", False), (None, False)]
)
def test_a_tag_names_a_version_that_there_has_been(version: str | None, said: bool) -> None:
    assert records_version(live(card(), version=2, tags={VERSION: version})) is said
