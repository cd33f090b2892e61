"""One rule held against one case. Runs in the process that may die; what it finds is plain data."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from cardops.policy import bundles as together
from cardops.policy.bundles import Bundle
from cardops.policy.cel import CelError, Environment, Program, bind, read
from cardops.policy.cel_errors import ExplainedError
from cardops.policy.outcomes import Element, RuleOutcome
from cardops.policy.rules import ForEach, Rule
from cardops.policy.variables import params_name

SHOWN = 300

KEYS = ("when", "for", "require", "message")
AT_ONCE = "at once"
"""A loop's `require` for all elements in one expression."""
WORDS = r"[A-Za-z_]\w*"

Facts = Mapping[str, Any]


class RuleEvaluator:
    """Compiles the expressions of some rules, each once. With `skips` it tells where a `when` does not hold.

    `compiled` is what `written` has said about these rules before: then all of them are right.
    """

    def __init__(self, rules: Iterable[Rule], skips: bool = False, compiled: Mapping[str, str] | None = None) -> None:
        self._rules = list(rules)
        self._skips = skips
        self._compiled = compiled
        self._environments: dict[Collection[str], Environment] = {}
        self._programs: dict[tuple[str, str], Program | ExplainedError] = {}
        self._faults: dict[str, list[RuleOutcome]] = {}
        self._alike: dict[object, Program | ExplainedError] = {}
        self._bound: Any = None
        self._held: dict[Program, bool | CelError] = {}

    def faults(self, rule: Rule) -> list[RuleOutcome]:
        """What is wrong with the rule's expressions."""
        if rule.id not in self._faults:
            found = ((key, self._program(rule, key)) for key in rule.expressions())
            self._faults[rule.id] = [
                RuleOutcome("fault", key, fault.message, fault.hint, None, fault.line, fault.column)
                for key, fault in found
                if isinstance(fault, ExplainedError)
            ]
        return self._faults[rule.id]

    def written(self, rules: Iterable[Rule], bundled: Iterable[Rule] = ()) -> dict[str, str]:
        """The compiled expressions of some rules, for another judge; and those of bundles, of rules on one card."""
        keys = ((rule, key) for rule in rules for key in (*rule.expressions(), *((AT_ONCE,) if rule.loop else ())))
        programs: dict[str, Program | ExplainedError | None] = {
            f"{rule.id} {key}": self._program(rule, key) for rule, key in keys
        }
        programs |= {together.name_of(part): self._together(part[1]) for part in together.parts(bundled)}
        return {name: program.written() for name, program in programs.items() if isinstance(program, Program)}

    def bundles(self, rules: Iterable[Rule]) -> list[Bundle]:
        """Rules on one card in bundles; those that do not compile are left out."""
        if self._compiled is None:
            made = together.parts(rule for rule in rules if not self.faults(rule))
            return [Bundle(fields, some, self._together(some)) for fields, some in made]
        known = {rule.id: rule for rule in rules}
        bundles = []
        for name in self._compiled:
            part = together.part_of(name, known)
            if part and (written := self._compiled.get(name)):
                bundles.append(Bundle(*part, read(written)))
        left = known.keys() - {rule.id for bundle in bundles for rule in bundle.rules}
        return [*bundles, Bundle(None, [rule for rule in known.values() if rule.id in left], None)]

    def holds(self, when: Program, bound: Any) -> bool | CelError:
        """What a `when` says, found out once for all rules that have the same."""
        if bound is not self._bound:
            self._bound, self._held = bound, {}
        if when not in self._held:
            self._held[when] = when.holds(bound)
        return self._held[when]

    def ask(self, rule: Rule, bound: Any, facts: Facts) -> list[RuleOutcome]:
        """What the rule finds in facts, which are `bound`. A rule that does not compile finds nothing here."""
        if self._compiled is None and self.faults(rule):
            return []
        applies = self.holds(self._ready(rule, "when"), bound) if rule.when else True
        if isinstance(applies, CelError):
            return [RuleOutcome("failed", "when", applies.reason)]
        if not applies:
            return [RuleOutcome("skipped", "when")] if self._skips else []
        if rule.loop is None:
            return list(self._require(rule, bound, None))
        if facts.get(rule.loop.over) == []:  # a variable as it is: there is nothing to compile for its elements
            return []
        return list(self._each(rule, rule.loop, bound, facts))

    def _each(self, rule: Rule, loop: ForEach, bound: Any, facts: Facts) -> Iterator[RuleOutcome]:
        at_once = self._program(rule, AT_ONCE)
        if isinstance(at_once, Program) and at_once.holds(bound) is True:
            return
        elements = self._ready(rule, "for").elements(bound)
        if isinstance(elements, CelError):
            yield RuleOutcome("failed", "for", elements.reason)
            return
        for index, element in elements:
            yield from self._require(rule, bind({**facts, loop.name: element}), index)

    def _require(self, rule: Rule, bound: Any, element: Element) -> Iterator[RuleOutcome]:
        holds = self._ready(rule, "require").holds(bound)
        if holds is True:
            return
        if isinstance(holds, CelError):
            yield RuleOutcome("failed", "require", holds.reason, element=element)
            return
        message = self._ready(rule, "message").text(bound) if rule.message else ""
        if isinstance(message, CelError):
            yield RuleOutcome("failed", "message", message.reason, element=element)
            message = ""
        yield RuleOutcome("broken", "require", " ".join(message.split())[:SHOWN], element=element)

    def _ready(self, rule: Rule, key: str) -> Program:
        program = self._program(rule, key)
        if isinstance(program, ExplainedError):
            raise TypeError(f"{rule.id} was taken for right, and its {key} does not compile")
        return program

    def _program(self, rule: Rule, key: str) -> Program | ExplainedError:
        if (rule.id, key) not in self._programs:
            self._programs[rule.id, key] = self._compile(rule, key)
        return self._programs[rule.id, key]

    def _compile(self, rule: Rule, key: str) -> Program | ExplainedError:
        written = (self._compiled or {}).get(f"{rule.id} {key}")
        if written is not None:
            return self._same(written, lambda: read(written))
        if key == AT_ONCE and rule.loop:
            place, wanted, expression = "for", "require", together.all_elements(rule.loop, rule.require)
        else:
            place, wanted, expression = key, key, rule.expressions()[key]
        names = rule.variables(place)
        params = params_name(rule.id) if "params" in expression else ""
        same = (names, wanted, expression, params)
        return self._same(same, lambda: self._environment(names, expression).compile(wanted, expression, names, params))

    def _together(self, rules: Sequence[Rule]) -> Program | None:
        """In an environment that has only what each of these rules may name, so that no name means something else."""
        names = rules[0].variables("when")
        program = self._environment_of(names).compile("require", together.expression(rules), names)
        return program if isinstance(program, Program) else None

    def _same(self, what: object, make: Callable[[], Program | ExplainedError]) -> Program | ExplainedError:
        """Rules that say the same share a program, and so what it answered."""
        if what not in self._alike:
            self._alike[what] = make()
        return self._alike[what]

    def _environment(self, names: tuple[str, ...], expression: str) -> Environment:
        """One for all, since making one takes long; another one for what has a name that only others may use."""
        plain = _words(expression).isdisjoint(self._everything.difference(names))
        return self._environment_of(self._everything if plain else names)

    def _environment_of(self, wanted: Collection[str]) -> Environment:
        if wanted not in self._environments:
            params = (params_name(rule.id) for rule in self._rules if rule.names("params"))
            self._environments[wanted] = Environment(wanted, params)
        return self._environments[wanted]

    @cached_property
    def _everything(self) -> frozenset[str]:
        """All names that some expression may use."""
        return frozenset(name for rule in self._rules for key in KEYS for name in rule.variables(key))


def _words(expression: str) -> set[str]:
    """Every word that may be a name: those within texts are none, where it is plain what a text is."""
    plain = not any(mark in expression for mark in ("\\", '"""', "'''"))
    return set(re.findall(WORDS, re.sub(together.TEXTS, "", expression) if plain else expression, re.ASCII))
