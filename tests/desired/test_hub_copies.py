"""What a hub copy carries, where it says whence, and how somebody else's words in it are told."""

from typing import Any

import pytest

from cardops.desired.hub_copies import TIME, carried_content, edits, is_faithful, source_digest
from cardops.model import canonical
from cardops.model.desired import CardKey, Status
from cardops.model.observed import ObservedCard

SPOKE = CardKey("222222222222", "eu-west-1", "churn")
CONTENTS: list[dict[str, Any]] = [
    {},
    {"intended_uses": {"purpose_of_model": "é"}},
    {"additional_information": {}},
    {"additional_information": {"custom_details": {}}},
    {"additional_information": {"custom_details": {}, "ethical_considerations": "none"}},
    {"additional_information": {"ethical_considerations": "none"}},
    {"additional_information": {"custom_details": {"team": "churn"}}},
]


def spoke(content: Any, version: int = 7, modified: str = "2026-06-01T10:00:00+00:00") -> ObservedCard:
    return ObservedCard(SPOKE, Status.DRAFT, version, canonical.to_bytes(content), modified=modified)


def details(copy: bytes) -> dict[str, str]:
    return dict(canonical.from_bytes(copy)["additional_information"]["custom_details"])


def changed(copy: bytes, **fields: Any) -> bytes:
    return canonical.to_bytes(canonical.from_bytes(copy) | fields)


def test_a_copy_has_all_of_the_spokes_content_and_five_keys_that_say_whence() -> None:
    copy = carried_content(spoke({"intended_uses": {"purpose_of_model": "x"}, **CONTENTS[-1]}))
    assert canonical.from_bytes(copy) == {
        "intended_uses": {"purpose_of_model": "x"},
        "additional_information": {
            "custom_details": {
                "team": "churn",
                "cardops_origin_account": "222222222222",
                "cardops_origin_card": "churn",
                "cardops_origin_version": "7",
                "cardops_origin_time": "2026-06-01T10:00:00+00:00",
                "cardops_origin_digest": canonical.digest(
                    canonical.to_bytes({"intended_uses": {"purpose_of_model": "x"}, **CONTENTS[-1]})
                ),
            }
        },
    }


@pytest.mark.parametrize("content", CONTENTS)
def test_every_copy_is_genuine_and_none_with_another_word_in_it(content: dict[str, Any]) -> None:
    copy = carried_content(spoke(content))
    assert is_faithful(copy)
    assert not is_faithful(changed(copy, business_details={"line_of_business": "retail"}))
    assert not is_faithful(canonical.to_bytes(content))


def test_the_time_of_a_version_stays_when_only_the_spokes_status_moved() -> None:
    first = carried_content(spoke({}, modified="2026-06-01T10:00:00+00:00"))
    assert carried_content(spoke({}, modified="2026-06-09T10:00:00+00:00"), first) == first
    newer = carried_content(spoke({}, version=8, modified="2026-06-09T10:00:00+00:00"), first)
    assert details(newer)[TIME] == "2026-06-09T10:00:00+00:00"


def test_the_source_is_version_and_content_of_one_card() -> None:
    assert source_digest(spoke({"a": 1})) == source_digest(spoke({"a": 1}, modified=""))
    others = [spoke({"a": 2}), spoke({"a": 1}, 8)]
    assert source_digest(spoke({"a": 1})) not in [source_digest(one) for one in others]
    assert source_digest(ObservedCard(SPOKE, Status.DRAFT, 7, None)) == ""


def test_what_the_spoke_changed_is_no_edit_of_the_copy() -> None:
    old, new = (
        carried_content(spoke({"intended_uses": {"purpose_of_model": "a"}})),
        carried_content(spoke({"overview": {}}, 8)),
    )
    assert edits(old, new, old) == []


def test_an_edit_is_named_by_its_fields_until_the_spoke_has_it() -> None:
    old = carried_content(spoke({"intended_uses": {"purpose_of_model": "a"}}))
    edited = changed(old, business_details={"line_of_business": "retail"})
    assert edits(old, old, edited) == ["content.business_details"]
    both = {"intended_uses": {"purpose_of_model": "a"}, "business_details": {"line_of_business": "retail"}}
    assert edits(old, carried_content(spoke(both, 8)), edited) == []


def test_an_edit_against_the_spokes_own_change_is_an_edit() -> None:
    old = carried_content(spoke({"intended_uses": {"purpose_of_model": "a"}}))
    edited = changed(old, intended_uses={"purpose_of_model": "hub"})
    new = carried_content(spoke({"intended_uses": {"purpose_of_model": "spoke"}}, 8))
    assert edits(old, new, edited) == ["content.intended_uses.purpose_of_model"]


def test_a_base_that_is_no_genuine_copy_hides_nobodys_words() -> None:
    """As after a write that was merged with another writer's: the tags call that version ours."""
    copy = carried_content(spoke({}))
    merged = changed(copy, business_details={"line_of_business": "retail"})
    assert edits(merged, carried_content(spoke({}, 8)), merged) == ["content.business_details"]
    assert edits(merged, carried_content(spoke({"business_details": {"line_of_business": "retail"}}, 8)), merged) == []
