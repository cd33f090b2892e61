"""Many cases are asked about by several processes, which changes nothing but the time that it takes."""

from typing import Any

import pytest

from cardops.policy import runner as run
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Change, Subject, encode
from cardops.workers.child import Child
from support.policies import CHURN, facts, policies, rule, subject

BOMB = "lists.range(9999).all(a, lists.range(9999).all(b, a + b >= 0))"


def cards(count: int) -> list[Subject]:
    owners = ["nobody", "team-a", "team-b"]
    return [subject({**CHURN, "name": f"card-{n:02}", "owner": owners[n % 3]}) for n in range(count)]


def changes(subjects: list[Subject]) -> tuple[Change, ...]:
    """With values that are read only when a rule is asked, and with values that are there."""
    return tuple(
        Change("modified", one, encode({**one.value, "status": "Approved"}), None)
        if number % 2
        else Change("added", one, None, None)
        for number, one in enumerate(subjects)
    )


@pytest.mark.parametrize("processes", [2, 3, 7])
@pytest.mark.parametrize("bomb", ["", 'card.name == "card-04" && '])
def test_what_is_found_does_not_depend_on_how_many_ask(
    monkeypatch: pytest.MonkeyPatch, processes: int, bomb: str
) -> None:
    given = policies(
        rule(),
        rule(id="TEST-002", on="change", require='change.paths == ["status"]', message="change.paths.join()"),
        rule(id="TEST-003", require=f"!({bomb}{BOMB})") if bomb else rule(id="TEST-003", require="true"),
    )
    subjects = cards(10)
    about = facts(*subjects, changes=changes(subjects))
    alone = evaluate(given, about)
    assert len(alone) == 4 + 5 + bool(bomb)
    children: list[Any] = []

    class Counted(Child):
        def __init__(self, *arguments: Any) -> None:
            children.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(run, "CASES_WORTH_PROCESSES", 5)
    monkeypatch.setattr(run, "processors", lambda: processes)
    monkeypatch.setattr(run, "Child", Counted)
    assert evaluate(given, about) == alone
    assert len(children) == processes


def test_few_cases_are_not_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "processors", lambda: 2)
    monkeypatch.setattr(run, "Child", None)
    assert len(evaluate(policies(rule()), facts(*cards(9)))) == 3


def test_changed_places_are_those_that_differ() -> None:
    added, modified = changes(cards(2))
    assert added.as_variables()["change"]["paths"] == ["content", "name", "owner", "status"]
    assert modified.as_variables()["change"]["paths"] == ["status"]
    assert modified.as_variables()["before"]["status"] == "Approved"
    removed = Change("removed", cards(1)[0], CHURN)
    assert removed.as_variables()["card"] is None
    assert removed.as_variables()["change"]["paths"] == []
