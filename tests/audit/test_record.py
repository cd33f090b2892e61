"""The record of a run names everything and holds no content; a snapshot comes back as what was observed."""

import hashlib
import json

import pytest

from cardops.apply.results import StepOutcome, StepResult
from cardops.audit.record import PREDICATE, ObservedSnapshot, RunRecord, from_json, records, snapshot, statement
from cardops.model.findings import Finding, Location
from cardops.model.observed import OTHER_PARTITION, Observed
from cardops.plan.approvals import Approval
from cardops.plan.steps import Plan
from support.builders import (
    APPROVED,
    HOME,
    NEW,
    OWNER,
    REPO,
    card,
    desired,
    foreign,
    live,
    observed,
    planned,
    ram_share,
    words,
)
from support.replacing import replace

RUN = RunRecord("2026-06-01T10:00:00+00:00", "2026-06-01T10:01:00+00:00", "ada", "job 7", 3)
SECRET = "words nobody may see"


def test_a_record_is_a_statement_about_the_commit_and_the_cards_it_touched() -> None:
    before, wanted = card(), card(content=words(SECRET), status=APPROVED)
    plan = planned(desired(wanted), observed(live(before)), bases=[before])
    after = observed(live(wanted, version=2))
    results = [StepResult(step, StepOutcome.UPDATED, "done") for step in plan.steps]
    waived = Finding("EVAL-001", Location("cards/churn.yaml"), "no evaluation", suppressed="until the audit")
    signed = ((wanted, Approval(("risk-lead",), "7")),)
    made = statement(plan, results, ObservedSnapshot(observed(live(before)), after, (waived,), signed), RUN)
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == PREDICATE
    assert made["subject"] == [
        {"name": "commit", "digest": {"gitCommit": NEW}},
        {"name": wanted.key.arn, "digest": {"sha256": hashlib.sha256(wanted.content).hexdigest()}},
    ]
    predicate = made["predicate"]
    assert (predicate["digest"], predicate["actor"], predicate["exit_code"]) == (plan.digest(), "ada", 3)
    assert predicate["cards"] == [
        {
            "account": OWNER,
            "region": HOME.region,
            "card": "churn",
            "before": {"status": "Draft", "version": 1},
            "after": {"status": "Approved", "version": 2},
            "commit": "a" * 40,
            "approved_by": "risk-lead",
            "pull_request": "",
        }
    ]
    assert [outcome["kind"] for outcome in predicate["outcomes"]] == ["update", "promote"]
    assert predicate["complete"]
    assert [(one["rule"], one["suppressed"]) for one in predicate["findings"]] == [("EVAL-001", "until the audit")]
    assert predicate["signoffs"] == [
        {
            "account": OWNER,
            "region": HOME.region,
            "card": "churn",
            "status": "Approved",
            "digest": wanted.digest,
            "declared": wanted.declared,
            "approved_by": ["risk-lead"],
            "pull_request": "7",
        }
    ]
    assert SECRET not in json.dumps(made)


def test_a_conflict_is_recorded_without_its_values() -> None:
    base, git = card(), card(content=words("git words"))
    seen = observed(live(base, content=words("live words"), version=2))
    plan = planned(desired(git), seen, bases=[base])
    made = statement(plan, [], ObservedSnapshot(seen, seen), RUN)
    assert [one["rule"] for one in made["predicate"]["findings"]] == ["content/conflict"]
    assert "words" not in json.dumps(made)


def test_a_run_that_left_something_undone_is_not_complete() -> None:
    before, wanted = card(), card(content=words("second"))
    plan = planned(desired(wanted), observed(live(before)), bases=[before])
    for outcome in StepOutcome:
        made = statement(plan, [StepResult(plan.steps[0], outcome)], ObservedSnapshot(observed(), observed()), RUN)
        assert made["predicate"]["complete"] == (outcome.value in ("created", "updated", "unchanged"))
    refused = statement(plan, [], ObservedSnapshot(observed(), observed()), replace(RUN, refused=True))
    assert not refused["predicate"]["complete"]


DENIED = Finding("a/rule", Location("shares/team.yaml"), "no", share="team")


@pytest.mark.parametrize(
    ("plan", "after", "findings", "complete"),
    [
        (planned(desired(card()), observed(live(card()))), observed(), (), True),
        (planned(desired(card()), observed(foreign())), observed(), (), False),
        (planned(desired(card()), observed(live(card()))), observed(unknown={HOME: "AccessDenied"}), (), False),
        (planned(desired(card()), observed(live(card()))), observed(unknown={HOME: OTHER_PARTITION}), (), True),
        (planned(desired(card()), observed(live(card()))), observed(), (DENIED,), False),
        (planned(desired(card()), observed(live(card()))), observed(), (DENIED._replace(suppressed="waived"),), True),
        (planned(desired(card()), observed(live(card()))), observed(), (DENIED._replace(level="warn"),), True),
    ],
    ids=[
        "all done",
        "a card is held",
        "a place is unread",
        "not asked for",
        "a share is denied",
        "waived",
        "a warning",
    ],
)
def test_a_run_that_held_something_back_is_not_complete_though_every_step_it_tried_was_done(
    plan: Plan, after: Observed, findings: tuple[Finding, ...], complete: bool
) -> None:
    """Else the next merge would apply what was held without anybody having seen it as it is then."""
    made = statement(plan, [], ObservedSnapshot(observed(), after, findings), RUN)
    assert made["predicate"]["complete"] is complete


def test_what_is_held_is_recorded_with_its_reason() -> None:
    plan = planned(desired(card()), observed(foreign()))
    predicate = statement(plan, [], ObservedSnapshot(observed(foreign()), observed(foreign())), RUN)["predicate"]
    assert [(held["card"], "cardops does not manage it" in held["reason"]) for held in predicate["held"]] == [
        ("churn", True)
    ]
    assert [finding["rule"] for finding in predicate["findings"]] == ["ownership/foreign-card"]


def test_a_snapshot_comes_back_without_content_and_without_foreign_cards() -> None:
    found = observed(live(card("a", APPROVED)), foreign("theirs"), shares=[ram_share(holds=("a",))])
    files = snapshot(found, REPO)
    assert list(files) == [f"state/{OWNER}-{HOME.region}.json"]
    assert "first" not in files[f"state/{OWNER}-{HOME.region}.json"]
    restored = from_json(files)
    assert [(one.key.name, one.status, one.version) for one in restored.cards.values()] == [("a", APPROVED, 1)]
    (share,) = restored.shares
    assert (share.resources, share.principals, share.actions) == (
        found.shares[0].resources,
        found.shares[0].principals,
        found.shares[0].actions,
    )
    assert snapshot(restored, REPO) == files


def test_records_are_read_oldest_first_and_anything_else_is_passed_over() -> None:
    texts = [
        json.dumps({"predicateType": PREDICATE, "predicate": {"finished": day}}) for day in ("2026-02-02", "2026-01-01")
    ]
    found = records([*texts, "{", json.dumps({"predicateType": "other"}), "[]"])
    assert [record["finished"] for record in found] == ["2026-01-01", "2026-02-02"]
