"""Merged states with one card, and what the merge gate decides about them."""

import json
from typing import Any

from cardops.desired.history import DeclarationHistory
from cardops.desired.loader import load_repository
from cardops.git.repository import Repository
from cardops.model.desired import CardKey
from cardops.model.observed import Observed, ObservedCard
from cardops.policy.loader import load_policies
from cardops.signoffs.reviews import read_reviews
from cardops.validation.merge_gate import MergeGate, check_merge
from cardops.validation.signoff_check import SignoffChecker
from support.git_repository import TeamRepository, platform_commits

KEY = CardKey("111111111111", "eu-west-1", "churn")


def gate(repo: TeamRepository, *documents: Any, live: ObservedCard | None = None, tip: str = "HEAD") -> MergeGate:
    revisions = Repository(repo.root)
    commit = revisions.resolve(tip)
    loaded = load_repository(revisions.tree(commit), commit, keep=True)
    file = repo.root.parent / "reviews.json"
    file.write_text(json.dumps([{"commits": platform_commits(repo)} | one for one in documents]))
    judge = SignoffChecker(DeclarationHistory(revisions), read_reviews(file))
    observed = Observed({live.key: live} if live else {}, (), {})
    return check_merge(loaded, observed, {}, load_policies(revisions.tree(commit)), judge, commit, "2026-06-01")


def said(found: MergeGate) -> str:
    (finding,) = found.findings
    assert finding.rule == "signoff/missing"
    assert finding.level == "deny"
    assert found.approvals == {}
    assert found.blocked == {KEY: f"signoff/missing: {finding.message}"}
    return finding.message


def approve(repo: TeamRepository, purpose: str = "first", who: str = "ada", *extra: str) -> str:
    """A branch on which the card becomes Approved; its head."""
    repo.branch()
    repo.card("Approved", purpose)
    return repo.commit("approve", who, *extra)


RULE = """\
rules:
  - id: LIFE-001
    title: A card is reviewed before it is approved
    why: Nobody approves what nobody saw.
    on: change
    when: card != null && card.status == "Approved" && before != null
    require: before.status in ["PendingReview", "Approved"]
    at: status
    message: "'from ' + before.status + ' to ' + card.status"
    hint: propose PendingReview first
    references: [NIST-AI-RMF MANAGE-1.1]
    tests:
      pass: [{card: {status: Approved}, before: {status: PendingReview}}]
      fail: [{card: {status: Approved}, before: {status: Draft}}]
  - id: SIGN-001
    title: Model risk approves
    why: Somebody answers for it.
    on: change
    when: card != null && card.status == "Approved"
    require: change.approvers.exists(a, "model-risk" in a.groups)
    at: status
    message: "'nobody of model-risk approved'"
    hint: ask model-risk
    references: [NIST-AI-RMF GOVERN-2.1]
    tests:
      pass: [{card: {status: Approved}, change: {approvers: [{name: a, groups: [model-risk]}]}}]
      fail: [{card: {status: Approved}, change: {approvers: []}}]
"""
