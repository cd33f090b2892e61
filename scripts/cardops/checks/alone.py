"""Everything that is declared, held against the rules as they are now."""

from collections.abc import Iterable
from pathlib import Path

from cardops.checks.scan import Scan
from cardops.checks.subjects import hold_against
from cardops.checks.versions import kept
from cardops.declared.load import Loaded, load_repository
from cardops.declared.source import WorkTree
from cardops.findings import Finding, in_order
from cardops.policy.documents import Folder
from cardops.policy.load import load_policies
from cardops.policy.rules import LEVELS


def check_alone(root: Path, today: str, cached: bool) -> tuple[Loaded, list[Finding]]:
    """What is declared, and everything that is wrong with it, without a base to hold it against.

    With `cached`, checks of single documents are taken from earlier runs.
    """
    policies = load_policies(Folder(root), kept(root, "policies") if cached else None)
    files = kept(root, "files") if cached else None
    scan = Scan([policies], today, cached)
    loaded = load_repository(WorkTree(root), today=today, keep=True, read_cards=scan, kept=files)
    if files:
        files.save()
    return loaded, gravest([*loaded.findings, *hold_against(policies, loaded, today)])


def identity(finding: Finding) -> tuple[str, str, str, str, str]:
    """What a finding is known by when its place moves."""
    return finding.rule, finding.location.path, finding.message, finding.card, finding.share


def gravest(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, as grave as the base's rules or the branch's own make it."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        same = (*identity(one), one.location)
        if same not in kept or _gravity(one) < _gravity(kept[same]):
            kept[same] = one
    return in_order(kept.values())


def _gravity(finding: Finding) -> tuple[bool, int]:
    return bool(finding.suppressed), LEVELS.index(finding.level)
