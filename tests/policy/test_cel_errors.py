"""Why an expression is refused, word for word and at its place within it."""

import pytest

from cardops.policy.cel import Environment
from cardops.policy.cel_errors import ExplainedError

VARIABLES = ("card", "repository", "params", "today")
CALLED = "check its name, and the number and types of what it gets"
PARTS = "known: cards, shares, accounts, approvers, home, region, signoff, waivers, overrides, policy_changes"
TYPES_HINT = "string(x) makes a text of a number, date(x) a date of a text"
DEEP = "it is nested too deeply, or has too many parts in a row"


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(VARIABLES)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("size(card) > 1 ||\n nosuch(1)", (2, 8, "there is no function 'nosuch' that takes what it is given", CALLED)),
        ("card.a.nope(1)", (1, 12, "there is no function 'nope' that takes what it is given", CALLED)),
        ("true\n&& crad", (2, 4, "there is no variable 'crad'", "did you mean 'card'?")),
        ("x.y", (1, 2, "there is no variable 'x'", "known: card, params, repository, today")),
        ("size(repository) > 1", (1, 6, "the repository can only be asked for its parts", PARTS)),
        ("repository.crads == 1", (1, 11, "the repository has no 'crads'", "did you mean 'cards'?")),
        ("repository.crads.deep == 1", (1, 17, "the repository has no 'crads'", "did you mean 'cards'?")),
        ("1 +", (1, 4, "it is not CEL: a syntax error", "")),
        ("has(card)", (1, 5, "has() takes a field, as in has(card.owner)", "")),
        ("99999999999999999999 > 1", (1, 1, "a number is too large", "")),
        ("1 + 'a' == 2", (1, 3, "an operator or function gets a value of a type that it does not take", TYPES_HINT)),
        ("card.x.exists(e.f, true)", (1, 16, "a loop's variable must be a plain name", "")),
        (f"{'(' * 40}true{')' * 40}", (1, 1, DEEP, "at most 32; split the rule")),
        ("'a'", (1, 1, "require is a text; it must be true or false", "")),
    ],
)
def test_what_is_refused_says_why_and_where(
    environment: Environment, expression: str, fault: tuple[int, int, str, str]
) -> None:
    assert environment.compile("require", expression, VARIABLES) == ExplainedError(*fault)


def test_the_repository_is_no_variable_where_a_rule_may_not_name_it() -> None:
    names = ("card", "params")
    found = Environment(names).compile("require", "repository.cards == 1", names)
    assert found == ExplainedError(1, 11, "there is no variable 'repository'", "known: card, params")
