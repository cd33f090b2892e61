"""git's answers about single objects, one after the other through one process."""

import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cardops.git.process import run_git
from cardops.model.errors import GitError

if TYPE_CHECKING:
    import subprocess

UNKNOWN = (b" missing\n", b" ambiguous\n")


class CommitObject(NamedTuple):
    """A commit's full hash, and those of its parents as it names them itself."""

    hash: str
    parents: tuple[str, ...]


class Objects:
    """The objects of a repository. The first question starts the process; it ends with `close`, or with this object.

    Raises GitError where git cannot answer at all.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._commits: dict[str, CommitObject] = {}

    def commit(self, revision: str) -> CommitObject | None:
        """The commit that a revision stands for; None if there is none. Answers for full hashes are kept."""
        if revision not in self._commits:
            found = None if set(revision) & {"\n", "\0"} else self._ask(f"{revision}^{{commit}}")
            if found is None:
                return None
            name, body = found
            lines = body.partition(b"\n\n")[0].split(b"\n")
            parents = tuple(line[7:].decode() for line in lines if line.startswith(b"parent "))
            self._commits[name] = CommitObject(name, parents)
            return self._commits[name]
        return self._commits[revision]

    def blob(self, hashed: str) -> bytes:
        """The bytes of a file."""
        found = self._ask(hashed)
        if found is None:
            raise GitError(f"git lacks {hashed}, which a revision names", "see what `git fsck` says, or clone anew")
        return found[1]

    def close(self) -> None:
        """End the process; another question starts another one."""
        if self._process:
            self._process = None
            self._end()

    def _ask(self, name: str) -> tuple[str, bytes] | None:
        """The full hash and the bytes of what has a name."""
        process = self._process or self.start()
        given, told = process.stdin, process.stdout
        assert given is not None and told is not None  # noqa: S101, PT018 - pipes were asked for
        try:
            given.write(name.encode("utf-8", "surrogateescape") + b"\n")
            given.flush()
        except BrokenPipeError:
            raise self._failure() from None
        header = told.readline()
        if header.endswith(UNKNOWN):
            return None
        if not header.endswith(b"\n"):
            raise self._failure()
        full, _, size = header.decode().split()
        return full, told.read(int(size) + 1)[:-1]

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the process now: who forks afterwards has it, too."""
        import subprocess

        command = ["git", "cat-file", "--batch"]
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(command, cwd=self._root, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            raise GitError("git was not found", "install git and put it on PATH") from None
        self._process, self._end = process, weakref.finalize(self, _end, process)
        return process

    def _failure(self) -> GitError:
        """Return why git ended."""
        self.close()
        try:
            run_git(self._root, ["rev-parse", "--git-dir"])
        except GitError as problem:
            return problem
        return GitError("git cat-file ended before it had answered", "see what `git fsck` says")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not written yet is not wanted any more
            pipe and pipe.close()
    process.wait()
