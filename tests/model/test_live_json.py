"""Live JSON that two readers would read differently is never read at all, and the place is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.model.live_json import LiveJsonError, parse

DEEP = "[" * 64 + "]" * 64
BAD = {
    "a key twice": ('{"a":1,"a":1}', "content has the key a twice"),
    "a key twice in a group of a list": ('{"a":[0,{"b":{"c d":1,"c d":2}}]}', 'content.a[1].b has the key "c d" twice'),
    "a key twice within a value that comes twice": ('{"a":{"b":1,"b":2},"a":3}', "content has the key a twice"),
    "a key twice, spelled differently": ('{"a":1,"\\u0061":2}', "content has the key a twice"),
    "a long key twice": ('{{"{}":1,"{}":2}}'.format("k" * 90, "k" * 90), f"content has the key {'k' * 59}… twice"),
    "half a surrogate pair": ('{"a":"\\ud800"}', "content.a has half a surrogate pair"),
    "the other half": ('{"a":["x\\udfffy"]}', "content.a[0] has half a surrogate pair"),
    "half a surrogate pair in a key": ('{"a":{"\\ud800":1}}', "content.a has a key with half a surrogate pair"),
    "a key with half a pair twice": ('{"\\ud800":1,"\\ud800":1}', "content has a key twice"),
    "a number that overflows": ('{"a":1e400}', "content.a is a number that is too large"),
    "a negative one": ('{"a":{"b":-1e400}}', "content.a.b is a number that is too large"),
    "a long integer": ('{"a":%s}' % ("9" * 400), "content.a is a number that is too large"),
    "more digits than Python converts": ('{"a":%s}' % ("9" * 5000), "content.a is a number that is too large"),
    "NaN": ('{"a":NaN}', "content.a is NaN, which is not JSON"),
    "Infinity": ('{"a":[-Infinity]}', "content.a[0] is -Infinity, which is not JSON"),
    "65 levels": (f'{{"a":{DEEP}}}', "it is nested more than 64 levels deep"),
    "40,000 levels": ('{"a":%s}' % ("[" * 40_000 + "]" * 40_000), "it is nested more than 64 levels deep"),
    "levels of objects": ('{"a":' * 65 + "1" + "}" * 65, "it is nested more than 64 levels deep"),
    "40,000 levels that never end": ("[" * 40_000, "it is nested more than 64 levels deep"),
    "no object": ("[]", "it is not a JSON object"),
    "null": ("null", "it is not a JSON object"),
    "no JSON": ("{", "it is not JSON"),
    "nothing": ("", "it is not JSON"),
    "a byte order mark": ("\ufeff{}", "it is not JSON"),
    "a control character in a text": ('{"a":"\x00"}', "it is not JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_one_value_is_refused_with_its_place(name: str) -> None:
    text, message = BAD[name]
    with pytest.raises(LiveJsonError) as problem:
        parse(text)
    assert str(problem.value) == message
    assert problem.value.__cause__ is None, "json's own error holds the whole text"


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\ud83d\\ude00"}',
        '{"a":"[[[[{{{{\\"[["}',
        '{"a":%s}' % ("[" * 63 + "]" * 63),
        '{{"a":[{}]}}'.format(",".join("{}" for _ in range(500))),
        '{"a":1e308,"b":-0.0,"c":123456789012345678901234567890}',
    ],
)
def test_what_every_reader_reads_alike_is_read(text: str) -> None:
    assert parse(text) == json.loads(text)


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values, max_size=4), st.booleans())
def test_any_object_that_json_can_say_is_read_as_it_is(value: dict[str, Any], escaped: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=escaped)) == value
