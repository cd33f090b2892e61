"""The workflows' expressions, as far as the workflows use them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = re.compile(r"'[^']*'|[a-z_]+(?:\.[\w-]+)+|[a-zA-Z]+\(|&&|\|\||==|!=|[()]")


@dataclass
class Expressions:
    """The few operators and functions that the workflows use; a name that is not there is empty."""

    context: dict[str, Any]
    workspace: Path

    def true(self, condition: str) -> bool:
        """Whether a condition holds; none does."""
        return bool(self.value(condition)) if condition else True

    def filled(self, text: str) -> str:
        """A text with the values of the expressions in it."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: self._text(self.value(found[1])), text)

    def value(self, expression: str) -> Any:
        """What an expression comes to. Raises ValueError for text that is no JSON where some is read."""
        words = {"&&": " and ", "||": " or ", "==": "==", "!=": "!="}

        def python(found: re.Match[str]) -> str:
            word = found[0]
            if word in words or word[0] in "'()":
                return words.get(word, word)
            return word if word.endswith("(") else repr(self._named(word))

        def has(path: str) -> str:
            return str((self.workspace / path).is_file() or "")

        known = {"always": lambda: True, "hashFiles": has, "fromJSON": json.loads}
        return eval(NAME.sub(python, expression.strip()), {"__builtins__": {}}, known)  # noqa: S307 - our own workflows

    def _text(self, value: Any) -> str:
        return "" if value is None or value is False else str(value)

    def _named(self, name: str) -> Any:
        found: Any = self.context
        for part in name.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return found
