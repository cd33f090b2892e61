"""Waivers: rule exceptions with reason, approver and expiry, from policies/waivers/*.yaml.

A waiver suppresses a finding and never hides it. It may be there before the card, and before the card breaks the rule.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from cardops.model.findings import Finding, Location
from cardops.policy.enforcement import Enforcement
from cardops.policy.facts import Facts, Subject
from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import Form, check_shape, closest_match, day, days, get_path, listing, short, text
from cardops.policy.plain_names import letters_of
from cardops.policy.rules import Rule

WARNED_DAYS = 14
GRACE_DAYS = 30
"""So many days after it was granted, a waiver that nothing needs only warns."""

FILE = Form({"waivers": listing})
WAIVER = Form(
    {"rule": text, "reason": text, "approved_by": text, "expires": day},
    {"card": text, "share": text, "granted": day, "renewed": days},
)


class Waiver(NamedTuple):
    """`expires` is its last day (UTC); `card` is a name or `account/name`; one of card and share is empty.

    `granted` is the day on which it was granted, empty if nobody said; `renewed` are the days on which it was given a
    later end.
    """

    rule: str
    reason: str
    approved_by: str
    expires: str
    card: str
    share: str
    file: PolicyFile
    where: Where
    granted: str = ""
    renewed: tuple[str, ...] = ()

    @property
    def target(self) -> tuple[str, str, str]:
        """Return what identifies it: the rule, and the card or share."""
        return self.rule, self.card, self.share

    def says_the_same(self, other: "Waiver") -> bool:
        """Return True if everything but its place is the same."""
        return self._replace(file=other.file, where=other.where) == other

    def may_wait(self, today: str) -> bool:
        """Return True if it was granted so lately that nothing needs it yet."""
        if not self.granted or self.granted > today:
            return False
        return date.fromisoformat(today) <= date.fromisoformat(self.granted) + timedelta(days=GRACE_DAYS)

    @property
    def kind(self) -> Literal["card", "share"]:
        """Return the kind of file that it is for."""
        return "card" if self.card else "share"

    def place(self, key: str = "") -> Location:
        """Return the location of the waiver, or of one of its keys."""
        return self.file.place((*self.where, key) if key else self.where)

    def covers(self, subject: Subject) -> bool:
        """Return True if it is for this card or share."""
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
            "granted": self.granted,
            "renewals": len(self.renewed),
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
    given = {"card": "", "share": "", **value, "renewed": tuple(value.get("renewed", ()))}
    return Waiver(**given, file=file, where=where)


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
    """Describe the problem of a waiver, the most severe first."""
    name = short(waiver.card or waiver.share)
    if not subjects:
        return _early(waiver, "waiver/no-match", waiver.kind, f"there is no {waiver.kind} {name}", today)
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
        return _early(waiver, "waiver/unused", "", message, today)._replace(card=card, share=share)
    last = date.fromisoformat(waiver.expires)
    if date.fromisoformat(today) >= last - timedelta(days=WARNED_DAYS):
        message = f"the waiver of {waiver.rule} for {name} ends after {waiver.expires}"
        hint = f"fix the {waiver.kind}, or have the waiver renewed"
        return Finding("waiver/expiring", waiver.place("expires"), message, hint, "warn")
    return None


def _early(waiver: Waiver, rule: str, key: str, message: str, today: str) -> Finding:
    """Return the finding for a waiver that nothing needs: a warning as long as it may wait."""
    if waiver.may_wait(today):
        last = date.fromisoformat(waiver.granted) + timedelta(days=GRACE_DAYS)
        return Finding(rule, waiver.place(key), message, f"it may wait until {last}; remove it after that", "warn")
    hint = "remove the waiver"
    if not waiver.granted:
        hint += f", or add `granted: DAY` if it was granted lately: it may wait for {GRACE_DAYS} days"
    return Finding(rule, waiver.place(key), message, hint)


def check_overrides(enforcement: Enforcement, file: PolicyFile | None, today: str) -> Iterator[Finding]:
    """Yield a finding for each override of enforcement.yaml that is over, or that ends soon."""
    for rule, entry in enforcement.items():
        for one in entry.overrides if file else ():
            if not one.expires:
                continue
            who = ", ".join(f"{key} {value}" for key, value in one.scope().items())
            at = file.place((*one.where, "expires")) if file else Location("")
            if one.is_over(today):
                message = f"the override of {rule} for {short(who)} ended on {one.expires}, and counts no more"
                yield Finding("override/expired", at, message, "fix what it covers, or have it renewed; then remove it")
            elif date.fromisoformat(today) >= date.fromisoformat(one.expires) - timedelta(days=WARNED_DAYS):
                message = f"the override of {rule} for {short(who)} ends after {one.expires}"
                yield Finding("override/expiring", at, message, "fix what it covers, or have it renewed", "warn")
