"""Edits by splicing: what is not edited keeps its bytes, and what was wanted is what reads back."""

import difflib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from cardops.model.errors import CardopsError
from cardops.strict_yaml.editor import Edit, Insert, Remove, Set, edit
from cardops.strict_yaml.emitter import dump
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load
from support.profiles import examples

CARDS = sorted((Path(__file__).parents[2] / "cards").glob("*.yaml"))
METRIC = {"name": "recall at 0.5", "type": "number", "value": 0.71, "notes": "first: line\nsecond line"}
LISTS = ("content", "evaluation_details", 0, "metric_groups", 0, "metric_data")

BLOCK = """\
# a card
name: churn     # its name
content:
{1}evaluation_details:
{1}{2}- name: first
{1}{2}  metric_groups:
{1}{2}  {2}- name: group
{1}{2}  {2}  metric_data:
{1}{2}  {2}  # the first metric
{1}{2}  {2}  {2}- name: accuracy   # measured
{1}{2}  {2}  {2}  type: number
{1}{2}  {2}  {2}  value: 0.90

{1}{2}  {2}  # about what follows
{1}{2}- name: second

# the end of it
{1}intended_uses:
{1}{1}purpose_of_model: 'it''s'
owner: "team-a"   # last
"""


def block(step: int, dash: int) -> str:
    """BLOCK with mappings indented by `step` and lists by `dash`."""
    return BLOCK.replace("{1}", " " * step).replace("{2}", " " * dash)


PLAIN = block(2, 2)
TEXTS = (
    "content:\n  evaluation_details:\n    - evaluation_observation: {style}\n        one  two\n          deeper\n\n"
    "        three\n{after}      metric_groups:\n        - metric_data:\n            - notes: {style}\n"
    "                words\n{after}      name: first\n  intended_uses: {style}\n    the end\n{after}"
)
WIDE = "a very long line that no tool may wrap " * 12
STYLES = {
    "indent 2": PLAIN,
    "indent 4": block(4, 4),
    "indent 1": block(1, 1),
    "dashes flush": block(2, 0),
    "indent 4, dashes flush": block(4, 0),
    "indent 4, dashes by 2": block(4, 2),
    "wide dashes": PLAIN.replace("- name: second", "-   name: second").replace("- name: first", "-   name: first")
    .replace("      metric_groups", "        metric_groups"),
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "BOM": "\ufeff" + PLAIN,
    "document markers": f"---\n{PLAIN}...\n",
    "BOM, CRLF and markers": "\ufeff" + f"--- # start\n{PLAIN}...\n# after\n".replace("\n", "\r\n"),
    "no line break at the end": PLAIN.rstrip("\n"),
    "no line break at the end of a list": PLAIN[: PLAIN.index("0.90") + 4],
    "long lines": PLAIN.replace("value: 0.90", f"value: 0.90\n              notes: {WIDE}").replace("measured", WIDE),
    "literal blocks": TEXTS.format(style="|", after=""),
    "literal blocks, stripped": TEXTS.format(style="|-", after="\n"),
    "literal blocks, kept": TEXTS.format(style="|+", after="\n\n"),
    "folded blocks": TEXTS.format(style=">", after="\n\n"),
    "folded blocks, stripped": TEXTS.format(style=">-  # comment", after=""),
    "folded blocks, kept": TEXTS.format(style=">+", after="\n"),
    "a literal block without a line break at the end": TEXTS.format(style="|", after="").rstrip("\n"),
    "a comment below the last item": PLAIN.replace("0.90\n", "0.90\n            # below\n        # less\n"),
    "comments instead of blank lines": PLAIN.replace("\n\n", "\n#\n"),
    "a dash on a line of its own": PLAIN.replace("- name: accuracy", "-  # first\n              name: accuracy"),
    "items in brackets": "content:\n  evaluation_details:\n    - metric_groups:\n        - metric_data:\n"
    "            - {name: accuracy, type: number, value: 0.9}   # one\n            # about the next\n"
    "            - {name: recall, type: number, value: 1}\n\n  intended_uses: {}\n",
}  # fmt: skip
IN_BRACKETS = {
    "one line": "content: {evaluation_details: [{metric_groups: [{metric_data: [{name: a, value: 1}]}]}]}  # all\n",
    "several lines": "content:\n  evaluation_details: [\n    {metric_groups: [{\n      metric_data: [\n"
    "        {name: a},  # one\n        {name: b}   # two\n      ]}]}\n  ]\n",
    "a comma at the end": "content:\n  evaluation_details:\n    - metric_groups:\n      - metric_data: [\n"
    "          {name: a},\n          {name: b},  # two\n        ]\n",
    "JSON": json.dumps({"content": {"evaluation_details": [{"metric_groups": [{"metric_data": [METRIC]}]}]}}, indent=2),
    "empty": "content:\n  evaluation_details:\n    - metric_groups:\n      - metric_data: []  # none yet\n",
    "nothing": "content:\n  evaluation_details:\n    - metric_groups:\n      - metric_data:  # none yet\nowner: a\n",
}


def diff(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines removed and added, with their line breaks."""
    lines = [io.StringIO(text, newline="").readlines() for text in (before, after)]
    found = list(difflib.ndiff(*lines))
    return [line[2:] for line in found if line[0] == "-"], [line[2:] for line in found if line[0] == "+"]


def metrics(text: str) -> Any:
    """The list that the tests add to."""
    value = load(text).value
    for step in LISTS:
        value = value[step]
    return value


def added(text: str) -> tuple[str, int]:
    """The text with one more metric, and how many there were."""
    count = len(metrics(text) or ())
    return edit(text, [Set((*LISTS, count), METRIC)]), count


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_metric_added_to_a_shipped_card_is_all_that_differs(path: Path) -> None:
    text = path.read_text("utf-8")
    assert edit(text, []) == text
    done, count = added(text)
    removed, new = diff(text, done)
    assert removed == []
    assert "recall at 0.5" in "".join(new)
    assert metrics(done)[-1] == METRIC
    assert edit(done, [Remove((*LISTS, count))]) == text


@pytest.mark.parametrize("style", STYLES)
def test_a_metric_is_only_added_lines_in_every_style(style: str) -> None:
    text = STYLES[style]
    assert edit(text, []) == text
    done, count = added(text)
    removed, new = diff(text, done)
    last = text.endswith(("\n", "\r")) or text.splitlines(keepends=True)[-1:]
    assert removed == ([] if last is True else [line for line in removed if line in last])
    assert metrics(done)[-1] == METRIC
    if "CRLF" in style:
        assert all(line.endswith("\r\n") for line in new)
    if "without a line break" not in style:
        assert edit(done, [Remove((*LISTS, count))]) == text


@pytest.mark.parametrize("style", IN_BRACKETS)
def test_brackets_take_a_metric_and_give_it_back(style: str) -> None:
    text = IN_BRACKETS[style]
    done, count = added(text)
    assert metrics(done)[-1] == METRIC
    assert done.count("#") == text.count("#")
    if count:
        assert edit(done, [Remove((*LISTS, count))]) == text


@pytest.mark.parametrize("style", STYLES)
def test_an_item_before_the_others_takes_no_comment_from_them(style: str) -> None:
    text = STYLES[style]
    done = edit(text, [Insert((*LISTS, 0), METRIC)])
    assert metrics(done)[0] == METRIC
    assert [line for line in text.splitlines() if "#" in line and line not in done.splitlines()] == []
    assert edit(done, [Remove((*LISTS, 0))]) == text


def test_what_a_person_would_have_written() -> None:
    done = edit(PLAIN, [
        Set((*LISTS, 1), METRIC | {"x_axis_name": ["a: b", "yes", "0123"], "rows": [[1, 2.5], [3, 4]], "none": []}),
        Set(("content", "evaluation_details", 1, "metadata", "split"), "it's \"here\""),
        Set((*LISTS, 0, "value"), 0.91),
        Set(("content", "intended_uses", "purpose_of_model"), "it's new"),
        Set(("owner",), "team b"),
        Remove(("name",)),
    ])  # fmt: skip
    assert (
        done
        == """\
# a card
content:
  evaluation_details:
    - name: first
      metric_groups:
        - name: group
          metric_data:
          # the first metric
            - name: accuracy   # measured
              type: number
              value: 0.91
            - name: recall at 0.5
              type: number
              value: 0.71
              notes: |-
                first: line
                second line
              x_axis_name:
                - "a: b"
                - "yes"
                - "0123"
              rows:
                - [1, 2.5]
                - [3, 4]
              none: []

          # about what follows
    - name: second
      metadata:
        split: it's "here"

# the end of it
  intended_uses:
    purpose_of_model: 'it''s new'
owner: "team b"   # last
"""
    )


def test_a_folded_text_is_folded_again_at_its_width() -> None:
    text = "a:\n  b: >-  # about it\n      one two three four five six seven eight\n      nine ten\n  c: 1\n"
    done = edit(text, [Set(("a", "b"), "one two three four five six seven eight nine\nnew ten")])
    assert done == ("a:\n  b: >-\n      one two three four five six seven eight\n      nine\n\n      new ten\n  c: 1\n")


@pytest.mark.parametrize(
    ("text", "change", "wanted"),
    [
        ("a: 1 # one\nb: 2\n", Set(("a",), {"x": 1}), "a: # one\n  x: 1\nb: 2\n"),
        ("a:\n  - 1 # one\nb: 2\n", Set(("a",), 5), "a: 5 # one\nb: 2\n"),
        ("a: # all\n  - 1\nb: 2\n", Set(("a",), 5), "a: 5 # all\nb: 2\n"),
        ("a:\n- 1\nb: 2\n", Set(("a",), {"x": 1}), "a:\n  x: 1\nb: 2\n"),
        ("a:\n- 1\n- 2 # two\nb: 2\n", Set(("a",), ["x\ny"]), "a:\n- |-\n  x\n  y\nb: 2\n"),
        ("a: 1 # one\n", Set(("a",), "x\ny"), "a: |- # one\n  x\n  y\n"),
        ("a:\n", Set(("a", "b", 0), 1), "a:\n  b: [1]\n"),
        ("a: null\nb: 1\n", Set(("a", "c"), 1), "a:\n  c: 1\nb: 1\n"),
        ("- - a\n  - b\n", Insert((0, 0), "c"), "- - c\n  - a\n  - b\n"),
        ("- - a\n  - b\n", Remove((0, 0)), "- - b\n"),
        ("- x: 1\n  # about y\n  y: 2\n", Remove((0, "x")), "-\n  # about y\n  y: 2\n"),
        ("a: [1, 2, 3]\n", Remove(("a", 0)), "a: [2, 3]\n"),
        ("a: [1, 2, 3]\n", Insert(("a", 1), "x, y"), 'a: [1, "x, y", 2, 3]\n'),
        ("a:\n  b: 1\n", Remove(("a", "b")), "a: {}\n"),
        ("{}\n", Set(("a",), 1), "a: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", Set(("a",), "z"), "a: z\nb: 1\n"),
        ("a: |\n  x", Set(("b",), 1), "a: |-\n  x\nb: 1"),
    ],
)  # fmt: skip
def test_single_changes(text: str, change: Edit, wanted: str) -> None:
    assert edit(text, [change]) == wanted


@pytest.mark.parametrize(
    "change",
    [
        Remove(("b",)), Set(("a", "b"), 1), Insert(("a", 0), 1), Set(("l", 3), 1), Remove(()), Set((), 1),
        Insert(("l",), 1), Remove(("l", 1)),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused(change: Edit) -> None:
    with pytest.raises(CardopsError, match="to change"):
        edit("a: 1\nl: [1]\n", [change])


def test_what_cannot_be_said_without_touching_more_is_refused() -> None:
    with pytest.raises(CardopsError, match="a cannot be changed without touching more of the text"):
        edit("? a\n: b\nc: 1\n", [Remove(("a",))])


@pytest.mark.parametrize("value", ["bell \x07", 10**20, "\ud800"])
def test_what_strict_yaml_cannot_hold_is_refused_without_showing_it(value: Any) -> None:
    with pytest.raises(CardopsError) as refused:
        edit("a: 1\n", [Set(("a",), value)])
    assert str(value) not in str(refused.value)


def test_an_invalid_text_is_refused() -> None:
    with pytest.raises(CardopsError, match="the text cannot be edited: 1:4: aliases"):
        edit("a: *b\n", [Set(("a",), 1)])


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=20)
TRICKY = st.sampled_from(
    ["", " ", "a: b", "a #b", "- a", "#", "yes", "True", "0x1F", "012", "1e3", "null", "~", "<<", "a\nb", "a\n", "\na",
     "a\n\nb\n\n", " a\nb", "a \nb", "a\tb", "\ta\nb", "'", '"', "\\", "it's \"x\"", "...", "---", "a,b", "[x]", "{",
     "?", "a\u2028b", "\x85", "\ufeff", "x" * 200, "word " * 40, "-", ":", "a:", "=", "@x", "`", "%", "!t", "&a", "*a",
     "|", ">"]
)  # fmt: skip
TEXT = TRICKY | WORDS
SCALARS = TEXT | st.integers(-(10**16), 10**16) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
VALUES = st.recursive(
    SCALARS | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXT, VALUES, min_size=1, max_size=4)


def equal(one: Any, other: Any) -> bool:
    """The same values, of the same types, in the same order."""
    return json.dumps(one) == json.dumps(other)


@given(DOCUMENTS)
@examples(300)
def test_what_is_dumped_reads_back(value: Any) -> None:
    assert equal(load(dump(value)).value, value)


def rendered(draw: st.DrawFn, value: Any) -> str:
    """A document in one of many styles, perhaps with comments, where that is still the same document."""
    style = draw(st.sampled_from(["dump", "yaml", "mixed", "flow", "quoted", "json", "wide"]))
    given_style: dict[str, Any] = {
        "yaml": {"default_flow_style": False, "indent": draw(st.integers(2, 5))},
        "mixed": {"default_flow_style": None},
        "flow": {"default_flow_style": True, "width": 20},
        "quoted": {"default_style": "'", "default_flow_style": False},
        "wide": {"default_flow_style": False, "width": 10_000},
    }
    if style == "dump":
        text = dump(value)
    elif style == "json":
        text = json.dumps(value, indent=draw(st.sampled_from([None, 1, 4]))) + "\n"
    else:
        text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, **given_style[style])
    lines = text.split("\n")
    for at in draw(st.lists(st.integers(0, len(lines) - 1), max_size=3)):
        lines[at] = (
            draw(st.sampled_from(["# above\n{}", "{}  # beside", "\n{}", "    # deep\n{}", "{}\n\n#"])).format(
                lines[at]
            )
            if "{" not in lines[at] and "}" not in lines[at]
            else lines[at]
        )
    commented = "\n".join(lines)
    for ending in ("\r\n", ""):
        if draw(st.booleans()):
            commented = commented.replace("\n", ending) if ending else commented.rstrip("\n")
    return next((found for found in (commented, text) if reads_as(found, value)), dump(value))


def reads_as(text: str, value: Any) -> bool:
    """Whether a text is this document in strict YAML."""
    try:
        return equal(load(text).value, value)
    except YamlError:
        return False


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value with its path."""
    yield path, value
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in entries:
        yield from paths(item, (*path, step))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Edit, Any]:
    """A text, an edit of it, and the value that it should have then."""
    value = draw(DOCUMENTS)
    text = rendered(draw, value)
    found = draw(st.sampled_from([pair for pair in paths(value) if pair[0] or isinstance(pair[1], dict)]))
    path, at = found
    wanted = json.loads(json.dumps(value))
    parent = wanted
    for step in path[:-1]:
        parent = parent[step]
    kind = draw(st.sampled_from(["add", "set", "remove"]))
    new = draw(VALUES)
    if kind == "add" and isinstance(at, dict | list):
        here = parent[path[-1]] if path else wanted
        if isinstance(at, dict):
            key = draw(TEXT.filter(lambda key: key not in at))
            here[key] = new
            return text, Set((*path, key), new), wanted
        index = draw(st.integers(0, len(at)))
        here.insert(index, new)
        return text, (Insert if index < len(at) else Set)((*path, index), new), wanted
    assume(path)
    if kind == "remove" and len(value) > 1:
        del parent[path[-1]]
        return text, Remove(path), wanted
    parent[path[-1]] = new
    return text, Set(path, new), wanted


@given(edits())
@examples(500, health_checks=False)
def test_any_edit_of_any_document_reads_back_or_is_refused(case: tuple[str, Edit, Any]) -> None:
    text, change, wanted = case
    try:
        done = edit(text, [change])
    except CardopsError:
        return
    assert equal(load(done).value, wanted)


@given(st.data())
@examples(300, health_checks=False)
def test_edits_of_what_cardops_wrote_never_fail_and_removing_restores(data: st.DataObject) -> None:
    value = data.draw(DOCUMENTS)
    text = dump(value)
    homes = [pair for pair in paths(value) if isinstance(pair[1], dict | list) and pair[1]]
    path, home = data.draw(st.sampled_from(homes))
    new = data.draw(VALUES)
    if isinstance(home, dict):
        where = (*path, data.draw(TEXT.filter(lambda key: key not in home)))
    else:
        where = (*path, len(home))
    done = edit(text, [Set(where, new)])
    assert edit(done, [Remove(where)]) == text
