"""The records on the ledger branch."""

import json
from typing import Any

from support.workspace import Workspace

LEDGER = "cardops-ledger"


def predicates(world: Workspace) -> list[dict[str, Any]]:
    """The records on the ledger, oldest first."""
    paths = world.git("ls-tree", "-r", "--name-only", LEDGER, "runs/").splitlines()
    return [json.loads(world.git("show", f"{LEDGER}:{path}"))["predicate"] for path in sorted(paths)]
