"""CEL: the only importer of its library. The library's messages print what they are about, so none is passed on.

Compiling or evaluating what somebody else wrote can hang, exhaust memory or crash the process, and no Python handler
runs meanwhile: call this only in a process that may die (see worker).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from cel_expr_python import cel

from cardops.policy.cel_errors import ExplainedError, explain
from cardops.policy.summary import names_of

WRITTEN = frozenset({"card", "model", "share", "before"})
"""The variables that hold what somebody has written."""
EXTENSIONS = ("bindings", "lists", "math", "optional", "regex", "sets", "strings", "two-var-comprehensions")
WANTED: Mapping[str, tuple[str, ...]] = {
    "when": ("BOOL", "DYN"),
    "require": ("BOOL", "DYN"),
    "for": ("LIST", "MAP", "DYN"),
    "message": ("STRING", "DYN"),
}
NEEDED = {"when": "true or false", "require": "true or false", "for": "a list or a map", "message": "a text"}
TYPES = {"BOOL": "true or false", "INT": "a number", "DOUBLE": "a number", "UINT": "a number", "STRING": "a text"}
REASONS = {
    "Key not found": "a key is not there",
    "optional.none() dereference": "the value of something that is not there was asked for",
    "No matching overload": "an operator or function got a value of the wrong type",
    "non-message type": "a field of something that has no fields was asked for",
    "by zero": "a division by zero",
    "udget exceeded": "it takes too many steps; `for` looks at one element at a time",
    "overflow": "a number is too large",
    "Index error": "an index is out of range, or no whole number",
    "than <string>.size()": "an index is out of range, or no whole number",
    "cannot slice": "an index is out of range, or no whole number",
    "cannot convert": "a text is not what it should be converted to",
    "onversion failed": "a text is not what it should be converted to",
    "invalid regular expression": "a regular expression is wrong, or too large",
}


class CelError(NamedTuple):
    """An evaluation that gave no value, and why, in words that hold no content."""

    reason: str


class Program:
    """An expression that is ready to run."""

    __slots__ = ("_expression",)

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def holds(self, facts: Any) -> bool | CelError:
        """True only for the boolean true. The library answers an error with a value that is truthy."""
        try:
            answer = self._expression.eval(facts)
            value = answer.value()
        except (RuntimeError, TypeError, ValueError) as problem:
            return CelError(_reason(str(problem)))
        if value is True or value is False:
            return bool(value)
        return CelError(_reason(str(value)) if answer.type() == cel.Type.ERROR else "it did not give true or false")

    def text(self, facts: Any) -> str | CelError:
        """The text that it gives."""
        answer = self._answer(facts)
        if isinstance(answer, CelError):
            return answer
        return str(answer.value()) if answer.type() == cel.Type.STRING else CelError("it did not give a text")

    def elements(self, facts: Any) -> list[tuple[str | int, Any]] | CelError:
        """A list's elements by their index, or a map's by their key, as plain data."""
        answer = self._answer(facts)
        if isinstance(answer, CelError):
            return answer
        if answer.type().name().partition("<")[0] not in ("LIST", "MAP"):
            return CelError("it did not give a list or a map")
        plain = answer.plain_value()
        return list(plain.items()) if isinstance(plain, dict) else list(enumerate(plain))

    def _answer(self, facts: Any) -> Any:
        """The library's value, or Failed. It raises for some errors, and gives values of a type ERROR for others."""
        try:
            answer = self._expression.eval(facts)
        except (RuntimeError, TypeError, ValueError) as problem:
            return CelError(_reason(str(problem)))
        return CelError(_reason(str(answer.value()))) if answer.type() == cel.Type.ERROR else answer


class Environment:
    """Compiles expressions that may name some variables; `bound` are names that facts have besides them.

    The first expression of an environment costs as much as ten others, so rules share theirs.
    """

    def __init__(self, variables: Iterable[str], bound: Iterable[str] = ()) -> None:
        declared = [*(name for variable in variables for name in names_of(variable)), *bound]
        self._env = cel.NewEnv(config=_config(), variables=dict.fromkeys(declared, cel.Type.DYN))

    def compile(self, key: str, expression: str, names: Sequence[str], params: str = "") -> Program | ExplainedError:
        """The program, if its type is one that `key` can have; `params` is the name that `params` stands for, and
        `names` are those that the expression may use.

        The expression is compiled by itself first: what is wrong with it is at its own line and column, and no bracket
        in it may close the one around it.
        """
        try:
            compiled = self._env.compile(expression)
            if params:
                compiled = self._env.compile(f"cel.bind(params, {params},\n{expression}\n)")
        except RuntimeError as error:
            return explain(str(error), expression, names)
        kind = compiled.return_type().name().partition("<")[0]
        if kind in WANTED[key]:
            return Program(compiled)
        return ExplainedError(1, 1, f"{key} is {TYPES.get(kind, 'something else')}; it must be {NEEDED[key]}")


def bind(facts: Mapping[str, Any]) -> Any:
    """Facts that every program of this process can be run on; each is converted once, when it is first named."""
    return _bare().Activation(facts)


def convert(facts: Any, variable: str) -> None:
    """Convert a variable now: data that cannot be converted ends the process here, and no rule is blamed."""
    _naming(variable).eval(facts).value()


@cache
def _config() -> Any:
    return cel.NewEnvConfigFromYaml("name: cardops\nextensions:\n" + "".join(f"- name: {one}\n" for one in EXTENSIONS))


def _reason(said: str) -> str:
    """The library's message in words that hold no content."""
    return next((reason for part, reason in REASONS.items() if part in said), "an error")


@cache
def _bare() -> Any:
    return cel.NewEnv(config=_config())


@cache
def _naming(variable: str) -> Any:
    return _with_written().compile(f"{variable} == null")


@cache
def _with_written() -> Any:
    """One for all variables: its first expression costs as much as ten others."""
    return cel.NewEnv(config=_config(), variables=dict.fromkeys(WRITTEN, cel.Type.DYN))
