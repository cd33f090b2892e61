"""All that decides about the result of a check besides the document itself, and where such results are kept."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from cardops.cache import Cache, folder, key_of
from cardops.model import Config
from cardops.policy.load import Policies

PACKAGE = Path(__file__).parents[1]
CODE = ("", "checks", "declared", "policy", "schemas", "text")
"""The folders of this package whose code takes part in checks of single cards."""
LIBRARIES = ("cel_expr_python", "jsonschema", "jsonschema_rs", "pyyaml", "ryaml")


def blob_hash(data: bytes) -> str:
    """git's hash of a file (SHA-1)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def kept(root: Path, kind: str, *parts: str) -> Cache | None:
    """What earlier runs of this very code found with the same `parts`; None where there is no place to keep it."""
    place = folder(root)
    return Cache(place, kind, key_of(_tool(), *parts)) if place else None


def deciding(policies: Sequence[Policies], settings: Config, today: str) -> str:
    """What decides about a card: the rules, what it may refer to, and the day."""
    accounts = {alias: account.id for alias, account in settings.accounts.items()}
    known = json.dumps([accounts, settings.home, settings.region], sort_keys=True)
    return key_of(*(some.digest for some in policies), known, today)


@cache
def _tool() -> str:
    """Changes with the code, the schemas and the libraries."""
    return key_of(*_code(), *_versions())


def _code() -> Iterator[bytes | str]:
    for part in CODE:
        for entry in sorted(os.scandir(PACKAGE / part), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json")):
                yield f"{part}/{entry.name}"
                yield Path(entry.path).read_bytes()


def _versions() -> Iterator[str]:
    """The names of the libraries' metadata hold their versions; to ask for those takes longer than to list these."""
    yield sys.version
    for place in sys.path:
        try:
            names = sorted(entry.name for entry in os.scandir(place or "."))
        except OSError:
            continue
        yield from (name for name in names if name.lower().startswith(LIBRARIES) and name.endswith("-info"))
