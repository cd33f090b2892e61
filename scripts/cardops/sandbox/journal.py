"""The journal of all calls, in the order in which they took effect (``GET /_sandbox/journal``)."""

from datetime import UTC, datetime
from typing import Any

_READS = ("Describe", "BatchDescribe", "List", "Get", "Simulate", "AssumeRole")
_MORE_READS = frozenset({"Search", "Decrypt"})

Entry = dict[str, Any]


def is_mutating(operation: str) -> bool:
    """Return False for operations that only read, among them Search, Simulate*, Decrypt and AssumeRole*."""
    return not operation.startswith(_READS) and operation not in _MORE_READS


class Journal:
    """Entries ``n`` (from 1), ``time`` (ISO 8601, the sandbox's clock), ``account``, ``role`` (a name or null),
    ``region``, ``service``, ``operation``, ``parameters``, ``status`` and ``error`` (a code or null).

    Calls with an unknown key have no account. A dropped connection is status 0 with error ConnectionDroppedBefore,
    or 200 with ConnectionDroppedAfter because the call took effect. Hold the sandbox's lock to append.
    """

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, time: float, who: tuple[str | None, str | None], what: Entry) -> None:
        """Append an entry; ``who`` is account and role, ``what`` has the rest but number and time."""
        moment = datetime.fromtimestamp(time, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        head = {"n": len(self._entries) + 1, "time": moment, "account": who[0], "role": who[1]}
        self._entries.append(head | what)

    def since(self, number: int, mutating: bool) -> list[Entry]:
        """The entries after that number, all or the mutating ones."""
        entries = self._entries[max(number, 0) :]
        return [entry for entry in entries if is_mutating(entry["operation"])] if mutating else entries
