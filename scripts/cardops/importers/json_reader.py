"""Read third-party JSON. Error messages never quote its text."""

import json
from typing import Any

from cardops.strict_yaml.errors import MAX_BYTES, MAX_DEPTH, YamlError
from cardops.strict_yaml.scalars import MAX_DIGITS


def parse_json(data: bytes) -> Any:
    """Parse JSON. NaN, infinities and out-of-range numbers become None, very long integers become floats.

    Raises YamlError for text that is not JSON, is nested deeper than 64 levels, or exceeds 1 MiB.
    """
    if len(data) > MAX_BYTES:
        raise YamlError("file/not-json", 1, 1, f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=lambda _: None, parse_float=_number, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise YamlError(
            "file/not-json", error.lineno, error.colno, "this is not valid JSON", "check the file"
        ) from None
    except (ValueError, RecursionError):
        raise YamlError("file/not-json", 1, 1, "this is not valid JSON in UTF-8", "check the file") from None
    if not _is_flat(value):
        raise YamlError("file/not-json", 1, 1, f"the file is nested deeper than {MAX_DEPTH} levels")
    return value


def _number(text: str) -> float | None:
    number = float(text)
    return number if number - number == 0.0 else None


def _integer(text: str) -> int | float | None:
    return int(text) if len(text) <= MAX_DIGITS else _number(text)


def _is_flat(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return True
    return False
