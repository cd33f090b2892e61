"""The emergency brake's tag: what it stops, and that what nobody understands stops everything."""

import pytest

from cardops.model.brake import ALL, BRAKE, Brake, Scope, brake_of, with_scopes

PROD, ROLE = "444444444444", "arn:aws:iam::444444444444:role/reader"
ORGANIZATION = "arn:aws:organizations::111111111111:organization/o-1"


@pytest.mark.parametrize(
    ("text", "share", "principal", "stops"),
    [
        ("all", "any", PROD, True),
        ("all", "", "", True),
        ("lifecycle=all", "lifecycle", PROD, True),
        ("lifecycle=all", "other", PROD, False),
        (f"lifecycle={PROD}", "lifecycle", PROD, True),
        (f"lifecycle={PROD}", "lifecycle", ROLE, True),
        (f"lifecycle={PROD}", "lifecycle", ORGANIZATION, True),
        (f"lifecycle={PROD}", "lifecycle", "333333333333", False),
        (f"lifecycle={PROD}", "lifecycle", ROLE.replace("4", "3"), False),
        (f"all={PROD}", "any", PROD, True),
        (f"all={PROD}", "any", "333333333333", False),
        (f"lifecycle={ROLE}", "lifecycle", ROLE, True),
        (f"a=all other={PROD}", "other", PROD, True),
        (f"lifecycle={PROD}", "", "", False),
        ("", "any", PROD, True),
        ("nonsense", "any", PROD, True),
        ("=", "any", PROD, True),
        ("lifecycle=", "any", PROD, True),
    ],
)
def test_a_brake_stops_what_it_says_and_what_it_does_not_say_clearly(
    text: str, share: str, principal: str, stops: bool
) -> None:
    assert brake_of({BRAKE: text}).stops(share, principal) is stops


def test_without_the_tag_nothing_is_stopped() -> None:
    assert brake_of({}) == Brake()
    assert not brake_of({}).stops("any", PROD)
    assert not brake_of({}).stops_everything


@pytest.mark.parametrize("text", ["all", "lifecycle=all", f"a={PROD} b=all"])
def test_a_tag_is_written_as_it_is_read(text: str) -> None:
    assert brake_of({BRAKE: text}).text() == text
    assert with_scopes(brake_of({BRAKE: text}), [Scope()]).text() == ALL


@pytest.mark.parametrize(
    "scopes",
    [
        [Scope("a share", PROD)],
        [Scope("a", "arn:aws:iam::444444444444:role/a,b")],
        [Scope(f"share-{number:03}", PROD) for number in range(30)],
    ],
)
def test_what_a_tag_cannot_say_becomes_everything(scopes: list[Scope]) -> None:
    assert with_scopes(Brake(), scopes).text() == ALL
