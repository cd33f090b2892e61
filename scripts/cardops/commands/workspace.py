"""Open a repository: the front door of every command."""

import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from cardops.cache.fingerprint import open_result_cache
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.selectors import is_glob, selected
from cardops.desired.sources import CONFIG, Overlay, WorkTree
from cardops.git.process import repository_layout, run_git
from cardops.git.repository import Repository
from cardops.git.trees import Tree
from cardops.model.desired import Account, Card, Config, Desired
from cardops.model.errors import GitError, UsageError
from cardops.model.findings import Finding, InvalidConfigError, Location
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.validation.scanner import Scanner

MAX_CARDS_COMPARED = 5_000
"""Similar names are searched for among at most this many cards."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A repository whose cardops.yaml can be used. `loaded` has the findings in its other files."""

    root: Path
    loaded: Loaded
    desired: Desired

    @property
    def config(self) -> Config:
        """The content of cardops.yaml."""
        return self.desired.config

    @property
    def findings(self) -> list[Finding]:
        """The findings in the declared files."""
        return list(self.loaded.findings)


def find_root(start: Path) -> Path:
    """Find the folder at or above `start` that has a cardops.yaml. Raises UsageError."""
    if not start.is_dir():
        raise UsageError(f"{start} is not a folder")
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(f"no {CONFIG} in {here} or above", "run `cardops init`, or name the repository with -C")


def load_workspace(start: Path, today: str = "", *, governed: bool = False, cached: bool = False) -> Workspace:
    """Load the files at or above `start` as they are now, committed or not.

    With `governed` the rules of policies/ are evaluated too, as a plan needs it. With `cached` the results of earlier
    runs are used. Raises UsageError where there is no repository, or a sparse one for `governed`, and
    InvalidConfigError.
    """
    root = find_root(start)
    if governed:
        require_whole_checkout(root)
    source = WorkTree(root)
    return usable(root, load_governed(source, today=today, cached=cached) if governed else load_repository(source))


def require_whole_checkout(root: Path) -> None:
    """Raise UsageError for a sparse checkout: cards that git leaves out of it would look removed."""
    try:
        common = repository_layout(root).common
    except GitError:
        return  # a folder without git is reported where its history is needed
    marks = (common / "info" / "sparse-checkout", *common.glob("worktrees/*/info/sparse-checkout"))
    if not any(mark.is_file() for mark in marks):
        return
    if run_git(root, ["config", "--get", "core.sparseCheckout"], silent=1).strip().lower() == b"true":
        message = "this checkout is sparse, so cards that git leaves out would look removed"
        raise UsageError(message, "run `git sparse-checkout disable`, or plan in a full clone")


def load_head(start: Path, today: str = "", *, governed: bool = False) -> tuple[Workspace, Repository]:
    """Load what is committed at HEAD. Raises UsageError, GitError and InvalidConfigError."""
    root = find_root(start)
    revisions = Repository(root)
    head = revisions.head()
    tree = revisions.tree(head)
    loaded = load_governed(tree, head, today) if governed else load_repository(tree, head, today)
    return usable(root, loaded), revisions


def load_to_narrow(start: Path, today: str = "") -> tuple[Workspace, Repository]:
    """Load what is committed at HEAD, to end access and approvals: that waits for no file to be mended.

    While cardops.yaml is not valid, the last valid one on the first-parent line stands in for it, and the findings
    say so. Raises UsageError, GitError, and InvalidConfigError where no cardops.yaml was ever valid.
    """
    root = find_root(start)
    revisions = Repository(root)
    head = revisions.head()
    tree = revisions.tree(head)
    loaded = load_repository(tree, head, today, keep=True)
    if loaded.desired is not None:
        return Workspace(root, loaded, loaded.desired), revisions
    for commit in revisions.changes_of(CONFIG, head):
        older = revisions.tree(commit, (CONFIG,))
        if CONFIG not in older.paths():
            continue
        found = load_repository(Overlay({CONFIG: older.read(CONFIG)}, tree), head, today, keep=True)
        if found.desired is not None:
            findings = [*loaded.findings, _stands_in(commit), *found.findings]
            return Workspace(root, found._replace(findings=findings), found.desired), revisions
    raise InvalidConfigError(loaded.findings)


def _stands_in(commit: str) -> Finding:
    message = f"cardops.yaml is not valid, so that of commit {commit[:12]} stands in for it while access is ended"
    return Finding("run/older-config", Location(CONFIG), message, "correct cardops.yaml", level="warn")


def require_committed(root: Path) -> None:
    """Raises UsageError while a declared file has uncommitted changes."""
    if changed := Repository(root).uncommitted():
        raise UsageError(f"uncommitted changes in {', '.join(changed[:3])}", "apply runs what is committed: commit")


def load_governed(source: WorkTree | Tree, commit: str = "", today: str = "", cached: bool = False) -> Loaded:
    """Load what `source` declares and evaluate the rules beside it, for a plan.

    With `cached`, checks of single documents are taken from earlier runs. An apply never uses the cache.
    """
    known, files = (open_result_cache(source.root, kind) if cached else None for kind in ("policies", "files"))
    policies = load_policies(Folder(source.root) if isinstance(source, WorkTree) else source, known)
    read = Scanner([policies], today, cached=cached, contents=True)
    loaded = load_repository(source, commit, today, keep=True, read_cards=read, kept=files)
    if files:
        files.save()
    return loaded


def usable(root: Path, loaded: Loaded) -> Workspace:
    """The workspace of what was loaded. Raises InvalidConfigError where cardops.yaml has findings of level deny."""
    if loaded.desired is None:
        raise InvalidConfigError(loaded.findings)
    return Workspace(root, loaded, loaded.desired)


def find_card(name: str, desired: Desired) -> Card:
    """Find the one declared card with this name or `account/name`. Raises UsageError for none, and for several."""
    keys = [] if is_glob(name) else list(selected(name, desired.cards, desired.config))
    if len(keys) == 1:
        return desired.cards[keys[0]]
    if keys:
        raise UsageError(f"{name!r} are {len(keys)} cards: {', '.join(map(str, keys[:3]))}", "name one: account/name")
    names = sorted({key.name for key in desired.cards})
    close = get_close_matches(name.rpartition("/")[2], names if len(names) <= MAX_CARDS_COMPARED else [], 1)
    hint = f"Did you mean {close[0]!r}?" if close else "`cardops validate` names the files that are not valid."
    raise UsageError(f"No valid card named {name!r} is declared.", hint)


def find_account(alias: str, config: Config) -> Account:
    """Find an account by its name in cardops.yaml. Raises UsageError."""
    if alias not in config.accounts:
        close = get_close_matches(alias, config.accounts, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Declared: {', '.join(config.accounts)}."
        raise UsageError(f"Account {alias!r} is not declared in {CONFIG}.", hint)
    return config.accounts[alias]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new text, never a part. Raises UsageError."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}") from problem
