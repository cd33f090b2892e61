"""Render the access matrix as a table and as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cardops.access.cells import AccessAbility, Cell, Matrix, name_of
from cardops.model.desired import CardKey, Config
from cardops.model.findings import Finding
from cardops.render.escape import document, escape_invisible
from cardops.render.findings import as_data, counted, lines
from cardops.render.step_phrases import where

HEADINGS = ("CARD", "ACCOUNT", "DECLARED", "GRANTED", "OBSERVED", "")
NOTHING, NOT_ASKED = "–", "?"


@dataclass(frozen=True, slots=True)
class Access:
    """An access matrix with its findings.

    `commit` is the declared commit, empty for an uncommitted work tree. `at` is the revision or day asked for.
    """

    matrix: Matrix
    findings: tuple[Finding, ...] = ()
    commit: str = ""
    at: str = ""


def as_text(access: Access) -> str:
    """Render a line for each card and account that share a relation, then the findings."""
    rows = access.matrix.rows()
    text = _table(access.matrix.config, rows) if rows else []
    if any(cell.observed and not cell.observed.probed for cell in rows):
        text.append(click.style("observed: reading was tried, writing was not", dim=True))
    text += lines(access.findings)
    what = f"{len(rows)} of {len(access.matrix.cells)} cards and accounts have to do with each other"
    return "\n".join([*text, f"{click.style('Access:', bold=True)} {what}; {counted(access.findings)}."])


def as_json(access: Access) -> str:
    """Render the document of policies/schemas/access.schema.json. It contains no card content."""
    config = access.matrix.config
    found = {
        "version": 1,
        "commit": access.commit,
        "at": access.at,
        "cells": [_as_data(cell, config) for _, cell in sorted(access.matrix.cells.items())],
        "unknown": [{"of": of, "reason": why} for of, why in sorted(access.matrix.unknown.items())],
        "findings": [as_data(finding) for finding in access.findings],
    }
    return document(found)


def _table(config: Config, rows: Sequence[Cell]) -> list[str]:
    told = [HEADINGS, *(_row(config, cell) for cell in rows)]
    widths = [max(len(row[column]) for row in told) for column in range(len(HEADINGS))]
    marks = [False, *(_differs(cell) for cell in rows)]
    return [_line(row, widths, mark) for row, mark in zip(told, marks, strict=True)]


def _line(row: Iterable[str], widths: Iterable[int], differs: bool) -> str:
    text = "  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)).rstrip()
    return click.style(text, fg="red") if differs else text


def _row(config: Config, cell: Cell) -> tuple[str, ...]:
    observed = cell.observed
    tried = NOT_ASKED if observed is None else "unknown" if observed.unknown else _word(observed.ability)
    notes = escape_invisible("; ".join([*cell.notes, *([observed.note] if observed and observed.note else [])]))
    who = escape_invisible(name_of(cell.pair.account, config))
    return (_card(cell.pair.card, config), who, _word(cell.declared), _word(cell.granted), tried, notes)


def _card(key: CardKey, config: Config) -> str:
    at_home = key.place == (config.accounts[config.home].id, config.region)
    return key.name if at_home else f"{key.name} ({where(key.place, config)})"


def _word(ability: AccessAbility | None) -> str:
    return NOT_ASKED if ability is None else ability.value or NOTHING


def _differs(cell: Cell) -> bool:
    return None not in (cell.declared, cell.granted) and cell.declared is not cell.granted


def _as_data(cell: Cell, config: Config) -> dict[str, Any]:
    account, observed = cell.pair.account, cell.observed
    return {
        "card": {"account": cell.pair.card.account, "region": cell.pair.card.region, "name": cell.pair.card.name},
        "account": account,
        "alias": next((one.alias for one in config.accounts.values() if one.id == account), ""),
        "declared": cell.declared,
        "granted": cell.granted,
        "observed": None if observed is None or observed.unknown else observed.ability,
        "write_tried": bool(observed and observed.probed),
        "via": list(cell.via),
        "notes": [*cell.notes, *([observed.note] if observed and observed.note else [])],
        "unknown": observed.unknown if observed else "",
    }


FORMATS: Mapping[str, Callable[[Access], str]] = {"text": as_text, "json": as_json}
