"""What consumers find when they try, and what is tried after an apply."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from cardops.access import verify
from cardops.access.cells import AccessAbility, CardAccount, ObservedAccess
from cardops.access.matrix import make_matrix
from cardops.access.verify import granted, verify_plan
from cardops.model.desired import AccountRegion, Status
from cardops.model.errors import (
    AccessDeniedError,
    CloudError,
    MissingPermissionError,
    NotFoundError,
    RoleNotAssumableError,
)
from cardops.model.observed import ObservedCard, ObservedShare
from cardops.plan.steps import Step
from support.builders import (
    APPROVED,
    ARCHIVED,
    DEV,
    DRAFT,
    HOME,
    OWNER,
    PENDING,
    PROD,
    READ,
    TEST,
    TODAY,
    card,
    desired,
    grant,
    key,
    live,
    observed,
    planned,
    ram_share,
    share,
)
from support.replacing import replace

NONE, READS, WRITES = AccessAbility


@dataclass
class Account:
    """A consumer: errors by what it tries. `calls` are what it tried."""

    refused: dict[str, CloudError] = field(default_factory=dict)
    status: Status = DRAFT
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def describe(self, name: str) -> ObservedCard:
        self._try("describe", name)
        return live(card(), self.status)

    def versions(self, name: str) -> list[Any]:
        self._try("versions", name)
        return []

    def set_status(self, name: str, status: Status) -> None:
        self._try("set_status", name, status)

    def _try(self, *call: str) -> None:
        self.calls.append(call)
        if call[0] in self.refused:
            raise self.refused[call[0]]


class World:
    """A Cloud of consumers by account, and of one owner with shares."""

    def __init__(self, shares: list[ObservedShare], **accounts: Account) -> None:
        self.found = shares
        self.consumers = {DEV: Account(), TEST: Account(), PROD: Account()} | {
            {"dev": DEV, "test": TEST, "prod": PROD}[name]: account for name, account in accounts.items()
        }
        self.asked: list[str] = []

    def cards(self, place: AccountRegion) -> Any:
        self.asked.append(place.account)
        return self.consumers[place.account]

    def sharing(self, place: AccountRegion) -> Any:
        if place != HOME:
            raise RoleNotAssumableError("no role")
        return self

    def shares(self, leaving: bool = False) -> list[ObservedShare]:
        return self.found


def tried(account: Account, probe: bool = False) -> ObservedAccess | None:
    wanted = desired(card(), shares=[share()])
    matrix = make_matrix(wanted, observed(shares=[ram_share()]), wanted.config, TODAY)
    pair = CardAccount(key(), DEV)
    return verify.probe(World([], dev=account), matrix, [pair], probe).cells[pair].observed


def test_reading_is_a_description_by_arn_and_a_list_of_versions() -> None:
    account = Account()
    assert tried(account) == ObservedAccess(READS)
    assert account.calls == [("describe", key().arn), ("versions", key().arn)]
    seen = tried(Account({"versions": AccessDeniedError("no")}))
    assert seen == ObservedAccess(READS, note="it can describe the card, and may not list its versions")


def test_a_refusal_is_no_access_and_what_is_not_about_access_is_unknown() -> None:
    assert tried(Account({"describe": AccessDeniedError("no")})) == ObservedAccess()
    assert tried(Account({"describe": NotFoundError("not there")})) == ObservedAccess()
    for problem in (RoleNotAssumableError("no role"), MissingPermissionError("own policy"), CloudError("throttled")):
        assert tried(Account({"describe": problem})) == ObservedAccess(unknown=str(problem))
    assert tried(Account({"versions": MissingPermissionError("own policy")})) == ObservedAccess(
        READS, unknown="own policy"
    )


def test_writing_is_tried_only_when_asked_with_the_status_just_seen() -> None:
    account = Account(status=PENDING)
    assert tried(account, probe=True) == ObservedAccess(WRITES, probed=True)
    assert account.calls[-1] == ("set_status", key().arn, PENDING)
    assert tried(Account({"set_status": AccessDeniedError("no")}), probe=True) == ObservedAccess(READS, probed=True)
    assert tried(Account({"set_status": MissingPermissionError("own")}), probe=True) == ObservedAccess(
        READS, unknown="own"
    )
    archived = Account(status=ARCHIVED)
    assert tried(archived, probe=True) == ObservedAccess(READS)
    assert len(archived.calls) == 2


def test_strangers_are_not_asked_and_owners_that_cannot_be_read_are_unknown() -> None:
    spoke = AccountRegion("555555555555", HOME.region)
    world = World([ram_share("999999999999")])
    found = granted(world, {HOME, spoke})
    assert (len(found.shares), found.unknown) == (1, {spoke: "no role"})
    wanted = desired(card(), shares=[share()])
    matrix = make_matrix(wanted, found, wanted.config, TODAY)
    verify.probe(world, matrix, matrix.cells.keys())
    assert sorted(world.asked) == [DEV, TEST, PROD]


def steps(*shares: ObservedShare, status: Status = DRAFT) -> tuple[Step, ...]:
    wanted = desired(card(status=status), shares=[share(grant(), grant("ml-prod", "read", APPROVED))])
    return planned(wanted, observed(live(card(status=status)), shares=shares)).steps


def run(world: World, *made: Step, status: Status = DRAFT, look: Callable[..., str] | None = None) -> list[CardAccount]:
    wanted = desired(card(status=status), shares=[share(grant(), grant("ml-prod", "read", APPROVED))])
    matrix, _ = verify_plan(world, wanted, made, TODAY, look or (lambda ask: ask()))
    return sorted(matrix.cells)


def test_only_who_gained_or_lost_is_tried() -> None:
    world = World([ram_share()])
    assert run(world, *steps()) == [CardAccount(key(), DEV)]
    assert world.asked == [DEV]
    world = World([ram_share(PROD, READ)])
    lost = ram_share(PROD, READ)
    assert run(world, *steps(ram_share(), lost)) == [CardAccount(key(), PROD)]
    assert run(World([])) == []


def test_other_cards_of_the_same_shares_are_left_alone() -> None:
    wanted = desired(card(), card("other"), shares=[share()])
    world = World([ram_share(holds=["churn", "other"])])
    matrix, _ = verify_plan(world, wanted, steps(), TODAY, lambda look: look())
    assert list(matrix.cells) == [CardAccount(key(), DEV)]


def test_a_step_that_names_nobody_is_about_all_that_have_to_do_with_the_card() -> None:
    (step,) = (one for one in steps() if one.kind == "share")
    world = World([ram_share()])
    assert run(world, replace(step, changes=())) == [CardAccount(key(), DEV)]


def test_what_is_not_yet_so_is_tried_again() -> None:
    late = Account({"describe": AccessDeniedError("not yet")})

    def until(look: Callable[[], str]) -> str:
        assert look() == "what RAM did to reach 1 account(s) and card(s)"
        late.refused.clear()
        return look()

    world = World([ram_share()], dev=late)
    wanted = desired(card(), shares=[share()])
    matrix, untried = verify_plan(world, wanted, steps(), TODAY, until)
    assert (matrix.cells[CardAccount(key(), DEV)].observed, untried) == (ObservedAccess(READS), 0)
    assert CardAccount(key(), OWNER) not in matrix.cells


def test_no_more_than_so_many_are_tried_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardops.access.verify.MOST", 1)
    cards = [card(name) for name in ("a", "b", "c")]
    wanted = desired(*cards, shares=[share()])
    made = planned(wanted, observed(*map(live, cards))).steps
    world = World([ram_share(holds=["a", "b", "c"])])
    matrix, untried = verify_plan(world, wanted, made, TODAY, lambda look: look())
    assert (len(matrix.cells), untried, world.asked) == (3, 2, [DEV])
