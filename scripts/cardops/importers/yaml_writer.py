"""Write card and share values as YAML text."""

from typing import Any, Literal

from cardops.importers.unmapped import Inexpressible
from cardops.model import canonical
from cardops.model.errors import CardopsError
from cardops.strict_yaml.emitter import dump
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load

HEADER = "# yaml-language-server: $schema={up}policies/schemas/{kind}.schema.json\n"


def write(value: dict[str, Any], kind: Literal["card", "share"], up: str = "../") -> str:
    """Return the file's text, with a comment for editors. Raises Inexpressible if it would not read back equal."""
    try:
        text = HEADER.format(up=up, kind=kind) + dump(value)
        same = canonical.to_bytes(load(text).value) == canonical.to_bytes(value)
    except (CardopsError, YamlError, ValueError) as problem:
        why = (
            problem.message if isinstance(problem, CardopsError | YamlError) else "it holds something that is not text"
        )
        raise Inexpressible(f"YAML cannot hold it: {why}") from None
    if not same:
        raise Inexpressible("YAML cannot hold it: it would not read back the same")
    return text
