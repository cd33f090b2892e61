"""User text in Markdown stays text, whatever it is; a comment that is too long loses whole pieces."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cardops.render.escape import escape_invisible
from cardops.render.markdown import Part, code, fence, fit, fold, folded_diff, html_code, prose, size

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
NASTY = st.text(st.sampled_from("`|\\<>@#*_[]()!~:&; \n\r\tab1/.-=\u202e\u200b\x1b\ud800é"), max_size=40)
TEXT = st.one_of(NASTY, st.text(max_size=40))


def inline(markdown: str) -> list[tuple[str, str]]:
    """The kinds and contents of the first inline run, after a word that keeps it from starting a block."""
    [token] = [token for token in READER.parse(f"x {markdown}") if token.type == "inline"]
    return [(child.type, child.content) for child in token.children or []]


@given(TEXT)
def test_code_is_one_span_that_holds_the_text(text: str) -> None:
    found = inline(code(text))
    spans = [content for kind, content in found if kind == "code_inline"]
    assert {kind for kind, _ in found} <= {"text", "code_inline"}
    assert (
        "".join(spans).strip() == escape_invisible(text).replace("|", "\\u007c").strip()
        or not escape_invisible(text).strip()
    )
    assert [content.strip() for kind, content in found if kind == "text"] == ["x"]


@given(TEXT)
def test_prose_leaves_only_words_outside_of_code(text: str) -> None:
    for kind, content in inline(prose(text)):
        assert kind in ("text", "code_inline")
        if kind == "text":
            assert re.fullmatch(r"[\w\s.,;:!?()%'’–—-]*", content)
            assert not re.search(r"_|\w\d{7}|[0-9a-f]{7}\d|[#@/]", content)


@given(TEXT)
def test_prose_says_all_of_it(text: str) -> None:
    said = "".join(content for _, content in inline(prose(text))).removeprefix("x")
    assert re.sub(r"[\s`]|\\u0020", "", said) == re.sub(r"[\s`]", "", escape_invisible(text).replace("|", "\\u007c"))


@given(st.lists(TEXT, max_size=5))
def test_a_fence_holds_every_line(lines: list[str]) -> None:
    [token] = READER.parse("\n".join(fence(lines, "diff")))
    assert token.type == "fence"
    assert token.content == "".join(f"{escape_invisible(line)}\n" for line in lines)


@given(st.lists(TEXT, min_size=2, max_size=2))
def test_a_table_row_keeps_its_cells(texts: list[str]) -> None:
    table = f"| a | b |\n| -- | -- |\n| {code(texts[0])} | {prose(texts[1])} |"
    assert [token.type for token in READER.parse(table)].count("td_open") == 2


@given(TEXT)
def test_html_code_closes_nothing(text: str) -> None:
    assert re.fullmatch(r"<code>[^<>\n]*</code>", html_code(text))


def test_plain_words_stay_readable() -> None:
    assert prose("the card, which ml-dev may write, has 12 fields (all new)") == (
        "the card, which ml-dev may write, has 12 fields (all new)"
    )


def test_mentions_references_addresses_and_hashes_are_code() -> None:
    assert prose("ask @team about #12 and GH-3 at www.a.example or deadbeef now") == (
        "ask `@team` about `#12` and `GH-3` at `www.a.example` or `deadbeef` now"
    )


def test_commands_in_backticks_are_code_once() -> None:
    assert prose("run `cardops pull`, or (`cardops import --all`) and `a``b`") == (
        "run `cardops pull`, or (`cardops import --all`) and ``` `a``b` ```"
    )


def rows(number: int) -> Part:
    return Part("head", tuple(f"row {at}" for at in range(number)), "rows", 1)


def diff(number: int, width: int = 20) -> Part:
    return folded_diff("a", ["+ " + "é" * width for _ in range(number)], "lines", 2)


def test_all_of_it_is_there_when_there_is_room() -> None:
    assert fit("first", [rows(2), fold("more", ["- a"], "things", 3)], "last", "see it.").text == (
        "first\n\nhead\nrow 0\nrow 1\n\n<details><summary>more</summary>\n\n- a\n\n</details>\n\nlast"
    )


def test_folds_lose_their_lines_before_the_rows_do_and_stay_closed() -> None:
    text = fit("first", [rows(10), diff(100)], "last", "see it.", limit=1_000).text
    assert size(text) <= 1_000
    assert all(f"row {at}\n" in text for at in range(9))
    kept = text.count("+ é")
    assert 0 < kept < 100
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.count("```") == 2
    assert f"*Left out because the comment is full: {100 - kept} lines. see it.*" in text
    assert text.startswith("first\n")
    assert text.endswith("\nlast")


def test_a_fold_without_room_for_a_line_goes_whole_and_a_small_one_after_it_stays() -> None:
    text = fit("first", [diff(1, 1_000), diff(1, 10)], "last", "see it.", limit=800).text
    assert text.count("<details>") == 1
    assert "+ " + "é" * 10 in text
    assert "1 lines" in text


@given(st.integers(600, 3_000), st.integers(0, 60), st.integers(0, 60), st.sampled_from(["é", "𝒜", "a"]))
def test_it_is_never_longer_than_the_limit(limit: int, some: int, others: int, char: str) -> None:
    parts = [rows(some), *(folded_diff("a", [char * 30], "lines", 2) for _ in range(others))]
    text = fit("first", [part for part in parts if part.items], "last", "see it.", limit).text
    assert size(text) <= limit
    assert text.count("<details>") == text.count("</details>")


def test_required_items_that_do_not_fit_are_counted() -> None:
    must = Part("must", tuple(f"line {at}" for at in range(200)), "lines", 1, required=True)
    may = Part("may", tuple(f"row {at}" for at in range(200)), "rows", 2)
    fitted = fit("first", [may, must], "last", "see it.", limit=1_000)
    shown = fitted.text.count("line ")
    assert 0 < shown < 200
    assert fitted.missing == {"lines": 200 - shown}
    assert "row 0" not in fitted.text
