"""JSON output is what its published schema says, on real output."""

import json

import pytest

from support.json_schemas import fits
from support.workspace import Workspace


@pytest.fixture
def busy(world: Workspace) -> Workspace:
    """Something to create, something held, something found."""
    world.card("good", "PendingReview", tags={"team": "a"})
    world.card("held", purpose="theirs")
    world.client("111111111111").create_model_card(ModelCardName="held", Content="{}", ModelCardStatus="Draft")
    world.commit()
    return world


def test_plan_json(busy: Workspace) -> None:
    done = busy.cardops("plan", "--format", "json", "--out", "plan.json")
    document = fits("plan", done.out)
    assert document == json.loads((busy.root / "plan.json").read_text())
    assert document["counts"] == {"create": 1, "create-permission": 1, "promote": 1, "share": 2}
    assert [entry["card"] for entry in document["held"]] == ["held"]
    assert [finding["rule"] for finding in document["findings"]] == ["ownership/foreign-card"]


def test_apply_json(busy: Workspace) -> None:
    done = busy.apply("--format", "json")
    assert done.code == 3
    document = fits("apply", done.out)
    assert {entry["outcome"] for entry in document["outcomes"]} == {"created", "updated"}
    assert "first" not in done.out


def test_what_a_rule_denies_is_in_the_json_of_plan_and_apply(busy: Workspace) -> None:
    broken = {"id": "OWN-001", "title": "Nobody", "on": "card", "require": 'card.owner == "b"', "hint": "another"}
    tests = {"pass": [{"card": {"owner": "b"}}], "fail": [{"card": {"owner": "a"}}]}
    rule = broken | {"why": "Because.", "message": "'no'", "at": "owner", "references": ["X"], "tests": tests}
    busy.write("policies/owner.yaml", json.dumps({"rules": [rule]}))
    busy.commit()
    for name, done in (("plan", busy.cardops("plan", "--format", "json")), ("apply", busy.apply("--format", "json"))):
        document = fits(name, done.out)
        assert [one["path"] for one in document["findings"] if one["rule"] == "OWN-001"] == [
            "cards/good.yaml",
            "cards/held.yaml",
        ]
        assert {one["card"] for one in document["held"]} == {"good", "held"}


def test_validate_json(busy: Workspace) -> None:
    busy.write("cards/bad.yaml", "name: bad\nstatus: Drafty\n")
    done = busy.cardops("validate", "--format", "json")
    assert done.code == 1
    document = fits("validate", done.out)
    assert (document["considered"], document["declared"]) == ({"cards": 2, "shares": 1}, {"cards": 3, "shares": 1})


def test_drift_json(busy: Workspace) -> None:
    busy.apply()
    busy.contribute("good", {"intended_uses": {"risk_rating": "Low"}})
    done = busy.cardops("drift", "--format", "json")
    assert done.code == 2
    document = fits("drift", done.out)
    assert {(found["kind"], found["resource"]) for found in document["differences"]} == {
        ("contributed", "good"),
        ("tampered", "held"),
    }


def test_pull_json(busy: Workspace) -> None:
    busy.apply()
    busy.contribute("good", {"intended_uses": {"purpose_of_model": "first", "risk_rating": "Low"}})
    done = busy.cardops("pull", "--format", "json")
    assert done.code == 3
    document = fits("pull", done.out)
    assert [(one["card"], one["outcome"], one["message"], one["changes"]) for one in document["cards"]] == [
        ("good", "pulled", "", ["content.intended_uses.risk_rating"]),
        ("held", "refused", "cardops does not manage the live card", []),
    ]
