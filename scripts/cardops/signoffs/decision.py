"""Whether a state of a card is signed off by enough people who had no hand in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cardops.git.repository import Repository
from cardops.model.desired import Config
from cardops.signoffs.contributors import Contributors, contributors
from cardops.signoffs.sources import Signoff, SignoffRequest, SignoffSource

Groups = Mapping[str, frozenset[str]]


class SignoffDecision(NamedTuple):
    """`approvers` are those whose word counts, with their groups; `refused` says of each other word why it does not."""

    approvers: Mapping[str, tuple[str, ...]]
    refused: tuple[str, ...]
    contributors: Contributors
    pull_requests: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """How many have to approve: one, and one more where somebody unknown may have contributed."""
        return 1 if self.contributors.known else 2

    @property
    def enough(self) -> bool:
        """Whether the built-in demand is met; rules may ask for more."""
        return len(self.approvers) >= self.needed

    def lack(self) -> str:
        """What is missing, and what was offered and does not count."""
        if not self.approvers and not self.refused:
            return "nobody signed it off"
        people = "somebody who did not contribute" if self.needed == 1 else "two people who did not contribute"
        why = "" if self.contributors.known else " (an author of it is unknown)"
        offered = [*self.refused, *(f"{name} approves" for name in self.approvers)]
        return f"it is not signed off by {people}{why}: {'; '.join(offered)}"


def decide(
    question: SignoffRequest, source: SignoffSource, revisions: Repository, before: Sequence[Config], now: Config
) -> SignoffDecision:
    """`before` are the configurations that were there before the state, `now` the one that came with it.

    A group's member counts only where all say so: no change makes its own approvers.
    """
    groups = members([*before, now])
    logins = {name for names in groups.values() for name in names}.union(*(config.signing_keys for config in before))
    wrote = contributors(question, source, revisions, logins)
    approvers: dict[str, tuple[str, ...]] = {}
    refused: list[str] = []
    pulls: list[str] = []
    for word in source.signoffs(question):
        mine = tuple(sorted(group for group, names in groups.items() if word.name.casefold() in names))
        if why := word.refusal or _why_not(word, wrote, mine):
            refused.append(f"{word.name}: {why}")
            continue
        if word.name.casefold() not in {name.casefold() for name in approvers}:
            approvers[word.name] = mine
        if word.pull_request and word.pull_request not in pulls:
            pulls.append(word.pull_request)
    return SignoffDecision(approvers, tuple(dict.fromkeys(refused)), wrote, tuple(pulls))


def members(configs: Sequence[Config]) -> Groups:
    """The groups with those who are in them in every configuration, in lower case."""
    groups = {group for config in configs for group in config.approvers}
    return {
        group: frozenset.intersection(*(_lower(config.approvers.get(group, ())) for config in configs))
        for group in sorted(groups)
    }


def _why_not(word: Signoff, wrote: Contributors, groups: tuple[str, ...]) -> str:
    if word.name.casefold() in wrote.names:
        return "wrote or proposed it, and cannot approve it"
    if word.stranger and not groups:
        return "may not write to the repository and is in no group of approvers"
    return ""


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
