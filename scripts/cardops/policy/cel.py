"""CEL: the only importer of its library. The library's messages print what they are about, so none is passed on.

Compiling or evaluating what somebody else wrote can hang, exhaust memory or crash the process, and no Python handler
runs meanwhile: call this only in a process that may die (see worker).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from cel_expr_python import cel

from cardops.policy import functions
from cardops.policy.cel_errors import ExplainedError, explain, reason
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


class CelError(NamedTuple):
    """An evaluation that gave no value, and why, in words that hold no content."""

    reason: str


class Program:
    """An expression that is ready to run."""

    __slots__ = ("_expression", "_source")

    def __init__(self, expression: Any, source: str = "") -> None:
        self._expression = expression
        self._source = source

    def holds(self, facts: Any) -> bool | CelError:
        """True only for the boolean true. The library answers an error with a value that is truthy."""
        try:
            answer = self._expression.eval(facts)
            value = answer.value()
        except (RuntimeError, TypeError, ValueError) as problem:
            return CelError(reason(str(problem), self._source))
        if value is True or value is False:
            return bool(value)
        return CelError(
            reason(str(value), self._source) if answer.type() == cel.Type.ERROR else "it did not give true or false"
        )

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
            return CelError(reason(str(problem), self._source))
        return CelError(reason(str(answer.value()), self._source)) if answer.type() == cel.Type.ERROR else answer


class Environment:
    """Compiles expressions that may name some variables; `bound` are names that facts have besides them.

    The first expression of an environment costs as much as ten others, so rules share theirs.
    """

    def __init__(self, variables: Iterable[str], bound: Iterable[str] = ()) -> None:
        declared = [*(name for variable in variables for name in names_of(variable)), *bound]
        variables = dict.fromkeys(declared, cel.Type.DYN)
        self._env = cel.NewEnv(config=_config(), variables=variables, functions=_functions())

    def compile(self, key: str, expression: str, names: Sequence[str], whole: str = "") -> Program | ExplainedError:
        """Return the program, if its type is one that `key` can have; `names` are those that the expression may use.

        `whole` is the expression within everything that it needs: its parameters and definitions. The expression is
        compiled by itself first: an error is at its own line and column, and no bracket in it may close one around it.
        """
        try:
            compiled = self._env.compile(expression)
        except RuntimeError as error:
            return explain(str(error), expression, names, key)
        try:
            compiled = self._env.compile(whole) if whole else compiled
        except RuntimeError as error:
            return explain(str(error), whole, names, key)._replace(line=1, column=1)
        kind = compiled.return_type().name().partition("<")[0]
        if kind in WANTED[key]:
            return Program(compiled, whole or expression)
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


@cache
def _functions() -> list[Any]:
    kinds = cel.Type
    each = {
        "bool": kinds.BOOL, "double": kinds.DOUBLE, "int": kinds.INT, "list": kinds.LIST, "map": kinds.MAP,
        "null": kinds.NULL, "string": kinds.STRING, "timestamp": kinds.TIMESTAMP, "uint": kinds.UINT,
    }  # fmt: skip

    def of_any(name: str, gives: Any, function: Callable[[Any], Any]) -> Any:
        overloads = [cel.Overload(f"{name}_{kind}", gives, [of], False, function) for kind, of in each.items()]
        return cel.FunctionDecl(name, overloads)

    dates = [
        cel.Overload("date_string", kinds.TIMESTAMP, [kinds.STRING], False, functions.date),
        cel.Overload("date_timestamp", kinds.TIMESTAMP, [kinds.TIMESTAMP], False, lambda time: time),
    ]
    return [
        *(of_any(name, kinds.BOOL, test) for name, test in functions.PREDICATES.items()),
        cel.FunctionDecl("date", dates),
        cel.FunctionDecl("days", [cel.Overload("days_int", kinds.DURATION, [kinds.INT], False, functions.days)]),
        of_any("spoken", kinds.STRING, functions.spoken),
    ]


@cache
def _bare() -> Any:
    return cel.NewEnv(config=_config(), functions=_functions())


@cache
def _naming(variable: str) -> Any:
    return _with_written().compile(f"{variable} == null")


@cache
def _with_written() -> Any:
    """One for all variables: its first expression costs as much as ten others."""
    return cel.NewEnv(config=_config(), variables=dict.fromkeys(WRITTEN, cel.Type.DYN))
