"""Plans that were shown earlier: their digests say what may run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardops.model.errors import CardopsError, UsageError
from cardops.plan.steps import Plan, digest_of


class PlanMismatch(CardopsError):
    """The plan is not the one that was shown."""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """The digests of a plan file; `own` are those that its change is answerable for, all where it says no more.

    `base` is the commit that it was planned against, if any.
    `part_of` is the digest of the whole plan of `commit` from which a run in parts took it; else empty.
    """

    path: Path
    repository: str
    digests: dict[str, str]
    own: dict[str, str]
    commit: str = ""
    part_of: str = ""
    base: str = ""

    def demand_repository(self, plan: Plan) -> None:
        """Raises UsageError for the plan of another repository."""
        if self.repository != plan.repository:
            raise UsageError(f"{self.path} is a plan of {self.repository}, this is {plan.repository}")


def read(path: Path) -> SavedPlan:
    """Reads plan.json. Raises UsageError for what is none, or was changed after it was written."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, repository = document["version"], str(document["repository"])
        digests = {str(key): str(value) for key, value in document["digests"].items()}
        whole = document["digest"]
        own = document["against"]["digests"] if "against" in document else digests
        own = {str(key): str(value) for key, value in own.items()}
        commit, part_of = str(document.get("commit", "")), str(document.get("part_of", ""))
        base = str(document["against"].get("commit", "")) if "against" in document else ""
        computed = digest_of(repository, digests)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UsageError(f"{path} is no plan", "write one with `cardops plan --out`") from problem
    if version != 1:
        raise UsageError(f"{path} has version {version!r}, this cardops reads 1", "plan again")
    if whole != computed or not own.items() <= digests.items():
        raise UsageError(f"{path} was changed after it was written: its digests do not add up", "plan again")
    return SavedPlan(path, repository, digests, own, commit, part_of, base)


def part_text(plan: Plan, digests: Mapping[str, str]) -> str:
    """The plan file that `read` takes for a part of a whole plan: these digests of it, and no content."""
    found = {"version": 1, "repository": plan.repository, "commit": plan.commit, "part_of": plan.digest()}
    whole = digest_of(plan.repository, digests)
    return json.dumps(found | {"digest": whole, "digests": dict(digests)}, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class PlanGate:
    """Limits on the steps to run: `plan` allows only its own steps; `changes` only what these plans showed may widen.

    `changes` is None where no plan was named, and empty where a folder without plans was: then nothing may widen.
    `digest` is the one that the whole plan must have. Without any of them everything may run.
    """

    plan: SavedPlan | None = None
    changes: tuple[SavedPlan, ...] | None = None
    digest: str = ""

    @property
    def part_of(self) -> str:
        """The digest of the whole plan that `plan` is a part of, or nothing."""
        return self.plan.part_of if self.plan else ""

    def demand_commit(self, commit: str) -> None:
        """Raises UsageError where a part was made from the plan of another commit than is to be applied."""
        if self.plan and self.plan.part_of and self.plan.commit != commit:
            made, head = self.plan.commit[:12], commit[:12]
            raise UsageError(f"{self.plan.path} is of commit {made}, HEAD is {head}", "begin the run again")

    def over(self, plan: Plan) -> dict[str, str] | None:
        """The digest that each resource of a plan must have; a resource without one may not widen.

        None lets every step run. Raises PlanMismatch and UsageError.
        """
        if self.digest and self.digest != plan.digest():
            raise PlanMismatch(f"the plan's digest is {plan.digest()} now, not {self.digest}; nothing was written")
        for shown in (*(self.changes or ()), *([self.plan] if self.plan else [])):
            shown.demand_repository(plan)
        if self.changes is None:
            return self.plan.digests if self.plan else None
        gated = dict(self.plan.digests) if self.plan else self._shown(plan, self.changes)
        for shown in self.changes:
            gated |= shown.own
        return gated

    @staticmethod
    def _shown(plan: Plan, changes: tuple[SavedPlan, ...]) -> dict[str, str]:
        """The resources that only narrow, and those that a plan listed just like this as left undone before it."""
        widening = {step.key for step in plan.steps if not step.narrowing and step.kind != "record"}
        listed = {pair for shown in changes for pair in shown.digests.items()}
        return {key: digest for key, digest in plan.digests().items() if key not in widening or (key, digest) in listed}


def read_gate(plan_file: Path | None, expected: tuple[str, ...]) -> PlanGate:
    """From --plan and --expect: a digest, `@FILE` a plan, or `@FOLDER` all plans in it, the newest name last."""
    digests = [one for one in expected if not one.startswith("@")]
    if len(digests) > 1:
        raise UsageError("--expect names one digest", "a plan has one digest; several files are --expect @FILE each")
    named = [Path(one[1:]) for one in expected if one.startswith("@")]
    changes = tuple(read(path) for place in named for path in _plans_at(place)) if named else None
    return PlanGate(read(plan_file) if plan_file else None, changes, *digests)


def _plans_at(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]
