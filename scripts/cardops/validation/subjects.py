"""Declared state as rules see it."""

import json
from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from cardops.cache.store import key_of
from cardops.desired.cards import CardFile
from cardops.desired.loader import Loaded
from cardops.desired.selectors import selected
from cardops.desired.sources import CONFIG
from cardops.model.desired import CardKey, Desired, Share
from cardops.model.findings import Finding
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import CardSummary, Change, Deferred, Facts, Subject, SubjectKind, Subjects
from cardops.policy.loader import PolicySet
from cardops.policy.summary import summarize


class RuleSubjects(Subjects):
    """Cards and shares that their schema accepted, made when they are asked for. `loaded` has kept its files."""

    def __init__(self, loaded: Loaded, desired: Desired) -> None:
        self._loaded = loaded
        self._shares = {share.location.path: share for share in desired.shares}
        self._aliases = {account.id: alias for alias, account in desired.config.accounts.items()}
        self._desired = desired

    @cached_property
    def _members(self) -> "_Members":
        return _Members(self._loaded, self._desired)

    @cached_property
    def _cards(self) -> dict[str, CardFile]:
        return {card.path: card for card in self._loaded.sound.values()}

    def of(self, kind: SubjectKind) -> Sequence[Subject]:
        """See Subjects."""
        if kind == "card":
            return [self._card(card) for card in self._loaded.sound.values()]
        return [self._share(share) for share in self._shares.values()]

    def at(self, path: str) -> Subject | None:
        """See Subjects."""
        if path in self._cards:
            return self._card(self._cards[path])
        return self._share(self._shares[path]) if path in self._shares else None

    def card(self, key: CardKey, deferred: bool = False) -> Subject:
        """Return the card with this key and its value; with `deferred` it is read on first access.

        Raises KeyError.
        """
        return self._card(self._loaded.sound[key], whole=not deferred)

    def identity(self, share: Subject) -> str:
        """See Subjects."""
        return self._members.identity(share) if self._loaded.kept else ""

    def __iter__(self) -> Iterator[Subject]:
        return chain(self.of("card"), self.of("share"))

    def selected(self) -> Mapping[str, Sequence[str]]:
        """The keys of each share's cards."""
        return {name: [str(key) for key in keys] for name, keys in self._members.of_shares.items()}

    def _card(self, file: CardFile, whole: bool = False) -> Subject:
        key = file.key
        if key is None:
            raise ValueError(f"{file.path} declares no card")
        if file.hash and not whole:
            value: Mapping[str, Any] = Deferred(lambda: file.value)
            status, owner, rating, tags, kms_key = file.summary
            brief = CardSummary(status, owner, rating, tags, bool(kms_key))
        else:
            value, brief = file.file.value or {}, None
        return Subject("card", str(key), file.path, value, file.file.place, self._aliases[key.account], brief)

    def _share(self, share: Share) -> Subject:
        file = self._loaded.files[share.location.path]
        return Subject("share", share.name, share.location.path, file.value, file.place)


class _Members:
    """The cards that each share selects, and the facts about them."""

    def __init__(self, loaded: Loaded, desired: Desired) -> None:
        self._files = loaded.sound
        self.of_shares = {
            share.name: [key for name in share.cards for key in selected(name, loaded.keys, desired.config)]
            for share in desired.shares
        }

    @cached_property
    def _shared_twice(self) -> dict[CardKey, list[str]]:
        """The shares of each card that several select, or one several times."""
        keys = chain.from_iterable(self.of_shares.values())
        often = {key for key, times in Counter(keys).items() if times > 1}
        return {key: [name for name, keys in self.of_shares.items() if key in keys] for key in often}

    @cached_property
    def _named_twice(self) -> dict[str, str]:
        """The places of cards that others have the name of, by that name: summaries have longer names then."""
        names = Counter(key.name for key in self._files)
        often = {name for name, times in names.items() if times > 1}
        return {name: " ".join(str(key) for key in self._files if key.name == name) for name in often}

    def identity(self, share: Subject) -> str:
        """See Subjects."""
        keys = self.of_shares[share.key]
        twice, namesakes = self._shared_twice, self._named_twice
        shares = [twice[key] for key in keys if key in twice] if twice else []
        names = [namesakes[key.name] for key in keys if key.name in namesakes] if namesakes else []
        cards = repr([(key, self._files[key].path, self._files[key].summary) for key in keys])
        return key_of(share.path, json.dumps([share.value, shares, names]), cards)


def whole_repository(subject: Subject) -> Subject:
    """With its value, read now if it was not."""
    return subject._replace(value=dict(subject.value))


def evaluate_rules(
    policies: PolicySet,
    loaded: Loaded,
    today: str,
    changes: tuple[Change, ...] | None = None,
    policy_changes: Sequence[Mapping[str, Any]] = (),
) -> list[Finding]:
    """Return what the policies find in everything that is declared, and in the changes where there are any.

    `policy_changes` are those of rules, waivers, levels, approvers and accounts, as rules see them.
    """
    desired = loaded.desired
    if desired is None or not (policies.rules or policies.waivers):
        return list(policies.findings)
    subjects = RuleSubjects(loaded, desired)
    config: Mapping[str, Any] = loaded.files[CONFIG].value
    changed: dict[str, Any] = {"policy_changes": list(policy_changes)}
    summary = ChainMap(changed, summarize(config, subjects, subjects.selected))  # type: ignore[arg-type] # only read
    facts = Facts(subjects, today, changes, summary)
    return evaluate(policies, facts, loaded.judged.get(policies.digest), loaded.kept)


def asks_for_approvers(policies: Iterable[PolicySet]) -> set[str]:
    """Return the ids of the rules that look at who approved a change."""
    return {
        rule.id
        for some in policies
        for rule in some.rules.values()
        if (rule.on == "change" or rule.names("policy_changes")) and rule.names("approvers")
    }
