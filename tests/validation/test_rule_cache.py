"""What earlier runs found out about rules: it is asked for piece by piece, and any piece may be missing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cardops.cache.store import Cache, key_of
from cardops.validation import card_records as records
from cardops.validation import rule_cache as compiled
from cardops.validation import scanner as scan
from support.edited_repository import EditedRepository

RULES: dict[str, Any] = {
    "a": {"faults": [], "compiled": {"EVAL-001 when": "x", "together * EVAL-001": "y"}},
    "b": {"faults": [["policy/expression", "policies/a.yaml", 1, 1, "no", "", "deny", "", ""]], "compiled": None},
}


def kept(place: Path) -> Cache:
    return Cache(place, "rules", "k")


def test_what_is_kept_comes_back_and_what_is_right_without_its_expressions(tmp_path: Path) -> None:
    assert compiled.kept(kept(tmp_path)) is None
    compiled.keep(RULES, kept(tmp_path))
    found = compiled.kept(kept(tmp_path))
    assert found is not None
    assert found.keys() == RULES.keys()
    assert found["b"] == RULES["b"]
    expressions = found["a"]["compiled"]
    assert isinstance(expressions, Mapping)
    assert dict(expressions) == RULES["a"]["compiled"]
    assert expressions.get("EVAL-002 when") is None
    whole = next(tmp_path.iterdir()).read_text("ascii").split("\n")
    names = {"faults": [], "compiled": ["EVAL-001 when", "together * EVAL-001"]}
    assert [*map(json.loads, whole[-2:])] == ["rules", {"a": names, "b": RULES["b"]}]


def test_nothing_new_asks_for_no_expression_and_an_edit_for_those_of_bundles(
    repository: EditedRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.validate()
    asked = tmp_path / "asked"  # processes write to it
    real = compiled.Compiled.__getitem__

    def noted(self: compiled.Compiled, name: str) -> str:
        with asked.open("a") as file:
            file.write(f"{name}\n")
        return real(self, name)

    monkeypatch.setattr(compiled.Compiled, "__getitem__", noted)
    repository.validate()
    assert not asked.exists()
    repository.word()
    repository.validate()
    assert {name.partition(" ")[0] for name in asked.read_text().splitlines()} == {"together"}


def test_what_no_other_run_looks_at_is_not_made(repository: EditedRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "SMALL", 2)
    found = repository.validate("--no-cache")
    for name in ("digest_of_brief", "label_of"):
        monkeypatch.setattr(records, name, lambda *_: pytest.fail("for nobody"))
    assert repository.validate("--no-cache") == found


@pytest.mark.parametrize("lost", ["together ", "DOC-", "EVAL-"])
def test_an_expression_that_is_lost_is_compiled_again(repository: EditedRepository, lost: str) -> None:
    repository.validate()
    (file,) = (repository.root / ".git/cardops").glob("rules-*.json")
    _, *lines = file.read_text("ascii").split("\n")
    pairs = [*zip(lines[::2], lines[1::2], strict=True)]
    left = [pair for pair in pairs if f" {lost}" not in pair[0]]
    assert len(left) < len(pairs)
    body = "\n".join(part for pair in left for part in pair).encode()
    file.write_bytes(key_of(file.stem.partition("-")[2], body).encode() + b"\n" + body)
    repository.replace(repository.card(), "status: Draft", "status: Approved")
    found = repository.validate()
    assert found["findings"]
    assert found == repository.validate("--no-cache")
