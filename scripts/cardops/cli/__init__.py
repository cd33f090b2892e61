"""The command line: wiring, printing and exit codes live here and nowhere else."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn


def main(arguments: Sequence[str] | None = None, name: str = "cardops") -> NoReturn:
    """Runs a command line as a process of its own, and ends it with the exit code.

    Most of what is made, by imports first of all, lives to the end: looking for garbage often, and taking everything
    down piece by piece at the end, takes as long as checking a card does.
    """
    gc.set_threshold(200_000)
    from cardops.cli.app import run

    code = run(arguments, name)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whatever could not be printed, `run` has said so
            stream.flush()
    os._exit(code)
