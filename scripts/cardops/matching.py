"""Which cards a share's `cards` select."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import takewhile

from cardops.model import CardKey, Config

WILD = "*?["


class Catalogue(tuple[CardKey, ...]):
    """Keys that many references are held against: sorted once, so that a reference looks at few of them."""

    def starting(self, start: str) -> Iterable[CardKey]:
        """The keys whose names start so, in the order given."""
        if not start:
            return self
        known = self._by_name
        behind = (known[at] for at in range(bisect_left(known, (start,)), len(known)))
        found = takewhile(lambda entry: entry[0].startswith(start), behind)
        return [key for _, key in sorted((place, key) for _, place, key in found)]

    @cached_property
    def _by_name(self) -> list[tuple[str, int, CardKey]]:
        return sorted((key.name, place, key) for place, key in enumerate(self))


def is_glob(reference: str) -> bool:
    """Whether a reference may select several cards."""
    return "*" in reference or "?" in reference


def selected(reference: str, keys: Iterable[CardKey], config: Config) -> Iterator[CardKey]:
    """The keys that a name, `account/name` or a glob of either selects, in the order given."""
    account, slash, name = reference.rpartition("/")
    ids = {entry.id for alias, entry in config.accounts.items() if fnmatchcase(alias, account)}
    alike = keys.starting(_start(name)) if isinstance(keys, Catalogue) else keys
    for key in alike:
        if fnmatchcase(key.name, name) and (not slash or key.account in ids):
            yield key


def _start(pattern: str) -> str:
    """What is before its first wildcard."""
    return pattern[: min((at for sign in WILD if (at := pattern.find(sign)) >= 0), default=len(pattern))]
