"""The policy commands on a real repository: what they print, and how they exit. None of them needs AWS."""

import json
from pathlib import Path

import pytest

from support.workspace import Workspace

RULES = """\
rules:
  - id: OWN-001
    title: A card's owner is a team
    why: Somebody has to answer for it.
    on: card
    level: warn
    require: card.owner.startsWith("team-")
    at: owner
    message: "'the owner is no team'"
    hint: name a team
    references: [Handbook 3]
    params: {least: 1}
    tests:
      pass: [{card: {owner: team-a}}]
      fail: [{card: {owner: ada}}]
  - id: LIFE-001
    title: Nothing is approved at once
    on: change
    when: card != null && before == null
    require: card.status == "Draft"
    at: status
    hint: start as Draft
    tests:
      pass: [{card: {status: Draft}}]
      fail: [{card: {status: Approved}}]
"""
PACK = """\
id: handbook
cited_as: Handbook
title: The handbook
version: "7"
source: the intranet
status: in force
applies_from: "2026-01-01"
parts:
  tests: {title: Chapter 5, applies_from: "2027-01-01"}
clauses:
  - {id: "3", title: Ownership}
  - {id: "5", title: Tests, part: tests}
  - {id: "4", title: Budgets, not_covered: a card holds no budget}
"""


@pytest.fixture
def ruled(tmp_path: Path) -> Workspace:
    """A repository with two rules, a pack and an override."""
    world = Workspace(tmp_path / "repository", "http://127.0.0.1:9")
    world.write("policies/rules.yaml", RULES)
    world.write("policies/packs/handbook.yaml", PACK)
    world.write(
        "policies/enforcement.yaml",
        "rules: {OWN-001: {level: audit, overrides: [{owner: ada, level: deny}]}}\n",
    )
    return world


def test_policy_test_is_green_and_then_red_with_places(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "test")
    assert (done.code, done.out) == (0, "2 rules, 4 tests: all green\n")
    ruled.write(
        "policies/rules.yaml", RULES.replace('startsWith("team-")', 'startsWith("")').replace("card != null", "crad")
    )
    done = ruled.cardops("policy", "test")
    missed = "the test must fail, and passes (hint: mend the rule, or the test)"
    refused = "when, line 1, column 1: there is no variable 'crad' (hint: did you mean 'card'?)"
    assert done.code == 1
    assert done.out.splitlines() == [
        f"policies/rules.yaml:15:14: policy/test deny: OWN-001: {missed}",
        f"policies/rules.yaml:19:11: policy/expression deny: LIFE-001: {refused}",
        "2 rules, 4 tests: red, 2 findings",
    ]


def test_policy_test_of_one_file_says_nothing_of_the_others(ruled: Workspace) -> None:
    ruled.write("policies/other.yaml", "rules: [{}]\n")
    assert ruled.cardops("policy", "test", "policies/rules.yaml").code == 0
    assert ruled.cardops("policy", "test", "policies/other.yaml").code == 1
    assert ruled.cardops("policy", "test", "policies/none.yaml").code == 64


def test_policy_list(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "list")
    assert done.out.splitlines() == [
        "LIFE-001  deny   change  Nothing is approved at once",
        "OWN-001   audit  card    A card's owner is a team",
        "2 rules",
    ]
    document = json.loads(ruled.cardops("policy", "list", "--format", "json").out)
    assert [(one["id"], one["level"], one["line"]) for one in document["rules"]] == [
        ("LIFE-001", "deny", 16),
        ("OWN-001", "audit", 2),
    ]


def test_policy_list_of_a_pack_shows_what_is_not_covered(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "list", "--pack", "handbook")
    assert done.out.splitlines() == [
        "The handbook",
        "the intranet (version 7, in force)",
        "",
        "3  Ownership",
        "     OWN-001 (audit)  A card's owner is a team",
        "5  Tests",
        "     no rule asks for it yet",
        "4  Budgets",
        "     not covered by a card: a card holds no budget",
        "",
        "1 of 3 clauses have rules. No claim of legal compliance.",
    ]
    document = json.loads(ruled.cardops("policy", "list", "--pack", "handbook", "--format", "json").out)
    assert document["clauses"][2] == {
        "id": "4",
        "title": "Budgets",
        "rules": [],
        "not_covered": "a card holds no budget",
    }
    done = ruled.cardops("policy", "list", "--pack", "handbok")
    assert (done.code, done.err) == (64, "error: there is no pack 'handbok' (hint: did you mean 'handbook'?)\n")


def test_policy_coverage_shows_what_will_be_missing(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "coverage", "--pack", "handbook", "--on", "2026-12-31")
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "The handbook",
            "the intranet (version 7, in force)",
            "",
            "Applies since 2026-01-01: The handbook. 2 clauses: 1 covered, 0 missing, 1 not evidenced.",
            "  covered        3  Ownership: OWN-001 (audit)",
            "  not evidenced  4  Budgets: a card holds no budget",
            "",
            (
                "Applies from 2027-01-01, not yet on 2026-12-31: Chapter 5. "
                "1 clause: 0 covered, 1 missing, 0 not evidenced."
            ),
            "  missing        5  Tests: no rule asks for it yet",
            "",
            "A map for those who collect evidence, and not a statement of compliance.",
        ],
    )
    document = json.loads(ruled.cardops("policy", "coverage", "--on", "2027-01-01", "--format", "json").out)
    assert [stage["counts"]["missing"] for stage in document["packs"][0]["stages"] if stage["applies"]] == [0, 1]
    assert ruled.cardops("policy", "coverage", "--pack", "handbok").code == 64
    assert ruled.cardops("policy", "coverage", "--on", "").code == 64


def test_policy_explain(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "explain", "OWN-001")
    assert done.code == 0
    assert done.out.splitlines() == [
        "OWN-001  A card's owner is a team",
        "  level         audit",
        "                deny for owner ada",
        "  asked of      each card",
        '  must hold     card.owner.startsWith("team-")',
        "  why           Somebody has to answer for it.",
        "  hint          name a team",
        "  asked for by  handbook 3: Ownership",
        "  parameters    least: 1",
        "  written at    policies/rules.yaml:2:9",
        "",
        "An example that passes:",
        "  card:",
        "    owner: team-a",
    ]
    assert ruled.cardops("policy", "explain", "OWN-9").code == 64
    assert "did you mean 'OWN-001'?" in ruled.cardops("policy", "explain", "own-001").err


def test_policy_replay_shows_today_and_every_merge(ruled: Workspace) -> None:
    ruled.card("first")
    ruled.commit("start")
    ruled.git("checkout", "-q", "-b", "branch")
    ruled.write("cards/first.yaml", (ruled.root / "cards/first.yaml").read_text().replace("team-a", "ada"))
    ruled.commit("on a branch")
    ruled.git("checkout", "-q", "main")
    ruled.git("merge", "-q", "--no-ff", "-m", "a merge", "branch")
    ruled.write("notes.md", "not declared")
    ruled.commit("nothing that is declared")
    ruled.card("second", "Approved")
    ruled.commit("a second card")
    done = ruled.cardops("policy", "replay", "--rule", "OWN-001", "--format", "json")
    document = json.loads(done.out)
    assert done.code == 0
    assert [(one["path"], one["line"], one["level"]) for one in document["today"]] == [("cards/first.yaml", 3, "deny")]
    assert [(one["subject"], len(one["findings"])) for one in document["merges"]] == [
        ("a second card", 1),
        ("a merge", 1),
        ("start", 0),
    ]
    done = ruled.cardops("policy", "replay", "--rule", "LIFE-001", "--since", "HEAD~1", "--today", "2026-06-01")
    assert done.out.splitlines()[:3] == ["LIFE-001  Nothing is approved at once", "", "today: 0 findings"]
    assert done.out.splitlines()[3].endswith("  1  second")
    assert done.out.splitlines()[4] == "it would have found something at 1 of 1 merge"


def test_a_rule_that_asks_who_approved_is_not_replayed(ruled: Workspace) -> None:
    asked = RULES.replace('require: card.status == "Draft"', "require: size(change.approvers) > 0")
    ruled.write("policies/rules.yaml", asked)
    ruled.commit()
    done = ruled.cardops("policy", "replay", "--rule", "LIFE-001")
    assert done.code == 64
    assert done.err == (
        "error: LIFE-001 asks for change.approvers, which is not in git's history (hint: it cannot be replayed)\n"
    )


def test_a_new_rule_is_written_with_tests_that_pass(ruled: Workspace) -> None:
    for rule, field in (
        ("TEAM-001", "content.additional_information.custom_details.human oversight"),
        ("TEAM-002", "owner"),
    ):
        done = ruled.cardops("policy", "new", rule, "--field", field, "--to", "team")
        assert (done.code, done.out.split()[:3]) == (0, [rule, "is", "in"])
    done = ruled.cardops("policy", "test", str(ruled.root / "policies/team.yaml"), "--mutate")
    assert (done.code, done.out) == (0, "2 rules, 6 tests: all green\n6 mutants: 0 noticed by no test\n")
    again = ruled.cardops("policy", "new", "TEAM-001")
    assert (again.code, "There is a rule TEAM-001 already" in again.err) == (64, True)
    for arguments in (
        ["team-1"],
        ["TEAM-003", "--to", "enforcement"],
        ["TEAM-003", "--to", "../x"],
        ["TEAM-003", "--field", "a..b"],
    ):
        assert ruled.cardops("policy", "new", *arguments).code == 64
    assert sorted(path.name for path in (ruled.root / "policies").glob("*.yaml")) == [
        "enforcement.yaml",
        "rules.yaml",
        "team.yaml",
    ]


def test_a_change_that_no_test_notices_is_a_finding(ruled: Workspace) -> None:
    loose = RULES.replace(
        'require: card.owner.startsWith("team-")', 'require: card.owner.startsWith("team-") && card.owner != "x"'
    )
    ruled.write("policies/rules.yaml", loose)
    assert ruled.cardops("policy", "test").code == 0
    done = ruled.cardops("policy", "test", "--mutate")
    assert done.code == 1
    assert 'OWN-001: no test notices that `require` lacks its part 2 of 2: card.owner != "x"' in done.out
    assert "1 noticed by no test" not in done.out.splitlines()[0]


def test_who_shows_every_outcome(ruled: Workspace) -> None:
    ruled.write("cards/a.yaml", "name: a\nstatus: Draft\nowner: team-a\ncontent: {}\n")
    ruled.write("cards/b.yaml", "name: b\nstatus: Draft\nowner: ada\ncontent: {}\n")
    done = ruled.cardops("policy", "who", "OWN-001")
    assert (done.code, [line.split() for line in done.out.splitlines()]) == (
        0,
        [
            ["pass", "cards/a.yaml", "a"],
            ["fail", "cards/b.yaml", "b", "the", "owner", "is", "no", "team"],
            ["1", "pass,", "1", "fail,", "0", "error,", "0", "skip"],
        ],
    )
    assert ruled.cardops("policy", "who", "LIFE-001").code == 64
    assert "did you mean 'OWN-001'" in ruled.cardops("policy", "who", "OWN-01").err


def test_a_clause_and_a_built_in_rule_are_explained(ruled: Workspace) -> None:
    done = ruled.cardops("policy", "explain", "handbook 3")
    assert done.out.splitlines()[0] == "Handbook 3  Ownership"
    assert "OWN-001 (audit)  A card's owner is a team" in done.out
    assert "a card holds no budget" in ruled.cardops("policy", "explain", "4").out
    assert "signoff/missing  An Approved card" in ruled.cardops("policy", "explain", "signoff/missing").out


def test_a_replay_may_ask_what_another_parameter_and_level_would_do(ruled: Workspace) -> None:
    asked = RULES.replace('card.owner.startsWith("team-")', "size(card.owner) >= params.least")
    ruled.write("policies/rules.yaml", asked)
    ruled.write("cards/a.yaml", "name: a\nstatus: Draft\nowner: team-a\ncontent: {}\n")
    ruled.commit("a card")
    replay = ("policy", "replay", "--rule", "OWN-001", "--format", "json")
    usual = ruled.cardops(*replay)
    other = ruled.cardops(*replay, "--param", "least=99", "--level", "warn")
    assert (usual.code, other.code) == (0, 0)
    assert '"level": "warn"' not in usual.out
    assert '"level": "warn"' in other.out
    assert ruled.cardops(*replay, "--param", "most=1").code == 64
    assert ruled.cardops(*replay, "--param", "least=[").code == 64
