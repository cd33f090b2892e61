"""Render the facts that a probe found, one on a line."""

import json
from collections.abc import Sequence

from cardops.commands.probe import Fact
from cardops.render.escape import escape_invisible


def as_text(facts: Sequence[Fact]) -> str:
    """Render a table of names, values and observations; a dash stands for what was not settled."""
    width = max((len(fact.name) for fact in facts), default=0)
    values = ["–" if fact.value is None else json.dumps(fact.value) for fact in facts]
    second = max(map(len, values), default=0)
    rows = zip(facts, values, strict=True)
    return "\n".join(
        escape_invisible(f"{fact.name:<{width}}  {value:<{second}}  {fact.evidence}") for fact, value in rows
    )
