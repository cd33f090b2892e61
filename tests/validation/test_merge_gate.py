"""Whether a merged state is signed off: real history, merged in each of the three ways."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import load_repository
from cardops.git.repository import Repository
from cardops.model.desired import COMMIT, DIGEST, REPOSITORY, VERSION, Card, Status
from cardops.model.observed import ObservedCard
from cardops.signoffs.reviews import read_reviews
from cardops.validation.proposal import validate_proposal
from cardops.validation.signoff_check import SignoffChecker
from support.git_repository import USERS, TeamRepository, platform_commits, review, reviewed
from support.merge_gate import KEY, RULE, approve, gate, said

WAYS = ["merge", "squash", "rebase"]


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


@pytest.mark.parametrize("way", WAYS)
def test_a_review_of_the_head_signs_off(repo: TeamRepository, way: str) -> None:
    head = approve(repo)
    merged = repo.merge(way)
    found = gate(repo, reviewed(head, merged, review("risk-lead", head)))
    assert found.findings == ()
    assert found.approvals[KEY].by == ("risk-lead",)
    assert found.approvals[KEY].tags(card_of(repo)) == {
        "cardops:approved-by": "risk-lead",
        "cardops:pull-request": "7",
        "cardops:signed": card_of(repo).declared,
    }


def test_others_pull_requests_in_the_file_change_nothing(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("merge")
    repo.git("checkout", "-q", "-b", "other", f"{merged}^1")
    repo.card("Draft", name="other")
    other = repo.commit("another card", "bob")
    there = repo.merge("merge", "other")
    others = [
        reviewed(other, None, review("risk-deputy", other), number=5),
        reviewed(other, "e" * 40, review("risk-deputy", other), number=6),
        reviewed(other, there, review("risk-deputy", other), number=8),
    ]
    found = gate(repo, *others, reviewed(head, merged, review("risk-lead", head)))
    assert found.findings == ()
    assert found.approvals[KEY].by == ("risk-lead",)
    assert found.approvals[KEY].pull_request == "7"


@pytest.mark.parametrize("way", WAYS)
def test_a_later_commit_on_main_takes_nothing_back(repo: TeamRepository, way: str) -> None:
    head = approve(repo)
    merged = repo.merge(way)
    repo.card("Draft", name="other")
    repo.commit("another card", "bob")
    assert gate(repo, reviewed(head, merged, review("risk-lead", head))).approvals[KEY].by == ("risk-lead",)


@pytest.mark.parametrize("way", WAYS)
def test_a_rebase_of_several_commits_counts_as_one_pull_request(repo: TeamRepository, way: str) -> None:
    approve(repo)
    repo.write("cards/note.md", "a note")
    head = repo.commit("a note")
    merged = repo.merge(way)
    assert gate(repo, reviewed(head, merged, review("risk-lead", head))).findings == ()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("who", "why"),
    [("ada", "the author of a pull request cannot approve it"), ("ADA", "the author of a pull request cannot")],
)
def test_nobody_approves_their_own(repo: TeamRepository, way: str, who: str, why: str) -> None:
    head = approve(repo)
    merged = repo.merge(way)
    assert f"{who}: {why}" in said(gate(repo, reviewed(head, merged, review(who, head))))


@pytest.mark.parametrize("way", WAYS)
def test_a_contributor_of_the_content_cannot_approve_it(repo: TeamRepository, way: str) -> None:
    repo.branch()
    repo.card("PendingReview", "by the lead")
    repo.commit("words", "risk-lead")
    repo.card("Approved", "by the lead")
    head = repo.commit("approve", "ada")
    merged = repo.merge(way)
    message = said(gate(repo, reviewed(head, merged, review("Risk-Lead", head))))
    assert "Risk-Lead: wrote or proposed it" in message


def test_who_wrote_it_in_an_earlier_pull_request_cannot_approve_it(repo: TeamRepository) -> None:
    repo.card("PendingReview", "by the lead")
    repo.commit("words", "risk-lead")
    head = approve(repo, "by the lead")
    merged = repo.merge("squash")
    assert "wrote or proposed it" in said(gate(repo, reviewed(head, merged, review("risk-lead", head))))


def test_a_co_author_cannot_approve_it(repo: TeamRepository) -> None:
    head = approve(repo, "first", "ada", "--trailer", "Co-authored-by: Lead <12+risk-lead@users.noreply.github.com>")
    merged = repo.merge("merge")
    assert "wrote or proposed it" in said(gate(repo, reviewed(head, merged, review("risk-lead", head))))


@pytest.mark.parametrize("way", WAYS)
def test_an_approval_of_an_older_head_is_stale(repo: TeamRepository, way: str) -> None:
    older = approve(repo)
    repo.card("Approved", "slipped in afterwards")
    head = repo.commit("more")
    merged = repo.merge(way)
    message = said(gate(repo, reviewed(head, merged, review("risk-lead", older))))
    assert f"the approval is stale: it is of {older[:12]}, not of {head[:12]}" in message


@pytest.mark.parametrize("way", ["merge", "squash"])
def test_content_that_came_from_the_other_side_of_the_merge_was_not_reviewed(repo: TeamRepository, way: str) -> None:
    head = approve(repo)
    repo.git("checkout", "-q", "main")
    repo.card("PendingReview", "changed on main meanwhile")
    repo.commit("meanwhile", "bob")
    merged = repo.merge(way)
    assert "changed on main meanwhile" in repo.git("show", "HEAD:cards/churn.yaml")
    assert "has another state of it" in said(gate(repo, reviewed(head, merged, review("risk-lead", head))))


def test_the_review_of_another_pull_request_signs_nothing_off(repo: TeamRepository) -> None:
    repo.card("Approved")
    repo.commit("straight to main")
    repo.branch()
    repo.card("Draft", name="other")
    head = repo.commit("another card")
    merged = repo.merge("merge")
    message = said(gate(repo, reviewed(head, merged, review("risk-lead", head))))
    assert message == "churn is to be Approved, and nobody signed it off"


@pytest.mark.parametrize("way", WAYS)
def test_what_was_signed_off_once_is_not_signed_off_when_it_comes_back(repo: TeamRepository, way: str) -> None:
    head = approve(repo)
    merged = repo.merge(way)
    document = reviewed(head, merged, review("risk-lead", head))
    assert gate(repo, document).approvals[KEY].by == ("risk-lead",)
    repo.card("PendingReview")
    repo.commit("back")
    repo.git("branch", "-D", "change")
    approve(repo)
    repo.merge(way)
    assert said(gate(repo, document)) == "churn is to be Approved, and nobody signed it off"


def test_a_pull_request_into_another_branch_signs_nothing_off(repo: TeamRepository) -> None:
    approve(repo)
    repo.merge("squash")
    repo.git("checkout", "-q", "-b", "release")
    repo.card("PendingReview")
    repo.commit("not in this release")
    repo.git("branch", "-D", "change")
    head = approve(repo)
    repo.git("checkout", "-q", "release")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "change")
    merged = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "main")
    document = reviewed(head, merged, review("risk-lead", head))
    assert said(gate(repo, document)) == "churn is to be Approved, and nobody signed it off"


def test_a_pull_request_that_is_not_in_the_history_signs_nothing_off(repo: TeamRepository) -> None:
    head = approve(repo)
    aside = repo.merge("merge")
    repo.git("reset", "-q", "--hard", repo.first)
    repo.card("Approved")
    repo.commit("straight to main")
    said(gate(repo, reviewed(head, aside, review("risk-lead", head))))
    said(gate(repo, reviewed(head, None, review("risk-lead", head))))


@pytest.mark.parametrize(
    ("state", "why"), [("DISMISSED", "dismissed"), ("CHANGES_REQUESTED", "changes were requested")]
)
def test_a_later_word_takes_an_approval_back(repo: TeamRepository, state: str, why: str) -> None:
    head = approve(repo)
    merged = repo.merge("merge")
    later = review("RISK-LEAD", head, state, "2026-06-02T10:00:00Z")
    assert why in said(gate(repo, reviewed(head, merged, later, review("risk-lead", head))))


def test_a_comment_takes_nothing_back(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("merge")
    later = review("risk-lead", head, "COMMENTED", "2026-06-02T10:00:00Z")
    assert gate(repo, reviewed(head, merged, review("risk-lead", head), later)).findings == ()


def test_a_bot_signs_nothing_off_unless_a_group_names_it(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("merge")
    bot = review("helper[bot]", head)
    assert "helper[bot]: is a bot and is in no group of approvers" in said(gate(repo, reviewed(head, merged, bot)))


def test_a_stranger_signs_nothing_off_unless_a_group_names_them(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("merge")
    stranger = review("passer-by", head, author_association="NONE")
    assert "passer-by: may not write" in said(gate(repo, reviewed(head, merged, stranger)))
    known = review("risk-lead", head, author_association="NONE")
    assert gate(repo, reviewed(head, merged, known)).findings == ()


def test_an_unknown_contributor_costs_one_approver_more(repo: TeamRepository) -> None:
    approve(repo)
    repo.card("Approved", "edited by somebody")
    head = repo.commit("edit", "Nobody Knows")
    merged = repo.merge("squash")
    one = reviewed(head, merged, review("risk-lead", head))
    assert "by two people who did not contribute (an author of it is unknown)" in said(gate(repo, one))
    two = reviewed(head, merged, review("risk-lead", head), review("bob", head))
    assert gate(repo, two).approvals[KEY].by == ("risk-lead", "bob")
    assert gate(repo, {**one, "commits": platform_commits(repo, users=USERS | {"Nobody Knows"})}).findings == ()


def test_an_approver_who_left_the_group_later_changes_nothing(repo: TeamRepository) -> None:
    repo.write("policies/lifecycle.yaml", RULE)
    repo.commit("a rule")
    head = approve(repo)
    merged = repo.merge("squash")
    config = (repo.root / "cardops.yaml").read_text()
    repo.write("cardops.yaml", config.replace("risk-lead, ", ""))
    repo.commit("risk-lead leaves", "bob")
    found = gate(repo, reviewed(head, merged, review("risk-lead", head)))
    assert found.findings == ()
    assert found.approvals[KEY].by == ("risk-lead",)


@pytest.mark.parametrize("way", WAYS)
def test_a_change_does_not_make_its_own_approvers(repo: TeamRepository, way: str) -> None:
    repo.write("policies/lifecycle.yaml", RULE)
    repo.commit("a rule")
    repo.branch()
    config = (repo.root / "cardops.yaml").read_text()
    repo.write("cardops.yaml", config.replace("risk-lead,", "risk-lead, bob,"))
    repo.commit("bob may")
    repo.card("Approved")
    head = repo.commit("approve")
    merged = repo.merge(way)
    found = gate(repo, reviewed(head, merged, review("bob", head)))
    assert [finding.rule for finding in found.findings] == ["signoff/missing", "SIGN-001"]
    assert "it is not signed off by a member of model-risk: bob approves" in found.findings[0].message


@pytest.mark.parametrize("way", WAYS)
def test_a_change_does_not_end_sign_offs_for_itself(repo: TeamRepository, way: str) -> None:
    repo.branch()
    repo.write("cardops.yaml", (repo.root / "cardops.yaml").read_text().replace("reviews", "none"))
    repo.commit("nobody needs to look")
    repo.card("Approved")
    head = repo.commit("approve")
    merged = repo.merge(way)
    found = gate(repo, reviewed(head, merged, review("ada", head)))
    assert said(found).endswith("ada: the author of a pull request cannot approve it")


def test_a_skipped_review_is_refused_by_a_rule_on_the_merged_state(repo: TeamRepository) -> None:
    repo.write("policies/lifecycle.yaml", RULE)
    repo.card("Draft")
    repo.commit("a rule, and back to Draft")
    head = approve(repo)
    merged = repo.merge("squash")
    found = gate(repo, reviewed(head, merged, review("risk-lead", head)))
    assert [str(finding) for finding in found.findings] == [
        "cards/churn.yaml:2:9: LIFE-001 deny: from Draft to Approved (hint: propose PendingReview first)"
    ]
    assert found.blocked == {KEY: "LIFE-001: from Draft to Approved"}
    assert found.approvals == {}


def test_what_is_recorded_is_never_judged_again(repo: TeamRepository) -> None:
    approve(repo)
    repo.merge("squash")
    signed = {"cardops:approved-by": "somebody", "cardops:signed": card_of(repo).declared}
    assert gate(repo, live=live(repo, signed)).findings == ()
    said(gate(repo, live=live(repo, {})))
    said(gate(repo, live=live(repo, {"cardops:signed": card_of(repo).declared})))
    said(gate(repo, live=live(repo, signed, status=Status.DRAFT)))
    said(gate(repo, live=live(repo, signed | {"cardops:signed": "0" * 32})))


def test_a_renamed_file_keeps_where_its_state_came_from(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("squash")
    repo.git("mv", "cards/churn.yaml", "cards/renamed.yaml")
    repo.commit("another file name", "bob")
    assert gate(repo, reviewed(head, merged, review("risk-lead", head))).findings == ()


def test_a_shallow_clone_is_told_what_to_fetch(repo: TeamRepository) -> None:
    head = approve(repo)
    merged = repo.merge("squash")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(repo.root.parent / "shallow"))
    repo.root = repo.root.parent / "shallow"
    (finding,) = gate(repo, reviewed(head, merged, review("risk-lead", head))).findings
    assert (finding.rule, finding.hint) == ("signoff/unknown", "git fetch --unshallow origin")
    repo.git("fetch", "-q", "--unshallow", "origin", "main")
    message = said(gate(repo, reviewed(head, merged, review("risk-lead", head))))
    assert f"the reviewed commit {head[:12]} is not in this clone (git fetch origin {head}" in message


def test_none_counts_as_signed_off_and_says_so(tmp_path: Path) -> None:
    repo = TeamRepository(tmp_path / "repository", "none")
    approve(repo)
    repo.merge("merge")
    assert gate(repo).approvals[KEY].note == "not reviewed: signoff is none"


def card_of(repo: TeamRepository) -> Card:
    commit = repo.git("rev-parse", "HEAD")
    desired = load_repository(Repository(repo.root).tree(commit), commit).desired
    assert desired
    return desired.cards[KEY]


def live(repo: TeamRepository, tags: dict[str, str], status: Status = Status.APPROVED) -> ObservedCard:
    commit, card = repo.git("rev-parse", "HEAD"), card_of(repo)
    ours = {REPOSITORY: "gov-test-1a2b", COMMIT: commit, DIGEST: card.digest, VERSION: "1"}
    return ObservedCard(KEY, status, 1, card.content, ours | tags)


ENVELOPE = {
    "owner": ("owner: team-a", "owner: team-b"),
    "tags": ("owner: team-a", "owner: team-a\ntags: {data-class: public}"),
    "kms_key_id": ("owner: team-a", "owner: team-a\nkms_key_id: alias/other"),
    "model_package": ("owner: team-a", "owner: team-a\nmodel_package: {group: evil, version: 2}"),
    "live_sections": ("owner: team-a", "owner: team-a\nlive_sections: [evaluation_details]"),
    "ignore": (
        "owner: team-a",
        "owner: team-a\nignore: [{path: intended_uses, reason: theirs now, expires: 2027-01-01}]",
    ),
}


@pytest.mark.parametrize("field", ENVELOPE)
def test_whatever_an_approved_card_declares_changes_only_with_a_sign_off(repo: TeamRepository, field: str) -> None:
    repo.card("Approved")
    repo.commit("approved")
    signed = live(repo, {"cardops:approved-by": "risk-lead", "cardops:signed": card_of(repo).declared})
    repo.branch()
    path = repo.root / "cards/churn.yaml"
    text = path.read_text()
    path.write_text(text.replace(*ENVELOPE[field]))
    assert path.read_text() != text
    head = repo.commit(f"another {field}")
    assert proposal_rules(repo, reviewed(head, None)) == ["signoff/missing"]
    assert proposal_rules(repo, reviewed(head, None, review("risk-lead", head))) == []
    merged = repo.merge("squash")
    assert said(gate(repo, reviewed(head, merged), live=signed)) == "churn is to be Approved, and nobody signed it off"
    found = gate(repo, reviewed(head, merged, review("risk-lead", head)), live=signed)
    assert found.approvals[KEY].tags(card_of(repo))["cardops:signed"] == card_of(repo).declared


def proposal_rules(repo: TeamRepository, document: Any) -> list[str]:
    file = repo.root.parent / "open.json"
    file.write_text(json.dumps({"commits": platform_commits(repo)} | document))
    judge = SignoffChecker(DeclarationHistory(Repository(repo.root)), read_reviews(file))
    return [one.rule for one in validate_proposal(repo.root, judge, "main", "2026-06-01", cached=False)[1]]


def test_a_sign_off_that_an_earlier_release_recorded_counts_for_what_git_had_then(repo: TeamRepository) -> None:
    repo.card("Approved")
    repo.commit("approved")
    old = live(repo, {"cardops:approved-by": "ada bob", "cardops:pull-request": "7"})
    found = gate(repo, live=old)
    assert found.findings == ()
    assert (found.approvals[KEY].by, found.approvals[KEY].pull_request) == (("ada", "bob"), "7")
    path = repo.root / "cards/churn.yaml"
    path.write_text(path.read_text().replace("team-a", "team-b"))
    repo.commit("another owner")
    assert "nobody signed it off" in said(gate(repo, live=old))


def test_a_model_package_is_no_part_of_what_was_approved_before_cardops(repo: TeamRepository) -> None:
    path = repo.root / "cards/churn.yaml"
    repo.card("Approved")
    path.write_text(path.read_text().replace("owner: team-a", "owner: team-a\nadopt: true"))
    repo.commit("take it over")
    theirs = ObservedCard(KEY, Status.APPROVED, 1, card_of(repo).content, {})
    assert gate(repo, live=theirs).findings == ()
    path.write_text(path.read_text().replace("adopt: true", "adopt: true\nmodel_package: {group: evil, version: 2}"))
    repo.commit("and approve a package with it")
    assert "nobody signed it off" in said(gate(repo, live=theirs))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("told", ["with its reviews", "without them"])
@pytest.mark.parametrize("how", ["signoff", "approvers"])
def test_a_rebase_merge_that_loosens_the_configuration_for_one_commit_lets_nothing_pass(
    repo: TeamRepository, way: str, told: str, how: str
) -> None:
    config = (repo.root / "cardops.yaml").read_text()
    looser = {"signoff": ("reviews", "none"), "approvers": ("risk-lead,", "risk-lead, bob,")}
    repo.branch()
    repo.write("cardops.yaml", config.replace(*looser[how]))
    repo.commit("loosen")
    repo.card("Approved")
    repo.commit("approve")
    repo.write("cardops.yaml", config)
    head = repo.commit("put back")
    merged = repo.merge(way)
    documents = [reviewed(head, merged, review("bob", head))] if told == "with its reviews" else []
    assert "bob approves" in said(gate(repo, *documents)) or not documents
    if documents:
        lead = reviewed(head, merged, review("risk-lead", head))
        assert gate(repo, lead).approvals[KEY].by == ("risk-lead",)
