"""How strictly each rule is taken, for whom, and with which parameters: policies/enforcement.yaml."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cardops.model.findings import Level
from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import Form, check_shape, closest_match, get_path, listing, mapping, one_of, short, text
from cardops.policy.rules import LEVELS, Rule

FILE = Form({"rules": mapping})
ENTRY = Form({}, {"level": one_of(*LEVELS), "params": mapping, "overrides": listing})
OVERRIDE = Form({"level": one_of(*LEVELS)}, {"owner": text, "account": text, "path": text})
SELECTORS = ("owner", "account", "path")


class Override(NamedTuple):
    """A level for what has this owner, account and path (a glob); an empty one asks for nothing."""

    level: Level
    owner: str = ""
    account: str = ""
    path: str = ""

    def covers(self, owner: str, account: str, path: str) -> bool:
        """Whether all that it asks for is so."""
        return (
            (not self.owner or self.owner == owner)
            and (not self.account or self.account == account)
            and (not self.path or fnmatchcase(path, self.path))
        )


class Enforced(NamedTuple):
    """What enforcement.yaml says of one rule."""

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


def level_of(rule: Rule, enforcement: Enforcement, owner: str = "", account: str = "", path: str = "") -> Level:
    """The level in force: the first override that covers it, the rule's entry, its file, else deny."""
    entry = enforcement.get(rule.id, NOTHING)
    covering = (override.level for override in entry.overrides if override.covers(owner, account, path))
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
    right = [_is_override(file, (*where, "overrides", index)) for index in range(len(entry.get("overrides", ())))]
    return all(right) and _params_are_known(file, where, entry.get("params", {}), rules[name].params)


def _is_override(file: PolicyFile, where: Where) -> bool:
    if not check_shape(file, where, OVERRIDE, "an override"):
        return False
    if not get_path(file.value, where).keys() & set(SELECTORS):
        file.report("policy/missing-key", where, "an override names nothing", "add owner, account or path")
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
    return Enforced(entry.get("level"), entry.get("params", {}), tuple(Override(**one) for one in overrides))
