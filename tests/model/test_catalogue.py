"""The catalogue of built-in rules and the code say the same."""

import re
from pathlib import Path

import pytest

from cardops.model.catalogue import TITLES, BuiltInRule, built_in_rules, reference
from cardops.model.findings import Finding, Location
from support.emitted_rules import drift_rules, emitted

ROOT = Path(__file__).resolve().parents[2]


def test_every_rule_that_is_emitted_is_in_the_catalogue_and_no_other() -> None:
    assert emitted() | drift_rules() == set(built_in_rules())


@pytest.mark.parametrize("rule", built_in_rules().values(), ids=lambda rule: rule.id)
def test_each_entry_is_complete_and_reads_as_sentences(rule: BuiltInRule) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", rule.title)
    assert re.fullmatch(r"(?:[A-Z]|cardops ).*\.", rule.why)
    assert re.fullmatch(r"[A-Z].*\.", rule.fix)
    assert rule.since in ("0.1.0", "0.2.0")


def test_the_reference_is_generated() -> None:
    assert (ROOT / "docs/rules.md").read_text("utf-8") == reference(), (
        "write it anew: python -c 'from cardops.model.catalogue import reference; print(reference(), end=\"\")' "
        "> docs/rules.md"
    )


def test_titles_are_a_mapping_of_all() -> None:
    assert dict(TITLES) == {name: rule.title for name, rule in built_in_rules().items()}
    assert len(TITLES) == len(built_in_rules())


def test_a_finding_of_an_unknown_rule_is_refused_in_tests() -> None:
    with pytest.raises(AssertionError, match="not in the catalogue"):
        Finding("policy/never-heard-of", Location("a"), "wrong")
