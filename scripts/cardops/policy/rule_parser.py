"""A file of rules, as rules. What is wrong with its form is found here; what is wrong with its CEL is found later."""

import re
from typing import Any

from cardops.policy import functions, plain_forms
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
    short,
    text,
    texts,
)
from cardops.policy.functions import with_dates
from cardops.policy.plain_forms import PlainForm
from cardops.policy.rules import (
    DERIVED,
    FORM_KEYS,
    KINDS,
    LEVELS,
    SUBJECTS,
    VARIABLES,
    AppliesTo,
    ForEach,
    On,
    Rule,
    is_test,
)

MAX_EXPRESSION = 10_000
ID_HINT = "an id such as EVAL-001: capitals, digits and dashes, ending in a dash and three or more digits"
LOOP = re.compile(r"\s*([a-z_][a-z0-9_]*)\s+in\s+(.+)", re.DOTALL).fullmatch
STEPS = re.compile(r"[A-Za-z_][\w-]*(?:\[[0-9]+\]|\.[A-Za-z_][\w-]*)*").fullmatch
NAME = re.compile(r"[a-z][a-z0-9_]*").fullmatch
STEP = re.compile(r"\[([0-9]+)\]|([A-Za-z_][\w-]*)")
EXPRESSIONS = ("when", "for", "require", "message")


def _expression(value: Any) -> str:
    wanted = "an expression in CEL, as text (write it as a block after >- when YAML reads it otherwise)"
    return wanted if text(value) else ""


def _expression_or_form(value: Any) -> str:
    return _expression(value) if not isinstance(value, dict | list) else ""


def _path(value: Any) -> str:
    right = isinstance(value, str) and STEPS(value)
    return "" if right else "a path such as content.evaluation_details[0].name"


FILE = Form({"rules": listing}, {"define": mapping})
RULE = Form(
    {
        "id": matching(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-[0-9]{3,}", ID_HINT),
        "title": text,
        "on": one_of(*SUBJECTS),
        "hint": text,
        "tests": mapping,
    },
    {
        "why": text,
        "level": one_of(*LEVELS),
        "when": _expression_or_form,
        "for": _expression,
        "require": _expression_or_form,
        **plain_forms.FORM.required,
        **plain_forms.FORM.optional,
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
    when = _condition(file, (*where, "when"), value["on"], "") if "when" in value else None
    require = _requirement(file, where, value, loop.name if loop else "")
    too_long = [key for key in EXPRESSIONS if isinstance(value.get(key), str) and len(value[key]) > MAX_EXPRESSION]
    for key in too_long:
        message = f"{key} has {len(value[key]):,} characters; at most {MAX_EXPRESSION:,} are allowed"
        file.report("policy/too-long", (*where, key), message, "split the rule")
    if too_long or ("for" in value and loop is None) or not has_tests or not require or ("when" in value and not when):
        return None
    at = _target(value["at"], loop) if "at" in value else _target_of(require.steps, value["on"], loop)
    return Rule(
        id=value["id"],
        title=value["title"].strip(),
        why=value.get("why", "").strip(),
        on=value["on"],
        level=value.get("level"),
        when=when.expression if when else "",
        loop=loop,
        require=require.expression,
        at=at,
        message=with_dates(value.get("message", require.message)),
        hint=value["hint"].strip(),
        references=tuple(value.get("references", ())),
        params=value.get("params", {}),
        file=file,
        where=where,
    )


def _requirement(file: PolicyFile, where: Where, value: dict[str, Any], loop: str) -> PlainForm | None:
    """Return what a rule requires, whichever of its forms it has."""
    if ("field" in value) == ("require" in value):
        message = "a rule has either require or field" if "field" in value else "a rule has no 'require'"
        file.report(
            "policy/missing-key", where, message, "add require, or field with a plain form such as `not: empty`"
        )
        return None
    if "field" in value:
        return plain_forms.read_form(file, where, value["on"], loop)
    for key in FORM_KEYS:
        if key in value:
            hint = "move it to `require`, or write `field` instead of `require`"
            file.report("policy/unknown-key", (*where, key), f"'{key}' belongs to a `field`", hint, True)
            return None
    return _condition(file, (*where, "require"), value["on"], loop)


def _condition(file: PolicyFile, where: Where, on: On, loop: str) -> PlainForm | None:
    """Return an expression in CEL, or a plain form, or several that all have to hold."""
    value = get_path(file.value, where)
    if isinstance(value, str):
        return PlainForm(with_dates(value), "", ())
    places = [(*where, index) for index in range(len(value))] if isinstance(value, list) else [where]
    shaped = [plain_forms.is_shaped(file, place) for place in places]
    if not places or not all(shaped):
        return None
    forms = [plain_forms.read_form(file, place, on, loop) for place in places]
    sound = [form for form in forms if form]
    if len(sound) < len(forms):
        return None
    if len(sound) == 1:
        return sound[0]
    message = "".join(f"!({form.expression}) ? {form.message} : " for form in sound[:-1]) + sound[-1].message
    return PlainForm(" && ".join(f"({form.expression})" for form in sound), message, ())


def read_definitions(file: PolicyFile) -> dict[str, str]:
    """Return the conditions that a file of rules defines, by name; wrong ones are findings of the file."""
    if not isinstance(file.value, dict) or not isinstance(file.value.get("define", {}), dict):
        return {}
    return {
        name: with_dates(expression)
        for name, expression in file.value.get("define", {}).items()
        if _is_definition(file, ("define", name), name, expression)
    }


def _is_definition(file: PolicyFile, where: Where, name: str, expression: Any) -> bool:
    if not NAME(name) or name in VARIABLES["change"] or name in functions.NAMES:
        hint = "write small letters, digits and underscores, and not the name of a variable or function"
        file.report("policy/value", where, f"'{short(name)}' cannot be the name of a definition", hint, True)
        return False
    if wanted := _expression(expression):
        file.report("policy/value", where, f"{name} must be {wanted}")
        return False
    return True


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


def _target_of(steps: Where, on: On, loop: ForEach | None) -> AppliesTo:
    """Return where a plain form points, unless the rule says otherwise: at its field."""
    if loop and (not steps or steps[0] == loop.name):
        return AppliesTo(steps[1:], True)
    return AppliesTo(steps[1:] if steps[:1] == (plain_forms.ROOTS[on],) else steps, False)


def _has_tests(file: PolicyFile, where: Where, value: dict[str, Any]) -> bool:
    """Return True if it has tests of both kinds; report problems with them."""
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
