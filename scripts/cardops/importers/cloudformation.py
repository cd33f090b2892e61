"""Import AWS::SageMaker::ModelCard resources, resolving the intrinsic functions that need no deployment.

Sources: the CloudFormation template reference (resource type, Ref, Fn::Sub, Fn::Join, parameter defaults).
"""

import re
from typing import Any

from cardops.desired.problems import Path
from cardops.importers.drafts import CardDraft
from cardops.importers.sagemaker_json import became_draft, read_tags
from cardops.importers.schema_fit import coerce
from cardops.importers.unmapped import Unmapped
from cardops.model.desired import Config
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.scalars import AmbiguousScalarError, plain

TYPE = "AWS::SageMaker::ModelCard"
NOT_SHARES = "shares are not imported from templates; deploy it and run `cardops import` on the account"
SHARES = ("AWS::RAM::ResourceShare", "AWS::RAM::Permission")
MAPS = frozenset({"CustomDetails", "Metadata"})
"""Fields whose keys the author chose, so they are not converted to snake_case."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Unresolved(Exception):
    """An intrinsic function that only a deployed stack can resolve; the message names it."""


def convert_template(document: dict[str, Any], config: Config | None = None) -> list[CardDraft]:
    """Convert each model card of a template to a draft, in the template's order.

    Other resources that share cards are named as left out, with the first card.
    """
    parameters = _pseudo_parameters(config) | _defaults(document.get("Parameters"))
    resources = document.get("Resources")
    named = resources if isinstance(resources, dict) else {}
    drafts = [_draft(resource, logical, parameters) for logical, resource in named.items() if _is(resource, TYPE)]
    if drafts:
        drafts[0].unmapped += [
            Unmapped(
                ("Resources", logical), "shares are not imported from templates; run `cardops import` on the account"
            )
            for logical, resource in named.items()
            if any(_is(resource, kind) for kind in SHARES)
        ]
        drafts[0].unmapped += [
            Unmapped(("Resources", logical), "Fn::ForEach is expanded only when the template is deployed")
            for logical in named
            if logical.startswith("Fn::ForEach")
        ]
    elif any(_is(resource, kind) for resource in named.values() for kind in SHARES):
        raise YamlError(
            "import/unknown-file",
            1,
            1,
            "this template has shares but no model card",
            "deploy it and run `cardops import` on the account",
        )
    return drafts


def _is(resource: Any, kind: str) -> bool:
    return isinstance(resource, dict) and resource.get("Type") == kind


def _pseudo_parameters(config: Config | None) -> dict[str, Any]:
    """Return CloudFormation's pseudo parameters as cardops.yaml knows them."""
    if config is None:
        return {}
    return {"AWS::AccountId": config.accounts[config.home].id, "AWS::Region": config.region}


def snake(key: str) -> str:
    """Convert CamelCase to snake_case: `XAxisName` becomes `x_axis_name`."""
    return _WORD.sub("_", key).lower()


def _draft(resource: dict[str, Any], logical: str, parameters: dict[str, Any]) -> CardDraft:
    left: list[Unmapped] = []
    at: Path = ("Resources", logical, "Properties")
    given = resource.get("Properties")
    properties = _resolve(given if isinstance(given, dict) else {}, at, parameters, left)
    content = properties.get("Content", {})
    name = properties.get("ModelCardName", logical)
    draft = CardDraft(str(name), coerce(_snake(content)) if isinstance(content, dict) else {}, unmapped=left)
    for key, value in properties.items():
        here = (*at, key)
        if key == "SecurityConfig" and isinstance(value, dict):
            draft.kms_key_id = str(value.get("KmsKeyId", ""))
        elif key == "Tags" and isinstance(value, list):
            draft.tags = read_tags(value)
        elif key == "ModelCardStatus":
            left += became_draft(here, value)
        elif key not in ("Content", "ModelCardName") or (key == "Content" and not isinstance(value, dict)):
            left.append(Unmapped(here, "cardops does not know this property"))
    left += [Unmapped((*at[:2], key), "it configures the deployment, not the card") for key in _others(resource)]
    return draft


def _others(resource: dict[str, Any]) -> list[str]:
    return [key for key in resource if key not in ("Type", "Properties")]


def _snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {snake(key): item if key in MAPS else _snake(item) for key, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value


def _defaults(parameters: Any) -> dict[str, Any]:
    found = {}
    for name, parameter in parameters.items() if isinstance(parameters, dict) else ():
        if isinstance(parameter, dict) and "Default" in parameter:
            default = parameter["Default"]
            found[name] = _number(default) if parameter.get("Type") == "Number" else default
    return found


def _number(default: Any) -> Any:
    try:
        return plain(default) if isinstance(default, str) else default
    except AmbiguousScalarError:
        return default


def _resolve(value: Any, at: Path, parameters: dict[str, Any], left: list[Unmapped]) -> Any:
    """Resolve intrinsic functions in a value; unresolvable ones are left out and reported."""
    if isinstance(value, list):
        pairs: list[tuple[Any, Any]] = list(enumerate(value))
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        return value
    kept: list[tuple[Any, Any]] = []
    for key, item in pairs:
        if item == {"Ref": "AWS::NoValue"}:
            continue
        try:
            found = _intrinsic(item, parameters) if _is_intrinsic(item) else item
        except Unresolved as function:
            left.append(Unmapped((*at, key), f"{function} is known only when the template is deployed"))
            continue
        kept.append((key, _resolve(found, (*at, key), parameters, left)))
    return dict(kept) if isinstance(value, dict) else [item for _, item in kept]


def _is_intrinsic(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return name in ("Ref", "Condition") or name.startswith("Fn::")


def _intrinsic(value: dict[str, Any], parameters: dict[str, Any]) -> Any:
    ((name, argument),) = value.items()
    if name == "Ref" and isinstance(argument, str) and argument in parameters:
        return parameters[argument]
    if name == "Fn::Sub" and isinstance(argument, str):
        return _PLACEHOLDER.sub(lambda found: _substituted(found, parameters), argument)
    if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        parts = [_intrinsic(part, parameters) if _is_intrinsic(part) else part for part in argument[1]]
        if all(isinstance(part, str | int | float) for part in parts):
            return str(argument[0]).join(map(str, parts))
    raise Unresolved(f"{name} {argument}" if name == "Ref" and isinstance(argument, str) else name)


def _substituted(found: re.Match[str], parameters: dict[str, Any]) -> str:
    literal, name = found.groups()
    if literal:
        return "${" + name + "}"
    if name not in parameters:
        raise Unresolved(f"Fn::Sub with {name}")
    return str(parameters[name])
