"""Plain forms mean what they say, whatever a field holds; dates, definitions and their errors."""

from typing import Any

import pytest
import yaml

from cardops.policy import plain_forms
from cardops.policy.files import Files
from cardops.policy.loader import load_policies
from cardops.policy.rule_parser import RULE
from cardops.policy.rules import FORM_KEYS
from support.policies import TODAY, facts, found, only, policies, rule, subject

FIELD = "content.additional_information.custom_details.human oversight"


def card(value: Any, **more: Any) -> dict[str, Any]:
    details = {} if value is None else {"human oversight": value}
    return {"name": "a", "owner": "b", "content": {"additional_information": {"custom_details": details}}, **more}


def said(form: dict[str, Any], about: dict[str, Any], **more: Any) -> list[str]:
    given = policies(rule(require=None, **form, **more))
    assert given.findings == ()
    return [one.partition("TEST-001 deny: ")[2] for one in found(given, facts(subject(about)))]


@pytest.mark.parametrize("empty", [None, "", "  ", "n/a", "N/A.", "TBD", "todo", "-", "???", "...", "Same as above"])
def test_a_text_that_says_nothing_is_empty(empty: Any) -> None:
    assert said({"field": FIELD, "not": "empty"}, card(empty)) == [
        f"{FIELD} is missing or says nothing (hint: name a team)"
    ]


@pytest.mark.parametrize("said_something", ["a clerk decides", "0", "Keine", "人が確認する"])
def test_any_other_text_is_not_empty(said_something: str) -> None:
    assert said({"field": FIELD, "not": "empty"}, card(said_something)) == []


@pytest.mark.parametrize(
    ("predicate", "right", "wrong"),
    [
        ({"one_of": ["a", "b"]}, ["a", "b"], ["c", "A", None, 1, ""]),
        ({"one_of": [1, True]}, [1, True], [2, False, "1", None]),
        ({"none_of": ["a"]}, ["b", None], ["a"]),
        ({"at_least": 0.8}, [0.8, 1, 2.5], [0.79, "0.9", True, None]),
        ({"at_most": 3}, [3, -1, 2.99], [3.01, "1", False, None]),
        ({"at_least": 1, "at_most": 3}, [1, 3], [0, 4, None]),
        ({"matches": "[a-z]+-v[0-9]+"}, ["churn-v1"], ["churn-v1 ", "x churn-v1", "churn", None, 1]),
        ({"matches": 'a"b\\d'}, ['a"b1'], ["ab1"]),
        ({"within_days": 30}, ["2026-06-15", "2026-05-16", "2026-06-15T00:00:00Z"],
         ["2026-05-15", "2026-06-16", "2026-02-31", "soon", None, 20260615]),
    ],
)  # fmt: skip
def test_each_predicate_on_either_side_of_its_boundary(
    predicate: dict[str, Any], right: list[Any], wrong: list[Any]
) -> None:
    assert TODAY == "2026-06-15"
    assert [said({"field": FIELD, **predicate}, card(one)) for one in right] == [[]] * len(right)
    assert [len(said({"field": FIELD, **predicate}, card(one))) for one in wrong] == [1] * len(wrong)


def test_a_field_is_pointed_at_and_named_but_its_value_is_not() -> None:
    finding = only(policies(rule(require=None, field="owner", one_of=["x", "y"])), facts(subject(card("secret"))))
    assert finding.location.line == 2
    assert finding.message == "owner must be one of x, y"


def test_parameters_may_stand_for_values() -> None:
    form = {"field": "owner", "one_of": "params.teams", "params": {"teams": ["b", "c"]}}
    assert said(form, card("x")) == []
    assert said(form, card("x", owner="d")) == ["owner must be one of b, c (hint: name a team)"]


def test_a_form_may_look_at_an_element_and_several_have_to_hold() -> None:
    loop = {"for": "evaluation in card.content.evaluation_details", "field": "evaluation.datasets", "not": "empty"}
    evaluations = {"content": {"evaluation_details": [{"name": "a", "datasets": ["s3://x"]}, {"name": "b"}]}}
    (finding,) = found(policies(rule(require=None, **loop)), facts(subject({"name": "a", **evaluations})))
    assert "evaluation.datasets is missing or says nothing" in finding
    both = [{"field": "owner", "not": "empty"}, {"field": "tags.team", "one_of": ["x"]}]
    given = policies(rule(require=both))
    assert [one.partition(": TEST-001 deny: ")[2].partition(" (")[0] for one in found(given, facts(
        subject({"name": "a", "owner": "-", "tags": {"team": "x"}}), subject({"name": "b", "owner": "b"}),
        subject({"name": "c", "owner": "b", "tags": {"team": "x"}})))] == [
            "owner is missing or says nothing", "tags.team must be one of x"]  # fmt: skip


def test_a_when_may_be_a_form() -> None:
    form = {"field": FIELD, "not": "empty", "when": {"field": "status", "one_of": ["Approved"]}}
    assert said(form, card("", status="Draft")) == []
    assert len(said(form, card("", status="Approved"))) == 1


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"require": None, "field": "owner"}, "policy/missing-key deny: the form says nothing about the field"),
        ({"require": None, "field": "a b.", "not": "empty"}, "policy/value deny: a b. is not the path of a field"),
        ({"require": None, "field": "a..b", "not": "empty"}, "policy/value deny: a..b is not the path of a field"),
        ({"field": "owner", "not": "empty"}, "policy/missing-key deny: a rule has either require or field"),
        ({"not": "empty"}, "policy/unknown-key deny: 'not' belongs to a `field`"),
        ({"require": None, "field": "owner", "not": "full"}, "policy/value deny: not must be one of empty"),
        ({"require": None, "field": "owner", "at_least": "x"}, "policy/value deny: at_least must be a number"),
        ({"require": None, "field": "owner", "one_of": []}, "policy/value deny: one_of must be a list of values"),
        ({"require": {"field": "owner", "nor": 1}}, "policy/unknown-key deny: a plain form has no key 'nor'"),
    ],
)
def test_a_wrong_form_is_a_finding(changed: dict[str, Any], line: str) -> None:
    (finding,) = policies(rule(**changed)).findings
    assert line in str(finding)


def test_every_predicate_is_a_key_of_a_rule() -> None:
    assert {"field", *FORM_KEYS} <= set(RULE.optional)
    assert set(plain_forms.FORM.optional) == set(FORM_KEYS)


@pytest.mark.parametrize(
    ("require", "passes"),
    [
        ("date(card.owner) >= today - days(365)", True),
        ("date(card.owner) > today - days(26)", False),
        ("date(today) - date(card.owner) == days(26)", True),
        ("date(card.owner) + days(params.n) > today", True),
        ("card.owner < today", True),  # no date is used, so both are texts
        ("'today' == 'today' && date(card.owner) < today", True),
    ],
)
def test_dates(require: str, passes: bool) -> None:
    given = policies(rule(require=require, params={"n": 27}))
    assert (found(given, facts(subject(card("x", owner="2026-05-20")))) == []) is passes


def test_a_text_that_is_no_date_is_named_without_its_content() -> None:
    finding = only(policies(rule(require="date(card.owner) < today")), facts(subject(card("x", owner="secret"))))
    assert (
        "date() got a text that is not a day in the calendar, written YYYY-MM-DD: date(card.owner)" in finding.message
    )
    assert "secret" not in str(finding)


def test_a_key_that_is_not_there_is_named_if_the_rule_names_it() -> None:
    finding = only(policies(rule(require="card.tier == 'a'")), facts(subject(card("x"))))
    assert "the key 'tier' is not there; ask with .?tier and .orValue(...)" in finding.message


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"require": "card.owner == 'a' and card.name == 'b'"}, "CEL writes && for 'and'"),
        ({"require": "not card.owner"}, "CEL writes ! for 'not'"),
        ({"require": "card.owner = 'a'"}, "CEL compares with =="),
        ({"message": "tier is missing"}, "a message is an expression"),
        ({"require": "len(card.owner) > 1"}, "did you mean 'size'?"),
        ({"require": "card.owner.lower() == 'a'"}, "did you mean 'lowerAscii'?"),
        ({"require": "card.owner.startsWit('a')"}, "did you mean 'startsWith'?"),
        ({"require": "card.owner.contains('and') && card.owner == "}, None),
    ],
)
def test_an_error_says_how_to_write_it(changed: dict[str, Any], hint: str | None) -> None:
    finding = only(policies(rule(**changed)))
    assert finding.rule == "policy/expression"
    assert hint in finding.hint if hint else "&&" not in finding.hint


def test_a_definition_stands_for_its_condition_in_every_file_and_in_bundles() -> None:
    files = {
        "policies/a.yaml": {
            "define": {"ours": "card.owner == params.owner", "reviewed": "ours && card.status == 'Approved'"},
            "rules": [rule(id="TEST-001", when="reviewed", require="card.name != 'a'", params={"owner": "b"})],
        },
        "policies/b.yaml": {
            "rules": [rule(id="TEST-002", when="reviewed", require="card.name != 'a'", params={"owner": "c"})]
        },
    }
    given = load_policies(Files({path: yaml.safe_dump(value).encode() for path, value in files.items()}))
    assert given.findings == ()
    about = facts(subject(card("x", status="Approved")), subject({"name": "b", "owner": "b", "status": "Approved"}))
    assert [one.split()[1] for one in found(given, about)] == ["TEST-001"]


@pytest.mark.parametrize("name", ["card", "today", "Upper", "a-b", "days"])
def test_a_definition_has_a_name_of_its_own(name: str) -> None:
    value = {"define": {name: "true"}, "rules": [rule()]}
    (finding,) = load_policies(Files({"policies/a.yaml": yaml.safe_dump(value).encode()})).findings
    assert (finding.rule, finding.location.line) == ("policy/value", 2)


def test_a_definition_that_is_wrong_is_a_finding_of_the_rule_that_uses_it() -> None:
    value = {"define": {"broken": "card.owner =="}, "rules": [rule(when="broken"), rule(id="TEST-002")]}
    finding = only(load_policies(Files({"policies/a.yaml": yaml.safe_dump(value).encode()})))
    assert "TEST-001: when" in finding.message
