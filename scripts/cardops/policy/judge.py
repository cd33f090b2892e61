"""One rule held against one case. Runs in the process that may die; what it finds is plain data."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cardops.policy.cel import Environment, Failed, Program, bind
from cardops.policy.faults import Fault
from cardops.policy.outcomes import Element, Outcome
from cardops.policy.rules import Loop, Rule
from cardops.policy.variables import params_name

SHOWN = 300

KEYS = ("when", "for", "require", "message")
AT_ONCE = "at once"
"""A loop's `require` for all elements in one expression."""
TEXTS = re.compile(r"""\"[^"\n]*"|'[^'\n]*'""").sub
WORDS = re.compile(r"[A-Za-z_]\w*", re.ASCII).findall

Facts = Mapping[str, Any]


class Judge:
    """Compiles the expressions of some rules, each once. With `skips` it tells where a `when` does not hold.

    Where rules are known to be `sound`, an expression is compiled only when its answer is needed.
    """

    def __init__(self, rules: Iterable[Rule], skips: bool = False, sound: bool = False) -> None:
        asked = list(rules)
        self._skips = skips
        self._sound = sound
        self._params = [params_name(rule.id) for rule in asked if rule.names("params")]
        self._everything = frozenset(name for rule in asked for key in KEYS for name in rule.variables(key))
        self._environments: dict[Collection[str], Environment] = {}
        self._programs: dict[tuple[str, str], Program | Fault] = {}
        self._compiled: dict[tuple[object, ...], Program | Fault] = {}
        self._bound: Any = None
        self._held: dict[Program, bool | Failed] = {}

    def faults(self, rule: Rule) -> list[Outcome]:
        """What is wrong with the rule's expressions."""
        found = ((key, self._program(rule, key)) for key in rule.expressions())
        return [
            Outcome("fault", key, fault.message, fault.hint, None, fault.line, fault.column)
            for key, fault in found
            if isinstance(fault, Fault)
        ]

    def ask(self, rule: Rule, bound: Any, facts: Facts) -> list[Outcome]:
        """What the rule finds in facts, which are `bound`. A rule that does not compile finds nothing here."""
        if not self._sound and self.faults(rule):
            return []
        applies = self._applies(rule, bound) if rule.when else True
        if isinstance(applies, Failed):
            return [Outcome("failed", "when", applies.reason)]
        if not applies:
            return [Outcome("skipped", "when")] if self._skips else []
        if rule.loop is None:
            return list(self._require(rule, bound, None))
        if facts.get(rule.loop.over) == []:  # a variable as it is: there is nothing to compile for its elements
            return []
        return list(self._each(rule, rule.loop, bound, facts))

    def _applies(self, rule: Rule, bound: Any) -> bool | Failed:
        """What `when` says, found out once for all rules that have the same."""
        if bound is not self._bound:
            self._bound, self._held = bound, {}
        program = self._ready(rule, "when")
        if program not in self._held:
            self._held[program] = program.holds(bound)
        return self._held[program]

    def _each(self, rule: Rule, loop: Loop, bound: Any, facts: Facts) -> Iterator[Outcome]:
        at_once = self._program(rule, AT_ONCE)
        if isinstance(at_once, Program) and at_once.holds(bound) is True:
            return
        elements = self._ready(rule, "for").elements(bound)
        if isinstance(elements, Failed):
            yield Outcome("failed", "for", elements.reason)
            return
        for index, element in elements:
            yield from self._require(rule, bind({**facts, loop.name: element}), index)

    def _require(self, rule: Rule, bound: Any, element: Element) -> Iterator[Outcome]:
        holds = self._ready(rule, "require").holds(bound)
        if holds is True:
            return
        if isinstance(holds, Failed):
            yield Outcome("failed", "require", holds.reason, element=element)
            return
        message = self._ready(rule, "message").text(bound) if rule.message else ""
        if isinstance(message, Failed):
            yield Outcome("failed", "message", message.reason, element=element)
            message = ""
        yield Outcome("broken", "require", " ".join(message.split())[:SHOWN], element=element)

    def _ready(self, rule: Rule, key: str) -> Program:
        program = self._program(rule, key)
        if isinstance(program, Fault):
            raise TypeError(f"{rule.id} was taken for sound, and its {key} does not compile")
        return program

    def _program(self, rule: Rule, key: str) -> Program | Fault:
        if (rule.id, key) not in self._programs:
            self._programs[rule.id, key] = self._compile(rule, key)
        return self._programs[rule.id, key]

    def _compile(self, rule: Rule, key: str) -> Program | Fault:
        if key == AT_ONCE and rule.loop:
            place, wanted, expression = "for", "require", _at_once(rule.loop, rule.require)
        else:
            place, wanted, expression = key, key, rule.expressions()[key]
        names = rule.variables(place)
        params = params_name(rule.id) if "params" in expression else ""
        same = (names, wanted, expression, params)
        if same not in self._compiled:
            environment = self._environment(names, expression)
            self._compiled[same] = environment.compile(wanted, expression, names, params, self._sound)
        return self._compiled[same]

    def _environment(self, names: tuple[str, ...], expression: str) -> Environment:
        """One for all, since making one takes long; another one for what has a name that only others may use."""
        wanted = self._everything if _words(expression).isdisjoint(self._everything.difference(names)) else names
        if wanted not in self._environments:
            self._environments[wanted] = Environment(wanted, self._params)
        return self._environments[wanted]


def _words(expression: str) -> set[str]:
    """Every word that may be a name: those within texts are none, where it is plain what a text is."""
    plain = not any(mark in expression for mark in ("\\", '"""', "'''"))
    return set(WORDS(TEXTS("", expression) if plain else expression))


def _at_once(loop: Loop, require: str) -> str:
    """All elements in one expression, which is 20 times as fast; with two variables it means the same for maps.

    Each part stands on lines of its own, since it may end in a comment.
    """
    return f"(\n{loop.over}\n).all(position__, {loop.name},\n{require}\n)"
