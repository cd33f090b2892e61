"""Values like others: what `dataclasses.replace` is, for named tuples too."""

import dataclasses
from typing import Any


def replace(value: Any, **changes: Any) -> Any:
    """The same value with some fields changed."""
    return value._replace(**changes) if hasattr(value, "_replace") else dataclasses.replace(value, **changes)
