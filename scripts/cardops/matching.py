"""Which cards a share's `cards` select."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from cardops.model import CardKey, Config


def is_glob(reference: str) -> bool:
    """Whether a reference may select several cards."""
    return "*" in reference or "?" in reference


def selected(reference: str, keys: Iterable[CardKey], config: Config) -> Iterator[CardKey]:
    """The keys that a name, `account/name` or a glob of either selects, in the order given."""
    account, slash, name = reference.rpartition("/")
    ids = {entry.id for alias, entry in config.accounts.items() if fnmatchcase(alias, account)}
    for key in keys:
        if fnmatchcase(key.name, name) and (not slash or key.account in ids):
            yield key
