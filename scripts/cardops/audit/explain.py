"""Explain what blocks a card, since when, and who has to act next. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cardops.model.desired import Card
from cardops.model.findings import Finding
from cardops.plan.steps import Plan, Step

SIGNOFF = "somebody who did not contribute to it"
ADMINISTRATOR = "whoever looks after the roles and the pipeline"


@dataclass(frozen=True, slots=True)
class BlockedSince:
    """The run that held the card first, and it has been held ever since; `when` is ISO 8601 in UTC."""

    when: str
    commit: str
    job: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`held` is empty where nothing holds the card; `findings` are those about it; `steps` what an apply would do.

    `who` has to act next; `since` is None where no record tells.
    """

    card: Card
    live: str
    held: str
    findings: tuple[Finding, ...]
    steps: tuple[Step, ...]
    who: str
    since: BlockedSince | None


def explain(
    card: Card, live: str, plan: Plan, findings: Iterable[Finding], records: Sequence[Mapping[str, Any]]
) -> Explanation:
    """`live` is the live status, or empty; `findings` those beside the plan's; `records` are oldest first."""
    about = tuple(one for one in (*findings, *plan.findings) if one.card == str(card.key) and not one.suppressed)
    holding = [one for one in about if one.level == "deny" or one.rule == "signoff/missing"]
    held = plan.held.get(card.key, "") or next((one.message for one in holding), "")
    steps = tuple(step for step in plan.differences() if card.key in step.cards)
    since = blocked_since(card, records)
    who = _next(card, held, holding) if held else ""
    return Explanation(card, live, held, about, steps, who, since if held else None)


def blocked_since(card: Card, records: Iterable[Mapping[str, Any]]) -> BlockedSince | None:
    """The first of the latest runs, one after another, that left the card waiting.

    Narrowing runs say nothing, nor do those of other partitions.
    """
    since: BlockedSince | None = None
    for record in records:
        if record.get("scope", "all") != "all" or not _is_about(card, record):
            continue
        if not _left_waiting(card, record):
            since = None
        elif since is None:
            since = BlockedSince(str(record["finished"]), str(record["commit"]), str(record["job"]))
    return since


def _is_about(card: Card, record: Mapping[str, Any]) -> bool:
    return not record.get("partitions") or str(card.key.place) in record["partitions"]


def _left_waiting(card: Card, record: Mapping[str, Any]) -> bool:
    named = {"account": card.key.account, "region": card.key.region}
    held = any(named.items() | {("card", card.key.name)} <= one.items() for one in record["held"])
    undone = ("held", "failed", "skipped")
    return held or any(
        named.items() | {("resource", card.key.name)} <= one.items() and one["outcome"] in undone
        for one in record["outcomes"]
    )


def _next(card: Card, held: str, holding: Sequence[Finding]) -> str:
    if any(one.rule.startswith("signoff/") for one in holding):
        return SIGNOFF
    return card.owner if holding or "its file" in held else ADMINISTRATOR
