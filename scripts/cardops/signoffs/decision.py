"""Decide whether a state has enough approvals by people who had no hand in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cardops.git.repository import Repository
from cardops.model.desired import Config
from cardops.signoffs.contributors import Contributors, contributors
from cardops.signoffs.sources import Signoff, SignoffRequest, SignoffSource

Groups = Mapping[str, frozenset[str]]


class SignoffDecision(NamedTuple):
    """`approvers` are the people whose approval counts, with their groups; `refused` says of each other approval why it
    does not count. `groups` are all approver groups, in or out of which an approver may be.
    """

    approvers: Mapping[str, tuple[str, ...]]
    refused: tuple[str, ...]
    contributors: Contributors
    pull_requests: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """Return the number of approvals needed: one, and one more if a contributor is unknown."""
        return 1 if self.contributors.known else 2

    @property
    def enough(self) -> bool:
        """True if the built-in demand is met: enough people, one of them in a group if there are groups."""
        return len(self.approvers) >= self.needed and (not self.groups or any(self.approvers.values()))

    def lack(self) -> str:
        """Describe what is missing, and the offered approvals that do not count."""
        if not self.approvers and not self.refused:
            return "nobody signed it off"
        people = "somebody who did not contribute" if self.needed == 1 else "two people who did not contribute"
        why = "" if self.contributors.known else " (an author of it is unknown)"
        if len(self.approvers) >= self.needed:
            people, why = f"a member of {' or '.join(self.groups)}", ""
        offered = [*self.refused, *(f"{name} approves" for name in self.approvers)]
        return f"it is not signed off by {people}{why}: {'; '.join(offered)}"


def decide(
    request: SignoffRequest, source: SignoffSource, revisions: Repository, before: Sequence[Config], now: Config
) -> SignoffDecision:
    """`before` are the configurations that were there before the state, `now` the one that came with it.

    A group's member and a key count only where all say so: no change makes its own approvers.
    """
    groups = members([*before, now])
    wrote = contributors(request, source, revisions, keys_of(before))
    approvers: dict[str, tuple[str, ...]] = {}
    refused: list[str] = []
    pulls: list[str] = []
    for word in source.signoffs(request):
        mine = tuple(sorted(group for group, names in groups.items() if word.name.casefold() in names))
        if why := word.refusal or _why_not(word, wrote, mine):
            refused.append(f"{word.name}: {why}")
            continue
        if word.name.casefold() not in {name.casefold() for name in approvers}:
            approvers[word.name] = mine
        if word.pull_request and word.pull_request not in pulls:
            pulls.append(word.pull_request)
    return SignoffDecision(approvers, tuple(dict.fromkeys(refused)), wrote, tuple(pulls), tuple(groups))


def members(configs: Sequence[Config]) -> Groups:
    """The groups with the people who are in them in every configuration, in lower case."""
    groups = {group for config in configs for group in config.approvers}
    return {
        group: frozenset.intersection(*(_lower(config.approvers.get(group, ())) for config in configs))
        for group in sorted(groups)
    }


def keys_of(configs: Sequence[Config]) -> Mapping[str, str]:
    """The signing keys that every configuration has, by name."""
    first, *others = configs
    keys = first.signing_keys
    return {name: key for name, key in keys.items() if all(one.signing_keys.get(name) == key for one in others)}


def _why_not(word: Signoff, wrote: Contributors, groups: tuple[str, ...]) -> str:
    if word.name.casefold() in wrote.names:
        return "wrote or proposed it, and cannot approve it"
    if word.bot and not groups:
        return "is a bot and is in no group of approvers"
    if word.stranger and not groups:
        return "may not write to the repository and is in no group of approvers"
    return ""


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
