"""A rule as data, and what is read from policies/ as a whole. No CEL, no I/O."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from cardops.model.findings import Level, Location
from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import get_path
from cardops.policy.functions import DEFINITIONS, uses

On = Literal["card", "share", "change", "repository"]

LEVELS: tuple[Level, ...] = ("deny", "warn", "audit")
SUBJECTS: tuple[On, ...] = ("card", "share", "change", "repository")
EVERYWHERE = ("repository", "params", "today")
VARIABLES: Mapping[On, tuple[str, ...]] = {
    "card": ("card", "model", *EVERYWHERE),
    "share": ("share", *EVERYWHERE),
    "change": ("card", "model", "share", "before", "change", *EVERYWHERE),
    "repository": EVERYWHERE,
}
MODEL = re.compile(r"(?<![\w.])model\b(?!\s*:)", re.ASCII).search
"""The variable `model`, and not a field or a key of that name."""
QUOTED = re.compile(r"\"[^\"\\\n]*\"|'[^'\\\n]*'")
DERIVED = frozenset({"model"})
"""Variables that are made from others, so that no test sets them."""

FORM_KEYS = ("not", "one_of", "none_of", "at_least", "at_most", "matches", "within_days")
"""What a plain form can say of a field."""

KINDS = {"pass": True, "fail": False}


class ForEach(NamedTuple):
    """`for: NAME in EXPRESSION`."""

    name: str
    over: str


class AppliesTo(NamedTuple):
    """The place that a finding points to: a path from the subject, or from the loop's element."""

    path: Where
    of_element: bool


class Test(NamedTuple):
    """A test of a rule: its facts, and the expected result. `where` is its place in the rule's file."""

    given: Mapping[str, Any]
    passes: bool
    where: Where
    name: str = ""


class Rule(NamedTuple):
    """One rule. `level` is None where its file names none, `when` and `message` are empty where there are none.

    Expressions are CEL, whatever form the file has them in. `definitions` are those of all files by name: each may use
    those before it.
    """

    id: str
    title: str
    why: str
    on: On
    level: Level | None
    when: str
    loop: ForEach | None
    require: str
    at: AppliesTo
    message: str
    hint: str
    references: tuple[str, ...]
    params: Mapping[str, Any]
    file: PolicyFile
    where: Where = ()
    definitions: Mapping[str, str] = DEFINITIONS

    def place(self, *steps: str | int, at_key: bool = False) -> Location:
        """Return the location of the rule, or of a part of it."""
        return self.file.place((*self.where, *steps), at_key)

    def tests(self) -> list[Test]:
        """Its tests that have the right form: first those that have to pass."""
        at: Where = (*self.where, "tests")
        written = get_path(self.file.value, at)
        return [
            Test(
                {name: part for name, part in given.items() if name != "name"},
                passes,
                (*at, key, index),
                str(given.get("name", "")),
            )
            for key, passes in KINDS.items()
            for index, given in enumerate(written[key])
            if is_test(given, self.on)
        ]

    def expressions(self) -> dict[str, str]:
        """Its CEL expressions by the key that they stand under; those that it has."""
        loop = {"for": self.loop.over} if self.loop else {}
        message = {"message": self.message} if self.message else {}
        return {**({"when": self.when} if self.when else {}), **loop, "require": self.require, **message}

    def written(self, key: str) -> Any:
        """Return the value under a key of the rule's file; None if it is absent."""
        return get_path(self.file.value, self.where).get(key)

    def plain_form(self) -> dict[str, Any]:
        """The field that the rule is about and what has to be so of it, as its file has them; empty without a field."""
        value = get_path(self.file.value, self.where)
        return {key: value[key] for key in ("field", *FORM_KEYS) if key in value} if "field" in value else {}

    def sources(self) -> list[str]:
        """Its expressions, and the definitions that they use."""
        own = list(self.expressions().values())
        return [*own, *(self.definitions[name] for name in self.uses(" ".join(own)))]

    def uses(self, expression: str) -> list[str]:
        """The names of the definitions that an expression uses, by way of others too, in their order."""
        used: list[str] = []
        for name in reversed(list(self.definitions)):
            if uses(" ".join([expression, *(self.definitions[one] for one in used)]), [name]):
                used.insert(0, name)
        return used

    def within(self, expression: str, params: str) -> str:
        """Enclose an expression in all that it needs: its definitions, and parameters, which are bound as `params`."""
        used = self.uses(expression)
        whole = f"(\n{expression}\n)"
        for name in reversed(used):
            whole = f"cel.bind({name}, (\n{self.definitions[name]}\n), {whole})"
        needed = "params" in expression or any("params" in self.definitions[name] for name in used)
        return f"cel.bind(params, {params},\n{whole}\n)" if needed else whole if used else ""

    def variables(self, key: str) -> tuple[str, ...]:
        """Return the names that the expression under `key` may use."""
        inside = self.loop is not None and key in ("require", "message")
        return (*VARIABLES[self.on], self.loop.name) if inside and self.loop else VARIABLES[self.on]

    @property
    def names_model(self) -> bool:
        """Return True if an expression uses the variable `model`."""
        return any(MODEL(QUOTED.sub("", expression)) for expression in self.sources())

    def names(self, variable: str) -> bool:
        """Return True if an expression may use a variable; a word in a text counts too, which is harmless."""
        return any(variable in expression for expression in self.sources())


def is_test(given: Any, on: On) -> bool:
    """Return True for a mapping from a test's name and the variables of rules on `on`."""
    return isinstance(given, dict) and given.keys() <= {*VARIABLES[on], "name"} - DERIVED
