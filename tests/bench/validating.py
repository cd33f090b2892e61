"""`cardops validate` measured: cold, warm, with findings, against a base; and other tools on the same files."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import Cost, best, run
from bench.rows import Row
from bench.templates import write_template
from support.generated_repository import ROOT, commit, git, name_of, write_repository

BIN = Path(sys.executable).parent
CARDOPS = str(BIN / "cardops")
SAMPLE = 200
SMALLER = 10
TURNS = 9
LIBRARIES = "import click, yaml, ryaml, jsonschema_rs; from cel_expr_python import cel"


@dataclass(frozen=True, slots=True)
class Runs:
    """What a repository of `cards` cards took."""

    cards: int
    cold: Cost
    warm: Cost


def measure(root: Path, cards: int) -> Runs:
    """Writes a repository and validates it."""
    write_repository(root, cards)
    cold = best([CARDOPS, "validate", "--no-cache"], root)
    _expect(cold, 0)
    run([CARDOPS, "validate"], root)
    warm = best([CARDOPS, "validate"], root)
    _expect(warm, 0)
    return Runs(cards, cold, warm)


def rows(place: Path, cards: int) -> Iterator[Row]:
    """All rows that need no AWS."""
    root = place / "large"
    small, large = measure(place / "small", max(cards // SMALLER, 10)), measure(root, cards)
    yield from _against_others(root, large, place)
    yield _with_findings(root, large, place)
    ratio = large.cold.wall / large.warm.wall
    found = f"{ratio:.0f} × wall, {large.cold.cpu / large.warm.cpu:.0f} × CPU ({large.warm.wall:.2f} s)"
    yield Row("validate, nothing changed", "our cold run", "≥ 20 × faster", found, ratio >= 20, "the same checks")
    yield from _with_base(root)
    yield from _one_card(place)
    yield from _memory_and_growth(small, large)


def _against_others(root: Path, runs: Runs, place: Path) -> Iterator[Row]:
    names = sorted((root / "cards").iterdir())[: min(SAMPLE, runs.cards)]
    schema = str(ROOT / "policies/schemas/card.schema.json")
    tool = [str(BIN / "check-jsonschema"), "--schemafile", schema]
    theirs = _per_file(tool, [str(name) for name in names], root)
    found, met = _times(theirs, runs, 40)
    yield Row(
        f"validate {runs.cards:,} cards, cold: {runs.cold.wall:.1f} s, {runs.cold.cpu:.1f} s CPU",
        f"check-jsonschema, {theirs[0] * 1e3:.1f} ms a card",
        "≥ 40 × faster",
        found,
        met,
        f"{len(names)} of the same files, start-up taken off. It checks the schema; it knows no rules, cross "
        "references, duplicate keys or columns",
    )
    folder = place / "templates"
    folder.mkdir()
    templates = [str(write_template(name, folder)) for name in names]
    theirs = _per_file([str(BIN / "cfn-lint"), "--regions", "eu-west-1", "--"], templates, root)
    found, met = _times(theirs, runs, 60)
    yield Row(
        "the same",
        f"cfn-lint, {theirs[0] * 1e3:.1f} ms a template",
        "≥ 60 × faster",
        found,
        met,
        f"{len(names)} equivalent templates, start-up taken off. It checks CloudFormation's schema and its own rules "
        "for templates; it knows none about a card's content",
    )


def _times(theirs: tuple[float, float], runs: Runs, target: int) -> tuple[str, bool]:
    """How many times as fast a card is checked, in seconds (which counts) and in CPU seconds."""
    wall, cpu = theirs[0] / (runs.cold.wall / runs.cards), theirs[1] / (runs.cold.cpu / runs.cards)
    return f"{wall:.0f} × wall, {cpu:.0f} × CPU", wall >= target


def _per_file(command: list[str], files: list[str], root: Path) -> tuple[float, float]:
    """Seconds and CPU seconds a file, without what it takes to start."""
    one, many = best([*command, files[0]], root), best([*command, *files], root, 2)
    if many.code:
        raise SystemExit(f"{command[0]} found something: {many.out[-2000:]}")
    return (many.wall - one.wall) / (len(files) - 1), (many.cpu - one.cpu) / (len(files) - 1)


def _with_findings(root: Path, runs: Runs, place: Path) -> Row:
    for number in range(0, runs.cards, 10):
        file = root / "cards" / f"{name_of(number)}.yaml"
        file.write_text(file.read_text("utf-8").replace("risk_rating: Medium", "risk_rating: Large"), "utf-8")
    cost = best([CARDOPS, "validate", "--no-cache"], root, 2)
    _expect(cost, 1)
    git(root, "checkout", "-q", "--", "cards")
    work = (
        f"the same with a finding in every tenth card ({len(re.findall('schema/enum', cost.out)):,}), places included"
    )
    ratio = max(cost.wall / runs.cold.wall, cost.cpu / runs.cold.cpu)
    return Row(work, "our cold run", "≤ 1.6 ×", cost.over(runs.cold), ratio <= 1.6, "the same checks, nothing to find")


def _with_base(root: Path) -> Iterator[Row]:
    git(root, "checkout", "-q", "-b", "change")
    file = root / "cards" / f"{name_of(1)}.yaml"
    text = file.read_text("utf-8")

    def edit(number: int) -> None:
        git(root, "reset", "-q", "--soft", "main")
        file.write_text(text.replace("one customer in seven", f"one customer in {number + 8}"), "utf-8")
        commit(root, "one card")

    diff = "subprocess.run(['git', 'diff', '--name-status', '-M', 'main'], stdout=subprocess.DEVNULL)"
    bare, edited, same = _by_turns(
        root, f"{LIBRARIES}; import git, subprocess; {diff}", [CARDOPS, "validate", "--base", "main"], edit
    )
    git(root, "checkout", "-q", "main")
    other = "imports click, GitPython, PyYAML, ryaml, jsonschema-rs and CEL, and runs git diff; it checks nothing"
    for work, cost in (("validate --base, one card just edited", edited), ("the same, nothing more changed", same)):
        yield Row(work, "imports and git diff", "≤ 2 ×", cost.over(bare), cost.cpu / bare.cpu <= 2, other)


def _one_card(place: Path) -> Iterator[Row]:
    root = place / "one"
    write_repository(root, 1)
    card = root / "cards" / f"{name_of(0)}.yaml"
    text = card.read_text("utf-8")

    def edit(number: int) -> None:
        card.write_text(text.replace("one customer in seven", f"one customer in {number + 8}"), "utf-8")

    bare, edited, same = _by_turns(root, LIBRARIES, [CARDOPS, "validate"], edit)
    other = "imports click, PyYAML, ryaml, jsonschema-rs and CEL; it checks nothing"
    for name, cost in (("nothing changed", same), ("just edited", edited)):
        found = f"{cost.over(bare)} ({cost.cpu * 1e3:.0f} ms)"
        yield Row(f"validate one card, {name}", "imports alone", "≤ 1.5 ×", found, cost.cpu / bare.cpu <= 1.5, other)


def _by_turns(root: Path, program: str, command: list[str], edit: Callable[[int], None]) -> tuple[Cost, Cost, Cost]:
    """The best of a bare program, of a command after an edit, and of it once more: by turns, since a machine is now
    quicker and now slower.
    """
    run(command, root)
    costs: list[tuple[Cost, Cost, Cost]] = []
    for number in range(TURNS):
        edit(number)
        costs.append((run([sys.executable, "-c", program], root), run(command, root), run(command, root)))
    for cost in costs[-1]:
        _expect(cost, 0)
    bare, edited, same = (min(each, key=lambda cost: cost.cpu) for each in zip(*costs, strict=True))
    return bare, edited, same


def _memory_and_growth(small: Runs, large: Runs) -> Iterator[Row]:
    for name, cost in (("cold", large.cold), ("nothing changed", large.warm)):
        found = f"{cost.memory:.0f} MiB"
        yield Row(f"peak memory, {name}", "–", "≤ 300 MiB", found, cost.memory <= 300, "sum over its processes")
    times = large.cards / small.cards
    cold = large.cold.cpu / small.cold.cpu / times
    work = f"growth from {small.cards:,} to {large.cards:,} cards"
    yield Row(f"{work}, cold", "–", "linear within 15 %", f"{cold:.2f} × linear (CPU)", cold <= 1.15, "")
    warm = large.warm.cpu / small.warm.cpu / times
    yield Row(f"{work}, nothing changed", "–", "sub-linear", f"{warm:.2f} × linear (CPU)", warm < 1, "")


def _expect(cost: Cost, code: int) -> None:
    if cost.code != code:
        raise SystemExit(f"exit code {cost.code} instead of {code}: {cost.out[-2000:]}")
