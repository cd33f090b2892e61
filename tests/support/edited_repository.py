"""A repository that is edited at random, validated with and without caches."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from cardops.cli.app import app
from cardops.commands.workspace import load_governed
from cardops.desired.loader import Loaded
from cardops.desired.sources import WorkTree
from cardops.git.repository import Repository
from cardops.policy.facts import Change
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.validation.subjects import RuleSubjects, evaluate_rules

RULES = """\
rules:
- id: OWN-101
  title: A share of many cards is named
  on: share
  hint: select fewer
  when: repository.shares[share.name].cards.exists(name, repository.cards[name].risk_rating == "High")
  require: size(repository.shares[share.name].cards) < params.most
  params: {most: 2}
  tests:
    pass: [{share: {name: a}, repository: {shares: {a: {cards: [c]}}, cards: {c: {risk_rating: High}}}}]
    fail: [{share: {name: a}, repository: {shares: {a: {cards: [c, c]}}, cards: {c: {risk_rating: High}}}}]
- id: OWN-103
  title: A share has few cards, and says which
  on: share
  hint: select fewer
  require: size(repository.shares[share.name].cards) < 2
  message: repository.shares[share.name].cards.join(" ")
  tests:
    pass: [{share: {name: a}, repository: {shares: {a: {cards: [c]}}}}]
    fail: [{share: {name: a}, repository: {shares: {a: {cards: [c, d]}}}}]
- id: OWN-102
  title: A card is in one share
  on: share
  hint: select it once
  require: repository.shares[share.name].cards.all(name, size(repository.cards[name].shares) < 2)
  tests:
    pass: [{share: {name: a}, repository: {shares: {a: {cards: [c]}}, cards: {c: {shares: [a]}}}}]
    fail: [{share: {name: a}, repository: {shares: {a: {cards: [c]}}, cards: {c: {shares: [a, b]}}}}]
"""
WAIVER = """\
waivers:
- {rule: OWN-102, share: family-0000, reason: both are needed until the migration ends, approved_by: risk-lead,
   expires: "2027-03-01"}
"""


class EditedRepository:
    """A repository, and what may happen to it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)  # noqa: S311 - which edit comes next
        self.day = "2026-11-01"

    def card(self) -> Path:
        return self.chance.choice(sorted((self.root / "cards").iterdir()))

    def replace(self, path: Path, old: str, new: str) -> None:
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")

    def rate(self) -> None:
        rating = self.chance.choice(["High", "Medium", "Low", "Huge"])
        self.replace(self.card(), "risk_rating: Medium", f"risk_rating: {rating}")

    def move_on(self) -> None:
        self.replace(self.card(), "status: Draft", f"status: {self.chance.choice(['PendingReview', 'Approved'])}")

    def word(self) -> None:
        self.replace(self.card(), "one customer in seven", f"one customer in {self.chance.randint(2, 9)}")

    def copy(self) -> None:
        shutil.copy(self.card(), self.root / "cards" / f"copy-{self.chance.randint(0, 9)}.yaml")

    def rename(self) -> None:
        self.card().rename(self.root / "cards" / f"renamed-{self.chance.randint(0, 9)}.yaml")

    def remove(self) -> None:
        self.card().unlink()

    def namesake(self, account: str = "shared-services", region: str = "us-east-1") -> None:
        """A card of the same name in another region or account."""
        card = self.card()
        text = card.read_text("utf-8")
        if not card.name.startswith("other-"):
            text = text.replace("account: shared-services", f"account: {account}\nregion: {region}")
            (card.parent / f"other-{card.name}").write_text(text, "utf-8")

    def spoil(self) -> None:
        self.card().write_text("name: &a b\n", "utf-8")

    def another_share(self) -> None:
        share = (self.root / "shares/family-0000.yaml").read_text("utf-8")
        glob = self.chance.choice(["family-0000-model-0*", "*-01-*", "family-0000-model-03-v1"])
        text = share.replace("name: family-0000", "name: another", 1).replace("family-0000-*", glob)
        (self.root / "shares/another.yaml").write_text(f"# {self.chance.random()}\n{text}", "utf-8")

    def grant(self) -> None:
        share = self.root / "shares/family-0000.yaml"
        value = yaml.safe_load(share.read_text("utf-8"))
        value["grants"].append(
            {"to": "ml-prod", "access": self.chance.choice(["contribute", "export"]), "while": ["Draft"]}
        )
        share.write_text(yaml.safe_dump(value), "utf-8")

    def outside(self) -> None:
        self.replace(self.root / "cardops.yaml", 'id: "222222222222"', 'id: "222222222222", external: true')

    def approvers(self) -> None:
        self.replace(self.root / "cardops.yaml", "model-risk: [", f"model-risk: [new-{self.chance.randint(0, 9)}, ")

    def waive(self) -> None:
        waivers = self.root / "policies/waivers"
        waivers.mkdir(exist_ok=True)
        (waivers / "one.yaml").write_text(WAIVER, "utf-8")

    def rule(self) -> None:
        path = self.root / "policies/own.yaml"
        self.replace(path, "most: 2", f"most: {self.chance.randint(1, 9)}")

    def spoil_rule(self) -> None:
        self.replace(self.root / "policies/own.yaml", ".all(name,", ".al(name,")

    def mend_rule(self) -> None:
        (self.root / "policies/own.yaml").write_text(RULES, "utf-8")

    def tomorrow(self) -> None:
        self.day = self.chance.choice(["2026-11-01", "2027-02-27", "2027-03-02"])

    def nothing(self) -> None:
        pass

    def edit(self) -> str:
        """One of all that may happen."""
        edits: list[Callable[[], None]] = [
            self.rate, self.move_on, self.word, self.copy, self.namesake, self.rename, self.remove, self.spoil,
            self.another_share, self.grant, self.outside, self.approvers, self.waive, self.rule, self.spoil_rule,
            self.mend_rule, self.tomorrow, self.nothing,
        ]  # fmt: skip
        chosen = self.chance.choice(edits)
        chosen()
        return chosen.__name__

    def governed(self, cached: bool) -> list[Any]:
        """What a plan of the work tree, and one of the last commit, are made from."""
        revisions = Repository(self.root)
        sources = (WorkTree(self.root), revisions.tree("HEAD"))
        return [self._governed(load_governed(source, today=self.day, cached=cached)) for source in sources]

    def _governed(self, loaded: Loaded) -> object:
        if loaded.desired is None:
            return loaded.findings
        policies = load_policies(Folder(self.root))
        subjects = RuleSubjects(loaded, loaded.desired)
        changes = tuple(Change("added", subjects.card(key), None, None) for key in loaded.desired.cards)
        cards = {key: (card._replace(text=b""), card.content) for key, card in loaded.desired.cards.items()}
        found = evaluate_rules(policies, loaded, self.day, changes)
        return loaded.findings, cards, loaded.desired.shares, loaded.broken, loaded.unreadable, found

    def validate(self, *more: str) -> Any:
        done = CliRunner().invoke(
            app,
            ["validate", "-C", str(self.root), "--format", "json", "--today", self.day, *more],
            standalone_mode=False,
        )
        assert done.exception is None, done.exception
        return json.loads(done.output)
