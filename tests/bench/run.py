"""`make bench`: what cardops takes, beside what other tools take for the nearest thing that they do.

    python tests/bench/run.py [CARDS]

All of it is measured in one run, on one machine; what counts are ratios.
"""

import os
import platform
import sys
import tempfile
from itertools import chain
from pathlib import Path

from rich.console import Console

from bench import applying, validating
from bench.rows import Row, as_markdown, show


def main(cards: int) -> None:
    """Prints each row when it is known, and the table at the end."""
    console = Console(soft_wrap=True, highlight=False)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="cardops-bench-") as folder:
        for row in chain(validating.rows(Path(folder), cards), applying.rows(Path(folder), cards)):
            show(row, console)
            sys.stdout.flush()
            rows.append(row)
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    console.print(f"\n{cards:,} cards, {cores} cores, load {load:.1f}, Python {platform.python_version()}\n")
    console.print(as_markdown(rows), markup=False)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
