"""The condition keys and variables that a policy uses."""

import re

from cardops.sandbox.iam.grammar import Policy, Statement

_VARIABLE = re.compile(r"\$\{([^},]+)[^}]*\}")


def context_keys(item: Policy) -> set[str]:
    """Return the lower-case condition keys and variables that a policy uses."""
    found: set[str] = set()
    for statement in item.statements:
        found |= {condition.key for condition in statement.conditions}
        texts = _texts(statement)
        found |= {name.strip().lower() for text in texts for name in _VARIABLE.findall(text)} - {"*", "?", "$"}
    return found


def _texts(statement: Statement) -> list[str]:
    values = [value for condition in statement.conditions for value in condition.values]
    return [*(statement.resources or ()), *values] if statement.variables else []
