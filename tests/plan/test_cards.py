"""Each step about a card, whole: what it does, what it sees, what it shows, and what it leaves in the tags."""

from typing import Any

import pytest

from cardops.merge.diff import ABSENT, Change
from cardops.model import canonical
from cardops.model.desired import (
    APPLYING,
    APPROVED_BY,
    COMMIT,
    DIGEST,
    LOCKED,
    REPOSITORY,
    SIGNED,
    VERSION,
    Status,
)
from cardops.model.findings import Finding, Location
from cardops.model.observed import ObservedCard
from cardops.plan.approvals import Approval
from cardops.plan.steps import Action, CreateCard, Phase, SetStatus, SetTags, Step, WriteContent
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    HOME,
    NEW,
    OLD,
    PENDING,
    REPO,
    card,
    desired,
    key,
    kinds,
    live,
    observed,
    only,
    planned,
    rules,
    words,
)

UNREVIEWED = Approval()
NOTE = "not reviewed: signoff is none"


def step(phase: Phase, kind: str, reason: str, action: Action, changes: Any = (), sees: str = "absent") -> Step:
    """A step about the card `churn`."""
    return Step(phase, kind, HOME, "churn", str(key()), reason, action, tuple(changes), sees, frozenset({key()}))


def sees(seen: ObservedCard) -> str:
    """What a plan says that it saw of a live card."""
    return f"version {seen.version} {seen.status} {canonical.digest(seen.content or b'')}"


def changed(before: Status, after: Status) -> list[Change]:
    return [Change("status", before.value, after.value)]


def finding(rule: str, message: str, hint: str, level: str = "deny") -> Finding:
    """What holds the card `churn`."""
    return Finding(rule, Location("cards/churn.yaml"), f"churn: {message}", hint, level, str(key()))  # type: ignore[arg-type]


def test_a_new_card_is_made_with_all_that_it_needs_in_one_call() -> None:
    made = card(kms_key_id="alias/cards", tags={"team": "a"})
    tags = {"team": "a", REPOSITORY: REPO, COMMIT: NEW, DIGEST: made.digest, VERSION: "1"}
    shown = [
        Change("status", ABSENT, "Draft"),
        Change("kms_key_id", ABSENT, "alias/cards"),
        Change("content.intended_uses", ABSENT, {"purpose_of_model": "first"}),
        Change("tags.team", ABSENT, "a"),
    ]
    action = CreateCard(made, tags)
    reason = "git declares it in cards/churn.yaml"
    assert planned(desired(made), observed()).steps == (step(Phase.CONTENT, "create", reason, action, shown),)
    plain = only(planned(desired(card()), observed()), "create")
    assert [change.path for change in plain.changes] == ["status", "content.intended_uses"]


def test_a_new_card_beyond_draft_counts_as_applied_when_its_status_is_set() -> None:
    made = card(status=APPROVED)
    found = only(planned(desired(made), observed(), approvals={key(): UNREVIEWED}), "promote")
    action = SetStatus(APPROVED, DRAFT, made.digest, made.digest, {APPROVED_BY: NOTE, SIGNED: made.declared}, NOTE)
    reason = f"git declares Approved ({NOTE})"
    assert found == step(Phase.PROMOTE, "promote", reason, action, changed(DRAFT, APPROVED))


def test_only_an_approval_demands_the_reviewed_content() -> None:
    before, after = card(), card(status=PENDING)
    seen = live(before)
    found = planned(desired(after), observed(seen), bases=[before]).steps
    action = SetStatus(PENDING, DRAFT, "", after.digest)
    reason = "git declares PendingReview"
    assert found == (step(Phase.PROMOTE, "promote", reason, action, changed(DRAFT, PENDING), sees(seen)),)


def test_a_write_names_the_version_and_the_content_that_it_takes_the_place_of() -> None:
    before, after = card(), card(content=words("second"))
    seen = live(before, version=4)
    path = "content.intended_uses.purpose_of_model"
    found = planned(desired(after), observed(seen), bases=[before]).steps
    action = WriteContent(after.content, 4, before.digest, after.digest)
    shown = [Change(path, "first", "second")]
    assert found == (step(Phase.CONTENT, "update", "git declares other content", action, shown, sees(seen)),)


def test_a_missing_lock_is_added_to_what_the_plan_saw() -> None:
    declared = card(status=APPROVED)
    seen = live(declared, tags={LOCKED: None})
    found = planned(desired(declared), observed(seen), bases=[declared]).steps
    action = SetTags({LOCKED: "true"})
    assert found == (step(Phase.LOCK, "lock", "the card is Approved", action, (), sees(seen)),)


@pytest.mark.parametrize("applying", [f"{'c' * 40}/dd", f"{'c' * 40}/dd/3"])
def test_a_write_after_an_interrupted_one_leaves_the_tags_that_it_could_not(applying: str) -> None:
    sent, after = card(content=words("sent")), card(content=words("third"))
    seen = live(card(), content=words("sent"), version=3, tags={APPLYING: applying})
    action = only(planned(desired(after), observed(seen), bases=[sent]), "update").action
    assert isinstance(action, WriteContent)
    assert action.recovered == {COMMIT: "c" * 40, DIGEST: sent.digest, VERSION: "3"}


@pytest.mark.parametrize("tags", [{}, {APPLYING: "c/d"}])
def test_a_write_after_a_finished_one_recovers_nothing(tags: dict[str, str]) -> None:
    before, after = card(), card(content=words("second"))
    found = planned(desired(after), observed(live(before, tags=tags)), bases=[before])
    assert only(found, "update").action.recovered == {}  # type: ignore[union-attr] # it is a WriteContent
    unknown = planned(desired(after), observed(live(before, content={}, tags=tags)))
    assert only(unknown, "update").action.recovered == {}  # type: ignore[union-attr] # it is a WriteContent


def test_an_archived_card_does_not_come_back() -> None:
    found = planned(desired(card()), observed(live(card(), ARCHIVED)))
    assert found.steps == ()
    message, hint = "an Archived card cannot come back", "declare a new card"
    assert found.findings == (finding("status/archived-is-final", message, hint),)
    assert found.held == {key(): message}


def test_archiving_with_another_content_waits_and_says_what_to_do_first() -> None:
    before, after = card(), card(status=ARCHIVED, content=words("second"))
    found = planned(desired(after), observed(live(before)), bases=[before])
    assert found.steps == ()
    message = "archiving carries no content change"
    assert found.findings == (finding("content/changed-while-archiving", message, "archive first"),)
    assert found.held == {key(): message}


def test_what_nobody_reviewed_holds_an_approval_and_is_named_at_most_five_times() -> None:
    before, after = card(status=PENDING), card(status=APPROVED)
    fields = {f"f{number}": "theirs" for number in range(6)}
    seen = live(before, content=words() | fields, version=2)
    found = planned(desired(after), observed(seen), bases=[before], approvals={key(): Approval(("lead",))})
    assert found.steps == ()
    named = ", ".join(f"content.f{number}" for number in range(5))
    hint = "bring it into git with `cardops pull`, and have it reviewed; or remove it from the live card"
    message = f"the live card has content that nobody reviewed in git ({named})"
    assert found.findings == (finding("content/not-in-git", message, hint),)


@pytest.mark.parametrize(
    ("status", "now", "ends"),
    [
        (DRAFT, APPROVED, True),
        (PENDING, APPROVED, True),
        (APPROVED, APPROVED, False),
        (DRAFT, PENDING, False),
        (APPROVED, PENDING, False),
        (ARCHIVED, APPROVED, False),
    ],
)
def test_a_held_card_still_loses_an_approval_that_git_took_back_and_nothing_else(
    status: Status, now: Status, ends: bool
) -> None:
    base, git = card(), card(status=status, content=words("git"))
    seen = live(base, now, content=words("live"), version=2)
    found = planned(desired(git), observed(seen), bases=[base])
    assert set(rules(found)) == {"content/conflict"}
    action, reason = SetStatus(status, APPROVED), f"git declares {status}"
    demotion = step(Phase.DEMOTE, "demote", reason, action, changed(APPROVED, status), "version 2 Approved")
    assert found.steps == ((demotion,) if ends else ())


def test_a_card_that_is_no_longer_locked_loses_the_tags_of_its_approval() -> None:
    declared = card()
    seen = live(declared, tags={LOCKED: "true", APPROVED_BY: "lead"})
    found = only(planned(desired(declared), observed(seen), bases=[declared]), "unlock")
    action = SetTags({}, (LOCKED, APPROVED_BY))
    assert found == step(Phase.RECORD, "unlock", "the card is Draft", action, (), sees(seen))


def test_what_git_declares_anew_is_recorded_without_a_write() -> None:
    declared = card(content=words("both"))
    seen = live(card(), content=words("both"), version=2)
    found = planned(desired(declared), observed(seen), bases=[card()])
    action = SetTags({COMMIT: NEW, DIGEST: declared.digest, VERSION: "2"}, (), 2)
    assert found.steps == (step(Phase.RECORD, "record", "git declared it anew", action, (), sees(seen)),)


def test_a_tag_that_changed_is_shown_with_what_it_was() -> None:
    base, git = card(tags={"team": "a", "same": "s"}), card(tags={"team": "b", "same": "s"})
    seen = live(base)
    found = planned(desired(git), observed(seen), bases=[base]).steps
    action = SetTags({"team": "b", COMMIT: NEW, DIGEST: git.digest, VERSION: "1"}, (), 1)
    shown = [Change("tags.team", "a", "b")]
    assert found == (step(Phase.CONTENT, "tag", "git declares other tags", action, shown, sees(seen)),)
    assert OLD not in str(found)


def test_equal_words_on_both_sides_need_no_step_at_all() -> None:
    declared = card()
    assert kinds(planned(desired(declared), observed(live(declared)), bases=[declared])) == []


def test_a_promotion_after_new_content_counts_as_applied_and_a_demotion_before_it_does_not() -> None:
    before, after = card(), card(status=PENDING, content=words("second"))
    found = planned(desired(after), observed(live(before)), bases=[before])
    assert kinds(found) == ["update", "promote"]
    assert only(found, "promote").action.declared_digest == after.digest
    back = card(content=words("second"))
    found = planned(desired(back), observed(live(card(status=PENDING))), bases=[card(status=PENDING)])
    assert kinds(found) == ["demote", "update"]
    assert only(found, "demote").action.declared_digest == ""
    found = planned(desired(card()), observed(live(card(status=PENDING))), bases=[card(status=PENDING)])
    assert only(found, "demote").action.declared_digest == card().digest


UNSIGNED = {APPROVED_BY: None, LOCKED: None}


@pytest.mark.parametrize(
    ("declared", "blocked", "kind"),
    [
        (APPROVED, True, "demote"),
        (PENDING, False, "demote"),
        (PENDING, True, "demote"),
        (DRAFT, True, "demote"),
    ],
)
def test_an_approval_that_somebody_set_and_nobody_signed_off_ends(declared: Status, blocked: bool, kind: str) -> None:
    """Who may write a card may set its status, and none of our tags; a card that is held is no exception."""
    one = card(status=declared)
    seen = live(card(status=DRAFT), APPROVED, tags=UNSIGNED)
    plan = planned(desired(one), observed(seen), blocked={one.key: "signoff/missing"} if blocked else {})
    assert [step.kind for step in plan.steps if step.phase is Phase.DEMOTE] == [kind]


def test_an_approval_that_is_recorded_and_held_for_something_else_stays() -> None:
    one = card(status=APPROVED, content={"a": "second"})
    seen = live(card(status=APPROVED))
    assert kinds(planned(desired(one), observed(seen), blocked={one.key: "a rule"})) == []


def test_a_card_that_left_git_and_was_set_to_approved_by_somebody_is_not_kept_approved() -> None:
    plan = planned(desired(), observed(live(card(), APPROVED, tags=UNSIGNED)))
    assert kinds(plan) == ["demote"]
    signed = planned(desired(), observed(live(card(status=APPROVED))))
    assert kinds(signed) == []
