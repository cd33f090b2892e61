"""SageMaker Search over the caller's own model cards (an index that may lag), model packages and their groups."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.core.paging import answer, page
from cardops.sandbox.core.service_models import service_model
from cardops.sandbox.errors import AwsError
from cardops.sandbox.sagemaker.model_package_groups import group_records
from cardops.sandbox.sagemaker.model_packages import package_records
from cardops.sandbox.search_index import Record

PAGE = 10
KINDS = ("ModelCard", "ModelPackage", "ModelPackageGroup")
_SORTED = {"ModelPackageGroup": "CreationTime"}
_UNARY = ("Exists", "NotExists")
_TIMES = ("CreationTime", "LastModifiedTime")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, wanted: bool(value == wanted),
    "NotEquals": lambda value, wanted: bool(value != wanted),
    "GreaterThan": lambda value, wanted: bool(value > wanted),
    "GreaterThanOrEqualTo": lambda value, wanted: bool(value >= wanted),
    "LessThan": lambda value, wanted: bool(value < wanted),
    "LessThanOrEqualTo": lambda value, wanted: bool(value <= wanted),
    "Contains": lambda value, wanted: str(wanted) in str(value),
}


@operation("sagemaker", "Search")
def search(call: Call) -> dict[str, Any]:
    """Find model cards, model packages or their groups; by LastModifiedTime, newest first by default.

    MaxResults is at most 100. Other accounts' resources are never found. Only cards lag, by the faults' say.
    """
    kind = call.params["Resource"]
    if kind not in KINDS:
        raise AwsError("ValidationException", f"The sandbox searches {', '.join(KINDS)}, not {kind}")
    _check(call.get("SearchExpression", {}), kind)
    question = {name: call.get(name) for name in ("SearchExpression", "SortBy", "SortOrder")}
    key = json.dumps(question, sort_keys=True)
    if kind == "ModelCard":
        index = call.indexes.of(call.caller.account, call.region)
        records = index.answer(key, call.now, lambda all_of_them: _find(call, all_of_them))
    else:
        records = _find(call, package_records(call.home) if kind == "ModelPackage" else group_records(call.home))
    if call.get("CrossAccountFilterOption") == "CrossAccount" or call.get("VisibilityConditions"):
        records = []
    rows, token = page(call, records, PAGE, lambda record: str(record[f"{kind}Arn"]))
    found = answer("Results", [{kind: row} for row in rows], token)
    return {**found, "TotalHits": {"Value": len(records), "Relation": "EqualTo"}}


def _find(call: Call, records: list[Record]) -> list[Record]:
    expression = call.get("SearchExpression", {})
    kind = call.params["Resource"]
    sort_by = _checked(call.get("SortBy", _SORTED.get(kind, "LastModifiedTime")), kind)
    found = [record for record in records if _holds(expression, record)]
    found.sort(key=lambda record: _sortable(_value(record, sort_by), str(record[f"{kind}Arn"])))
    return found if call.get("SortOrder") == "Ascending" else found[::-1]


def _sortable(value: Any, name: str) -> tuple[bool, float, str, str]:
    number = float(value) if isinstance(value, int | float) else 0.0
    return value is not None, number, str(value), name


def _check(expression: dict[str, Any], kind: str) -> None:
    if expression.get("NestedFilters"):
        raise AwsError("ValidationException", f"{kind} has no nested properties to filter by")
    for row in expression.get("Filters") or []:
        _checked(row["Name"], kind)
        if row.get("Value") is None and row.get("Operator") not in _UNARY:
            raise AwsError("ValidationException", f"The filter for {row['Name']} needs a Value")
    for inner in expression.get("SubExpressions") or []:
        _check(inner, kind)


def _holds(expression: dict[str, Any], record: Record) -> bool:
    """Filters and sub-expressions together, joined by Operator (And unless given)."""
    parts = [_passes(row, record) for row in expression.get("Filters") or []]
    parts += [_holds(row, record) for row in expression.get("SubExpressions") or []]
    return any(parts) if parts and expression.get("Operator") == "Or" else all(parts)


def _passes(row: dict[str, Any], record: Record) -> bool:
    name, operator, text = row["Name"], row.get("Operator") or "Equals", row.get("Value") or ""
    value = _value(record, name)
    if operator in _UNARY:
        return (value is not None) == (operator == "Exists")
    if value is None:
        return bool(operator == "NotEquals")
    if operator == "In":
        return str(value) in text.split(",")
    if isinstance(value, list | dict):
        value = json.dumps(value)  # Tags without a key, or Content's security configuration: compared as text
    return _COMPARE[operator](value, _typed(name, value, text))


def _checked(name: str, kind: str) -> str:
    """Return a property of the resource's search record, or ``Tags.<key>``; anything else is refused."""
    head = name.partition(".")[0]
    if head not in service_model("sagemaker").shapes[kind]["members"]:
        raise AwsError("ValidationException", f"{name} is not a property of {kind}")
    return name


def _value(record: Record, name: str) -> Any:
    head, _, rest = name.partition(".")
    if head == "Tags" and rest:
        return next((tag["Value"] for tag in record.get("Tags", []) if tag["Key"] == rest), None)
    value = record.get(head)
    return value.get(rest) if rest and isinstance(value, dict) else value


def _typed(name: str, value: Any, text: str) -> Any:
    """The filter's text as the type of the record's value."""
    try:
        if name in _TIMES and not text.replace(".", "", 1).isdigit():
            return datetime.fromisoformat(text).timestamp()
        return float(text) if isinstance(value, int | float) else text
    except ValueError as error:
        raise AwsError("ValidationException", f"{text!r} is not a value for {name}") from error
