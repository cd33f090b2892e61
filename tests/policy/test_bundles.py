"""Rules that are asked together find what each of them finds by itself, whatever is wrong with any of them."""

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cardops.policy import bundles
from cardops.policy.bundles import Bundle
from cardops.policy.cel import Program, bind
from cardops.policy.evaluator import RuleEvaluator
from cardops.policy.loader import PolicySet
from cardops.policy.summary import parameters
from support.policies import CHURN, TODAY, policies, rule
from support.profiles import examples

WHENS = [
    None,
    "true",
    "false",
    'card.status == "Draft" // a comment',
    "card.nowhere",
    "card.status",
    "card.nowhere || true",
    "params.on",
    'card.status == "Draft" || card.nowhere',
]
REQUIRES = [
    "true",
    "false",
    "card.nowhere",
    "card.status",
    "card.nowhere || true",
    "card.owner == params.owner // ours",
    'params.owner in ["nobody"]',
    "1 / size(card.tags) > 0",
    'has(card.content) && card.owner != "nobody"',
    "[1, 2].exists(one, one == 2)",
    "[1, 2].all(evaluation, evaluation > 0)",
    "dyn(1)",
    "dyn('true')",
    "null == card.?content.?evaluation_details.orValue(null)",
]
LOOPS = [None, "evaluation in card.content.evaluation_details", "tag in card.tags", "one in card.nowhere", "one in [1]"]
CARDS: list[dict[str, Any]] = [
    CHURN,
    {"name": "a", "status": "Approved", "owner": "nobody", "tags": {}},
    {"name": "b", "status": "Draft", "owner": "team-churn", "tags": {"a": "b"}, "content": {"evaluation_details": []}},
]
COSTLY = "card.content.evaluation_details[0].datasets.all(a, [1,2,3,4,5].all(b, a != string(b)))"


def made(number: int, when: str | None, require: str, loop: str | None, owner: str = "team-churn") -> dict[str, Any]:
    return rule(
        id=f"TEST-{number:03}",
        when=when,
        require=require,
        params={"owner": owner, "on": number % 2 == 0},
        message="'it is ' + card.owner",
        **({"for": loop} if loop else {}),
    )


def judged(given: PolicySet, judge: RuleEvaluator, *cards: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Rules and their outcomes about some cards: asked in bundles, and each by itself with another judge."""
    rules = given.on_single_cards()
    made, alone = judge.bundles(rules), RuleEvaluator(rules)
    found, asked = [], []
    for number, card in enumerate(cards):
        facts = {**parameters(rules, given.enforcement), "today": TODAY, "card": card}
        bound = bind(facts)
        loud = [rule for bundle in made if not bundle.passes(bound) for rule in bundle.rules]
        found += [(number, rule.id, outcome) for rule in loud for outcome in judge.evaluate(rule, bound, facts)]
        asked += [(number, rule.id, outcome) for rule in rules for outcome in alone.evaluate(rule, bind(facts), facts)]
    return sorted(found), sorted(asked)


def expressions(given: PolicySet) -> list[tuple[list[str], Program | None]]:
    """The bundles of some policies, by the ids of their rules, with what is asked at once."""
    judge = RuleEvaluator(given.rules.values())
    return [(ids(bundle), judge._all_of(bundle.rules)) for bundle in judge.bundles(given.on_single_cards())]


def ids(bundle: Bundle) -> list[str]:
    return [rule.id for rule in bundle.rules]


@examples(40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(WHENS),
            st.sampled_from(REQUIRES),
            st.sampled_from(LOOPS),
            st.sampled_from(["team-churn", "nobody"]),
        ),
        min_size=1,
        max_size=20,
    )
)
@example([("card.nowhere", "true", None, "a")])
@example([("card.status", "true", None, "a")])
@example([("params.on", "false", None, "a"), ("params.on", "false", None, "a")])
@example([("true", "card.owner == params.owner", None, "team-churn"), ("true", "params.owner == 'nobody'", None, "a")])
def test_the_same_is_found(parts: list[tuple[str | None, str, str | None, str]]) -> None:
    given = policies(*(made(number, *part) for number, part in enumerate(parts)))
    judge = RuleEvaluator(given.rules.values())
    found, asked = judged(given, judge, *CARDS, *CARDS)
    assert found == asked


def test_what_all_rules_agree_to_is_said_at_once() -> None:
    right = [
        (when, require) for when, require in product(WHENS[:4], (REQUIRES[5], REQUIRES[8], REQUIRES[9], REQUIRES[10]))
    ]
    given = policies(*(made(number, *part, None) for number, part in enumerate(right)))
    found = expressions(given)
    assert sorted(len(rules) for rules, _ in found) == [8, 8]
    facts = {**parameters(given.rules.values(), given.enforcement), "card": CHURN}
    assert all(program.holds(bind(facts)) is True for _, program in found if program)


@pytest.mark.parametrize("require", ["false", "card.nowhere", "dyn(1)", "dyn('true')", "params.owner == 'x'"])
def test_one_that_does_not_agree_is_heard_among_others(require: str) -> None:
    rules = [made(number, None, "true", None) for number in range(5)]
    rules[2] = made(2, None, require, None)
    given = policies(*rules)
    judge = RuleEvaluator(given.rules.values())
    ((_, name, outcome),) = judged(given, judge, CHURN)[0]
    assert name == "TEST-002"
    assert outcome.kind == ("error" if require in ("card.nowhere", "dyn(1)", "dyn('true')") else "fail")


def test_a_rule_that_does_not_compile_leaves_the_others_together() -> None:
    given = policies(*(made(number, None, "true) || (true" if number == 1 else "true", None) for number in range(3)))
    ((rules, program),) = expressions(given)
    assert rules == ["TEST-000", "TEST-002"]
    assert program
    assert program.holds(bind({"card": CHURN})) is True


def test_together_they_may_take_more_steps_than_are_allowed_at_once() -> None:
    card = {**CHURN, "content": {"evaluation_details": [{"name": "a", "datasets": ["s3://x"] * 800}]}}
    given = policies(*(made(number, None, COSTLY, None) for number in range(4)))
    judge = RuleEvaluator(given.rules.values())
    ((_, program),) = expressions(given)
    assert program
    assert program.holds(bind({"card": card})) is not True
    assert judged(given, judge, card) == ([], [])


def test_bundles_are_small_and_keep_what_has_the_same_when_side_by_side() -> None:
    whens = [None, "true", None, "false", "true", "params.on", "params.on", "has(card.content)"]
    given = policies(*(made(number, whens[number % len(whens)], "true", None) for number in range(60)))
    found = list(bundles.divide(given.rules.values()))
    assert max(len(rules) for rules in found) == bundles.MAX_RULES
    assert sorted(rule.id for rules in found for rule in rules) == sorted(given.rules)
    asked = [(rule.when, "params" in rule.when and rule.id) for rules in found for rule in rules]
    assert len(set(asked)) == sum(one != before for one, before in zip(asked, [None, *asked], strict=False))
