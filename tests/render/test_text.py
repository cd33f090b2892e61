"""Text for people: colours only where they are wanted, and nothing in it that acts on a terminal."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.cli.app import app
from cardops.render.escape import document, escape_invisible

GOOD = Path(__file__).parent.parent / "fixtures" / "good"
TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x7f\u202e\u200b\ufeff\u3164\ud800\n#[")))


@given(TEXT)
def test_what_is_visible_is_one_line_without_control(text: str) -> None:
    shown = escape_invisible(text)
    assert shown.isprintable()
    assert "##[" not in shown
    assert shown.isascii() or not any(char in shown for char in "\u3164\ufe0f\u034f")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="#")))
def test_plain_text_is_left_alone(text: str) -> None:
    assert escape_invisible(text) == text


@given(TEXT)
def test_json_shows_no_control_and_reads_back_the_same(text: str) -> None:
    written = document({"a": text})
    assert json.loads(written) == {"a": text}
    assert all(char.isprintable() or char == "\n" for char in written)
    assert "##[" not in written


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}, {}])
def test_colours_end_where_they_are_not_wanted(
    variable: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NO_COLOR", "CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "cardops.yaml").write_text("version: 2\n", "utf-8")
    app.main(["validate", "-C", str(tmp_path)], standalone_mode=False, color=True)
    assert ("\x1b[" in capsys.readouterr().out) == (not variable)
