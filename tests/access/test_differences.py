"""What accounts found when they tried, against what RAM grants."""

import pytest

from cardops.access.cells import AccessAbility, CardAccount, Cell, Matrix, ObservedAccess
from cardops.access.differences import differences, is_late
from cardops.model.findings import Location
from support.builders import PROD, config, key

NONE, READ, WRITE = AccessAbility
PAIR = CardAccount(key(), PROD)
SHARE = Location("shares/team.yaml", 4, 5)


def found(granted: AccessAbility, seen: ObservedAccess, **more: object) -> list[tuple[str, str]]:
    cell = Cell(PAIR, SHARE, granted, granted, granted, seen)
    for name, value in more.items():
        object.__setattr__(cell, name, value)
    return [(one.rule, one.level) for one in differences(Matrix(config(), {PAIR: cell}))]


@pytest.mark.parametrize(
    ("granted", "seen", "rule"),
    [
        (NONE, ObservedAccess(NONE), ""),
        (READ, ObservedAccess(READ), ""),
        (READ, ObservedAccess(READ, probed=True), ""),
        (WRITE, ObservedAccess(READ), ""),
        (WRITE, ObservedAccess(WRITE, probed=True), ""),
        (WRITE, ObservedAccess(READ, probed=True), "not-observed"),
        (READ, ObservedAccess(NONE), "not-observed"),
        (WRITE, ObservedAccess(NONE), "not-observed"),
        (NONE, ObservedAccess(READ), "more-than-granted"),
        (READ, ObservedAccess(WRITE, probed=True), "more-than-granted"),
        (READ, ObservedAccess(NONE, unknown="it cannot be assumed"), ""),
    ],
)
def test_what_is_tried_is_compared_with_what_is_granted(
    granted: AccessAbility, seen: ObservedAccess, rule: str
) -> None:
    assert found(granted, seen) == ([(f"access/{rule}", "deny")] if rule else [])
    assert is_late(Cell(PAIR, SHARE, granted, granted, granted, seen)) is bool(rule)


def test_what_ram_is_still_at_and_what_a_role_was_given_are_warnings() -> None:
    assert found(READ, ObservedAccess(NONE), becoming=NONE) == [("access/not-observed", "warn")]
    assert found(READ, ObservedAccess(NONE), assumed=True) == [("access/not-observed", "warn")]
    assert found(NONE, ObservedAccess(READ), assumed=True) == [("access/more-than-granted", "deny")]


def test_what_is_not_surely_given_is_not_waited_for() -> None:
    assert not is_late(Cell(PAIR, SHARE, READ, READ, READ, ObservedAccess(NONE), assumed=True))
    assert not is_late(Cell(PAIR, SHARE, READ, READ, READ))


def test_a_part_of_reading_that_is_refused_is_told() -> None:
    assert found(READ, ObservedAccess(READ, note="it may not list versions")) == [("access/not-observed", "warn")]


def test_a_finding_says_who_what_and_where() -> None:
    cell = Cell(
        PAIR, SHARE, READ, READ, READ, ObservedAccess(WRITE, probed=True), ("the share 'team'",), ("RAM says so",)
    )
    (finding,) = differences(Matrix(config(), {PAIR: cell}))
    assert str(finding).startswith(
        "shares/team.yaml:4:5: access/more-than-granted deny: churn: RAM grants ml-prod (444444444444) read, "
        "and trying it gave write through the share 'team' (RAM says so) (hint: something other than RAM"
    )
    assert finding.card == "111111111111/eu-west-1/churn"


def test_what_was_tried_before_stays() -> None:
    other = CardAccount(key("other"), PROD)
    cells = {pair: Cell(pair, SHARE, READ, READ, READ) for pair in (PAIR, other)}
    first = Matrix(config(), cells).tried({PAIR: ObservedAccess(READ), other: ObservedAccess(unknown="no role")})
    second = first.tried({PAIR: ObservedAccess(NONE)})
    assert second.cells[PAIR].observed == ObservedAccess(NONE)
    assert second.cells[other].observed == ObservedAccess(unknown="no role")
    assert second.unknown == {PROD: "no role"}
