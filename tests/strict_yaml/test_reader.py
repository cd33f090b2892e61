"""The strict subset: what is read, what is refused, and where things are."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import cardops.strict_yaml.event_reader
import cardops.strict_yaml.reader
from cardops.model.catalogue import TITLES
from cardops.strict_yaml.errors import MAX_BYTES, MAX_DEPTH, YamlError
from cardops.strict_yaml.reader import load
from support.profiles import examples


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("1:30", "1:30"), ("0123", "0123"), ("00", "00"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"), ("0b1", "0b1"), ("1.2.3", "1.2.3"), ("+", "+"), (".", "."), ("1e", "1e"),
        ("tRue", "tRue"),
        ("0", 0), ("-7", -7), ("+7", 7), ("12", 12), ("123456789012345678", 123456789012345678),
        ("0.5", 0.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("1.5E-3", 0.0015),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ('"True"', "True"), ("'0x1F'", "0x1F"),
        ('".inf"', ".inf"), ('"12345678901234567890"', "12345678901234567890"), ('""', ""),
        ("2027-06-30T10:00:00Z", "2027-06-30T10:00:00Z"), ("=", "="), ("a<<", "a<<"),
    ],
)  # fmt: skip
def test_a_scalar_is_what_every_reader_takes_it_for(text: str, value: Any) -> None:
    read = load(f"a: {text}").value["a"]
    assert (read, type(read)) == (value, type(value))


def test_blocks_lists_and_flow_are_read() -> None:
    text = "a: |\n  one\n  two\nb: >-\n  three\n  four\nc: [1, {d: [x]}]\n'<<': quoted\nno: {}\n"
    value = {"a": "one\ntwo\n", "b": "three four", "c": [1, {"d": ["x"]}], "<<": "quoted", "no": {}}
    assert load(text).value == value


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfa: 1\n", "a: 1\r\n", "---\na: 1\n...\n", "# c\na: 1 # d\n"])
def test_marks_of_editors_are_accepted(text: bytes | str) -> None:
    assert load(text).value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3", "yaml/duplicate-key", 3, 1),
        ("a: {b: 1, 'b': 2}", "yaml/duplicate-key", 1, 11),
        ("a: &x 1", "yaml/anchor", 1, 4),
        ("a: *x", "yaml/alias", 1, 4),
        ("*x : 1", "yaml/alias", 1, 1),
        ("a: !!int 1", "yaml/tag", 1, 4),
        ("!x a: 1", "yaml/tag", 1, 1),
        ("a: !x {}", "yaml/tag", 1, 4),
        ("<<: {}", "yaml/merge-key", 1, 1),
        ("1: a", "yaml/key-not-string", 1, 1),
        ("true: a", "yaml/key-not-string", 1, 1),
        ("{a: 1}: b", "yaml/key-not-string", 1, 1),
        ("? \n: b", "yaml/key-not-string", 1, 2),
        ("%YAML 1.2\n---\na: 1", "yaml/directive", 1, 1),
        ("%TAG ! x:\n---\na: 1", "yaml/directive", 1, 1),
        ("a: 1\n---\nb: 1", "yaml/several-documents", 2, 1),
        ("\n\n", "yaml/empty", 1, 1),
        ("...", "yaml/syntax", 1, 1),
        ("a: True", "yaml/ambiguous-scalar", 1, 4),
        ("a: [.INF]", "yaml/ambiguous-scalar", 1, 5),
        ("a: -0x1", "yaml/ambiguous-scalar", 1, 4),
        ("True: 1", "yaml/ambiguous-scalar", 1, 1),
        ("a: b\x00", "yaml/control-character", 1, 5),
        ("a: b\x85c: d", "yaml/control-character", 1, 5),
        ("é: \ud800", "yaml/encoding", 1, 4),
        ('a: "\\x07"', "yaml/control-character", 1, 4),
        (b"a: 1\n\xc3\xa9: \xff", "yaml/encoding", 2, 4),
        ("a: [", "yaml/syntax", 2, 1),
        ("a:\n\tb: 1", "yaml/syntax", 2, 1),
        ("x: 'y\nz: 1", "yaml/syntax", 1, 4),
    ],
)  # fmt: skip
def test_what_is_not_in_the_subset_is_refused_at_its_place(
    text: str | bytes, rule: str, line: int, column: int
) -> None:
    with pytest.raises(YamlError) as refused:
        load(text)
    assert (refused.value.rule, refused.value.line, refused.value.column) == (rule, line, column)
    assert refused.value.message


def test_size_and_depth_are_limited() -> None:
    load("a: " + "x" * (MAX_BYTES - 3))
    load("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for text in ("a: " + "x" * MAX_BYTES, "[" * (MAX_DEPTH + 1), "[" * 500_000, "- " * 200_000, "{a: " * 100_000):
        with pytest.raises(YamlError) as refused:
            load(text)
        assert refused.value.rule in {"yaml/too-large", "yaml/too-deep"}


def test_messages_hold_no_values() -> None:
    for text in ("a: &x sesame", "a: !!str sesame", "a: 'sesame", "a: sesame: open", "a: @sesame", 'a: "sesame\\q"'):
        with pytest.raises(YamlError) as refused:
            load(text)
        assert "sesame" not in refused.value.message + refused.value.hint


def test_every_rule_of_the_reader_is_listed() -> None:
    source = "".join(
        Path(str(module.__file__)).read_text()
        for module in (cardops.strict_yaml.reader, cardops.strict_yaml.event_reader)
    )
    assert set(re.findall(r'"(yaml/[a-z-]+)"', source)) == {rule for rule in TITLES if rule.startswith("yaml/")}


def test_places_are_those_of_keys_values_and_items() -> None:
    document = load("# c\na: 1\nb:\n  - x\n  - {c: y, d: [1, 2]}\n'e f': |\n  text\n")
    assert document.place(()) == (2, 1)
    assert document.place(("a",)) == (2, 4)
    assert document.place(("b",)) == (4, 3)
    assert document.place(("b",), of="key") == (3, 1)
    assert document.place(("b", 1)) == (5, 5)
    assert document.place(("b", 1, "d", 1)) == (5, 19)
    assert document.place(("b", 1, "d"), of="key") == (5, 12)
    assert document.place(("e f",), of="key") == (6, 1)


def test_what_does_not_exist_is_at_its_deepest_ancestor() -> None:
    document = load("a:\n  b: [1]\n")
    assert document.place(("a", "b", 7, "x")) == (2, 6)
    assert document.place(("a", "x"), of="key") == (2, 3)
    assert document.place(("x",)) == (1, 1)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff")
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


def paths(value: Any) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [()]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        found.extend((key, *rest) for rest in paths(child))
    return found


@examples(200)
@given(st.dictionaries(TEXTS, VALUES, min_size=1), st.sampled_from([True, False]))
def test_json_is_read_as_it_is_and_every_value_has_a_place_of_its_own(value: dict[str, Any], flow: bool) -> None:
    text = yaml.dump(value, Dumper=yaml.SafeDumper, default_style='"', default_flow_style=flow, allow_unicode=True)
    text = re.sub(r'!!(int|float|bool|null) "([^"]*)"', r"\2", text)
    if re.search(r"\\[xuUNLP_0abefnrtv]|!!|1e\+?\d|[0-9]e", text):
        return
    document = load(text)
    assert document.value == value
    places = [document.place(path) for path in paths(value)]
    assert len(set(places[1:])) == len(places) - 1


@examples(500)
@given(st.text(st.sampled_from("ab:-?[]{},#&*!|>'\"%@` \n\t0.1~<"), max_size=30) | st.binary(max_size=30))
def test_any_text_is_read_or_refused_at_a_place(text: str | bytes) -> None:
    try:
        document = load(text)
    except YamlError as error:
        found = [(error.line, error.column)]
    else:
        found = [document.place(path) for path in paths(document.value)]
    assert all(line >= 1 and column >= 1 for line, column in found)
