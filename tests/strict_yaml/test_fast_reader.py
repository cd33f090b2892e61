"""The fast reader and the strict one agree: the same value, or the fast one leaves it to the strict one."""

import importlib.util
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cardops.desired.cards import MOST_GROWTH
from cardops.model import canonical
from cardops.strict_yaml import fast_reader as fast
from cardops.strict_yaml.errors import MAX_DEPTH, YamlError
from cardops.strict_yaml.reader import load, load_strictly
from support.generated_repository import texts
from support.profiles import examples

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ryaml") is None, reason="no ryaml on this platform")

CARD = next(text for _, text in texts(1))
SCALARS = re.split(
    r"\s+",
    """\
~ null Null NULL true True TRUE no yes on 0 00 0123 -0 +1 1_000 0x1F 0X1F 0o7 0b11 1.5 1. .5 -.5e3 1e5 1e400 -1e999
12e03 1e+308 1.8e308 .inf -.INF .nan 1:30 2026-01-01 999999999999999999 99999999999999999 -99999999999999999
+99999999999999999 1234567890123456789 12345678901234567890123 &a *a !t !!str <<  'x' "x" "\\x07" "\\u0085" "\\u2028"
"\\t" "\\e" 'it''s' a&b a*b a!b a<<b - -- ? : | > % @ ` [] {} [a,b] {a:b} {a}
#x 1.e3 5e 1.2.3 True.x xTrue "True" '0x1F' 0.1e1000
00e1 .NaN +.Nan -.Inf +0x1F -0o7 1.e400 .5E+999 1E-999 -2.5e-400 0.123456789012345678 1234567.8901234567890 1.7.e999
Tree Fall 5in 7N 3e412b %x """,
)
BITS = st.one_of(
    st.sampled_from([*SCALARS, "\n", "\n  ", "\n    ", "- ", ": ", ", ", " #", "[", "]", "{", "}", "? ", "\t", "\r\n"]),
    st.sampled_from(
        ["\x00", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffe", "é", "😀", "\x0b"]
    ),
    st.sampled_from(
        ["\n---\n", "\n...\n", "%YAML 1.1\n", "---\n", "- - - ", "\n" + " " * 30, "\\", "'", '"', "&", "*", "!"]
    ),
    st.text(max_size=4),
)


def strictly(data: bytes) -> Any:
    try:
        return load_strictly(data).value
    except YamlError:
        return None


def typed(value: Any) -> Any:
    """Told apart where == does not: 1, 1.0, True, -0.0; and with the order of keys."""
    if isinstance(value, dict):
        return [(typed(key), typed(child)) for key, child in value.items()]
    return [typed(child) for child in value] if isinstance(value, list) else (type(value), repr(value))


def agree(text: str) -> bool:
    """Whether the fast reader read it; then the strict one reads the same."""
    data = text.encode("utf-8", "surrogatepass")
    value, _ = fast.load(data, MAX_DEPTH)
    if value is not None:
        assert typed(value) == typed(strictly(data)), text
    return value is not None


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize(
    "frame", ["a: {}", "- {}\n- b", "a: [{}]", "a: {{b: {}}}", "{}: a", "a:\n  {}\n  b", "? {}\n: a"]
)
def test_each_scalar_in_each_place(scalar: str, frame: str) -> None:
    agree(frame.format(scalar))


@examples(1_500)
@given(st.lists(BITS, max_size=12))
@example(["a: ", "\x85"])
def test_made_of_bits(bits: list[str]) -> None:
    agree("".join(bits))
    agree("a: " + "".join(bits))


@examples(1_500)
@given(st.lists(st.tuples(st.integers(0, len(CARD)), st.integers(0, 3), BITS), min_size=1, max_size=3))
def test_a_card_with_edits(edits: list[tuple[int, int, str]]) -> None:
    text = CARD
    for at, cut, bit in edits:
        text = text[:at] + bit + text[at + cut :]
    agree(text)


@examples(1_500)
@given(st.lists(BITS, max_size=12))
@example(["[1e15,1e15]"])
@example(["a: 9e15\n? b\n? c"])
@example(['- \'"""\'\n- ~\n-\n-'])
def test_canonical_json_is_at_most_five_times_as_long(bits: list[str]) -> None:
    text = "".join(bits)
    value = strictly(text.encode("utf-8", "surrogatepass"))
    assert value is None or len(canonical.to_bytes(value).decode()) <= MOST_GROWTH * (len(text) + 1)


@pytest.mark.parametrize("depth", [1, 2, 30, 63, 64, 65, 66, 100, 129, 1_000, 100_000])
def test_nested_deeply(depth: int) -> None:
    blocks = "".join(f"{' ' * level}a:\n" for level in range(min(depth, 500)))
    zigzag = "".join(f"{' ' * level}a:\n{' ' * level}-\n" for level in range(min(depth, 500)))
    for text in ("[" * depth + "]" * depth, "- " * depth + "a", "{a: " * depth + "b" + "}" * depth, blocks, zigzag):
        assert agree(f"top: x\nother:\n{text}") is False or depth <= MAX_DEPTH


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        ("a: b", "---", "c: d"),
        ("a: b", "..."),
        ("a: b", "...", "c: d"),
        ("# one", "%YAML 1.1", "---", "a: b"),
        ("# one", "--- # two", "a: b"),
        ("a: b", "---"),
    ],
)
def test_markers_of_documents_are_left_to_the_strict_reader(line_break: str, lines: tuple[str, ...]) -> None:
    assert not agree(line_break.join(lines))
    assert not agree(line_break.join((*lines, "")))


@pytest.mark.parametrize(
    "scalar",
    ["True", "FALSE", "Null", "0x1F", "-0o7", ".inf", "-.INF", ".NaN", "1e400", "-1.5E-400", "1.e999", "9" * 18],
)
@pytest.mark.parametrize(
    "frame", ["a: {}", "{}: a", "a: [b, {}]", "a:\n- {}\n", "a: {{b: {}}}", "a:\t{} # c", "a: b\r{}: c"]
)
def test_what_readers_dispute_is_left_to_the_strict_reader(scalar: str, frame: str) -> None:
    assert not agree(frame.format(scalar))


@pytest.mark.parametrize(
    "scalar",
    [
        "Trees",
        "Falling",
        "Nullify",
        "a 0x1F",
        "5 in",
        "1e99",
        "12.5e-10",
        "item_1e400",
        "0.12345678901234567",
        "x.inf",
    ],
)
def test_what_only_looks_like_it_is_read_fast(scalar: str) -> None:
    assert agree(f"a: {scalar}\n- b: c\n".replace("- ", ""))
    assert agree(f"a:\n- b\n- {scalar}\n")


@pytest.mark.parametrize("opening", ["[", "{", '{"a":', "[{b: "])
def test_very_many_brackets_are_left_to_the_strict_reader_since_time_grows_with_their_square(
    opening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    monkeypatch.setattr(fast, "_loads", read.append)
    fast.load(b"a: " + opening.encode() * 2001, MAX_DEPTH)
    assert not read
    fast.load(b"a: [" + b"[], " * 1999 + b"]", MAX_DEPTH)
    assert len(read) == 1


@pytest.mark.parametrize("text", ["a: " + "x *b" * 9_000, "a: " + "x!!" * 9_000, "a: x" + " 0x1" * 9_000])
def test_very_many_signs_within_a_text_are_left_to_the_strict_reader(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    real = fast._is_inside

    def is_inside(text: str, at: int) -> bool:
        looked.append(at)
        return real(text, at)

    monkeypatch.setattr(fast, "_is_inside", is_inside)
    assert fast.load(text.encode(), MAX_DEPTH) == (None, False)
    assert len(looked) <= 2000
    assert load(text).value == {"a": text.removeprefix("a: ")}
    few = text[: len(text) // 9]
    assert fast.load(few.encode(), MAX_DEPTH) == ({"a": few.removeprefix("a: ")}, False)


def test_ordinary_cards_are_read_fast() -> None:
    assert agree(CARD)
    assert agree(CARD.replace("Consumer mobile", "Café & “mobile” – 70 % of all! See C:/x, R&D, a * b, True positives"))
    assert agree(CARD.replace("\n", "\r\n"))


@pytest.mark.parametrize("text", ["1: a", "true: a", "a: {~: b}", "a: [{1.5: b}]"])
def test_keys_that_are_no_texts_are_left_to_the_strict_reader(text: str) -> None:
    assert not agree(text)


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(("text", "plain"), [("a: b", True), ("true: a", False), ("a: " + "[" * 70 + "]" * 70, False)])
def test_what_is_accepted_is_not_looked_at(text: str, plain: bool, accepted: bool) -> None:
    value, known = fast.load(text.encode(), MAX_DEPTH, lambda _: accepted)
    assert known is accepted
    assert (value is not None) is (accepted or plain)
    value, known = fast.load(f"{text} # !".encode(), MAX_DEPTH, lambda _: accepted)
    assert (value is not None, known) == (plain, False)


def test_places_and_the_start_are_those_of_the_strict_reader() -> None:
    text = f"# first\n\n{CARD}"
    read, strict = load(text), load_strictly(text)
    assert read.start == strict.start == (3, 1)
    path = ("content", "evaluation_details", 0, "metric_groups", 1, "name")
    assert read.place(path) == strict.place(path)
