"""A file of rules, as rules. What is wrong with its form is found here; what is wrong with its CEL is found later."""

import re
from typing import Any

from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import (
    Form,
    check_shape,
    closest_match,
    get_path,
    listing,
    mapping,
    matching,
    one_of,
    text,
    texts,
)
from cardops.policy.rules import DERIVED, KINDS, LEVELS, SUBJECTS, VARIABLES, AppliesTo, ForEach, On, Rule, is_test

MAX_EXPRESSION = 10_000
ID_HINT = "an id such as EVAL-001: capitals, digits and dashes, ending in a dash and three or more digits"
LOOP = re.compile(r"\s*([a-z_][a-z0-9_]*)\s+in\s+(.+)", re.DOTALL).fullmatch
STEPS = re.compile(r"[A-Za-z_][\w-]*(?:\[[0-9]+\]|\.[A-Za-z_][\w-]*)*").fullmatch
STEP = re.compile(r"\[([0-9]+)\]|([A-Za-z_][\w-]*)")
EXPRESSIONS = ("when", "for", "require", "message")


def _expression(value: Any) -> str:
    wanted = "an expression in CEL, as text (write it as a block after >- when YAML reads it otherwise)"
    return wanted if text(value) else ""


def _path(value: Any) -> str:
    right = isinstance(value, str) and STEPS(value)
    return "" if right else "a path such as content.evaluation_details[0].name"


FILE = Form({"rules": listing})
RULE = Form(
    {
        "id": matching(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-[0-9]{3,}", ID_HINT),
        "title": text,
        "on": one_of(*SUBJECTS),
        "require": _expression,
        "hint": text,
        "tests": mapping,
    },
    {
        "why": text,
        "level": one_of(*LEVELS),
        "when": _expression,
        "for": _expression,
        "at": _path,
        "message": _expression,
        "references": texts,
        "params": mapping,
    },
)
TESTS = Form({"pass": listing, "fail": listing})


def read_rules(file: PolicyFile) -> list[Rule]:
    """The rules of a file that have the right form; the others are findings of the file."""
    if file.value is None or not check_shape(file, (), FILE, "a file of rules"):
        return []
    return [rule for index in range(len(file.value["rules"])) if (rule := _rule(file, ("rules", index)))]


def _rule(file: PolicyFile, where: Where) -> Rule | None:
    if not check_shape(file, where, RULE, "a rule"):
        return None
    value = get_path(file.value, where)
    loop = _loop(file, where, value)
    has_tests = _has_tests(file, where, value)
    too_long = [key for key in EXPRESSIONS if len(value.get(key, "")) > MAX_EXPRESSION]
    for key in too_long:
        message = f"{key} has {len(value[key]):,} characters; at most {MAX_EXPRESSION:,} are allowed"
        file.report("policy/too-long", (*where, key), message, "split the rule")
    if too_long or ("for" in value and loop is None) or not has_tests:
        return None
    return Rule(
        id=value["id"],
        title=value["title"].strip(),
        why=value.get("why", "").strip(),
        on=value["on"],
        level=value.get("level"),
        when=value.get("when", ""),
        loop=loop,
        require=value["require"],
        at=_target(value.get("at", ""), loop),
        message=value.get("message", ""),
        hint=value["hint"].strip(),
        references=tuple(value.get("references", ())),
        params=value.get("params", {}),
        file=file,
        where=where,
    )


def _loop(file: PolicyFile, where: Where, value: dict[str, Any]) -> ForEach | None:
    if "for" not in value:
        return None
    found = LOOP(value["for"])
    if not found:
        file.report("policy/value", (*where, "for"), "for must be written NAME in LIST", "e in card.content.x")
        return None
    if found[1] in VARIABLES["change"]:
        message = f"for hides the variable '{found[1]}'"
        file.report("policy/value", (*where, "for"), message, "give the element another name")
        return None
    return ForEach(found[1], found[2])


def steps_of(path: str) -> Where:
    """A path as people write it, as steps."""
    return tuple(int(index) if index else name for index, name in STEP.findall(path))


def _target(path: str, loop: ForEach | None) -> AppliesTo:
    steps = steps_of(path)
    if loop and (not steps or steps[0] == loop.name):
        return AppliesTo(steps[1:], True)
    return AppliesTo(steps, False)


def _has_tests(file: PolicyFile, where: Where, value: dict[str, Any]) -> bool:
    """Whether it has tests of either kind; reports what is wrong with them."""
    if file.known is not None:
        return True
    at: Where = (*where, "tests")
    if not check_shape(file, at, TESTS, "tests"):
        return False
    for key in KINDS:
        tests = value["tests"][key]
        if not tests:
            kind = "passing" if KINDS[key] else "failing"
            message = f"{value['id']} has no {kind} test"
            file.report("policy/no-test", (*at, key), message, f"add what the rule must {key}")
        for index, given in enumerate(tests):
            if not is_test(given, value["on"]):
                _refuse(file, (*at, key, index), given, value["on"])
    return all(any(is_test(given, value["on"]) for given in value["tests"][key]) for key in KINDS)


def _refuse(file: PolicyFile, where: Where, given: Any, on: On) -> None:
    if not isinstance(given, dict):
        file.report("policy/value", where, "a test must be a mapping from variables to values", "card: {...}")
        return
    known = {*VARIABLES[on], "name"} - DERIVED
    for key in given.keys() - known:
        file.report(
            "policy/unknown-key",
            (*where, key),
            f"a test on a {on} has no '{key[:60]}'",
            closest_match(key, known),
            True,
        )
