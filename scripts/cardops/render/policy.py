"""Render rules, packs and rule tests as text and JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
import yaml

from cardops.model.catalogue import BuiltInRule
from cardops.model.findings import Finding, Level, plural
from cardops.policy.enforcement import NOTHING, Override, level_of, params_of
from cardops.policy.loader import PolicySet
from cardops.policy.packs import Clause, Pack
from cardops.policy.rule_tests import RuleTestResult
from cardops.policy.rules import Rule
from cardops.render.findings import COLOURS, lines

NOT_COVERED = "not covered by a card"


def rules_as_text(policies: PolicySet) -> str:
    """Render a table of the rules, sorted by id."""
    rows = [(rule.id, level_of(rule, policies.enforcement), rule.on, rule.title) for rule in _in_order(policies.rules)]
    return "\n".join([*_table(rows), plural(len(rows), "rule")])


def rules_as_json(policies: PolicySet) -> str:
    """Render `{version, rules: [{id, title, on, level, why, hint, references, path, line, column}]}`."""
    return _json({"version": 1, "rules": [_rule_data(policies, rule) for rule in _in_order(policies.rules)]})


def pack_as_text(policies: PolicySet, pack: Pack) -> str:
    """Render each clause with its rules, or the reason why it has none; then the counts."""
    told = [f"{pack.source} (version {pack.version}, {pack.status})", *([pack.note] if pack.note else [])]
    text = [click.style(pack.title, bold=True), *told, ""]
    width = max((len(clause.id) for clause in pack.clauses), default=0)
    for clause in pack.clauses:
        text.append(f"{clause.id:<{width}}  {clause.title}")
        text += [f"{'':<{width}}    {one}" for one in _served(policies, clause)]
    covered = sum(bool(clause.rules) for clause in pack.clauses)
    return "\n".join([*text, "", f"{covered} of {len(pack.clauses)} clauses have rules. No claim of legal compliance."])


def pack_as_json(policies: PolicySet, pack: Pack) -> str:
    """Render `{version, pack, title, note, clauses: [{id, title, rules: [{id, title, level}], not_covered}]}`."""
    clauses = [
        {
            "id": clause.id,
            "title": clause.title,
            "rules": [
                {"id": name, "title": policies.rules[name].title, "level": _level(policies, name)}
                for name in clause.rules
            ],
            "not_covered": clause.not_covered,
        }
        for clause in pack.clauses
    ]
    return _json({"version": 1, "pack": pack.id, "title": pack.title, "note": pack.note, "clauses": clauses})


RULE_FORMATS: Mapping[str, Callable[[PolicySet], str]] = {"text": rules_as_text, "json": rules_as_json}
PACK_FORMATS: Mapping[str, Callable[[PolicySet, Pack], str]] = {"text": pack_as_text, "json": pack_as_json}


def explanation(policies: PolicySet, rule: Rule) -> str:
    """Explain a rule: requirement, reason, references, levels, parameters, and an example that passes."""
    loop = f"each {rule.loop.name} in {_one_line(rule.loop.over)}" if rule.loop else ""
    params = params_of(rule, policies.enforcement)
    facts = {
        "level": "\n".join(_levels(policies, rule)),
        "asked of": f"each {rule.on}" if rule.on != "repository" else "the repository",
        "when": _condition(rule.written("when") or ""),
        "for": loop,
        "must hold": _condition(rule.written("require") or rule.plain_form()),
        "why": _one_line(rule.why),
        "hint": rule.hint,
        "asked for by": "\n".join(_askers(policies, rule)),
        "parameters": _yaml(params) if params else "",
        "written at": str(rule.place("id")),
    }
    text = [f"{click.style(rule.id, bold=True)}  {rule.title}"]
    for name, value in facts.items():
        text += [f"  {name if not index else '':<14}{line}" for index, line in enumerate(value.splitlines())]
    return "\n".join([*text, "", "An example that passes:", *(f"  {line}" for line in _example(rule).splitlines())])


def clauses_named(policies: PolicySet, name: str) -> list[tuple[Pack, Clause]]:
    """Return the clauses that a reference (`EU-AI-Act Art.14`) or a clause's own number names, in any case."""
    wanted = " ".join(name.split()).casefold()
    return [
        (pack, clause)
        for pack in policies.packs.values()
        for clause in pack.clauses
        if wanted in (clause.id.casefold(), pack.reference(clause).casefold())
    ]


def clause_explanation(policies: PolicySet, pack: Pack, clause: Clause) -> str:
    """Explain a clause: what it asks for, from when on, and the rules that look at evidence for it."""
    rules = [f"{name} ({_level(policies, name)})  {policies.rules[name].title}" for name in clause.rules]
    facts = {
        "text": pack.title,
        "applies from": pack.applies_to(clause),
        "served by": "\n".join(rules) or clause.not_covered or "no rule yet",
    }
    lines = [f"{click.style(pack.reference(clause), bold=True)}  {clause.title}"]
    for name, value in facts.items():
        lines += [f"  {name if not index else '':<14}{line}" for index, line in enumerate(value.splitlines())]
    return "\n".join(lines)


def built_in_explanation(rule: BuiltInRule) -> str:
    """Explain a rule that is built into cardops."""
    facts = {"why": rule.why, "fix": rule.fix, "since": rule.since}
    lines = [f"  {name:<14}{value}" for name, value in facts.items()]
    return "\n".join([f"{click.style(rule.id, bold=True)}  {rule.title}", *lines, "  built in: no file changes it"])


def _condition(written: Any) -> str:
    """A condition as its file has it: CEL in one line, or plain forms as YAML."""
    return _one_line(written) if isinstance(written, str) else _yaml(written)


def tested_as_text(tested: RuleTestResult, findings: Iterable[Finding]) -> str:
    """Render the failures of rule tests, then the counts."""
    found = list(findings)
    counts = f"{plural(tested.rules, 'rule')}, {plural(tested.tests, 'test')}"
    if not found:
        done = click.style("green", fg="green")
        return f"{counts}: all {done}"
    red = click.style("red", fg="red")
    return "\n".join([*lines(found), f"{counts}: {red}, {plural(len(found), 'finding')}"])


def _in_order(rules: Mapping[str, Rule]) -> list[Rule]:
    return [rules[name] for name in sorted(rules)]


def _table(rows: Iterable[tuple[str, Level, str, str]]) -> list[str]:
    cells = list(rows)
    id_width, level_width, on_width = (max((len(row[column]) for row in cells), default=0) for column in range(3))
    return [
        f"{name:<{id_width}}  {click.style(f'{level:<{level_width}}', fg=COLOURS[level])}  {on:<{on_width}}  {title}"
        for name, level, on, title in cells
    ]


def _served(policies: PolicySet, clause: Clause) -> list[str]:
    if not clause.rules and clause.not_covered:
        return [f"{click.style(NOT_COVERED, fg='yellow')}: {clause.not_covered}"]
    if not clause.rules:
        return [click.style("no rule asks for it yet", fg="red")]
    return [f"{name} ({_level(policies, name)})  {policies.rules[name].title}" for name in clause.rules]


def _level(policies: PolicySet, name: str) -> str:
    return level_of(policies.rules[name], policies.enforcement)


def _levels(policies: PolicySet, rule: Rule) -> list[str]:
    overrides = policies.enforcement.get(rule.id, NOTHING).overrides
    return [level_of(rule, policies.enforcement), *(f"{one.level} for {_selector(one)}" for one in overrides)]


def _selector(override: Override) -> str:
    named = " and ".join(f"{key} {value}" for key, value in override.scope().items())
    return f"{named}, until {override.expires}" if override.expires else named


def _askers(policies: PolicySet, rule: Rule) -> list[str]:
    """List the clauses of packs with their titles, and the references outside packs."""
    clauses = {
        f"{pack.id} {clause.id}".casefold(): f"{pack.id} {clause.id}: {clause.title}"
        for pack in policies.packs.values()
        for clause in pack.clauses
        if rule.id in clause.rules
    }
    return [*(one for one in rule.references if one.casefold() not in clauses), *clauses.values()]


def _example(rule: Rule) -> str:
    """Return the first passing test that sets the rule's subject, without its name."""
    tests = [test.given for test in rule.tests() if test.passes]
    return _yaml(next((given for given in tests if rule.on in given), tests[0]))


def _rule_data(policies: PolicySet, rule: Rule) -> dict[str, Any]:
    place = rule.place("id")
    return {
        "id": rule.id,
        "title": rule.title,
        "on": rule.on,
        "level": level_of(rule, policies.enforcement),
        "why": rule.why,
        "hint": rule.hint,
        "references": list(rule.references),
        "path": place.path,
        "line": place.line,
        "column": place.column,
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip("\n")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
