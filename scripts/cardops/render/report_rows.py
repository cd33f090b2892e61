"""The rows of the report for auditors: one for each clause, card and rule. Every form of the report is made of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from cardops.commands.policy_report import PolicyReport
from cardops.model.findings import Location
from cardops.policy.assessment import Assessed
from cardops.policy.coverage import CoveredClause, PackCoverage
from cardops.policy.enforcement import Override
from cardops.policy.facts import Subject
from cardops.policy.waivers import Waiver

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
    waivers = [
        _exception("waiver", one.rule, one.card or one.share, one, report.on > one.expires, one.place(), "")
        for one in report.policies.waivers
    ]
    file = report.policies.enforcement_file
    overrides = [
        _exception(
            "override",
            rule,
            " and ".join(f"{key} {value}" for key, value in one.scope().items()),
            one,
            one.is_over(report.on),
            file.place(one.where) if file else Location("policies/enforcement.yaml"),
            f"level {one.level}, ",
        )
        for rule, entry in sorted(report.policies.enforcement.items())
        for one in entry.overrides
    ]
    return [*waivers, *overrides]


def _exception(
    kind: str, rule: str, about: str, one: Waiver | Override, ended: bool, place: Location, level: str
) -> dict[str, Any]:
    by = f", by {one.approved_by}" if one.approved_by else ""
    until = f" until {one.expires}" if one.expires else ""
    why = f": {one.reason}" if one.reason else ""
    return {
        "kind": kind,
        "rule": rule,
        "for": about,
        "what": f"{level}{'ended' if ended else 'in force'}{by}{until}{why}",
        "approved_by": one.approved_by,
        "expires": one.expires,
        "reason": one.reason,
        "in_force": not ended,
        "path": place.path,
        "line": place.line,
    }
