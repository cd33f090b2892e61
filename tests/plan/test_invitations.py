"""Who has to accept what, where and until when; no more is sent than RAM takes."""

from typing import Any

import pytest

from cardops.desired.grants import grant_id
from cardops.merge.diff import ABSENT, Change
from cardops.model.desired import GRANT, REPOSITORY, AccountRegion
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedShare
from cardops.model.permissions import managed_arn
from cardops.plan.actions import (
    AcceptInvitation,
    CreateShare,
)
from cardops.plan.sharing import invitations
from cardops.plan.steps import Action, Phase, Step
from support.builders import (
    CONTRIBUTE,
    DEV,
    HOME,
    OWNER,
    REGION,
    REPO,
    TEST,
    card,
    config,
    desired,
    grant,
    kinds,
    live,
    observed,
    only,
    planned,
    ram_share,
    rules,
    share,
)
from support.replacing import replace

CARD = card()
AT = Location("shares/team.yaml")
ID = grant_id("team", DEV, "contribute")
NAME = "team contribute ml-dev"
MANAGED = managed_arn(CONTRIBUTE.managed)
WHILE = "team: contribute for ml-dev while Draft or PendingReview"
SHARE = replace(ram_share(), updated="2026-05-01T00:00:00+00:00")
ACTIONS = Change("actions", ABSENT, sorted(CONTRIBUTE.actions))


def outside(invitations: str = "leave") -> Any:
    """ml-dev is outside the organization."""
    account = replace(config().accounts["ml-dev"], external=True)
    settings = config(accounts=config().accounts | {"ml-dev": account})
    return desired(CARD, shares=[share(invitations=invitations)], settings=settings)


def step(
    phase: Phase, kind: str, reason: str, action: Action, changes: Any, seen: ObservedShare | None = SHARE
) -> Step:
    """A step about the share of the card `churn` with ml-dev."""
    key, cards = f"{OWNER}/{REGION}/{ID}", frozenset({CARD.key})
    sees = (seen.arn, cards, seen.updated) if seen else ("absent", cards, "")
    return Step(phase, kind, HOME, NAME, key, reason, action, tuple(changes), *sees)


def gained(*names: str) -> list[Change]:
    return [Change(f"access[ml-dev].{name}", ABSENT, "contribute") for name in names]


def test_a_new_share_with_an_outside_account_says_who_has_to_accept_it() -> None:
    action = CreateShare(NAME, DEV, (CARD.key.arn,), MANAGED, True, ID)
    terms = [Change("external principals", ABSENT, "allowed")]
    left = Change("invitation", ABSENT, "ml-dev has to accept it within 12 hours")
    made = step(Phase.SHARE, "share", WHILE, action, [*gained("churn"), ACTIONS, *terms, left], None)
    assert planned(outside(), observed(live(CARD))).steps == (made,)
    taken = Change("invitation", ABSENT, "cardops accepts it within 12 hours")
    found = planned(outside("accept"), observed(live(CARD))).steps
    assert found[0] == replace(made, changes=(*made.changes[:-1], taken))
    accepting = step(
        Phase.ACCEPT,
        "accept",
        "ml-dev is outside the organization and the share says `invitations: accept`",
        AcceptInvitation("", HOME, DEV),
        [Change("invitation", "pending", "accepted")],
        None,
    )
    assert found[1:] == (replace(accepting, place=AccountRegion(DEV, REGION)),)


def test_a_pending_invitation_is_accepted_where_the_share_says_so_else_it_is_told_until_when() -> None:
    invited = replace(SHARE, external=True, principals={DEV: "ASSOCIATING"}, invited={DEV: "2026-06-01T09:30:00+02:00"})
    found = planned(outside("accept"), observed(live(CARD), shares=[invited]))
    assert only(found, "accept").action == AcceptInvitation(SHARE.arn, HOME, DEV)
    assert (only(found, "accept").sees, only(found, "accept").seen_at) == (SHARE.arn, SHARE.updated)
    assert rules(found) == []
    found = planned(outside(), observed(live(CARD), shares=[invited]))
    message = (
        f"team: contribute for ml-dev: account {DEV} has to accept the invitation to the share {SHARE.name!r} of "
        f"{OWNER} in {REGION} until about 2026-06-01 19:30 UTC"
    )
    hint = "accept it there in RAM, under `Shared with me`; once it has expired, the next apply sends another one"
    assert (kinds(found), found.findings) == (
        [],
        (Finding("share/invitation-pending", AT, message, hint, "warn"),),
    )
    unknown = replace(invited, invited={DEV: "some day"})
    found = planned(outside(), observed(live(CARD), shares=[unknown]))
    assert found.findings[0].message == message.removesuffix(" until about 2026-06-01 19:30 UTC")


def test_no_more_invitations_are_sent_than_ram_takes_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert invitations.PENDING_LIMIT == 250
    monkeypatch.setattr(invitations, "PENDING_LIMIT", 20)
    cards = [card(f"c{number:02}") for number in range(24)]
    account = replace(config().accounts["ml-dev"], external=True)
    settings = config(accounts=config().accounts | {"ml-dev": account})
    shares = [share(name=f"s{number:02}", cards=[f"c{number:02}"]) for number in range(24)]
    waiting = replace(ram_share(TEST), invited={TEST: "2026-06-01", "5" * 12: "2026-06-01"}, tags={})
    found = planned(desired(*cards, shares=shares, settings=settings), observed(*map(live, cards), shares=[waiting]))
    assert kinds(found) == ["share"] * 18 + ["accept"] * 18
    assert {step.action.grant for step in found.steps[:18]} == {
        step.key.rpartition("/")[2] for step in found.steps[18:]
    }
    message = f"6 invitation(s) from {HOME} wait: RAM allows 20 pending ones for each sharing account"
    hint = "apply again when pending ones are accepted or have expired; each apply sends as many as there is room for"
    assert found.findings == (Finding("share/invitations-queued", Location("cardops.yaml"), message, hint, "warn"),)


def test_a_role_of_an_outside_account_is_asked_in_that_account() -> None:
    role = f"arn:aws:iam::{DEV}:role/pipeline"
    account = replace(config().accounts["ml-dev"], external=True)
    settings = config(accounts=config().accounts | {"ml-dev": account})
    to_role = grant(role, "contribute")
    git = desired(CARD, shares=[share(to_role)], settings=settings)
    accepting = only(planned(git, observed(live(CARD))), "accept")
    assert accepting.place == AccountRegion(DEV, REGION)
    assert accepting.action == AcceptInvitation("", HOME, role)
    invited = replace(ram_share(role), external=True, principals={role: "ASSOCIATING"}, invited={role: "2026-06-01"})
    left = desired(CARD, shares=[share(to_role, invitations="leave")], settings=settings)
    (finding,) = planned(left, observed(live(CARD), shares=[invited])).findings
    assert f": account {DEV} has to accept the invitation" in finding.message


def test_principals_that_are_asked_again_count_among_the_invitations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "PENDING_LIMIT", 20)
    cards = [card(f"c{number:02}") for number in range(22)]
    account = replace(config().accounts["ml-dev"], external=True)
    settings = config(accounts=config().accounts | {"ml-dev": account})
    shares = [share(name=f"s{number:02}", cards=[f"c{number:02}"], invitations="leave") for number in range(22)]
    lost = [
        replace(
            ram_share(holds=[one.key.name]),
            arn=f"{SHARE.arn}-{number}",
            external=True,
            principals={},
            tags={REPOSITORY: REPO, GRANT: grant_id(f"s{number:02}", DEV, "contribute")},
        )
        for number, one in enumerate(cards)
    ]
    found = planned(desired(*cards, shares=shares, settings=settings), observed(*map(live, cards), shares=lost))
    assert kinds(found) == ["reconnect"] * 20
    assert [finding.message.partition(" from")[0] for finding in found.findings] == ["2 invitation(s)"]
    within = [replace(one, principals={}, external=False) for one in lost]
    at_home = desired(*cards, shares=shares)
    assert kinds(planned(at_home, observed(*map(live, cards), shares=within))) == ["reconnect"] * 22
