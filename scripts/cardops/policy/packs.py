"""Regulations as data, one pack each: the text, its dates and its clauses, from policies/packs/*.yaml.

A pack names no rules. The rules that serve a clause are those that cite it: see `references`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import (
    Form,
    check_shape,
    closest_match,
    day,
    listing,
    mapping,
    matching,
    one_of,
    short,
    text,
    texts,
)

Status = Literal["in force", "superseded", "draft"]

STATUSES: tuple[Status, ...] = ("in force", "superseded", "draft")
NAME = matching(r"[a-z0-9]+(-[a-z0-9]+)*", "small letters, digits and dashes")
FILE = Form(
    {
        "id": NAME,
        "title": text,
        "version": text,
        "source": text,
        "status": one_of(*STATUSES),
        "applies_from": day,
        "clauses": listing,
    },
    {
        "cited_as": matching(r"\S+", "one word, such as EU-AI-Act"),
        "citation": text,
        "note": text,
        "ended": day,
        "predecessor": NAME,
        "superseded_by": NAME,
        "profile_of": NAME,
        "parts": mapping,
    },
)
PART = Form({"title": text, "applies_from": day}, {"later": listing})
LATER = Form({"applies_from": day, "to": text})
CLAUSE = Form({"id": text, "title": text}, {"part": text, "not_covered": text, "superseded_by": texts})


class Later(NamedTuple):
    """A day from which a part applies to something that it did not apply to before."""

    applies_from: str
    to: str


class Part(NamedTuple):
    """Clauses that begin to apply on the same day (YYYY-MM-DD)."""

    title: str
    applies_from: str
    later: tuple[Later, ...] = ()


class Clause(NamedTuple):
    """One clause by the text's own number. `rules` are those that cite it. `not_covered` is the reason why no card can
    evidence it, empty for the others. `superseded_by` are references to what took its place.
    """

    id: str
    title: str
    rules: tuple[str, ...] = ()
    not_covered: str = ""
    part: str = ""
    superseded_by: tuple[str, ...] = ()


class Pack(NamedTuple):
    """A regulation, as far as cards can evidence it. `cited_as` is the word that references to it begin with."""

    id: str
    title: str
    note: str
    clauses: tuple[Clause, ...]
    cited_as: str = ""
    citation: str = ""
    version: str = ""
    source: str = ""
    status: Status = "in force"
    applies_from: str = ""
    ended: str = ""
    predecessor: str = ""
    superseded_by: str = ""
    profile_of: str = ""
    parts: Mapping[str, Part] = {}

    def applies_to(self, clause: Clause) -> str:
        """The day from which a clause applies."""
        return self.parts[clause.part].applies_from if clause.part else self.applies_from

    def reference(self, clause: Clause) -> str:
        """How rules cite a clause."""
        return f"{self.cited_as} {clause.id}"


def read_packs(files: Iterable[PolicyFile]) -> dict[str, Pack]:
    """The packs by their ids; what is wrong with a pack is a finding of its file, and it does not count."""
    known: dict[str, Pack] = {}
    read: list[tuple[PolicyFile, Pack]] = []
    for file in files:
        pack = _pack(file)
        twin = pack and next(
            (one for one in known.values() if pack.id == one.id or pack.cited_as == one.cited_as), None
        )
        if pack and twin:
            key, name = ("id", pack.id) if pack.id == twin.id else ("cited_as", pack.cited_as)
            hint = "give this one its own id" if key == "id" else "give this one its own word in `cited_as`"
            file.report("policy/duplicate-id", (key,), f"there is another pack {name}", hint)
        elif pack:
            known[pack.id] = pack
            read.append((file, pack))
    for file, pack in read:
        _check_links(file, pack, known)
    return known


def _check_links(file: PolicyFile, pack: Pack, known: Mapping[str, Pack]) -> None:
    """Report the packs and clauses of other texts that this one names and that are not there."""
    for key in ("predecessor", "superseded_by", "profile_of"):
        if (name := getattr(pack, key)) and name not in known:
            file.report("policy/unknown-pack", (key,), f"there is no pack {name}", closest_match(name, known))
    cited = [one.reference(clause) for one in known.values() for clause in one.clauses]
    for index, clause in enumerate(pack.clauses):
        for number, reference in enumerate(clause.superseded_by):
            if reference not in cited:
                where: Where = ("clauses", index, "superseded_by", number)
                message = f"no pack has the clause {short(reference)}"
                file.report("policy/unknown-clause", where, message, closest_match(reference, cited))


def _pack(file: PolicyFile) -> Pack | None:
    if file.value is None or not check_shape(file, (), FILE, "a pack"):
        return None
    value = file.value
    parts = value.get("parts", {})
    if file.known is None and not _is_sound(file, value, parts):
        return None
    plain = {key: value[key] for key in (*FILE.required, *FILE.optional) if key in value}
    return Pack(
        **{
            "note": "",
            "cited_as": value["id"],
            **plain,
            "parts": {name: _part(part) for name, part in parts.items()},
            "clauses": tuple(_clause(clause) for clause in value["clauses"]),
        }
    )


def _is_sound(file: PolicyFile, value: Mapping[str, Any], parts: Mapping[str, Any]) -> bool:
    """Return True if every part and clause has the right form; report what is wrong."""
    sound = [
        *(_is_part(file, ("parts", name)) for name in parts),
        *(_is_clause(file, ("clauses", index), clause, parts) for index, clause in enumerate(value["clauses"])),
    ]
    return all(sound) and _dates_agree(file, value) and _ids_differ(file, value["clauses"])


def _part(value: Mapping[str, Any]) -> Part:
    later = tuple(Later(one["applies_from"], one["to"]) for one in value.get("later", ()))
    return Part(value["title"], value["applies_from"], later)


def _clause(value: Mapping[str, Any]) -> Clause:
    superseded = tuple(value.get("superseded_by", ()))
    not_covered = str(value.get("not_covered", ""))
    return Clause(str(value["id"]), value["title"], (), not_covered, value.get("part", ""), superseded)


def _is_part(file: PolicyFile, where: Where) -> bool:
    if not check_shape(file, where, PART, "a part"):
        return False
    later = file.value["parts"][where[1]].get("later", ())
    sound = [check_shape(file, (*where, "later", index), LATER, "a later day") for index in range(len(later))]
    return all(sound)


def _is_clause(file: PolicyFile, where: Where, clause: Any, parts: Mapping[str, Any]) -> bool:
    if isinstance(clause, dict) and "rules" in clause:
        message = "a clause does not name its rules: a rule names its clauses"
        file.report("policy/unknown-key", (*where, "rules"), message, "add the clause to the rule's `references`", True)
        return False
    if not check_shape(file, where, CLAUSE, "a clause"):
        return False
    if (part := clause.get("part")) is not None and part not in parts:
        file.report("policy/value", (*where, "part"), f"there is no part {part}", closest_match(part, parts))
        return False
    return True


def _dates_agree(file: PolicyFile, value: Mapping[str, Any]) -> bool:
    if value["status"] == "superseded" and "ended" not in value:
        file.report(
            "policy/missing-key", ("status",), "a superseded text has no 'ended'", "add the day on which it ended"
        )
        return False
    if "ended" in value and value["ended"] <= value["applies_from"]:
        file.report("policy/value", ("ended",), "the text ended before it applied", "correct one of the two days")
        return False
    return True


def _ids_differ(file: PolicyFile, clauses: Iterable[Mapping[str, Any]]) -> bool:
    seen: set[str] = set()
    differ = True
    for index, clause in enumerate(clauses):
        if clause["id"] in seen:
            message = f"there is another clause {clause['id']}"
            file.report("policy/duplicate-id", ("clauses", index, "id"), message, "list each clause once")
            differ = False
        seen.add(clause["id"])
    return differ
