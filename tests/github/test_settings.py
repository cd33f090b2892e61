"""What GitHub has to enforce, and what is said where it does not."""

from typing import Any

import pytest

from cardops.github.client import GitHub
from cardops.github.settings import check_settings

REVIEWS = {
    "required_approving_review_count": 1,
    "dismiss_stale_reviews_on_push": True,
    "require_last_push_approval": True,
    "require_code_owner_review": True,
}
CHECKS = [{"context": f"cardops {name}", "integration_id": 15368} for name in ("validate", "plan")]
MAIN: dict[str, dict[str, Any]] = {
    "pull_request": REVIEWS,
    "required_status_checks": {"required_status_checks": CHECKS, "strict_required_status_checks_policy": True},
    "non_fast_forward": {},
}
LEDGER = ("creation", "update", "deletion", "non_fast_forward")


class Rulesets(GitHub):
    """GitHub with these rules."""

    def __init__(self, main: dict[str, dict[str, Any]], ledger: tuple[str, ...], actors: tuple[str, ...]) -> None:
        self.main, self.ledger, self.actors = main, ledger, actors

    def get(self, path: str) -> dict[str, Any]:
        if path == "rulesets/2":
            return {"bypass_actors": [{"actor_type": one} for one in self.actors]}
        assert path == ""
        return {"default_branch": "main"}

    def all(self, path: str, key: str = "") -> list[dict[str, Any]]:
        if path == "rules/branches/main":
            return [{"type": kind, "parameters": found, "ruleset_id": 1} for kind, found in self.main.items()]
        assert path == "rules/branches/cardops-ledger"
        return [{"type": kind, "ruleset_id": 2} for kind in self.ledger]


def missing(
    main: dict[str, dict[str, Any]] | None = None, ledger: Any = LEDGER, actors: Any = ("Integration",)
) -> list[str]:
    github = Rulesets(MAIN if main is None else main, ledger, actors)
    return [one.what for one in check_settings(github) if not one.ok]


def test_nothing_is_missing_where_rulesets_say_all() -> None:
    assert missing() == []
    queue = {**MAIN, "required_status_checks": {"required_status_checks": CHECKS}, "merge_queue": {}}
    assert missing(queue) == []


@pytest.mark.parametrize("key", sorted(REVIEWS))
def test_each_way_around_a_review_is_named(key: str) -> None:
    assert len(missing({**MAIN, "pull_request": {**REVIEWS, key: 0}})) == 1


@pytest.mark.parametrize("kind", LEDGER)
def test_each_way_to_change_the_ledger_is_named(kind: str) -> None:
    assert len(missing(ledger=tuple(one for one in LEDGER if one != kind))) == 1


@pytest.mark.parametrize("actors", [(), ("Integration", "RepositoryRole"), ("DeployKey",), ("OrganizationAdmin",)])
def test_the_app_alone_may_write_the_ledger(actors: tuple[str, ...]) -> None:
    assert missing(actors=actors) == ["cardops-ledger: the App alone may write"]


def test_a_check_that_anybody_may_report_is_named() -> None:
    checks = [{"context": one["context"]} for one in CHECKS]
    loose = {"required_status_checks": checks, "strict_required_status_checks_policy": True}
    said = missing({**MAIN, "required_status_checks": loose})
    assert said == [f"main: only GitHub Actions reports the check {name}" for name in ("validate", "plan")]


def test_without_rulesets_everything_is_missing() -> None:
    assert len(missing({}, ())) == len(check_settings(Rulesets({}, (), ())))
