"""Declared and granted, cell by cell."""

from typing import Any

import pytest

from cardops.access.cells import CardAccount, Cell, Matrix, ObservedAccess, name_of
from cardops.access.differences import differences
from cardops.access.matrix import make_matrix
from cardops.desired.grants import grant_id
from cardops.model.desired import GRANT, REPOSITORY, Account, AccountRegion, Config, Means
from cardops.model.observed import ObservedShare
from cardops.model.permissions import EXPORT_ACTIONS, READ_ACTIONS
from cardops.model.read_only import CheckResult, MeansCheck, PrincipalCard, ReadOnlyChecks
from support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    HOME,
    OWNER,
    PROD,
    READ,
    REPO,
    TEST,
    TODAY,
    card,
    config,
    desired,
    grant,
    key,
    observed,
    ram_share,
    share,
)
from support.replacing import replace

UNIT = "arn:aws:organizations::999999999999:ou/o-abcdefghij/ou-abcd-12345678"
STRANGER = "999999999999"
DECLARED = (share(grant(), grant("ml-prod", "read", APPROVED)),)


def matrix(
    *shares: ObservedShare, status: Any = DRAFT, settings: Config | None = None, declared: Any = DECLARED
) -> Matrix:
    wanted = desired(card(status=status), shares=declared, settings=settings)
    return make_matrix(wanted, observed(shares=shares), wanted.config, TODAY)


def cell(found: Matrix, account: str) -> Cell:
    return found.cells[CardAccount(key(), account)]


def words(found: Matrix) -> dict[str, tuple[str | None, str | None]]:
    return {one.pair.account: (one.declared, one.granted) for one in found.cells.values()}


def foreign(to: str = DEV, **more: Any) -> ObservedShare:
    return ram_share(to, arn="theirs", name="theirs", tags={}, **more)


def test_every_other_account_has_a_cell_and_the_owner_none() -> None:
    assert words(matrix(ram_share())) == {DEV: ("write", "write"), TEST: ("", ""), PROD: ("", "")}
    assert words(matrix(ram_share(PROD, READ), status=APPROVED))[PROD] == ("read", "read")
    assert differences(matrix(ram_share())) == []
    assert [one.pair.account for one in matrix(ram_share()).rows()] == [DEV]


def test_without_aws_only_what_is_declared_is_told() -> None:
    wanted = desired(card(), shares=DECLARED)
    assert words(make_matrix(wanted, None, wanted.config, TODAY))[DEV] == ("write", None)
    assert words(make_matrix(None, observed(shares=[ram_share()]), config(), TODAY)) == {DEV: (None, "write")}


def test_what_is_not_granted_is_found_at_the_share_and_what_nobody_declared_at_the_card() -> None:
    (missing,) = differences(matrix())
    assert (missing.rule, missing.level, str(missing.location)) == (
        "access/not-granted",
        "deny",
        "shares/team.yaml:1:1",
    )
    assert missing.message == f"churn: git declares write for ml-dev ({DEV}) and RAM grants nothing"
    (more,) = differences(matrix(ram_share(), foreign(PROD)))
    assert (more.rule, str(more.location)) == ("access/more-than-declared", "cards/churn.yaml:1:1")
    assert more.message.endswith(
        "declares nothing for ml-prod (444444444444) and RAM grants write through the foreign share 'theirs'"
    )
    (kept,) = differences(matrix(ram_share(), ram_share(PROD, READ)))
    assert (kept.rule, str(kept.location)) == ("access/more-than-declared", "shares/team.yaml:1:1")
    assert "through the share 'team read" in kept.message


def test_a_share_of_another_repository_is_foreign() -> None:
    other = ram_share(PROD, READ)
    other = replace(other, tags=dict(other.tags) | {"cardops:repository": "another-1a2b"})
    (more,) = differences(matrix(ram_share(), other))
    assert "the foreign share" in more.message
    assert str(more.location) == "cards/churn.yaml:1:1"


def test_of_several_shares_the_widest_counts() -> None:
    found = cell(matrix(ram_share(), foreign(actions=READ_ACTIONS)), DEV)
    assert (found.granted, len(found.via)) == ("write", 2)
    assert differences(matrix(ram_share(), foreign(actions=READ_ACTIONS))) == []


def test_access_is_computed_from_actions() -> None:
    assert cell(matrix(ram_share(actions=READ_ACTIONS | EXPORT_ACTIONS)), DEV).granted == "read"
    assert cell(matrix(ram_share(actions=READ_ACTIONS | {"sagemaker:Unheard"})), DEV).granted == "write"


def test_an_organization_is_every_declared_account_and_a_stranger_is_named_by_its_id() -> None:
    found = matrix(foreign(UNIT), foreign(STRANGER))
    assert words(found) == {DEV: ("write", "write"), TEST: ("", "write"), PROD: ("", "write"), STRANGER: ("", "write")}
    assert (cell(found, TEST).assumed, cell(matrix(ram_share()), DEV).assumed) == (True, False)
    assert not cell(matrix(ram_share(), foreign(UNIT)), DEV).assumed
    assert (name_of(STRANGER, config()), name_of(PROD, config())) == (STRANGER, f"ml-prod ({PROD})")
    role = f"arn:aws:iam::{STRANGER}:role/reader"
    assert cell(matrix(foreign(role)), STRANGER).assumed


def test_a_declared_policy_makes_a_granted_write_a_read_with_a_note() -> None:
    accounts = config().accounts | {"ml-prod": Account("ml-prod", PROD, read_only=(Means.SCP,))}
    found = matrix(ram_share(), ram_share(PROD), status=APPROVED, settings=config(accounts=accounts))
    assert (cell(found, PROD).declared, cell(found, PROD).granted) == ("read", "read")
    assert cell(found, PROD).notes == ("RAM would let it write; kept to reading by scp: declared, not verified",)
    assert [finding.rule for finding in differences(found)] == ["access/more-than-declared"], "ml-dev's, of a Draft"


READER = f"arn:aws:iam::{PROD}:role/cardops-card-reader"
BY_ROLE = config(
    accounts={**config().accounts, "ml-prod": replace(config().accounts["ml-prod"], read_only=(Means.ROLE,))}
)


def by_role(result: CheckResult, why: str = "") -> Matrix:
    """What ml-prod's reader role may do with an Approved card, when this was found out."""
    wanted = desired(card(status=APPROVED), shares=[share(grant("ml-prod", "read", APPROVED))], settings=BY_ROLE)
    identity = grant_id("team", READER, "read")
    live = replace(ram_share(READER), tags={REPOSITORY: REPO, GRANT: identity})
    found = {PrincipalCard(READER, key().arn): (MeansCheck(Means.ROLE, result, why),)}
    return make_matrix(wanted, observed(shares=[live]), BY_ROLE, TODAY, ReadOnlyChecks(found))


@pytest.mark.parametrize(
    ("result", "granted", "note", "rules"),
    [
        (CheckResult.HOLDS, "read", "kept to reading by role: verified", []),
        (CheckResult.UNKNOWN, "read", "role: declared, not verified (role: may not ask)", []),
        (CheckResult.FAILS, "write", "not kept so (role: may not ask)", ["access/more-than-declared"]),
    ],
)
def test_what_was_verified_is_said_and_a_means_that_fails_grants_writing(
    result: CheckResult, granted: str, note: str, rules: list[str]
) -> None:
    found = by_role(result, "" if result is CheckResult.HOLDS else "may not ask")
    assert cell(found, PROD).granted == granted
    assert note in cell(found, PROD).notes[0]
    assert [finding.rule for finding in differences(found)] == rules


def test_a_verified_reader_role_is_not_missed_when_another_role_of_the_account_sees_nothing() -> None:
    for result, rules in ((CheckResult.HOLDS, []), (CheckResult.UNKNOWN, ["access/not-observed"])):
        tried = by_role(result, "").tried({CardAccount(key(), PROD): ObservedAccess()})
        assert [finding.rule for finding in differences(tried)] == rules


def test_access_that_outlives_the_organization_is_said() -> None:
    found = matrix(replace(ram_share(), retained=True))
    assert cell(found, DEV).notes == ("kept even after the account leaves the organization",)


def test_what_ram_is_still_at_is_a_warning() -> None:
    ending = ram_share(PROD, principals={PROD: "DISASSOCIATING"})
    (finding,) = differences(matrix(ram_share(), ending))
    assert (finding.rule, finding.level) == ("access/more-than-declared", "warn")
    assert finding.message.endswith("(RAM says DISASSOCIATING)")
    invited = ram_share(principals={DEV: "ASSOCIATING"}, invited={DEV: "2026-06-01T00:00:00+00:00"})
    (finding,) = differences(matrix(invited))
    assert (finding.rule, finding.level) == ("access/not-granted", "warn")
    assert finding.message.endswith("(invited, and has not accepted)")
    deleted = ram_share(PROD, status="DELETING", actions=frozenset())
    (finding,) = differences(matrix(ram_share(), deleted))
    assert (finding.level, finding.message[-20:]) == ("warn", "(RAM is deleting it)")


def test_a_warning_about_one_share_hides_nothing_about_another() -> None:
    (finding,) = differences(
        matrix(ram_share(), foreign(PROD), ram_share(PROD, READ, principals={PROD: "DISASSOCIATING"}))
    )
    assert (finding.rule, finding.level) == ("access/more-than-declared", "deny")


def test_what_gives_nothing_is_not_there() -> None:
    for state in ("DISASSOCIATED", "FAILED"):
        assert not cell(matrix(ram_share(principals={DEV: state})), DEV).granted
        assert not cell(matrix(ram_share(resources={key().arn: state})), DEV).granted
    (finding,) = differences(matrix(ram_share(resources={key().arn: "SUSPENDED"})))
    assert (finding.rule, finding.level) == ("access/not-granted", "deny")
    assert finding.message.endswith("(RAM says SUSPENDED)")
    assert differences(matrix(ram_share(), foreign(PROD, status="FAILED"))) == []


def test_a_place_that_could_not_be_read_is_unknown_and_no_difference() -> None:
    wanted = desired(card(), card("there", place=AccountRegion(TEST, HOME.region)), shares=DECLARED)
    found = make_matrix(
        wanted,
        observed(shares=[ram_share()], unknown={AccountRegion(TEST, HOME.region): "denied"}),
        wanted.config,
        TODAY,
    )
    assert differences(found) == []
    assert found.unknown == {f"{TEST}/{HOME.region}": "denied"}
    assert found.cells[CardAccount(key("there", AccountRegion(TEST, HOME.region)), DEV)].granted is None
    assert CardAccount(key(), OWNER) not in found.cells


def test_a_card_that_git_does_not_know_is_ours_to_tell_only_in_a_share_of_ours() -> None:
    (finding,) = differences(matrix(ram_share(), ram_share(TEST, holds=["elsewhere"])))
    assert (finding.rule, str(finding.location)) == ("access/more-than-declared", "cardops.yaml:1:1")
    assert differences(matrix(ram_share(), foreign(PROD, holds=["elsewhere"]))) == []
