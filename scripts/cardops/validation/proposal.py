"""Validate a branch against the rules in force and against its own; both must pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cardops.cache.fingerprint import open_result_cache
from cardops.cache.store import Cache
from cardops.desired.documents import safe_text
from cardops.desired.history import read_value
from cardops.desired.loader import Loaded, load_repository, locate_problems
from cardops.desired.sources import CONFIG, FACTS, WorkTree
from cardops.git.index import blobs_behind, bytes_of, read_index
from cardops.git.log import FileChange
from cardops.git.trees import DECLARED, Tree
from cardops.model.desired import Config
from cardops.model.errors import CardopsError
from cardops.model.findings import Finding, Level, Location
from cardops.policy.facts import Change
from cardops.policy.files import FOLDER, Folder, Source, governs, kind_of
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.waivers import Waiver
from cardops.signoffs.decision import SignoffDecision
from cardops.validation.changes import BranchChanges, ProposedChange, changes_between
from cardops.validation.scanner import Scanner
from cardops.validation.share_gate import unsigned_share
from cardops.validation.signoff_check import (
    HINTS,
    SignoffChecker,
    approvers_of,
    config_before,
    downgraded,
    file_finding,
    missing,
)
from cardops.validation.stable_ids import changed_ids, reused_ids
from cardops.validation.subjects import asks_for_approvers, evaluate_rules
from cardops.validation.waivers import has_member, waivers_of_branch
from cardops.validation.worktree import identity, most_severe

NOT_GOVERNING = frozenset({"version"})
"""The keys of cardops.yaml that decide nothing about others: a change of any other needs a sign-off of its own."""
DECIDING = (CONFIG, FACTS)
ATTRIBUTES = (".gitattributes", ".mailmap")
"""How the names of files end that decide how git shows others, and what it calls people."""
BEFORE = "it was there before this change"


class _Sets(NamedTuple):
    """Policies at the base and now; `now` is None where both are the same."""

    base: PolicySet
    now: PolicySet | None

    def with_waivers(self, waivers: tuple[Waiver, ...]) -> "_Sets":
        """The same rules, with the waivers that count for those of the base."""
        return self._replace(base=self.base._replace(waivers=waivers))

    def all(self) -> list[PolicySet]:
        return [self.base, *([self.now] if self.now else [])]

    def findings(
        self, loaded: Loaded, today: str, changes: tuple[Change, ...] | None, governing: Sequence[Any] = ()
    ) -> list[Finding]:
        return [one for policies in self.all() for one in evaluate_rules(policies, loaded, today, changes, governing)]


class GoverningChange(NamedTuple):
    """A file that decides about others and changes: its path, the key of cardops.yaml or the path, and its sign-off."""

    path: str
    part: str
    judgement: SignoffDecision | None

    def as_data(self) -> dict[str, Any]:
        """Return it as rules see it, in `repository.policy_changes`."""
        wrote = self.judgement.contributors if self.judgement else None
        return {
            "path": safe_text(self.path),
            "part": safe_text(self.part),
            "authors": list(wrote.names) if wrote else [],
            "approvers": [{"name": one.name, "groups": list(one.groups)} for one in approvers_of(self.judgement)],
            "contributors_known": wrote.known if wrote else True,
        }


def validate_proposal(
    root: Path, judge: SignoffChecker, base: str, today: str, cached: bool
) -> tuple[Loaded, list[Finding]]:
    """Validate a branch. Findings that existed before, in untouched files, only warn.

    Raises GitError. With `cached`, checks of single cards are taken from earlier runs.
    """
    declarations, revisions = judge.declarations, judge.declarations.revisions
    ref, tip = revisions.resolve(base), revisions.head()
    started = revisions.merge_base(ref, tip)
    looked = read_index(root, DECLARED)
    changed = revisions.changed(started, looked)
    hashes, blobs = bytes_of(root, looked) if cached else {}, blobs_behind(root, looked)
    work_tree = WorkTree(root, hashes, blobs)
    kept_policies = open_result_cache(root, "policies") if cached else None
    sets = _policies(Folder(root, blobs), revisions.tree(ref, [FOLDER]), hashes, kept_policies)
    declarations.kept = files = open_result_cache(root, "files") if cached else None
    scan = Scanner(sets.all(), today, cached)
    loaded = load_repository(work_tree, today=today, keep=True, read_cards=scan, kept=files)
    before = load_repository(revisions.tree(started), started, keep=True, read_cards=scan, kept=files)
    declarations.remember(started, before)
    if files:
        files.save()
    proposed: list[ProposedChange] = []
    governing: list[GoverningChange] = []
    findings = list(loaded.findings)
    if loaded.desired is not None:
        now = loaded.desired.config
        branch = BranchChanges(started, tip, config_before(declarations, ref, now), now)
        proposed = list(changes_between(before, loaded, branch, judge))
        findings += changed_ids(declarations.config(started), now, work_tree)
        findings += _signoffs(proposed, branch, judge)
        governing = list(_governing_changes(work_tree, changed, branch, judge))
        findings += _governed(governing, work_tree, branch, judge, sets.base.governors)
        sets, about_waivers = _with_waivers(sets, work_tree, branch, judge)
        findings += about_waivers
    ruled = sets.findings(loaded, today, tuple(one.change for one in proposed), [one.as_data() for one in governing])
    if not _decides(loaded, judge, ref):
        ruled = downgraded(ruled, asks_for_approvers(sets.all()))
    findings += [*ruled, *reused_ids(declarations, sets.now or sets.base, sets.base, ref)]
    touched = {safe_text(path) for change in changed for path in (change.path, change.before)}

    def earlier() -> list[Finding]:
        return [*before.findings, *sets.findings(before, today, None)]

    return loaded, most_severe(_aged(findings, touched, earlier))


def _policies(folder: Folder, tree: Tree, hashes: Mapping[str, str], known: Cache | None) -> _Sets:
    """`hashes` are git's of files of the work tree that hold what git has; few or none do no harm."""
    there, here = _hashed(tree.paths(), tree.hashes), _hashed(folder.paths(), hashes)
    if there == here and None not in here.values():
        return _Sets(load_policies(folder, known), None)
    same = _texts(tree) == _texts(folder)
    return _Sets(load_policies(tree, known), None if same else load_policies(folder, known))


def _hashed(paths: Iterable[str], hashes: Mapping[str, str]) -> dict[str, str | None]:
    """Return the known hashes of everything in policies/."""
    return {path: hashes.get(path) for path in paths if path.partition("/")[0] == FOLDER}


def _texts(source: Source) -> Mapping[str, bytes]:
    return {path: source.read(path) for path in source.paths() if kind_of(path)}


def _signoffs(proposed: Iterable[ProposedChange], branch: BranchChanges, judge: SignoffChecker) -> Iterator[Finding]:
    """Report cards that become Approved without enough sign-offs. `signoff: none` demands none."""
    kind = judge.kind([branch.base], branch.now)
    for one in proposed:
        if not one.needs_signoff or one.judgement is None or one.judgement.enough:
            continue
        if one.card:
            yield missing(one.card, one.judgement, kind, judge.decides(kind))
        elif one.share:
            yield unsigned_share(one.share, one.widened, one.judgement, kind, judge.decides(kind))


def _with_waivers(
    sets: _Sets, work_tree: WorkTree, branch: BranchChanges, judge: SignoffChecker
) -> tuple[_Sets, tuple[Finding, ...]]:
    """Return the policies with the waivers that count, and findings about those of the branch."""

    def decide(path: str) -> SignoffDecision | None:
        question = file_finding(judge.declarations, path, _value(work_tree, path), branch.started, branch.tip)
        return judge.judge(question, judge.before(question, branch.base), branch.now)

    kind = judge.kind([branch.base], branch.now)
    waivers = waivers_of_branch(sets.base, sets.now, decide, judge.decides(kind))
    return sets.with_waivers(waivers.counting), waivers.findings


def _governing_changes(
    work_tree: WorkTree, changed: Iterable[FileChange], branch: BranchChanges, judge: SignoffChecker
) -> Iterator[GoverningChange]:
    """Yield each change of rules, waivers, enforcement, schemas, approvers, accounts and of how git shows files."""
    declarations = judge.declarations
    for change in changed:
        path = change.path
        if not any(one in DECIDING or governs(one) or one.endswith(ATTRIBUTES) for one in (path, change.before)):
            continue
        now = _value(work_tree, path)
        where = path
        if path == CONFIG:
            where = _governing_key(declarations.value(branch.started, change.before or path), now)
            if not where:
                continue
        question = file_finding(declarations, path, now, branch.started, branch.tip)
        yield GoverningChange(path, where, judge.judge(question, judge.before(question, branch.base), branch.now))


def _governed(
    changes: Iterable[GoverningChange],
    work_tree: WorkTree,
    branch: BranchChanges,
    judge: SignoffChecker,
    governors: Sequence[str],
) -> Iterator[Finding]:
    """Yield a finding for each change that decides about others and has no sign-off of its own."""
    kind = judge.kind([branch.base], branch.now)
    for path, where, judgement in changes:
        if judgement is None or (judgement.enough and (not governors or has_member(governors, judgement))):
            continue
        at = locate_problems(work_tree, CONFIG, (where,), at_key=True) if path == CONFIG else Location(safe_text(path))
        lack = f"nobody of {' or '.join(governors)} signed it off" if judgement.enough else judgement.lack()
        message = f"{safe_text(where)} decides about others and changes, and {lack}"
        level: Level = "deny" if judge.decides(kind) else "warn"
        yield Finding("signoff/governance", at, message, HINTS[kind], level)


def _value(work_tree: WorkTree, path: str) -> object:
    """Return a file's value, as DeclarationHistory.value gives it."""
    try:
        return read_value(work_tree.read(path))
    except (OSError, CardopsError):
        return None


def _governing_key(was: object, now: object) -> str:
    """The first key of cardops.yaml that decides about others and differs, or nothing."""
    if not isinstance(was, dict) or not isinstance(now, dict):
        return CONFIG if was != now else ""
    keys = sorted({*was, *now} - NOT_GOVERNING)
    return next((key for key in keys if was.get(key) != now.get(key)), "")


def _decides(loaded: Loaded, judge: SignoffChecker, ref: str) -> bool:
    """Return True if the sources of sign-offs can answer a rule on approvers."""
    if loaded.desired is None:
        return True
    now: Config = loaded.desired.config
    return judge.decides(judge.kind([config_before(judge.declarations, ref, now)], now))


def _aged(findings: Iterable[Finding], touched: set[str], before: Callable[[], list[Finding]]) -> Iterator[Finding]:
    """Denials in files that the change does not touch become warnings where the base has them already."""
    found = list(findings)
    untouched = [
        one for one in found if one.level == "deny" and not one.suppressed and one.location.path not in touched
    ]
    known = {identity(one) for one in before()} if untouched else set()
    for one in found:
        if one in untouched and identity(one) in known:
            hint = f"{one.hint}; {BEFORE}" if one.hint else BEFORE
            yield one._replace(level="warn", hint=hint)
        else:
            yield one
