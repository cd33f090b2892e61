"""What is validated in a work tree is what apply loads from the commit: nothing passes one and not the other."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import WorkTree
from cardops.git.repository import Repository
from cardops.model.findings import Finding
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.validation.worktree import committed_blobs
from support.git_repository import TeamRepository

CARD = "name: {name}\nstatus: Draft\nowner: team-a\ncontent: {{}}\n"
SHARE = "name: s\ncards: [a]\ngrants: [{to: ml-dev, access: contribute, while: [Draft]}]\n"
RULE = "rules: [{id: A, bad: 1}]\n"


def odd(repo: TeamRepository, what: str) -> None:
    """Something odd in the tree of a commit."""
    root = repo.root
    repo.write("cards/a.yaml", CARD.format(name="a"))
    repo.write("shares/s.yaml", SHARE)
    match what:
        case "link to a card":
            (root / "cards/b.yaml").symlink_to("a.yaml")
        case "link out":
            (root / "cards/b.yaml").symlink_to("/etc/hostname")
        case "broken link":
            (root / "cards/b.yaml").symlink_to("nowhere")
        case "linked folder":
            repo.write("elsewhere/b.yaml", CARD.format(name="b"))
            (root / "cards/more").symlink_to("../elsewhere")
        case "linked config":
            (root / "cardops.yaml").rename(root / "real.yaml")
            (root / "cardops.yaml").symlink_to("real.yaml")
        case "linked policies":
            repo.write("rules/a.yaml", RULE)
            (root / "policies").symlink_to("rules")
        case "linked policy":
            repo.write("rules.yaml", RULE)
            (root / "policies").mkdir()
            (root / "policies/a.yaml").symlink_to("../rules.yaml")
        case "cards are a file":
            (root / "cards/a.yaml").unlink()
            (root / "cards/churn.yaml").unlink()
            (root / "cards").rmdir()
            repo.write("cards", "x: 1\n")
        case "folder like a file":
            repo.write("cards/b.yaml/c.yaml", CARD.format(name="c"))
        case "executable":
            repo.write("cards/b.yaml", CARD.format(name="b"))
            (root / "cards/b.yaml").chmod(0o755)
        case "bytes in a name":
            repo.write("cards/\udcff.yaml", CARD.format(name="b"))
        case "line feed in a name":
            repo.write("cards/b\nc.yaml", CARD.format(name="b"))
        case "hidden":
            repo.write("cards/.b.yaml", CARD.format(name="b"))
        case "another suffix":
            repo.write("cards/b.json", "{}")
        case "empty":
            repo.write("cards/b.yaml", "")
        case "carriage returns":
            (root / "cards/b.yaml").write_bytes(CARD.format(name="b").replace("\n", "\r\n").encode())
        case "byte order mark":
            (root / "cards/b.yaml").write_bytes(b"\xef\xbb\xbf" + CARD.format(name="b").encode())
        case "not utf-8":
            (root / "cards/b.yaml").write_bytes(b"name: \xff\n")
        case "too large":
            repo.write("cards/b.yaml", "#" * (1 << 20) + "\n" + CARD.format(name="b"))
        case "two cases of a name":
            repo.write("cards/B.yaml", CARD.format(name="B"))
            repo.write("cards/b.yaml", CARD.format(name="b"))
        case "cardops.yml":
            (root / "cardops.yaml").rename(root / "cardops.yml")
        case "invalid policy":
            repo.write("policies/a.yaml", RULE)
        case "policy in a folder":
            repo.write("policies/more/a.yaml", RULE)
        case "attributes":
            repo.write("cards/.gitattributes", "* text eol=crlf\n")


ODD = [
    *(
        "link to a card",
        "link out",
        "broken link",
        "linked folder",
        "linked config",
        "linked policies",
        "linked policy",
    ),
    *("cards are a file", "folder like a file", "executable", "bytes in a name", "line feed in a name", "hidden"),
    *("another suffix", "empty", "carriage returns", "byte order mark", "not utf-8", "too large"),
    *("two cases of a name", "cardops.yml", "invalid policy", "policy in a folder", "attributes", "nothing"),
]


def shown(loaded: Loaded) -> object:
    desired = loaded.desired
    declared = (sorted(desired.cards), desired.shares, desired.config) if desired else None
    return declared, loaded.broken, loaded.broken_shares


def named(findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    """Without the messages: git does not say how large a file is, nor what a link is in a work tree."""
    return {(str(one.location), one.rule, one.level) for one in findings}


@pytest.mark.parametrize("what", ODD)
def test_a_commit_and_its_checkout_say_the_same(tmp_path: Path, what: str) -> None:
    repo = TeamRepository(tmp_path / "repository", "none")
    odd(repo, what)
    head = repo.commit(what)
    clone = tmp_path / "clone"
    repo.git("clone", "-q", str(repo.root), str(clone))
    tree, blobs = Repository(repo.root).tree(head), committed_blobs(clone)
    seen, applied = load_repository(WorkTree(clone, blobs=blobs)), load_repository(tree)
    assert shown(seen) == shown(applied)
    if what == "folder like a file":  # which git does not keep as anything of its own
        assert named(seen.findings) == {("cards/b.yaml:1:1", "file/unreadable", "deny")}
    else:
        assert named(seen.findings) == named(applied.findings)
        assert seen.unreadable is applied.unreadable
    here, there = load_policies(Folder(clone, blobs)), load_policies(tree)
    assert named(here.findings) == named(there.findings)
    assert here.rules.keys() == there.rules.keys()
