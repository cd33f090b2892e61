"""Verify who signed commits, against the keys that the caller gives and no others."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cardops.git.process import run_git
from cardops.model.errors import GitError

TRAILER = "Approved-by"
"""The trailer that a sign-off is written with: `Approved-by: NAME`, on a commit that NAME signed."""

_SSH = "SHA256:"
"""How git shows the fingerprint of a key of ssh."""
_FINGERPRINT = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?").fullmatch


class SignedTrailer(NamedTuple):
    """One trailer: who is named, on which commit, and why it does not count (empty: it does)."""

    name: str
    commit: str
    refusal: str


def signed_trailers(root: Path, commits: Sequence[str], keys: Mapping[str, str]) -> list[SignedTrailer]:
    """Every approval trailer on these commits; `keys`: name -> ssh public key, or gpg fingerprint."""
    found = list(_named(root, commits))
    names = signers(root, [*dict.fromkeys(commit for _, commit in found)], keys)
    return [SignedTrailer(name, commit, _refusal(name, names.get(commit, ""), keys)) for name, commit in found]


def signers(root: Path, commits: Sequence[str], keys: Mapping[str, str]) -> dict[str, str]:
    """The name whose key signed each of these commits, through one process; without the commits that none of them did.

    git reads the signers from a file made of `keys`; whatever the machine's configuration says about signers is
    passed over.
    """
    if not commits or not keys:
        return {}
    given = "".join(f"{commit}\n" for commit in commits).encode()
    with _signers(keys) as settings:
        shape = [
            "--no-walk=unsorted",
            "--no-show-signature",
            "-z",
            "--format=%H%x01%G?%x01%GS%x01%GF%x01%GP",
            "--stdin",
        ]
        told = run_git(root, [*settings, "log", *shape], given, {"LC_ALL": "C", "GIT_CONFIG_COUNT": "0"})
    lines = (line.split("\x01") for line in told.decode("utf-8", "replace").split("\0") if line)
    found = {commit: _signer(good, who, (subkey, primary), keys) for commit, good, who, subkey, primary in lines}
    return {commit: name for commit, name in found.items() if name}


def _named(root: Path, commits: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(name, commit) for each approval trailer, through one process."""
    shape = f"--format=%H%x01%(trailers:key={TRAILER},valueonly,unfold,separator=%x01)"
    given = "".join(f"{commit}\n" for commit in commits).encode()
    told = run_git(root, ["log", "--no-walk=unsorted", "-z", shape, "--stdin"], given) if commits else b""
    for line in told.decode("utf-8", "replace").split("\0"):
        commit, *names = line.split("\x01")
        yield from ((name.strip(), commit) for name in names if name.strip())


def _refusal(name: str, signer: str, keys: Mapping[str, str]) -> str:
    if not signer:
        return "the commit is not signed with a key that cardops.yaml names"
    if signer.casefold() != name.casefold():
        return f"{signer} signed the commit"
    return ""


def _signer(verdict: str, principal: str, fingerprints: tuple[str, str], keys: Mapping[str, str]) -> str:
    """The name of a good signature. ssh names a principal of our file; of gpg only the fingerprints count."""
    if verdict not in ("G", "U"):
        return ""
    if fingerprints[0].startswith(_SSH):
        return principal if verdict == "G" and principal in keys else ""
    return next((name for name, key in keys.items() if _fingerprint(key) in fingerprints), "")


def _fingerprint(key: str) -> str:
    plain = key.replace(" ", "").upper()
    return plain if _FINGERPRINT(plain) else "-"


@contextmanager
def _signers(keys: Mapping[str, str]) -> Iterator[list[str]]:
    """git's settings for verifying: an allowed-signers file of these ssh keys, and nothing revoked or local."""
    lines = [f'{name} namespaces="git" {key}' for name, key in keys.items() if _fingerprint(key) == "-"]
    with tempfile.TemporaryDirectory(prefix="cardops-signers-") as folder:
        file = Path(folder) / "allowed"
        try:
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        except OSError as problem:
            raise GitError(f"{folder} cannot be written: {problem.strerror}") from problem
        yield [
            *("-c", f"gpg.ssh.allowedSignersFile={file}"),
            *("-c", "gpg.ssh.revocationFile="),
            *("-c", "gpg.ssh.program=ssh-keygen"),
            *("-c", "gpg.program=gpg"),
            *("-c", "gpg.openpgp.program=gpg"),
            *("-c", "gpg.minTrustLevel=undefined"),
        ]
