"""A rule as data, and what is read from policies/ as a whole. No CEL, no I/O."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from cardops.findings import Level
from cardops.location import Location
from cardops.policy.documents import PolicyFile, Where

On = Literal["card", "share", "change", "repository"]

LEVELS: tuple[Level, ...] = ("deny", "warn", "audit")
SUBJECTS: tuple[On, ...] = ("card", "share", "change", "repository")
EVERYWHERE = ("repository", "params", "today")
VARIABLES: Mapping[On, tuple[str, ...]] = {
    "card": ("card", *EVERYWHERE),
    "share": ("share", *EVERYWHERE),
    "change": ("card", "share", "before", "change", *EVERYWHERE),
    "repository": EVERYWHERE,
}


class Loop(NamedTuple):
    """`for: NAME in EXPRESSION`."""

    name: str
    over: str


class Target(NamedTuple):
    """Where a finding points: a path from the subject, or from the loop's element."""

    path: Where
    of_element: bool


class Test(NamedTuple):
    """What a rule is given, and whether it has to pass; `where` is the test's place in the rule's file."""

    given: Mapping[str, Any]
    passes: bool
    where: Where
    name: str = ""


class Rule(NamedTuple):
    """One rule. `level` is None where its file names none, `when` and `message` are empty where there are none."""

    id: str
    title: str
    why: str
    on: On
    level: Level | None
    when: str
    loop: Loop | None
    require: str
    at: Target
    message: str
    hint: str
    references: tuple[str, ...]
    params: Mapping[str, Any]
    tests: tuple[Test, ...]
    file: PolicyFile
    where: Where = ()

    def place(self, *steps: str | int, at_key: bool = False) -> Location:
        """Where the rule, or a part of it, is written."""
        return self.file.place((*self.where, *steps), at_key)

    def expressions(self) -> dict[str, str]:
        """Its CEL expressions by the key that they stand under; those that it has."""
        loop = {"for": self.loop.over} if self.loop else {}
        message = {"message": self.message} if self.message else {}
        return {**({"when": self.when} if self.when else {}), **loop, "require": self.require, **message}

    def variables(self, key: str) -> tuple[str, ...]:
        """What the expression under `key` may name."""
        inside = self.loop is not None and key in ("require", "message")
        return (*VARIABLES[self.on], self.loop.name) if inside and self.loop else VARIABLES[self.on]

    def names(self, variable: str) -> bool:
        """Whether any expression may name a variable; a word in a text counts too, which does no harm."""
        return any(variable in expression for expression in self.expressions().values())
