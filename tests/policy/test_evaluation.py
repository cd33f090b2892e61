"""What rules find, where, and with which level."""

from typing import Any

import pytest

from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Approver, Change
from support.policies import CHURN, SHARED, TODAY, facts, found, only, policies, rule, subject

NOBODY = {**CHURN, "owner": "nobody"}
BROKEN = facts(subject(NOBODY))
ENDS = {"reason": "the team is being formed", "approved_by": "risk-lead", "expires": "2026-12-31"}
"""What an override that takes a rule less strictly has to say."""


def test_a_card_that_meets_its_rule_is_not_found() -> None:
    assert found(policies(rule())) == []


def test_a_broken_rule_is_found_at_the_place_it_names_with_its_hint() -> None:
    given = policies(rule(at="owner", message="card.owner + ' is no team'"))
    assert found(given, BROKEN) == ["cards/churn.yaml:3:8: TEST-001 deny: nobody is no team (hint: name a team)"]


def test_it_holds_the_card_that_it_is_about() -> None:
    finding = only(policies(rule()), BROKEN)
    assert (finding.card, finding.share) == ("111111111111/eu-west-1/churn", "")


def test_a_rule_without_a_message_says_its_title() -> None:
    assert only(policies(rule()), BROKEN).message == "A card has an owner"


def test_what_is_not_there_is_shown_at_its_deepest_ancestor() -> None:
    given = policies(rule(at="content.training_details.training_job_details"))
    assert str(only(given, BROKEN).location) == "cards/churn.yaml:5:3"


def test_a_rule_is_not_asked_where_its_when_does_not_hold() -> None:
    given = policies(rule(when='card.status == "Approved"'))
    assert found(given, BROKEN) == []


@pytest.mark.parametrize(
    "require", ["1 == 1 ? card.name : card.name", "card.content", "dyn(1)", "dyn('true')", "dyn(null)"]
)
def test_only_true_passes(require: str) -> None:
    finding = only(policies(rule(require=require)))
    assert finding.rule == "policy/evaluation"
    assert finding.message == "TEST-001 cannot be decided: require: it did not give true or false"


@pytest.mark.parametrize(
    ("require", "reason"),
    [
        (
            "card.secret_word == 1",
            "the key 'secret_word' is not there; ask with .?secret_word and .orValue(...), or with has(...)",
        ),
        ("card.owner > 3", "an operator or function got a value of the wrong type"),
        ("card.owner.team == 'x'", "a field of something that has no fields was asked for"),
        ("1 / (size(card.name) - 5) == 1", "a division by zero"),
        ("card.content.evaluation_details[7].name == 'x'", "an index is out of range, or no whole number"),
        ("{'a': 1}[card.owner] == 1", "a key is not there"),
        ("card.?nothing.value() == 1", "the value of something that is not there was asked for"),
        ("lists.range(20000).all(n, n >= 0)", "it takes too many steps; `for` looks at one element at a time"),
        ("card.name.matches('(' + card.name)", "a regular expression is wrong, or too large"),
        (
            "timestamp(card.name) < timestamp(today)",
            "timestamp() got a text that is not a time; date(x) takes a day written YYYY-MM-DD",
        ),
    ],
)
def test_an_expression_that_fails_is_a_finding_that_shows_no_content(require: str, reason: str) -> None:
    finding = only(policies(rule(require=require)))
    assert finding.rule == "policy/evaluation"
    assert finding.message == f"TEST-001 cannot be decided: require: {reason}"
    assert "team-churn" not in str(finding)
    assert finding.card == "111111111111/eu-west-1/churn"


def test_a_when_that_fails_is_a_finding_too() -> None:
    assert only(policies(rule(when="card.nothing == 1"))).message.startswith(
        "TEST-001 cannot be decided: when: the key 'nothing' is not there"
    )


def test_a_loop_points_at_each_element() -> None:
    given = policies(
        rule(
            **{"for": "e in card.content.evaluation_details"}, require="has(e.datasets)", message="'no data: ' + e.name"
        )
    )
    assert found(given) == ["cards/churn.yaml:6:5: TEST-001 deny: no data: a (hint: name a team)"]


def test_a_loop_points_at_what_its_at_names_in_the_element() -> None:
    given = policies(
        rule(**{"for": "e in card.?content.evaluation_details.orValue([])"}, require="e.name != 'b'", at="e.datasets")
    )
    assert str(only(given).location) == "cards/churn.yaml:9:5"


def test_a_loop_over_what_is_no_list_is_a_finding() -> None:
    given = policies(rule(**{"for": "e in card.owner"}, require="e == 1"))
    assert only(given).message == "TEST-001 cannot be decided: for: it did not give a list or a map"


def test_a_share_is_named_as_a_share() -> None:
    given = policies(rule(on="share", **{"for": "g in share.grants"}, require="g.to != 'ml-dev'", at="g.to"))
    finding = only(given, facts(subject(SHARED, kind="share")))
    assert (finding.card, finding.share, str(finding.location)) == ("", "churn", "shares/churn.yaml:5:7")


def _change(**changed: Any) -> Change:
    now = subject({**CHURN, "status": "Approved"})
    values: dict[str, Any] = {"kind": "modified", "subject": now, "before": CHURN, "paths": ("status",), **changed}
    return Change(**values)


def test_a_rule_on_a_change_sees_before_and_after_and_who() -> None:
    require = 'change.approvers.exists(a, "model-risk" in a.groups && !(a.name in change.authors))'
    given = policies(rule(on="change", when="card.status != before.status", require=require, at="status"))
    refused = facts(changes=(_change(authors=("ann",), approvers=(Approver("ann", ("model-risk",)),)),))
    allowed = facts(changes=(_change(authors=("ann",), approvers=(Approver("bob", ("model-risk",)),)),))
    assert str(only(given, refused).location) == "cards/churn.yaml:2:9"
    assert found(given, allowed) == []


def test_a_rule_on_a_change_is_not_asked_without_a_base() -> None:
    assert found(policies(rule(on="change", require="false"))) == []


def test_before_is_null_for_what_is_new_and_card_for_what_is_gone() -> None:
    given = policies(rule(on="change", require="before == null || card == null ? false : true"))
    added, removed = _change(kind="added", before=None), _change(kind="removed")
    assert [f.split(": ")[0] for f in found(given, facts(changes=(added,)))] == ["cards/churn.yaml:1:1"]
    assert [f.split(": ")[0] for f in found(given, facts(changes=(removed,)))] == ["cards/churn.yaml:1:1"]


def test_a_loop_over_changed_paths_points_at_each() -> None:
    given = policies(rule(on="change", **{"for": "p in change.paths"}, require="!p.startsWith('content')"))
    about = facts(changes=(_change(paths=("status", "content.evaluation_details[b].datasets[0]")),))
    assert str(only(given, about).location) == "cards/churn.yaml:9:7"


def test_a_rule_on_the_repository_names_no_card_and_points_at_the_element() -> None:
    given = policies(
        rule(on="repository", **{"for": "c in repository.cards"}, require="c.owner != 'team-churn'", at="owner")
    )
    about = facts(subject(CHURN), cards={"churn": {"owner": "team-churn", "path": "cards/churn.yaml"}})
    finding = only(given, about)
    assert (finding.card, finding.share, str(finding.location)) == ("", "", "cards/churn.yaml:3:8")


def test_params_are_the_rules_own_and_enforcement_overrides_them() -> None:
    own = rule(require="size(card.content.evaluation_details) >= params.least", params={"least": 3})
    other = rule(id="TEST-002", require="params.least == 9", params={"least": 9})
    assert only(policies(own, other)).rule == "TEST-001"
    assert found(policies(own, other, enforcement={"TEST-001": {"params": {"least": 2}}})) == []


@pytest.mark.parametrize(
    ("entry", "level"),
    [
        ({}, "warn"),
        ({"level": "audit"}, "audit"),
        ({"overrides": [{"owner": "nobody", "level": "deny"}]}, "deny"),
        ({"overrides": [{"account": "home", "level": "deny"}]}, "deny"),
        ({"overrides": [{"path": "cards/c*", "level": "deny"}]}, "deny"),
        ({"overrides": [{"path": "cards/c*", "owner": "x", "level": "deny"}]}, "warn"),
        ({"level": "audit", "overrides": [{"account": "other", "level": "deny"}]}, "audit"),
        ({"level": "audit", "overrides": [{"owner": "nobody", "level": "deny"}]}, "deny"),
        ({"overrides": [{"owner": "nobody", "level": "deny"}, {"account": "home", "level": "audit"} | ENDS]}, "deny"),
        ({"overrides": [{"account": "home", "level": "audit"} | ENDS]}, "audit"),
        ({"overrides": [{"account": "home", "level": "audit"} | ENDS | {"expires": TODAY}]}, "audit"),
        ({"overrides": [{"status": "Draft", "level": "deny"}]}, "deny"),
        ({"overrides": [{"status": "Approved", "level": "deny"}]}, "warn"),
        ({"overrides": [{"risk": "High", "level": "deny"}]}, "warn"),
        ({"overrides": [{"tag": "stage=pilot", "level": "deny"}]}, "warn"),
    ],
)
def test_the_level_in_force_is_the_first_override_then_the_entry_then_the_rule(entry: Any, level: str) -> None:
    given = policies(rule(level="warn"), enforcement={"TEST-001": entry})
    (finding,) = [one for one in evaluate(given, BROKEN) if one.rule == "TEST-001"]
    assert finding.level == level


@pytest.mark.parametrize(
    ("selector", "covered"), [({"risk": "High"}, True), ({"tag": "stage=pilot"}, True), ({"tag": "stage=x"}, False)]
)
def test_an_override_may_ask_for_a_risk_rating_and_a_tag(selector: dict[str, str], covered: bool) -> None:
    content = {"intended_uses": {"risk_rating": "High"}}
    risky = subject({**CHURN, "owner": "nobody", "content": content, "tags": {"stage": "pilot"}})
    given = policies(rule(level="warn"), enforcement={"TEST-001": {"overrides": [{**selector, "level": "deny"}]}})
    assert only(given, facts(risky)).level == ("deny" if covered else "warn")


def test_an_override_that_is_over_counts_no_more_and_says_so() -> None:
    override = {"account": "home", "level": "audit", **ENDS, "expires": "2026-06-14"}
    given = policies(rule(level="warn"), enforcement={"TEST-001": {"overrides": [override]}})
    said = {(one.rule, one.level, one.location.path) for one in evaluate(given, BROKEN)}
    assert said == {
        ("TEST-001", "warn", "cards/churn.yaml"),
        ("override/expired", "deny", "policies/enforcement.yaml"),
    }


def test_an_override_warns_before_its_end_and_stands_in_the_register() -> None:
    override = {"account": "home", "level": "audit", **ENDS, "expires": "2026-06-20"}
    who = rule(
        id="TEST-009",
        on="repository",
        **{"for": "o in repository.overrides"},
        require="o.letters > 100",
        message="o.rule + ' for ' + o.account + ' until ' + o.expires",
    )
    given = policies(rule(level="warn"), who, enforcement={"TEST-001": {"overrides": [override]}})
    found = {one.rule: one for one in evaluate(given, BROKEN)}
    assert found["override/expiring"].level == "warn"
    assert found["TEST-009"].message == "TEST-001 for home until 2026-06-20"


def test_a_rule_that_does_not_compile_is_found_once_at_its_place_and_holds_everything() -> None:
    finding = only(policies(rule(require="crad.owner == 'x'")), facts(subject(CHURN), subject({**CHURN, "name": "b"})))
    assert (finding.rule, finding.level, finding.card) == ("policy/expression", "deny", "")
    assert finding.message == "TEST-001: require, line 1, column 5: there is no variable 'crad'"
    assert finding.hint == "did you mean 'card'?"
    assert str(finding.location) == "policies/rules.yaml:5:12"


@pytest.mark.parametrize(
    "require",
    [
        r'card.owner == "\"" || before == null || "\"" == "a"',
        "card.owner == '''a' ''' || before == null || '''b' ''' == 'c'",
        'card.owner == "a" || before == null',
    ],
)
def test_what_only_others_may_name_is_refused_whatever_texts_stand_around_it(require: str) -> None:
    other = rule(id="TEST-002", on="change", require="before == null || change.kind == 'edited'")
    finding = only(policies(rule(require=require), other))
    assert finding.rule == "policy/expression"
    assert "there is no variable 'before'" in finding.message


@pytest.mark.parametrize("on", ["card", "share", "change", "repository"])
def test_every_rule_knows_the_day(on: str) -> None:
    card, share = subject(CHURN), subject(SHARED, kind="share")
    about = facts(card, share, changes=(Change("added", card, None, ()),))
    assert found(policies(rule(on=on, require=f"today == '{TODAY}'")), about) == []
    assert found(policies(rule(on=on, require="today == ''")), about) != []
