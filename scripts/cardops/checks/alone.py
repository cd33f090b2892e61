"""Everything that is declared, held against the rules as they are now."""

from collections.abc import Iterable

from cardops.checks.subjects import hold_against
from cardops.declared.load import Loaded
from cardops.findings import Finding, in_order
from cardops.policy.load import Policies
from cardops.policy.rules import LEVELS


def check_alone(policies: Policies, loaded: Loaded, today: str) -> list[Finding]:
    """Every finding, without a base to hold it against."""
    return gravest([*loaded.findings, *hold_against(policies, loaded, today)])


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
