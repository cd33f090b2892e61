"""The command line: wiring, printing and exit codes live here and nowhere else."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn


def main(arguments: Sequence[str] | None = None, name: str = "cardops") -> NoReturn:
    """Run a command line as a process of its own and end it with the exit code."""
    from cardops.cli.app import run

    code = run(arguments, name)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # `run` has reported it; the interpreter must not fail on it once more
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
