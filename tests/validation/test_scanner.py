"""Whatever the cache holds, and however many processes there are: the findings are those of a run without either."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cardops.cache.store import key_of
from cardops.cli.app import app
from cardops.validation import scanner as scan
from support.generated_repository import git, texts, write_repository

TODAY = ("--today", "2026-11-01")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 cards, some of them with something to find."""
    root = tmp_path_factory.mktemp("made") / "repository"
    write_repository(root, 40)
    cards = sorted((root / "cards").iterdir())
    for number, card in enumerate(cards):
        text = card.read_text("utf-8")
        if number % 10 == 3:
            card.write_text(text.replace("risk_rating: Medium", "risk_rating: Huge"), "utf-8")
        if number % 10 == 5:
            card.write_text(text.replace("owner: team", "owner: nobody"), "utf-8")
        if number == 7:
            card.write_text(text + "  *alias", "utf-8")
        if number == 8:
            card.write_text(text.replace("name: family-0000-model-08-v1", "name: family-0000-model-09-v1", 1), "utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "something to find")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "repository")
    git(tmp_path / "repository", "status")  # the index learns the copies' times
    return tmp_path / "repository"


def validate(root: Path, *more: str) -> dict[str, Any]:
    done = CliRunner().invoke(
        app, ["validate", "-C", str(root), "--format", "json", *TODAY, *more], standalone_mode=False
    )
    assert done.exception is None, done.exception
    found: dict[str, Any] = json.loads(done.output)
    return found


def scanned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cards each scan that is made from now on has to look at."""
    counts: list[int] = []
    real = scan.Scanner._scan

    def counting(self: Any, source: Any, paths: Any, *more: Any) -> Any:
        counts.append(len(paths))
        return real(self, source, paths, *more)

    monkeypatch.setattr(scan.Scanner, "_scan", counting)
    return counts


def test_cold_warm_uncached_and_with_more_processes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = validate(root, "--no-cache")
    assert {one["rule"] for one in one_by_one["findings"]} >= {"yaml/syntax", "reference/duplicate-card", "OWN-002"}
    assert not (root / ".git/cardops").exists()
    counts = scanned(monkeypatch)
    assert validate(root) == one_by_one
    assert validate(root) == one_by_one
    assert counts == [40]
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", 3)
    monkeypatch.setattr(scan, "processors", lambda: 3)
    assert validate(root, "--no-cache") == one_by_one
    shutil.rmtree(root / ".git/cardops")
    assert validate(root) == one_by_one


def test_only_what_changed_is_looked_at(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    validate(root)
    counts = scanned(monkeypatch)
    card = root / "cards/family-0000-model-20-v1.yaml"
    card.write_text(card.read_text("utf-8").replace("risk_rating: Medium", "risk_rating: None"), "utf-8")
    (root / "cards/new.yaml").write_text(dict(texts(60))["family-0001-model-05-v1"], "utf-8")
    (root / "cards/family-0000-model-21-v1.yaml").unlink()
    changed = validate(root)
    assert counts == [2]
    assert changed == validate(root, "--no-cache")
    enums = {one["path"] for one in changed["findings"] if one["rule"] == "schema/enum"}
    assert str(card.relative_to(root)) in enums


@pytest.mark.parametrize("what", ["rule", "enforcement", "accounts", "day"])
def test_what_decides_about_a_check_is_part_of_its_key(root: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    validate(root)
    counts = scanned(monkeypatch)
    file = {"rule": "policies/data.yaml", "enforcement": "policies/enforcement.yaml"}.get(what, "cardops.yaml")
    text = (root / file).read_text("utf-8")
    if what == "accounts":
        text = text.replace('"111111111111"', '"999999999999"')
    (root / file).write_text(text if what == "day" else text + "# more\n", "utf-8")
    day = ("--today", "2026-11-02") if what == "day" else ()
    assert validate(root, *day) == validate(root, "--no-cache", *day)
    assert counts == [40]


def test_a_forged_result_needs_more_than_a_text_editor(root: Path) -> None:
    honest = validate(root)
    files = list((root / ".git/cardops").glob("*.json"))
    kinds = {"cards", "code", "files", "policies", "rules", "shares"}
    assert {file.name.partition("-")[0] for file in files} == kinds
    for file in files:
        checksum, body = file.read_bytes().split(b"\n", 1)
        for forged in (body.replace(b"OWN-002", b"OWN-001"), b"{}", body[:-10], b""):
            file.write_bytes(checksum + b"\n" + forged)
            assert validate(root) == honest


@pytest.mark.parametrize(
    "record",
    [
        [],
        1,
        "x",
        {"more": 1},
        {"key": ["1"], "card": {"more": 1}},
        {"key": ["1"]},
        {"card": []},
        {"findings": [{"rule": "a"}]},
        {"findings": [1]},
        {"rules": {"a": [{}]}},
        {"rules": []},
    ],
)
def test_a_record_of_another_shape_is_not_used(root: Path, record: Any) -> None:
    honest = validate(root)
    (file,) = (root / ".git/cardops").glob("cards-*.json")
    names = file.read_text("utf-8").split("\n")[1::2]
    body = "\n".join(f"{name}\n{json.dumps(record)}" for name in names).encode()
    file.write_bytes(key_of(file.stem.partition("-")[2], body).encode() + b"\n" + body)
    assert validate(root) == honest


def test_what_git_was_told_not_to_look_at_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", 3)
    card = root / "cards/family-0000-model-20-v1.yaml"
    for flag in ("--assume-unchanged", "--skip-worktree"):
        git(root, "update-index", flag, str(card.relative_to(root)))
        validate(root)
        card.write_text(card.read_text("utf-8").replace("risk_rating: M", "risk_rating: XM"), "utf-8")
        found = validate(root)
        assert found == validate(root, "--no-cache")
        assert card.name in {Path(one["path"]).name for one in found["findings"]}


def test_where_git_converts_files_they_are_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", 3)
    git(root, "config", "filter.upper.clean", "sed s/Huge/Medium/")
    git(root, "config", "filter.upper.smudge", "cat")
    (root / ".gitattributes").write_text("cards/*.yaml filter=upper\n")
    assert validate(root) == validate(root, "--no-cache")


def test_a_rule_that_ends_its_process_is_named(root: Path) -> None:
    doubling = "'aaaaaaaaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaaaaaaaa')" * 8
    rule = f"""\
- id: BAD-001
  title: never ends
  on: card
  hint: mend it
  require: size({doubling}) > 0
  tests: {{pass: [{{card: {{name: a}}}}], fail: [{{card: {{name: b}}}}]}}
"""
    text = (root / "policies/data.yaml").read_text("utf-8")
    (root / "policies/data.yaml").write_text(text + "".join(f"  {line}\n" for line in rule.splitlines()), "utf-8")
    found = validate(root)
    assert "policy/stopped" in {one["rule"] for one in found["findings"]}
    assert found == validate(root, "--no-cache") == validate(root)
    assert not list((root / ".git").glob("cardops/cards-*"))
