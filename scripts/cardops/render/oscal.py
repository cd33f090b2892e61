"""The report for auditors as OSCAL assessment results: https://pages.nist.gov/OSCAL/ (model 1.1.2).

OSCAL knows satisfied and not satisfied only. A clause is satisfied where every rule that cites it is satisfied by all
that it applies to; a waiver makes it not satisfied, with the reason `other` and the waiver in the remarks.
"""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from cardops.commands.policy_report import PolicyReport
from cardops.policy.assessment import Assessed
from cardops.policy.coverage import CoveredClause, PackCoverage
from cardops.render.report_rows import DISCLAIMER, card_of, clauses_of

OSCAL_VERSION = "1.1.2"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:cardops:policy-report")
JUDGED = ("satisfied", "not satisfied", "waived", "undecided")


def report_as_oscal(report: PolicyReport) -> str:
    """Render one result for each pack, with an observation for each rule and card and a finding for each clause.

    Identifiers follow from the commit, the day and what they stand for, so that the same report has the same ones.
    """
    moment = f"{report.on}T00:00:00Z"
    plan = _uuid(report, "plan")
    document = {
        "uuid": _uuid(report, "document"),
        "metadata": {
            "title": "Policy report of model cards",
            "last-modified": moment,
            "version": report.commit,
            "oscal-version": OSCAL_VERSION,
            "remarks": f"{DISCLAIMER} Made by cardops {report.tool}.",
        },
        "import-ap": {"href": f"#{plan}"},
        "results": [_result(report, covered, moment) for covered in report.packs],
        "back-matter": {"resources": [_plan(report, plan), *_files(report)]},
    }
    return json.dumps({"assessment-results": document}, indent=2, ensure_ascii=False)


def token(text: str) -> str:
    """A text as an OSCAL token: letters, digits, points, dashes and underscores, beginning with a letter."""
    kept = re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII).strip("-")
    return kept if kept[:1].isalpha() else f"c-{kept}"


def _result(report: PolicyReport, covered: PackCoverage, moment: str) -> dict[str, Any]:
    pack = covered.pack
    clauses = clauses_of(covered)
    observations = {(one.rule.id, _about(one)): one for clause in clauses for one in _judged(report, clause)}
    findings = [finding for clause in clauses for finding in _finding(report, covered, clause)]
    selection: dict[str, Any] = {"description": f"{pack.title}, version {pack.version}: {pack.source}"}
    reviewed = [{"control-id": token(f"{pack.id}_{one.clause.id}")} for one in clauses if one.rules]
    if reviewed:
        selection["include-controls"] = reviewed
    else:
        selection["include-all"] = {}
    excluded = [{"control-id": token(f"{pack.id}_{one.clause.id}")} for one in clauses if one.clause.not_covered]
    if excluded and reviewed:
        selection["exclude-controls"] = excluded
    result: dict[str, Any] = {
        "uuid": _uuid(report, "result", pack.id),
        "title": pack.title,
        "description": pack.note or pack.title,
        "start": moment,
        "end": moment,
        "reviewed-controls": {"control-selections": [selection]},
        "remarks": _remarks(report, covered, clauses),
    }
    if observations:
        result["observations"] = [_observation(report, one, moment) for one in observations.values()]
    if findings:
        result["findings"] = findings
    return result


def _remarks(report: PolicyReport, covered: PackCoverage, clauses: list[CoveredClause]) -> str:
    later = sum(one.applies_from > report.on for one in clauses)
    missing = [one.clause.id for one in clauses if one.coverage == "missing"]
    told = "applies" if covered.applies else "does not apply"
    return (
        f"The text is {covered.pack.status} and {told} on {report.on}; {later} of {len(clauses)} clauses begin to "
        f"apply later. No rule asks for: {', '.join(missing) or 'nothing'}."
    )


def _judged(report: PolicyReport, clause: CoveredClause) -> Iterator[Assessed]:
    for rule in clause.rules:
        yield from (one for one in report.assessed.get(rule, ()) if one.state in JUDGED)


def _observation(report: PolicyReport, one: Assessed, moment: str) -> dict[str, Any]:
    place = one.evidence()
    told = "; ".join(finding.message for finding in one.findings) or one.rule.title
    observation: dict[str, Any] = {
        "uuid": _uuid(report, "observation", one.rule.id, _about(one)),
        "title": f"{one.rule.id}: {one.rule.title}",
        "description": told,
        "props": [
            {"name": "state", "ns": "urn:cardops:oscal", "value": token(one.state)},
            {"name": "level", "ns": "urn:cardops:oscal", "value": one.level},
            {"name": "rule-sha256", "ns": "urn:cardops:oscal", "value": report.rule_digests[one.rule.id]},
        ],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "relevant-evidence": [
            {"href": f"{place.path}#L{place.line}", "description": f"{place.path} at commit {report.commit}"}
        ],
        "collected": moment,
        "remarks": f"Parameters in force: {json.dumps(report.params(one.rule), ensure_ascii=False, sort_keys=True)}",
    }
    if one.subject:
        resource = _uuid(report, "file", one.subject.path)
        observation["subjects"] = [{"subject-uuid": resource, "type": "resource", "title": one.subject.name}]
    if one.waiver:
        observation["remarks"] += f" Waived by {one.waiver.approved_by} until {one.waiver.expires}: {one.waiver.reason}"
    return observation


def _finding(report: PolicyReport, covered: PackCoverage, clause: CoveredClause) -> Iterator[dict[str, Any]]:
    judged = list(_judged(report, clause))
    if not judged:
        return
    states = {one.state for one in judged}
    status: dict[str, Any] = {"state": "satisfied", "reason": "pass"}
    if "not satisfied" in states:
        status = {"state": "not-satisfied", "reason": "fail"}
    elif states != {"satisfied"}:
        status = {"state": "not-satisfied", "reason": "other", "remarks": ", ".join(sorted(states - {"satisfied"}))}
    yield {
        "uuid": _uuid(report, "finding", covered.pack.id, clause.clause.id),
        "title": f"{clause.clause.id}: {clause.clause.title}",
        "description": f"{sum(one.state == 'satisfied' for one in judged)} of {len(judged)} results are satisfied.",
        "target": {
            "type": "objective-id",
            "target-id": token(f"{covered.pack.id}_{clause.clause.id}"),
            "status": status,
        },
        "related-observations": [
            {"observation-uuid": _uuid(report, "observation", one.rule.id, _about(one))} for one in judged
        ],
        "remarks": f"Applies from {clause.applies_from}.",
    }


def _plan(report: PolicyReport, plan: str) -> dict[str, Any]:
    files = sorted({rule.file.path for rule in report.policies.rules.values()})
    return {
        "uuid": plan,
        "title": "Rules by which cards were assessed",
        "description": f"Policies with digest {report.policies.digest} at commit {report.commit}.",
        "rlinks": [{"href": path} for path in files] or [{"href": "policies/"}],
    }


def _files(report: PolicyReport) -> Iterator[dict[str, Any]]:
    for subject in report.subjects:
        card = card_of(report, subject)
        resource: dict[str, Any] = {
            "uuid": _uuid(report, "file", subject.path),
            "title": subject.name or subject.path,
            "description": f"A {subject.kind} as declared at commit {report.commit}.",
            "rlinks": [{"href": subject.path, "hashes": [{"algorithm": "SHA-256", "value": card["sha256"]}]}],
        }
        if signoff := card["signoff"]:
            by = ", ".join(signoff["approved_by"]) or "nobody"
            resource["remarks"] = (
                f"Signed off by {by} ({signoff['pull_request']}), as the run of {signoff['when']} recorded."
            )
        yield resource


def _about(one: Assessed) -> str:
    return one.subject.path if one.subject else "cardops.yaml"


def _uuid(report: PolicyReport, *parts: str) -> str:
    """A version 5 identifier; OSCAL wants it in small letters, as it is."""
    return str(uuid.uuid5(NAMESPACE, "\n".join((report.commit, report.on, report.policies.digest, *parts))))
