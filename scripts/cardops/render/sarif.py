"""Render findings as SARIF 2.1.0 (OASIS), for code scanning.

Waived findings are included as suppressed. A fingerprint depends on the finding's rule, file and message, not on its
line, so that an alert survives an edit above it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from cardops import __version__
from cardops.model.catalogue import built_in_rules
from cardops.model.findings import Finding, Level
from cardops.render.escape import document, escape_invisible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "cardopsFinding/v1"
LEVELS: Mapping[Level, str] = {"deny": "error", "warn": "warning", "audit": "note"}


def sarif(findings: Iterable[Finding], titles: Mapping[str, str]) -> str:
    """Render one SARIF run. `titles` are the titles of the rules; a rule without one is described by its id."""
    found = list(findings)
    rules = sorted({finding.rule for finding in found})
    seen: Counter[str] = Counter()
    driver = {
        "name": "cardops",
        "version": __version__,
        "rules": [_rule(rule, titles.get(rule, ""), found) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule), seen) for finding in found],
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: str, title: str, findings: Iterable[Finding]) -> dict[str, Any]:
    hints = sorted({finding.hint for finding in findings if finding.rule == rule and finding.hint})
    built_in = built_in_rules().get(rule)
    text = _words(title) or f"Rule {escape_invisible(rule)}."
    why = f" {built_in.why}" if built_in else ""
    fix = built_in.fix if built_in else _words(hints[0]) if hints else ""
    return {
        "id": escape_invisible(rule),
        "shortDescription": {"text": text},
        "help": {"text": f"{text}{why}{f' Fix: {fix}' if fix else ''}"},
    }


def _result(finding: Finding, index: int, seen: Counter[str]) -> dict[str, Any]:
    at = finding.location
    region = {"startLine": at.line, "startColumn": at.column}
    hint = f" (hint: {finding.hint})" if finding.hint else ""
    waived = [{"kind": "external", "status": "accepted", "justification": escape_invisible(finding.suppressed)}]
    return {
        "ruleId": escape_invisible(finding.rule),
        "ruleIndex": index,
        "level": LEVELS[finding.level],
        "message": {"text": _words(f"{finding.message}{hint}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(at.path)}, "region": region}}],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding, seen)},
        **({"suppressions": waived} if finding.suppressed else {}),
    }


def _words(text: str) -> str:
    """Escape text so that it contains no link: SARIF's plain text reads `[text](target)` as one."""
    return escape_invisible(text).replace("](", "] (")


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogatepass"), safe="/")


def _fingerprint(finding: Finding, seen: Counter[str]) -> str:
    """Fingerprint a finding. Equal findings of one file are numbered in order."""
    said = "\n".join((finding.rule, finding.location.path, finding.message))
    name = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[name] += 1
    return f"{name}:{seen[name]}"
