"""What a rule finds, as plain data that can cross from one process to another."""

from typing import Literal, NamedTuple

OutcomeKind = Literal["fault", "skipped", "broken", "failed", "died"]
Element = str | int | None


class RuleOutcome(NamedTuple):
    """What is to be said about a rule, or about a rule and a case.

    - fault: the expression under `key` is refused; `line` and `column` are places in it
    - skipped: `when` does not hold; told only to who asks for it
    - broken: `require` is not true; `message` is the rule's, empty where it gave none
    - failed: the expression under `key` gave no value, `message` says why
    - died: the evaluation had to be stopped, `message` says why
    `element` is the index or key of the loop's element.
    """

    kind: OutcomeKind
    key: str = ""
    message: str = ""
    hint: str = ""
    element: Element = None
    line: int = 1
    column: int = 1
