"""The scenario, applied once without any disturbance: what others are compared with."""

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.fault_scenario import STAGES, Stage, associated, declaration, end_state, shares
from support.killable_workspace import KillableWorkspace
from support.oracle import Declaration, Oracle
from support.workspace import OWNER


@dataclass(slots=True)
class UndisturbedRun:
    """The scenario, undisturbed: what was there before each stage's apply, how it ended, how many calls it took."""

    stack: KillableWorkspace
    commits: list[str] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    declared: list[Declaration] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    contributed: list[frozenset[str]] = field(default_factory=list)

    def kill(self, stage: int, at: int, after: bool = True) -> bool:
        """Back to before a stage's apply, which then ends at its n-th mutating call; False when it has fewer."""
        self.stack.restore(self.before[stage])
        self.checkout(stage)
        return self.stack.killed(at, after)

    def expected(self, stage: int, lost: Iterable[str] = (), gained: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """How a stage ends, but for the sections of churn that were contributed less or more."""
        end = copy.deepcopy(self.ends[stage])
        content = end["cards"]["churn"]["content"]
        for section in lost:
            del content[section]
        content |= gained or {}
        return end

    def checkout(self, stage: int) -> None:
        """The work tree of a stage."""
        self.stack.git("checkout", "-q", self.commits[stage])

    def watch(self, turns: list[tuple[int, int, bool]]) -> list[str]:
        """What the witness has to complain of. `turns`: after call, stage, and whether it is another attempt at it."""
        arns: dict[str, list[str]] = defaultdict(list)
        for row in shares(self.stack):
            arns[row["name"]].append(row["resourceShareArn"])
        witness = Oracle(OWNER, arns)
        journal = self.stack.journal(mutating=True)
        past = [(self.turns[stage], stage, False) for stage in range(turns[0][1])]
        bounds = [*past, *turns]
        ends = [start for start, _, _ in bounds[1:]] + [self.stack.now()]
        complete = -1
        for index, ((start, stage, again), end) in enumerate(zip(bounds, ends, strict=True)):
            window = self.declared[max(complete, 0) : stage + 1]
            witness.watch((call for call in journal if start < call["n"] <= end), window, again)
            if index < len(past) or index == len(bounds) - 1:
                complete = stage
        assert self.shared_with() == {(one.card, one.principal) for one in witness.access()}
        return witness.complaints

    def shared_with(self) -> set[tuple[str, str]]:
        """Cards and principals that RAM associates with each other now; the witness must have come to the same."""
        return {
            (card.rpartition("/")[2], principal)
            for share in associated(self.stack).values()
            for card, state in share["RESOURCE"].items()
            for principal, reached in share["PRINCIPAL"].items()
            if state == reached == "ASSOCIATED"
        }

    def live(self, stage: Stage) -> None:
        """One stage, undisturbed."""
        stack = self.stack
        self.contributed.append(stage.before(stack))
        stage.merge(stack)
        self.commits.append(stack.commit(stage.name))
        self.declared.append(declaration(stack, self.commits[-1]))
        start = stack.now()
        self.turns.append(start)
        self.before.append(stack.save())
        done = stack.apply()
        assert done.code == 0, (stage.name, done.out[-3000:], done.err[-3000:])
        self.calls.append(len(stack.journal(start, mutating=True)))
        assert stack.cardops("plan", "--write-role", "--detailed-exitcode").code == 0
        self.after.append(stack.save())
        self.ends.append(end_state(stack))


def live_through(stack: KillableWorkspace) -> UndisturbedRun:
    """All stages in a row."""
    year = UndisturbedRun(stack)
    for stage in STAGES:
        year.live(stage)
    return year
