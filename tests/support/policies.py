"""Policies and facts in a few words."""

from collections.abc import Mapping
from typing import Any

import yaml

from cardops.model.findings import Finding, Location
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Change, Facts, Subject, Subjects
from cardops.policy.files import Files
from cardops.policy.loader import PolicySet, load_policies
from cardops.strict_yaml.reader import load

TODAY = "2026-06-15"
CHURN: dict[str, Any] = {
    "name": "churn",
    "status": "Draft",
    "owner": "team-churn",
    "content": {"evaluation_details": [{"name": "a"}, {"name": "b", "datasets": ["s3://x"]}]},
}
SHARED: dict[str, Any] = {
    "name": "churn",
    "cards": ["churn"],
    "grants": [{"to": "ml-dev", "access": "read", "while": ["Draft"]}],
}


def rule(**changed: Any) -> dict[str, Any]:
    """A rule that wants an owner other than nobody; a key set to None is left out."""
    given: dict[str, Any] = {"pass": [{"today": TODAY}], "fail": [{"today": TODAY}]}
    if changed.get("on", "card") == "card":
        given = {"pass": [{"card": {"owner": "a"}}], "fail": [{"card": {"owner": "nobody"}}]}
    value = {
        "id": "TEST-001",
        "title": "A card has an owner",
        "on": "card",
        "require": 'card.owner != "nobody"',
        "hint": "name a team",
        "tests": given,
        **changed,
    }
    return {key: part for key, part in value.items() if part is not None}


def policies(*rules: Mapping[str, Any], **files: Any) -> PolicySet:
    """Policies from values: rules, and `waivers`, `enforcement`, `pack`."""
    values: dict[str, Any] = {"policies/rules.yaml": {"rules": list(rules)}}
    if "waivers" in files:
        values["policies/waivers/one.yaml"] = {"waivers": files["waivers"]}
    if "enforcement" in files:
        values["policies/enforcement.yaml"] = {"rules": files["enforcement"]}
    if "pack" in files:
        values["policies/packs/one.yaml"] = files["pack"]
    return load_policies(
        Files({path: yaml.safe_dump(value, sort_keys=False).encode() for path, value in values.items()})
    )


def subject(value: Mapping[str, Any], path: str = "", kind: Any = "card", account: str = "home") -> Subject:
    """A card or share as its file would give it."""
    document = load(yaml.safe_dump(dict(value), sort_keys=False))
    at = path or f"{kind}s/{value['name']}.yaml"

    def place(where: Any, at_key: bool) -> Location:
        return Location(at, *document.place(where, "key" if at_key else "value"))

    key = f"111111111111/eu-west-1/{value['name']}" if kind == "card" else str(value["name"])
    return Subject(kind, key, at, document.value, place, account if kind == "card" else "")


def facts(*subjects: Subject, changes: tuple[Change, ...] | None = None, **repository: Any) -> Facts:
    """Facts about some cards and shares."""
    return Facts(Subjects(subjects or (subject(CHURN),)), TODAY, changes, repository)


def found(given: PolicySet, about: Facts | None = None) -> list[str]:
    """Findings as people read them."""
    return [str(finding) for finding in evaluate(given, about or facts())]


def only(given: PolicySet, about: Facts | None = None) -> Finding:
    """The one finding."""
    (finding,) = evaluate(given, about or facts())
    return finding


NOBODY = subject({**CHURN, "owner": "nobody"})


def waiver(**changed: Any) -> dict[str, Any]:
    """A waiver of TEST-001 for churn, in force; a key set to None is left out."""
    value = {
        "rule": "TEST-001",
        "card": "churn",
        "reason": "the team is being formed",
        "approved_by": "risk-lead",
        "expires": "2026-12-31",
        **changed,
    }
    return {key: part for key, part in value.items() if part is not None}
