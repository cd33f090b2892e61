"""Mutate rules, to see whether their tests notice: a mutant that no test notices shows a test that is missing."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cardops.model.findings import Finding, sort_findings
from cardops.policy.rule_tests import run_tests
from cardops.policy.rules import Rule
from cardops.policy.vocabulary import NOTHING, Vocabulary

TEXTS = re.compile(r"""\"[^"\n]*"|'[^'\n]*'""")


class Mutant(NamedTuple):
    """A rule that is changed in one place, and the words for the change."""

    original: Rule
    change: str
    rule: Rule


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule's mutants: without its requirement, with its contrary, without its `when`, without each part."""
    changes = {
        "everything passes": rule._replace(require="true"),
        "nothing passes": rule._replace(require="false"),
        "the requirement is its contrary": rule._replace(require=f"!(\n{rule.require}\n)"),
    }
    if rule.when:
        changes["it applies always"] = rule._replace(when="")
    for key, expression in (("when", rule.when), ("require", rule.require)):
        for operator in ("&&", "||"):
            parts = split(expression, operator)
            for number, part in enumerate(parts if len(parts) > 1 else ()):
                kept = f" {operator} ".join(other for other in parts if other is not part)
                changed = rule._replace(when=kept) if key == "when" else rule._replace(require=kept)
                changes[f"`{key}` lacks its part {number + 1} of {len(parts)}: {_one_line(part)}"] = changed
    for number, (change, changed) in enumerate(changes.items()):
        yield Mutant(rule, change, changed._replace(id=f"{rule.id}-{number}"))


def survivors(rules: Iterable[Rule], vocabulary: Vocabulary = NOTHING) -> tuple[int, list[Finding]]:
    """Return how many mutants were made, and a finding for each that no test of its rule notices.

    `policy/mutant` (deny) is at the rule's tests.
    """
    made = [mutant for rule in rules for mutant in mutants(rule)]
    red = run_tests([mutant.rule for mutant in made], vocabulary).red
    found = [
        Finding(
            "policy/mutant",
            one.original.place("tests"),
            f"{one.original.id}: no test notices that {one.change}",
            "add a test on either side of what this part of the rule decides, or remove the part",
        )
        for one in made
        if one.rule.id not in red
    ]
    return len(made), sort_findings(found)


def split(expression: str, operator: str) -> list[str]:
    """Return the parts of `a && b`, or of `a || b`, as far as they are not inside brackets or texts."""
    shown = TEXTS.sub(lambda text: "_" * len(text[0]), expression)
    if (operator == "&&" and len(split(expression, "||")) > 1) or "?" in re.sub(r"\.\?|\[\?", "", shown):
        return [expression]
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(shown):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and shown.startswith(operator, at):
            parts.append(expression[start:at])
            start = at + 2
    return [*parts, expression[start:]]


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79] + "…"
