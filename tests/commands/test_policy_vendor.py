"""Bundles come as files with a lock; what is changed in them afterwards is a finding."""

from pathlib import Path

import pytest
import yaml

from cardops.commands.policy_vendor import Vendored, vendor
from cardops.git.process import run_git
from cardops.model.errors import CardopsError, UsageError
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from support.policies import rule

CONFIG = """\
version: 1
repository: gov-test-1a2b
region: eu-west-1
home: hub
accounts:
  hub: {id: "111111111111"}
"""


def write(folder: Path, path: str, value: object) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False), "utf-8")


def publish(folder: Path, *ids: str, version: str = "1.0", **changed: object) -> None:
    """A repository of rules, as somebody else keeps it."""
    write(folder, "policies/rules.yaml", {"rules": [rule(id=one, **changed) for one in ids]})
    write(folder, "policies/bundle.yaml", {"version": version})
    write(folder, "policies/enforcement.yaml", {"rules": {}})
    write(folder, "policies/waivers/a.yaml", {"waivers": []})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "house", "HOUSE-001", "HOUSE-002")
    write(tmp_path / "own", "cardops.yaml", f"{CONFIG}bundles: [{{name: house, path: ../house}}]\n")
    write(tmp_path / "own", "policies/own.yaml", {"rules": [rule(id="OWN-001")]})
    return tmp_path / "own"


def findings(root: Path) -> list[str]:
    return [f"{one.location.path} {one.rule}" for one in load_policies(Folder(root)).findings]


def test_a_bundle_is_brought_pinned_and_used_beside_own_rules(root: Path) -> None:
    (done,) = vendor(root)
    assert done == Vendored("house", "1.0", ("HOUSE-001", "HOUSE-002"), (), ())
    write(root, "policies/enforcement.yaml", {"rules": {"HOUSE-001": {"level": "warn"}}})
    policies = load_policies(Folder(root))
    assert policies.findings == ()
    assert sorted(policies.rules) == ["HOUSE-001", "HOUSE-002", "OWN-001"]
    assert policies.enforcement["HOUSE-001"].level == "warn"
    brought = sorted(path.name for path in (root / "policies/bundles/house").rglob("*.yaml"))
    assert brought == ["rules.yaml"], "waivers and levels are the repository's own"


def test_a_bundle_that_is_changed_unpinned_or_gone_is_a_finding(root: Path) -> None:
    vendor(root)
    file = root / "policies/bundles/house/rules.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("level", "level") + "# mine\n", "utf-8")
    assert findings(root) == ["policies/bundles/house policy/bundle"]
    file.write_text(text, "utf-8")
    assert findings(root) == []
    write(root, "policies/bundles/house/more.yaml", {"rules": [rule(id="MORE-001")]})
    assert findings(root) == ["policies/bundles/house policy/bundle"]
    (root / "policies/bundles/house/more.yaml").unlink()
    lock = (root / "policies/bundles.lock.yaml").read_text("utf-8")
    (root / "policies/bundles.lock.yaml").unlink()
    assert findings(root) == ["policies/bundles/house policy/bundle"]
    write(root, "policies/bundles.lock.yaml", lock)
    file.unlink()
    assert findings(root) == ["policies/bundles.lock.yaml policy/bundle"]
    write(root, "policies/bundles.lock.yaml", "bundles: {house: {digest: x}}\n")
    assert "policies/bundles.lock.yaml policy/value" in findings(root)


def test_an_update_shows_what_comes_changes_and_goes_before_it_writes(root: Path) -> None:
    vendor(root)
    publish(root.parent / "house", "HOUSE-002", "HOUSE-003", version="2.0", title="Another title")
    (done,) = vendor(root, dry_run=True)
    assert done == Vendored("house", "2.0", ("HOUSE-003",), ("HOUSE-002",), ("HOUSE-001",))
    assert "HOUSE-001" in load_policies(Folder(root)).rules
    vendor(root, ["house"])
    assert sorted(load_policies(Folder(root)).rules) == ["HOUSE-002", "HOUSE-003", "OWN-001"]
    assert findings(root) == []


def test_a_git_revision_is_pinned_by_its_commit(root: Path) -> None:
    house = root.parent / "house"
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    run_git(house, ["init", "-q", "-b", "main"])
    run_git(house, ["add", "-A"])
    run_git(house, [*who, "commit", "-q", "-m", "one"])
    run_git(house, [*who, "tag", "v1"])
    commit = run_git(house, ["rev-parse", "HEAD"]).decode().strip()
    publish(house, "HOUSE-009")
    run_git(house, [*who, "commit", "-q", "-am", "two"])
    write(root, "cardops.yaml", f"{CONFIG}bundles: [{{name: house, git: {house}, revision: v1}}]\n")
    vendor(root)
    assert sorted(load_policies(Folder(root)).rules) == ["HOUSE-001", "HOUSE-002", "OWN-001"]
    (pinned,) = yaml.safe_load((root / "policies/bundles.lock.yaml").read_text("utf-8"))["bundles"].values()
    assert (pinned["commit"], pinned["revision"], pinned["version"]) == (commit, "v1", "1.0")
    write(root, "cardops.yaml", f"{CONFIG}bundles: [{{name: house, git: {house}, revision: v9}}]\n")
    with pytest.raises(CardopsError):
        vendor(root)
    assert findings(root) == []


@pytest.mark.parametrize(
    ("bundles", "said"),
    [
        ("", "names no bundles"),
        ("bundles: []\n", "names no bundles"),
        ("bundles: [{name: ../x, path: ../house}]\n", "needs a name of its own"),
        ("bundles: [{name: a, path: x}, {name: a, path: y}]\n", "needs a name of its own"),
        ("bundles: [{name: a}]\n", "either `path`, or `git` and `revision`"),
        ("bundles: [{name: a, git: x}]\n", "either `path`, or `git` and `revision`"),
        ("bundles: [{name: a, git: --upload-pack=x, revision: v1}]\n", "begins with a dash"),
        ("bundles: [{name: a, path: nowhere}]\n", "has no folder"),
    ],
)
def test_a_wrong_declaration_is_wrong_usage_and_writes_nothing(root: Path, bundles: str, said: str) -> None:
    write(root, "cardops.yaml", f"{CONFIG}{bundles}")
    with pytest.raises(UsageError, match=said):
        vendor(root)
    assert not (root / "policies/bundles.lock.yaml").exists()


def test_a_bundle_with_a_rule_of_the_wrong_form_is_not_brought(root: Path) -> None:
    publish(root.parent / "house", "HOUSE-001", hint=None)
    with pytest.raises(UsageError, match="cannot be used"):
        vendor(root)
    assert not (root / "policies/bundles").exists()


def test_a_bundle_that_is_declared_no_more_goes(root: Path) -> None:
    vendor(root)
    publish(root.parent / "other", "OTHER-001")
    write(root, "cardops.yaml", f"{CONFIG}bundles: [{{name: other, path: ../other}}]\n")
    vendor(root)
    assert sorted(load_policies(Folder(root)).rules) == ["OTHER-001", "OWN-001"]
    assert findings(root) == []
    with pytest.raises(UsageError, match="no bundle 'house'"):
        vendor(root, ["house"])
