"""A plan in parts that do not touch each other: one for each account and region."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from cardops.findings import Finding
from cardops.model import Place
from cardops.plan.steps import Plan

ELSEWHERE = "it is in another partition, which was not asked for"


def place_of(text: str) -> Place | None:
    """The place that `ACCOUNT/REGION` names; None where the text is not of that form."""
    account, _, region = text.partition("/")
    return Place(account, region) if len(account) == 12 and account.isdecimal() and region else None


def only(plan: Plan, place: Place) -> Plan:
    """What a plan does and holds in one place. What names no card is about all places."""
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.place == place),
        held={key: why for key, why in plan.held.items() if key.place == place},
        findings=tuple(_about(plan.findings, place)),
    )


def steps_by_place(plan: Plan) -> dict[Place, int]:
    """How many steps each place has; places without any are left out."""
    return dict(sorted(Counter(step.place for step in plan.steps).items()))


def _about(findings: Iterable[Finding], place: Place) -> Iterable[Finding]:
    return (one for one in findings if not one.card or one.card.startswith(f"{place}/"))
