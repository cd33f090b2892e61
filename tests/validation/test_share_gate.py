"""New access to an Approved or high-risk card needs a sign-off of its own; old access does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.desired.grants import grants
from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import load_repository
from cardops.git.repository import Repository
from cardops.model.desired import GRANT, REPOSITORY
from cardops.model.observed import Observed, ObservedShare
from cardops.signoffs.reviews import read_reviews
from cardops.validation.proposal import validate_proposal
from cardops.validation.share_gate import ShareGate
from cardops.validation.signoff_check import SignoffChecker
from support.git_repository import TeamRepository, platform_commits, review, reviewed

TODAY = "2026-06-01"
SHARE = "name: team\ncards: {cards}\ngrants:\n"
DEV = "  - {to: ml-dev, access: read, while: [Draft, Approved]}\n"
WRITE = "  - {to: ml-dev, access: contribute, while: [Draft]}\n"
OUT = "  - {to: ml-out, access: read, while: [Draft, Approved]}\n"
ACCOUNTS = """\
  ml-dev: {id: "222222222222", read_only: [role]}
  ml-out: {id: "999999999999", read_only: [role]}
"""


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    repo = TeamRepository(tmp_path / "repository")
    config = (repo.root / "cardops.yaml").read_text()
    repo.write("cardops.yaml", config.replace('  ml-dev: {id: "222222222222"}\n', ACCOUNTS))
    give(repo, DEV)
    repo.commit("a share")
    return repo


def give(repo: TeamRepository, *given: str, cards: str = "[churn]", path: str = "shares/team.yaml") -> None:
    repo.write(path, SHARE.format(cards=cards) + "".join(given))


def card(repo: TeamRepository, kind: str) -> None:
    """Make the card Approved, of high risk, or neither."""
    repo.card("Approved" if kind == "Approved" else "Draft")
    if kind == "High":
        path = repo.root / "cards/churn.yaml"
        path.write_text(path.read_text() + "    risk_rating: High\n")


def checker(repo: TeamRepository, *documents: Any) -> SignoffChecker:
    file = repo.root.parent / "reviews.json"
    file.write_text(json.dumps([{"commits": platform_commits(repo)} | one for one in documents]))
    return SignoffChecker(DeclarationHistory(Repository(repo.root)), read_reviews(file))


def proposed(repo: TeamRepository, *documents: Any, base: str = "main") -> list[str]:
    _, found = validate_proposal(repo.root, checker(repo, *documents), base, TODAY, cached=False)
    return [one.message for one in found if one.rule == "signoff/missing" and one.share]


def merged(repo: TeamRepository, *documents: Any, live: bool = False) -> list[str]:
    judge = checker(repo, *documents)
    revisions = judge.declarations.revisions
    tip = revisions.head()
    desired = load_repository(revisions.tree(tip), tip).desired
    assert desired
    shares = tuple(
        ObservedShare(
            arn=f"arn:{number}",
            place=one.place,
            name=one.name,
            tags={REPOSITORY: desired.config.repository, GRANT: one.id},
            resources=dict.fromkeys(one.resources, "ASSOCIATED"),
            principals={one.principal: "ASSOCIATED"},
        )
        for number, one in enumerate(grants(desired, {key.place for key in desired.cards}, TODAY))
        if live
    )
    return [one.message for one in ShareGate(desired, judge, tip).findings(Observed({}, shares, {}), TODAY)]


def test_what_waits_is_said_with_the_share_and_the_card(repo: TeamRepository) -> None:
    card(repo, "Approved")
    repo.commit("approved")
    repo.branch()
    give(repo, DEV, OUT)
    repo.commit("one more")
    said = ["team gives new access to churn, Approved or of high risk, and nobody signed it off"]
    assert proposed(repo) == said
    repo.merge("squash")
    assert merged(repo) == said


@pytest.mark.parametrize("kind", ["Approved", "High", "neither"])
@pytest.mark.parametrize("change", ["principal", "level", "glob", "new share"])
def test_new_or_wider_access_to_a_sensitive_card_needs_a_sign_off(repo: TeamRepository, kind: str, change: str) -> None:
    card(repo, kind)
    if change == "glob":
        give(repo, DEV, cards="[other]")
        repo.card("Draft", name="other")
    repo.commit("before")
    repo.branch()
    if change == "principal":
        give(repo, DEV, OUT)
    elif change == "level":
        give(repo, DEV, WRITE)
    elif change == "glob":
        give(repo, DEV, cards='["*"]')
    else:
        repo.write("shares/new.yaml", SHARE.format(cards='["*"]').replace("team", "new") + OUT)
    head = repo.commit("share it")
    asked = kind != "neither"
    # a grant for Drafts is not in force yet on an Approved card
    in_force = asked and not (kind == "Approved" and change == "level")
    assert bool(proposed(repo)) is asked
    signed = reviewed(head, None, review("risk-lead", head))
    assert proposed(repo, signed) == []
    at = repo.merge("squash")
    assert bool(merged(repo)) is in_force
    assert merged(repo, reviewed(head, at, review("risk-lead", head))) == []
    assert bool(merged(repo, reviewed(head, at, review("ada", head)))) is in_force
    assert merged(repo, live=True) == []


def test_a_card_that_is_approved_later_brings_its_old_shares_along(repo: TeamRepository) -> None:
    """The sign-off of the approval covers what opens with it; the share was there, and is no change."""
    repo.branch()
    repo.card("Approved")
    repo.commit("approve")
    assert proposed(repo) == []
    repo.merge("squash")
    assert merged(repo) == []


@pytest.mark.parametrize("how", ["narrower", "renamed", "moved", "shorter"])
def test_what_gives_no_more_needs_no_sign_off(repo: TeamRepository, how: str) -> None:
    card(repo, "Approved")
    repo.commit("approved")
    repo.branch()
    if how == "narrower":
        give(repo, DEV.replace("Draft, ", ""))
    elif how == "renamed":
        repo.write("shares/team.yaml", (repo.root / "shares/team.yaml").read_text().replace("name: team", "name: crew"))
    elif how == "moved":
        repo.git("mv", "shares/team.yaml", "shares/crew.yaml")
    else:
        give(repo, DEV.replace("}", ', expires: "2026-12-31"}'))
    repo.commit(how)
    assert proposed(repo) == []
    repo.merge("squash")
    assert merged(repo) == []


def test_access_that_lasts_longer_needs_a_sign_off(repo: TeamRepository) -> None:
    card(repo, "Approved")
    give(repo, DEV.replace("}", ', expires: "2026-12-31"}'))
    repo.commit("until the end of the year")
    repo.branch()
    give(repo, DEV.replace("}", ', expires: "2036-12-31"}'))
    repo.commit("ten years more")
    assert len(proposed(repo)) == 1


def test_a_card_whose_file_was_renamed_since_is_no_way_around(repo: TeamRepository) -> None:
    card(repo, "Approved")
    repo.commit("approved")
    give(repo, DEV, OUT)
    repo.commit("straight to main")
    repo.git("mv", "cards/churn.yaml", "cards/other-name.yaml")
    repo.commit("another path")
    assert len(merged(repo)) == 1


def test_no_sign_offs_no_question(tmp_path: Path) -> None:
    repo = TeamRepository(tmp_path / "repository", "none")
    card(repo, "High")
    give(repo, WRITE)
    repo.commit("all at once")
    assert merged(repo) == []
