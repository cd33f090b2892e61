"""What accounts found when they tried, against what RAM grants."""

import pytest

from cardops.location import Location
from cardops.matrix.cells import Ability, Cell, Matrix, Pair, Seen
from cardops.matrix.differences import differences, is_late
from core.builders import PROD, config, key

NONE, READ, WRITE = Ability
PAIR = Pair(key(), PROD)
SHARE = Location("shares/team.yaml", 4, 5)


def found(granted: Ability, seen: Seen, **more: object) -> list[tuple[str, str]]:
    cell = Cell(PAIR, SHARE, granted, granted, granted, seen)
    for name, value in more.items():
        object.__setattr__(cell, name, value)
    return [(one.rule, one.level) for one in differences(Matrix(config(), {PAIR: cell}))]


@pytest.mark.parametrize(
    ("granted", "seen", "rule"),
    [
        (NONE, Seen(NONE), ""),
        (READ, Seen(READ), ""),
        (READ, Seen(READ, probed=True), ""),
        (WRITE, Seen(READ), ""),
        (WRITE, Seen(WRITE, probed=True), ""),
        (WRITE, Seen(READ, probed=True), "not-observed"),
        (READ, Seen(NONE), "not-observed"),
        (WRITE, Seen(NONE), "not-observed"),
        (NONE, Seen(READ), "more-than-granted"),
        (READ, Seen(WRITE, probed=True), "more-than-granted"),
        (READ, Seen(NONE, unknown="it cannot be assumed"), ""),
    ],
)
def test_what_is_tried_is_compared_with_what_is_granted(granted: Ability, seen: Seen, rule: str) -> None:
    assert found(granted, seen) == ([(f"access/{rule}", "deny")] if rule else [])
    assert is_late(Cell(PAIR, SHARE, granted, granted, granted, seen)) is bool(rule)


def test_what_ram_is_still_at_and_what_a_role_was_given_are_warnings() -> None:
    assert found(READ, Seen(NONE), becoming=NONE) == [("access/not-observed", "warn")]
    assert found(READ, Seen(NONE), assumed=True) == [("access/not-observed", "warn")]
    assert found(NONE, Seen(READ), assumed=True) == [("access/more-than-granted", "deny")]


def test_what_is_not_surely_given_is_not_waited_for() -> None:
    assert not is_late(Cell(PAIR, SHARE, READ, READ, READ, Seen(NONE), assumed=True))
    assert not is_late(Cell(PAIR, SHARE, READ, READ, READ))


def test_a_part_of_reading_that_is_refused_is_told() -> None:
    assert found(READ, Seen(READ, note="it may not list versions")) == [("access/not-observed", "warn")]


def test_a_finding_says_who_what_and_where() -> None:
    cell = Cell(PAIR, SHARE, READ, READ, READ, Seen(WRITE, probed=True), ("the share 'team'",), ("RAM says so",))
    (finding,) = differences(Matrix(config(), {PAIR: cell}))
    assert str(finding).startswith(
        "shares/team.yaml:4:5: access/more-than-granted deny: churn: RAM grants ml-prod (444444444444) read, "
        "and trying it gave write through the share 'team' (RAM says so) (hint: something other than RAM"
    )
    assert finding.card == "111111111111/eu-west-1/churn"


def test_what_was_tried_before_stays() -> None:
    other = Pair(key("other"), PROD)
    cells = {pair: Cell(pair, SHARE, READ, READ, READ) for pair in (PAIR, other)}
    first = Matrix(config(), cells).tried({PAIR: Seen(READ), other: Seen(unknown="no role")})
    second = first.tried({PAIR: Seen(NONE)})
    assert second.cells[PAIR].observed == Seen(NONE)
    assert second.cells[other].observed == Seen(unknown="no role")
    assert second.unknown == {PROD: "no role"}
