"""What another run has ended meanwhile is done: it is no failure, and it keeps nothing else from ending."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cardops.apply.polling import Poller
from cardops.apply.shares import CreatedShare, run
from cardops.model.errors import NotFoundError
from cardops.model.observed import Association
from cardops.plan.actions import DeleteShare, Disassociate
from cardops.plan.steps import Action, Phase, Step
from support.builders import HOME, REPO

SHARE = "arn:aws:ram:eu-west-1:111111111111:resource-share/1"


class Ram:
    """A share whose associations are in these states; it refuses to end what is not there."""

    def __init__(self, **states: str) -> None:
        self.states = states
        self.calls: list[tuple[list[str], str]] = []

    def associations(self, _: Sequence[str]) -> Mapping[str, Mapping[str, Association]]:
        return {SHARE: {name: Association(state) for name, state in self.states.items()}}

    def disassociate(self, _: str, resources: Sequence[str], principals: Sequence[str], token: str) -> None:
        wanted = [*resources, *principals]
        self.calls.append((wanted, token))
        if any(self.states.get(one) != "ASSOCIATED" for one in wanted):
            raise NotFoundError("is not associated")
        self.states |= dict.fromkeys(wanted, "DISASSOCIATING")

    def delete_share(self, share: str, token: str) -> None:
        raise NotFoundError("there is no such share")


def ended(ram: Any, action: Action) -> str:
    step = Step(Phase.REVOKE, "revoke", HOME, "team", "key", "because", action)
    return run(ram, step, REPO, CreatedShare(), Poller())


def test_what_is_there_ends_in_one_call() -> None:
    ram = Ram(a="ASSOCIATED", b="ASSOCIATED")
    assert ended(ram, Disassociate(SHARE, ("a", "b"))) == "2 revoked"
    assert [names for names, _ in ram.calls] == [["a", "b"]]


@pytest.mark.parametrize("state", ["DISASSOCIATED", "DISASSOCIATING", "FAILED"])
def test_what_has_ended_does_not_keep_the_others_from_ending(state: str) -> None:
    ram = Ram(a=state, b="ASSOCIATED")
    assert ended(ram, Disassociate(SHARE, ("a", "b"))) == "1 revoked"
    assert ram.states == {"a": state, "b": "DISASSOCIATING"}
    (_, first), (names, second) = ram.calls
    assert (names, first != second) == (["b"], True), "another request has another token"


@pytest.mark.parametrize("states", [{}, {"a": "DISASSOCIATED"}, {"a": "DISASSOCIATING"}])
def test_where_all_of_it_has_ended_nothing_is_left_to_do(states: dict[str, str]) -> None:
    assert ended(Ram(**states), Disassociate(SHARE, ("a",))) == "ended already"
    assert ended(Ram(**states), Disassociate(SHARE, (), ("a",))) == "ended already"


def test_a_share_that_is_gone_is_gone() -> None:
    assert ended(Ram(), DeleteShare(SHARE)) == "share deleted already"
