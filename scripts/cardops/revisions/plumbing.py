"""The git program: one process for a listing, one for thousands of blobs."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cardops.errors import GitError


def read_blobs(root: Path, hashes: Sequence[bytes]) -> list[bytes]:
    """The contents of many blobs through one process."""
    answer = run_git(root, ["cat-file", "--batch"], b"".join(name + b"\n" for name in hashes))
    blobs, at = [], 0
    for _ in hashes:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[2])
        blobs.append(answer[end + 1 : end + 1 + size])
        at = end + size + 2
    return blobs


def run_git(
    root: Path, arguments: Sequence[str], given: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """git's output. `environment` is added to this process's. Raises GitError with git's own complaint."""
    variables = os.environ | (environment or {})
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, input=given, capture_output=True, check=False, env=variables
        )
    except FileNotFoundError:
        raise GitError("git was not found", "install git and put it on PATH") from None
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
