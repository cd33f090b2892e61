"""Rules that are asked together find what each of them finds by itself, whatever is wrong with any of them."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cardops.policy import together
from cardops.policy.cel import Program, bind
from cardops.policy.judge import Judge
from cardops.policy.load import Policies
from cardops.policy.outcomes import Outcome
from cardops.policy.variables import parameters
from policy.world import CHURN, TODAY, policies, rule

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


def judged(given: Policies, judge: Judge, card: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Rules and their outcomes: asked in packs, and each by itself with another judge."""
    rules = given.on_single_cards()
    facts = {**parameters(rules, given.enforcement), "today": TODAY, "card": card}
    bound = bind(facts)
    packs = [one for one in judge.packs(rules) if one.together is None or one.together.holds(bound) is not True]
    found = [(rule.id, outcome) for pack in packs for rule in pack.rules for outcome in judge.ask(rule, bound, facts)]
    alone = Judge(rules)
    asked = [(rule.id, outcome) for rule in rules for outcome in alone.ask(rule, bind(facts), facts)]
    return sorted(found), sorted(asked)


@settings(max_examples=40, deadline=None)
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
    judge = Judge(given.rules.values())
    rules = given.on_single_cards()
    right = not any(judge.faults(rule) for rule in rules)
    reread = Judge(given.rules.values(), compiled=judge.written(rules, rules)) if right else judge
    for card in CARDS:
        found, asked = judged(given, judge, card)
        assert found == asked
        assert judged(given, reread, card) == (found, asked)


def test_what_all_rules_agree_to_is_said_at_once() -> None:
    right = [
        (when, require) for when, require in product(WHENS[:4], (REQUIRES[5], REQUIRES[8], REQUIRES[9], REQUIRES[10]))
    ]
    given = policies(*(made(number, *part, None) for number, part in enumerate(right)))
    packs = list(programs(given))
    assert [len(rules) for rules, _ in packs] == [8, 8]
    facts = {**parameters(given.rules.values(), given.enforcement), "card": CHURN}
    assert all(program.holds(bind(facts)) is True for _, program in packs)


@pytest.mark.parametrize("require", ["false", "card.nowhere", "dyn(1)", "dyn('true')", "params.owner == 'x'"])
def test_one_that_does_not_agree_is_heard_among_others(require: str) -> None:
    rules = [made(number, None, "true", None) for number in range(5)]
    rules[2] = made(2, None, require, None)
    given = policies(*rules)
    judge = Judge(given.rules.values())
    ((name, outcome),) = judged(given, judge, CHURN)[0]
    assert name == "TEST-002"
    assert outcome.kind == ("failed" if require in ("card.nowhere", "dyn(1)", "dyn('true')") else "broken")


def test_a_rule_that_does_not_compile_leaves_the_others_together() -> None:
    given = policies(*(made(number, None, "true) || (true" if number == 1 else "true", None) for number in range(3)))
    ((rules, program),) = programs(given)
    assert rules == ["TEST-000", "TEST-002"]
    assert program.holds(bind({"card": CHURN})) is True


def test_together_they_may_take_more_steps_than_are_allowed_at_once() -> None:
    card = {**CHURN, "content": {"evaluation_details": [{"name": "a", "datasets": ["s3://x"] * 800}]}}
    given = policies(*(made(number, None, COSTLY, None) for number in range(4)))
    judge = Judge(given.rules.values())
    ((_, program),) = programs(given)
    assert program.holds(bind({"card": card})) is not True
    assert judged(given, judge, card) == ([], [])


def test_what_was_compiled_for_other_rules_is_not_used() -> None:
    given = policies(*(made(number, None, "true", None) for number in range(2)))
    other = policies(made(0, None, "true", None), made(7, None, "false", None))
    written = Judge(given.rules.values()).written(given.rules.values(), given.on_single_cards())
    more = Judge(other.rules.values()).written(other.rules.values())
    assert judged(other, Judge(other.rules.values(), compiled={**written, **more}), CHURN)[0] == [
        ("TEST-007", Outcome("broken", "require", "it is team-churn"))
    ]


def programs(given: Policies) -> Iterator[tuple[list[str], Program]]:
    """The packs of some policies that can be asked at once."""
    for pack in Judge(given.rules.values()).packs(given.on_single_cards()):
        if pack.together is not None:
            yield [rule.id for rule in pack.rules], pack.together


def test_packs_are_small_and_keep_what_has_the_same_when_side_by_side() -> None:
    whens = [None, "true", None, "false", "true", "params.on", "params.on"]
    given = policies(*(made(number, whens[number % len(whens)], "true", None) for number in range(40)))
    found = list(together.packs(given.rules.values()))
    assert max(map(len, found)) == together.MOST
    assert sorted(rule.id for pack in found for rule in pack) == sorted(given.rules)
    whens_found = [(rule.when, "params" in rule.when and rule.id) for pack in found for rule in pack]
    assert len(list(dict.fromkeys(whens_found))) == sum(
        one != before for one, before in zip(whens_found, [None, *whens_found], strict=False)
    )
