"""What was found out about rules, kept for other runs: what is wrong with them, or else their compiled expressions.

These are half a MiB, and a run that finds nothing new asks for none of them: each is a result of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cardops.cache.store import Cache

ABOUT = "rules"

Rules = Mapping[str, Any]
"""By the digest of policies: `faults`, findings as JSON; and `compiled`, expressions by name, or None."""


class Compiled(Mapping[str, str]):
    """Expressions of the policies with some digest, each read when it is asked for."""

    def __init__(self, cache: Cache, digest: str, names: list[str]) -> None:
        self._cache = cache
        self._digest = digest
        self._names = names

    def __getitem__(self, name: str) -> str:
        expression = self._cache.get(f"{self._digest} {name}")
        if not isinstance(expression, str):
            raise KeyError(name)
        return expression

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def keep(rules: Rules, cache: Cache) -> None:
    """Keep what was found out about rules."""
    names = {}
    for digest, known in rules.items():
        names[digest] = {"faults": known["faults"], "compiled": known["compiled"] and [*known["compiled"]]}
        for name, expression in (known["compiled"] or {}).items():
            cache.put(f"{digest} {name}", expression)
    cache.put(ABOUT, names)
    cache.save()


def kept(cache: Cache) -> Rules | None:
    """What an earlier run found out; None where there was none."""
    return {
        digest: known | {"compiled": known["compiled"] and Compiled(cache, digest, known["compiled"])}
        for digest, known in (cache.get(ABOUT) or {}).items()
    } or None
