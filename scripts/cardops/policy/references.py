"""The references that rules cite: the one list from which the coverage of every pack follows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from cardops.policy.forms import closest_match, short
from cardops.policy.packs import Pack
from cardops.policy.rules import Rule


def with_rules(packs: Mapping[str, Pack], rules: Iterable[Rule]) -> dict[str, Pack]:
    """The packs, each clause with the rules that cite it, in order of their ids."""
    citing: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        for reference in dict.fromkeys(rule.references):
            citing[reference].append(rule.id)
    return {
        name: pack._replace(
            clauses=tuple(
                clause._replace(rules=tuple(sorted(citing.get(pack.reference(clause), ())))) for clause in pack.clauses
            )
        )
        for name, pack in packs.items()
    }


def check_references(rules: Iterable[Rule], packs: Mapping[str, Pack]) -> None:
    """Report, in the files of the rules, each reference that leads nowhere.

    - `policy/unknown-clause` (deny): the pack lists no such clause, or spells it otherwise.
    - `policy/not-evidenced` (deny): the pack says that no card can evidence the clause.
    - `policy/superseded` (warn): the text is no longer in force.
    - `policy/unknown-pack` (warn): no pack is cited by this word, so that nothing checks the reference.

    A repository without packs has nothing to hold references against.
    """
    if not packs:
        return
    by_word = {pack.cited_as: pack for pack in packs.values()}
    clauses = {pack.reference(clause): clause for pack in packs.values() for clause in pack.clauses}
    spelt = {_letters(reference): reference for reference in clauses}
    for rule in rules:
        for index, reference in enumerate(rule.references):
            pack = by_word.get(reference.partition(" ")[0])
            clause = clauses.get(reference)
            if clause is None:
                _lost(rule, index, by_word, clauses, spelt)
            elif clause.not_covered and pack and pack.status != "superseded":
                message = f"{rule.id} cites {reference}, which no card can evidence: {clause.not_covered}"
                hint = "remove the reference, or the clause's not_covered"
                rule.file.report("policy/not-evidenced", _place(rule, index), message, hint)
            elif pack and pack.status == "superseded":
                followed = clause.superseded_by or ((pack.superseded_by,) if pack.superseded_by else ())
                hint = f"cite {' or '.join(followed)}" if followed else "remove the reference"
                message = f"{rule.id} cites {reference}, which ended on {pack.ended}"
                rule.file.report("policy/superseded", _place(rule, index), message, hint, level="warn")


def _lost(
    rule: Rule, index: int, by_word: Mapping[str, Pack], clauses: Iterable[str], spelt: Mapping[str, str]
) -> None:
    reference = rule.references[index]
    word = reference.partition(" ")[0]
    if right := spelt.get(_letters(reference)):
        message = f"{rule.id} cites {short(reference)}, which is written {right}"
        rule.file.report("policy/unknown-clause", _place(rule, index), message, f"write {right}")
    elif word in by_word:
        message = f"{rule.id} cites {short(reference)}, and the pack {by_word[word].id} has no such clause"
        near = [one for one in clauses if one.startswith(f"{word} ")]
        rule.file.report("policy/unknown-clause", _place(rule, index), message, closest_match(reference, near))
    else:
        message = f"{rule.id} cites {short(reference)}, and no pack is cited as {short(word)}"
        hint = f"add a pack with this word in `cited_as`; {closest_match(word, by_word)}"
        rule.file.report("policy/unknown-pack", _place(rule, index), message, hint, level="warn")


def _place(rule: Rule, index: int) -> tuple[str | int, ...]:
    return (*rule.where, "references", index)


def _letters(reference: str) -> str:
    """Return a reference without its spelling; brackets and points count, since 1.1 and 11 differ."""
    return re.sub(r"[\s_-]+", "", reference).casefold()
