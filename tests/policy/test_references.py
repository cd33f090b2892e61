"""A rule's references are the coverage of the packs, so each has to lead somewhere."""

from typing import Any

import pytest

from cardops.policy.coverage import cover
from support.policies import policies, rule

ACT: dict[str, Any] = {
    "id": "act",
    "cited_as": "Some-Act",
    "title": "Some Act",
    "version": "2026",
    "source": "the gazette",
    "status": "in force",
    "applies_from": "2026-01-01",
    "parts": {
        "late": {
            "title": "Part II",
            "applies_from": "2027-01-01",
            "later": [{"applies_from": "2028-01-01", "to": "toys"}],
        }
    },
    "clauses": [
        {"id": "Art.1(1)", "title": "Records"},
        {"id": "Art.11", "title": "Reports", "part": "late"},
        {"id": "Art.2", "title": "Staff", "not_covered": "staff is not in a card"},
    ],
}
OLD = {**ACT, "status": "superseded", "ended": "2026-05-01"}


def told(reference: str, pack: Any = ACT) -> list[str]:
    return [str(one).removeprefix("policies/") for one in policies(rule(references=[reference]), pack=pack).findings]


def test_what_cites_a_clause_covers_it() -> None:
    given = policies(rule(references=["Some-Act Art.1(1)", "Some-Act Art.11"]), pack=ACT)
    assert [clause.rules for clause in given.packs["act"].clauses] == [("TEST-001",), ("TEST-001",), ()]
    assert list(given.findings) == []


@pytest.mark.parametrize(
    "written", ["Some-Act Art. 1(1)", "some-act Art.1(1)", "Some Act Art.1(1)", "SOME-ACT art.1(1)"]
)
def test_another_spelling_is_a_finding_with_the_right_one(written: str) -> None:
    (line,) = told(written)
    assert line.startswith("rules.yaml:")
    assert line.endswith(
        f"policy/unknown-clause deny: TEST-001 cites {written}, which is written Some-Act Art.1(1) "
        "(hint: write Some-Act Art.1(1))"
    )


def test_brackets_and_points_are_no_matter_of_spelling() -> None:
    (line,) = told("Some-Act Art.1.1")
    assert "the pack act has no such clause (hint: did you mean 'Some-Act Art.1" in line


def test_a_clause_that_no_card_can_evidence_is_not_claimed() -> None:
    (line,) = told("Some-Act Art.2")
    assert "policy/not-evidenced deny: TEST-001 cites Some-Act Art.2, which no card can evidence: staff" in line


def test_a_text_that_no_pack_lists_is_only_warned_about() -> None:
    (line,) = told("Handbook 4")
    assert "policy/unknown-pack warn: TEST-001 cites Handbook 4, and no pack is cited as Handbook" in line


def test_a_repository_without_packs_has_nothing_to_check_against() -> None:
    assert list(policies(rule(references=["Handbook 4"])).findings) == []


def test_a_superseded_text_is_warned_about_with_its_successor() -> None:
    clauses = [{**ACT["clauses"][0], "superseded_by": ["Some-Act Art.11"]}, *ACT["clauses"][1:]]
    (line,) = told("Some-Act Art.1(1)", {**OLD, "clauses": clauses})
    assert "policy/superseded warn: TEST-001 cites Some-Act Art.1(1), which ended on 2026-05-01" in line
    assert line.endswith("(hint: cite Some-Act Art.11)")


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"status": "superseded"}, "policy/missing-key deny: a superseded text has no 'ended'"),
        ({"ended": "2025-01-01"}, "policy/value deny: the text ended before it applied"),
        ({"predecessor": "acts"}, "policy/unknown-pack deny: there is no pack acts (hint: did you mean 'act'?)"),
        (
            {"clauses": [dict(ACT["clauses"][0]), dict(ACT["clauses"][0])]},
            "policy/duplicate-id deny: there is another clause Art.1(1)",
        ),
        ({"applies_from": "soon"}, "policy/value deny: applies_from must be a day in the calendar"),
        ({"status": "valid"}, "policy/value deny: status must be one of in force, superseded, draft"),
    ],
)
def test_a_pack_that_contradicts_itself(changed: dict[str, Any], line: str) -> None:
    assert any(line in one for one in told("Some-Act Art.1(1)", {**ACT, **changed}))


@pytest.mark.parametrize(
    ("on", "applying", "to_come"),
    [
        ("2025-12-31", [], ["2026-01-01", "2027-01-01", "2028-01-01"]),
        ("2026-01-01", ["2026-01-01"], ["2027-01-01", "2028-01-01"]),
        ("2027-01-01", ["2026-01-01", "2027-01-01"], ["2028-01-01"]),
    ],
)
def test_what_applies_on_a_day_and_what_is_to_come(on: str, applying: list[str], to_come: list[str]) -> None:
    given = policies(rule(references=["Some-Act Art.1(1)"]), pack=ACT)
    covered = cover(given, given.packs["act"], on)
    assert [stage.applies_from for stage in covered.applying()] == applying
    assert [stage.applies_from for stage in covered.to_come()] == to_come


def test_what_will_be_missing_when_a_part_begins() -> None:
    given = policies(rule(references=["Some-Act Art.1(1)"]), pack=ACT, enforcement={"TEST-001": {"level": "audit"}})
    first, second, _ = cover(given, given.packs["act"], "2026-06-01").stages
    assert [(one.clause.id, one.coverage, dict(one.rules)) for one in first.clauses] == [
        ("Art.1(1)", "covered", {"TEST-001": "audit"}),
        ("Art.2", "not evidenced", {}),
    ]
    assert [one.clause.id for one in second.with_coverage("missing")] == ["Art.11"]


@pytest.mark.parametrize(("on", "applies"), [("2026-04-30", True), ("2026-05-01", False)])
def test_a_superseded_text_applied_until_it_ended(on: str, applies: bool) -> None:
    given = policies(rule(), pack=OLD)
    assert cover(given, given.packs["act"], on).applies is applies


def test_a_draft_does_not_apply() -> None:
    given = policies(rule(), pack={**ACT, "status": "draft"})
    assert cover(given, given.packs["act"], "2030-01-01").applying() == []
