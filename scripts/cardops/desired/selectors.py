"""Select the cards that a share's `cards` name."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from cardops.model.desired import CardKey, Config

WILD = "*?["


class CardIndex(tuple[CardKey, ...]):
    """Keys that many references of one configuration are held against: sorted once, and no reference twice."""

    def select(self, reference: str, config: Config) -> Sequence[CardKey]:
        """See `selected`."""
        if reference not in self._selected:
            name = reference.rpartition("/")[2]
            self._selected[reference] = tuple(_matching(reference, self._starting(_start(name)), config))
        return self._selected[reference]

    def _starting(self, start: str) -> Iterable[CardKey]:
        """The keys whose names start so, in the order given."""
        if not start:
            return self
        order, names = self._by_name
        first, last = bisect_left(names, start), bisect_left(names, start + "\U0010ffff")
        return [self[place] for place in sorted(order[first:last])]

    @cached_property
    def _by_name(self) -> tuple[list[int], list[str]]:
        """The places of the keys in the order of their names, and those names."""
        names = [key.name for key in self]
        order = sorted(range(len(names)), key=names.__getitem__)
        return order, [names[place] for place in order]

    @cached_property
    def _selected(self) -> dict[str, Sequence[CardKey]]:
        return {}


def is_glob(reference: str) -> bool:
    """Tell whether a reference may select several cards."""
    return "*" in reference or "?" in reference


def selected(reference: str, keys: Iterable[CardKey], config: Config) -> Iterable[CardKey]:
    """The keys that a name, `account/name` or a glob of either selects, in the order given."""
    return keys.select(reference, config) if isinstance(keys, CardIndex) else _matching(reference, keys, config)


def _matching(reference: str, keys: Iterable[CardKey], config: Config) -> Iterator[CardKey]:
    account, slash, name = reference.rpartition("/")
    ids = {entry.id for alias, entry in config.accounts.items() if fnmatchcase(alias, account)} if slash else set()
    start = _start(name)
    open_end = name == f"{start}*"
    for key in keys:
        matches = key.name.startswith(start) if open_end else fnmatchcase(key.name, name)
        if matches and (not slash or key.account in ids):
            yield key


def _start(pattern: str) -> str:
    """The part of a pattern before its first wildcard."""
    return pattern[: min((at for sign in WILD if (at := pattern.find(sign)) >= 0), default=len(pattern))]
