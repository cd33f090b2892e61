"""What is wrong with policies is told whole: its place, its words, and the way out."""

from typing import Any

import pytest

from cardops.model.findings import Finding, Location
from cardops.policy.evaluation import evaluate
from cardops.policy.forms import closest_match
from cardops.policy.rule_tests import run_tests
from support.policies import NOBODY, SHARED, facts, policies, rule, subject, waiver
from support.replacing import replace

PASS, FAIL = {"card": {"owner": "a"}}, {"card": {"owner": "nobody"}}
LONG = "x" * 61
EARLY = "remove the waiver, or add `granted: DAY` if it was granted lately: it may wait for 30 days"


DATED = {"version": "1", "source": "x", "status": "in force", "applies_from": "2026-01-01"}


def told(*rules: Any, **files: Any) -> list[str]:
    """What `policy test` prints, without what all lines begin with."""
    given = policies(*rules, **files)
    findings = (*given.findings, *run_tests(given.rules.values()).findings)
    return [str(finding).removeprefix("policies/") for finding in findings]


def passing(*cases: Any) -> dict[str, Any]:
    return {"pass": list(cases), "fail": [dict(FAIL)]}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"requires": "true"},
            "14:3: policy/unknown-key deny: a rule has no key 'requires' (hint: did you mean 'require'?)",
        ),
        (
            {LONG: "true"},
            (
                f"14:3: policy/unknown-key deny: a rule has no key '{LONG[:60]}…' "
                "(hint: known: at, at_least, at_most, field, for, hint, id, level, matches, message, none_of, not, …)"
            ),
        ),
        ({"level": "error"}, "14:10: policy/value deny: level must be one of deny, warn, audit"),
        ({"on": "cards"}, "4:9: policy/value deny: on must be one of card, share, change, repository"),
        (
            {"id": "eval-1"},
            (
                "2:7: policy/value deny: id must be an id such as EVAL-001: capitals, digits and dashes, ending "
                "in a dash and three or more digits"
            ),
        ),
        (
            {"require": True},
            (
                "5:12: policy/value deny: require must be an expression in CEL, as text (write it as a block after >- "
                "when YAML reads it otherwise)"
            ),
        ),
        ({"at": "a..b"}, "14:7: policy/value deny: at must be a path such as content.evaluation_details[0].name"),
        ({"title": ""}, "3:10: policy/value deny: title must be a text"),
        ({"references": ["a", 1]}, "15:3: policy/value deny: references must be a list of texts"),
        ({"references": "a"}, "14:15: policy/value deny: references must be a list of texts"),
        ({"params": []}, "14:11: policy/value deny: params must be a mapping"),
        (
            {"for": "card.owner"},
            "14:8: policy/value deny: for must be written NAME in LIST (hint: e in card.content.x)",
        ),
        (
            {"for": "before in card.x"},
            "14:8: policy/value deny: for hides the variable 'before' (hint: give the element another name)",
        ),
        (
            {"tests": passing("x")},
            "9:7: policy/value deny: a test must be a mapping from variables to values (hint: card: {...})",
        ),
        (
            {"tests": passing(PASS, {"Card": {}})},
            "11:7: policy/unknown-key deny: a test on a card has no 'Card' (hint: did you mean 'card'?)",
        ),
        (
            {"require": " " * 10_001 + "true"},
            (
                "5:12: policy/too-long deny: require has 10,005 characters; at most 10,000 are allowed "
                "(hint: split the rule)"
            ),
        ),
    ],
)
def test_a_rule_of_the_wrong_form(changed: dict[str, Any], line: str) -> None:
    first, *_ = told(rule(**changed))
    assert first == f"rules.yaml:{line}"


def test_a_file_of_the_wrong_form() -> None:
    assert told(rule(), waivers="x", enforcement="x") == [
        "enforcement.yaml:1:8: policy/value deny: rules must be a mapping",
        "waivers/one.yaml:1:10: policy/value deny: waivers must be a list",
    ]


def test_a_pack_of_the_wrong_form() -> None:
    assert told(rule(), pack="x") == ["packs/one.yaml:1:1: policy/value deny: a pack must be a mapping"]
    assert told(rule(), pack={"id": "An Act", "title": "x", "clauses": {}, "notes": "x", **DATED}) == [
        "packs/one.yaml:1:5: policy/value deny: id must be small letters, digits and dashes",
        "packs/one.yaml:3:10: policy/value deny: clauses must be a list",
        "packs/one.yaml:4:1: policy/unknown-key deny: a pack has no key 'notes' (hint: did you mean 'note'?)",
    ]


@pytest.mark.parametrize(
    ("clause", "line"),
    [
        (
            {"rules": ["TEST-001"]},
            (
                "10:3: policy/unknown-key deny: a clause does not name its rules: a rule names its clauses "
                "(hint: add the clause to the rule's `references`)"
            ),
        ),
        ({"part": "two"}, "10:9: policy/value deny: there is no part two (hint: there are none)"),
        (
            {"superseded_by": ["act 2"]},
            "11:5: policy/unknown-clause deny: no pack has the clause act 2 (hint: did you mean 'act 1'?)",
        ),
        (
            {"note": "x"},
            (
                "10:3: policy/unknown-key deny: a clause has no key 'note' "
                "(hint: known: id, not_covered, part, superseded_by, title)"
            ),
        ),
    ],
)
def test_a_clause_of_the_wrong_form(clause: Any, line: str) -> None:
    pack = {"id": "act", "title": "An act", **DATED, "clauses": [{"id": "1", "title": "One", **clause}]}
    assert told(rule(), pack=pack)[0] == f"packs/one.yaml:{line}"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"TEST-002": {}}, "2:3: policy/unknown-rule deny: there is no rule TEST-002 (hint: did you mean 'TEST-001'?)"),
        ({LONG: {}}, f"2:3: policy/unknown-rule deny: there is no rule {LONG[:60]}… (hint: known: TEST-001)"),
        ({"TEST-001": {"level": "off"}}, "3:12: policy/value deny: level must be one of deny, warn, audit"),
        ({"TEST-001": []}, "2:13: policy/value deny: an entry of enforcement.yaml must be a mapping"),
        ({"TEST-001": {"overrides": ["x"]}}, "4:7: policy/value deny: an override must be a mapping"),
        (
            {"TEST-001": {"levels": "warn"}},
            (
                "3:5: policy/unknown-key deny: an entry of enforcement.yaml has no key 'levels' "
                "(hint: did you mean 'level'?)"
            ),
        ),
        (
            {"TEST-001": {"params": {"lest": 1}}},
            "4:7: policy/unknown-key deny: the rule has no parameter 'lest' (hint: did you mean 'least'?)",
        ),
        (
            {"TEST-001": {"overrides": [{"level": "warn"}]}},
            (
                "4:7: policy/missing-key deny: an override names nothing "
                "(hint: add owner, account, path, risk, status or tag)"
            ),
        ),
        (
            {"TEST-001": {"overrides": [{"owner": "x", "level": "deny"}, {"owner": "x"}]}},
            "6:7: policy/missing-key deny: an override has no 'level' (hint: add level)",
        ),
    ],
)
def test_an_entry_of_enforcement_of_the_wrong_form_does_not_count(entry: Any, line: str) -> None:
    given = policies(rule(params={"least": 1}), enforcement=entry)
    assert [str(one) for one in given.findings] == [f"policies/enforcement.yaml:{line}"]
    assert given.enforcement == {}


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"reason": None}, "2:3: policy/missing-key deny: a waiver has no 'reason' (hint: add reason)"),
        (
            {"expires": "2026-02-30"},
            "6:12: policy/value deny: expires must be a day in the calendar, written YYYY-MM-DD",
        ),
        ({"expires": "20260230"}, "6:12: policy/value deny: expires must be a day in the calendar, written YYYY-MM-DD"),
        (
            {"share": "churn"},
            "2:3: policy/value deny: a waiver is for a card or for a share (hint: name one of the two)",
        ),
        (
            {"rule": "test-001"},
            "2:9: policy/unknown-rule deny: there is no rule test-001 (hint: did you mean 'TEST-001'?)",
        ),
        (
            {"until": "x"},
            (
                "7:3: policy/unknown-key deny: a waiver has no key 'until' "
                "(hint: known: approved_by, card, expires, granted, reason, renewed, rule, share)"
            ),
        ),
    ],
)
def test_a_waiver_of_the_wrong_form(changed: dict[str, Any], line: str) -> None:
    assert told(rule(), waivers=[waiver(**changed)]) == [f"waivers/one.yaml:{line}"]


def test_among_very_many_names_no_similar_one_is_looked_for_but_one_in_other_letters_is_found() -> None:
    many = [f"TEST-{number:03}" for number in range(500)]
    assert closest_match("TEST-1000", many) == "did you mean 'TEST-100'?"
    assert closest_match("TEST-1000", [*many, "TEST-500"]).startswith("known: TEST-000, TEST-001, ")
    assert closest_match("test-100", [*many, "TEST-500"]) == "did you mean 'TEST-100'?"


def at(line: int, column: int) -> Location:
    return Location("policies/waivers/one.yaml", line, column)


TEAM = subject({**SHARED, "name": "team"}, kind="share")
OTHER = replace(NOBODY, account="ml-dev", key="222222222222/eu-west-1/churn", path="cards/other.yaml")
ON_SHARES = rule(id="TEST-002", on="share", require="false")


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"card": "chrun"}, Finding("waiver/no-match", at(3, 9), "there is no card chrun", EARLY)),
        ({"card": LONG}, Finding("waiver/no-match", at(3, 9), f"there is no card {LONG[:60]}…", EARLY)),
        (
            {"card": None, "share": "tame", "rule": "TEST-002"},
            Finding("waiver/no-match", at(6, 10), "there is no share tame", EARLY),
        ),
        (
            {"expires": "2026-06-14"},
            Finding(
                "waiver/expired",
                at(6, 12),
                "the waiver of TEST-001 for churn ended on 2026-06-14",
                "fix the card, or have the waiver renewed, then remove or change this entry",
                card=NOBODY.key,
            ),
        ),
        (
            {"card": None, "share": "team", "rule": "TEST-002", "expires": "2026-06-14"},
            Finding(
                "waiver/expired",
                at(5, 12),
                "the waiver of TEST-002 for team ended on 2026-06-14",
                "fix the share, or have the waiver renewed, then remove or change this entry",
                share="team",
            ),
        ),
        (
            {"expires": "2026-06-15"},
            Finding(
                "waiver/expiring",
                at(6, 12),
                "the waiver of TEST-001 for churn ends after 2026-06-15",
                "fix the card, or have the waiver renewed",
                "warn",
            ),
        ),
        (
            {"rule": "TEST-003"},
            Finding(
                "waiver/unused",
                at(2, 3),
                "the waiver matches nothing: churn does not break TEST-003",
                EARLY,
                card=NOBODY.key,
            ),
        ),
        (
            {"card": None, "share": "team"},
            Finding(
                "waiver/unused",
                at(2, 3),
                "the waiver matches nothing: team does not break TEST-001",
                EARLY,
                share="team",
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_waiver(changed: dict[str, Any], finding: Finding) -> None:
    given = policies(rule(), ON_SHARES, rule(id="TEST-003", require="true"), waivers=[waiver(**changed)])
    found = evaluate(given, facts(NOBODY, TEAM))
    assert [one for one in found if one.rule.startswith("waiver/")] == [finding]


def test_a_name_that_several_cards_have_is_told_to_be_written_with_the_account() -> None:
    found = evaluate(policies(rule(), waivers=[waiver()]), facts(NOBODY, OTHER))
    said = Finding("waiver/ambiguous", at(3, 9), "there are several cards churn", "write account/name")
    assert [one for one in found if one.rule.startswith("waiver/")] == [said]
    found = evaluate(policies(rule(), waivers=[waiver(card="ml-dev/churn")]), facts(NOBODY, OTHER))
    assert [(one.card, one.suppressed) for one in found] == [
        (NOBODY.key, ""),
        (OTHER.key, "the team is being formed"),
    ]


def test_a_waiver_is_seen_by_rules_with_all_that_it_says() -> None:
    (seen,) = policies(rule(), waivers=[waiver()]).waivers
    counted = {"letters": 20, "granted": "", "renewals": 0}
    assert seen.as_data() == {**waiver(), "share": "", "path": "policies/waivers/one.yaml", **counted}


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        (
            {"require": "true"},
            ["12:7: policy/test deny: TEST-001: the test must fail, and passes (hint: mend the rule, or the test)"],
        ),
        (
            {
                "tests": passing({"name": "an owner", **PASS, "card": {"owner": "nobody"}}),
                "message": "'no ' + card.owner",
            },
            [
                (
                    "9:7: policy/test deny: TEST-001: the test 'an owner' must pass, and is found: no nobody "
                    "(hint: mend the rule, or the test)"
                )
            ],
        ),
        (
            {"when": "card.owner == 'nobody'"},
            [
                (
                    "14:9: policy/when deny: TEST-001: its when holds in none of its passing tests "
                    "(hint: add a test that it holds in, or mend it)"
                )
            ],
        ),
        (
            {"when": "card.owner != 'nobody'"},
            [
                (
                    "12:7: policy/test deny: TEST-001: the test must fail, and the rule's when does not hold in it "
                    "(hint: mend the rule, or the test)"
                ),
                (
                    "14:9: policy/when deny: TEST-001: its when holds in none of its failing tests "
                    "(hint: add a test that it holds in, or mend it)"
                ),
            ],
        ),
    ],
)
def test_a_test_that_does_not_come_out_as_it_should(changed: dict[str, Any], lines: list[str]) -> None:
    assert told(rule(**changed)) == [f"rules.yaml:{line}" for line in lines]


@pytest.mark.parametrize(
    "require",
    [
        "card == null",
        "share == null",
        "before == null",
        "change.kind == 'modified' && change.paths == [] && change.authors == [] && change.approvers == []",
        "change.contributors_known && change.commit == ''",
        "today == '2026-01-01'",
        "repository.cards == {} && repository.shares == {} && repository.accounts == {} && repository.approvers == {}",
        "repository.home == '' && repository.region == '' && repository.signoff == 'reviews'",
        "repository.waivers == []",
        "params.least == 1",
    ],
)
def test_what_a_test_does_not_say_has_a_default(require: str) -> None:
    given = {"pass": [{}], "fail": [{"params": {"fails": True}}]}
    tested = rule(
        on="change", require=f"({require}) && !params.fails", params={"least": 1, "fails": False}, tests=given
    )
    assert told(tested) == []


def test_what_a_test_says_takes_the_place_of_a_default() -> None:
    given = {
        "pass": [
            {
                "card": {"owner": "a"},
                "before": {"owner": "b"},
                "change": {"kind": "added"},
                "today": "2026-06-01",
                "repository": {"home": "x"},
            }
        ],
        "fail": [{}],
    }
    require = (
        "card != null && card.owner == 'a' && before.owner == 'b' && change.kind == 'added' && change.paths == [] "
        "&& today == '2026-06-01' && repository.home == 'x' && repository.region == ''"
    )
    assert told(rule(on="change", require=require, tests=given)) == []


def test_how_many_were_tested_and_which_are_red_is_told() -> None:
    given = policies(rule(), rule(id="TEST-002", require="true"), rule(id="TEST-003", require="crad == 1"))
    tested = run_tests(given.rules.values())
    assert (tested.rules, tested.tests, tested.red) == (3, 6, {"TEST-002", "TEST-003"})
