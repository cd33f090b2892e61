"""The command line: wiring, printing and exit codes live here and nowhere else."""

from cardops.cli.app import main

__all__ = ["main"]
