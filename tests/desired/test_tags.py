"""A tag has the characters that AWS allows, told apart by their Unicode category."""

import unicodedata

import pytest

from cardops.desired.checks.content import check_tags


@pytest.mark.parametrize("text", ["", "a-Z 09", "Ä 4", "_.:/=+-@", "a*b", "ä€", "\ud800", "tab\there", "½", "a\xa0b"])
def test_what_aws_allows_and_nothing_else(text: str) -> None:
    allowed = all(one in "_.:/=+-@" or unicodedata.category(one)[0] in "LNZ" for one in text)
    for tags in ({text: "plain"}, {"plain": text}, {"plain": "plain", text: text}):
        assert bool(list(check_tags(tags))) is not allowed
