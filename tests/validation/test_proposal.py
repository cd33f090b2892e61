"""What a branch proposes, judged by the rules of its base and by its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardops.cli.validate import validate
from cardops.desired.history import DeclarationHistory
from cardops.desired.schema.validator import schema
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.model.errors import GitError
from cardops.model.findings import Finding
from cardops.signoffs.reviews import read_reviews
from cardops.validation.proposal import NOT_GOVERNING, validate_proposal
from cardops.validation.signoff_check import SignoffChecker
from cardops.validation.worktree import committed_blobs, validate_worktree
from support.git_repository import TeamRepository, platform_commits, review, reviewed
from support.merge_gate import RULE, approve

PLAIN = """\
rules:
  - id: {id}
    title: {title}
    why: Because.
    on: {on}
    require: {require}
    at: owner
    message: "'the owner is not as it has to be'"
    hint: change the owner
    references: [NIST-AI-RMF GOVERN-2.1]
    tests:
      pass: [{{card: {{owner: team-b}}}}]
      fail: [{{card: {{owner: team-a}}}}]
"""
OWNER = PLAIN.format(id="OWN-001", title="Team b owns it", on="card", require='card.owner == "team-b"')
WAIVER = """\
waivers:
  - {rule: OWN-001, card: churn, reason: it moves soon, approved_by: risk-lead, expires: "2026-12-31"}
"""


@pytest.fixture
def repo(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path / "repository")


def found(repo: TeamRepository, *documents: Any, base: str = "main", given: bool = True) -> list[str]:
    findings = checked(repo, *documents, base=base, given=given)
    return [f"{one.location.path} {one.rule} {one.level}{' waived' * bool(one.suppressed)}" for one in findings]


def checked(repo: TeamRepository, *documents: Any, base: str = "main", given: bool = True) -> list[Finding]:
    revisions = Repository(repo.root)
    file = repo.root.parent / "reviews.json"
    file.write_text(json.dumps([{"commits": platform_commits(repo)} | one for one in documents]))
    judge = SignoffChecker(DeclarationHistory(revisions), read_reviews(file) if given else None)
    _, findings = validate_proposal(repo.root, judge, base, "2026-06-01", cached=False)
    return findings


def test_an_approval_on_the_open_pull_request_is_enough(repo: TeamRepository) -> None:
    head = approve(repo)
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == []


def test_without_reviews_an_approval_is_asked_for_and_with_them_demanded(repo: TeamRepository) -> None:
    approve(repo)
    assert found(repo, given=False) == ["cards/churn.yaml signoff/missing warn"]
    assert found(repo) == ["cards/churn.yaml signoff/missing deny"]


def test_the_author_and_a_stale_approval_are_refused(repo: TeamRepository) -> None:
    head = approve(repo)
    assert found(repo, reviewed(head, None, review("ada", head))) == ["cards/churn.yaml signoff/missing deny"]
    stale = reviewed(head, None, review("risk-lead", repo.first))
    assert found(repo, stale) == ["cards/churn.yaml signoff/missing deny"]


def test_a_review_of_a_head_that_is_not_what_is_validated_is_refused(repo: TeamRepository) -> None:
    head = approve(repo)
    repo.card("Approved", "not yet committed")
    said = found(repo, reviewed(head, None, review("risk-lead", head)))
    assert said == ["cards/churn.yaml signoff/missing deny"]


def test_a_preview_of_the_merge_is_judged_like_the_branch(repo: TeamRepository) -> None:
    head = approve(repo)
    repo.git("checkout", "-q", "main")
    repo.write("cards/note.md", "meanwhile")
    repo.commit("meanwhile")
    repo.git("checkout", "-q", "--detach")
    repo.git("merge", "-q", "--no-ff", "-m", "preview", "change")
    assert found(repo, reviewed(head, repo.git("rev-parse", "HEAD"), review("risk-lead", head))) == []


def test_from_draft_to_approved_in_one_step_is_refused(repo: TeamRepository) -> None:
    repo.write("policies/lifecycle.yaml", RULE)
    repo.card("Draft")
    repo.commit("a rule, and back to Draft")
    head = approve(repo)
    said = found(repo, reviewed(head, None, review("risk-lead", head)))
    assert said == ["cards/churn.yaml LIFE-001 deny"]
    only_other = reviewed(head, None, review("bob", head))
    assert "cards/churn.yaml SIGN-001 deny" in found(repo, only_other)
    assert "cards/churn.yaml SIGN-001 warn" in found(repo, given=False)


def test_a_rule_that_the_branch_drops_still_judges_it(repo: TeamRepository) -> None:
    repo.card("Draft", name="owned")
    repo.write("policies/owner.yaml", OWNER)
    repo.write("cards/churn.yaml", (repo.root / "cards/churn.yaml").read_text().replace("team-a", "team-b"))
    repo.write("cards/owned.yaml", (repo.root / "cards/owned.yaml").read_text().replace("team-a", "team-b"))
    repo.commit("a rule that all cards follow")
    repo.branch()
    repo.card("PendingReview")
    (repo.root / "policies/owner.yaml").unlink()
    repo.commit("team-a again, and no rule")
    assert found(repo) == ["cards/churn.yaml OWN-001 deny", "policies/owner.yaml signoff/governance deny"]


def test_a_waiver_that_the_branch_brings_counts_once_its_approver_signs_it_off(repo: TeamRepository) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.commit("a rule")
    repo.branch()
    repo.card("PendingReview", "touched")
    repo.write("policies/waivers/mine.yaml", WAIVER)
    head = repo.commit("a waiver for myself")
    breach = "cards/churn.yaml OWN-001 deny"
    waits = "policies/waivers/mine.yaml waiver/not-signed-off warn"
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == [f"{breach} waived"]
    assert found(repo, reviewed(head, None, review("risk-deputy", head))) == [breach, waits]
    assert found(repo) == [breach, "policies/waivers/mine.yaml signoff/governance deny", waits]
    unknown = found(repo, given=False)
    assert unknown == [f"{breach} waived", "policies/waivers/mine.yaml signoff/governance warn", waits]
    repo.commit("one commit more")
    assert breach in found(repo, reviewed(repo.git("rev-parse", "HEAD"), None, review("risk-lead", head)))


@pytest.mark.parametrize("member", ["risk-lead", "risk-deputy"])
def test_policies_and_waivers_need_the_group_that_enforcement_names(repo: TeamRepository, member: str) -> None:
    config = (repo.root / "cardops.yaml").read_text("utf-8")
    repo.write("cardops.yaml", config.replace("approvers: {", "approvers: {ml: [risk-deputy], "))
    repo.write("policies/owner.yaml", OWNER)
    repo.write("policies/enforcement.yaml", "signed_off_by: [model-risk]\nrules: {}\n")
    config = (repo.root / "cardops.yaml").read_text("utf-8")
    repo.write("cardops.yaml", config.replace("[risk-lead, risk-deputy]", "[risk-lead]"))
    repo.commit("a rule, and a group")
    repo.branch()
    repo.card("PendingReview", "touched")
    repo.write("policies/waivers/mine.yaml", WAIVER.replace("risk-lead", member))
    head = repo.commit("a waiver")
    said = found(repo, reviewed(head, None, review(member, head)))
    waits = [f"policies/waivers/mine.yaml {rule}" for rule in ("signoff/governance deny", "waiver/not-signed-off warn")]
    breach = "cards/churn.yaml OWN-001 deny"
    assert said == ([f"{breach} waived"] if member == "risk-lead" else [breach, *waits])


POLICY_RULE = """\
rules:
  - id: GOV-001
    title: A rule is changed by its approvers
    on: repository
    for: edit in repository.policy_changes
    require: edit.approvers.exists(one, "model-risk" in one.groups) && !("ada" in edit.authors)
    message: "'by ' + edit.authors.join(' ') + ': ' + edit.part"
    hint: ask them
    tests:
      pass: [{repository: {policy_changes: [{part: a, authors: [bob], approvers: [{name: c, groups: [model-risk]}]}]}}]
      fail:
        - {repository: {policy_changes: [{part: a, authors: [bob], approvers: []}]}}
        - {repository: {policy_changes: [{part: a, authors: [ada], approvers: [{name: c, groups: [model-risk]}]}]}}
"""


def test_rules_judge_changes_of_policies(repo: TeamRepository) -> None:
    repo.write("policies/governance.yaml", POLICY_RULE)
    repo.commit("a rule about rules")
    assert found(repo) == []
    repo.branch()
    repo.write("policies/owner.yaml", OWNER.replace('== "team-b"', '!= "team-b"'))
    head = repo.commit("a rule")
    said = [one for one in checked(repo, reviewed(head, None, review("risk-lead", head))) if one.rule == "GOV-001"]
    assert [(one.message, one.level) for one in said] == [("by ada: policies/owner.yaml", "deny")]


def test_a_waiver_may_come_before_the_breach_and_before_the_card(repo: TeamRepository) -> None:
    repo.write("policies/owner.yaml", OWNER.replace("team-b", "team-a", 1).replace('== "team-b"', '== "team-a"'))
    repo.commit("a rule that the card keeps")
    repo.branch()
    granted = WAIVER.replace("expires", 'granted: "2026-05-20", expires')
    repo.write("policies/waivers/mine.yaml", granted + granted.partition("\n")[2].replace("churn", "later"))
    head = repo.commit("two waivers")
    by_lead = reviewed(head, None, review("risk-lead", head))
    at = "policies/waivers/mine.yaml"
    assert found(repo, by_lead) == [f"{at} waiver/unused warn", f"{at} waiver/no-match warn"]
    repo.write("policies/waivers/mine.yaml", granted.replace("2026-05-20", "2026-05-01"))
    head = repo.commit("a waiver of a month ago")
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == [f"{at} waiver/unused deny"]


def test_a_waiver_that_is_removed_with_the_breach_is_no_unused_one(repo: TeamRepository) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.write("policies/waivers/mine.yaml", WAIVER)
    repo.commit("a rule and a waiver")
    repo.branch()
    text = (repo.root / "cards/churn.yaml").read_text("utf-8")
    repo.write("cards/churn.yaml", text.replace("team-a", "team-b"))
    (repo.root / "policies/waivers/mine.yaml").unlink()
    head = repo.commit("mended")
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == []


@pytest.mark.parametrize(
    ("renewed", "recorded"), [("", False), ("renewed: [], ", False), ('renewed: ["2026-06-01"], ', True)]
)
def test_a_renewal_is_recorded_and_until_it_is_signed_off_the_old_waiver_stays(
    repo: TeamRepository, renewed: str, recorded: bool
) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.write("policies/waivers/mine.yaml", WAIVER)
    repo.commit("a rule and a waiver")
    repo.branch()
    repo.card("PendingReview", "touched")
    repo.write("policies/waivers/mine.yaml", WAIVER.replace('expires: "2026-12-31"', f'{renewed}expires: "2027-03-31"'))
    head = repo.commit("renewed")
    said = found(repo, reviewed(head, None, review("risk-lead", head)))
    at = "policies/waivers/mine.yaml"
    problem = [] if recorded else [f"{at} waiver/renewal-not-recorded deny"]
    assert said == ["cards/churn.yaml OWN-001 deny waived", *problem]
    assert "cards/churn.yaml OWN-001 deny waived" in found(repo)


def test_what_was_wrong_before_and_is_not_touched_only_warns(repo: TeamRepository) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.commit("a rule that the card breaks")
    repo.branch()
    repo.card("Draft", name="other")
    repo.commit("another card that breaks it")
    assert found(repo) == ["cards/churn.yaml OWN-001 warn", "cards/other.yaml OWN-001 deny"]
    repo.card("PendingReview", "touched")
    assert found(repo) == ["cards/churn.yaml OWN-001 deny", "cards/other.yaml OWN-001 deny"]


def test_what_a_change_breaks_elsewhere_fails(repo: TeamRepository) -> None:
    repo.write(
        "shares/team.yaml", "name: team\ncards: [churn]\ngrants: [{to: ml-dev, access: read, while: [Approved]}]\n"
    )
    repo.commit("a share")
    repo.branch()
    (repo.root / "cards/churn.yaml").unlink()
    repo.commit("remove the card that the share names")
    assert found(repo) == ["shares/team.yaml reference/unknown-card deny"]


def test_a_new_rule_warns_of_what_was_there(repo: TeamRepository) -> None:
    repo.branch()
    repo.write("policies/owner.yaml", OWNER)
    head = repo.commit("a rule")
    said = found(repo, reviewed(head, None, review("risk-lead", head)))
    assert said == ["cards/churn.yaml OWN-001 warn"]


def test_who_approves_decides_only_with_a_sign_off(repo: TeamRepository) -> None:
    repo.branch()
    config = (repo.root / "cardops.yaml").read_text()
    repo.write("cardops.yaml", config.replace("risk-lead,", "risk-lead, ada,"))
    head = repo.commit("ada may approve")
    assert found(repo) == ["cardops.yaml signoff/governance deny"]
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == []


GOVERNED = [
    ("cardops.yaml", '"222222222222"}', '"222222222222", external: true}', "accounts"),
    ("cardops.yaml", "signoff: reviews", "signoff: none", "signoff"),
    ("cardops.yaml", "signoff: reviews", "signoff: reviews\nretire: delete", "retire"),
    ("cardops.yaml", "signoff: reviews", "signoff: reviews\nsafety: {floor: 999}", "safety"),
    (
        "cardops.yaml",
        "signoff: reviews",
        "signoff: reviews\naccess: {read: {actions: [sagemaker:DescribeModelCard]}}",
        "access",
    ),
    ("policies/owner.yaml", "change the owner", "leave it", "policies/owner.yaml"),
    ("policies/enforcement.yaml", "deny", "audit", "policies/enforcement.yaml"),
    ("policies/schemas/card.schema.json", "{}", '{"type": "object"}', "policies/schemas/card.schema.json"),
]


@pytest.mark.parametrize(("path", "before", "after", "what"), GOVERNED)
def test_what_decides_about_others_changes_only_with_a_sign_off(
    repo: TeamRepository, path: str, before: str, after: str, what: str
) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.write("policies/enforcement.yaml", "rules: {OWN-001: {level: deny}}\n")
    repo.write("policies/schemas/card.schema.json", "{}\n")
    repo.commit("rules")
    repo.branch()
    text = (repo.root / path).read_text()
    assert before in text
    repo.write(path, text.replace(before, after))
    head = repo.commit("change it")
    mine, theirs = (checked(repo, reviewed(head, None, review(who, head))) for who in ("ada", "risk-lead"))
    (asked,) = [one for one in mine if one.rule == "signoff/governance"]
    assert (asked.level, asked.message.partition(" ")[0]) == ("deny", what)
    assert "signoff/governance" not in [one.rule for one in theirs]


def test_an_id_is_never_used_for_another_rule(repo: TeamRepository) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.commit("a rule")
    (repo.root / "policies/owner.yaml").unlink()
    repo.commit("no rule")
    repo.branch()
    repo.write("policies/owner.yaml", OWNER.replace("Team b owns it", "Something else"))
    head = repo.commit("an old id")
    signed = reviewed(head, None, review("risk-lead", head))
    assert "policies/owner.yaml policy/reused-id deny" in found(repo, signed)
    repo.write("policies/owner.yaml", OWNER)
    head = repo.commit("the same rule again")
    assert "policies/owner.yaml policy/reused-id deny" not in found(repo, reviewed(head, None))


def test_a_renamed_file_is_no_new_card(repo: TeamRepository) -> None:
    repo.write("policies/lifecycle.yaml", RULE)
    repo.commit("a rule")
    repo.branch()
    repo.git("mv", "cards/churn.yaml", "cards/renamed.yaml")
    repo.commit("another name")
    repo.card("Approved", path="cards/renamed.yaml")
    head = repo.commit("approve")
    assert found(repo, reviewed(head, None, review("risk-lead", head))) == []


def test_branches_without_a_common_commit_are_refused(repo: TeamRepository) -> None:
    repo.git("checkout", "-q", "--orphan", "alone")
    repo.commit("alone")
    with pytest.raises(GitError, match="have no commit in common"):
        found(repo)


def test_a_shallow_clone_is_told_what_to_fetch(repo: TeamRepository) -> None:
    approve(repo)
    repo.git("checkout", "-q", "main")
    repo.write("cards/note.md", "meanwhile")
    repo.commit("meanwhile")
    source = f"file://{repo.root}"
    repo.git("clone", "-q", "--depth", "1", "--no-single-branch", source, str(repo.root.parent / "shallow"))
    repo.root = repo.root.parent / "shallow"
    with pytest.raises(GitError, match="shallow clone") as told:
        found(repo, base="origin/change")
    assert told.value.hint == "git fetch --unshallow origin"


def test_the_process_that_answers_about_commits_has_ended_with_the_command(
    repo: TeamRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(repo)
    ended: list[Repository] = []
    real = Repository.close

    def close(revisions: Repository) -> None:
        process = revisions._objects._process
        real(revisions)
        assert process
        assert process.returncode is not None
        ended.append(revisions)

    monkeypatch.setattr(Repository, "close", close)
    assert validate(repo.root, (), "text", base="main") == 0
    assert len(ended) == 1


def show_otherwise(repo: TeamRepository, path: str, attributes: str) -> bytes:
    """Let git show a file otherwise than it keeps it; what it keeps."""
    repo.git("config", "filter.shout.smudge", "tr a-z n-za-m")
    repo.git("config", "filter.shout.clean", "tr a-z n-za-m")
    repo.write(".gitattributes", f"{path} {attributes}\n")
    repo.git("add", ".gitattributes")
    repo.git("commit", "-q", "-m", "attributes")
    (repo.root / path).unlink()
    repo.git("checkout", "-q", "--", path)
    kept = run_git(repo.root, ["cat-file", "blob", f"HEAD:{path}"])
    assert (repo.root / path).read_bytes() != kept
    assert repo.git("status", "--porcelain") == ""
    return kept


@pytest.mark.parametrize(
    "attributes", ["working-tree-encoding=UTF-16", "text eol=crlf", "filter=shout", "ident"], ids=lambda text: text[:6]
)
@pytest.mark.parametrize("path", ["cardops.yaml", "cards/churn.yaml", "shares/team.yaml", "policies/owner.yaml"])
def test_what_git_keeps_is_validated_and_not_how_attributes_show_it(
    repo: TeamRepository, path: str, attributes: str
) -> None:
    share = "name: team\ncards: [churn]\ngrants: [{to: ml-dev, access: contribute, while: [Draft]}]\n"
    for name, text in (("shares/team.yaml", share), ("policies/owner.yaml", OWNER.replace("team-b", "team-a"))):
        repo.write(name, text)
    repo.write(path, f"# $Id$\n{(repo.root / path).read_text()}")
    repo.commit("files")
    before = validate_worktree(repo.root, "2026-06-01", cached=False)[1]
    kept = show_otherwise(repo, path, attributes)
    assert committed_blobs(repo.root) == {path: kept}
    assert validate_worktree(repo.root, "2026-06-01", cached=False)[1] == before
    assert found(repo, base="HEAD") == [f"{one.location.path} {one.rule} {one.level}" for one in before]


def test_an_edit_of_a_file_that_a_filter_rewrites_is_not_believed(repo: TeamRepository) -> None:
    kept = show_otherwise(repo, "cards/churn.yaml", "filter=shout")
    repo.write("cards/churn.yaml", "anything")
    repo.card("PendingReview", "an honest edit", name="other")
    repo.git("add", "cards/other.yaml")
    repo.card("PendingReview", "another edit", name="other")
    assert committed_blobs(repo.root) == {"cards/churn.yaml": kept}


def test_a_change_that_attributes_hide_needs_the_sign_off_that_it_needs_in_plain_sight(repo: TeamRepository) -> None:
    """Of `£ [x]`, ISO646-GB makes `# [x]`: what comes after it on the line is gone from the work tree."""
    config = (repo.root / "cardops.yaml").read_text()
    repo.branch()
    repo.write("cardops.yaml", config.replace("risk-deputy]}", "risk-deputy], \u00a3: [x]}\nretire: delete"))
    repo.commit("as it is")
    told = show_otherwise(repo, "cardops.yaml", "working-tree-encoding=ISO646-GB")
    assert b"\xc2\xa3" in told
    assert "\u00a3" not in (repo.root / "cardops.yaml").read_text()
    denied = [one for one in found(repo) if one.endswith("deny")]
    assert denied == [".gitattributes signoff/governance deny", "cardops.yaml signoff/governance deny"]


@pytest.mark.parametrize("path", [".gitattributes", "cards/.gitattributes", ".mailmap", "aws-facts.json"])
def test_files_that_decide_how_others_are_read_change_only_with_a_sign_off(repo: TeamRepository, path: str) -> None:
    repo.branch()
    repo.write(path, "{}\n")
    head = repo.commit("decide")
    asked = f"{path} signoff/governance deny"
    assert asked in found(repo)
    assert asked not in found(repo, reviewed(head, None, review("risk-lead", head)))
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "change")
    repo.git("checkout", "-q", "-b", "removal")
    repo.git("rm", "-q", path)
    repo.commit("take it back")
    assert asked in found(repo)


def test_every_key_of_the_configuration_decides_about_others() -> None:
    assert set(schema("config")["properties"]) > NOT_GOVERNING == {"version"}


@pytest.mark.parametrize("name", ["plain.yaml", "\udcff.yaml", "tab\t.yaml", "\u00fc \u202e.yaml"])
@pytest.mark.parametrize("text", ["name: [", WAIVER])
def test_a_file_counts_as_touched_whatever_it_is_called(repo: TeamRepository, name: str, text: str) -> None:
    repo.write("policies/owner.yaml", OWNER)
    repo.commit("a rule that the card breaks")
    repo.branch()
    repo.card("PendingReview", "touched")
    repo.write(f"policies/waivers/{name}", text)
    repo.commit("a waiver for myself")
    denied = [one.rule for one in checked(repo) if one.level == "deny" and not one.suppressed]
    assert {"OWN-001", "signoff/governance"} <= set(denied)
    assert ("yaml/syntax" in denied) is (text != WAIVER)


@pytest.mark.parametrize("how", ["signoff", "approvers"])
def test_a_configuration_that_a_branch_loosens_and_puts_back_counts_all_the_same(
    repo: TeamRepository, how: str
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
    assert repo.git("diff", "main", head, "--", "cardops.yaml") == ""
    bob, lead = (reviewed(head, None, review(who, head)) for who in ("bob", "risk-lead"))
    assert found(repo, bob) == ["cards/churn.yaml signoff/missing deny"]
    assert found(repo, lead) == []
