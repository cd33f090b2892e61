"""Evaluate one rule against one case. Runs in a child process; the results are plain data."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from cardops.policy import bundles
from cardops.policy.bundles import Bundle
from cardops.policy.cel import CelError, Environment, Program, bind
from cardops.policy.cel_errors import ExplainedError
from cardops.policy.functions import DEFINITIONS
from cardops.policy.outcomes import Element, RuleOutcome
from cardops.policy.rules import ForEach, Rule
from cardops.policy.summary import params_name

MAX_MESSAGE = 300
KEYS = ("when", "for", "require", "message")
ALL_ELEMENTS = "all elements"
"""A loop's `require` for all elements in one expression."""
WORDS = r"[A-Za-z_]\w*"
TEXTS = r"""\"[^"\n]*"|'[^'\n]*'"""

Facts = Mapping[str, Any]


class RuleEvaluator:
    """Compiles the expressions of some rules, each once. With `everything` it reports passes and skips too."""

    def __init__(self, rules: Iterable[Rule], everything: bool = False) -> None:
        self._rules = list(rules)
        self._everything = everything
        self._environments: dict[Collection[str], Environment] = {}
        self._programs: dict[tuple[str, str], Program | ExplainedError] = {}
        self._faults: dict[str, list[RuleOutcome]] = {}
        self._shared: dict[object, Program | ExplainedError] = {}
        self._bound: Any = None
        self._held: dict[Program, bool | CelError] = {}

    def faults(self, rule: Rule) -> list[RuleOutcome]:
        """Return an error for each of the rule's expressions that CEL refuses."""
        if rule.id not in self._faults:
            found = ((key, self._program(rule, key)) for key in rule.expressions())
            self._faults[rule.id] = [
                RuleOutcome("error", key, fault.message, fault.hint, None, fault.line, fault.column, "expression")
                for key, fault in found
                if isinstance(fault, ExplainedError)
            ]
        return self._faults[rule.id]

    def bundles(self, rules: Iterable[Rule]) -> list[Bundle]:
        """Return rules on one card in bundles, without those that do not compile."""
        sound = (rule for rule in rules if not self.faults(rule))
        return [Bundle(some, self._all_of(some)) for some in bundles.divide(sound)]

    def evaluate(self, rule: Rule, bound: Any, facts: Facts) -> list[RuleOutcome]:
        """Return the rule's outcomes for facts, which are `bound`; none for a rule that does not compile."""
        if self.faults(rule):
            return []
        applies = self._holds(self._ready(rule, "when"), bound) if rule.when else True
        if isinstance(applies, CelError):
            return [_no_value("when", applies)]
        if not applies:
            return [RuleOutcome("skip", "when")] if self._everything else []
        found = list(
            self._require(rule, bound, None) if rule.loop is None else self._each(rule, rule.loop, bound, facts)
        )
        return [RuleOutcome("pass", "require")] if self._everything and not found else found

    def _holds(self, when: Program, bound: Any) -> bool | CelError:
        """Evaluate a `when` once for all rules that have the same."""
        if bound is not self._bound:
            self._bound, self._held = bound, {}
        if when not in self._held:
            self._held[when] = when.holds(bound)
        return self._held[when]

    def _each(self, rule: Rule, loop: ForEach, bound: Any, facts: Facts) -> Iterator[RuleOutcome]:
        if facts.get(loop.over) == []:  # a variable as it is: there is nothing to compile for its elements
            return
        together = self._program(rule, ALL_ELEMENTS)
        if isinstance(together, Program) and together.holds(bound) is True:
            return
        elements = self._ready(rule, "for").elements(bound)
        if isinstance(elements, CelError):
            yield _no_value("for", elements)
            return
        for index, element in elements:
            yield from self._require(rule, bind({**facts, loop.name: element}), index)

    def _require(self, rule: Rule, bound: Any, element: Element) -> Iterator[RuleOutcome]:
        holds = self._ready(rule, "require").holds(bound)
        if holds is True:
            return
        if isinstance(holds, CelError):
            yield _no_value("require", holds, element)
            return
        message = self._ready(rule, "message").text(bound) if rule.message else ""
        if isinstance(message, CelError):
            yield _no_value("message", message, element)
            message = ""
        yield RuleOutcome("fail", "require", " ".join(message.split())[:MAX_MESSAGE], element=element)

    def _ready(self, rule: Rule, key: str) -> Program:
        program = self._program(rule, key)
        if isinstance(program, ExplainedError):
            raise TypeError(f"{rule.id} has no faults, and its {key} does not compile")
        return program

    def _program(self, rule: Rule, key: str) -> Program | ExplainedError:
        if (rule.id, key) not in self._programs:
            self._programs[rule.id, key] = self._compile(rule, key)
        return self._programs[rule.id, key]

    def _compile(self, rule: Rule, key: str) -> Program | ExplainedError:
        """Compile an expression; rules that say the same share a program, and so its answer."""
        if key == ALL_ELEMENTS and rule.loop:
            place, wanted, expression = "for", "require", bundles.all_elements(rule.loop, rule.require)
        else:
            place, wanted, expression = key, key, rule.expressions()[key]
        names = rule.variables(place)
        whole = rule.within(expression, params_name(rule.id))
        same = (names, wanted, expression, whole)
        if same not in self._shared:
            known = (*names, *(name for name in rule.definitions if name not in DEFINITIONS))
            self._shared[same] = self._environment(names, expression).compile(wanted, expression, known, whole)
        return self._shared[same]

    def _all_of(self, rules: Sequence[Rule]) -> Program | None:
        """Compile in an environment that has only what each of these rules may name, so that no name is taken twice."""
        names = rules[0].variables("when")
        program = self._environment_of(names).compile("require", bundles.expression(rules), names)
        return program if isinstance(program, Program) else None

    def _environment(self, names: tuple[str, ...], expression: str) -> Environment:
        """Share one environment, since making one takes long, except for what names a variable of other rules only."""
        plain = _words(expression).isdisjoint(self._all_names.difference(names))
        return self._environment_of(self._all_names if plain else names)

    def _environment_of(self, wanted: Collection[str]) -> Environment:
        if wanted not in self._environments:
            params = [params_name(rule.id) for rule in self._rules if rule.names("params")]
            definitions = {name for rule in self._rules for name in rule.definitions}
            self._environments[wanted] = Environment(wanted, [*params, *definitions])
        return self._environments[wanted]

    @cached_property
    def _all_names(self) -> frozenset[str]:
        """All variables that some expression may use."""
        return frozenset(name for rule in self._rules for key in KEYS for name in rule.variables(key))


def _no_value(key: str, error: CelError, element: Element = None) -> RuleOutcome:
    return RuleOutcome("error", key, error.reason, element=element, cause="evaluation")


def _words(expression: str) -> set[str]:
    """Return every word that may be a name; those within texts are left out where it is plain what a text is."""
    plain = not any(mark in expression for mark in ("\\", '"""', "'''"))
    return set(re.findall(WORDS, re.sub(TEXTS, "", expression) if plain else expression, re.ASCII))
