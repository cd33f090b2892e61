"""The packs that this repository ships: dated, complete as far as they claim, cited where a card can show it."""

import re

import pytest

from support.shipped_policies import shipped

POLICIES = shipped()
CARD_AND_HOUSE_ONLY = {
    *("DATA-008", "DATA-009", "KMS-001", "KMS-002", "EVAL-008", "NAME-003", "TAG-001", "LIFE-009", "SIGN-007"),
    *("SHARE-006", "SHARE-008", "SHARE-009", "SHARE-010", "SHARE-011", "SHARE-012", "SHARE-014", "SHARE-015"),
    *("SHARE-016", "SHARE-017", "KMS-003", "EVAL-025"),
}
"""Rules that protect the card or keep a rule of the house: no regulation of the system is served by them."""


def test_the_packs_that_there_are() -> None:
    assert {name: len(pack.clauses) for name, pack in POLICIES.packs.items()} == {
        "eu-ai-act": 158,
        "iso-42001": 38,
        "nist-ai-600-1": 83,
        "nist-ai-rmf": 72,
        "nyc-ll144": 11,
        "osfi-e-23": 34,
        "pra-ss1-23": 28,
        "sr-11-7": 17,
        "sr-26-2": 17,
    }


@pytest.mark.parametrize("name", sorted(POLICIES.packs))
def test_a_pack_is_dated_and_claims_nothing(name: str) -> None:
    pack = POLICIES.packs[name]
    assert all((pack.citation, pack.version, pack.source.startswith("http"), pack.applies_from))
    assert "not a statement of compliance" in pack.note
    assert any(clause.not_covered for clause in pack.clauses)


def test_a_superseded_text_is_followed_clause_by_clause_and_cited_by_none() -> None:
    old = POLICIES.packs["sr-11-7"]
    assert (old.status, old.superseded_by, old.ended) == ("superseded", "sr-26-2", "2026-04-17")
    assert POLICIES.packs["sr-26-2"].predecessor == "sr-11-7"
    assert [clause.id for clause in old.clauses if clause.rules] == []
    assert [clause.id for clause in old.clauses if not clause.superseded_by and not clause.not_covered] == []


def test_numbers_are_those_of_the_texts() -> None:
    forms = {
        "eu-ai-act": r"Art\.\d+a?(\(\d+\))?(\([a-z]\))?(\([ivx]+\))?|Annex (III|IV|XI|XII)(\(\d\))+(\([a-h]\))?",
        "nist-ai-rmf": r"(GOVERN|MAP|MEASURE|MANAGE) \d\.\d+",
        "nist-ai-600-1": r"Risk 2\.\d+|(GV|MP|MS|MG)-\d\.\d+-\d{3}",
        "iso-42001": r"A\.\d+(\.\d+){1,2}",
        "pra-ss1-23": r"Principle [1-5]|[1-5]\.\d",
        "nyc-ll144": r"§ 5-30[0-4](\([a-d]\))?( [a-z ]+)?",
    }
    odd = [
        (name, clause.id)
        for name, form in forms.items()
        for clause in POLICIES.packs[name].clauses
        if not re.fullmatch(form, clause.id)
    ]
    assert odd == []


def test_dates_by_part_of_the_act() -> None:
    parts = POLICIES.packs["eu-ai-act"].parts
    assert {name: part.applies_from for name, part in parts.items()} == {
        "prohibitions": "2025-02-02",
        "bias-data": "2026-07-27",
        "general-purpose": "2025-08-02",
        "transparency": "2026-08-02",
        "high-risk": "2027-12-02",
        "high-risk-procedures": "2026-08-02",
    }
    assert [one.applies_from for one in parts["high-risk"].later] == ["2028-08-02", "2030-08-02"]
    assert {clause.part for clause in POLICIES.packs["eu-ai-act"].clauses} == set(parts)


def test_rules_that_cite_nothing_protect_the_card_or_the_house() -> None:
    silent = {rule.id for rule in POLICIES.rules.values() if not rule.references}
    assert silent == CARD_AND_HOUSE_ONLY
