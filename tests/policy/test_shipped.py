"""The rules of this repository: each is green, and each is borne out by its own tests."""

from dataclasses import replace
from pathlib import Path

import pytest

from cardops.policy.documents import Folder
from cardops.policy.load import load_policies
from cardops.policy.rules import Rule
from cardops.policy.selftests import run_tests

SHIPPED = load_policies(Folder(Path(__file__).parents[2]))


def test_the_policies_of_this_repository_are_green() -> None:
    assert list(SHIPPED.findings) == []
    assert run_tests(SHIPPED.rules.values()).findings == []


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(lambda rule: replace(rule, require="true"), id="always-true"),
        pytest.param(lambda rule: replace(rule, require=f"!({rule.require})"), id="negated"),
    ],
)
def test_a_rule_whose_require_is_changed_fails_its_own_tests(mutate: object) -> None:
    assert callable(mutate)
    mutants: list[Rule] = [mutate(rule) for rule in SHIPPED.rules.values()]
    assert run_tests(mutants).red == SHIPPED.rules.keys()
