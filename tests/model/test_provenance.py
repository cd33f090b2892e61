"""What tags prove: that a state was signed off already, and that nothing moved."""

from typing import Any

import pytest

from cardops.model.desired import APPROVED_BY, DIGEST, REPOSITORY, VERSION
from cardops.model.provenance import is_proven_equal, records_version, signed_off
from support.builders import APPROVED, ARCHIVED, PENDING, REPO, card, live

CARD = card(status=APPROVED)


def test_a_state_is_signed_off_where_status_digest_and_the_names_of_ours_say_so() -> None:
    assert signed_off(CARD, live(CARD), REPO)


@pytest.mark.parametrize(
    "changed",
    [
        {"tags": {REPOSITORY: "other-9f9f"}},
        {"tags": {REPOSITORY: None}},
        {"tags": {DIGEST: "another"}},
        {"tags": {APPROVED_BY: None}},
        {"status": PENDING},
    ],
    ids=str,
)
def test_a_state_is_not_signed_off_where_one_of_them_is_missing(changed: dict[str, Any]) -> None:
    assert not signed_off(CARD, live(CARD, **changed), REPO)


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
