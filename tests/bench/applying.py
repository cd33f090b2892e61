"""`cardops apply` and `cardops plan` beside bare boto3 that makes the same calls, on a sandbox of their own."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.measuring import Cost, run
from bench.rows import Row
from bench.sandboxes import CARDOPS, Aws, sandbox
from cardops.apply.runner import CONCURRENCY
from support.generated_repository import commit, write_repository

BARE = str(Path(__file__).with_name("bare.py"))
TIMES = 3
MEMORY = 300


def rows(place: Path, cards: int) -> Iterator[Row]:
    """A first apply of cards alone; then their shares, and a plan that finds nothing to do."""
    root = place / "applied"
    write_repository(root, cards, statuses=("Draft",))
    shutil.move(root / "shares", place / "shares")
    commit(root, "cards alone")
    with sandbox() as aws:
        yield from _first_apply(root, aws, place, cards)
        shutil.move(place / "shares", root / "shares")
        commit(root, "shares")
        _cardops(root, aws, "apply", "--outside-ci")
        yield from _empty_plan(root, aws, place, cards)


def _first_apply(root: Path, aws: Aws, place: Path, cards: int) -> Iterator[Row]:
    run([CARDOPS, "validate"], root)
    made: list[Mapping[str, Any]] = []

    def apply() -> Cost:
        aws.ask("reset", {})
        return _cardops(root, aws, "apply", "--outside-ci")

    def bare() -> Cost:
        made[:] = made or _made(aws.journal())
        aws.ask("reset", {})
        return _bare(made, CONCURRENCY, aws, place)

    ours, theirs = _quickest(apply, bare)
    _cardops(root, aws, "apply", "--outside-ci")
    if len(made) != cards + 1:
        raise SystemExit(f"{len(made) - 1} cards were made, not {cards}")
    yield Row(
        f"first apply of {cards:,} cards, validation cache warm: {ours.wall:.1f} s, {ours.cpu:.1f} s CPU",
        f"bare CreateModelCard, {CONCURRENCY} at a time: {theirs.wall:.1f} s, {theirs.cpu:.1f} s CPU",
        "≤ 1.3 × wall",
        ours.over(theirs),
        ours.wall <= 1.3 * theirs.wall,
        f"boto3 in {CONCURRENCY} threads of one process sends the same requests (content and tags) from a file of "
        "JSON, with the same role. It reads no YAML and no git, checks nothing, looks at nothing before or after, and "
        "does not know which cards are there already",
    )
    yield _memory("first apply", ours, theirs)


def _empty_plan(root: Path, aws: Aws, place: Path, cards: int) -> Iterator[Row]:
    _cardops(root, aws, "plan")
    before = len(aws.journal())
    found = _cardops(root, aws, "plan")
    calls = aws.journal(before)
    if f"nothing to do, {cards} cards unchanged" not in found.out:
        raise SystemExit(f"the plan is not empty: {found.out[-2000:]}")
    ours, theirs = _quickest(lambda: _cardops(root, aws, "plan"), lambda: _bare(calls, 1, aws, place))
    yield Row(
        f"empty plan of {cards:,} cards and {len(list((root / 'shares').iterdir()))} shares, nothing changed in git: "
        f"{ours.wall:.2f} s, {ours.cpu:.2f} s CPU",
        f"a bare loop of the same calls: {theirs.wall:.2f} s, {theirs.cpu:.2f} s CPU",
        "≤ 1.2 × wall, ≤ 150 calls",
        f"{ours.over(theirs)}, {len(calls)} calls",
        ours.wall <= 1.2 * theirs.wall and len(calls) <= 150,
        "boto3 makes the same calls of Search, RAM and STS one after another, and drops the answers. It reads nothing "
        "that is declared and compares nothing",
    )
    yield _memory("empty plan", ours, theirs)


def _made(journal: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One AssumeRole, though each of our processes makes one, and what makes cards."""
    calls = {
        name: [call for call in journal if call["operation"] == name] for name in ("AssumeRole", "CreateModelCard")
    }
    return [calls["AssumeRole"][0], *calls["CreateModelCard"]]


def _quickest(ours: Callable[[], Cost], theirs: Callable[[], Cost]) -> tuple[Cost, Cost]:
    """The quickest run of each, in turn: others at work on the machine only ever add."""
    pairs = [(ours(), theirs()) for _ in range(TIMES)]
    return min((pair[0] for pair in pairs), key=_wall), min((pair[1] for pair in pairs), key=_wall)


def _wall(cost: Cost) -> float:
    return cost.wall


def _cardops(root: Path, aws: Aws, *arguments: str) -> Cost:
    cost = run([CARDOPS, *arguments], root, aws.environment)
    if cost.code:
        raise SystemExit(f"{arguments[0]}: exit code {cost.code}: {cost.out[-2000:]}")
    return cost


def _bare(calls: Iterable[Mapping[str, Any]], threads: int, aws: Aws, place: Path) -> Cost:
    """Bare boto3 making these calls of a journal."""
    file = place / "calls.jsonl"
    asked = ({name: call[name] for name in ("service", "operation", "parameters")} for call in calls)
    file.write_text("".join(f"{json.dumps(one)}\n" for one in asked), "utf-8")
    cost = run([sys.executable, BARE, str(file), str(threads)], place, aws.environment)
    if cost.code:
        raise SystemExit(f"bare boto3: exit code {cost.code}: {cost.out[-2000:]}")
    return cost


def _memory(what: str, ours: Cost, theirs: Cost) -> Row:
    found = f"{ours.memory:.0f} MiB"
    other = f"sum over its processes; bare boto3 {theirs.memory:.0f} MiB"
    return Row(f"peak memory, {what}", "–", f"≤ {MEMORY} MiB", found, ours.memory <= MEMORY, other)
