"""Deployed roles against what this version needs: every missing action is found, on the resources that count."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from cardops.iam.role_check import missing_actions, required_policies
from cardops.model.ports import Simulation
from support.builders import card, desired, share

ROLE = "arn:aws:iam::111111111111:role/cardops-apply"


class Simulator:
    """IAM as a role with these statements answers; conditions have to be met by the given context."""

    def __init__(self, *statements: Mapping[str, Any]) -> None:
        self.statements = statements
        self.questions: list[Simulation] = []

    def role_id(self, name: str) -> str:
        return "AROA"

    def simulate(self, question: Simulation) -> Mapping[tuple[str, str], str]:
        self.questions.append(question)
        return {
            (action, resource): "allowed" if self._allows(action, resource, question.context) else "implicitDeny"
            for action in question.actions
            for resource in question.resources
        }

    def _allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        return any(
            any(fnmatchcase(action, one) for one in _list(statement["Action"]))
            and any(fnmatchcase(resource, one) for one in _list(statement["Resource"]))
            and all(
                context.get(key) in _list(value)
                for operator, keys in statement.get("Condition", {}).items()
                if not operator.startswith("Null")
                for key, value in keys.items()
            )
            for statement in self.statements
        )


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def needed() -> Mapping[str, Any]:
    found = required_policies(desired(card(), shares=[share()]), "shared-services")
    return found["apply"][1]


def test_the_policy_that_is_needed_lacks_nothing() -> None:
    simulator = Simulator(*needed()["Statement"])
    assert missing_actions(simulator, ROLE, needed()) == []
    assert all(question.source == ROLE for question in simulator.questions)


def test_each_action_that_is_taken_away_is_named() -> None:
    everything = sorted({action for statement in needed()["Statement"] for action in _list(statement["Action"])})
    assert len(everything) > 10
    for gone in everything:
        statements = [
            {**statement, "Action": [action for action in _list(statement["Action"]) if action != gone]}
            for statement in needed()["Statement"]
        ]
        assert missing_actions(Simulator(*statements), ROLE, needed()) == [gone]


def test_an_action_on_other_resources_does_not_count() -> None:
    statements = [
        {**statement, "Resource": "arn:aws:s3:::elsewhere"} if statement["Resource"] != "*" else statement
        for statement in needed()["Statement"]
    ]
    assert missing_actions(Simulator(*statements), ROLE, needed())


def test_a_wider_policy_lacks_nothing() -> None:
    assert missing_actions(Simulator({"Action": "*", "Resource": "*"}), ROLE, needed()) == []
