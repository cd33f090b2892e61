"""AWS's JSON schema of a model card's content, as far as types, required fields, lengths and enums go.

Source: SageMaker Developer Guide, "Model card JSON schema" (all objects refuse unknown keys). AWS says that content
has to be "in model card JSON schema" and not which parts of it are enforced, hence Options.checked_content.
"""

from collections.abc import Callable
from typing import Any

Check = Callable[[Any, str], str | None]
Fields = dict[str, Check]


def _text(maximum: int, minimum: int = 0) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            return f"{path} is not a string"
        return None if minimum <= len(value) <= maximum else f"{path} must have {minimum} to {maximum} characters"

    return check


def _one_of(*values: str) -> Check:
    def check(value: Any, path: str) -> str | None:
        return None if value in values else f"{path} must be one of {', '.join(values)}"

    return check


def _number(minimum: float | None = None) -> Check:
    def check(value: Any, path: str) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{path} is not a number"
        return f"{path} is less than {minimum}" if minimum is not None and value < minimum else None

    return check


def _list(item: Check, maximum: int | None = None) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, list):
            return f"{path} is not a list"
        if maximum is not None and len(value) > maximum:
            return f"{path} has more than {maximum} items"
        return next((found for at, one in enumerate(value) if (found := item(one, f"{path}[{at}]"))), None)

    return check


def _map(item: Check) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path} is not an object"
        return next((found for key, one in value.items() if (found := item(one, f"{path}.{key}"))), None)

    return check


def _object(fields: Fields, *required: str) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path} is not an object"
        missing = next((name for name in required if name not in value), None)
        if missing:
            return f"{path} lacks {missing}"
        for key, one in value.items():
            if key not in fields:
                return f"{path} has the unknown key {key}"
            found = fields[key](one, f"{path}.{key}")
            if found:
                return found
        return None

    return check


def _anything(_value: Any, _path: str) -> str | None:
    return None


_KB, _NAMES = _text(1024), _list(_text(1024), 15)
_LONG = _text(2048)
_METRIC = _object(
    {
        "name": _text(255, 1),
        "type": _one_of("number", "string", "boolean", "linear_graph", "bar_chart", "matrix"),
        "value": _anything,
        "notes": _KB,
        "x_axis_name": _anything,
        "y_axis_name": _anything,
    },
    "name",
    "type",
    "value",
)
_TRAINING_METRIC = _object({"name": _text(255, 1), "value": _number(), "notes": _KB}, "name", "value")
_PARAMETER = _object({"name": _text(255, 1), "value": _text(255)}, "name", "value")
_ENVIRONMENT = _object({"container_image": _NAMES})
_OVERVIEW: Fields = dict.fromkeys(
    ("model_id", "model_name", "model_description", "algorithm_type", "problem_type", "model_creator", "model_owner"),
    _KB,
)
_OVERVIEW |= {"model_version": _number(1), "model_artifact": _NAMES, "inference_environment": _ENVIRONMENT}
_FUNCTION = _object({"function": _one_of("Maximize", "Minimize"), "facet": _text(63), "condition": _text(63)})
_JOB = _object(
    {
        "training_arn": _KB,
        "training_datasets": _NAMES,
        "training_environment": _ENVIRONMENT,
        "training_metrics": _list(_TRAINING_METRIC, 50),
        "user_provided_training_metrics": _list(_TRAINING_METRIC, 50),
        "hyper_parameters": _list(_PARAMETER, 100),
        "user_provided_hyper_parameters": _list(_PARAMETER, 100),
    }
)
_EVALUATION = _object(
    {
        "name": _text(63, 1),
        "evaluation_observation": _text(2096),
        "evaluation_job_arn": _text(256),
        "datasets": _list(_KB, 10),
        "metadata": _map(_KB),
        "metric_groups": _list(_object({"name": _text(63, 1), "metric_data": _list(_METRIC)}, "name", "metric_data")),
    },
    "name",
)
_INTENDED: Fields = dict.fromkeys(
    ("purpose_of_model", "intended_uses", "factors_affecting_model_efficiency", "explanations_for_risk_rating"), _LONG
)
_CARD = _object(
    {
        "model_overview": _object(_OVERVIEW),
        "model_package_details": _map(_anything),
        "intended_uses": _object({**_INTENDED, "risk_rating": _one_of("High", "Medium", "Low", "Unknown")}),
        "business_details": _object(
            dict.fromkeys(("business_problem", "business_stakeholders", "line_of_business"), _LONG)
        ),
        "training_details": _object(
            {
                "training_observations": _KB,
                "objective_function": _object({"function": _FUNCTION, "notes": _KB}),
                "training_job_details": _JOB,
            }
        ),
        "evaluation_details": _list(_EVALUATION),
        "additional_information": _object(
            {
                "ethical_considerations": _LONG,
                "caveats_and_recommendations": _LONG,
                "custom_details": _map(_KB),
            }
        ),
    }
)


def first_problem(content: Any) -> str | None:
    """Return what the schema refuses first, as a path and a reason; None for valid content."""
    return _CARD(content, "content")
