"""Files of policies: places in those that earlier runs know, and what cannot be read or printed."""

from pathlib import Path

from cardops.cache.store import Cache
from cardops.model.findings import Finding, Location
from cardops.policy.files import Files, Folder
from cardops.policy.loader import PolicySet, load_policies

RULES = """\
# ours
rules:
- id: OWN-101
  title: A share has few cards
  on: share
  hint: select fewer
  require: size(share.cards) < 3
  tests:
    pass: [{share: {cards: [a]}}]
    fail: [{share: {cards: [a, b, c]}}]
"""


def load(root: Path) -> PolicySet:
    kept = Cache(root / "kept", "policies", "k")
    return load_policies(Folder(root), kept)


def test_a_file_that_an_earlier_run_knows_still_tells_its_places(tmp_path: Path) -> None:
    path = tmp_path / "policies/own.yaml"
    path.parent.mkdir()
    path.write_text(RULES)
    first, again = (load(tmp_path).rules["OWN-101"] for _ in range(2))
    assert first.file.known is None
    assert again.file.known is not None
    for rule in (first, again):
        assert rule.place("require") == Location("policies/own.yaml", 7, 12)
        assert rule.place("require", at_key=True) == Location("policies/own.yaml", 7, 3)
        assert rule.place("nowhere") == rule.place() == Location("policies/own.yaml", 3, 3)


def test_a_link_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "elsewhere.yaml").write_text(RULES)
    (tmp_path / "policies/own.yaml").symlink_to("../elsewhere.yaml")
    message, hint = "this is a symbolic link, not a file", "put the file itself in its place"
    found = load(tmp_path)
    assert found.findings == (Finding("file/unreadable", Location("policies/own.yaml"), message, hint, "deny"),)
    assert not found.rules


def test_a_name_that_is_no_text_is_shown_with_escapes() -> None:
    names = {"policies/\udcff.yaml": b"rules: [", "policies/packs/\u00e9.yaml": b"id: 1\n"}
    found = load_policies(Files(names)).findings
    assert {one.location.path for one in found} == {"policies/\\xff.yaml", "policies/packs/\u00e9.yaml"}
    assert {one.rule for one in found} == {"yaml/syntax", "policy/value", "policy/missing-key"}
