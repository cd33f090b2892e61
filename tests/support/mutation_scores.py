"""The scores of a mutation run as a table, one row a module: `mutmut results --all true | python scores.py`."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable

CAUGHT = ("killed", "timeout", "segfault", "caught by type check")


def scores(lines: Iterable[str]) -> str:
    """A markdown table. A line of mutmut's reads `cardops.plan.cards.x_create__mutmut_7: survived`."""
    modules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        mutant, _, verdict = line.strip().rpartition(": ")
        modules[mutant.rpartition(".")[0].removeprefix("cardops.")][verdict] += 1
    rows = ["| module | mutants | caught | survived | reached by no test | not run |", "|---|---|---|---|---|---|"]
    rows += [_row(module, found) for module, found in sorted(modules.items()) if found.total() > found["not checked"]]
    return "\n".join([*rows, _row("all", sum(modules.values(), Counter()))])


def _row(module: str, found: Counter[str]) -> str:
    caught = sum(found[verdict] for verdict in CAUGHT)
    alone, left = found["no tests"], found["not checked"]
    survived = found.total() - caught - alone - left
    return f"| {module} | {found.total()} | {caught} | {survived} | {alone} | {left} |"


if __name__ == "__main__":
    sys.stdout.write(scores(sys.stdin) + "\n")
