"""All that decides about the result of a check, besides the document itself."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cardops.cache import key_of
from cardops.model import Config
from cardops.policy.load import Policies

PACKAGE = Path(__file__).parents[1]
CODE = ("", "checks", "declared", "policy", "schemas", "text")
"""The folders of this package whose code takes part in checks of single cards."""
LIBRARIES = ("cel_expr_python", "jsonschema", "jsonschema_rs", "pyyaml", "ryaml")


def blob_hash(data: bytes) -> str:
    """git's hash of a file (SHA-1)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def key_of_checks(policies: Sequence[Policies], settings: Config, today: str) -> str:
    """Changes with the code, the schemas, the libraries, the rules, what cards may refer to, and the day."""
    accounts = {alias: account.id for alias, account in settings.accounts.items()}
    known = json.dumps([accounts, settings.home, settings.region], sort_keys=True)
    return key_of(*_code(), *_versions(), *(some.digest for some in policies), known, today)


def _code() -> Iterator[bytes | str]:
    for folder in CODE:
        for entry in sorted(os.scandir(PACKAGE / folder), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json")):
                yield f"{folder}/{entry.name}"
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
