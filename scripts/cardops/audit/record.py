"""The run record and the observed snapshot that a run leaves for auditors.

The record is a Statement of the in-toto attestation framework (v1), so that it can be signed as it is. Neither
holds content of cards: content is named by its digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cardops.apply.results import StepOutcome, StepResult
from cardops.model.desired import (
    APPROVED_BY,
    COMMIT,
    OWN_TAGS,
    PULL_REQUEST,
    AccountRegion,
    Card,
    CardKey,
    Status,
)
from cardops.model.findings import Finding, sort_findings
from cardops.model.observed import OTHER_PARTITION, Observed, ObservedCard, ObservedShare
from cardops.model.provenance import is_managed
from cardops.plan.approvals import Approval
from cardops.plan.steps import Plan

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:cardops:run:1"
DONE = frozenset({StepOutcome.CREATED, StepOutcome.UPDATED, StepOutcome.UNCHANGED})


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Who ran a command, where and when. Times are ISO 8601 in UTC, `exit_code` is the command's.

    `scope`: all, or narrowing, then perhaps with the `reason` of an emergency; `refused`: nothing was even tried;
    `partitions`: ACCOUNT/REGION of each that the run was about, none: all of them.
    """

    started: str
    finished: str
    actor: str
    job: str = ""
    exit_code: int = 0
    scope: Literal["all", "narrowing"] = "all"
    reason: str = ""
    refused: bool = False
    partitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedSnapshot:
    """AWS before and after a run, findings beside the plan's, and who signed off which cards."""

    before: Observed
    after: Observed
    findings: tuple[Finding, ...] = ()
    signed: tuple[tuple[Card, Approval], ...] = ()


def affected_resources(plan: Plan, results: Iterable[StepResult]) -> list[CardKey]:
    """The cards that a run acted on, or held."""
    return sorted({key for result in results for key in result.step.cards} | plan.held.keys())


def statement(plan: Plan, results: Sequence[StepResult], seen: ObservedSnapshot, run: RunRecord) -> dict[str, Any]:
    """The record of one apply. Its subjects are the commit, and the live content of every card that it touched."""
    keys = affected_resources(plan, results)
    subjects: list[dict[str, Any]] = [{"name": "commit", "digest": {"gitCommit": plan.commit}}]
    for key in keys:
        live = seen.after.cards.get(key)
        if live is not None and live.content is not None:
            subjects.append({"name": live.arn, "digest": {"sha256": hashlib.sha256(live.content).hexdigest()}})
    unknown = [
        {"account": place.account, "region": place.region, "reason": why}
        for place, why in sorted(seen.after.unknown.items())
        if why != OTHER_PARTITION
    ]
    return {
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": PREDICATE,
        "predicate": {
            "version": 1,
            "repository": plan.repository,
            "commit": plan.commit,
            "digest": plan.digest(),
            "started": run.started,
            "finished": run.finished,
            "actor": run.actor,
            "job": run.job,
            "exit_code": run.exit_code,
            "scope": run.scope,
            "reason": run.reason,
            "partitions": list(run.partitions),
            "complete": not run.refused and not unknown and _is_complete(plan, results, seen.findings),
            "outcomes": [_outcome(result) for result in results],
            "unchanged": plan.unchanged,
            "cards": [_card(key, seen.before.cards.get(key), seen.after.cards.get(key)) for key in keys],
            "signoffs": [_signoff(card, approval) for card, approval in seen.signed],
            "held": [_named(key) | {"reason": why} for key, why in sorted(plan.held.items())],
            "findings": [_finding(finding) for finding in sort_findings([*seen.findings, *plan.findings])],
            "unknown": unknown,
        },
    }


def _is_complete(plan: Plan, results: Iterable[StepResult], findings: Iterable[Finding]) -> bool:
    """Tell whether nothing was left for a later run, not even what was held or denied before a step of it was tried."""
    denied = [one for one in (*findings, *plan.findings) if one.share and one.level == "deny" and not one.suppressed]
    return not (plan.held or denied) and all(result.outcome in DONE for result in results)


def snapshot(observed: Observed, repository: str) -> dict[str, str]:
    """Path and text of one file for each place: cards with status and version, and every share that holds cards."""
    read = {key.place for key in observed.cards} | {share.place for share in observed.shares}
    places = read | observed.permissions.keys()
    return {f"state/{place.account}-{place.region}.json": _state(observed, place, repository) for place in places}


def from_json(files: Mapping[str, str]) -> Observed:
    """Restore a snapshot as observed state without content. Raises ValueError or KeyError for any other document."""
    cards: dict[CardKey, ObservedCard] = {}
    shares: list[ObservedShare] = []
    for text in files.values():
        document = json.loads(text)
        place = AccountRegion(document["account"], document["region"])
        for name, card in document["cards"].items():
            key = CardKey(*place, name)
            cards[key] = ObservedCard(key, Status(card["status"]), card["version"], None, card["tags"])
        shares += [_share(place, share) for share in document["shares"]]
    return Observed(cards, tuple(shares), {})


def records(files: Iterable[str]) -> list[dict[str, Any]]:
    """Return the predicates of run records, oldest first; other texts are skipped."""
    found = []
    for text in files:
        try:
            document = json.loads(text)
        except ValueError:
            continue
        if isinstance(document, dict) and document.get("predicateType") == PREDICATE:
            found.append(document["predicate"])
    return sorted(found, key=lambda record: str(record.get("finished", "")))


def _state(observed: Observed, place: AccountRegion, repository: str) -> str:
    cards = {
        key.name: {
            "status": live.status.value,
            "version": live.version,
            "tags": {tag: value for tag, value in sorted(live.tags.items()) if tag.startswith(OWN_TAGS)},
        }
        for key, live in sorted(observed.cards.items())
        if key.place == place and is_managed(live.tags, repository)
    }
    shares = [
        {
            "arn": share.arn,
            "name": share.name,
            "tags": {tag: value for tag, value in sorted(share.tags.items()) if tag.startswith(OWN_TAGS)},
            "permission": share.permission,
            "actions": sorted(share.actions),
            "external": share.external,
            "principals": dict(sorted(share.principals.items())),
            "cards": dict(sorted(share.resources.items())),
        }
        for share in sorted(observed.shares, key=lambda share: share.arn)
        if share.place == place
    ]
    document = {"version": 1, "account": place.account, "region": place.region, "cards": cards, "shares": shares}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _share(place: AccountRegion, share: Mapping[str, Any]) -> ObservedShare:
    return ObservedShare(
        arn=share["arn"],
        place=place,
        name=share["name"],
        tags=share["tags"],
        resources=share["cards"],
        principals=share["principals"],
        permission=share["permission"],
        actions=frozenset(share["actions"]),
        external=share["external"],
    )


def _card(key: CardKey, before: ObservedCard | None, after: ObservedCard | None) -> dict[str, Any]:
    tags = after.tags if after else {}
    return _named(key) | {
        "before": _side(before),
        "after": _side(after),
        "commit": tags.get(COMMIT, ""),
        "approved_by": tags.get(APPROVED_BY, ""),
        "pull_request": tags.get(PULL_REQUEST, ""),
    }


def _signoff(card: Card, approval: Approval) -> dict[str, Any]:
    """Describe a sign-off: the digests of the content and of the whole file, and the people."""
    return _named(card.key) | {
        "status": card.status.value,
        "digest": card.digest,
        "declared": card.declared,
        "approved_by": list(approval.by),
        "pull_request": approval.pull_request,
    }


def _side(live: ObservedCard | None) -> dict[str, Any] | None:
    return {"status": live.status.value, "version": live.version} if live else None


def _named(key: CardKey) -> dict[str, str]:
    return {"account": key.account, "region": key.region, "card": key.name}


def _outcome(result: StepResult) -> dict[str, Any]:
    step = result.step
    return {
        "kind": step.kind,
        "account": step.place.account,
        "region": step.place.region,
        "resource": step.resource,
        "key": step.key,
        "cards": [str(key) for key in sorted(step.cards)],
        "reason": step.reason,
        "outcome": result.outcome.value,
        "detail": result.detail,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "path": finding.location.path,
        "line": finding.location.line,
        "column": finding.location.column,
        "message": finding.message,
        "card": finding.card,
        "suppressed": finding.suppressed,
    }
