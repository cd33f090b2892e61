"""What is wrong with a rule, a waiver, a pack or enforcement.yaml is refused with its place."""

from typing import Any

import pytest

from cardops.policy.files import Files, Folder
from cardops.policy.loader import load_policies
from cardops.policy.rule_tests import run_tests
from support.policies import found, policies, rule

PASS, FAIL = {"card": {"owner": "a"}}, {"card": {"owner": "nobody"}}

NO_KEY = "the key 'owners' is not there; ask with .?owners and .orValue(...), or with has(...)"


def refusals(*rules: Any, **files: Any) -> list[str]:
    """What `policy test` would print."""
    given = policies(*rules, **files)
    return [str(finding) for finding in (*given.findings, *run_tests(given.rules.values()).findings)]


def test_a_good_rule_is_not_refused() -> None:
    assert refusals(rule()) == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"tests": {"pass": [PASS], "fail": []}},
            "11:11: policy/no-test deny: TEST-001 has no failing test (hint: add what the rule must fail)",
        ),
        (
            {"tests": {"pass": [], "fail": [FAIL]}},
            "8:11: policy/no-test deny: TEST-001 has no passing test (hint: add what the rule must pass)",
        ),
        (
            {"tests": {"fail": [FAIL]}},
            "8:5: policy/missing-key deny: tests has no 'pass' (hint: add pass)",
        ),
        ({"tests": None}, "2:3: policy/missing-key deny: a rule has no 'tests' (hint: add tests)"),
        ({"hint": None}, "2:3: policy/missing-key deny: a rule has no 'hint' (hint: add hint)"),
        (
            {"requires": "true"},
            "14:3: policy/unknown-key deny: a rule has no key 'requires' (hint: did you mean 'require'?)",
        ),
        ({"level": "error"}, "14:10: policy/value deny: level must be one of deny, warn, audit"),
        ({"on": "cards"}, "4:9: policy/value deny: on must be one of card, share, change, repository"),
        ({"id": "eval-1"}, "2:7: policy/value deny: id must be an id such as EVAL-001"),
        ({"require": True}, "5:12: policy/value deny: require must be an expression in CEL"),
        ({"at": "a..b"}, "14:7: policy/value deny: at must be a path such as content.evaluation_details[0].name"),
        (
            {"for": "card.owner"},
            "14:8: policy/value deny: for must be written NAME in LIST (hint: e in card.content.x)",
        ),
        ({"for": "card in card.x"}, "14:8: policy/value deny: for hides the variable 'card'"),
        (
            {"tests": {"pass": [{"crad": {}}], "fail": [FAIL]}},
            "9:7: policy/unknown-key deny: a test on a card has no 'crad'",
        ),
        ({"tests": {"pass": ["x"], "fail": [FAIL]}}, "9:7: policy/value deny: a test must be a mapping"),
    ],
)
def test_a_wrong_form_is_refused_at_its_place(changed: dict[str, Any], line: str) -> None:
    first, *_ = refusals(rule(**changed))
    assert first.startswith(f"policies/rules.yaml:{line}")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"require": "crad.owner != 'nobody'"},
            "require, line 1, column 5: there is no variable 'crad' (hint: did you mean 'card'?)",
        ),
        (
            {"require": "before == null"},
            "require, line 1, column 1: there is no variable 'before' (hint: known: card, model, params, repository, today)",  # noqa: E501
        ),
        (
            {"require": "siz(card.owner) > 1"},
            "require, line 1, column 4: there is no function 'siz' that takes what it is given",
        ),
        (
            {"require": "true &&\n card.owner.startWith('a')"},
            "require, line 2, column 22: there is no function 'startWith'",
        ),
        ({"require": "card.owner !="}, "require, line 1, column 14: it is not CEL: a syntax error"),
        ({"require": "size(card.owner)"}, "require, line 1, column 1: require is a number; it must be true or false"),
        ({"require": "'true'"}, "require, line 1, column 1: require is a text; it must be true or false"),
        (
            {"require": "card.owner != params.owner && crad == 1", "params": {"owner": "a"}},
            "require, line 1, column 31: there is no variable 'crad' (hint: did you mean 'card'?)",
        ),
        (
            {"require": "card.owner != params.owner &&", "params": {"owner": "a"}},
            "require, line 1, column 30: it is not CEL: a syntax error",
        ),
        ({"when": "1"}, "when, line 1, column 1: when is a number; it must be true or false"),
        ({"message": "1 + 1"}, "message, line 1, column 1: message is a number; it must be a text"),
        ({"for": "e in 'abc'"}, "for, line 1, column 1: for is a text; it must be a list or a map"),
        (
            {"require": "'a' + 1 == card.owner"},
            "require, line 1, column 5: an operator or function gets a value of a type",
        ),
        (
            {"require": "repository.crads == {}"},
            "require, line 1, column 11: the repository has no 'crads' (hint: did you mean 'cards'?)",
        ),
        ({"require": "repository == {}"}, "require, line 1, column 1: the repository can only be asked for its parts"),
    ],
)
def test_what_is_wrong_with_an_expression_is_told_in_our_words(changed: dict[str, Any], message: str) -> None:
    (line,) = refusals(rule(**changed))
    place, _, said = line.partition(": policy/expression deny: TEST-001: ")
    assert said.startswith(message)
    assert place == f"policies/rules.yaml:{5 if 'require' in changed else 14}:{line.split(':')[2]}"


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        ({"require": "true"}, ["13:7: policy/test deny: TEST-001: the test must fail, and passes"]),
        (
            {"require": "card.owner == 'nobody'"},
            [
                "9:7: policy/test deny: TEST-001: the test must pass, and is found: A card has an owner",
                "13:7: policy/test deny: TEST-001: the test must fail, and passes",
            ],
        ),
        (
            {"require": "card.owners != 'nobody'"},
            [
                f"9:7: policy/test deny: TEST-001: the test cannot be decided: require: {NO_KEY}",
                f"13:7: policy/test deny: TEST-001: the test cannot be decided: require: {NO_KEY}",
            ],
        ),
        (
            {"message": "card.owners"},
            [f"13:7: policy/test deny: TEST-001: the test cannot be decided: message: {NO_KEY}"],
        ),
        (
            {"when": "card.owner == 'Approved'"},
            [
                "13:7: policy/test deny: TEST-001: the test must fail, and the rule's when does not hold in it",
                "16:9: policy/when deny: TEST-001: its when holds in none of its failing tests",
                "16:9: policy/when deny: TEST-001: its when holds in none of its passing tests",
            ],
        ),
        (
            {"when": "card.owner == 'nobody'"},
            ["16:9: policy/when deny: TEST-001: its when holds in none of its passing tests"],
        ),
    ],
)
def test_a_rule_that_its_own_tests_do_not_bear_out_is_red(changed: dict[str, Any], lines: list[str]) -> None:
    given = {"pass": [{"name": "x", **PASS}], "fail": [{**FAIL, "today": "2026-01-01"}]}
    said = [
        line.removeprefix("policies/rules.yaml:").partition(" (hint")[0]
        for line in refusals(rule(tests=given, **changed))
    ]
    assert [line.replace(" 'x'", "") for line in said] == lines


def test_an_id_that_is_used_twice_is_refused_where_it_is_used_again() -> None:
    (line,) = refusals(rule(), rule())
    assert line == (
        "policies/rules.yaml:14:7: policy/duplicate-id deny: the id TEST-001 is used already, "
        "at policies/rules.yaml:2:7 (hint: give this rule an id of its own)"
    )


def test_a_refused_rule_does_not_keep_the_others_from_being_asked() -> None:
    lines = found(policies(rule(id="x"), rule(id="TEST-002", require="card.owner == 'b'")))
    assert [line.split(" deny")[0] for line in lines] == [
        "cards/churn.yaml:1:1: TEST-002",
        "policies/rules.yaml:2:7: policy/value",
    ]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"TEST-002": {}}, "2:3: policy/unknown-rule deny: there is no rule TEST-002 (hint: did you mean 'TEST-001'?)"),
        ({"TEST-001": {"level": "off"}}, "3:12: policy/value deny: level must be one of deny, warn, audit"),
        (
            {"TEST-001": {"levels": "warn"}},
            "3:5: policy/unknown-key deny: an entry of enforcement.yaml has no key 'levels'",
        ),
        ({"TEST-001": {"params": {"x": 1}}}, "4:7: policy/unknown-key deny: the rule has no parameter 'x'"),
        ({"TEST-001": {"overrides": [{"level": "warn"}]}}, "4:7: policy/missing-key deny: an override names nothing"),
        ({"TEST-001": {"overrides": [{"owner": "x"}]}}, "4:7: policy/missing-key deny: an override has no 'level'"),
    ],
)
def test_a_wrong_entry_of_enforcement_is_refused(entry: Any, line: str) -> None:
    (first,) = refusals(rule(), enforcement=entry)
    assert first.startswith(f"policies/enforcement.yaml:{line}")


@pytest.mark.parametrize(
    ("clause", "line"),
    [
        ({"rules": ["TEST-001"]}, "policy/unknown-key deny: a clause does not name its rules"),
        ({"not_covered": ""}, "policy/value deny: not_covered must be a text"),
        ({"note": "x"}, "policy/unknown-key deny: a clause has no key 'note'"),
    ],
)
def test_a_wrong_clause_of_a_pack_is_refused(clause: Any, line: str) -> None:
    dated = {"version": "1", "source": "x", "status": "in force", "applies_from": "2026-01-01"}
    pack = {"id": "act", "title": "An act", **dated, "clauses": [{"id": "1", "title": "One", **clause}]}
    (first,) = refusals(rule(), pack=pack)
    assert first.startswith("policies/packs/one.yaml:")
    assert line in first


@pytest.mark.parametrize(
    ("path", "overlooked"),
    [
        ("policies/rules.yml", True),
        ("policies/more/rules.yaml", True),
        ("policies/waiver/x.yaml", True),
        ("policies/README.md", False),
        ("policies/schemas/card.schema.json", False),
        ("cards/x.yaml", False),
    ],
)
def test_a_file_that_somebody_may_take_for_a_policy_is_refused(path: str, overlooked: bool) -> None:
    findings = [str(finding) for finding in load_policies(Files({path: b"rules: []"})).findings]
    assert [line.partition(" (hint")[0] for line in findings] == (
        [f"{path}:1:1: policy/ignored deny: this file holds no policy"] if overlooked else []
    )


def test_policies_that_are_a_link_are_refused_since_git_does_not_follow_it(tmp_path: Any) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "policies").symlink_to(tmp_path / "elsewhere")
    (finding,) = load_policies(Folder(tmp_path)).findings
    assert str(finding).startswith("policies:1:1: policy/ignored deny: ")


def test_a_name_that_only_another_rule_has_is_refused() -> None:
    """Rules share one environment, and no names."""
    looped = rule(id="TEST-002", **{"for": "entry in card.content.evaluation_details"}, require="has(entry.name)")
    for require in ("entry.name == card.name", "card.owner != share.name", "before == null || card.owner != ''"):
        lines = refusals(rule(require=require), looped, rule(id="TEST-003", on="change", require="before == null"))
        assert [line for line in lines if "TEST-001: require" in line and "there is no variable" in line], lines
    named = rule(require="""card.owner != "nobody" && card.owner != 'before entry'""")
    assert not [line for line in refusals(named, looped) if "TEST-001" in line]


@pytest.mark.parametrize("require", ["true) || (params.least > 0", "true\n), cel.bind(x, 1, params.least > 0"])
def test_brackets_do_not_close_the_one_around_an_expression(require: str) -> None:
    lines = refusals(rule(require=require, params={"least": 1}))
    assert [line for line in lines if "policy/expression" in line and "not CEL" in line], lines
