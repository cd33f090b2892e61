"""Join the records of a partitioned run into one. Pure.

The run's beginning leaves a record of its own: what was held, found and signed off when everything was planned.
Each part then leaves one of what it did. A part without one is not done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cardops.apply.results import StepOutcome
from cardops.model.desired import AccountRegion, CardKey
from cardops.model.errors import ExitCode, worst_exit_code
from cardops.model.findings import Finding, Location
from cardops.plan.steps import Plan

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a partitioned run: its partitions, its record if there is one, and its exit code."""

    partitions: tuple[str, ...]
    record: Statement | None
    code: ExitCode = ExitCode.INCOMPLETE

    @property
    def predicate(self) -> Mapping[str, Any]:
        """The predicate of the record; empty if there is none."""
        return self.record["predicate"] if self.record else {}


@dataclass(frozen=True, slots=True)
class NamedStep:
    """A step as a record names it: without what it does to fields."""

    kind: str
    place: AccountRegion
    resource: str
    key: str
    cards: frozenset[CardKey]


@dataclass(frozen=True, slots=True)
class Ended:
    """The result of a step, read from a record."""

    step: NamedStep
    outcome: StepOutcome
    detail: str


def join(begun: Statement, jobs: Sequence[Job], finished: str) -> dict[str, Any]:
    """Join the records: what any job held is held, and what no job reported is unknown. `finished` is ISO 8601, UTC."""
    first, parts = begun["predicate"], [job.predicate for job in jobs if job.record]
    lost = [job for job in jobs if job.record is None]
    codes = [ExitCode(one["exit_code"]) for one in (first, *parts)] + [job.code for job in lost]
    predicate = {
        **first,
        "finished": finished,
        "exit_code": int(worst_exit_code(codes)),
        "complete": not lost and all(one["complete"] for one in (first, *parts)),
        "outcomes": [one for part in parts for one in part["outcomes"]],
        "unknown": _latest("account region", [first, *parts], "unknown") + [_lost(name) for name in _names(lost)],
        "parts": [_summary(job) for job in jobs],
    }
    for name, identity in (
        ("cards", "account region card"),
        ("signoffs", "account region card"),
        ("held", "account region card"),
        ("findings", "path line column rule message"),
    ):
        predicate[name] = _latest(identity, [first, *parts], name)
    statements = [begun, *(job.record for job in jobs if job.record)]
    subjects = {one["name"]: one for statement in statements for one in statement["subject"]}
    return {**begun, "subject": list(subjects.values()), "predicate": predicate}


def ended(record: Statement) -> list[Ended]:
    """The outcomes that a record holds."""
    return [_ended(one) for one in record["predicate"]["outcomes"]]


def plan_of(record: Statement) -> Plan:
    """The plan whose run a record tells of, as far as it does: the commit, what is held, findings; no steps."""
    predicate = record["predicate"]
    held = {CardKey(one["account"], one["region"], one["card"]): str(one["reason"]) for one in predicate["held"]}
    findings = tuple(_finding(one) for one in predicate["findings"])
    return Plan(predicate["repository"], predicate["commit"], (), findings, held, predicate["unchanged"])


def _finding(one: Mapping[str, Any]) -> Finding:
    at = Location(one["path"], one["line"], one["column"])
    return Finding(one["rule"], at, one["message"], level=one["level"], card=one["card"], suppressed=one["suppressed"])


def _ended(one: Mapping[str, Any]) -> Ended:
    cards = frozenset(CardKey(*name.split("/", 2)) for name in one["cards"])
    place = AccountRegion(one["account"], one["region"])
    step = NamedStep(one["kind"], place, one["resource"], one["key"], cards)
    return Ended(step, StepOutcome(one["outcome"]), one["detail"])


def _latest(identity: str, documents: Iterable[Statement], name: str) -> list[Any]:
    """The entries of a list that all documents have; of entries about the same thing the last one."""
    keys = identity.split()
    found = {tuple(one[key] for key in keys): one for document in documents for one in document[name]}
    return [found[key] for key in sorted(found)]


def _summary(job: Job) -> dict[str, Any]:
    told = {name: job.predicate.get(name, "") for name in ("digest", "started", "finished")}
    code = ExitCode(job.predicate.get("exit_code", job.code))
    return {"partitions": list(job.partitions), **told, "exit_code": int(code)}


def _names(jobs: Iterable[Job]) -> list[str]:
    return [name for job in jobs for name in job.partitions]


def _lost(name: str) -> dict[str, str]:
    place = AccountRegion.parse(name)
    account, region = place or (name, "")
    return {"account": account, "region": region, "reason": "its job left no record"}
