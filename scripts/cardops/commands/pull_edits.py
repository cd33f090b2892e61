"""Turn what the live card has and git lacks into edits of the card's file. Pure: texts and contents in, texts out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from cardops.desired.problems import quote
from cardops.importers.schema_fit import unwritable_values
from cardops.merge.diff import ABSENT, Change, diff, equal, named_items
from cardops.merge.three_way import merge
from cardops.model import canonical
from cardops.model.desired import REPOSITORY, Card
from cardops.model.errors import CardopsError
from cardops.model.findings import Finding
from cardops.model.observed import ObservedCard
from cardops.plan.card_merge import MergeInputs, conflict_finding, content_to_pull, merge_card
from cardops.strict_yaml.editor import Edit, Insert, Path, Remove, Set, edit
from cardops.strict_yaml.reader import load

FIRST = ("name", "type", "value")


class PullOutcome(StrEnum):
    """The result of a pull for one card."""

    PULLED = "pulled"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PulledCard:
    """One card. `text` is its file as it has to be, `changes` what that adds to git; `why` is for people.

    `version` and `when` (ISO 8601, UTC) are of the live card that was read; `who` is an ARN, where it is known.
    """

    card: Card
    outcome: PullOutcome
    why: str = ""
    text: str = ""
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    version: int = 0
    when: str = ""
    who: str = ""


def contributions(sides: MergeInputs, text: str) -> PulledCard:
    """The card's file with what was written into the live card; ignored fields stay as git has them."""
    card, live = sides.card, sides.live
    if refusal := _unfit(sides):
        return PulledCard(card, PullOutcome.REFUSED, refusal)
    merged = merge_card(sides)
    if merged.conflicts:
        findings = tuple(conflict_finding(sides, conflict) for conflict in merged.conflicts)
        why = f"git and the live card changed {len(findings)} field(s) differently"
        return PulledCard(
            card, PullOutcome.CONFLICTING, why, findings=findings, version=live.version, when=live.modified
        )
    return _edited(card, live, text, content_to_pull(sides, merged))


def restoration(sides: MergeInputs, then: ObservedCard, text: str) -> PulledCard:
    """The card's file with the content of an earlier version.

    Refused where an apply would not bring the live card back to it: what was never pulled would survive.
    """
    card = sides.card
    if refusal := _unfit(sides):
        return PulledCard(card, PullOutcome.REFUSED, refusal)
    wanted = canonical.from_bytes(then.content or b"{}")
    base = canonical.from_bytes(sides.base.content) if sides.base else {}
    after = merge(base, wanted, canonical.from_bytes(sides.live.content or b"{}"))
    if kept := [change.path for change in after.contributed] + [conflict.path for conflict in after.conflicts]:
        why = f"the live card has what git lacks ({', '.join(kept[:5])}): pull and apply that first"
        return PulledCard(card, PullOutcome.REFUSED, why, version=then.version)
    return _edited(card, then, text, wanted)


def written(text: str, content: Any) -> str:
    """The text with `content` at the key `content`. Raises CardopsError when it does not read back as that."""
    now = load(text).value["content"]
    done = edit(text, list(_edits(("content",), now, _in_reading_order(content))))
    if canonical.to_bytes(load(done).value["content"]) != canonical.to_bytes(content):
        raise CardopsError("the content cannot be written into this file", "edit it by hand")
    return done


def _in_reading_order(value: Any) -> Any:
    """Canonical JSON sorts its keys; a person says first what something is."""
    if isinstance(value, dict):
        keys = [*(key for key in FIRST if key in value), *(key for key in value if key not in FIRST)]
        return {key: _in_reading_order(value[key]) for key in keys}
    return [_in_reading_order(item) for item in value] if isinstance(value, list) else value


def _unfit(sides: MergeInputs) -> str:
    if sides.card.origin is not None:
        return "it is a copy: its content is in another account's card"
    owner = sides.live.tags.get(REPOSITORY)
    if owner != sides.repository:
        return f"the repository {owner} manages the live card" if owner else "cardops does not manage the live card"
    return ""


def _edited(card: Card, live: ObservedCard, text: str, content: Any) -> PulledCard:
    changes = tuple(diff(canonical.from_bytes(card.content), content, "content"))
    if not changes:
        return PulledCard(card, PullOutcome.UNCHANGED, version=live.version, when=live.modified)
    if unwritable := next(unwritable_values(content, ("content",)), None):
        why = f"{quote(unwritable.path)}: {unwritable.message}; correct it in the live card"
        return PulledCard(card, PullOutcome.REFUSED, why, version=live.version, when=live.modified)
    try:
        done = written(text, content)
    except CardopsError as problem:
        return PulledCard(card, PullOutcome.REFUSED, str(problem), version=live.version, when=live.modified)
    return PulledCard(card, PullOutcome.PULLED, "", done, changes, version=live.version, when=live.modified)


def _edits(path: Path, before: Any, after: Any) -> Iterator[Edit]:
    """Edits in the order in which they have to be made: positions are those at that moment."""
    if equal(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict) and after:
        yield from (Remove((*path, key)) for key in before if key not in after)
        for key, value in after.items():
            found = before.get(key, ABSENT)
            yield from [Set((*path, key), value)] if found is ABSENT else _edits((*path, key), found, value)
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        tables = named_items(before, after)
        yield from _named(path, *tables) if tables else _rows(path, before, after)
    else:
        yield Set(path, after)


def _named(path: Path, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Edit]:
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before] or not kept:  # another order: no edit by position shows it
        yield Set(path, list(after.values()))
        return
    for position, name in reversed(list(enumerate(before))):
        if name not in after:
            yield Remove((*path, position))
    for position, (name, value) in enumerate(after.items()):
        if name in before:
            yield from _edits((*path, position), before[name], value)
        else:
            yield Insert((*path, position), value)


def _rows(path: Path, before: list[Any], after: list[Any]) -> Iterator[Edit]:
    """Lists without names: from the end, so that the positions before stay what they are."""
    old, new = ([json.dumps(item, sort_keys=True) for item in items] for items in (before, after))
    for kind, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if kind == "equal":
            continue
        paired = min(i2 - i1, j2 - j1)
        for position in reversed(range(i1 + paired, i2)):
            yield Remove((*path, position))
        for value in reversed(after[j1 + paired : j2]):
            yield Insert((*path, i1 + paired), value)
        for offset in range(paired):
            yield from _edits((*path, i1 + offset), before[i1 + offset], after[j1 + offset])
