"""A tag has the characters that AWS allows, told apart by their Unicode category."""

import unicodedata

import pytest

from cardops.desired.checks.content import check_tags
from cardops.desired.schema.validator import check


@pytest.mark.parametrize("text", ["", "a-Z 09", "Ä 4", "_.:/=+-@", "a*b", "ä€", "\ud800", "tab\there", "½", "a\xa0b"])
def test_what_aws_allows_and_nothing_else(text: str) -> None:
    allowed = all(one in "_.:/=+-@" or unicodedata.category(one)[0] in "LNZ" for one in text)
    for tags in ({text: "plain"}, {"plain": text}, {"plain": "plain", text: text}):
        assert bool(list(check_tags(tags))) is not allowed


RESERVED = ["cardops:locked", "CARDOPS:locked", "Cardops:x", "cArDoPs:", "cardop\u017f:locked", "\uff23ardops:x"]


@pytest.mark.parametrize("key", [*RESERVED, "aws:x", "AWS:x", "aW\u017f:x"])
def test_no_tag_may_look_like_one_of_ours_or_of_aws_in_any_case(key: str) -> None:
    """IAM compares the keys of tags without their case: a guard on `cardops:locked` would see `CARDOPS:locked`."""
    value = {"name": "a", "status": "Draft", "owner": "o", "content": {}, "tags": {key: "true"}}
    assert check("card", value) or [one.message for one in check_tags(value["tags"])] == [
        "a tag may not start with cardops: or aws:"
    ]


@pytest.mark.parametrize("key", ["cardops", "my-cardops:x", "awsome:x", "team:cardops:x", "CARDOPSX:"])
def test_a_tag_that_only_has_the_word_in_it_is_fine(key: str) -> None:
    value = {"name": "a", "status": "Draft", "owner": "o", "content": {}, "tags": {key: "true"}}
    assert not check("card", value)
    assert not list(check_tags({key: "true"}))
