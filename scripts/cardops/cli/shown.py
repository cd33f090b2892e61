"""A plan that was shown earlier: its digests say what may run."""

import json
from dataclasses import dataclass
from pathlib import Path

from cardops.errors import CardopsError, UsageError
from cardops.plan.steps import Plan, digest_of


class Other(CardopsError):
    """The plan is not the one that was shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The digests of a plan file."""

    path: Path
    repository: str
    digests: dict[str, str]

    def demand_repository(self, plan: Plan) -> None:
        """Raises UsageError for the plan of another repository."""
        if self.repository != plan.repository:
            raise UsageError(f"{self.path} is a plan of {self.repository}, this is {plan.repository}")


def read(path: Path) -> Shown:
    """Reads plan.json. Raises UsageError for what is none, or was changed after it was written."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, repository = document["version"], str(document["repository"])
        digests = {str(key): str(value) for key, value in document["digests"].items()}
        whole = document["digest"]
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UsageError(f"{path} is no plan", "write one with `cardops plan --out`") from problem
    if version != 1:
        raise UsageError(f"{path} has version {version!r}, this cardops reads 1", "plan again")
    if whole != digest_of(repository, digests):
        raise UsageError(f"{path} was changed after it was written: its digests do not add up", "plan again")
    return Shown(path, repository, digests)
