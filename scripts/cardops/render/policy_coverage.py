"""A pack's coverage on a day, as text and JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from cardops.model.findings import plural
from cardops.policy.coverage import COVERAGES, CoveredClause, PackCoverage, Stage

COLOURS = {"covered": "green", "missing": "red", "not evidenced": "yellow"}
DISCLAIMER = "A map for those who collect evidence, and not a statement of compliance."


def coverage_as_text(covered: Iterable[PackCoverage]) -> str:
    """Each pack: what applies on the day and what is missing in it, then what begins later and will be missing."""
    return "\n\n".join([*map(_text, covered), DISCLAIMER])


def coverage_as_json(covered: Iterable[PackCoverage]) -> str:
    """`{version, packs: [{id, title, text_version, source, status, on, applies, stages}]}`.

    A stage is `{applies_from, title, to, applies, counts, clauses: [{id, title, applies_from, coverage, rules: {id:
    level}, not_covered, superseded_by}]}`; `counts` are by coverage, which is covered, missing or not evidenced.
    """
    document = {"version": 1, "packs": [_data(one) for one in covered]}
    return json.dumps(document, indent=2, ensure_ascii=False)


COVERAGE_FORMATS: Mapping[str, Callable[[Iterable[PackCoverage]], str]] = {
    "text": coverage_as_text,
    "json": coverage_as_json,
}


def _text(covered: PackCoverage) -> str:
    pack = covered.pack
    lines = [click.style(pack.title, bold=True), f"{pack.source} (version {pack.version}, {pack.status})"]
    if not covered.applies:
        why = f"ended on {pack.ended}" if pack.ended else "is a draft"
        return "\n".join([*lines, f"On {covered.on} nothing of it applies: the text {why}.", *_successors(covered)])
    for stage in covered.applying():
        lines += _stage(stage, f"Applies since {stage.applies_from}")
    for stage in covered.to_come():
        lines += _stage(stage, f"Applies from {stage.applies_from}, not yet on {covered.on}")
    return "\n".join(lines)


def _stage(stage: Stage, when: str) -> list[str]:
    """A later stage has the clauses of an earlier one, so it is only named."""
    if stage.to:
        return ["", f"{when}, to {stage.to}: {stage.title}."]
    counts = ", ".join(f"{len(stage.with_coverage(one))} {one}" for one in COVERAGES)
    lines = ["", f"{when}: {stage.title}. {plural(len(stage.clauses), 'clause')}: {counts}."]
    for one in stage.clauses:
        lines.append(f"  {click.style(f'{one.coverage:<13}', fg=COLOURS[one.coverage])}  {_clause(one)}")
    return lines


def _clause(one: CoveredClause) -> str:
    served = ", ".join(f"{name} ({level})" for name, level in one.rules.items())
    why = served or one.clause.not_covered or "no rule asks for it yet"
    return f"{one.clause.id}  {one.clause.title}: {why}"


def _successors(covered: PackCoverage) -> list[str]:
    return [
        f"  {clause.id}  {clause.title}: {', '.join(clause.superseded_by) or 'nothing took its place'}"
        for clause in covered.pack.clauses
    ]


def _data(covered: PackCoverage) -> dict[str, Any]:
    pack = covered.pack
    return {
        "id": pack.id,
        "title": pack.title,
        "text_version": pack.version,
        "source": pack.source,
        "status": pack.status,
        "superseded_by": pack.superseded_by,
        "on": covered.on,
        "applies": covered.applies,
        "stages": [_stage_data(covered, stage) for stage in covered.stages],
    }


def _stage_data(covered: PackCoverage, stage: Stage) -> dict[str, Any]:
    return {
        "applies_from": stage.applies_from,
        "title": stage.title,
        "to": stage.to,
        "applies": stage in covered.applying(),
        "counts": {one: len(stage.with_coverage(one)) for one in COVERAGES},
        "clauses": [
            {
                "id": one.clause.id,
                "title": one.clause.title,
                "applies_from": one.applies_from,
                "coverage": one.coverage,
                "rules": dict(one.rules),
                "not_covered": one.clause.not_covered,
                "superseded_by": list(one.clause.superseded_by),
            }
            for one in stage.clauses
        ],
    }
