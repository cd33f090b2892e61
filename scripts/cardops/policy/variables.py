"""The names under which facts are bound, for all rules at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from cardops.policy.enforcement import Enforcement, params_of
from cardops.policy.rules import Rule
from cardops.policy.summary import PARTS


def container_of(rule: str) -> str:
    """The container in which a rule's own variables stand."""
    return rule.replace("-", "_")


def names_of(variable: str, container: str) -> list[str]:
    """The names that stand for a variable.

    Each rule's parameters have a name of their own, since all rules share their facts. The repository's parts are
    variables of their own, since what an expression names is converted as a whole.
    """
    if variable == "repository":
        return [f"repository.{part}" for part in PARTS]
    return [f"{container}.params"] if variable == "params" else [variable]


def parameters(rules: Iterable[Rule], enforcement: Enforcement) -> dict[str, Any]:
    """The parameters in force, of the rules that name them."""
    named = (rule for rule in rules if rule.names("params"))
    return {f"{container_of(rule.id)}.params": params_of(rule, enforcement) for rule in named}


def repository_variables(repository: Mapping[str, Any]) -> dict[str, Any]:
    """The repository's summary, as the variables that its parts are."""
    return {f"repository.{part}": repository[part] for part in PARTS if part in repository}
