"""Who signed a commit, as git itself verifies it, by keys that the caller names and no others."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cardops.git.process import run_git
from cardops.model.errors import GitError

TRAILER = "Approved-by"
"""The trailer that a sign-off is written with: `Approved-by: NAME`, on a commit that NAME signed."""

_FINGERPRINT = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?").fullmatch


class SignedTrailer(NamedTuple):
    """One trailer: who is named, on which commit, and why it does not count (empty: it does)."""

    name: str
    commit: str
    refusal: str


def signed_trailers(root: Path, commits: Sequence[str], keys: Mapping[str, str]) -> list[SignedTrailer]:
    """Every approval trailer on these commits; `keys`: name -> ssh public key, or gpg fingerprint.

    Only commits that carry a trailer are verified. git reads the signers from a file made of `keys`; whatever
    the machine's configuration says about signers is passed over.
    """
    found = list(_named(root, commits))
    if not found:
        return []
    with _signers(keys) as settings:
        signers = {commit: _signer(root, commit, keys, settings) for commit in {commit for _, commit in found}}
    return [SignedTrailer(name, commit, _refusal(name, signers[commit], keys)) for name, commit in found]


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


def _signer(root: Path, commit: str, keys: Mapping[str, str], settings: Sequence[str]) -> str:
    """The name whose key signed the commit; empty where none of them did."""
    environment = os.environ | {"LC_ALL": "C", "GIT_CONFIG_COUNT": "0"}
    done = subprocess.run(
        ["git", *settings, "verify-commit", "--raw", commit],
        cwd=root,
        env=environment,
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        return ""
    if good := re.search(r'^Good "git" signature for (\S+) with ', said, re.MULTILINE):
        return good[1] if good[1] in keys else ""
    valid = re.search(r"^\[GNUPG:\] VALIDSIG (\S+)(?: \S+){8} (\S+)", said, re.MULTILINE)
    prints = set(valid.groups()) if valid else set()
    return next((name for name, key in keys.items() if _fingerprint(key) in prints), "")


def _fingerprint(key: str) -> str:
    plain = key.replace(" ", "").upper()
    return plain if _FINGERPRINT(plain) else "-"


@contextmanager
def _signers(keys: Mapping[str, str]) -> Iterator[list[str]]:
    """git's settings for verifying: an allowed-signers file of these ssh keys, and nothing revoked or local."""
    lines = [f'{name} namespaces="git" {key}' for name, key in keys.items() if _fingerprint(key) == "-"]
    import tempfile

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
