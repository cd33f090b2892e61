"""The rows of the report for auditors: one for each clause, card and rule. Every form of the report is made of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from cardops.commands.policy_report import PolicyReport
from cardops.policy.assessment import Assessed
from cardops.policy.coverage import CoveredClause, PackCoverage
from cardops.policy.facts import Subject

DISCLAIMER = "A map for those who collect evidence, and not a statement of compliance."
NO_RULE, NOT_EVIDENCED = "no rule", "not evidenced by a card"


class Row(NamedTuple):
    """One row. `kind` is card, share or repository; both it and `name` are empty for a clause without rules.

    `line` is 0 where there is no file to point at.
    """

    pack: str
    clause: CoveredClause
    applies: bool
    kind: str
    name: str
    rule: str
    level: str
    state: str
    reason: str
    path: str
    line: int
    waived_by: str = ""
    waived_until: str = ""


def clauses_of(covered: PackCoverage) -> list[CoveredClause]:
    """Each clause once, in the order of the text."""
    by_id = {one.clause.id: one for stage in covered.stages if not stage.to for one in stage.clauses}
    return [by_id[clause.id] for clause in covered.pack.clauses if clause.id in by_id]


def rows(report: PolicyReport, covered: PackCoverage) -> Iterator[Row]:
    """The rows of a pack: those of clauses that do not apply yet as well."""
    for clause in clauses_of(covered):
        applies = covered.applies and clause.applies_from <= report.on
        if not clause.rules:
            state = NOT_EVIDENCED if clause.clause.not_covered else NO_RULE
            reason = clause.clause.not_covered or "no rule asks for it yet"
            yield Row(covered.pack.id, clause, applies, "", "", "", "", state, reason, "", 0)
        for rule in clause.rules:
            for one in report.assessed.get(rule, ()):
                yield _row(covered.pack.id, clause, applies, one)


def _row(pack: str, clause: CoveredClause, applies: bool, one: Assessed) -> Row:
    subject = one.subject
    place = one.evidence()
    reason = "; ".join(dict.fromkeys(finding.message for finding in one.findings))
    return Row(
        pack,
        clause,
        applies,
        subject.kind if subject else "repository",
        subject.name if subject else "",
        one.rule.id,
        one.level,
        one.state,
        reason,
        place.path,
        place.line,
        one.waiver.approved_by if one.waiver else "",
        one.waiver.expires if one.waiver else "",
    )


def card_of(report: PolicyReport, subject: Subject) -> dict[str, Any]:
    """What is told of a card or share as a whole: its file with the digest, and who signed it off by the ledger."""
    signoff = report.signoffs.get(subject.key) if subject.kind == "card" else None
    return {
        "kind": subject.kind,
        "name": subject.name,
        "path": subject.path,
        "sha256": report.digests[subject.path],
        "owner": subject.owner,
        "status": str(subject.value.get("status", "")) if subject.kind == "card" else "",
        "signoff": {**signoff._asdict(), "approved_by": list(signoff.approved_by)} if signoff else None,
    }


def exceptions(report: PolicyReport) -> list[dict[str, Any]]:
    """The register of waivers and overrides: for what, why, by whom and until when."""
    found: list[dict[str, Any]] = []
    for waiver in report.policies.waivers:
        place = waiver.place()
        ended = report.on > waiver.expires
        found.append(
            {
                "kind": "waiver",
                "rule": waiver.rule,
                "for": waiver.card or waiver.share,
                "what": f"{'ended' if ended else 'in force'}, by {waiver.approved_by} until {waiver.expires}: "
                f"{waiver.reason}",
                "approved_by": waiver.approved_by,
                "expires": waiver.expires,
                "reason": waiver.reason,
                "in_force": not ended,
                "path": place.path,
                "line": place.line,
            }
        )
    for rule, entry in sorted(report.policies.enforcement.items()):
        for override in entry.overrides:
            told = {key: str(value) for key, value in override._asdict().items() if value}
            scope = " and ".join(
                f"{key} {told[key]}" for key in told if key not in ("level", "reason", "approved_by", "expires")
            )
            found.append(
                {
                    "kind": "override",
                    "rule": rule,
                    "for": scope,
                    "what": f"level {override.level}",
                    "approved_by": told.get("approved_by", ""),
                    "expires": told.get("expires", ""),
                    "reason": told.get("reason", ""),
                    "in_force": True,
                    "path": "policies/enforcement.yaml",
                    "line": 1,
                }
            )
    return found
