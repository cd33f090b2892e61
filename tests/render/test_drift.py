"""Drift in every format: the same findings everywhere, content only where it is asked for, and user text inert."""

import json

import pytest

from cardops.drift.model import Difference, Drift, Kind
from cardops.merge.diff import Change
from cardops.model.findings import Location
from cardops.render.drift import FORMATS
from support.builders import HOME, key
from support.format_readers import SARIF, in_github, in_sarif
from support.golden import Golden
from support.hostile_texts import ALL, PATH

DRIFT = Drift(
    commit="c" * 40,
    unknown={HOME: ALL},
    differences=(
        Difference(
            kind=Kind.TAMPERED,
            what="content",
            place=HOME,
            resource="churn",
            location=Location(PATH, 4, 2),
            message="its content was changed",
            card=key("churn"),
            changes=(Change(f"content.{ALL}", ALL, "secret words"),),
            when="2026-06-01T00:00:00Z",
            who=ALL,
        ),
        Difference(
            kind=Kind.UNMANAGED,
            what="card",
            place=HOME,
            resource="stray",
            location=Location("cardops.yaml"),
            message="nobody declares it",
        ),
    ),
)


def test_a_place_that_could_not_be_read_is_said_first() -> None:
    text = FORMATS["markdown"](DRIFT)
    assert text.startswith("⛔ **Drift: 1 tampered, 1 unmanaged; not whole: 1 place could not be read.**\n")
    assert "- `111111111111/eu-west-1` could not be read: " in text


def test_none_is_a_good_verdict() -> None:
    assert FORMATS["markdown"](Drift("c" * 40, (), {})) == "✅ **Drift: none.**\n\n<!-- cardops:drift -->"


@pytest.mark.parametrize(("form", "suffix"), [("markdown", "md"), ("github", "txt"), ("junit", "xml")])
def test_the_exact_output(form: str, suffix: str, golden: Golden) -> None:
    golden(f"hostile-drift-{form}.{suffix}", FORMATS[form](DRIFT))


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_nothing_that_cannot_be_seen_is_printed(form: str) -> None:
    text = FORMATS[form](DRIFT)
    ours = text.replace("\x1b[", "") if form == "text" else text
    assert [char for char in ours if not char.isprintable() and char != "\n"] == []
    assert "##[" not in text


@pytest.mark.parametrize("form", ["github", "sarif", "junit"])
def test_logs_and_alerts_hold_no_content(form: str) -> None:
    assert "secret words" not in FORMATS[form](DRIFT)


def test_every_format_points_at_the_same_lines() -> None:
    SARIF.validate(json.loads(FORMATS["sarif"](DRIFT)))
    lines = {line for _, line, _ in in_sarif(FORMATS["sarif"](DRIFT))}
    assert lines == {4, 1}
    assert {line for _, line, _ in in_github(FORMATS["github"](DRIFT))} == lines
    assert FORMATS["junit"](DRIFT).count(":4:2: drift/tampered") == 1
    assert "#L4)" in FORMATS["markdown"](DRIFT)
