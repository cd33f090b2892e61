"""Which grants the declared shares stand for."""

import pytest

from cardops.desired.grants import DesiredGrant, accounts_behind, grants, permission_name
from cardops.model.desired import Account, AccountRegion, Desired
from support.builders import BY_PERMISSION, DEV, DRAFT, HOME, PROD, card, config, desired, grant, share

SPOKE = AccountRegion("555555555555", "eu-west-1")
UNIT = "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-abcd-12345678"
ROLE = f"arn:aws:iam::{PROD}:role/reader"


def of(wanted: Desired, *places: AccountRegion) -> list[DesiredGrant]:
    return grants(wanted, places or {HOME}, "2026-06-01")


def test_an_owner_is_not_granted_its_own_cards() -> None:
    """RAM fails an association with the account that owns the share."""
    both = config(accounts=config().accounts | {"spoke": Account("spoke", SPOKE.account)})
    declared = share(grant("spoke", "contribute"))
    wanted = desired(card("here"), card("there", place=SPOKE), shares=[declared], settings=both)
    assert [(one.place, sorted(one.resources)) for one in of(wanted, HOME, SPOKE)] == [(HOME, [card("here").key.arn])]


def test_cards_are_named_or_matched_with_or_without_their_account() -> None:
    both = config(accounts=config().accounts | {"spoke": Account("spoke", SPOKE.account)})
    cards = [card("a"), card("ab", place=SPOKE), card("b", place=SPOKE)]

    def held(*patterns: str) -> set[str]:
        wanted = desired(*cards, shares=[share(cards=patterns)], settings=both)
        return {key.name for one in of(wanted, HOME, SPOKE) for key in one.resources.values()}

    assert held("a") == {"a"}
    assert held("a*") == {"a", "ab"}
    assert held("spoke/*") == {"ab", "b"}
    assert held("*/b", "a") == {"a", "b"}
    assert held("shared-services/a*") == {"a"}


def test_only_declared_outsiders_open_a_share() -> None:
    accounts = config().accounts | {"ml-prod": Account("ml-prod", PROD, external=True, read_only=BY_PERMISSION)}
    declared = share(*(grant(to, "read", DRAFT) for to in ("ml-dev", "ml-prod", ROLE, UNIT)))
    found = of(desired(card(), shares=[declared], settings=config(accounts=accounts)))
    assert {one.to: one.outside for one in found} == {"ml-dev": False, "ml-prod": True, ROLE: True, UNIT: False}
    assert {one.principal for one in found} == {DEV, PROD, ROLE, UNIT}


def test_long_names_of_permissions_stay_apart() -> None:
    levels = [f"read-for-the-second-line-{end}" for end in "ab"]
    names = {permission_name(config(repository="ml-governance-7f3a-x"), level) for level in levels}
    assert len(names) == 2
    assert {len(name) for name in names} == {36}
    assert permission_name(config(), "read") == "gov-test-1a2b.read"


@pytest.mark.parametrize("kind", ["ou/o-a/ou-b-c", "organization/o-a"])
def test_an_organization_does_not_reach_accounts_outside_it(kind: str) -> None:
    declared = config()
    outside = {alias: one._replace(external=alias == "ml-prod") for alias, one in declared.accounts.items()}
    principal = f"arn:aws:organizations::111111111111:{kind}"
    found = accounts_behind(principal, declared._replace(accounts=outside)) or []
    assert {one.alias for one in found} == {"shared-services", "ml-dev", "ml-test"}
