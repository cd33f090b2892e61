"""A regulation's clauses, and the rules that serve them: policies/packs/*.yaml."""

from collections.abc import Mapping
from typing import NamedTuple

from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import Form, check_shape, closest_match, get_path, listing, matching, short, text, texts
from cardops.policy.rules import Rule

FILE = Form(
    {"id": matching(r"[a-z0-9]+(-[a-z0-9]+)*", "small letters, digits and dashes"), "title": text, "clauses": listing},
    {"note": text},
)
CLAUSE = Form({"id": text, "title": text}, {"rules": texts, "not_covered": text})


class Clause(NamedTuple):
    """`not_covered` says why no rule can serve it; then `rules` is empty."""

    id: str
    title: str
    rules: tuple[str, ...] = ()
    not_covered: str = ""


class Pack(NamedTuple):
    """A regulation as far as cards can evidence it."""

    id: str
    title: str
    note: str
    clauses: tuple[Clause, ...]


def read_pack(file: PolicyFile, rules: Mapping[str, Rule]) -> Pack | None:
    """The pack; None, and findings of the file, where its form is wrong."""
    if file.value is None or not check_shape(file, (), FILE, "a pack"):
        return None
    value = file.value
    sound = [_is_sound(file, ("clauses", index), rules) for index in range(len(value["clauses"]))]
    if not all(sound):
        return None
    clauses = tuple(
        Clause(str(one["id"]), one["title"], tuple(one.get("rules", ())), one.get("not_covered", ""))
        for one in value["clauses"]
    )
    return Pack(value["id"], value["title"], value.get("note", ""), clauses)


def _is_sound(file: PolicyFile, where: Where, rules: Mapping[str, Rule]) -> bool:
    if not check_shape(file, where, CLAUSE, "a clause"):
        return False
    clause = get_path(file.value, where)
    served = clause.get("rules", [])
    if bool(served) == ("not_covered" in clause):
        file.report(
            "policy/value",
            where,
            "a clause has either rules or not_covered",
            "say which rules serve it, or why none can",
        )
        return False
    unknown = [index for index, name in enumerate(served) if name not in rules]
    for index in unknown:
        name = served[index]
        place: Where = (*where, "rules", index)
        file.report("policy/unknown-rule", place, f"there is no rule {short(name)}", closest_match(name, rules))
    return not unknown
