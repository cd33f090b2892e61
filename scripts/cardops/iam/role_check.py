"""Ask IAM's policy simulator which of the permissions that this version needs a deployed role lacks."""

from collections.abc import Iterator, Mapping
from typing import Any

from cardops.iam.policies import policy, role_arn
from cardops.iam.requirements import capabilities, scope_of
from cardops.model.desired import Desired
from cardops.model.ports import Identities, Simulation

ALLOWED = "allowed"
MAX_ACTIONS = 100
"""Actions of one simulation."""


def required_policies(desired: Desired, alias: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return, by kind (`plan`, `apply`), the ARN of the account's role and the policy that it needs; none if no role.

    A consumer's `role` does the work of the kind `consumer` too.
    """
    account, here = desired.config.accounts[alias], scope_of(desired, alias)
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for kind, name in (("plan", account.plan_role), ("apply", account.role)):
        wanted = capabilities(here, kind) | (capabilities(here, "consumer") if kind == "apply" else set())
        if name and wanted:
            found[kind] = (role_arn(account.id, name), policy(here, wanted))
    return found


def missing_actions(identities: Identities, role: str, needed: Mapping[str, Any]) -> list[str]:
    """Return the actions that the role may not do on the resources that cardops needs. Raises CloudError."""
    missing: set[str] = set()
    for statement in needed["Statement"]:
        resources = _list(statement["Resource"])
        actions = _list(statement["Action"])
        for start in range(0, len(actions), MAX_ACTIONS):
            part = tuple(actions[start : start + MAX_ACTIONS])
            answer = identities.simulate(Simulation(role, part, tuple(resources), dict(_context(statement))))
            missing |= {action for (action, _), decision in answer.items() if decision != ALLOWED}
    return sorted(missing)


def _context(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield values that meet the statement's own conditions, so that a role with the same conditions passes."""
    for operator, keys in statement.get("Condition", {}).items():
        if not operator.startswith("Null"):
            yield from ((key, _list(value)[0]) for key, value in keys.items())


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
