"""Exceptions with a reason, an approver and an end: policies/waivers/*.yaml. They suppress, and never hide."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from cardops.model.findings import Finding, Location
from cardops.policy.facts import Facts, Subject
from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import Form, check_shape, closest_match, day, get_path, listing, short, text
from cardops.policy.plain_names import letters_of
from cardops.policy.rules import Rule

WARNED_DAYS = 14

FILE = Form({"waivers": listing})
WAIVER = Form({"rule": text, "reason": text, "approved_by": text, "expires": day}, {"card": text, "share": text})


class Waiver(NamedTuple):
    """`expires` is its last day (UTC); `card` is a name or `account/name`; one of card and share is empty."""

    rule: str
    reason: str
    approved_by: str
    expires: str
    card: str
    share: str
    file: PolicyFile
    where: Where

    @property
    def kind(self) -> Literal["card", "share"]:
        """What it is for."""
        return "card" if self.card else "share"

    def place(self, key: str = "") -> Location:
        """Where it, or one of its keys, is written."""
        return self.file.place((*self.where, key) if key else self.where)

    def covers(self, subject: Subject) -> bool:
        """Whether it is for this card or share."""
        if subject.kind != self.kind:
            return False
        return (self.card or self.share) in (subject.name, f"{subject.account}/{subject.name}")

    def as_data(self) -> dict[str, Any]:
        """As rules see it; `letters` is how much the reason says."""
        keys = ("rule", "card", "share", "reason", "approved_by", "expires")
        return {
            **{key: str(getattr(self, key)) for key in keys},
            "path": self.file.path,
            "letters": letters_of(self.reason),
        }


def read_waivers(file: PolicyFile, rules: Mapping[str, Rule]) -> list[Waiver]:
    """The waivers of a file that have the right form and name a rule; the others are findings of the file."""
    if file.value is None or not check_shape(file, (), FILE, "a file of waivers"):
        return []
    found = (_waiver(file, ("waivers", index), rules) for index in range(len(file.value["waivers"])))
    return [waiver for waiver in found if waiver]


def _waiver(file: PolicyFile, where: Where, rules: Mapping[str, Rule]) -> Waiver | None:
    if not check_shape(file, where, WAIVER, "a waiver"):
        return None
    value = get_path(file.value, where)
    if ("card" in value) == ("share" in value):
        file.report("policy/value", where, "a waiver is for a card or for a share", "name one of the two")
        return None
    if value["rule"] not in rules:
        message = f"there is no rule {short(value['rule'])}"
        file.report("policy/unknown-rule", (*where, "rule"), message, closest_match(value["rule"], rules))
        return None
    return Waiver(**{"card": "", "share": "", **value}, file=file, where=where)


Hit = tuple[Finding, Subject | None]


def apply_waivers(
    waivers: Iterable[Waiver], hits: Iterable[Hit], facts: Facts, rules: Mapping[str, Rule]
) -> list[Finding]:
    """The findings, those that a waiver in force covers marked as suppressed, and what is wrong with the waivers."""
    found = list(hits)
    findings: list[Finding] = []
    suppressed: dict[int, str] = {}
    for waiver in waivers:
        subjects = [subject for subject in facts.subjects if waiver.covers(subject)]
        matched = [
            index
            for index, (finding, subject) in enumerate(found)
            if finding.rule == waiver.rule and subject and waiver.covers(subject)
        ]
        asked = rules[waiver.rule].on != "change"
        problem = _wrong(waiver, subjects, bool(matched) or not asked, facts.today)
        if problem:
            findings.append(problem)
        if not problem or problem.level != "deny":
            suppressed.update(dict.fromkeys(matched, waiver.reason))
    marked = [finding._replace(suppressed=suppressed.get(index, "")) for index, (finding, _) in enumerate(found)]
    return marked + findings


def _wrong(waiver: Waiver, subjects: list[Subject], matches: bool, today: str) -> Finding | None:
    """What is wrong with a waiver, the gravest first."""
    name = short(waiver.card or waiver.share)
    if not subjects:
        return Finding(
            "waiver/no-match", waiver.place(waiver.kind), f"there is no {waiver.kind} {name}", "remove the waiver"
        )
    card, share = subjects[0].card, subjects[0].share
    if len(subjects) > 1:
        hint = "write account/name"
        return Finding("waiver/ambiguous", waiver.place(waiver.kind), f"there are several cards {name}", hint)
    if today > waiver.expires:
        message = f"the waiver of {waiver.rule} for {name} ended on {waiver.expires}"
        hint = f"fix the {waiver.kind}, or have the waiver renewed, then remove or change this entry"
        return Finding("waiver/expired", waiver.place("expires"), message, hint, card=card, share=share)
    if not matches:
        message = f"the waiver matches nothing: {name} does not break {waiver.rule}"
        return Finding("waiver/unused", waiver.place(), message, "remove the waiver", card=card, share=share)
    last = date.fromisoformat(waiver.expires)
    if date.fromisoformat(today) >= last - timedelta(days=WARNED_DAYS):
        message = f"the waiver of {waiver.rule} for {name} ends after {waiver.expires}"
        hint = f"fix the {waiver.kind}, or have the waiver renewed"
        return Finding("waiver/expiring", waiver.place("expires"), message, hint, "warn")
    return None
