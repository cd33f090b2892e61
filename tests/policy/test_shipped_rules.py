"""The rules, packs and enforcement that this repository ships, held against themselves and its own cards."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from cardops.model.findings import Finding
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Approver
from cardops.policy.files import Files
from cardops.policy.loader import load_policies
from cardops.policy.rule_tests import run_tests
from support.replacing import replace
from support.shipped_policies import BOTH, ROOT, change, facts, shipped, subjects, value_of

POLICIES = shipped()
STORY = ["Draft", "PendingReview", "Approved", "Archived"]
RULE_ID = re.compile(r"\b[A-Z]{3,5}-[0-9]{3}\b")


def parts_of(expression: str, operator: str) -> list[str]:
    """The parts of `a && b`, or of `a || b`, as far as they are not inside brackets or texts."""
    parts, depth, start = [], 0, 0
    shown = re.sub(r'"[^"]*"', lambda text: "_" * len(text[0]), expression)
    if (operator == "&&" and len(parts_of(expression, "||")) > 1) or "?" in re.sub(r"\.\?|\[\?", "", shown):
        return [expression]
    for at, letter in enumerate(shown):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and shown.startswith(operator, at):
            parts.append(expression[start:at])
            start = at + 2
    return [*parts, expression[start:]]


def denied(found: list[Finding]) -> list[str]:
    return [str(finding) for finding in found if finding.level == "deny"]


def test_policies_are_well_formed() -> None:
    assert [str(finding) for finding in POLICIES.findings] == []
    assert len(POLICIES.rules) >= 40


@pytest.mark.parametrize("name", sorted(POLICIES.rules))
def test_a_rule_explains_itself(name: str) -> None:
    rule = POLICIES.rules[name]
    assert all((rule.why, rule.message)), "why and message are for people"
    assert rule.on == "card" or rule.at.path or rule.at.of_element, "a finding points at something"


def test_every_rule_passes_its_own_tests() -> None:
    tested = run_tests(POLICIES.rules.values(), POLICIES.vocabulary)
    assert [str(finding) for finding in tested.findings] == []
    assert tested.rules == len(POLICIES.rules)


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(lambda require: "true", id="deleted"),
        pytest.param(lambda require: "false", id="refuses all"),
        pytest.param(lambda require: f"!(\n{require}\n)", id="flipped"),
    ],
)
def test_a_mutated_requirement_fails_the_tests_of_its_rule(mutate: Callable[[str], str]) -> None:
    mutants = [replace(rule, require=mutate(rule.require)) for rule in POLICIES.rules.values()]
    assert POLICIES.rules.keys() - run_tests(mutants, POLICIES.vocabulary).red == set()


def test_each_part_of_a_requirement_is_tested() -> None:
    mutants = {}
    for rule in POLICIES.rules.values():
        for operator in ("&&", "||"):
            for number, part in enumerate(parts := parts_of(rule.require, operator)):
                if len(parts) > 1:
                    kept = f" {operator} ".join(other for other in parts if other is not part)
                    mutants[f"{rule.id}: {part}"] = replace(rule, id=f"{rule.id}{number}", require=kept)
    red = run_tests(mutants.values(), POLICIES.vocabulary).red
    assert len(mutants) > 50
    cheap = [name for name in mutants if name.startswith("DATA-003: place.text.startsWith")]  # before the expression
    assert [name for name, mutant in mutants.items() if mutant.id not in red] == cheap


def test_ids_that_documents_name_exist() -> None:
    named = {
        (path.name, found)
        for path in [*(ROOT / "docs").glob("*.md"), *(ROOT / "policies").rglob("*.md")]
        for found in RULE_ID.findall(path.read_text(encoding="utf-8"))
    }
    assert named, "the documents name rules"
    assert {one for one in named if one[1] not in POLICIES.rules} == {
        ("policies.md", "TEAM-001"),
        ("policies.md", "TEAM-002"),
    }


def test_the_examples_of_the_document_work() -> None:
    text = (ROOT / "docs/policies.md").read_text(encoding="utf-8")
    example, plain, enforcement, *_ = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    rules = {
        f"policies/{name}.yaml": (ROOT / f"policies/{name}.yaml").read_bytes() for name in ("evaluation", "vocabulary")
    }
    files = {
        **rules,
        "policies/own.yaml": example.encode(),
        "policies/plain.yaml": plain.encode(),
        "policies/enforcement.yaml": enforcement.encode(),
    }
    written = load_policies(Files(files))
    assert [str(finding) for finding in written.findings] == []
    assert run_tests([written.rules["TEAM-001"], written.rules["TEAM-002"]]).findings == []
    assert written.enforcement["EVAL-007"].level == "deny"


def test_rules_without_exceptions_exist() -> None:
    named = set(POLICIES.rules["WAIV-004"].params["rules"])
    assert named <= POLICIES.rules.keys()
    assert {name for name in POLICIES.rules if name.startswith("WAIV")} <= named


def test_enforcement_knows_the_owners_of_the_cards() -> None:
    owners = {subject.owner for subject in subjects() if subject.kind == "card"}
    assert owners <= set(POLICIES.enforcement["OWN-002"].params["teams"])


@pytest.mark.parametrize("status", STORY)
def test_own_cards_and_shares_pass_in_every_status(status: str) -> None:
    assert denied(evaluate(POLICIES, facts(subjects(status)))) == []


@pytest.mark.parametrize(("before", "after"), list(pairwise(STORY)))
def test_own_cards_pass_each_step_of_the_story_with_sign_off(before: str, after: str) -> None:
    given = subjects(after)
    moved = tuple(
        change(subject, {**subject.value, "status": before}, BOTH) for subject in given if subject.kind == "card"
    )
    assert denied(evaluate(POLICIES, facts(given, moved))) == []


def test_own_cards_are_born_as_drafts() -> None:
    born = subjects()
    added = tuple(change(subject, None) for subject in born)
    assert denied(evaluate(POLICIES, facts(born, added))) == []


@pytest.mark.parametrize(
    ("card", "approvers", "rules"),
    [
        ("customer-churn-v1", (), {"SIGN-001", "SIGN-002"}),
        ("customer-churn-v1", (Approver("ada", ("model-risk",)),), {"SIGN-001", "SIGN-002"}),
        ("customer-churn-v1", (Approver("bob"),), {"SIGN-002"}),
        ("credit-risk-v2", (Approver("bob", ("model-risk",)),), {"SIGN-003", "SIGN-005"}),
        ("demand-forecast-v3", (Approver("bob", ("ml-platform",)),), set()),
    ],
)
def test_approval_needs_the_people_that_the_risk_demands(
    card: str, approvers: tuple[Approver, ...], rules: set[str]
) -> None:
    given = subjects("Approved")
    (subject,) = (one for one in given if one.name == card)
    approved = change(subject, {**subject.value, "status": "PendingReview"}, approvers)
    found = evaluate(POLICIES, facts(given, (approved,)))
    assert {finding.rule for finding in found if finding.level == "deny"} == rules
    assert {finding.location.path for finding in found if finding.rule in rules} <= {subject.path}


def test_a_draft_is_not_approved_in_one_step() -> None:
    given = subjects("Approved")
    skipped = change(given[0], {**given[0].value, "status": "Draft"}, BOTH)
    (finding,) = [one for one in evaluate(POLICIES, facts(given, (skipped,))) if one.level == "deny"]
    assert (finding.rule, finding.message) == ("LIFE-002", "Draft cannot become Approved")
    assert str(finding.location) == "cards/credit-risk-v2.yaml:3:9"


def test_a_removed_card_was_not_in_use() -> None:
    given = subjects("PendingReview")
    gone = replace(change(given[0], given[0].value, BOTH), kind="removed")
    found = evaluate(POLICIES, facts(given[1:], (gone,)))
    (finding,) = (one for one in found if one.level == "deny")
    assert str(finding.location) == "cards/credit-risk-v2.yaml:3:9"
    assert (finding.rule, finding.message) == ("LIFE-006", "the file of a card that is PendingReview was removed")


def test_who_grants_a_waiver_and_for_how_long_is_a_rule() -> None:
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "policies").glob("*.yaml")}
    granted = (
        b"waivers:\n  - rule: TAG-002\n    card: churn\n    reason: left until the new domains have their names\n"
        b"    approved_by: platform-lead\n    expires: '2027-12-01'\n"
        b"  - {rule: SIGN-001, card: churn, reason: short, approved_by: risk-lead, expires: '2026-12-24'}\n"
    )
    policies = load_policies(Files({**files, "policies/waivers/one.yaml": granted}))
    found = [str(one).partition(": ")[::2] for one in evaluate(policies, facts(subjects()))]
    assert [(place, said.split()[0]) for place, said in found if said.startswith("WAIV")] == [
        ("policies/waivers/one.yaml:5:18", "WAIV-001"),
        ("policies/waivers/one.yaml:6:14", "WAIV-002"),
        ("policies/waivers/one.yaml:7:12", "WAIV-004"),
        ("policies/waivers/one.yaml:7:43", "WAIV-003"),
    ]


def test_the_waiver_in_the_readme_has_the_form() -> None:
    text = (ROOT / "policies/waivers/README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    keys = set(re.findall(r"^\W+(\w+):", example, re.MULTILINE))
    assert keys == {"rule", "card", "reason", "approved_by", "expires"}
    assert "risk-lead" in value_of(ROOT / "cardops.yaml")["approvers"]["model-risk"]
