"""RuleOutcome: pass, fail, error or skip, as plain data that can cross from one process to another."""

from typing import Literal, NamedTuple

OutcomeKind = Literal["pass", "fail", "error", "skip"]
Cause = Literal["", "expression", "evaluation", "stopped"]
Element = str | int | None


class RuleOutcome(NamedTuple):
    """The outcome of a rule for one case, or of the rule alone.

    - pass: `require` is true, for every element of a loop. Reported only to callers that ask for everything.
    - fail: `require` is not true; `message` is the rule's, empty if it gave none
    - skip: `when` does not hold. Reported only to callers that ask for everything.
    - error: nothing can be said; `message` says why, and `cause` is `expression` (CEL refuses what stands under `key`,
      at `line` and `column` in it), `evaluation` (it gave no value) or `stopped` (the process had to be ended)
    `element` is the index or key of the loop's element.
    """

    kind: OutcomeKind
    key: str = ""
    message: str = ""
    hint: str = ""
    element: Element = None
    line: int = 1
    column: int = 1
    cause: Cause = ""
