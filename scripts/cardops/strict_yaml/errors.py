"""The error of the strict YAML reader, and the limits on a document."""

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_VALUES = 50_000
"""Mappings, lists and scalars; a card that SageMaker takes has far fewer."""


class YamlError(Exception):
    """The text is not in the strict subset; `rule` is the finding's rule, line and column count from 1."""

    def __init__(self, rule: str, line: int, column: int, message: str, hint: str = "") -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.rule = rule
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
