"""Everything that is declared, held against the rules as they are now."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cardops.cache.fingerprint import open_result_cache
from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import WorkTree
from cardops.git.index import blobs_behind, read_index
from cardops.git.trees import DECLARED
from cardops.model.errors import GitError
from cardops.model.findings import Finding, sort_findings
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.policy.rules import LEVELS
from cardops.validation.scanner import Scanner
from cardops.validation.subjects import evaluate_rules


def validate_worktree(root: Path, today: str, cached: bool) -> tuple[Loaded, list[Finding]]:
    """Validate the work tree by itself, without a base.

    With `cached`, checks of single documents are taken from earlier runs.
    """
    blobs = committed_blobs(root)
    policies = load_policies(Folder(root, blobs), open_result_cache(root, "policies") if cached else None)
    files = open_result_cache(root, "files") if cached else None
    scan = Scanner([policies], today, cached)
    loaded = load_repository(WorkTree(root, blobs=blobs), today=today, keep=True, read_cards=scan, kept=files)
    if files:
        files.save()
    return loaded, most_severe([*loaded.findings, *evaluate_rules(policies, loaded, today)])


def committed_blobs(root: Path) -> Mapping[str, bytes]:
    """Return git's blobs of files that the work tree shows differently; nothing without git."""
    try:
        return blobs_behind(root, read_index(root, DECLARED, untracked=False))
    except GitError:
        return {}


def identity(finding: Finding) -> tuple[str, str, str, str, str]:
    """Return the identity of a finding that survives a change of its line."""
    return finding.rule, finding.location.path, finding.message, finding.card, finding.share


def most_severe(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, as grave as the base's rules or the branch's own make it."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        same = (*identity(one), one.location)
        if same not in kept or _gravity(one) < _gravity(kept[same]):
            kept[same] = one
    return sort_findings(kept.values())


def _gravity(finding: Finding) -> tuple[bool, int]:
    return bool(finding.suppressed), LEVELS.index(finding.level)
