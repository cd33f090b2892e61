"""Word diffs: the changed words of long texts, and when whole texts are shown instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.merge.diff import Change
from cardops.render.field_diff import change_lines
from cardops.render.word_diff import MIN_LENGTH, marked, word_diff

TEXT = "Ranks contracts by the chance that their holders leave within ninety days, for the desk that calls them first."
LONG = " ".join(f"word{at}" for at in range(200))


def test_the_changed_words_are_marked() -> None:
    pieces = word_diff(TEXT, TEXT.replace("ninety", "thirty"))
    assert pieces is not None
    assert "[-ninety-]{+thirty+}" in marked(pieces)
    assert "Ranks" not in marked(pieces)


def test_a_diff_of_a_long_text_shows_the_change_and_not_two_equal_beginnings() -> None:
    lines = list(change_lines(Change("content.a", LONG, LONG.replace("word150", "another"))))
    assert lines[0] == "@@ content.a @@"
    assert len(lines) == 2
    assert "[-word150-]{+another+}" in lines[1]
    assert "word10 " not in lines[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("short", "shorter"),
        (TEXT, 7),
        (None, TEXT),
        (TEXT, "Nothing in here resembles what stood before; every single term was chosen anew by other people today."),
        (TEXT, TEXT.replace("ninety", "[-ninety-]")),
        (TEXT.replace("ninety", "{+ninety+}"), TEXT),
        ("a " * 6_000, "a " * 6_001),
    ],
    ids=["short", "number", "absent", "rewritten", "forged removal", "forged addition", "too long"],
)
def test_other_values_are_shown_whole(before: object, after: object) -> None:
    assert word_diff(before, after) is None


@given(st.lists(st.sampled_from("abcdefgh"), min_size=MIN_LENGTH, max_size=150), st.integers(0, 79))
def test_the_pieces_hold_every_removed_and_added_word(words: list[str], at: int) -> None:
    before = " ".join(words)
    after = " ".join([*words[:at], "NEW", *words[at + 1 :]])
    pieces = word_diff(before, after)
    assert pieces is not None
    assert [piece.text for piece in pieces if piece.kind == "added"] == ["NEW"]
    assert [piece.text for piece in pieces if piece.kind == "removed"] == [words[at]]
