"""The results that an apply's renderers receive: steps of a plan, or of run records."""

from typing import Protocol

from cardops.apply.results import StepOutcome
from cardops.model.desired import AccountRegion, CardKey


class NamedResult(Protocol):
    """The identity of a step, from a plan or from a run record."""

    @property
    def kind(self) -> str: ...
    @property
    def place(self) -> AccountRegion: ...
    @property
    def resource(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def cards(self) -> frozenset[CardKey]: ...


class RunSummary(Protocol):
    """The result of a step, from this process or from joined records."""

    @property
    def step(self) -> NamedResult: ...
    @property
    def outcome(self) -> StepOutcome: ...
    @property
    def detail(self) -> str: ...
