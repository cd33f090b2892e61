"""A grant's RAM shares: one, or as many as its cards need."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import count

from cardops.desired.grants import DesiredGrant
from cardops.model.desired import GRANT, AccountRegion
from cardops.model.observed import TERMINAL_STATES, ObservedShare
from cardops.plan.sharing.associations import live_cards, ours

SHARD_LIMIT = 5_000
"""Resources of one share (AWS General Reference, RAM quotas); each share of ours has a single principal."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One RAM share of a grant. `share` is None where it has yet to be made.

    `added` are cards to share in it, `doubled` cards that another part holds already.
    """

    number: int
    share: ObservedShare | None
    added: tuple[str, ...] = ()
    doubled: frozenset[str] = frozenset()


def tag(grant: DesiredGrant, number: int) -> str:
    """The value of `cardops:grant` on a part: the grant's id, and the part's number from the second on."""
    return f"{grant.id}.{number}" if number else grant.id


def number_of(share: ObservedShare) -> int:
    """The opposite of `tag`."""
    number = share.tags[GRANT].partition(".")[2]
    return int(number) if number.isdecimal() else 0


def by_grant(shares: Iterable[ObservedShare], repository: str) -> dict[tuple[AccountRegion, str], list[ObservedShare]]:
    """Our shares by place and grant's id. Of two for one part the fuller one comes first."""
    found: dict[tuple[AccountRegion, str], list[ObservedShare]] = {}
    for share in shares:
        if ours(share, repository):
            found.setdefault((share.place, share.tags[GRANT].partition(".")[0]), []).append(share)
    for same in found.values():
        same.sort(key=lambda share: (number_of(share), -len(live_cards(share)), share.arn))
    return found


def empty_shards(shares: Iterable[ObservedShare]) -> list[ObservedShare]:
    """Shares that stand for a part which another share stands for already."""
    seen: set[str] = set()
    found = []
    for share in shares:
        if share.tags[GRANT] in seen:
            found.append(share)
        seen.add(share.tags[GRANT])
    return found


def split(wanted: Set[str], shares: Iterable[ObservedShare]) -> list[Shard]:
    """Assign each wanted card (by ARN) to a share: it stays where it is, and a new one takes the first free place.

    So that adding cards never moves others, which would end their access for a moment.
    """
    live = {number_of(share): share for share in shares}
    holder: dict[str, int] = {}
    doubled: dict[int, set[str]] = {}
    for number, share in sorted(live.items()):
        for arn in live_cards(share):
            if holder.setdefault(arn, number) != number:
                doubled.setdefault(number, set()).add(arn)
    room = {number: SHARD_LIMIT - _taken(share) for number, share in live.items()}
    added: dict[int, list[str]] = {}
    for arn in sorted(wanted - holder.keys()):
        number = _place_for(arn, live, room)
        room[number] = room.get(number, SHARD_LIMIT) - 1
        added.setdefault(number, []).append(arn)
    return [
        Shard(number, live.get(number), tuple(added.get(number, ())), frozenset(doubled.get(number, ())))
        for number in sorted(live.keys() | added.keys())
    ]


def _place_for(arn: str, live: Mapping[int, ObservedShare], room: Mapping[int, int]) -> int:
    """The part that lists a dead association of the card, else the first one that has room."""
    listed = (number for number, share in live.items() if arn in share.resources and room[number] > 0)
    return next(listed, next(number for number in count() if room.get(number, SHARD_LIMIT) > 0))


def _taken(share: ObservedShare) -> int:
    return sum(state not in TERMINAL_STATES for state in share.resources.values())
