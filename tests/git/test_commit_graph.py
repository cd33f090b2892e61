"""The history that is read once, held against git, which is asked for one path at a time."""

import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cardops.git import commit_graph as module
from cardops.git.commit_graph import FEW, FileHistory, Graph
from cardops.git.log import Commit, People, Person
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.model.errors import GitError

FILES = ["cards/a.yaml", "cards/b.yaml", "cards/c.yaml", "cards/a.yaml/inside.yaml", "shares/s.yaml", "cardops.yaml"]
OTHERS = ["README.md", ".mailmap"]
PEOPLE = ["ada", "bob", "Zoë", "risk-lead"]
TRAILERS = ["", "\nCo-authored-by: Bob <bob@example.org>\n", "\nCo-authored-by: nobody\nCo-authored-by: X <x@y>\n"]


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - it makes up histories


def run(root: Path, *arguments: str, given: str = "") -> str:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments], cwd=root, input=given.encode(), env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def asked_for_first_parents(root: Path, tip: str, path: str) -> list[str]:
    """What `changes_of` promises, as git tells it."""
    return run(root, "--literal-pathspecs", "log", "--first-parent", "--format=%H", tip, "--", path).split()


def asked_for_commits(root: Path, tips: Sequence[str], paths: Sequence[str]) -> list[Commit]:
    """What `commits` promises, as git tells it."""
    trailers = "%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x01)"
    shape = f"--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%at%x00{trailers}"
    told = run(root, "--literal-pathspecs", "log", "-z", shape, *tips, "--", *paths).split("\0")
    return [_commit(*told[at : at + 7]) for at in range(0, len(told) - 6, 7)]


def _commit(name: str, author: str, email: str, committer: str, address: str, when: str, trailers: str) -> Commit:
    def person(text: str) -> Person:
        name, _, rest = text.strip().partition("<")
        return Person(name.strip(), rest.partition(">")[0].strip())

    co = tuple(person(one) for one in trailers.split("\x01") if one.strip())
    return Commit(name, People(Person(author, email), Person(committer, address), co, when))


@dataclass
class History:
    """A random history, as a stream that `git fast-import` reads: merges of all kinds, squashes, reverts, renames."""

    chance: random.Random
    trees: list[dict[str, str]] = field(default_factory=list)
    stream: list[str] = field(default_factory=list)

    def write(self, root: Path, commits: int) -> list[str]:
        """The hashes of the commits, oldest first."""
        root.mkdir()
        run(root, "init", "-q", "-b", "main")
        run(root, "config", "log.showRoot", "false")
        run(root, "config", "diff.renames", "copies")
        for number in range(commits):
            self._commit(number)
        run(root, "fast-import", "--quiet", "--export-marks=marks", given="".join(self.stream))
        marks = dict(line.split() for line in (root / "marks").read_text().splitlines())
        names = [marks[f":{number + 1}"] for number in range(commits)]
        run(root, "update-ref", "refs/heads/main", names[-1])
        return names

    def _commit(self, number: int) -> None:
        parents = self._parents(number)
        tree = dict(self.trees[parents[0]]) if parents else {}
        for other in parents[1:]:
            tree = self._merged(tree, self.trees[other])
        for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3])):
            self._edit(tree)
        self.trees.append(tree)
        when = 1_700_000_000 + (number if self.chance.random() < 0.9 else self.chance.randint(-50, 50)) * 60
        name = self.chance.choice(PEOPLE)
        person = f"{name} <{name}@example.org> {when} +0000"
        second = self.chance.choice(PEOPLE)
        committer = f"{second} <{second}@example.org> {when + 60} +0000"
        message = f"{number}\n{self.chance.choice(TRAILERS)}"
        lines = [f"commit refs/heads/line-{number}\nmark :{number + 1}\n", f"author {person}\ncommitter {committer}\n"]
        self.stream += lines
        self.stream += [f"data {len(message.encode())}\n{message}\n"]
        self.stream += [f"{'merge' if at else 'from'} :{parent + 1}\n" for at, parent in enumerate(parents)]
        self.stream += ["deleteall\n", *self._files(tree), "\n"]

    def _parents(self, number: int) -> list[int]:
        if number == 0 or self.chance.random() < 0.03:
            return []  # another beginning
        recent = list(range(max(0, number - 6), number))
        first = recent[-1] if self.chance.random() < 0.6 else self.chance.choice(recent)
        others = [one for one in recent if one != first]
        merged = self.chance.choices([0, 1, 2], [6, 4, 2])[0]
        return [first, *self.chance.sample(others, min(merged, len(others)))]

    def _merged(self, ours: dict[str, str], theirs: dict[str, str]) -> dict[str, str]:
        """Ours, theirs, or some of each; what cannot stand beside a folder of the same name goes."""
        how = self.chance.choice(["ours", "theirs", "each", "both"])
        if how == "ours":
            return ours
        if how == "theirs":
            return dict(theirs)
        taken = {path: text for path, text in theirs.items() if how == "both" or self.chance.random() < 0.5}
        return self._clean(ours | taken)

    def _edit(self, tree: dict[str, str]) -> None:
        path = self.chance.choice(FILES + OTHERS)
        before = self.chance.choice(self.trees) if self.trees else {}
        how = self.chance.choice(["new", "new", "remove", "revert", "rename", "mode"])
        if how == "remove":
            tree.pop(path, None)
        elif how == "revert" and path in before:
            tree[path] = before[path]
        elif how == "rename" and path in tree:
            tree[self.chance.choice(FILES)] = tree.pop(path)
        elif how == "mode" and path in tree:
            tree[path] = self.chance.choice(["100755", "100644", "120000"]) + tree[path][6:]
        else:
            wanted = self.chance.randint(1, 3)
            known = f"Somebody <who@example.org> <{self.chance.choice(PEOPLE)}@example.org>"
            tree[path] = f"100644{known if path == '.mailmap' else f'name: {wanted}'}"
        kept = self._clean(tree)
        tree.clear()
        tree.update(kept)

    @staticmethod
    def _clean(tree: dict[str, str]) -> dict[str, str]:
        folders = {path.rpartition("/")[0] for path in tree}
        return {path: text for path, text in tree.items() if path not in folders}

    @staticmethod
    def _files(tree: dict[str, str]) -> Iterator[str]:
        for path, text in tree.items():
            yield f"M {text[:6]} inline {path}\ndata {len(text[6:].encode())}\n{text[6:]}\n"


def compare(root: Path, names: Sequence[str], chance: random.Random, times: int) -> None:
    """Some questions about each of two graphs: one that is asked about newer commits first, and one as they come; and
    about single files, of which there are few.
    """
    graph, other, few = Graph(root), Graph(root), FileHistory(root)
    graph.changes_of(FILES[0], names[-1])
    for _ in range(times):
        one: Any = chance.choice([graph, other, few])
        tip, path = chance.choice(names), chance.choice(FILES)
        assert list(one.changes_of(path, tip)) == asked_for_first_parents(root, tip, path)
        tips = chance.sample(names, min(len(names), chance.choice([1, 1, 2])))
        paths = chance.sample(FILES, chance.choice([1, 1, 2]))
        found = one.commits(tips, paths)
        wanted = asked_for_commits(root, tips, paths)
        assert sorted(found, key=lambda commit: commit.hash) == sorted(wanted, key=lambda commit: commit.hash)


@pytest.mark.parametrize("seed", range(12))
def test_any_history_is_read_as_git_tells_it(tmp_path: Path, seed: int) -> None:
    chance = dice(seed)
    names = History(chance).write(tmp_path / "one", chance.randint(1, 40))
    compare(tmp_path / "one", names, chance, 25)


@pytest.mark.parametrize("seed", range(4))
def test_a_shallow_clone_is_read_as_far_as_it_goes(tmp_path: Path, seed: int) -> None:
    chance = dice(1000 + seed)
    History(chance).write(tmp_path / "one", 30)
    origin = f"file://{tmp_path / 'one'}"
    run(tmp_path, "clone", "-q", "--depth", str(chance.randint(1, 6)), "--branch", "main", origin, "few")
    names = run(tmp_path / "few", "rev-list", "HEAD").split()
    compare(tmp_path / "few", names, chance, 15)


def test_git_is_asked_once_for_all_files_of_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = dice(7)
    names = History(chance).write(tmp_path / "one", 40)
    asked: list[Sequence[str]] = []

    def counted(root: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
        asked.append(arguments)
        return run_git(root, arguments, given)

    monkeypatch.setattr(module, "run_git", counted)
    graph = Graph(tmp_path / "one")
    for tip in (names[-1], *run(tmp_path / "one", "rev-list", names[-1]).split()):
        for path in FILES:
            list(graph.changes_of(path, tip))
            graph.commits([tip], [path])
    assert len(asked) == 1
    lines = run(tmp_path / "one", "rev-list", "--all", "--not", names[-1]).split()
    graph.commits(lines, FILES)
    assert len(asked) == 2
    assert f"^{names[-1]}" in asked[1]


def test_only_what_is_declared_has_a_history(tmp_path: Path) -> None:
    names = History(dice(1)).write(tmp_path / "one", 3)
    with pytest.raises(ValueError, match="only what is declared"):
        Graph(tmp_path / "one").commits(names, ["README.md"])


def test_a_commit_that_is_not_there_is_an_error_of_git(tmp_path: Path) -> None:
    History(dice(1)).write(tmp_path / "one", 3)
    with pytest.raises(GitError):
        list(Graph(tmp_path / "one").changes_of("cards/a.yaml", "1" * 40))


def test_parents_are_those_that_git_tells(tmp_path: Path) -> None:
    names = History(dice(3)).write(tmp_path / "one", 25)
    revisions, other = Repository(tmp_path / "one"), Repository(tmp_path / "one")
    revisions.commits(names, [*FILES, "cards/x.yaml", "cards/y.yaml", "cards/z.yaml"])
    for name in names:
        assert revisions.parents(name) == other.parents(name)


def test_a_few_files_are_asked_about_one_by_one_and_for_more_all_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = History(dice(5)).write(tmp_path / "one", 25)
    read: list[str] = []
    real = Graph.changes_of

    def counted(graph: Graph, path: str, tip: str) -> Iterator[str]:
        read.append(path)
        return real(graph, path, tip)

    monkeypatch.setattr(Graph, "changes_of", counted)
    history = FileHistory(tmp_path / "one")
    for number in range(FEW):
        list(history.changes_of(f"cards/{number}.yaml", names[-1]))
    assert read == []
    found = list(history.changes_of("cards/a.yaml", names[-1]))
    assert read == ["cards/a.yaml"]
    assert found == asked_for_first_parents(tmp_path / "one", names[-1], "cards/a.yaml")
