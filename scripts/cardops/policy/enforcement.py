"""Severity, scope and parameters of each rule: policies/enforcement.yaml.

An override that takes a rule less strictly is an exception: like a waiver it has a reason, an approver and an end.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cardops.model.findings import Level
from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import (
    Form,
    check_shape,
    closest_match,
    day,
    get_path,
    listing,
    mapping,
    one_of,
    short,
    text,
    texts,
)
from cardops.policy.plain_names import letters_of
from cardops.policy.rules import LEVELS, Rule

FILE = Form({"rules": mapping}, {"signed_off_by": texts})
ENTRY = Form({}, {"level": one_of(*LEVELS), "params": mapping, "overrides": listing})
SELECTORS = ("owner", "account", "path", "risk", "status", "tag")
EXCEPTION = ("reason", "approved_by", "expires")
OVERRIDE = Form(
    {"level": one_of(*LEVELS)}, {**dict.fromkeys(SELECTORS, text), "reason": text, "approved_by": text, "expires": day}
)


class Scope(NamedTuple):
    """The selectors of an override: facts about a card or share. `risk` and the rest are empty for a share."""

    owner: str = ""
    account: str = ""
    path: str = ""
    risk: str = ""
    status: str = ""
    tags: Mapping[str, str] = {}


class Override(NamedTuple):
    """A level for what has this owner, account, path (a glob), risk rating, status and tag (`name=value`).

    An empty selector asks for nothing. `expires` is its last day (UTC), empty for one that has no end.
    """

    level: Level
    owner: str = ""
    account: str = ""
    path: str = ""
    risk: str = ""
    status: str = ""
    tag: str = ""
    reason: str = ""
    approved_by: str = ""
    expires: str = ""
    where: Where = ()

    def covers(self, scope: Scope) -> bool:
        """Return True if all that it asks for is so."""
        name, _, value = self.tag.partition("=")
        return (
            all(not wanted or wanted == found for wanted, found in zip(self[1:3], scope[:2], strict=True))
            and (not self.path or fnmatchcase(scope.path, self.path))
            and self.risk in ("", scope.risk)
            and self.status in ("", scope.status)
            and (not self.tag or scope.tags.get(name) == value)
        )

    def is_over(self, today: str) -> bool:
        """Return True after its last day."""
        return bool(self.expires and today > self.expires)

    def scope(self) -> dict[str, str]:
        """Return what it asks for."""
        return {key: value for key in SELECTORS if (value := getattr(self, key))}

    def as_data(self, rule: str) -> dict[str, Any]:
        """Return it as rules see it; `letters` is how much the reason says."""
        keys = ("level", *SELECTORS, *EXCEPTION)
        return {"rule": rule, **{key: getattr(self, key) for key in keys}, "letters": letters_of(self.reason)}


class Enforced(NamedTuple):
    """The settings of one rule in enforcement.yaml."""

    level: Level | None = None
    params: Mapping[str, Any] = {}
    overrides: tuple[Override, ...] = ()


Enforcement = Mapping[str, Enforced]
NOTHING = Enforced()


def read_enforcement(file: PolicyFile, rules: Mapping[str, Rule]) -> dict[str, Enforced]:
    """By rule id. What is wrong with an entry is a finding, and the entry does not count."""
    if file.value is None or not check_shape(file, (), FILE, "enforcement.yaml"):
        return {}
    return {name: _entry(file, name) for name in file.value["rules"] if _is_sound(file, name, rules)}


def read_governors(file: PolicyFile) -> tuple[str, ...]:
    """Return the approver groups that have to sign off changes of policies; none where the file names none."""
    value = file.value if isinstance(file.value, dict) else {}
    groups = value.get("signed_off_by", ())
    return tuple(groups) if not texts([*groups]) else ()


def level_of(rule: Rule, enforcement: Enforcement, scope: Scope | None = None, today: str = "") -> Level:
    """Return the level in force: the first override that covers `scope`, the rule's entry, its file, else deny.

    Without a scope, the level for everything that no override covers. An override that is over counts no more.
    """
    entry = enforcement.get(rule.id, NOTHING)
    covering = (one.level for one in entry.overrides if scope and one.covers(scope) and not one.is_over(today))
    return next(covering, None) or entry.level or rule.level or "deny"


def params_of(rule: Rule, enforcement: Enforcement) -> dict[str, Any]:
    """The rule's own, overridden."""
    return {**rule.params, **enforcement.get(rule.id, NOTHING).params}


def _is_sound(file: PolicyFile, name: str, rules: Mapping[str, Rule]) -> bool:
    where: Where = ("rules", name)
    if name not in rules:
        file.report("policy/unknown-rule", where, f"there is no rule {short(name)}", closest_match(name, rules), True)
        return False
    if not check_shape(file, where, ENTRY, "an entry of enforcement.yaml"):
        return False
    entry = get_path(file.value, where)
    usual = entry.get("level") or rules[name].level or "deny"
    places = [(*where, "overrides", index) for index in range(len(entry.get("overrides", ())))]
    right = [_is_override(file, place, usual) for place in places]
    return all(right) and _params_are_known(file, where, entry.get("params", {}), rules[name].params)


def _is_override(file: PolicyFile, where: Where, usual: Level) -> bool:
    if not check_shape(file, where, OVERRIDE, "an override"):
        return False
    override = get_path(file.value, where)
    if not override.keys() & set(SELECTORS):
        file.report(
            "policy/missing-key", where, "an override names nothing", "add owner, account, path, risk, status or tag"
        )
        return False
    missing = [key for key in EXCEPTION if key not in override]
    if missing and LEVELS.index(override["level"]) > LEVELS.index(usual):
        message = f"an override that takes a rule less strictly is an exception, and has no {' and no '.join(missing)}"
        file.report("policy/missing-key", where, message, f"add {', '.join(missing)}")
        return False
    return True


def _params_are_known(file: PolicyFile, where: Where, given: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    unknown = [name for name in given if name not in known]
    for name in unknown:
        place: Where = (*where, "params", name)
        file.report(
            "policy/unknown-key", place, f"the rule has no parameter '{short(name)}'", closest_match(name, known), True
        )
    return not unknown


def _entry(file: PolicyFile, name: str) -> Enforced:
    entry = file.value["rules"][name]
    overrides: Iterable[dict[str, Any]] = entry.get("overrides", ())
    return Enforced(
        entry.get("level"),
        entry.get("params", {}),
        tuple(Override(**one, where=("rules", name, "overrides", index)) for index, one in enumerate(overrides)),
    )
