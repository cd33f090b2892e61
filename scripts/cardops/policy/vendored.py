"""Check vendored bundles against their lock: policies/bundles.lock.yaml pins each bundle's files by a digest.

A bundle lies in policies/bundles/NAME/ and has rules, packs and a vocabulary, laid out as in policies/ itself.
`cardops policy vendor` writes both; nothing is fetched when rules are evaluated.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cardops.model.findings import Finding, Location
from cardops.policy.files import BUNDLES, LOCK, PolicyFile
from cardops.policy.forms import Form, check_shape, mapping, matching, text

FILE = Form({"bundles": mapping})
ENTRY = Form(
    {"digest": matching(r"sha256:[0-9a-f]{64}", "a digest, as `cardops policy vendor` writes it")},
    {"git": text, "revision": text, "commit": text, "path": text, "version": text},
)
VENDOR = "run `cardops policy vendor`, and have its change reviewed"


class Pinned(NamedTuple):
    """A bundle as the lock has it: its digest, and where it came from, as `git`, `revision` and `commit`, or `path`."""

    digest: str
    source: Mapping[str, str]


def digest_of(files: Mapping[str, str]) -> str:
    """Return the digest of a bundle, from the SHA-256 of each file by its path within the bundle."""
    lines = "".join(f"{len(path)} {path} {digest}\n" for path, digest in sorted(files.items()))
    return f"sha256:{hashlib.sha256(lines.encode('utf-8', 'surrogateescape')).hexdigest()}"


def read_lock(file: PolicyFile) -> dict[str, Pinned]:
    """Return the pinned bundles by name; what is wrong with the file is a finding of it."""
    if file.value is None or not check_shape(file, (), FILE, "bundles.lock.yaml"):
        return {}
    entries: Mapping[str, Any] = file.value["bundles"]
    sound = [name for name in entries if check_shape(file, ("bundles", name), ENTRY, "a pinned bundle")]
    return {
        name: Pinned(entries[name]["digest"], {key: one for key, one in entries[name].items() if key != "digest"})
        for name in sound
    }


def check_bundles(files: Iterable[PolicyFile], lock: Mapping[str, Pinned]) -> Iterator[Finding]:
    """Yield a finding for each bundle whose files are not those that the lock pins.

    `policy/bundle` (deny): it was changed, is not pinned, or is pinned and not there.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        if file.path.startswith(BUNDLES):
            name, _, rest = file.path.removeprefix(BUNDLES).partition("/")
            found[name][rest] = file.digest
    for name, digests in found.items():
        at = Location(f"{BUNDLES}{name}")
        if name not in lock:
            yield Finding("policy/bundle", at, f"the bundle {name} is not pinned in {LOCK}", VENDOR)
        elif digest_of(digests) != lock[name].digest:
            message = f"the files of the bundle {name} are not those that {LOCK} pins"
            yield Finding("policy/bundle", at, message, f"keep changes in files of your own, and {VENDOR}")
    for name in lock.keys() - found.keys():
        yield Finding("policy/bundle", Location(LOCK), f"the bundle {name} is pinned and not there", VENDOR)
