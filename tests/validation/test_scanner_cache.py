"""Whatever happens to a repository, a run that remembers earlier ones finds what a run that remembers nothing finds."""

from typing import Any

import pytest

from cardops.policy import evaluator as judge
from cardops.validation import scanner as scan
from support.edited_repository import EditedRepository
from support.generated_repository import git
from support.profiles import NIGHTLY

pytestmark = pytest.mark.usefixtures("unmeasured")

STEPS = 10
SEEDS = 12 if NIGHTLY else 2


@pytest.mark.slow
@pytest.mark.parametrize("repository", range(SEEDS), indirect=True)
def test_any_sequence_of_edits(repository: EditedRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CARDS_PER_PROCESS", repository.chance.choice([2, 128]))
    done = []
    for _ in range(STEPS):
        done.append(repository.edit())
        assert repository.validate() == repository.validate("--no-cache"), done
        if repository.chance.random() < 0.3:
            git(repository.root, "add", "-A")
            git(repository.root, "commit", "-q", "--allow-empty", "-m", done[-1])
        base = repository.chance.choice(["HEAD", "HEAD", "start"])
        assert repository.validate("--base", base) == repository.validate("--base", base, "--no-cache"), (done, base)
        if repository.chance.random() < 0.3:
            assert repository.governed(cached=True) == repository.governed(cached=False), done


def test_what_rules_are_asked_again(repository: EditedRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word in a card asks no rule on shares; what the summary says of a card asks those of its share."""
    repository.validate()
    asked: list[list[str]] = []
    real = judge.RuleEvaluator.evaluate

    def ask(self: Any, rule: Any, *more: Any) -> Any:
        asked[-1].append(rule.on)
        return real(self, rule, *more)

    monkeypatch.setattr(judge.RuleEvaluator, "evaluate", ask)
    monkeypatch.setattr("cardops.policy.runner.run", _here)
    for edit in (repository.nothing, repository.word, repository.rate, repository.approvers):
        asked.append([])
        edit()
        repository.validate()
    assert "share" not in [*asked[0], *asked[1]]
    assert "repository" not in [*asked[0], *asked[1]]
    assert "share" in asked[2]
    assert "repository" not in asked[2]
    assert {"share", "repository"} <= set(asked[3])


def test_a_card_outside_a_share_may_still_change_the_names_of_its_cards(repository: EditedRepository) -> None:
    for card in sorted((repository.root / "cards").iterdir())[2:]:
        card.unlink()
    share = repository.root / "shares/family-0000.yaml"
    repository.replace(share, "family-0000-*", "shared-services/family-0000-*")
    before = repository.validate()
    repository.namesake("ml-dev", "eu-west-1")
    found = repository.validate()
    assert found == repository.validate("--no-cache")
    told = [[one["message"] for one in some["findings"] if one["rule"] == "OWN-103"] for some in (before, found)]
    assert ["shared-services/" in message for messages in told for message in messages] == [False, True]


def test_a_policy_that_becomes_another_kind_is_read_again(repository: EditedRepository) -> None:
    repository.validate()
    (repository.root / "policies/own.yaml").rename(repository.root / "policies/packs/own.yaml")
    found = repository.validate()
    assert found == repository.validate("--no-cache")
    assert {one["path"] for one in found["findings"] if one["rule"] == "policy/unknown-key"} == {
        "policies/packs/own.yaml"
    }


def test_content_that_is_too_long_is_found_where_no_content_is_kept(repository: EditedRepository) -> None:
    card = repository.card()
    detail = "".join(f'      detail {number}: "{"x" * 1_000}"\n' for number in range(110))
    repository.replace(card, "    custom_details:\n", f"    custom_details:\n{detail}")
    found = repository.validate()
    assert found == repository.validate("--no-cache") == repository.validate()
    assert "content/too-long" in {one["rule"] for one in found["findings"]}


def _here(prepare: Any, count: int, first: int = 0) -> Any:
    """The work of a child, in this process."""
    from cardops.workers.child import ChildDone

    do = prepare()
    for number in range(first, count):
        if (found := do(number)) is not None:
            yield ChildDone(number, found)
