"""What a plan does with the three sides of a card: conflicts at git's line, fields left alone, tags."""

from cardops.model.desired import APPLYING, COMMIT, DIGEST, VERSION, Card, IgnoreRule
from cardops.model.findings import Location
from cardops.plan.steps import SetTags, WriteContent
from support.builders import (
    APPROVED,
    DRAFT,
    NEW,
    PENDING,
    card,
    desired,
    kinds,
    live,
    observed,
    only,
    planned,
    rules,
    words,
)

UNTIL = IgnoreRule("intended_uses.purpose_of_model", "the console rewrites it", "2026-06-01")


def three(**more: object) -> tuple[Card, Card]:
    """Base and git, which changed a field that the live card changed too."""
    return card(), card(content=words("git"), **more)


def test_each_conflicting_field_is_a_finding_at_its_own_line() -> None:
    base = card(content=words("base", risk_rating="Low"))
    git = card(content=words("git", risk_rating="Medium"))
    seen = observed(live(base, content=words("live" * 100, risk_rating="High"), version=2))
    lines = {"content.intended_uses.purpose_of_model": 7, "content.intended_uses.risk_rating": 8}
    found = planned(
        desired(git), seen, bases=[base], locate=lambda one, field: Location(one.location.path, lines[field], 5)
    )
    assert kinds(found) == []
    values = [
        ("7", "content.intended_uses.purpose_of_model", f'base "base", git "git", live "{("live" * 100)[:198]}…'),
        ("8", "content.intended_uses.risk_rating", 'base "Low", git "Medium", live "High"'),
    ]
    said = "content/conflict deny: churn: git and the live card changed one field"
    hint = "(hint: declare the live value in git; once that is applied, git may change it again)"
    assert [(str(finding), finding.detail) for finding in found.findings] == [
        (f"cards/churn.yaml:{line}:5: {said}: {path} {hint}", shown) for line, path, shown in values
    ]


def test_an_ignored_field_stays_the_live_sides_to_the_end_of_its_last_day() -> None:
    base, git = three(ignore=(UNTIL,))
    seen = observed(live(base, content=words("live"), version=2))
    assert kinds(planned(desired(git), seen, bases=[base], today="2026-06-01")) == ["record"]
    assert rules(planned(desired(git), seen, bases=[base], today="2026-06-02")) == ["content/conflict"]


def test_an_ignored_field_and_a_live_section_end_at_approval() -> None:
    base = card(status=PENDING)
    git = card(status=APPROVED, ignore=(UNTIL,), live_sections=("intended_uses",))
    seen = observed(live(base, content=words("live"), version=2))
    assert rules(planned(desired(git), seen, bases=[base])) == ["content/not-in-git"]


def test_tags_come_with_the_content_so_that_no_crash_can_part_them() -> None:
    base, git = card(tags={"team": "a", "old": "x"}), card(content=words("second"), tags={"team": "b", "new": "y"})
    found = planned(desired(git), observed(live(base)), bases=[base])
    assert kinds(found) == ["update"]
    action = only(found, "update").action
    assert isinstance(action, WriteContent)
    assert (action.tags, action.untag) == ({"team": "b", "new": "y"}, ("old",))
    assert [change.path for change in only(found, "update").changes][1:] == ["tags.new", "tags.old", "tags.team"]


def test_tags_alone_count_as_applied_with_the_declaration() -> None:
    base, git = card(tags={"team": "a"}), card(tags={})
    seen = live(base, tags={APPLYING: "c/d"}, version=3)
    action = only(planned(desired(git), observed(seen), bases=[base]), "tag").action
    assert action == SetTags({COMMIT: NEW, DIGEST: git.digest, VERSION: "3"}, ("team", APPLYING), 3)


def test_a_demotion_does_not_count_as_applied_before_the_tags_do() -> None:
    base, git = card(status=APPROVED, tags={"team": "a"}), card(status=DRAFT)
    found = planned(desired(git), observed(live(base)), bases=[base])
    assert kinds(found) == ["demote", "tag"]
    assert only(found, "demote").action.declared_digest == ""  # type: ignore[union-attr] # it is a SetStatus
