"""The names under which facts are bound, for all rules at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from cardops.policy.enforcement import Enforcement, params_of
from cardops.policy.rules import Rule
from cardops.policy.summary import PARTS


def params_name(rule: str) -> str:
    """The name under which a rule's parameters are bound: one of its own, since all rules share their facts."""
    return f"{rule.replace('-', '_')}.params"


def names_of(variable: str) -> list[str]:
    """The names that stand for a variable.

    The repository's parts are variables of their own, since what an expression names is converted as a whole.
    """
    return [f"repository.{part}" for part in PARTS] if variable == "repository" else [variable]


def parameters(rules: Iterable[Rule], enforcement: Enforcement) -> dict[str, Any]:
    """The parameters in force, of the rules that name them."""
    named = (rule for rule in rules if rule.names("params"))
    return {params_name(rule.id): params_of(rule, enforcement) for rule in named}


def repository_variables(repository: Mapping[str, Any]) -> dict[str, Any]:
    """The repository's summary, as the variables that its parts are."""
    return {f"repository.{part}": repository[part] for part in PARTS if part in repository}
