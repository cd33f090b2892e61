"""Read aws-facts.json, in which `cardops probe` leaves what AWS does where its documentation says nothing."""

import json
from collections.abc import Collection
from typing import Any

from cardops.desired.sources import FACTS, Source
from cardops.model.desired import AwsFacts
from cardops.model.errors import UnreadableFileError
from cardops.model.findings import Finding, Location


def read_facts(source: Source, paths: Collection[str]) -> tuple[AwsFacts, list[Finding]]:
    """Return the facts and what is wrong with the file. Without a usable file each fact is the safe one.

    The file is a JSON object; its member `facts` maps names to values. Names that cardops does not use are ignored.
    """
    if FACTS not in paths:
        return AwsFacts(), []
    try:
        document: Any = json.loads(source.read(FACTS))
    except UnreadableFileError as error:
        return AwsFacts(), [_unusable(error.message)]
    except (ValueError, RecursionError):
        return AwsFacts(), [_unusable("it is not valid JSON")]
    facts = document.get("facts") if isinstance(document, dict) else None
    if not isinstance(facts, dict):
        return AwsFacts(), [_unusable("it has no object `facts`")]
    known = {name: facts[name] for name in AwsFacts._fields if name in facts}
    if wrong := sorted(name for name, value in known.items() if not isinstance(value, bool)):
        return AwsFacts(), [_unusable(f"facts.{wrong[0]} is neither true nor false")]
    return AwsFacts(**known), []


def _unusable(why: str) -> Finding:
    message = f"the facts about AWS cannot be used: {why}"
    return Finding("file/facts", Location(FACTS), message, "write it again with `cardops probe`, or remove it")
