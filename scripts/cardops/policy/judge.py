"""One rule held against one case. Runs in the process that may die; what it finds is plain data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cardops.policy.cel import Environment, Failed, Program, bind
from cardops.policy.faults import Fault
from cardops.policy.outcomes import Element, Outcome
from cardops.policy.rules import Loop, Rule
from cardops.policy.variables import params_name

SHOWN = 300

Facts = Mapping[str, Any]
Programs = dict[str, Program]


class Judge:
    """Compiles each of some rules once, when it is first asked. With `skips` it tells where a `when` does not hold."""

    def __init__(self, rules: Iterable[Rule], skips: bool = False) -> None:
        self._skips = skips
        self._params = [params_name(rule.id) for rule in rules if rule.names("params")]
        self._environments: dict[tuple[str, ...], Environment] = {}
        self._compiled: dict[str, Programs | list[Outcome]] = {}

    def faults(self, rule: Rule) -> list[Outcome]:
        """What is wrong with the rule's expressions."""
        programs = self._programs(rule)
        return programs if isinstance(programs, list) else []

    def ask(self, rule: Rule, bound: Any, facts: Facts) -> list[Outcome]:
        """What the rule finds in facts, which are `bound`. A rule that does not compile finds nothing here."""
        programs = self._programs(rule)
        if isinstance(programs, list):
            return []
        applies = programs["when"].holds(bound) if "when" in programs else True
        if isinstance(applies, Failed):
            return [Outcome("failed", "when", applies.reason)]
        if not applies:
            return [Outcome("skipped", "when")] if self._skips else []
        if rule.loop is None:
            return list(_require(programs, bound, None))
        return list(_loop(programs, rule.loop.name, bound, facts))

    def _programs(self, rule: Rule) -> Programs | list[Outcome]:
        if rule.id not in self._compiled:
            self._compiled[rule.id] = self._compile(rule)
        return self._compiled[rule.id]

    def _compile(self, rule: Rule) -> Programs | list[Outcome]:
        programs: Programs = {}
        faults = []
        for key, expression in rule.expressions().items():
            result = self._program(rule, key, expression)
            if isinstance(result, Fault):
                faults.append(Outcome("fault", key, result.message, result.hint, None, result.line, result.column))
            else:
                programs[key] = result
        if rule.loop and not faults:
            at_once = self._program(rule, "for", _at_once(rule.loop, rule.require), "require")
            programs |= {"at once": at_once} if isinstance(at_once, Program) else {}
        return faults or programs

    def _program(self, rule: Rule, place: str, expression: str, key: str = "") -> Program | Fault:
        """An expression compiled with the variables that `place` has, as a `key` (the same, if it is empty)."""
        names = rule.variables(place)
        if names not in self._environments:
            self._environments[names] = Environment(names, self._params)
        params = params_name(rule.id) if "params" in expression else ""
        return self._environments[names].compile(key or place, expression, params)


def _at_once(loop: Loop, require: str) -> str:
    """All elements in one expression, which is 20 times as fast; with two variables it means the same for maps.

    Each part stands on lines of its own, since it may end in a comment.
    """
    return f"(\n{loop.over}\n).all(position__, {loop.name},\n{require}\n)"


def _loop(programs: Programs, name: str, bound: Any, facts: Facts) -> Iterator[Outcome]:
    if "at once" in programs and programs["at once"].holds(bound) is True:
        return
    elements = programs["for"].elements(bound)
    if isinstance(elements, Failed):
        yield Outcome("failed", "for", elements.reason)
        return
    for index, element in elements:
        inner = bind({**facts, name: element})
        yield from _require(programs, inner, index)


def _require(programs: Programs, bound: Any, element: Element) -> Iterator[Outcome]:
    holds = programs["require"].holds(bound)
    if holds is True:
        return
    if isinstance(holds, Failed):
        yield Outcome("failed", "require", holds.reason, element=element)
        return
    message = programs["message"].text(bound) if "message" in programs else ""
    if isinstance(message, Failed):
        yield Outcome("failed", "message", message.reason, element=element)
        message = ""
    yield Outcome("broken", "require", " ".join(message.split())[:SHOWN], element=element)
